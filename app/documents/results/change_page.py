"""What changed since the round before, indicator by indicator: sentence, slope, table."""

from dataclasses import dataclass

from app.documents.charts.forms import to_svg
from app.documents.charts.slope_chart import SlopeChart, SlopeRow
from app.documents.results.changes import (
    ChangeRow,
    change_rows,
    indicator_change,
    round_before,
    verdict_words,
)
from app.documents.results.result import Figure, Result, main_series


@dataclass(frozen=True, slots=True)
class ChangeBlock:
    """One indicator in both rounds."""

    code: str
    name: str
    sentence: str
    chart: str
    """The slope as SVG; empty where nothing stands in both rounds."""
    rows: tuple[ChangeRow, ...]


def change_blocks(result: Result) -> tuple[ChangeBlock, ...]:
    """Every indicator of the main series that was held against the round before."""
    series = main_series(result)
    if series is None or not round_before(result):
        return ()
    found = []
    for indicator in result.indicators:
        code = indicator["code"]
        figures = result.figures(series["code"], measure="indicator", code=code)
        rows = change_rows(result, figures)
        if not rows:
            continue
        sentence = indicator_change(result, series["code"], code)
        chart = slope_chart(result, figures, sentence)
        svg = to_svg(chart, result.language) if chart else ""
        found.append(ChangeBlock(code, result.say(indicator["name"]), sentence, svg, rows))
    return tuple(found)


def slope_chart(
    result: Result, figures: tuple[Figure, ...], sentence: str
) -> SlopeChart | None:
    """The slope of some figures; None where nothing stands in both rounds."""
    rows = tuple(_row(result, one) for one in figures if one.since is not None)
    if all(row.change is None for row in rows):
        return None
    before, now = round_before(result), result.say(result.round["title"])
    return SlopeChart(rows=rows, before=before, now=now, sentence=sentence)


def _row(result: Result, figure: Figure) -> SlopeRow:
    since = figure.since
    label = result.place(figure.domain, figure.domain_code)
    if since is None or since.before is None or not figure.is_shown:
        return SlopeRow(label, None, None, note=verdict_words(result, figure))
    return SlopeRow(label, since.before, figure.value, since.low, since.high)
