"""One assessment: where its values come from, what is missing, its events, its scorings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.database.assessments import (
    latest_published_scores,
    list_score_events,
    list_score_runs,
    list_value_imports,
)
from app.database.engine import Session
from app.errors import InputRefused, Problem, WrongState
from app.people.roles import Permission
from app.web.console.assessments.opened import ROOM, Opened, moved_since, open_assessment
from app.web.console.faults import faults_of
from app.web.console.pages import Acting, Desk, Looking
from app.web.dependencies import ActingSession, Now, ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.assessment.drafting import imported_indicators
from app.workflow.assessment.importing import values_in_force
from app.workflow.assessment.queue import ask_scoring, asked_of

router = APIRouter(prefix=f"{ROOM}/{{code}}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the values of one indicator come from, and how many are there."""

    indicator: str
    name: str
    round: str
    """The survey round; empty for files."""
    given: int
    lacking: Sequence[str]
    """Names of units without a value."""


@router.get("")
def show_assessment(
    code: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_SCORES))],
    session: ReadingSession,
) -> HTMLReply:
    """Everything that the next scoring would take, and the scorings there are."""
    return _page(desk, session, open_assessment(session, desk, code))


@router.post("/runs", response_model=None)
def ask_for_scoring(
    code: str,
    desk: Annotated[Desk, Depends(Acting(Permission.SCORE))],
    now: Now,
    session: ActingSession,
) -> HTMLReply | Response:
    """Ask for a scoring of what there is now; what speaks against it is said on the page."""
    opened = open_assessment(session, desk, code)
    try:
        ask_scoring(session, desk.person, opened.row, now=now)
    except (InputRefused, WrongState) as error:
        problem = Problem("", str(error), chinese=error.in_chinese)
        refused = error if isinstance(error, InputRefused) else InputRefused([problem])
        return _page(desk, session, opened, refused=refused)
    return desk.lead_to(f"{opened.address}#scorings")


def sources(session: Session, opened: Opened) -> Sequence[Source]:
    """Every indicator with its source; those without any value first."""
    cells = values_in_force(session, opened.loaded.id)
    rounds = {one.indicator: one.round for one in opened.plan.from_rounds}
    from_files = set(imported_indicators(opened.plan, opened.loaded.system))
    found = [
        _source(opened, code, rounds, [unit for unit, one in cells if one == code])
        if code in from_files
        else Source(code, name, rounds.get(code, ""), len(opened.plan.units), ())
        for code, name in opened.indicators.items()
    ]
    return sorted(found, key=lambda one: (not one.lacking, one.given > 0))


def _source(
    opened: Opened, code: str, rounds: Mapping[str, str], given: Sequence[str]
) -> Source:
    lacking = [name for unit, name in opened.units.items() if unit not in given]
    return Source(code, opened.indicators[code], rounds.get(code, ""), len(given), lacking)


def _page(
    desk: Desk, session: Session, opened: Opened, *, refused: InputRefused | None = None
) -> HTMLReply:
    runs = list_score_runs(session, opened.row.id)
    public = latest_published_scores(session, opened.row.id)
    return desk.page(
        "console/assessments/overview.html",
        status=422 if refused else 200,
        opened=opened,
        plan=opened.plan,
        sources=sources(session, opened),
        imports=list_value_imports(session, opened.row.id),
        events=list_score_events(session, opened.row.id),
        runs=runs,
        public=public[1].number if public else 0,
        moved=moved_since(session, opened, runs[0]) if runs else (),
        asked=asked_of(session, opened.row),
        faults=faults_of(refused, desk.language, lambda _: "") if refused else None,
    )
