"""Commands of alarms: look for what is unusual in a round, say what was found out."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.language import spoken
from app.cli.rounds import read_content
from app.database.alarms import RaisedAlarm, list_alarms
from app.database.engine import open_database
from app.database.rounds import find_round
from app.settings import Settings
from app.survey.text import Language, Text

application = typer.Typer(help="Say what was found out about an alarm.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="The alarm's number.")]
Author = Annotated[str, typer.Option(help="Who says so.")]
Spoken = Annotated[
    str | None, typer.Option("--language", help="zh-Hans or en; else as LANG says.")
]
LABELS = {
    "null": Text(zh="怎样算平常：", en="Usual: "),
    "innocent": Text(zh="也可能是：", en="Or: "),
    "confirm": Text(zh="怎样查实：", en="Look: "),
}
STATES = {
    "raised": Text(zh="等人看", en="raised"),
    "seen": Text(zh="有人在看", en="seen"),
    "answered": Text(zh="已有答复", en="answered"),
}


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
    language: Spoken = None,
) -> None:
    """Look for what is unusual in a round now, keep it, and list every alarm of the round."""
    from app.workflow.early_warning import Beside, raise_alarms  # statistics only where used

    said_in = spoken(language)
    beside = Beside(_file(visits), _file(appeals), history)
    sessions = open_database(Settings().database_url)
    _, new = raise_alarms(sessions, round_code, beside=beside, now=_now())
    with sessions.begin() as session:
        kept = list_alarms(session, find_round(session, round_code).id)
        found = Text(
            zh=f"{round_code} 新增提示 {new} 条，共 {len(kept)} 条。提示不改动任何分数。",
            en=f"New alarms: {new}; in {round_code}: {len(kept)}. None of them moves a number.",
        )
        typer.echo(found[said_in])
        for one in kept:
            _show(one, said_in)


@application.command("seen")
def seen(number: Number, author: Author, language: Spoken = None) -> None:
    """Say that somebody looks into an alarm."""
    from app.workflow.alarms import Remark, mark_alarm

    with open_database(Settings().database_url).begin() as session:
        mark_alarm(session, number, Remark("seen", author), now=_now())
    said = Text(
        zh=f"第 {number} 条提示：{author}在看。", en=f"{author} looks into alarm {number}."
    )
    typer.echo(said[spoken(language)])


@application.command("answer")
def answer(
    number: Number,
    author: Author,
    note: Annotated[str, typer.Option(help="What was found out.")],
    language: Spoken = None,
) -> None:
    """Say what was found out about an alarm; what was said before stays."""
    from app.workflow.alarms import Remark, mark_alarm

    with open_database(Settings().database_url).begin() as session:
        mark_alarm(session, number, Remark("answered", author, note), now=_now())
    said = Text(
        zh=f"第 {number} 条提示：已记下{author}的答复。",
        en=f"Alarm {number} was answered by {author}.",
    )
    typer.echo(said[spoken(language)])


def _show(one: RaisedAlarm, language: Language) -> None:
    row = one.row
    state = STATES[one.state][language]
    typer.echo(f"\n{row.id}  {row.code}@{row.version}  {row.place}  {state}")
    typer.echo(f"    {row.telling['seen'][language]}")
    for part, label in LABELS.items():
        typer.echo(f"    {label[language]}{row.telling[part][language]}")
    for event in one.events:
        said = STATES[event.state][language]
        typer.echo(f"    {event.at:%Y-%m-%d}  {said}  {event.author}  {event.note}".rstrip())


def _file(path: Path | None) -> tuple[bytes, str] | None:
    return None if path is None else (read_content(path), path.name)


def _now() -> datetime:
    return datetime.now(UTC)
