"""Commands of an assessment: draft, import, events, run, show, publish, recompute."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.assessment_table import score_table
from app.cli.rounds import Definitions, read_content
from app.database.assessments import (
    find_assessment,
    find_score_run,
    latest_published_scores,
    list_assessments,
    list_score_events,
    list_score_runs,
    list_value_imports,
    load_assessment,
    plan_of_run,
    published_at,
    shown_score_run,
)
from app.database.engine import open_database
from app.database.snapshots import snapshot
from app.errors import InputRefused, MinxinError, Problem
from app.scoring.inputs import IndicatorValue
from app.settings import DEFINITIONS, Settings
from app.survey.text import Language
from app.workflow.assessment.drafting import draft_assessment
from app.workflow.assessment.events import (
    EvidenceFile,
    Happening,
    Ruling,
    decide_event,
    record_event,
)
from app.workflow.assessment.importing import (
    Difference,
    Differences,
    ValueFile,
    import_values,
    preview_import,
    undo_import,
)
from app.workflow.registry import full_registry, read_text

MOST_SHOWN = 40
"""Changed cells; of more only how many there are."""

application = typer.Typer(
    help="Score units over a period from rounds, files and events.", no_args_is_help=True
)
Code = Annotated[str, typer.Argument(help="The assessment's code.")]
RunNumber = Annotated[int, typer.Argument(help="The run's number within the assessment.")]
EventNumber = Annotated[int, typer.Argument(help="The event's number in the assessment.")]
Note = Annotated[str, typer.Option(help="Why it was decided so; printed with the event.")]


@application.command("draft")
def draft(
    plan: Annotated[Path, typer.Argument(help="The assessment's plan, a YAML file.")],
    definitions: Definitions = DEFINITIONS,
) -> None:
    """Keep a plan, which may be replaced until scores are public."""
    with open_database(Settings().database_url).begin() as session:
        registry = full_registry(session, definitions)
        row = draft_assessment(
            session, read_text(plan), source=str(plan), registry=registry, now=_now()
        )
        loaded = load_assessment(session, row)
    typer.echo(
        f"Assessment {row.code}: {len(loaded.plan.units)} units under {loaded.plan.system}. "
        f"Plan {row.plan_digest}."
    )


@application.command("list")
def list_() -> None:
    """Every assessment with its imports, events and runs."""
    with snapshot(open_database(Settings().database_url)) as session:
        for row in list_assessments(session):
            imports = len(list_value_imports(session, row.id))
            events = len(list_score_events(session, row.id))
            runs = len(list_score_runs(session, row.id))
            public = latest_published_scores(session, row.id)
            state = f"run {public[1].number} is public" if public else "not public"
            counts = f"{imports} imports  {events} events  {runs} runs"
            typer.echo(f"{row.code:32} {counts}  {state}")


@application.command("import")
def import_(
    code: Code,
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file of indicator values.")],
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="HEADING=MEANING: unit, indicator, value, se, status, effective_n, ignored, "
            "an indicator, or an indicator with .se or .n. Again for each column.",
        ),
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Keep nothing.")] = False,
) -> None:
    """Take in values: the whole file, or none of it, and say what it changes."""
    given = ValueFile(file.name, read_content(file), _mapping(mapping or []), sheet)
    sessions = open_database(Settings().database_url)
    if dry_run:
        with snapshot(sessions) as session:
            changed = preview_import(session, find_assessment(session, code), given)
        said = f"{file.name} would be taken into {code}; nothing was kept."
    else:
        with sessions.begin() as session:
            row = find_assessment(session, code)
            kept, changed = import_values(session, row, given, now=_now())
        said = f"Import {kept.number} of {code}: {len(kept.cells)} values from {kept.name}."
    typer.echo(said)
    _show_changes(changed)


@application.command("imports")
def imports(code: Code) -> None:
    """Every import, and which were taken back."""
    with snapshot(open_database(Settings().database_url)) as session:
        for one in list_value_imports(session, find_assessment(session, code).id):
            day = one.row.imported_at.date().isoformat()
            state = f"taken back on {one.undone_at.date()}" if one.undone_at else "counts"
            typer.echo(
                f"{one.row.number:4}  {day}  {len(one.row.cells):6} values  {state}  "
                f"{one.row.name}  sha256 {one.row.digest}"
            )


@application.command("undo")
def undo(
    code: Code, number: Annotated[int, typer.Argument(help="The import's number.")]
) -> None:
    """Take an import back; its cells are again what they were before it."""
    with open_database(Settings().database_url).begin() as session:
        changed = undo_import(session, find_assessment(session, code), number, now=_now())
    typer.echo(f"Import {number} of {code} is taken back.")
    _show_changes(changed)


@application.command("event")
def event(  # noqa: PLR0913 - one parameter is one option of the command
    code: Code,
    unit: Annotated[str, typer.Option(help="The unit's code.")],
    item: Annotated[str, typer.Option(help="The deduction or bonus item of the system.")],
    evidence: Annotated[str, typer.Option(help="The evidence in words: a document number.")],
    file: Annotated[Path, typer.Option(help="The file of evidence; only its hash is kept.")],
    count: Annotated[int, typer.Option(help="How often it happened.")] = 1,
) -> None:
    """Record an event as pending: it costs nothing until it is upheld."""
    proof = EvidenceFile(file.name, read_content(file))
    happening = Happening(unit, item, count, evidence)
    with open_database(Settings().database_url).begin() as session:
        row = find_assessment(session, code)
        kept = record_event(session, row, happening, proof=proof, now=_now())
    typer.echo(f"Event {kept.row.number} of {code} is {kept.status}: {unit}, {item} × {count}.")
    typer.echo(f"  evidence {kept.row.evidence_name}  sha256 {kept.row.evidence_digest}")


@application.command("events")
def events(code: Code) -> None:
    """Every event with its evidence and all that was decided about it."""
    with snapshot(open_database(Settings().database_url)) as session:
        for one in list_score_events(session, find_assessment(session, code).id):
            row = one.row
            what = f"{row.unit}, {row.item} × {row.count}: {row.evidence}"
            typer.echo(f"{row.number:4}  {one.status:10}  {what}")
            typer.echo(f"      {row.evidence_name}  sha256 {row.evidence_digest}")
            for decision in one.decisions[1:]:
                day = decision.decided_at.date().isoformat()
                typer.echo(f"      {day}  {decision.status}: {decision.note}")


@application.command("uphold")
def uphold(code: Code, number: EventNumber, note: Note) -> None:
    """Decide that a pending event counts."""
    _decide(code, Ruling(number, "upheld", note))


@application.command("overturn")
def overturn(code: Code, number: EventNumber, note: Note) -> None:
    """Decide that an event does not count, or no longer."""
    _decide(code, Ruling(number, "overturned", note))


@application.command("run")
def run(
    code: Code,
    seed: Annotated[int | None, typer.Option(help="Instead of the plan's own seed.")] = None,
) -> None:
    """Score every unit from what is published, imported and decided now."""
    from app.workflow.assessment.running import run_scores  # scipy only where it is used

    kept = run_scores(open_database(Settings().database_url), code, seed=seed, now=_now())
    typer.echo(f"Run {kept.number} of {code}.")
    typer.echo(f"  inputs {kept.inputs_digest}")
    typer.echo(f"  result {kept.document_digest}")
    typer.echo(f"Look at it with: minxin assessment show {code} {kept.number}")
    typer.echo(f"Publish it with: minxin assessment publish {code} {kept.number}")


@application.command("show")
def show(
    code: Code,
    number: Annotated[
        int | None, typer.Argument(help="The run's number; else the public one, else the last.")
    ] = None,
    language: Annotated[Language, typer.Option(help="zh-Hans or en.")] = "zh-Hans",
) -> None:
    """The scores of a run, unit by unit, with how sure their places are."""
    from app.workflow.assessment.gathering import sources_of, what_moved

    with snapshot(open_database(Settings().database_url)) as session:
        row = find_assessment(session, code)
        run = find_score_run(session, row, number) if number else shown_score_run(session, row)
        plan = plan_of_run(session, run)
        public = published_at(session, run)
        moved = what_moved(run.sources, sources_of(session, load_assessment(session, row)))
        document = json.loads(run.document)
    state = f"public since {public.date().isoformat()}" if public else "not public"
    typer.echo(f"{code}, run {run.number}: {state}. {plan.title[language]}")
    typer.echo(f"  result {run.document_digest}")
    if moved:
        typer.echo(f"  since then moved: {', '.join(moved)}")
    typer.echo("")
    for line in score_table(document, plan, language):
        typer.echo(line)


@application.command("publish")
def publish(code: Code, number: RunNumber) -> None:
    """Make a run public; from the first on the plan is frozen."""
    from app.workflow.assessment.running import publish_scores

    with open_database(Settings().database_url).begin() as session:
        publish_scores(session, find_assessment(session, code), number, now=_now())
    typer.echo(f"Run {number} of {code} is public.")


@application.command("recompute")
def recompute(code: Code, number: RunNumber) -> None:
    """Compute a run again from its stored inputs and compare every byte."""
    from app.workflow.assessment.running import recompute_scores

    with snapshot(open_database(Settings().database_url)) as session:
        row = find_assessment(session, code)
        if not recompute_scores(session, row, number):
            raise MinxinError(f"Run {number} of {code} computed again gives another result.")
        digest = find_score_run(session, row, number).document_digest
    typer.echo(f"Run {number} of {code} computed again gives the same bytes: {digest}.")


def _decide(code: str, ruling: Ruling) -> None:
    with open_database(Settings().database_url).begin() as session:
        kept = decide_event(session, find_assessment(session, code), ruling, now=_now())
    typer.echo(f"Event {ruling.event} of {code} is {kept.status}.")


def _mapping(pairs: Sequence[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    problems = []
    for pair in pairs:
        heading, equals, role = pair.rpartition("=")
        if not (heading and equals and role):
            message, cure = "is no mapping", "Write HEADING=MEANING."
            chinese = f"--map {pair}：请写成 列名=含义。"
            problems.append(Problem("--map", message, cure, pair, chinese=chinese))
        mapping[heading.strip()] = role.strip()
    if problems:
        raise InputRefused(problems)
    return mapping


def _show_changes(changed: Differences) -> None:
    counts = ", ".join(
        f"{changed.count(kind)} {kind}" for kind in ("added", "changed", "removed")
    )
    typer.echo(f"  {counts}, {changed.unchanged} unchanged")
    for one in changed.changes[:MOST_SHOWN]:
        typer.echo(f"  {_change(one)}")
    if len(changed.changes) > MOST_SHOWN:
        typer.echo(f"  … and {len(changed.changes) - MOST_SHOWN} more")
    for unit, indicator in changed.without[:MOST_SHOWN]:
        typer.echo(f"  no row    {unit}, {indicator}: counts as missing. Was it forgotten?")
    if len(changed.without) > MOST_SHOWN:
        typer.echo(f"  … and {len(changed.without) - MOST_SHOWN} more without a row")


def _change(one: Difference) -> str:
    return f"{one.kind:8} {one.unit}, {one.indicator}: {_cell(one.old)} → {_cell(one.new)}"


def _cell(value: IndicatorValue | None) -> str:
    if value is None:
        return "nothing"
    if value.value is None:
        return value.status
    error = "" if value.standard_error is None else f" (se {value.standard_error:.12g})"
    return f"{value.value:.12g}{error}"


def _now() -> datetime:
    return datetime.now(UTC)
