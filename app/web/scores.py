"""The public scores of an assessment: units, places, sums, gaps, and the files to take.

Only the newest publication is shown; an assessment without one gets the same page as one that
does not exist. A publication never changes, so its page and files are made once.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from app.database.assessments import find_assessment, latest_published_scores, plan_of_run
from app.database.engine import Session
from app.database.tables import ScoreRunRow
from app.documents.charts.forms import to_svg
from app.documents.scores.assessment_page import place_words, read_assessment
from app.documents.scores.score_tables import scores_table, values_table
from app.documents.wording import calendar_day
from app.documents.workbooks import results_csv, results_xlsx
from app.errors import NotFound
from app.survey.assessment import AssessmentPlan
from app.survey.text import Language
from app.web.dependencies import ChosenLanguage, ReadingSession
from app.web.rendering import HTMLReply, render

KEPT = 8
FOR_A_MINUTE = "public, max-age=60"
TIME_ZONE = "Asia/Shanghai"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Published:
    """A published scoring in one language; two are the same if their documents are."""

    digest: str
    language: Language
    published_at: datetime
    run: ScoreRunRow = field(compare=False)
    plan: AssessmentPlan = field(compare=False)

    @property
    def address(self) -> str:
        """Where the scores stand."""
        return f"/a/{self.plan.code}"

    @property
    def query(self) -> str:
        """What keeps the language in a link."""
        return "?l=en" if self.language == "en" else ""


@router.get("/a/{code}")
def show_scores(code: str, language: ChosenLanguage, session: ReadingSession) -> HTMLReply:
    """Types, tiers, units, sums."""
    text = _page(_find_published(session, code, language))
    return HTMLReply(text, headers={"Cache-Control": FOR_A_MINUTE})


@router.get("/a/{code}/scores.{kind}")
def send_scores(
    code: str, kind: Literal["csv", "xlsx"], language: ChosenLanguage, session: ReadingSession
) -> Response:
    """The scores as csv, with the values behind them as xlsx."""
    published = _find_published(session, code, language)
    media = "text/csv; charset=utf-8" if kind == "csv" else XLSX
    return _attached(_table(published, kind), media, f"{code}-scores.{kind}")


@router.get("/a/{code}/package.zip")
def send_package(code: str, language: ChosenLanguage, session: ReadingSession) -> Response:
    """Everything the scores were made from, to be computed again anywhere."""
    published = _find_published(session, code, language)
    name = f"{code}-run-{published.run.number}.zip"
    return _attached(_package(published), "application/zip", name)


def _find_published(session: Session, code: str, language: Language) -> Published:
    found = latest_published_scores(session, find_assessment(session, code).id)
    if found is None:
        raise NotFound("This assessment is not published.")
    publication, run = found
    plan = plan_of_run(session, run)
    return Published(
        run.document_digest, language, publication.published_at, run=run, plan=plan
    )


@lru_cache(maxsize=KEPT)
def _page(published: Published) -> str:
    plan, language = published.plan, published.language
    page = read_assessment(_document(published), plan, language)
    return render(
        "scores/assessment.html",
        language,
        page=page,
        charts=[to_svg(one.chart, language) for one in page.types],
        organiser=plan.organiser.name[language],
        first_day=calendar_day(plan.period.from_, language),
        last_day=calendar_day(plan.period.to, language),
        unit_count=len(plan.units),
        published_day=_day(published),
        place_words=place_words,
        run=published.run,
        address=published.address,
        query=published.query,
    )


@lru_cache(maxsize=KEPT)
def _table(published: Published, kind: str) -> bytes:
    document, language = _document(published), published.language
    scores = scores_table(document, language)
    if kind == "csv":
        return results_csv(scores)
    return results_xlsx([scores, values_table(document, language)])


@lru_cache(maxsize=2)
def _package(published: Published) -> bytes:
    # Computing is not needed to serve a page, so its modules wait until somebody asks.
    from app.workflow.assessment.package import Origin, export_package

    run, plan = published.run, published.plan
    origin = Origin(plan.code, run.number, plan.title.zh, run.sources)
    return export_package(
        run.inputs, run.document, origin=origin, made_at=published.published_at
    )


def _document(published: Published) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(published.run.document)
    return document


def _attached(content: bytes, media: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": FOR_A_MINUTE,
    }
    return Response(content, media_type=media, headers=headers)


def _day(published: Published) -> str:
    moment = published.published_at.astimezone(ZoneInfo(TIME_ZONE))
    return calendar_day(moment.date(), published.language)
