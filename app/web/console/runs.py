"""One run in the console: the whole result for an evaluator, withheld numbers marked."""

from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.database.campaigns import count_decided_since
from app.database.rounds import record
from app.documents.charts.answer_bars import tone
from app.documents.charts.forms import to_svg
from app.documents.method.sections import method
from app.documents.results.change_page import change_blocks
from app.documents.results.changes import item_change_rows, round_before, round_change
from app.documents.results.findings import headline, indicator_finding
from app.documents.results.one_number import explain, find_figure
from app.documents.results.result import Result
from app.documents.results.result_charts import composite_chart
from app.documents.results.result_page import (
    IndicatorBlock,
    indicator_blocks,
    item_sections,
    item_series,
)
from app.documents.results.screened import screening_section
from app.documents.results.tables import FileKind, result_file
from app.documents.results.unit_window import MOST_UNITS, units_in, windows_of
from app.documents.scores.composites import read_composite
from app.errors import NotFound
from app.people.roles import Permission
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.publishing import objections_over
from app.web.console.readings import KEPT, RunReading, open_finished, open_run
from app.web.dependencies import ActingSession, Now, ReadingSession
from app.web.rendering import HTMLReply
from app.web.results import MEDIA
from app.workflow.publication import waiting_campaigns

router = APIRouter(prefix="/console/rounds/{code}/runs/{run_id}")
ResultDesk = Annotated[Desk, Depends(Looking(Permission.SEE_RESULTS))]


@router.get("")
def show_run(
    code: str, run_id: int, desk: ResultDesk, session: ReadingSession, part: int = 1
) -> HTMLReply:
    """The full result: sentence, charts, tables, composite, screening, weights and hashes."""
    reading = open_run(session, desk, code, run_id)
    if not reading.has_result:
        return _page(desk, reading, "run_waiting")
    run = reading.run
    return _page(
        desk,
        reading,
        "run",
        part=part,
        objections=objections_over(session, reading),
        decided_since=count_decided_since(session, run.round_id, run.finished_at),
        **_overview(reading, part),
    )


@router.get("/items")
def show_items(code: str, run_id: int, desk: ResultDesk, session: ReadingSession) -> HTMLReply:
    """Every item for everybody: how the answers are spread, score and rates."""
    reading = open_finished(session, desk, code, run_id)
    result = reading.whole
    return _page(desk, reading, "run_items", result=result, sections=item_sections(result))


@router.get("/items/{item}")
def show_item(  # noqa: PLR0913 - what names an item, and some of its units
    code: str,
    run_id: int,
    item: str,
    desk: ResultDesk,
    session: ReadingSession,
    part: int = 1,
) -> HTMLReply:
    """One item, series by series and unit by unit."""
    reading = open_finished(session, desk, code, run_id)
    result = reading.window(part)
    blocks = item_series(result, item)
    if not blocks:
        raise NotFound("There is no such item.", chinese="没有这一题。")
    name = result.measure_name("item", item)
    found = {"item_text": name, "item_series": blocks}
    parts = windows_of(reading.whole)
    return _page(desk, reading, "run_item", result=result, part=part, parts=parts, **found)


@router.get("/groups")
def show_groups(code: str, run_id: int, desk: ResultDesk, session: ReadingSession) -> HTMLReply:
    """Every indicator by the groups of people that the plan names."""
    reading = open_finished(session, desk, code, run_id)
    result = reading.window(1)
    blocks = indicator_blocks(result)
    return _page(desk, reading, "run_groups", result=result, indicators=blocks)


@router.get("/changes")
def show_changes(
    code: str, run_id: int, desk: ResultDesk, session: ReadingSession, part: int = 1
) -> HTMLReply:
    """What changed since the round that this one repeats, and what cannot be told."""
    reading = open_finished(session, desk, code, run_id)
    result = reading.window(part)
    return _page(
        desk,
        reading,
        "run_changes",
        result=result,
        before=round_before(result),
        change=round_change(result),
        blocks=change_blocks(result),
        item_changes=item_change_rows(result),
        part=part,
        parts=windows_of(reading.whole),
    )


@router.get("/number")
def show_number(  # noqa: PLR0913 - what names a number
    code: str,
    run_id: int,
    desk: ResultDesk,
    session: ReadingSession,
    s: str = "",
    m: str = "",
    c: str = "",
    d: str = "",
    p: str = "",
) -> HTMLReply:
    """One number: what it means, what went in, how sure it is, whether the public sees it."""
    reading = open_finished(session, desk, code, run_id)
    result = reading.whole
    figure = find_figure(result, (s, m, c, d, p))
    if figure is None:
        raise NotFound("There is no such number.", chinese="没有这个数。")
    return _page(desk, reading, "run_number", result=result, number=explain(result, figure))


@router.get("/method")
def show_method(code: str, run_id: int, desk: ResultDesk, session: ReadingSession) -> HTMLReply:
    """How the numbers of this run were made."""
    reading = open_finished(session, desk, code, run_id)
    return _page(desk, reading, "run_method", sections=method(reading.whole))


@router.post("/results.{kind}")
def send_results(  # noqa: PLR0913 - what a form of the console needs
    code: str,
    run_id: int,
    kind: FileKind,
    desk: Annotated[Desk, Depends(Acting(Permission.EXPORT))],
    now: Now,
    session: ActingSession,
) -> Response:
    """Every number of the run as a file, those marked that the public does not see; kept."""
    reading = open_finished(session, desk, code, run_id)
    result = reading.to_take
    content = result_file(result, kind, read_composite(result.document, result.naming))
    detail: dict[str, object] = {"run": run_id, "kind": kind, "document": reading.digest}
    record(session, "export_results", subject=reading.frozen.code, now=now, detail=detail)
    name = f'attachment; filename="{reading.frozen.code}-run-{run_id}.{kind}"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA[kind], headers=headers)


@lru_cache(maxsize=KEPT)
def _overview(reading: RunReading, part: int) -> dict[str, Any]:
    """All that the first page of a run says; units of one window."""
    result = reading.whole
    shown = {unit["code"] for unit in units_in(result, part)}
    composite = read_composite(result.document, result.naming)
    if composite is not None:
        units = tuple(one for one in composite.units if one.code in shown)
        composite = replace(composite, units=units)
    chart = composite_chart(result, composite) if composite else None
    # Of groups no more than the public sees: whoever signs in here may have to judge one.
    screening = screening_section(reading.public)
    if screening is not None and windows_of(result) > 1:
        start = (part - 1) * MOST_UNITS
        screening = replace(screening, points=screening.points[start : start + MOST_UNITS])
    return {
        "result": result,
        "headline": headline(result),
        "change": round_change(result),
        "indicators": _blocks(reading, part),
        "composite": composite,
        "composite_chart": to_svg(chart, reading.language) if chart else "",
        "screening": screening,
        "waiting": waiting_campaigns(result.document),
        "sections": {section.anchor: section for section in method(result)},
        "withheld": _count_withheld(result),
        "parts": windows_of(result),
    }


def _blocks(reading: RunReading, part: int) -> tuple[IndicatorBlock, ...]:
    """The indicators with the units of a window, and sentences about all of them."""
    return tuple(
        replace(
            block,
            main=replace(block.main, sentence=_sentence(reading, block)),
        )
        for block in indicator_blocks(reading.window(part))
    )


def _sentence(reading: RunReading, block: IndicatorBlock) -> str:
    return indicator_finding(reading.whole, block.main.code, block.code)


def _page(desk: Desk, reading: RunReading, template: str, **values: Any) -> HTMLReply:
    return desk.page(
        f"console/{template}.html",
        run=reading.run,
        frozen=reading.frozen,
        is_public=reading.is_public,
        address=reading.address,
        method_url=f"{reading.address}/method{'?l=en' if desk.language == 'en' else ''}",
        tone=tone,
        **values,
    )


def _count_withheld(result: Result) -> int:
    return sum(f.withheld is not None for figures in result.rows.values() for f in figures)
