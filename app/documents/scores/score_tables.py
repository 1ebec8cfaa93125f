"""The tables of a scoring to take away, from its document (``minxin-scores/1``) alone.

One line a unit with everything that a place rests on, and one line a value with what became
of it. Codes and grades stand as the system writes them; words are those of the language.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from app.documents.wording import translator
from app.documents.workbooks import Cell, Column, Table
from app.survey.text import Language

Document = Mapping[str, Any]
DECIMALS = 4


def scores_table(document: Document, language: Language) -> Table:
    """One line a unit: score, error, adjustments, places, tier, grade and its reason."""
    _ = translator(language)
    simulated = _by_unit((document["analysis"]["simulation"] or {}).get("units", ()))
    places = {
        place["unit"]: place
        for table in document["analysis"]["places"]
        if table["region_type"] is not None
        for place in table["places"]
    }
    rows = [
        _score_row(unit, simulated.get(unit["unit"]), places.get(unit["unit"]), language)
        for unit in document["composite"]["units"]
    ]
    columns = (
        Column("unit", _("单位代码")),
        Column("region_type", _("类型")),
        Column("gross", _("扣分前"), "number", DECIMALS),
        Column("deduction", _("扣分"), "number", DECIMALS),
        Column("bonus", _("加分"), "number", DECIMALS),
        Column("final", _("最后得分"), "number", DECIMALS),
        Column("standard_error", _("标准误"), "number", DECIMALS),
        Column("score_low", _("得分模拟区间下限"), "number", DECIMALS),
        Column("score_high", _("得分模拟区间上限"), "number", DECIMALS),
        Column("rank_in_type", _("同类名次"), "number", 1),
        Column("rank_low", _("模拟名次区间：最好"), "number", 1),
        Column("rank_high", _("模拟名次区间：最差"), "number", 1),
        Column("set_low", _("名次置信集：最好"), "count"),
        Column("set_high", _("名次置信集：最差"), "count"),
        Column("tier", _("档"), "count"),
        Column("grade", _("等次")),
        Column("reason", _("等次依据")),
        Column("unranked_because", _("不给名次的原因")),
    )
    return Table(_("综合得分"), columns, tuple(rows))


def values_table(document: Document, language: Language) -> Table:
    """One line for each indicator of each unit: raw, treated, normalised, weight, points."""
    _ = translator(language)
    rows = [
        (
            unit["unit"],
            step["indicator"],
            step["evidence"],
            step["status"],
            step["raw"],
            step["standard_error"],
            step["treated"],
            step["normalised"],
            _("补入") if step["filled"] else "",
            step["effective_weight"],
            step["contribution"],
        )
        for unit in document["composite"]["units"]
        for step in unit["indicators"]
    ]
    columns = (
        Column("unit", _("单位代码")),
        Column("indicator", _("指标代码")),
        Column("evidence", _("证据类别")),
        Column("status", _("状态")),
        Column("raw", _("原值"), "number", 6),
        Column("standard_error", _("标准误"), "number", 6),
        Column("treated", _("处理异常值后"), "number", 6),
        Column("normalised", _("折算分"), "number", 6),
        Column("filled", _("缺值处理")),
        Column("effective_weight", _("权数"), "number", 6),
        Column("contribution", _("计入得分"), "number", 6),
    )
    return Table(_("指标值"), columns, tuple(rows))


def _score_row(
    unit: Document, simulated: Document | None, place: Document | None, language: Language
) -> tuple[Cell, ...]:
    interval = (simulated or {}).get("score_interval") or (None, None)
    in_type = (simulated or {}).get("in_type") or {}
    sets = (place or {}).get("simultaneous") or {}
    grade, because = unit["grade"], unit["unranked_because"]
    return (
        unit["unit"],
        unit["region_type"],
        unit["gross"],
        unit["deduction"],
        unit["bonus"],
        unit["final"],
        unit["standard_error"]["value"],
        interval[0],
        interval[1],
        unit["rank_in_type"],
        in_type.get("low"),
        in_type.get("high"),
        sets.get("low"),
        sets.get("high"),
        (place or {}).get("tier"),
        grade["grade"] if grade else "",
        grade["reason"][language] if grade else "",
        because[language] if because else "",
    )


def _by_unit(entries: Any) -> dict[str, Document]:
    return dict(_pairs(entries))


def _pairs(entries: Any) -> Iterator[tuple[str, Document]]:
    for entry in entries:
        yield entry["unit"], entry
