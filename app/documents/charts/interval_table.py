"""The table beside the dot-and-interval chart: the same numbers, and what the signs say."""

from app.documents.charts.interval_chart import ChartRow, IntervalChart, Mark
from app.documents.wording import translator
from app.documents.workbooks import Cell, Column, Kind, Table
from app.survey.text import Language


def interval_table(chart: IntervalChart, language: Language) -> Table:
    """One row a unit; columns that no unit fills are left out."""
    _ = translator(language)
    kind: Kind = "percent" if chart.unit == "percent" else "number"
    columns = (
        Column("name", _("单位")),
        Column("value", _("数值"), kind, chart.decimals),
        Column("low", _("区间下限"), kind, chart.decimals),
        Column("high", _("区间上限"), kind, chart.decimals),
        Column("rank_low", _("名次：最好"), "count"),
        Column("rank_high", _("名次：最差"), "count"),
        Column("n", _("份数"), "count"),
        Column("standing", _("与参照相比")),
        Column("note", _("说明")),
    )
    rows = [_cells(chart, row, language) for row in chart.rows]
    kept = [
        at for at in range(len(columns)) if at < 2 or any(row[at] is not None for row in rows)
    ]
    return Table(
        chart.sentence,
        tuple(columns[at] for at in kept),
        tuple(tuple(row[at] for at in kept) for row in rows),
    )


def _cells(chart: IntervalChart, row: ChartRow, language: Language) -> tuple[Cell, ...]:
    _ = translator(language)
    meanings: dict[Mark, str] = {
        "above": _("明显高于"),
        "below": _("明显低于"),
        "same": _("在误差以内"),
        "unsure": _("样本不足，不作比较"),
        "band": _("敏感性范围，不比较"),
    }
    best, worst = row.ranks or (None, None)
    return (
        row.label, row.value, row.low, row.high, best, worst, row.n,
        meanings.get(chart.mark(row)),
        row.note or (_("不公布") if row.kind == "withheld" else None),
    )  # fmt: skip
