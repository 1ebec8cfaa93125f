"""Commands of a round's rows: segments, answers."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.database.engine import open_database
from app.settings import Settings

RoundCode = Annotated[str, typer.Argument(help="The round's code.")]


def add_commands(root: typer.Typer) -> None:
    """The acts on answers stand at the top."""
    for command in (segments, answers):
        root.command(command.__name__)(command)


def segments(round_code: RoundCode) -> None:
    """Make the segment of a round now: its answers as typed columns, for analysis."""
    from app.workflow.compaction import FEWEST_NEW, compact  # DuckDB only where it is used

    settings = Settings()
    sessions = open_database(settings.database_url)
    made = compact(sessions, round_code, settings.data_directory, now=datetime.now(UTC))
    if made is None:
        typer.echo(f"Nothing was made: fewer than {FEWEST_NEW} new responses came together.")
        return
    typer.echo(f"{made.rows} responses in {settings.data_directory / made.file}.")
    typer.echo(f"  SHA-256 {made.digest}")


def answers(
    round_code: RoundCode,
    out: Annotated[Path, typer.Option(help="A file ending in .parquet, .csv or .xlsx.")],
) -> None:
    """Write the rows of a closed round for analysts, with a manifest beside them."""
    from app.workflow.answer_export import export_answers  # DuckDB only where it is used

    settings = Settings()
    sessions = open_database(settings.database_url)
    folder = settings.data_directory
    written = export_answers(sessions, round_code, out, folder=folder, now=datetime.now(UTC))
    typer.echo(f"{written['rows']} responses of {round_code} written to {out}.")
    typer.echo(f"  SHA-256 {written['digest']}")
