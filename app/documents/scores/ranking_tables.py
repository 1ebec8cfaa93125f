"""The ranking table and the list of shortfalls of a scoring, as sheets to print and pass on.

Units stand as on the page of scores: by region type, within it tier by tier, inside a tier in
the official order. Beside every place stand the places that the survey's error leaves open.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from app.documents.paper_workbooks import PaperSheet
from app.documents.scores.assessment_page import (
    AssessmentPage,
    TypePage,
    UnitPage,
    place_words,
    read_assessment,
)
from app.documents.wording import calendar_day, percent, translator
from app.documents.workbooks import Cell, Column, Table
from app.survey.assessment import AssessmentPlan
from app.survey.text import Language

Document = Mapping[str, Any]
LEAST_GAIN = 1e-9
"""A gap that gains less is none."""


def ranking_sheets(
    document: Document, plan: AssessmentPlan, language: Language
) -> tuple[PaperSheet, ...]:
    """The ranking table, and a sheet that says how it is to be read."""
    page = read_assessment(document, plan, language)
    ranked = {unit["unit"]: unit["rank_in_type"] for unit in document["composite"]["units"]}
    return (_ranking(page, plan, ranked, language), _reading(document, page, language))


def shortfall_sheets(
    document: Document, plan: AssessmentPlan, language: Language
) -> tuple[PaperSheet, ...]:
    """The list of shortfalls against the best of the type, and how it is to be read."""
    page = read_assessment(document, plan, language)
    return (
        _shortfalls(document, page, plan, language),
        _reading(document, page, language),
    )


def _ranking(
    page: AssessmentPage,
    plan: AssessmentPlan,
    ranked: Mapping[str, float | None],
    language: Language,
) -> PaperSheet:
    _ = translator(language)
    rows = tuple(
        _ranking_row(kind, unit, ranked.get(unit.composite.code), language)
        for kind in page.types
        for unit in kind.units
    )
    return PaperSheet(
        _("{title}：排名表").format(title=page.title),
        Table(_("排名表"), _ranking_columns(page, language), rows),
        notes=(
            _about(page, plan, language),
            _(
                "先看档和名次范围：同一档的单位分不出高下，按官方顺序排；范围以内的差别不是名次。"
            ),
        ),
        bars=frozenset({"final"}),
        grouped_by=0,
        frozen=3,
    )


def _ranking_columns(page: AssessmentPage, language: Language) -> tuple[Column, ...]:
    _ = translator(language)
    level = percent(page.level, decimals=0)
    return (
        Column("region_type", _("地区类型")),
        Column("tier", _("档"), "count"),
        Column("unit", _("单位")),
        Column("final", _("最后得分"), "number", 2),
        Column("score_low", _("得分 {level} 区间：下限").format(level=level), "number", 2),
        Column("score_high", _("得分 {level} 区间：上限").format(level=level), "number", 2),
        Column("places", _("同类名次范围")),
        Column("rank", _("按得分的同类名次"), "number", 1),
        Column("simulated", _("模拟名次区间")),
        Column("grade", _("等次")),
        Column("deduction", _("扣分"), "number", 2),
        Column("bonus", _("加分"), "number", 2),
        Column("change", _("比上一年"), "number", 2),
        Column("note", _("说明")),
    )


def _ranking_row(
    kind: TypePage, page: UnitPage, rank: float | None, language: Language
) -> tuple[Cell, ...]:
    _, unit = translator(language), page.composite
    low, high = page.score_interval or (None, None)
    if unit.is_band:
        low, high = unit.low, unit.high
    band = _("区间是敏感性范围，不是误差") if unit.is_band else ""
    note = _("；").join(filter(None, (_why_unranked(page), band, *unit.caps)))
    return (
        kind.name,
        page.tier,
        unit.name,
        unit.final,
        low,
        high,
        place_words(page),
        rank if page.set_low is not None else None,
        page.simulated,
        unit.grade,
        unit.deduction,
        unit.bonus,
        page.change.difference if page.change else None,
        note,
    )


def _why_unranked(page: UnitPage) -> str:
    return page.composite.places if page.set_low is None else ""


def _shortfalls(
    document: Document, page: AssessmentPage, plan: AssessmentPlan, language: Language
) -> PaperSheet:
    _ = translator(language)
    columns = (
        Column("region_type", _("地区类型")),
        Column("unit", _("单位")),
        Column("indicator", _("指标")),
        Column("own", _("本单位折算分"), "number", 2),
        Column("best", _("同类最好"), "number", 2),
        Column("best_unit", _("最好的单位")),
        Column("median", _("同类中位"), "number", 2),
        Column("gain", _("补上差距可得"), "number", 2),
        Column("final", _("补上后的得分"), "number", 2),
        Column("rank", _("补上后的同类名次"), "number", 1),
        Column("doubt", _("能否断定")),
        Column("office", _("责任单位")),
        Column("deadline", _("期限")),
        Column("state", _("进展")),
    )
    found = {one["unit"]: one["gaps"] for one in document["analysis"]["shortfalls"]}
    names = _Names(document, plan, language)
    rows = tuple(
        row
        for kind in page.types
        for unit in sorted(kind.units, key=lambda one: names.order[one.composite.code])
        for row in names.gap_rows(kind, unit, found.get(unit.composite.code, ()))
    )
    return PaperSheet(
        _("{title}：短板清单").format(title=page.title),
        Table(_("短板清单"), columns, rows),
        notes=(
            _about(page, plan, language),
            _("每个单位按补上差距可得的分从多到少排；“误差以内”的差距可能只是抽样的偶然。"),
            _("后三列空着，由各单位填写。"),
        ),
        bars=frozenset({"own"}),
        grouped_by=1,
        frozen=3,
    )


class _Names:
    """What units and indicators are called, and in which order units stand."""

    def __init__(self, document: Document, plan: AssessmentPlan, language: Language) -> None:
        self.language = language
        self.units = {unit.code: unit.name[language] for unit in plan.units}
        self.order = {unit.code: position for position, unit in enumerate(plan.units)}
        cards = document["system"]["indicators"]
        self.indicators = {card["code"]: card["name"][language] for card in cards}

    def gap_rows(
        self, kind: TypePage, page: UnitPage, gaps: list[Document]
    ) -> Iterator[tuple[Cell, ...]]:
        """The gaps of a unit to the best of its type, the largest gain first."""
        _ = translator(self.language)
        medians = {
            gap["indicator"]: gap["reference"]
            for gap in gaps
            if gap["against"] == "median_of_type"
        }
        doubts = {None: _("不是抽样数据"), True: _("误差以内"), False: _("大于误差")}
        for gap in gaps:
            if gap["against"] != "best_of_type" or gap["gain"] <= LEAST_GAIN:
                continue
            yield (
                kind.name,
                page.composite.name,
                self.indicators.get(gap["indicator"], gap["indicator"]),
                gap["own"],
                gap["reference"],
                self.units.get(gap["reference_unit"], ""),
                medians.get(gap["indicator"]),
                gap["gain"],
                gap["final"],
                gap["rank_in_type"],
                doubts[gap["within_survey_error"]],
                "",
                "",
                "",
            )


def _reading(document: Document, page: AssessmentPage, language: Language) -> PaperSheet:
    _ = translator(language)
    level = percent(page.level, decimals=0)
    confidence = percent(page.confidence, decimals=0)
    lines = (
        (_("指标体系"), page.system),
        (_("依据"), page.document),
        (
            _("名次范围"),
            _("以 {level} 的把握同时包含同类各单位真实的名次。").format(level=confidence),
        ),
        (_("得分区间"), _("{level} 模拟区间，只含抽样误差。").format(level=level)),
        (_("档"), _("相邻两档之间分得出高下；同一档之内分不出。")),
        (_("名次的变动主要来自"), page.decided),
        *((_("提示"), warning) for warning in page.warnings),
        *((_("没有算进来的"), text) for text in page.left_out),
        *((kind.name, kind.sentence) for kind in page.types),
        (_("指标体系 SHA-256"), document["system_digest"]),
        (_("输入 SHA-256"), document["inputs_digest"]),
        (_("随机种子"), str(document["seed"])),
        (_("程序版本"), document["code_version"]),
    )
    columns = (Column("label", _("项目")), Column("text", _("内容")))
    rows = tuple((label, text) for label, text in lines if text)
    return PaperSheet(_("怎样读"), Table(_("怎样读"), columns, rows))


def _about(page: AssessmentPage, plan: AssessmentPlan, language: Language) -> str:
    _ = translator(language)
    period = _("{first}至{last}").format(
        first=calendar_day(plan.period.from_, language),
        last=calendar_day(plan.period.to, language),
    )
    return " · ".join((plan.organiser.name[language], page.system, period))
