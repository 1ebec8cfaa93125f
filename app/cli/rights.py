"""Commands of one-time rights: draw a sample and replay it, issue and revoke tickets.

The list, and the sheets where they are wanted, are written before the rights are kept, and
removed if keeping them fails: nobody is drawn whose invitation stands nowhere.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from app.cli.private_files import private_files, refuse_existing
from app.cli.rounds import read_content
from app.database.engine import open_database
from app.database.rounds import find_round, load_round
from app.documents.printing.fonts import find_fonts
from app.documents.printing.slips import Occasion, list_of_slips, sheets_of_slips
from app.errors import MinxinError
from app.settings import Settings
from app.survey.admission import Right
from app.survey.strata_file import read_sizes
from app.workflow.rights import (
    USUAL_VALIDITY,
    Ground,
    Issue,
    TicketOrder,
    keep_issue,
    prepare_tickets,
    revoke,
    stand_on,
)
from app.workflow.sampling import DrawOrder, prepare_sample, replay_draw
from app.workflow.slips import slips_of

samples = typer.Typer(help="Draw samples and replay draws.", no_args_is_help=True)
tickets = typer.Typer(help="Issue and revoke one-time rights.", no_args_is_help=True)

USUAL_HOURS = USUAL_VALIDITY / timedelta(hours=1)
RoundCode = Annotated[str, typer.Argument(help="The round's code.")]
FrameFile = Annotated[
    Path, typer.Option(help="A CSV file: person, unit, maybe stratum and point, and your own.")
]
ListFile = Annotated[Path, typer.Option(help="The list to write, CSV; it carries the tokens.")]
SheetFile = Annotated[
    Path | None, typer.Option(help="Also print slips with symbols into this PDF.")
]


@samples.command("draw")
def draw_(  # noqa: PLR0913 - one parameter is one option of the command
    round_code: RoundCode,
    frame: FrameFile,
    out: ListFile,
    seed: Annotated[str, typer.Option(help="Text chosen after the frame was fixed.")],
    size: Annotated[
        int | None, typer.Option(help="People to draw, shared out in proportion.")
    ] = None,
    sizes: Annotated[
        str | None, typer.Option(help="People to draw by stratum: a=10,b=20.")
    ] = None,
    sizes_from: Annotated[
        Path | None, typer.Option(help="A CSV that `sample size` wrote: stratum, invitations.")
    ] = None,
    batch: Annotated[str, typer.Option(help="The name of this draw.")] = "sample",
    sheets: SheetFile = None,
) -> None:
    """Draw a sample from a frame and write each person's invitation into a list."""
    order = DrawOrder(batch, _asked(size, sizes, sizes_from), seed, frame.name)
    content = read_content(frame)
    issue = _issue(
        round_code,
        "invitation",
        lambda ground: prepare_sample(ground, content, order),
        out=out,
        sheets=sheets,
    )
    typer.echo(f"{len(issue.rights)} people drawn for {round_code} as {batch}: {out}.")
    if issue.drawn is not None:
        for stratum, (people, drawn) in issue.drawn.sizes.items():
            typer.echo(f"  {stratum}: {drawn} of {people}")
        typer.echo(f"  frame  {issue.frame_digest}")
        typer.echo(f"  sample {issue.drawn.digest}")


@samples.command("replay")
def replay(
    round_code: RoundCode,
    frame: FrameFile,
    batch: Annotated[str, typer.Option(help="The name of the draw.")] = "sample",
) -> None:
    """Draw again by the recorded seed and sizes, and say whether it gives the same people."""
    content = read_content(frame)
    with open_database(Settings().database_url).begin() as session:
        row = find_round(session, round_code)
        found = replay_draw(session, row, content, batch=batch, source=frame.name)
    file = "the very file" if found.same_frame else "another file than the one"
    if not found.same_people:
        raise MinxinError(f"{frame} is {file} that was drawn from and gives other people.")
    typer.echo(
        f"{frame} is {file} that was drawn from; it gives the same {found.people} people."
    )


@tickets.command("issue")
def issue_(  # noqa: PLR0913 - one parameter is one option of the command
    round_code: RoundCode,
    point: Annotated[str, typer.Option(help="The point whose cases were served.")],
    count: Annotated[int, typer.Option(help="How many tickets.")],
    out: ListFile,
    hours: Annotated[float, typer.Option(help="How long each is good.")] = USUAL_HOURS,
    batch: Annotated[
        str, typer.Option(help="A name to revoke them by; else tickets and the day.")
    ] = "",
    sheets: SheetFile = None,
) -> None:
    """Issue tickets for served cases at a point and write them into a list."""
    valid_for = _hours(hours)

    def prepare(ground: Ground) -> Issue:
        day = ground.now.astimezone(_zone(ground)).date()
        order = TicketOrder(point, count, batch or f"tickets-{day}", valid_for)
        return prepare_tickets(ground, order)

    issue = _issue(round_code, "ticket", prepare, out=out, sheets=sheets)
    typer.echo(f"{len(issue.rights)} tickets issued for {round_code} as {issue.batch}: {out}.")


@tickets.command("revoke")
def revoke_(
    round_code: RoundCode,
    batch: Annotated[str | None, typer.Option(help="A draw or a batch of tickets.")] = None,
    token: Annotated[str | None, typer.Option(help="One token, as it stands on paper.")] = None,
) -> None:
    """Make unspent tickets or invitations worthless; what they were spent on stands."""
    with open_database(Settings().database_url).begin() as session:
        row = find_round(session, round_code)
        count = revoke(session, row, batch=batch, token=token, now=_now())
    typer.echo(f"{count} unspent tokens of {round_code} are worthless from now on.")


def _issue(
    round_code: str,
    purpose: Right,
    prepare: Callable[[Ground], Issue],
    *,
    out: Path,
    sheets: Path | None,
) -> Issue:
    """Make rights, write them down, keep them; each step without the next leaves nothing."""
    refuse_existing([out] if sheets is None else [out, sheets])
    settings = Settings()
    sessions = open_database(settings.database_url)
    now = _now()
    with sessions.begin() as session:
        row = find_round(session, round_code)
        ground = stand_on(session, row, purpose, now)
        minutes = load_round(session, row).survey.minutes
    issue = prepare(ground)
    slips = slips_of(ground, issue, public_url=settings.public_url)
    files = {out: list_of_slips(issue.columns, slips)}
    if sheets is not None:
        plan = ground.plan
        occasion = Occasion(plan.title, plan.organiser.name, plan.organiser.hotline, minutes)
        fonts = find_fonts(settings.font_directory)
        files[sheets] = sheets_of_slips(occasion, slips, fonts=fonts, dated=now.date())
    with private_files(files), sessions.begin() as session:
        keep_issue(session, find_round(session, round_code), issue, now=now)
    return issue


def _zone(ground: Ground) -> ZoneInfo:
    return ZoneInfo(ground.plan.window.time_zone)


def _asked(
    size: int | None, sizes: str | None, sizes_from: Path | None
) -> int | Mapping[str, int]:
    """How many to draw, from the one of the three options that is given."""
    if [size, sizes, sizes_from].count(None) != 2:
        raise MinxinError(
            "Give either --size, or --sizes such as 'a=10,b=20', or --sizes-from."
        )
    if sizes_from is not None:
        return read_sizes(read_content(sizes_from), source=sizes_from.name)
    if size is not None:
        return size
    found: dict[str, int] = {}
    for part in (sizes or "").split(","):
        stratum, _, number = part.rpartition("=")
        name = stratum.strip()
        if not name or not number.strip().isdecimal() or name in found:
            raise MinxinError(
                f"--sizes: {part!r} is not a stratum and its number, each stratum once, "
                "as in 'a=10,b=20'."
            )
        found[name] = int(number)
    return found


def _hours(hours: float) -> timedelta:
    try:
        return timedelta(hours=hours)
    except (OverflowError, ValueError):
        raise MinxinError(f"--hours: {hours} is no time a ticket could be good for.") from None


def _now() -> datetime:
    return datetime.now(UTC)
