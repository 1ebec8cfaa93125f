"""The command `minxin sample size`: how many people to ask, before anybody is asked.

It needs no database and keeps nothing; the file it writes is one that `sample draw` takes.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.private_files import private_files, refuse_existing
from app.cli.rounds import read_content
from app.cli.status import cells, padded
from app.errors import InputRefused, Problem
from app.survey.csv_files import guarded

if TYPE_CHECKING:
    from app.workflow.sizing import SizedStratum, Sizing
    from app.workflow.sizing_order import SizeOrder

HEADS = ("people", "answers", "invitations", "margin ±", "change")
COLUMNS = ("stratum", "population", "answers", "invitations", "margin", "change")

Margin = Annotated[float | None, typer.Option(help="± wanted for everybody.")]
MarginEach = Annotated[float | None, typer.Option(help="± wanted in every stratum.")]
Answers = Annotated[int | None, typer.Option(help="Answers there will be.")]
Share = Annotated[
    float | None, typer.Option(help="The share expected, 0 to 1; else 0.5, which needs most.")
]
Spread = Annotated[
    float | None, typer.Option(help="For a mean: the standard deviation of the answers.")
]
Population = Annotated[int | None, typer.Option(help="People; without strata.")]
StrataFile = Annotated[
    Path | None,
    typer.Option(help="CSV: stratum, population, maybe spread or share, cost, mean."),
]
RuleName = Annotated[
    str | None, typer.Option(help="equal, proportional (the usual), neyman, cost or power.")
]
SizesFile = Annotated[
    Path | None, typer.Option(help="A CSV to write, for `sample draw --sizes-from`.")
]


def add_commands(samples: typer.Typer) -> None:
    """`size` stands before `draw` and `replay`."""
    samples.command("size")(size)


def size(  # noqa: PLR0913 - one parameter is one option of the command
    margin: Margin = None,
    margin_each: MarginEach = None,
    answers: Answers = None,
    share: Share = None,
    spread: Spread = None,
    population: Population = None,
    confidence: Annotated[float, typer.Option(help="Of the interval.")] = 0.95,
    design_effect: Annotated[float, typer.Option(help="1 for a simple random sample.")] = 1.0,
    response_rate: Annotated[float, typer.Option(help="Answers over people asked.")] = 1.0,
    power: Annotated[float, typer.Option(help="Of seeing the change shown.")] = 0.8,
    strata: StrataFile = None,
    rule: RuleName = None,
    least: Annotated[int, typer.Option(help="Answers of a stratum at least.")] = 2,
    exponent: Annotated[float, typer.Option(help="Of the rule power, 0 to 1.")] = 0.5,
    out: SizesFile = None,
) -> None:
    """Plan a sample: answers and invitations for a margin, or the margin of a size."""
    from app.workflow.sizing_order import SizeOrder  # numpy and scipy only where used

    order = SizeOrder(
        answers=answers,
        margin=margin,
        margin_each=margin_each,
        share=share,
        spread=spread,
        population=population,
        confidence=confidence,
        design_effect=design_effect,
        response_rate=response_rate,
        power=power,
        rule=rule,
        least=least,
        exponent=exponent,
        source="" if strata is None else strata.name or str(strata),
    )
    _plan(order, strata, out=out)


def lines(found: "Sizing", order: "SizeOrder") -> Iterator[str]:
    """A plan as lines for a terminal."""
    rows = [*found.strata, found.whole]
    width = max(cells(row.name) for row in rows) + 1
    yield f"{'':{width}}{''.join(f' {head:>14}' for head in HEADS)}"
    for row in rows:
        bound = f"  at its {row.at}" if row.at else ""
        numbers = "".join(f" {text:>14}" for text in _cells(row))
        yield f"{padded(row.name, width)}{numbers}{bound}"
    if found.cost is not None:
        yield f"cost {found.cost:,.2f}"
    yield ""
    yield (
        f"confidence {order.confidence:g}, design effect {order.design_effect:g}, "
        f"response rate {order.response_rate:g}"
    )
    yield (
        f"change: against an independent last round of the same size, seen with power "
        f"{order.power:g}"
    )


def _plan(order: "SizeOrder", strata: Path | None, *, out: Path | None) -> None:
    """Compute, write the file if one is wanted, and say what it is."""
    from app.workflow.sizing import plan_sample

    if out is not None:
        _refuse_out(out, strata)
    found = plan_sample(order, None if strata is None else read_content(strata))
    if out is not None:
        with private_files({out: _file(found.strata)}):
            pass
    for line in lines(found, order):
        typer.echo(line.rstrip())
    if out is not None:
        typer.echo(f"Written to {out}; draw with --sizes-from {out}.")


def _cells(row: "SizedStratum") -> tuple[str, ...]:
    people = "" if row.population is None else f"{row.population:,}"
    numbers = (f"{row.answers:,}", f"{row.invitations:,}")
    return (people, *numbers, f"{row.margin:.4g}", f"{row.change:.4g}")


def _refuse_out(out: Path, strata: Path | None) -> None:
    refuse_existing([out])
    if strata is None:
        cure = "Without strata one number is enough: `sample draw --size`."
        raise InputRefused([Problem("out", "needs strata", cure, str(out))])


def _file(strata: Sequence["SizedStratum"]) -> bytes:
    """The plan for `sample draw`, with the mark by which spreadsheets know UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(
        (
            guarded(row.name),
            row.population,
            row.answers,
            row.invitations,
            row.margin,
            row.change,
        )
        for row in strata
    )
    return text.getvalue().encode("utf-8-sig")
