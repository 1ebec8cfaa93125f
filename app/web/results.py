"""The public results of a round: the finding, the method, one item, and the files to take.

Only the newest publication is shown, and only through its public view; a round without one
gets the same page as a round that does not exist. A result never changes, so pages and
files are made once and kept by the digest of the document.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from app.database.engine import Session
from app.database.results import latest_published, result_of
from app.database.rounds import FrozenRound, find_round, load_round
from app.database.tables import RunRow
from app.documents.charts.answer_bars import tone
from app.documents.charts.forms import to_svg
from app.documents.method.sections import method
from app.documents.results.changes import item_change_rows, round_change
from app.documents.results.findings import headline, omissions, series_caution
from app.documents.results.result import Result, main_series, read_result
from app.documents.results.result_charts import composite_chart
from app.documents.results.result_page import indicator_blocks, item_sections, item_series
from app.documents.results.screened import screening_section
from app.documents.results.tables import FileKind, choice_label, result_file
from app.documents.scores.composites import CompositeReading, read_composite
from app.documents.wording import calendar_day, translator
from app.errors import NotFound
from app.survey.text import Language
from app.web.dependencies import ChosenLanguage, ReadingSession
from app.web.rendering import HTMLReply, render
from app.workflow.publication import public_view

KEPT = 8
"""So many results, pages or files of each sort are kept in memory."""
FOR_A_MINUTE = "public, max-age=60"
MEDIA: dict[FileKind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Published:
    """A published run in one language; two are the same if their documents are."""

    digest: str | None
    language: Language
    published_at: datetime | None
    """None in a preview: it is not public."""
    run: RunRow = field(compare=False)
    frozen: FrozenRound = field(compare=False)

    @property
    def address(self) -> str:
        """Where the results of the round stand."""
        if self.published_at is None:
            return f"/console/rounds/{self.frozen.code}/runs/{self.run.id}/preview"
        return f"/p/{self.frozen.code}"

    @property
    def query(self) -> str:
        """What keeps the language in a link."""
        return "?l=en" if self.language == "en" else ""


@router.get("/p/{code}")
def show_results(code: str, language: ChosenLanguage, session: ReadingSession) -> HTMLReply:
    """The finding, the charts, the tables."""
    return _public(results_page(_find_published(session, code, language)))


@router.get("/p/{code}/method")
def show_method(code: str, language: ChosenLanguage, session: ReadingSession) -> HTMLReply:
    """How the numbers were made."""
    return _public(method_page(_find_published(session, code, language)))


@router.get("/p/{code}/items/{item}")
def show_item(
    code: str, item: str, language: ChosenLanguage, session: ReadingSession
) -> HTMLReply:
    """One item, series by series and unit by unit."""
    return _public(item_page(_find_published(session, code, language), item))


@router.get("/p/{code}/results.{kind}")
def send_file(
    code: str, kind: FileKind, language: ChosenLanguage, session: ReadingSession
) -> Response:
    """The results as csv, xlsx or json."""
    published = _find_published(session, code, language)
    name = f'attachment; filename="{code}-results.{kind}"'
    headers = {"Content-Disposition": name, "Cache-Control": FOR_A_MINUTE}
    return Response(_file(published, kind), media_type=MEDIA[kind], headers=headers)


def _find_published(session: Session, code: str, language: Language) -> Published:
    row = find_round(session, code)
    found = latest_published(session, row.id)
    if found is None:
        raise NotFound("This round is not published.")
    publication, run = found
    frozen = load_round(session, row)
    digest = run.document_digest
    return Published(digest, language, publication.published_at, run=run, frozen=frozen)


@lru_cache(maxsize=KEPT)
def _read(published: Published) -> Result:
    return read_result(public_view(result_of(published.run)), published.language)


def _composite(published: Published) -> CompositeReading | None:
    result = _read(published)
    return read_composite(result.document, result.naming)


@lru_cache(maxsize=KEPT)
def results_page(published: Published) -> str:
    """The page of a round as text."""
    result, reading = _read(published), _composite(published)
    series = main_series(result)
    chart = to_svg(composite_chart(result, reading), result.language) if reading else ""
    return _page(
        "results/round.html",
        published,
        headline=headline(result),
        change=round_change(result),
        item_changes=item_change_rows(result),
        omissions=omissions(result),
        caution=series_caution(result, series["code"]) if series else "",
        main_is_band=series is not None and series["kind"] == "band",
        published_day=_day(published),
        indicators=indicator_blocks(result),
        sections=item_sections(result),
        screening=screening_section(result),
        composite=reading,
        composite_chart=chart,
    )


@lru_cache(maxsize=KEPT)
def method_page(published: Published) -> str:
    """The page of the method as text."""
    return _page("results/method.html", published, method=method(_read(published)))


def item_page(published: Published, item: str) -> str:
    """The page of one item as text; NotFound for an unknown one."""
    result = _read(published)
    blocks = item_series(result, item)
    if not blocks:
        raise NotFound("There is no such item.")
    text = result.measure_name("item", item)
    return _page("results/item.html", published, item_text=text, item_series=blocks)


@lru_cache(maxsize=3 * KEPT)
def _file(published: Published, kind: FileKind) -> bytes:
    return result_file(_read(published), kind, _composite(published))


def _page(template: str, published: Published, **values: object) -> str:
    result = _read(published)
    return render(
        template,
        published.language,
        result=result,
        title=result.say(result.round["title"]),
        round_url=published.address,
        method_url=f"{published.address}/method{published.query}",
        query=published.query,
        preview_of=None if published.published_at else published.run.id,
        tone=tone,
        choice_label=choice_label,
        **values,
    )


def _public(text: str) -> HTMLReply:
    return HTMLReply(text, headers={"Cache-Control": FOR_A_MINUTE})


def _day(published: Published) -> str:
    if published.published_at is None:
        return translator(published.language)("尚未公布")
    zone = ZoneInfo(published.frozen.plan.window.time_zone)
    return calendar_day(published.published_at.astimezone(zone).date(), published.language)
