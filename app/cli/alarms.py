"""Commands of alarms: look for what is unusual in a round, say what was found out."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.rounds import read_content
from app.database.alarms import RaisedAlarm, list_alarms
from app.database.engine import open_database
from app.database.rounds import find_round
from app.settings import Settings

application = typer.Typer(help="Say what was found out about an alarm.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="The alarm's number.")]
Author = Annotated[str, typer.Option(help="Who says so.")]


def add_commands(root: typer.Typer) -> None:
    """`alarms` stands at the top, what is said about one under `alarm`."""
    root.command("alarms")(alarms)
    root.add_typer(application, name="alarm")


def alarms(
    round_code: Annotated[str, typer.Option("--round", help="The round's code.")],
    visits: Annotated[Path | None, typer.Option(help="A CSV file: point, visits, day.")] = None,
    history: Annotated[str, typer.Option(help="The code of the round before this one.")] = "",
    appeals: Annotated[
        Path | None, typer.Option(help="A CSV file: office, decider, upheld, rejected.")
    ] = None,
) -> None:
    """Look for what is unusual in a round now, keep it, and list every alarm of the round."""
    from app.workflow.early_warning import Beside, raise_alarms  # statistics only where used

    beside = Beside(_file(visits), _file(appeals), history)
    sessions = open_database(Settings().database_url)
    _, new = raise_alarms(sessions, round_code, beside=beside, now=_now())
    with sessions.begin() as session:
        kept = list_alarms(session, find_round(session, round_code).id)
        typer.echo(
            f"{new} new alarms; {len(kept)} in {round_code}. None of them moves a number."
        )
        for one in kept:
            _show(one)


@application.command("seen")
def seen(number: Number, author: Author) -> None:
    """Say that somebody looks into an alarm."""
    from app.workflow.alarms import Remark, mark_alarm

    with open_database(Settings().database_url).begin() as session:
        mark_alarm(session, number, Remark("seen", author), now=_now())
    typer.echo(f"Alarm {number} was seen by {author}.")


@application.command("answer")
def answer(
    number: Number,
    author: Author,
    note: Annotated[str, typer.Option(help="What was found out.")],
) -> None:
    """Say what was found out about an alarm; what was said before stays."""
    from app.workflow.alarms import Remark, mark_alarm

    with open_database(Settings().database_url).begin() as session:
        mark_alarm(session, number, Remark("answered", author, note), now=_now())
    typer.echo(f"Alarm {number} was answered by {author}.")


def _show(one: RaisedAlarm) -> None:
    row = one.row
    typer.echo(f"\n{row.id}  {row.code}@{row.version}  {row.place}  {one.state}")
    for part in ("seen", "null", "innocent", "confirm"):
        label = {"seen": "", "null": "Usual: ", "innocent": "Or: ", "confirm": "Look: "}[part]
        typer.echo(f"    {label}{row.telling[part]['en']}")
    for event in one.events:
        typer.echo(f"    {event.at:%Y-%m-%d} {event.state} by {event.author} {event.note}")


def _file(path: Path | None) -> tuple[bytes, str] | None:
    return None if path is None else (read_content(path), path.name)


def _now() -> datetime:
    return datetime.now(UTC)
