"""What stands on the pages of results: sentences, charts and rows, ready to be laid out.

One block for an indicator and one for an item, each with its series side by side: the main
series first, the others after it, never mixed. A page only sets these values in type.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.documents.charts.forms import to_svg
from app.documents.results.changes import ChangeRow, change_rows, indicator_change
from app.documents.results.findings import group_finding, indicator_finding, series_caution
from app.documents.results.result import RATES, Document, Figure, Result, Spread, main_series
from app.documents.results.result_charts import (
    figures_chart,
    levels_chart,
    shown_scales,
    spread_bar,
)
from app.documents.results.screened import ScreenedBlock, screened_block
from app.documents.results.standings import StandingBlock, standing_block


@dataclass(frozen=True, slots=True)
class GroupTable:
    """One measure by the levels of one background variable."""

    name: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class SeriesBlock:
    """One measure in one series: what it says, its chart, its figures."""

    code: str
    name: str
    n: int
    is_band: bool
    sentence: str
    caution: str
    chart: str
    figures: tuple[Figure, ...]
    groups: tuple[GroupTable, ...]
    group_sentence: str
    change_sentence: str
    changes: tuple[ChangeRow, ...]
    standing: StandingBlock | None
    screened: ScreenedBlock | None
    """What screening did to these scores; None where no responses were judged in company."""

    @property
    def overall(self) -> Figure | None:
        """The figure for everybody."""
        return next((figure for figure in self.figures if figure.domain == "overall"), None)


@dataclass(frozen=True, slots=True)
class IndicatorBlock:
    """One indicator: the series that speaks for the round, then the others."""

    code: str
    name: str
    main: SeriesBlock
    others: tuple[SeriesBlock, ...]


@dataclass(frozen=True, slots=True)
class RateFigures:
    """Both definitions of the rate of the satisfied, in one domain."""

    broad: Figure
    strict: Figure


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """The answers of one domain: the bar, or why there is none."""

    place: str
    spread: Spread
    bar: str
    reason: str


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item for everybody, in the main series."""

    code: str
    text: str
    figure: Figure
    rates: RateFigures | None
    answers: SpreadRow | None


@dataclass(frozen=True, slots=True)
class ItemSection:
    """The items under one heading of the questionnaire, with the keys of their bars."""

    title: str
    rows: tuple[ItemRow, ...]
    scales: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ItemSeries:
    """One item in one series, unit by unit."""

    block: SeriesBlock
    rates: tuple[RateFigures, ...]
    answers: tuple[SpreadRow, ...]
    levels: str
    """The bars of all units with the dissatisfied magnified; empty where none can be drawn."""


def indicator_blocks(result: Result) -> tuple[IndicatorBlock, ...]:
    """Every indicator of the round that has figures."""
    return tuple(
        IndicatorBlock(indicator["code"], result.say(indicator["name"]), first, tuple(others))
        for indicator in result.indicators
        if (blocks := series_blocks(result, "indicator", indicator["code"]))
        for first, *others in [blocks]
    )


def series_blocks(result: Result, measure: str, code: str) -> list[SeriesBlock]:
    """One measure in every series that has figures for it, the main series first."""
    return [
        _series_block(result, series, measure, code)
        for series in result.series
        if result.figures(series["code"], measure=measure, code=code)
    ]


def item_sections(result: Result) -> tuple[ItemSection, ...]:
    """Every measured item under its heading, for everybody, in the main series."""
    series = main_series(result)
    if series is None:
        return ()
    sections: dict[str, list[ItemRow]] = {}
    for item in result.items:
        row = _item_row(result, series["code"], item)
        if row is not None:
            sections.setdefault(result.say(item["section"]), []).append(row)
    return tuple(_item_section(result, title, rows) for title, rows in sections.items())


def item_series(result: Result, item: str) -> tuple[ItemSeries, ...]:
    """One item in every series, unit by unit; nothing for an unknown item."""
    return tuple(
        _item_in_series(result, block, item) for block in series_blocks(result, "item", item)
    )


def _series_block(result: Result, series: Document, measure: str, code: str) -> SeriesBlock:
    chart = figures_chart(result, series["code"], measure=measure, code=code)
    is_indicator = measure == "indicator"
    figures = result.figures(series["code"], measure=measure, code=code)
    return SeriesBlock(
        code=series["code"],
        name=result.series_name(series["code"]),
        n=series["n"],
        is_band=series["kind"] == "band",
        sentence=indicator_finding(result, series["code"], code) if is_indicator else "",
        caution=series_caution(result, series["code"]),
        chart=to_svg(chart, result.language) if chart else "",
        figures=figures,
        groups=tuple(_group_tables(result, series["code"], measure, code)),
        group_sentence=group_finding(result, series["code"], measure=measure, code=code),
        change_sentence=indicator_change(result, series["code"], code) if is_indicator else "",
        changes=change_rows(result, figures),
        standing=standing_block(result, series["code"], code) if is_indicator else None,
        screened=screened_block(result, figures),
    )


def _group_tables(result: Result, series: str, measure: str, code: str) -> Iterator[GroupTable]:
    figures = result.by_group(series, measure=measure, code=code)
    for variable in result.variables:
        own = [f for f in figures if f.domain_code.partition("=")[0] == variable["code"]]
        if own:
            yield GroupTable(result.say(variable["name"]), tuple(own))


def _item_row(result: Result, series: str, item: Document) -> ItemRow | None:
    figure = result.overall(series, measure="item", code=item["code"])
    if figure is None:
        return None
    rates = next(_rates(result, series, item["code"]), None)
    spreads = [s for s in result.spread(series, item["code"]) if s.domain == "overall"]
    answers = _spread_row(result, spreads[0]) if spreads else None
    return ItemRow(item["code"], result.say(item["text"]), figure, rates, answers)


def _item_section(result: Result, title: str, rows: list[ItemRow]) -> ItemSection:
    spreads = [row.answers.spread for row in rows if row.answers and row.answers.bar]
    return ItemSection(title, tuple(rows), shown_scales(spreads, result))


def _item_in_series(result: Result, block: SeriesBlock, item: str) -> ItemSeries:
    spreads = result.spread(block.code, item)
    answers = tuple(_spread_row(result, spread) for spread in spreads)
    rates = tuple(_rates(result, block.code, item))
    broad = next((pair.broad for pair in rates if pair.broad.domain == "overall"), None)
    chart = levels_chart(result, spreads, item=item, broad=broad)
    return ItemSeries(block, rates, answers, to_svg(chart, result.language) if chart else "")


def _rates(result: Result, series: str, item: str) -> Iterator[RateFigures]:
    pairs = [result.figures(series, measure=rate, code=item) for rate in RATES]
    return (RateFigures(broad, strict) for broad, strict in zip(*pairs, strict=True))


def _spread_row(result: Result, spread: Spread) -> SpreadRow:
    bar = spread_bar(result, spread)
    reason = "" if bar else result.reason(spread.withheld or "small_cell")
    return SpreadRow(result.place(spread.domain, spread.domain_code), spread, bar, reason)
