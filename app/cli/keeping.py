"""Commands that keep what was collected from being lost: backup, verify-backup, restore."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.database.backup import Manifest, take_backup
from app.database.engine import make_engine, open_database
from app.database.restore import misfit, restore_backup, verify_backup
from app.settings import Settings

NewFile = Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")]
BackupFile = Annotated[Path, typer.Argument(help="A file that `minxin backup` wrote.")]

CARE = """\
It holds the rounds' keys, what people wrote in words, and who was invited. Keep it encrypted,
apart from this machine, where only those who may read the database can read it, and delete it
within 30 days: what is erased here is still in it."""


def add_commands(root: typer.Typer) -> None:
    """The acts on the whole database stand at the top."""
    for command in (backup, verify_backup_file, restore):
        name = command.__name__.removesuffix("_file").replace("_", "-")
        root.command(name)(command)


def backup(out: NewFile) -> None:
    """Write the whole database into one file, as of one moment, while the server works."""
    manifest = take_backup(make_engine(Settings().database_url), out, now=_now())
    typer.echo(f"{out}: {_summary(manifest)}.\n{CARE}")


def verify_backup_file(file: BackupFile) -> None:
    """Look through a backup to its last byte; change nothing."""
    manifest = verify_backup(file)
    typer.echo(f"{file} is whole: {_summary(manifest)}.")
    typer.echo(misfit(manifest) or "This version of Minxin can restore it.")


def restore(file: BackupFile) -> None:
    """Put a backup into a new, empty database: all of it or nothing."""
    # Only this command needs what makes segments.
    from app.workflow.forgetting import forget_and_sweep, rounds_to_forget

    settings = Settings()
    sessions = open_database(settings.database_url)
    with sessions.begin() as session:
        manifest = restore_backup(session, file, now=_now())
    # Said once it is kept: a message that fails, or is cut off, must not undo the act.
    typer.echo(f"Restored {_summary(manifest)}.")
    typer.echo(
        "Answers and receipts from after that moment are not there, and invitations spent since"
        " can be used again.\nTexts erased and keys destroyed since are there again: repeat it."
        "\nLook whether all is well with: minxin doctor"
    )
    for code in rounds_to_forget(sessions, now=_now()):
        forget_and_sweep(sessions, code, settings.data_directory, now=_now())
        typer.echo(f"How the responses of {code} came about is forgotten again: it was due.")


def _summary(manifest: Manifest) -> str:
    taken = manifest.taken_at.isoformat(sep=" ", timespec="seconds")
    responses = manifest.tables["response"].rows if "response" in manifest.tables else 0
    return (
        f"{manifest.total} rows in {len(manifest.tables)} tables, {responses} of them"
        f" responses, as of {taken}, from {manifest.dialect} by Minxin {manifest.program}"
    )


def _now() -> datetime:
    return datetime.now(UTC)
