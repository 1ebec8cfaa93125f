"""The tables of a result to take away: one long table for CSV, a workbook of sheets.

Everything comes from the public view of a result document, so a withheld number is an empty
cell with its reason beside it. A sensitivity band stands in columns of its own: it must
never be taken for an interval by somebody who only sees the file.
"""

from typing import Literal

from app.documents.method.sections import method
from app.documents.results.changes import round_before, verdict_words
from app.documents.results.result import Document, Figure, Result, Spread, read_result
from app.documents.results.standings import place_of
from app.documents.scores.composites import CompositeReading, read_composite
from app.documents.wording import translator
from app.documents.workbooks import (
    Cell,
    Column,
    Table,
    results_csv,
    results_json,
    results_xlsx,
)
from app.survey.text import Language

FileKind = Literal["csv", "xlsx", "json"]


def download(document: Document, kind: FileKind, *, language: Language) -> bytes:
    """Write a result document, which must be a public view, as a file to take away."""
    result = read_result(document, language)
    return result_file(result, kind, read_composite(result.document, result.naming))


def result_file(result: Result, kind: FileKind, reading: CompositeReading | None) -> bytes:
    """Write a result as a file: csv has every figure, json everything, xlsx all tables."""
    if kind == "json":
        return results_json(result.document)
    if kind == "csv":
        return results_csv(estimates_table(result))
    return results_xlsx(workbook_sheets(result, reading))


def estimates_table(result: Result) -> Table:
    """Every figure of every series, measure and domain, one line each."""
    _ = translator(result.language)
    rows = [
        _figure_row(result, figure) for figures in result.rows.values() for figure in figures
    ]
    columns = (
        Column("series", _("系列")),
        Column("measure", _("口径")),
        Column("code", _("代码")),
        Column("name", _("名称")),
        Column("domain", _("范围")),
        Column("domain_code", _("单位代码")),
        Column("place", _("单位")),
        Column("n", "n", "count"),
        Column("value", _("得分"), "number", 2),
        Column("low", _("区间下限"), "number", 2),
        Column("high", _("区间上限"), "number", 2),
        Column("standard_error", _("标准误"), "number", 4),
        Column("design_effect", "deff", "number", 3),
        Column("effective_n", _("有效样本"), "number", 1),
        Column("df", _("自由度"), "count"),
        Column("band_low", _("敏感性范围下限（不是误差）"), "number", 2),
        Column("band_high", _("敏感性范围上限（不是误差）"), "number", 2),
        Column("worth_of_n", _("相当于随机样本"), "number", 1),
        *_place_columns(result),
        *_change_columns(result),
        *_screened_columns(result),
        Column("withheld", _("不公布的原因")),
    )
    return Table(_("得分"), columns, tuple(rows))


def distributions_table(result: Result) -> Table:
    """Counts and weighted shares of every choice of every item, one line each."""
    _ = translator(result.language)
    columns = (
        Column("series", _("系列")),
        Column("item", _("代码")),
        Column("text", _("题目")),
        Column("place", _("单位")),
        Column("choice", _("选项")),
        Column("count", _("人数"), "count"),
        Column("share", _("加权占比"), "percent"),
        Column("withheld", _("不公布的原因")),
    )
    rows = [
        row
        for spreads in result.spreads.values()
        for spread in spreads
        for row in _spread_rows(result, spread)
    ]
    return Table(_("分布"), columns, tuple(rows))


def composite_table(result: Result, reading: CompositeReading) -> Table:
    """Every step of every composite score, one line each, in the order of the sum."""
    _ = translator(result.language)
    columns = (
        Column("unit", _("单位")),
        Column("region_type", _("地区类型")),
        Column("step", _("步骤")),
        Column("evidence", _("依据")),
        Column("raw", _("原值")),
        Column("normalised", _("折算分"), "number", 2),
        Column("weight", _("权数"), "percent", 2),
        Column("contribution", _("计入得分"), "number", 4),
        Column("note", _("说明")),
    )
    rows: list[tuple[Cell, ...]] = []
    for unit in reading.units:
        head = (unit.name, unit.region_type)
        for step in unit.steps:
            note = _("；").join(filter(None, (step.uncertainty, step.note)))
            values = (step.raw, step.normalised, step.weight, step.contribution)
            rows.append((*head, step.name, step.evidence, *values, note))
        rows.append((*head, _("合计"), "", "", None, None, unit.gross, ""))
        for line in unit.ledger:
            rows.append((*head, line.name, line.evidence, "", None, None, line.points, ""))
        rows.append((*head, _("最后得分"), "", "", None, None, unit.final, unit.uncertainty))
    return Table(_("综合分"), columns, tuple(rows))


def points_table(result: Result, company: Document) -> Table:
    """Every point with its score uncapped, capped and decided, one line each."""
    _ = translator(result.language)
    columns = (
        Column("point", _("点位代码")),
        Column("name", _("点位")),
        Column("unit", _("单位代码")),
        Column("n", "n", "count"),
        Column("kept", _("全算"), "count"),
        Column("reduced", _("少算"), "count"),
        Column("excluded", _("不算"), "count"),
        Column("raw", _("全部照算"), "number", 1),
        Column("capped", _("封顶后"), "number", 1),
        Column("decided", _("核定后"), "number", 1),
        Column("low", _("最坏情形下限"), "number", 1),
        Column("high", _("最坏情形上限"), "number", 1),
        Column("epsilon", _("最坏情形假设的不实比例"), "percent", 1),
        Column("answers_up", _("抬高一分要几份"), "number", 1),
        Column("answers_down", _("压低一分要几份"), "number", 1),
        Column("sample_n", _("抽样份数"), "count"),
        Column("sample_mean", _("抽样均分"), "number", 1),
        Column("shrinkage", _("抽样所占比重"), "percent", 1),
        Column("drawn", _("向抽样靠拢后"), "number", 1),
        Column("withheld", _("不公布的原因")),
    )
    rows = [
        tuple(
            result.say(point["name"])
            if column.key == "name"
            else result.reason(point["withheld"])
            if column.key == "withheld"
            else point[column.key]
            for column in columns
        )
        for point in company["points"]
    ]
    return Table(_("各点位筛查"), columns, tuple(rows))


def method_table(result: Result) -> Table:
    """The method page as lines of section, label and text."""
    _ = translator(result.language)
    columns = (
        Column("section", _("章节")),
        Column("label", _("项目")),
        Column("text", _("内容")),
    )
    rows: list[tuple[Cell, ...]] = []
    for section in method(result):
        lines = [("", text) for text in (*section.sentences, *section.formulas)]
        rows += [(section.title, *line) for line in (*lines, *section.facts)]
    return Table(_("方法说明"), columns, tuple(rows))


def workbook_sheets(result: Result, reading: CompositeReading | None) -> tuple[Table, ...]:
    """The sheets of the workbook, in reading order."""
    composite = (composite_table(result, reading),) if reading else ()
    company = (points_table(result, result.company),) if result.company else ()
    return (
        estimates_table(result),
        *company,
        distributions_table(result),
        *composite,
        method_table(result),
    )


def _figure_row(result: Result, figure: Figure) -> tuple[Cell, ...]:
    is_interval = figure.kind == "interval"
    return (
        result.series_name(figure.series),
        measure_word(result, figure.measure),
        figure.code,
        result.measure_name(figure.measure, figure.code),
        domain_word(result, figure.domain),
        figure.domain_code,
        result.place(figure.domain, figure.domain_code),
        figure.n,
        figure.value,
        figure.low if is_interval else None,
        figure.high if is_interval else None,
        figure.standard_error,
        figure.design_effect,
        figure.effective_n,
        figure.degrees,
        None if is_interval else figure.low,
        None if is_interval else figure.high,
        figure.worth_of_n,
        *_place_cells(result, figure),
        *_change_cells(result, figure),
        *_screened_cells(result, figure),
        result.reason(figure.withheld),
    )


def _place_columns(result: Result) -> tuple[Column, ...]:
    """The places that a unit may have; no columns where nothing is compared."""
    if not result.document.get("standings"):
        return ()
    _ = translator(result.language)
    return (
        Column("place_low", _("位次从"), "count"),
        Column("place_high", _("位次到"), "count"),
        Column("tier", _("档"), "count"),
    )


def _place_cells(result: Result, figure: Figure) -> tuple[Cell, ...]:
    if not result.document.get("standings"):
        return ()
    place = place_of(result, figure)
    return (None, None, None) if place is None else (place["low"], place["high"], place["tier"])


def _change_columns(result: Result) -> tuple[Column, ...]:
    """What changed since the round before; no columns for a round that repeats none."""
    if not round_before(result):
        return ()
    _ = translator(result.language)
    return (
        Column("before", _("上一轮"), "number", 2),
        Column("change", _("差"), "number", 2),
        Column("change_low", _("差的区间下限"), "number", 2),
        Column("change_high", _("差的区间上限"), "number", 2),
        Column("change_df", _("差的自由度"), "number", 1),
        Column("verdict", _("较上一轮")),
    )


def _change_cells(result: Result, figure: Figure) -> tuple[Cell, ...]:
    if not round_before(result):
        return ()
    since = figure.since
    if since is None:
        return (None, None, None, None, None, "")
    numbers = (since.before, since.value, since.low, since.high, since.df)
    return (*numbers, verdict_words(result, figure))


def _screened_columns(result: Result) -> tuple[Column, ...]:
    """What screening did; no columns where no responses were judged in company."""
    if result.company is None:
        return ()
    _ = translator(result.language)
    return (
        Column("raw", _("全部照算"), "number", 1),
        Column("capped", _("封顶后"), "number", 1),
        Column("worst_low", _("最坏情形下限"), "number", 1),
        Column("worst_high", _("最坏情形上限"), "number", 1),
        Column("epsilon", _("最坏情形假设的不实比例"), "percent", 1),
    )


def _screened_cells(result: Result, figure: Figure) -> tuple[Cell, ...]:
    if result.company is None:
        return ()
    found = figure.screened
    if found is None:
        return (None, None, None, None, None)
    return (found.raw, found.capped, found.low, found.high, found.epsilon)


def measure_word(result: Result, measure: str) -> str:
    """What is measured, in words."""
    _ = translator(result.language)
    return {
        "indicator": _("指标得分"),
        "item": _("题目得分"),
        "satisfied_broad": _("满意率（含基本满意）"),
        "satisfied_strict": _("满意率（前两级）"),
    }[measure]


def domain_word(result: Result, domain: str) -> str:
    """What kind of domain it is, in words."""
    _ = translator(result.language)
    return {"overall": _("全体"), "region": _("地区"), "unit": _("单位"), "group": _("人群")}[
        domain
    ]


def _spread_rows(result: Result, spread: Spread) -> list[tuple[Cell, ...]]:
    head = (
        result.series_name(spread.series),
        spread.item,
        result.measure_name("item", spread.item),
        result.place(spread.domain, spread.domain_code),
    )
    if spread.withheld is not None:
        return [(*head, "", None, None, result.reason(spread.withheld))]
    rows: list[tuple[Cell, ...]] = [
        (*head, choice_label(result, choice), choice["count"], choice["share"], "")
        for choice in spread.choices
    ]
    _ = translator(result.language)
    return [*rows, (*head, _("没有回答"), spread.not_answered, None, "")]


def choice_label(result: Result, choice: Document) -> str:
    """The words of a choice, or its number on a scale of numbers."""
    return result.say(choice["label"]) if choice["label"] else str(choice["code"])
