"""One scoring: everything that the public would see of it, maps of what is felt, publication.

Drawn from the run's own document, so a run never changes its page.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response

from app.database.approvals import find_waiting
from app.database.assessments import (
    find_score_run,
    latest_published_scores,
    list_scenarios,
    plan_of_run,
    published_at,
)
from app.database.engine import Session
from app.database.tables import ScoreRunRow
from app.documents.charts.forms import to_svg
from app.documents.scores.assessment_page import AssessmentPage, place_words, read_assessment
from app.documents.scores.perception_map import perception_maps
from app.errors import InputRefused
from app.people.roles import Permission
from app.survey.assessment import AssessmentPlan
from app.survey.text import Language
from app.web.console.assessments.opened import ROOM, Opened, moved_since, open_assessment
from app.web.console.faults import faults_of
from app.web.console.objections import objections_until
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.reviewing import first
from app.web.dependencies import ActingSession, Form, Now, ReadingSession, SubmittedForm
from app.web.rendering import HTMLReply
from app.workflow.approvals import LONGEST_NOTE, Wish, ask

router = APIRouter(prefix=f"{ROOM}/{{code}}/runs/{{number}}")

KEPT = 8
TIME_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Scored:
    """A scoring in one language; two are the same if their documents are."""

    digest: str
    language: Language
    run: ScoreRunRow = field(compare=False)
    plan: AssessmentPlan = field(compare=False)
    opened: Opened = field(compare=False)

    @property
    def address(self) -> str:
        """Where its page is."""
        return f"{self.opened.address}/runs/{self.run.number}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page of a scoring shows, drawn."""

    page: AssessmentPage
    charts: Sequence[str]
    maps: Sequence[Any]


@router.get("")
def show_scoring(
    code: str,
    number: int,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_SCORES))],
    session: ReadingSession,
) -> HTMLReply:
    """Types, tiers, units with every step of their sums."""
    scored = open_scoring(session, desk, code, number)
    reading = read(scored)
    return desk.page(
        "console/assessments/scoring.html",
        opened=scored.opened,
        plan=scored.plan,
        run=scored.run,
        page=reading.page,
        charts=reading.charts,
        maps=reading.maps,
        place_words=place_words,
        address=scored.address,
        published=published_at(session, scored.run),
        moved=moved_since(session, scored.opened, scored.run),
        scenarios=list_scenarios(session, scored.run),
    )


@router.get("/publication")
def confirm_publication(
    code: str,
    number: int,
    desk: Annotated[Desk, Depends(Looking(Permission.PUBLISH))],
    session: ReadingSession,
) -> HTMLReply:
    """What the public will read, and who has to approve."""
    return _confirm(session, desk, open_scoring(session, desk, code, number))


@router.post("/publication", response_model=None)
def ask_to_publish(  # noqa: PLR0913 - what a form of the console needs
    code: str,
    number: int,
    desk: Annotated[Desk, Depends(Acting(Permission.PUBLISH))],
    form: SubmittedForm,
    now: Now,
    session: ActingSession,
) -> HTMLReply | Response:
    """Ask for a scoring to become public."""
    scored = open_scoring(session, desk, code, number)
    try:
        until = objections_until(form, TIME_ZONE, now=now)
    except InputRefused as refused:
        return _confirm(session, desk, scored, form=form, refused=refused)
    wish = Wish("publish_scores", f"{code}/{number}", first(form, "note"), until)
    asked = ask(session, desk.person, wish, now=now)
    return desk.lead_to(f"/console/approvals/{asked.id}")


def open_scoring(session: Session, desk: Desk, code: str, number: int) -> Scored:
    """The scoring of a number; NotFound outside the scope."""
    opened = open_assessment(session, desk, code)
    run = find_score_run(session, opened.row, number)
    return Scored(run.document_digest, desk.language, run, plan_of_run(session, run), opened)


@lru_cache(maxsize=KEPT)
def read(scored: Scored) -> Reading:
    """A scoring read and drawn once."""
    document: Mapping[str, Any] = json.loads(scored.run.document)
    page = read_assessment(document, scored.plan, scored.language)
    charts = [to_svg(one.chart, scored.language) for one in page.types]
    maps = [
        (name, to_svg(drawn, scored.language))
        for name, drawn in perception_maps(document, scored.plan, scored.language)
    ]
    return Reading(page, charts, maps)


def _confirm(
    session: Session,
    desk: Desk,
    scored: Scored,
    *,
    form: Form | None = None,
    refused: InputRefused | None = None,
) -> HTMLReply:
    code, given = scored.opened.row.code, form or {}
    public = latest_published_scores(session, scored.opened.row.id)
    return desk.page(
        "console/assessments/publication.html",
        status=422 if refused else 200,
        opened=scored.opened,
        run=scored.run,
        page=read(scored).page,
        address=scored.address,
        public=public[1] if public else None,
        asked=find_waiting(session, "publish_scores", f"{code}/{scored.run.number}"),
        note=first(given, "note"),
        last_day=first(given, "objections_until"),
        faults=faults_of(refused, desk.language) if refused else None,
        longest_note=LONGEST_NOTE,
    )
