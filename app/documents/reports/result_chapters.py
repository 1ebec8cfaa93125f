"""Chapters on what was found: indicators, items, places, change, composite scores.

A number never stands without its interval, a place never without the places that the error
leaves open. What is withheld is a reason, here as on every page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from app.documents.charts.interval_chart import IntervalChart
from app.documents.charts.level_bars import LevelBars
from app.documents.reports.blocks import (
    Block,
    Chapter,
    Column,
    Facts,
    Grid,
    Heading,
    IndicatorLine,
    Picture,
    UnitLine,
    filled,
    words,
)
from app.documents.reports.method_chapters import MOST_UNITS, many_units
from app.documents.results.change_page import change_blocks, slope_chart
from app.documents.results.changes import ChangeRow, item_change_rows, round_before
from app.documents.results.result import Figure, Result, main_series
from app.documents.results.result_charts import composite_chart, figures_chart, items_chart
from app.documents.results.result_page import (
    IndicatorBlock,
    ItemRow,
    ItemSection,
    SeriesBlock,
    indicator_blocks,
    item_sections,
)
from app.documents.results.standings import StandingBlock, StandingRow
from app.documents.scores.composites import CompositeReading
from app.documents.wording import count, interval, percent, points, translator

ROWS_OF_A_CHART = 24
"""As many rows as fit a page with their words."""


def indicators_chapter(result: Result) -> Chapter:
    """Every indicator: the sentence, the chart, the table, places, groups."""
    _ = translator(result.language)
    blocks: list[Block] = []
    for indicator in indicator_blocks(without_crowd(result)):
        blocks += [Heading(indicator.name), *_indicator(result, indicator)]
    if len(result.units) > MOST_UNITS:
        blocks = [*words(many_units(result)), *blocks]
    return Chapter(_("各项指标"), tuple(blocks))


def items_chapter(result: Result) -> Chapter:
    """Every item for everybody, section by section."""
    _ = translator(result.language)
    blocks: list[Block] = []
    for section in item_sections(result):
        blocks += [
            Heading(section.title),
            *(Picture(chart) for chart in _item_charts(result, section)),
            _item_grid(result, section),
        ]
    return Chapter(_("各题"), tuple(blocks))


def change_chapter(result: Result) -> Chapter | None:
    """What changed since the round before; None for a round that repeats none."""
    if not round_before(result):
        return None
    _, series, blocks = translator(result.language), main_series(result), list[Block]()
    if series is None:
        return None
    seen = without_crowd(result)
    for block in change_blocks(seen):
        figures = seen.figures(series["code"], measure="indicator", code=block.code)
        chart = slope_chart(seen, figures, block.sentence)
        blocks += [
            Heading(block.name),
            *words(block.sentence, weight="lead"),
            *([Picture(chart)] if chart else []),
            _change_grid(result, block.rows, _("{name}：与上一轮相比").format(name=block.name)),
        ]
    items = item_change_rows(result)
    if items:
        blocks += [Heading(_("各题")), _change_grid(result, items, _("各题与上一轮相比"))]
    return Chapter(_("与上一轮相比"), tuple(blocks))


def composite_chapter(result: Result, reading: CompositeReading | None) -> Chapter | None:
    """The composite scores with their places; None for a round without a system."""
    if reading is None:
        return None
    _ = translator(result.language)
    blocks: list[Block] = [
        *words(reading.note),
        Facts(((_("指标体系"), reading.title), (_("依据"), reading.document))),
    ]
    if len(reading.units) > MOST_UNITS:
        return Chapter(_("综合分"), (*blocks, *words(many_units(result))))
    blocks += [Picture(chart) for chart in in_pieces(composite_chart(result, reading))]
    columns = (
        Column(_("单位")),
        Column(_("地区类型")),
        Column(_("最后得分"), is_number=True, share=0.7),
        Column(_("误差或范围"), share=1.8),
        Column(_("名次范围"), share=1.5),
        Column(_("等次"), share=0.7),
    )
    rows = tuple(
        (
            unit.name,
            unit.region_type,
            points(unit.final, decimals=2),
            unit.uncertainty,
            unit.places,
            unit.grade,
        )
        for unit in reading.units
    )
    blocks.append(Grid(_("各单位综合分，按官方顺序"), columns, rows))
    blocks += words(_("每一步怎样加起来，见结果工作簿。"), weight="quiet")
    return Chapter(_("综合分"), tuple(blocks))


def indicator_lines(result: Result) -> tuple[IndicatorLine, ...]:
    """The indicators in the main series, number by number."""
    return tuple(_line(result, one) for one in indicator_blocks(without_crowd(result)))


def without_crowd(result: Result) -> Result:
    """The result without its units where they are too many for paper."""
    if len(result.units) <= MOST_UNITS:
        return result
    rows = {
        key: tuple(figure for figure in figures if figure.domain != "unit")
        for key, figures in result.rows.items()
    }
    return replace(result, rows=rows, document={**result.document, "standings": ()})


def in_pieces(chart: IntervalChart) -> Iterator[IntervalChart]:
    """A chart cut into such as fit a page; each keeps everybody's row on top."""
    rows, step = chart.rows, ROWS_OF_A_CHART
    if len(rows) <= step:
        yield chart
        return
    head = tuple(row for row in rows if row.standing == "whole")
    rest = [row for row in rows if row.standing != "whole"]
    for start in range(0, len(rest), step):
        piece = (*head, *rest[start : start + step])
        yield replace(chart, rows=piece, covers=chart.extent())


def _line(result: Result, indicator: IndicatorBlock) -> IndicatorLine:
    block = indicator.main
    whole = block.overall
    places = {row.name: row for row in (block.standing.rows if block.standing else ())}
    return IndicatorLine(
        name=indicator.name,
        sentence=block.sentence,
        caution=block.caution,
        value=points(whole.value) if whole and whole.is_shown else "",
        interval=interval(whole.low, whole.high) if whole and whole.is_shown else "",
        n=count(whole.n) if whole and whole.is_shown else "",
        units=tuple(
            _unit_line(result, figure, places)
            for figure in block.figures
            if figure.domain == "unit"
        ),
    )


def _unit_line(result: Result, figure: Figure, places: Mapping[str, StandingRow]) -> UnitLine:
    name, value, ends, n, _effective, note = _figure_row(
        result, figure, result.unit_name(figure.domain_code)
    )
    place = places.get(name)
    where = (place.places, place.tier) if place else ("", "")
    return UnitLine(name, value, ends, n, *where, note)


def _indicator(result: Result, indicator: IndicatorBlock) -> Iterator[Block]:
    _ = translator(result.language)
    yield from _series(result, indicator.main, indicator.name)
    yield from words(indicator.main.group_sentence)
    for group in indicator.main.groups:
        yield _group_grid(result, indicator.main, group.figures, group.name)
    for other in indicator.others:
        yield from words(
            _("另列：{series}，{n} 份").format(series=other.name, n=count(other.n)),
            weight="lead",
        )
        yield from _series(result, other, indicator.name)


def _series(result: Result, block: SeriesBlock, name: str) -> Iterator[Block]:
    yield from words(block.sentence, weight="lead")
    yield from words(block.caution, weight="caution")
    seen = without_crowd(result)
    code = block.figures[0].code
    chart = figures_chart(seen, block.code, measure="indicator", code=code)
    if chart is not None:
        yield from (Picture(piece) for piece in in_pieces(chart))
    yield _figure_grid(result, block, name)
    if block.standing is not None:
        yield from _standing(result, block.standing, name)
    if block.screened is not None:
        yield from words(block.screened.sentence)


def _figure_grid(result: Result, block: SeriesBlock, name: str) -> Grid:
    _ = translator(result.language)
    caption = _("{name}：{series}，{n} 份").format(
        name=name, series=block.name, n=count(block.n)
    )
    rows = [
        _figure_row(result, figure, result.place(figure.domain, figure.domain_code))
        for figure in block.figures
    ]
    return filled(Grid(caption, _figure_columns(result, block, _("单位")), tuple(rows)))


def _group_grid(
    result: Result, block: SeriesBlock, figures: Sequence[Figure], variable: str
) -> Grid:
    _ = translator(result.language)
    rows = [
        _figure_row(result, figure, result.level_name(figure.domain_code)) for figure in figures
    ]
    caption = _("按{variable}分").format(variable=variable)
    return filled(Grid(caption, _figure_columns(result, block, variable), tuple(rows)))


def _figure_columns(result: Result, block: SeriesBlock, heading: str) -> tuple[Column, ...]:
    _ = translator(result.language)
    level = percent(result.round["confidence"], decimals=0)
    ends = _("敏感性范围") if block.is_band else _("{level} 区间").format(level=level)
    return (
        Column(heading, share=1.6),
        Column(_("得分"), is_number=True, share=0.7),
        Column(ends, is_number=True),
        Column("n", is_number=True, share=0.7),
        Column(_("有效样本"), is_number=True, share=0.8),
        Column(_("说明"), share=1.6),
    )


def _figure_row(result: Result, figure: Figure, name: str) -> tuple[str, ...]:
    if not figure.is_shown:
        return (name, "", "", "", "", result.reason(figure.withheld))
    return (
        name,
        points(figure.value),
        interval(figure.low, figure.high),
        count(figure.n),
        points(figure.effective_n, decimals=0),
        "",
    )


def _standing(result: Result, standing: StandingBlock, name: str) -> Iterator[Block]:
    _ = translator(result.language)
    yield from words(standing.sentence, weight="lead")
    columns = (
        Column(_("单位")),
        Column(_("位次范围")),
        Column(_("档"), share=0.6),
        Column(_("分不开的单位"), share=2),
    )
    rows = tuple((row.name, row.places, row.tier, row.alike) for row in standing.rows)
    yield Grid(_("{name}：谁和谁分不开").format(name=name), columns, rows)
    yield from words(
        _("位次范围以 {level} 的把握同时包含各单位真实的位次；同一档的单位分不出高下。").format(
            level=standing.level
        ),
        weight="quiet",
    )


def _item_charts(result: Result, section: ItemSection) -> Iterator[LevelBars]:
    for levels in section.scales:
        rows = [
            (row.answers.spread, row.rates.broad if row.rates else None)
            for row in section.rows
            if row.answers and _levels_of(row) in {len(levels), 0}
        ]
        chart = items_chart(result, levels, rows) if rows else None
        if chart is not None:
            yield chart


def _levels_of(row: ItemRow) -> int:
    return len(row.answers.spread.scored) if row.answers else 0


def _item_grid(result: Result, section: ItemSection) -> Grid:
    _ = translator(result.language)
    level = percent(result.round["confidence"], decimals=0)
    columns = (
        Column(_("题目"), share=2.6),
        Column(_("得分"), is_number=True, share=0.6),
        Column(_("{level} 区间").format(level=level), is_number=True),
        Column(_("满意率（含基本满意）"), is_number=True),
        Column(_("满意率（前两级）"), is_number=True),
        Column("n", is_number=True, share=0.6),
    )
    return Grid(section.title, columns, tuple(_item_row(result, row) for row in section.rows))


def _item_row(result: Result, row: ItemRow) -> tuple[str, ...]:
    figure = row.figure
    if not figure.is_shown:
        return (f"{row.text}（{result.reason(figure.withheld)}）", "", "", "", "", "")
    rates = (row.rates.broad, row.rates.strict) if row.rates else (None, None)
    shown = [
        "" if rate is None else f"{points(rate.value)}%" if rate.is_shown else "—"
        for rate in rates
    ]
    return (
        row.text,
        points(figure.value),
        interval(figure.low, figure.high),
        *shown,
        count(figure.n),
    )


def _change_grid(result: Result, rows: Sequence[ChangeRow], caption: str) -> Grid:
    _ = translator(result.language)
    columns = (
        Column(_("名称"), share=1.8),
        Column(_("结论"), share=1.4),
        Column(_("差"), is_number=True, share=0.7),
        Column(_("差的区间"), is_number=True),
        Column(_("上一轮"), is_number=True, share=0.7),
        Column(_("本轮"), is_number=True, share=0.7),
    )
    lines = tuple(
        (row.name, row.verdict, row.change, row.interval, row.before, row.now) for row in rows
    )
    return Grid(caption, columns, lines)
