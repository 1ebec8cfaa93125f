"""Commands of a round's numbers: process, recompute, publish, export."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.database.engine import open_database
from app.database.results import find_run, result_of
from app.database.snapshots import snapshot
from app.errors import MinxinError
from app.settings import Settings
from app.workflow.processing import process_now
from app.workflow.publication import public_view, publish, waiting_campaigns
from app.workflow.recomputation import recompute_run as compute_again

RoundCode = Annotated[str, typer.Argument(help="The round's code.")]
RunNumber = Annotated[int, typer.Argument(help="The run's number.")]


def add_commands(root: typer.Typer) -> None:
    """The acts on results stand at the top."""
    for command in (process, recompute_run, publish_run, export):
        root.command(command.__name__.removesuffix("_run"))(command)


def process(
    round_code: RoundCode,
    seed: Annotated[int | None, typer.Option(help="Instead of the plan's own seed.")] = None,
) -> None:
    """Screen, weigh, estimate and score a closed round, now and here."""
    sessions = open_database(Settings().database_url)
    run = process_now(sessions, round_code, seed=seed, now=_now())
    found = result_of(run)
    # Said once it is kept: a message that fails, or is cut off, must not undo the act.
    typer.echo(f"Run {run.id} of {round_code}: {found['responses']['total']} responses.")
    typer.echo(f"  data   {run.data_digest}")
    typer.echo(f"  result {run.document_digest}")
    for one in found["screening"].get("company", {}).get("no_longer_found", ()):
        typer.echo(
            f"  {one['code']} is not found as a campaign any more; decision {one['by']} "
            f"({one['verdict']}) holds for its {one['n']} responses."
        )
    waiting = waiting_campaigns(found)
    if waiting:
        typer.echo(
            f"Campaigns that nobody decided: {waiting}. See them with: "
            f"minxin review list {round_code} --author NAME --office OFFICE"
        )
    typer.echo(f"Publish it with: minxin publish {run.id}")


def recompute_run(run_number: RunNumber) -> None:
    """Compute a run again from the stored responses and compare every byte."""
    with snapshot(open_database(Settings().database_url)) as session:
        found = compute_again(session, run_number)
        if not found.same:
            raise MinxinError(f"Run {run_number} computed again gives another result.")
        digest = find_run(session, run_number).document_digest
    if found.forgotten_at is not None:
        typer.echo(
            f"Screening can no longer be computed again since {found.forgotten_at:%Y-%m-%d}, "
            "when it was forgotten how the responses came about.\nEverything after it was, "
            f"from the influence kept with run {run_number}: the same bytes, {digest}."
        )
        return
    typer.echo(f"Run {run_number} computed again gives the same bytes: {digest}.")


def publish_run(run_number: RunNumber) -> None:
    """Make a finished run public."""
    with open_database(Settings().database_url).begin() as session:
        run = find_run(session, run_number)
        waiting = publish(session, run, now=_now())
        code = result_of(run)["round"]["code"]
    typer.echo(f"Run {run_number} is public: {Settings().public_url}/p/{code}")
    if waiting:
        typer.echo(
            f"Campaigns that nobody decided: {waiting}. Whoever judges them now can learn from "
            "the published scores which way they go: better decide first."
        )


class ExportFormat(StrEnum):
    """What a result can be written as."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


def export(
    run_number: RunNumber,
    out: Annotated[Path, typer.Option(help="The file to write.")],
    file_format: Annotated[ExportFormat, typer.Option("--format")] = ExportFormat.JSON,
) -> None:
    """Write a run as the public may see it, without the numbers that are withheld."""
    from app.documents.results.tables import download  # only this command needs the workbooks

    with snapshot(open_database(Settings().database_url)) as session:
        document = public_view(result_of(find_run(session, run_number)))
    content = download(document, file_format.value, language="zh-Hans")
    try:
        out.write_bytes(content)
    except OSError as error:
        raise MinxinError(f"{out} cannot be written: {error.strerror}.") from None
    typer.echo(f"Run {run_number} written to {out}.")


def _now() -> datetime:
    return datetime.now(UTC)
