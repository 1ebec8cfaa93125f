"""The rounds of a scope, by state and words, with how many answered; plans in the making."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends

from app.database.drafts import list_drafts
from app.database.engine import Session
from app.database.round_list import Wanted, count_states, count_stored, list_wanted
from app.database.rounds import find_round, load_round
from app.database.tables import RoundRow
from app.people.roles import Permission
from app.survey.planning.heading import Heading, heading_of
from app.web.console.pages import Desk, Looking
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply

router = APIRouter(prefix="/console/rounds")

PER_PAGE = 50
LONGEST_SEARCH = 100
STATES = ("draft", "open", "closed", "processed", "published")


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One round in the list."""

    code: str
    state: str
    heading: Heading
    responses: int


@router.get("")
def show_rounds(
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_ROUNDS))],
    session: ReadingSession,
    state: str = "",
    q: str = "",
    page: int = 1,
) -> HTMLReply:
    """The rounds, newest first, and the plans that are being written."""
    wanted = Wanted(state if state in STATES else "", q.strip()[:LONGEST_SEARCH])
    start = (min(max(page, 1), 10_000) - 1) * PER_PAGE
    rows = list_wanted(session, wanted, start=start, most=PER_PAGE + 1, within=desk.scope)
    plans = []
    if desk.may(Permission.PLAN_ROUNDS):
        plans = list(_plans(session, desk))
    return desk.page(
        "console/rounds.html",
        lines=_lines(session, rows[:PER_PAGE]),
        has_more=len(rows) > PER_PAGE,
        number=start // PER_PAGE + 1,
        wanted=wanted,
        counts=count_states(session, within=desk.scope),
        states=STATES,
        plans=plans,
    )


@router.get("/{code}/plan")
def show_plan(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_ROUNDS))],
    session: ReadingSession,
) -> HTMLReply:
    """The plan of a round as it was frozen, or as its draft stands, with its digest."""
    row = find_round(session, code, within=desk.scope)
    frozen = load_round(session, row)
    return desk.page(
        "console/round_plan.html", row=row, plan=frozen.plan, frozen=frozen, text=row.plan
    )


def _lines(session: Session, rows: Sequence[RoundRow]) -> list[RoundLine]:
    numbers = [row.id for row in rows]
    stored = count_stored(session, numbers)
    return [
        RoundLine(
            row.code,
            row.state,
            heading_of(row.plan),
            stored.get(row.id, 0),
        )
        for row in rows
    ]


def _plans(session: Session, desk: Desk) -> list[tuple[str, str, str]]:
    """Plans in the making: code, title, who changed it last."""
    drafts = list_drafts(session, "plan", within=desk.person.scope(Permission.PLAN_ROUNDS))
    return [(one.row.code, one.row.body["title"][desk.language], one.author) for one in drafts]
