"""Commands of an evaluator: a run as a package, a package checked, what-if scenarios."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.assessments import Code, RunNumber
from app.cli.rounds import read_content
from app.database.assessments import (
    find_assessment,
    find_score_run,
    list_scenarios,
    plan_of_run,
)
from app.database.engine import open_database
from app.errors import MinxinError, NotFound
from app.settings import Settings
from app.workflow.assessment.changes import read_changes
from app.workflow.registry import read_text

if TYPE_CHECKING:
    from app.workflow.assessment.scenarios import Comparison, Movement

scenarios = typer.Typer(
    help="What the scores would be under other weights, values or events.",
    no_args_is_help=True,
)
ScenarioFile = Annotated[Path, typer.Argument(help="A scenario, YAML: docs/packages.md.")]


def add_commands(root: typer.Typer) -> None:
    """The acts stand at the top; scenarios are a group."""
    root.command("export-scores")(export_scores)
    root.command("import-scores")(import_scores)
    root.add_typer(scenarios, name="scenario")


def export_scores(
    assessment: Code,
    run: RunNumber,
    out: Annotated[Path, typer.Option(help="The ZIP file to write; it must not exist.")],
) -> None:
    """Write a run with everything it was made from as one file that anybody can check."""
    from app.workflow.assessment.package import Origin, export_package

    with open_database(Settings().database_url).begin() as session:
        row = find_assessment(session, assessment)
        kept = find_score_run(session, row, run)
        plan = plan_of_run(session, kept)
        origin = Origin(assessment, kept.number, plan.title.zh, kept.sources)
        archive = export_package(
            kept.inputs, kept.document, origin=origin, made_at=datetime.now(UTC)
        )
    _write_new(out, archive)
    typer.echo(f"{out}: run {run} of {assessment}, {len(archive):,} bytes")


def import_scores(
    package: Annotated[Path, typer.Argument(help="The ZIP file of `export-scores`.")],
    out: Annotated[
        Path | None, typer.Option(help="A new folder for its files, once they are checked.")
    ] = None,
) -> None:
    """Check a package to the last byte and compute its scores again; no database is needed.

    Where anything differs it is refused, and the first difference is named.
    """
    from app.workflow.assessment.package import read_package

    found = read_package(read_content(package))
    manifest, scores = found.manifest, found.document["composite"]
    origin, made = manifest.origin, manifest.made_at
    _say(f"{origin.title} ({origin.assessment}, run {origin.run}), made {made}")
    _say(f"system {scores['system']}, {len(scores['units'])} units")
    _say(f"SHA-256 {found.digest}")
    typer.echo("Every file is as it was exported, and the scores are computed again the same.")
    if out is not None:
        _write_folder(out, found.files)
        typer.echo(f"{out}: {len(found.files)} files")


@scenarios.command("try")
def try_scenario(assessment: Code, run: RunNumber, scenario: ScenarioFile) -> None:
    """Show what a scenario would do; nothing is kept."""
    from app.workflow.assessment.inputs_document import read_inputs
    from app.workflow.assessment.scenarios import what_if

    changes = read_changes(read_text(scenario), scenario.name)
    with open_database(Settings().database_url).begin() as session:
        kept = find_score_run(session, find_assessment(session, assessment), run)
        inputs = read_inputs(kept.inputs)
    _show(what_if(inputs, changes))


@scenarios.command("save")
def save(assessment: Code, run: RunNumber, scenario: ScenarioFile) -> None:
    """Compute a scenario and keep it beside the run, which stays as it is."""
    from app.workflow.assessment.scenarios import save_scenario

    changes = read_changes(read_text(scenario), scenario.name)
    with open_database(Settings().database_url).begin() as session:
        row = find_assessment(session, assessment)
        kept = find_score_run(session, row, run)
        save_scenario(session, row, kept, changes, datetime.now(UTC))
    typer.echo(f"Scenario {changes.name!r} is kept beside run {run} of {assessment}.")


@scenarios.command("list")
def list_saved(assessment: Code, run: RunNumber) -> None:
    """List the scenarios kept beside a run."""
    with open_database(Settings().database_url).begin() as session:
        kept = find_score_run(session, find_assessment(session, assessment), run)
        for one in list_scenarios(session, kept):
            typer.echo(f"{one.saved_at:%Y-%m-%d %H:%M}  {one.name}")


@scenarios.command("show")
def show(
    assessment: Code, run: RunNumber, name: Annotated[str, typer.Argument(help="Its name.")]
) -> None:
    """Show a scenario that was kept."""
    from app.workflow.assessment.scenarios import kept_comparison

    with open_database(Settings().database_url).begin() as session:
        kept = find_score_run(session, find_assessment(session, assessment), run)
        found = {one.name: one.document for one in list_scenarios(session, kept)}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise NotFound(f"Run {run} of {assessment} has no scenario {name!r}. It has: {known}.")
    _show(kept_comparison(found[name]))


def _show(found: "Comparison") -> None:
    width = max((len(one.unit) for one in found.units), default=4)
    heads = ("score", "moved", "rank", "interval", "tier", "grade")
    typer.echo(f"{found.scenario}")
    typer.echo(f"{'unit':{width}}  {heads[0]:>17}  {heads[1]:>7}  {heads[2]:>9}  "
               f"{heads[3]:>15}  {heads[4]:>7}  {heads[5]}")  # fmt: skip
    for one in found.units:
        moved = "" if one.moved is None else f"{one.moved:+.2f}"
        pairs = [
            _pair(one, "final", ".2f"),
            _pair(one, "rank_in_type", "g"),
            _pair(one, "rank_interval", ""),
            _pair(one, "tier", "g"),
            _pair(one, "grade", ""),
        ]
        typer.echo(
            f"{one.unit:{width}}  {pairs[0]:>17}  {moved:>7}  {pairs[1]:>9}  {pairs[2]:>15}  "
            f"{pairs[3]:>7}  {pairs[4]}"
        )


def _pair(one: "Movement", key: str, form: str) -> str:
    """Before → after; one of them alone where both are the same."""
    texts = [_cell(getattr(side, key, None), form) for side in (one.before, one.after)]
    return texts[0] if texts[0] == texts[1] else " → ".join(texts)


def _cell(value: object, form: str) -> str:
    if value is None:
        return "–"
    if isinstance(value, tuple):
        return "–".join(f"{end:g}" for end in value)
    return format(value, form)


def _say(text: str) -> None:
    """A line of words that others wrote, without what would steer the terminal."""
    typer.echo("".join(letter if letter.isprintable() else "�" for letter in text))


def _write_new(out: Path, content: bytes) -> None:
    try:
        with out.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise MinxinError(f"{out} exists already. Name another file.") from None
    except OSError as error:
        raise MinxinError(f"{out} cannot be written: {error.strerror}.") from None


def _write_folder(out: Path, files: Mapping[str, bytes]) -> None:
    try:
        out.mkdir(parents=False)
    except FileExistsError:
        raise MinxinError(f"{out} exists already. Name another folder.") from None
    except OSError as error:
        raise MinxinError(f"{out} cannot be made: {error.strerror}.") from None
    for name, content in files.items():
        _write_new(out / name, content)
