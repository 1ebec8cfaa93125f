"""The command `minxin simulate-attack`: what a round would withstand, tried on a copy of it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.attack_scorecard import scorecard
from app.cli.language import spoken
from app.cli.refusals import REFUSED, refusals
from app.cli.whole_files import refuse_no_place, write_whole
from app.errors import InputRefused, Problem
from app.survey.text import Language

if TYPE_CHECKING:
    from app.anomaly.simulation.trial import Examine, Outcome, TrialPlan
    from app.workflow.attack_trial import Subject

USUAL_RATES = (0.05, 0.2)

RoundCode = Annotated[
    str | None, typer.Option("--round", help="A round of the platform, by its code.")
]
Responses = Annotated[
    Path | None, typer.Option(help="Or a CSV of responses, as `screen` reads it.")
]
Sampled = Annotated[Path | None, typer.Option(help="With it: CSV of a probability sample.")]
Invented = Annotated[
    int | None, typer.Option(help="Or an invented round, by the seed it is drawn from.")
]
Kinds = Annotated[
    str | None, typer.Option(help="drip,farm,…; else all of docs/attack_trials.md.")
]
Rates = Annotated[
    list[float] | None, typer.Option(help="False responses of all; else 0.05 and 0.2.")
]
OfScreen = Annotated[str | None, typer.Option(help="Of the CSV, as of `screen`.")]
ScalesOfScreen = Annotated[list[str] | None, typer.Option(help="Of the CSV, as of `screen`.")]
Out = Annotated[Path | None, typer.Option(help="Where every outcome is written, as JSON.")]
Spoken = Annotated[
    str | None, typer.Option(help="Of what is said: zh-Hans or en; else as LANG says.")
]


@dataclass(frozen=True, slots=True)
class Asked:
    """Where the responses come from, as the options say it."""

    round_code: str | None
    responses: Path | None
    reference: Path | None
    invented: int | None
    items: str | None
    scale: Sequence[str]
    no_opinion: str | None


def add_commands(root: typer.Typer) -> None:
    """The act stands at the top."""
    root.command("simulate-attack")(simulate_attack)


def simulate_attack(  # noqa: PLR0913 - one parameter is one option of the command
    round_code: RoundCode = None,
    responses: Responses = None,
    reference: Sampled = None,
    invented: Invented = None,
    kinds: Kinds = None,
    rate: Rates = None,
    seeds: Annotated[int, typer.Option(help="How often each attack is drawn anew.")] = 1,
    items: OfScreen = None,
    scale: ScalesOfScreen = None,
    no_opinion: OfScreen = None,
    out: Out = None,
    language: Spoken = None,
) -> None:
    """Put false responses into a copy of a round and see what its screening withstands.

    Nothing is written to the database. The responses there are are taken for genuine.
    """
    asked = Asked(
        round_code, responses, reference, invented, items, tuple(scale or ()), no_opinion
    )
    said_in = spoken(language)
    with refusals(said_in):
        _refuse_sources(asked)
        if out is not None:
            refuse_no_place(out, [path for path in (responses, reference) if path])
        plan = _plan(kinds or "", rate or USUAL_RATES, seeds)
        subject = _subject(asked)
    for notice in subject.notices:
        typer.echo(notice[said_in], err=True)
    _try(subject, plan, out=out, said_in=said_in)


def _refuse_sources(asked: Asked) -> None:
    """One source of responses is needed, and a sample goes with a file only."""
    sources = (asked.round_code, asked.responses, asked.invented)
    given = sum(source is not None for source in sources)
    problems = []
    if given != 1:
        zh = "请在 --round、--responses、--invented 中选一项。"
        cure = "Give one of --round, --responses and --invented."
        what = "nothing to attack is named" if given == 0 else "more than one is named"
        problems.append(Problem("simulate-attack", what, cure, chinese=zh))
    if asked.reference is not None and asked.responses is None:
        zh = "--reference 只能与 --responses 同用；轮次自带抽样样本。"
        cure = "A round brings its own sample; give --responses with it."
        problems.append(Problem("--reference", "belongs to a file", cure, chinese=zh))
    if problems:
        raise InputRefused(problems)


def _plan(kinds: str, rates: Sequence[float], seeds: int) -> "TrialPlan":
    from app.anomaly.simulation.attacks.registry import find_kinds  # numpy only where used
    from app.workflow.attack_trial import plan_trial

    chosen = find_kinds(part.strip() for part in kinds.split(",") if part.strip())
    return plan_trial(chosen, rates, seeds=seeds)


def _subject(asked: Asked) -> "Subject":
    from app.workflow.attack_trial import file_subject, invented_subject
    from app.workflow.screen_file.items import parse_wanted

    if asked.responses is not None:
        wanted = parse_wanted(asked.items, asked.scale, asked.no_opinion)
        return file_subject(asked.responses, asked.reference, wanted)
    if asked.round_code is not None:
        return _of_round(asked.round_code)
    return invented_subject(asked.invented or 0)


def _of_round(code: str) -> "Subject":
    from app.database.engine import open_database
    from app.database.snapshots import snapshot
    from app.settings import Settings
    from app.workflow.attack_trial import round_subject

    with snapshot(open_database(Settings().database_url)) as session:
        return round_subject(session, code)


def _try(subject: "Subject", plan: "TrialPlan", *, out: Path | None, said_in: Language) -> None:
    from app.anomaly.simulation.trial import withstand
    from app.workflow.attack_trial import score_lines, trial_document

    trial = withstand(
        subject.submissions,
        plan,
        examine=_engine(),
        reference=subject.reference,
        tell=_counting(len(plan.kinds) * len(plan.rates) * len(plan.seeds)),
    )
    for line in scorecard(subject, trial, score_lines(trial), said_in):
        typer.echo(line)
    if out is None:
        return
    document = trial_document(subject, plan, trial)
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    try:
        write_whole(out, text + "\n")
    except OSError as error:
        typer.echo(f"{out}: cannot be written ({error.strerror}). Name another file.", err=True)
        raise typer.Exit(REFUSED) from None


def _counting(most: int) -> Callable[["Outcome"], None]:
    """Says how far the trial is: a large round takes minutes."""
    done = 0

    def tell(outcome: "Outcome") -> None:
        nonlocal done
        done += 1
        typer.echo(f"{done}/{most} {outcome.kind} {outcome.rate:.0%}", err=True)

    return tell


def _engine() -> "Examine":
    # scikit-learn is loaded when something is examined, not when a command starts.
    examine: Examine = import_module("app.anomaly.engine").examine
    return examine
