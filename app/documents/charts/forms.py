"""Every form of a chart from its one specification: SVG for a page, and the table beside it.

`to_svg` draws a chart twice, wide and narrow, and the style sheet shows one of them; it
takes a millisecond or two, so a page draws when it is asked. PNG and PDF are printed from
the same drawing by `app.documents.charts.prints`, which only the worker and the terminal
load.
"""

from typing import assert_never

from app.documents.charts.canvas import Layout
from app.documents.charts.contribution_bars import (
    ContributionBars,
    contribution_table,
    draw_contributions,
)
from app.documents.charts.interval_chart import IntervalChart
from app.documents.charts.interval_table import interval_table
from app.documents.charts.layouts import narrow_chart_svg, wide_chart_svg
from app.documents.charts.level_bars import LevelBars, draw_levels, level_table
from app.documents.charts.quadrant_map import QuadrantMap, draw_quadrants, quadrant_table
from app.documents.charts.quota_bullets import QuotaBullets, draw_quotas, quota_table
from app.documents.charts.slope_chart import SlopeChart, draw_slopes, slope_table
from app.documents.charts.tile_grid import TileGrid, draw_tiles, tile_table
from app.documents.charts.trend_lines import TrendLines, draw_trends, trend_table
from app.documents.workbooks import Table
from app.survey.text import Language

Chart = (
    IntervalChart
    | LevelBars
    | SlopeChart
    | TrendLines
    | TileGrid
    | QuotaBullets
    | QuadrantMap
    | ContributionBars
)
"""What can be drawn; each is a frozen value that holds everything the drawing says."""


def to_svg(chart: Chart, language: Language) -> str:
    """Draw `chart` for a page: the wide and the narrow drawing, one of which is shown."""
    return drawing(chart, "wide", language) + drawing(chart, "narrow", language)


def drawing(chart: Chart, layout: Layout, language: Language) -> str:
    """Draw `chart` once: 960 units wide for a desk or a sheet of paper, or 358 for a phone."""
    match chart:
        case IntervalChart():
            draw = wide_chart_svg if layout == "wide" else narrow_chart_svg
            return draw(chart, language)
        case LevelBars():
            return draw_levels(chart, layout, language)
        case SlopeChart():
            return draw_slopes(chart, layout, language)
        case TrendLines():
            return draw_trends(chart, layout, language)
        case TileGrid():
            return draw_tiles(chart, layout, language)
        case QuotaBullets():
            return draw_quotas(chart, layout, language)
        case QuadrantMap():
            return draw_quadrants(chart, layout, language)
        case ContributionBars():
            return draw_contributions(chart, layout, language)
    assert_never(chart)


def to_table(chart: Chart, language: Language) -> Table:
    """The table that stands beside `chart`: the same values, row by row, to read or to save."""
    match chart:
        case IntervalChart():
            return interval_table(chart, language)
        case LevelBars():
            return level_table(chart, language)
        case SlopeChart():
            return slope_table(chart, language)
        case TrendLines():
            return trend_table(chart, language)
        case TileGrid():
            return tile_table(chart, language)
        case QuotaBullets():
            return quota_table(chart, language)
        case QuadrantMap():
            return quadrant_table(chart, language)
        case ContributionBars():
            return contribution_table(chart, language)
    assert_never(chart)
