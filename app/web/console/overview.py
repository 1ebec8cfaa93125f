"""The first page of the console: what needs me today, and the newest rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends

from app.database.engine import Session
from app.database.round_list import count_stored
from app.database.today import RoundState, list_states
from app.people.roles import Permission
from app.web.console.desktop import NEWEST, Desktop, Reader, lay_out
from app.web.console.duties import duties_of_person, duties_of_round
from app.web.console.first_steps import first_steps
from app.web.console.pages import Desk, Looking
from app.web.console.reviewing import reviewer_at
from app.web.dependencies import Now, ReadingSession
from app.web.rendering import HTMLReply

router = APIRouter(prefix="/console")


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One of the newest rounds."""

    code: str
    title: str
    state: str
    responses: int
    public_run: int | None


@router.get("")
def show_overview(
    desk: Annotated[Desk, Depends(Looking(None))],
    now: Now,
    session: ReadingSession,
) -> HTMLReply:
    """What needs me today; then the newest rounds with their states and counts."""
    reader = Reader(desk.person, reviewer_at(session, desk), desk.language, now)
    rounds = list_states(session, within=desk.person.scope(Permission.SEE_ROUNDS))
    desktop = lay_out(session, rounds, reader)
    duties = [duty for one in rounds for duty in duties_of_round(one, desktop)]
    return desk.page(
        "console/overview.html",
        duties=[*duties_of_person(session, reader), *duties],
        lines=_lines(session, rounds[:NEWEST], desktop),
        rounds=len(rounds),
        first_steps=first_steps(session, desk.person, rounds, desk.language),
    )


def _lines(session: Session, rounds: Sequence[RoundState], desktop: Desktop) -> list[RoundLine]:
    numbers = [one.id for one in rounds]
    stored = count_stored(session, numbers)
    return [
        RoundLine(
            one.code,
            desktop.titles[one.id],
            one.state,
            stored.get(one.id, 0),
            desktop.public.get(one.id),
        )
        for one in rounds
    ]
