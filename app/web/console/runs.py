"""One run in the console: the whole result for an evaluator, withheld numbers marked."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from app.documents.charts.answer_bars import tone
from app.documents.charts.forms import to_svg
from app.documents.method.sections import method
from app.documents.results.change_page import change_blocks
from app.documents.results.changes import item_change_rows, round_before, round_change
from app.documents.results.findings import headline
from app.documents.results.one_number import explain, find_figure
from app.documents.results.result import Result
from app.documents.results.result_charts import composite_chart
from app.documents.results.result_page import indicator_blocks, item_sections, item_series
from app.documents.results.screened import screening_section
from app.documents.scores.composites import read_composite
from app.errors import NotFound
from app.people.roles import Permission
from app.web.console.pages import Desk, Looking
from app.web.console.publishing import objections_over
from app.web.console.readings import RunReading, open_finished, open_run
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.publication import waiting_campaigns

router = APIRouter(prefix="/console/rounds/{code}/runs/{run_id}")
ResultDesk = Annotated[Desk, Depends(Looking(Permission.SEE_RESULTS))]


@router.get("")
def show_run(code: str, run_id: int, desk: ResultDesk, session: ReadingSession) -> HTMLReply:
    """The full result: sentence, charts, tables, composite, screening, weights and hashes."""
    reading = open_run(session, desk, code, run_id)
    if reading.run.document is None:
        return _page(desk, reading, "run_waiting")
    result = reading.whole
    composite = read_composite(result.document, result.naming)
    chart = composite_chart(result, composite) if composite else None
    return _page(
        desk,
        reading,
        "run",
        result=result,
        headline=headline(result),
        change=round_change(result),
        indicators=indicator_blocks(result),
        composite=composite,
        composite_chart=to_svg(chart, desk.language) if chart else "",
        # Of groups no more than the public sees: whoever signs in here may have to judge one.
        screening=screening_section(reading.public),
        waiting=waiting_campaigns(result.document),
        sections={section.anchor: section for section in method(result)},
        withheld=_count_withheld(result),
        objections=objections_over(session, reading),
    )


@router.get("/items")
def show_items(code: str, run_id: int, desk: ResultDesk, session: ReadingSession) -> HTMLReply:
    """Every item for everybody: how the answers are spread, score and rates."""
    reading = open_finished(session, desk, code, run_id)
    result = reading.whole
    return _page(desk, reading, "run_items", result=result, sections=item_sections(result))


@router.get("/items/{item}")
def show_item(
    code: str, run_id: int, item: str, desk: ResultDesk, session: ReadingSession
) -> HTMLReply:
    """One item, series by series and unit by unit."""
    reading = open_finished(session, desk, code, run_id)
    result = reading.whole
    blocks = item_series(result, item)
    if not blocks:
        raise NotFound("There is no such item.", chinese="没有这一题。")
    name = result.measure_name("item", item)
    return _page(desk, reading, "run_item", result=result, item_text=name, item_series=blocks)


@router.get("/groups")
def show_groups(code: str, run_id: int, desk: ResultDesk, session: ReadingSession) -> HTMLReply:
    """Every indicator by the groups of people that the plan names."""
    reading = open_finished(session, desk, code, run_id)
    result = reading.whole
    blocks = indicator_blocks(result)
    return _page(desk, reading, "run_groups", result=result, indicators=blocks)


@router.get("/changes")
def show_changes(
    code: str, run_id: int, desk: ResultDesk, session: ReadingSession
) -> HTMLReply:
    """What changed since the round that this one repeats, and what cannot be told."""
    reading = open_finished(session, desk, code, run_id)
    result = reading.whole
    return _page(
        desk,
        reading,
        "run_changes",
        result=result,
        before=round_before(result),
        change=round_change(result),
        blocks=change_blocks(result),
        item_changes=item_change_rows(result),
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
