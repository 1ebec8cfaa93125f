"""Commands on the audit trail: verify it, seal it, write its lines for others to hash."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from app.database.audit import walk_lines
from app.database.engine import open_database
from app.database.snapshots import snapshot
from app.errors import MinxinError
from app.people.trail import Link, canonical
from app.settings import Settings
from app.workflow.trail import seal as seal_trail
from app.workflow.trail import verify as verify_trail

application = typer.Typer(
    help="The audit trail: who saw, exported, changed, decided.", no_args_is_help=True
)


@application.command()
def verify(
    line: Annotated[int | None, typer.Option(help="The line of a digest you kept.")] = None,
    digest: Annotated[str, typer.Option(help="That digest, as the console showed it.")] = "",
) -> None:
    """Compute the chain over every line, and compare it with each checkpoint."""
    if (line is None) != (not digest):
        raise MinxinError("Give --line and --digest together, as the console shows them.")
    known = None if line is None else Link(line, digest.strip().lower())
    with snapshot(open_database(Settings().database_url)) as session:
        verdict = verify_trail(session, known)
    typer.echo(f"{verdict.lines} lines, {verdict.checkpoints} checkpoints.")
    typer.echo(f"Line {verdict.end.number}: {verdict.end.digest}")
    for number in verdict.broken:
        typer.echo(f"The checkpoint at line {number} is not what the lines before it give.")
    if verdict.known_holds is False:
        typer.echo(f"Line {line} does not have the digest you kept.")
    if not verdict.is_whole:
        raise MinxinError("The trail was changed. Compare it with your backups.")
    typer.echo("Nothing speaks against the trail.")


@application.command()
def seal() -> None:
    """Write the digest over every line so far into the trail, and show it."""
    with open_database(Settings().database_url).begin() as session:
        link = seal_trail(session, now=datetime.now(UTC))
    typer.echo(f"Line {link.number}: {link.digest}")


@application.command()
def lines() -> None:
    """Write every line as the digests see it, for whoever computes them with other means."""
    with snapshot(open_database(Settings().database_url)) as session:
        for line in walk_lines(session):
            typer.echo(canonical(line))
