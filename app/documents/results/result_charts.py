"""Which chart belongs to which numbers of a result: figures in, chart specifications out.

Units stand in the official order, never sorted by score: an order would be read as a
ranking. Opt-in figures become bands, which are compared with nothing.
"""

from collections.abc import Sequence

from app.documents.charts.answer_bars import Segment, answer_bar_svg, tone
from app.documents.charts.interval_chart import ChartRow, IntervalChart, RowKind, Standing
from app.documents.charts.level_bars import LevelBars, LevelRow
from app.documents.results.findings import indicator_finding
from app.documents.results.result import Figure, Result, Spread
from app.documents.results.standings import place_of, places_words
from app.documents.results.tables import choice_label
from app.documents.scores.composites import CompositeReading
from app.documents.wording import translator

ROUNDING = 1e-6
"""A rate and the sum of its shares differ by no more, on a scale of 100."""


def figures_chart(
    result: Result, series: str, *, measure: str, code: str
) -> IntervalChart | None:
    """The chart of one measure over everybody, regions and units; None without figures."""
    figures = result.figures(series, measure=measure, code=code)
    if not figures:
        return None
    _ = translator(result.language)
    overall = next((f for f in figures if f.domain == "overall" and f.is_shown), None)
    least = result.round["release"]["min_effective_n_rank"]
    is_band = figures[0].kind == "band"
    reference = None if is_band or overall is None else overall.value
    name = result.measure_name(measure, code)
    sentence = (
        indicator_finding(result, series, code)
        if measure == "indicator"
        else _("{name}：各单位的平均分").format(name=name)
    )
    return IntervalChart(
        rows=tuple(_row(result, figure, least) for figure in figures),
        sentence=sentence,
        axis_title=_("{name}，0–100 分").format(name=name),
        reference=reference,
        reference_label=_("全体") if reference is not None else "",
        confidence=result.round["confidence"],
    )


def composite_chart(result: Result, reading: CompositeReading) -> IntervalChart:
    """The final scores with their intervals, or bands where opt-in answers play a part."""
    _ = translator(result.language)
    rows = []
    for unit in reading.units:
        kind: RowKind = "band" if unit.is_band else "interval"
        if unit.final is None:
            reason = unit.places
            rows.append(ChartRow(unit.name, None, note=reason, kind="withheld"))
        else:
            rows.append(
                ChartRow(unit.name, unit.final, unit.low, unit.high, note=unit.grade, kind=kind)
            )
    return IntervalChart(
        rows=tuple(rows),
        sentence=_("各单位综合分"),
        axis_title=_("综合分"),
        decimals=2,
    )


def spread_bar(result: Result, spread: Spread) -> str:
    """The stacked bar of a spread as SVG; nothing where it would give a withheld share away.

    Two or more withheld levels may share the rest of the bar; what is left for a single one
    would be its share.
    """
    scored = spread.scored
    hidden = [choice for choice in scored if choice["share"] is None]
    if spread.withheld is not None or len(hidden) == 1 or len(hidden) == len(scored):
        return ""
    segments = [
        Segment(choice_label(result, choice), choice["share"], tone(position, len(scored)))
        for position, choice in enumerate(scored)
        if choice["share"] is not None
    ]
    if hidden:
        left = max(1 - sum(segment.share for segment in segments), 0.0)
        _ = translator(result.language)
        segments.append(Segment(_("不公布的各级"), left, None))
    place = result.place(spread.domain, spread.domain_code)
    return answer_bar_svg(segments, label=place)


def levels_chart(
    result: Result, spreads: Sequence[Spread], *, item: str, broad: Figure | None
) -> LevelBars | None:
    """How the answers to one item are spread in every domain, the dissatisfied magnified.

    Which levels are dissatisfied follows from `broad`, the rate of the satisfied among
    everybody: they are what it leaves out. None without a scale or with nothing to show.
    """
    levels = next((shown_scales([one], result)[0] for one in spreads if one.scored), ())
    if not levels or all(one.withheld is not None for one in spreads):
        return None
    _ = translator(result.language)
    overall = next((one for one in spreads if one.domain == "overall"), None)
    return LevelBars(
        rows=tuple(_level_row(result, spread, len(levels)) for spread in spreads),
        levels=levels,
        sentence=_("{name}：各单位回答的分布").format(name=result.measure_name("item", item)),
        dissatisfied=_left_out(overall, broad),
    )


def items_chart(
    result: Result, levels: tuple[str, ...], spreads: Sequence[tuple[Spread, Figure | None]]
) -> LevelBars | None:
    """How the answers of everybody to several items of one scale are spread, item by item.

    With each goes its rate of the satisfied; None with nothing to show.
    """
    if all(spread.withheld is not None for spread, _rate in spreads):
        return None
    _ = translator(result.language)
    return LevelBars(
        rows=tuple(
            _level_row(
                result,
                spread,
                len(levels),
                label=result.measure_name("item", spread.item),
            )
            for spread, _rate in spreads
        ),
        levels=levels,
        sentence=_("各题回答的分布"),
        dissatisfied=max((_left_out(one, rate) for one, rate in spreads), default=0),
    )


def _level_row(result: Result, spread: Spread, levels: int, *, label: str = "") -> LevelRow:
    place = label or result.place(spread.domain, spread.domain_code)
    shares = tuple(choice["share"] for choice in spread.scored)
    hidden = shares.count(None)
    if spread.withheld is not None or len(shares) != levels or hidden in (1, levels):
        return LevelRow(place, (), note=result.reason(spread.withheld or "small_cell"))
    return LevelRow(place, shares)


def _left_out(overall: Spread | None, broad: Figure | None) -> int:
    """How many of the last levels the rate of the satisfied leaves out; 0 if unknown."""
    if overall is None or broad is None or broad.value is None:
        return 0
    shares = [choice["share"] for choice in overall.scored]
    for left_out in range(1, len(shares)):
        first = shares[: len(shares) - left_out]
        if None not in first and abs(sum(first) * 100 - broad.value) < ROUNDING:
            return left_out
    return 0


def shown_scales(spreads: Sequence[Spread], result: Result) -> tuple[tuple[str, ...], ...]:
    """The different sets of level words among `spreads`, for the keys above the bars."""
    sets = [
        tuple(choice_label(result, choice) for choice in spread.scored) for spread in spreads
    ]
    return tuple(dict.fromkeys(words for words in sets if words))


def _row(result: Result, figure: Figure, least: float) -> ChartRow:
    label = result.place(figure.domain, figure.domain_code)
    if not figure.is_shown:
        return ChartRow(label, None, note=result.reason(figure.withheld), kind="withheld")
    place = place_of(result, figure)
    standing: Standing = "judged" if (figure.effective_n or 0) >= least else "unsure"
    return ChartRow(
        label,
        figure.value,
        figure.low,
        figure.high,
        figure.n,
        note=places_words(result, place) if place else "",
        kind=figure.kind,
        standing="whole" if figure.domain == "overall" else standing,
    )
