"""One run in the console: the whole result for an evaluator, withheld numbers marked."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from app.database.results import latest_published, result_of
from app.database.rounds import find_round, load_round
from app.documents.charts.answer_bars import tone
from app.documents.charts.layouts import interval_chart_svg
from app.documents.method.sections import method
from app.documents.results.findings import headline
from app.documents.results.result import Result, read_result
from app.documents.results.result_charts import composite_chart
from app.documents.results.result_page import indicator_blocks
from app.documents.results.screened import screening_section
from app.documents.scores.composites import read_composite
from app.people.roles import Permission
from app.web.console.acts import find_run_of
from app.web.console.pages import Desk, Looking
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.publication import public_view, waiting_campaigns

router = APIRouter(prefix="/console/rounds/{code}/runs")


@router.get("/{run_id}")
def show_run(
    code: str,
    run_id: int,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_RESULTS))],
    session: ReadingSession,
) -> HTMLReply:
    """The full result with composite steps, signals, weights and hashes."""
    run = find_run_of(session, code, run_id, within=desk.scope)
    frozen = load_round(session, find_round(session, code, within=desk.scope))
    published = latest_published(session, run.round_id)
    is_public = published is not None and published[1].id == run.id
    common: dict[str, Any] = {"run": run, "frozen": frozen, "is_public": is_public}
    if run.document is None:
        template = "console/run_waiting.html"
        return desk.page(template, **common)
    document = result_of(run)
    result = read_result(document, desk.language)
    # Of groups no more than the public sees: whoever signs in here may have to judge one.
    told = read_result(public_view(document), desk.language)
    reading = read_composite(result.document, result.naming)
    chart = composite_chart(result, reading) if reading else None
    return desk.page(
        "console/run.html",
        **common,
        result=result,
        headline=headline(result),
        indicators=indicator_blocks(result),
        composite=reading,
        composite_chart=interval_chart_svg(chart, desk.language) if chart else "",
        screening=screening_section(told),
        waiting=waiting_campaigns(document),
        sections={section.anchor: section for section in method(result)},
        withheld=_count_withheld(result),
        tone=tone,
        method_url="#definitions",
    )


def _count_withheld(result: Result) -> int:
    return sum(f.withheld is not None for figures in result.rows.values() for f in figures)
