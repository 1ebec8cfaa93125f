"""Which chart belongs to which numbers of a result: figures in, chart specifications out.

Units stand in the official order, never sorted by score: an order would be read as a
ranking. Opt-in figures become bands, which are compared with nothing.
"""

from collections.abc import Sequence

from app.documents.charts.answer_bars import Segment, answer_bar_svg, tone
from app.documents.charts.interval_chart import ChartRow, IntervalChart, RowKind, Standing
from app.documents.results.findings import indicator_finding
from app.documents.results.result import Figure, Result, Spread
from app.documents.results.tables import choice_label
from app.documents.scores.composites import CompositeReading
from app.documents.wording import translator


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
    standing: Standing = "judged" if (figure.effective_n or 0) >= least else "unsure"
    return ChartRow(
        label,
        figure.value,
        figure.low,
        figure.high,
        figure.n,
        kind=figure.kind,
        standing="whole" if figure.domain == "overall" else standing,
    )
