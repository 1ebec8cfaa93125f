"""The published scores of an assessment, ready to be laid out: from document and plan to words.

Within a region type units stand tier by tier, and inside a tier in the official order: an
order by score would claim a ranking that the tier says nobody can make. Every place is shown
with the places that the survey's error leaves open.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.documents.charts.interval_chart import ChartRow, IntervalChart, RowKind
from app.documents.scores.composites import Naming, UnitComposite, read_composite
from app.documents.scores.yearly_changes import YearlyChange, read_change
from app.documents.wording import interval, percent, translator
from app.scoring.explanation.perception import ADVICE
from app.survey.assessment import AssessmentPlan
from app.survey.text import Language

Document = Mapping[str, Any]
GAPS_SHOWN = 3
LEAST_SHOWN = 0.01
ALONE = 2
"""Ranked units without which there is nothing to tell apart."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One shortfall against the best of the type, in words and figures."""

    indicator: str
    own: float
    reference: float
    of: str
    gain: float
    place: str
    doubt: str


@dataclass(frozen=True, slots=True)
class Perceived:
    """What is counted beside what is felt, for one subject."""

    name: str
    objective: float | None
    subjective: float | None
    gap: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """What may move places, and how much of their movement hangs on it (total Sobol index)."""

    name: str
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class UnitPage:
    """One unit, whole."""

    composite: UnitComposite
    tier: int | None
    set_low: int | None
    set_high: int | None
    score_interval: tuple[float, float] | None
    uncertainty: str
    simulated: str
    chances: str
    sentences: tuple[str, ...]
    gaps: tuple[Gap, ...]
    change: YearlyChange | None
    perceived: tuple[Perceived, ...]


@dataclass(frozen=True, slots=True)
class TypePage:
    """The units of one region type."""

    name: str
    sentence: str
    units: tuple[UnitPage, ...]
    chart: IntervalChart


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """All types, and what holds for all of them."""

    title: str
    system: str
    document: str
    note: str
    level: float
    confidence: float
    types: tuple[TypePage, ...]
    decided: str
    """What the places hang on most: survey, weights, or methods."""
    doubts: tuple[Doubt, ...]
    """All of these, the largest first; none where nothing was varied."""
    warnings: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def is_sum(self) -> bool:
        """Whether every score is the sum of its lines."""
        units = (unit.composite for kind in self.types for unit in kind.units)
        return all(unit.is_sum for unit in units if unit.gross is not None)


def read_assessment(
    document: Document, plan: AssessmentPlan, language: Language
) -> AssessmentPage:
    """Read a scoring's document with the names of its plan."""
    naming = Naming(language, {unit.code: unit.name[language] for unit in plan.units})
    reading = read_composite(document, naming)
    if reading is None:
        raise ValueError("a scoring has scores")
    reader = _Reader(document, naming, {unit.code: unit for unit in reading.units})
    system = document["system"]
    uncertainty = system["uncertainty"]
    return AssessmentPage(
        title=plan.title[language],
        system=reading.title,
        document=reading.document,
        note=plan.note[language] if plan.note else reading.note,
        level=uncertainty["level"],
        confidence=uncertainty["confidence"],
        types=tuple(reader.types(plan)),
        decided=reader.decided(),
        doubts=reader.doubts(),
        warnings=tuple(reader.problem(one) for one in document["analysis"]["warnings"]),
        left_out=tuple(naming.say(one["because"]) for one in document["analysis"]["left_out"]),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """A document, its names, and the scores written out."""

    document: Document
    naming: Naming
    composites: Mapping[str, UnitComposite]

    @property
    def analysis(self) -> Document:
        return self.document["analysis"]

    def types(self, plan: AssessmentPlan) -> Iterator[TypePage]:
        order = {unit.code: position for position, unit in enumerate(plan.units)}
        for kind in self.document["system"]["types"]:
            pages = [
                self._unit(entry)
                for entry in self.document["composite"]["units"]
                if entry["region_type"] == kind["code"]
            ]
            if pages:
                pages.sort(key=lambda page: (page.tier or 10**6, order[page.composite.code]))
                name = self.naming.say(kind["name"])
                yield TypePage(
                    name, self._type_sentence(pages), tuple(pages), self._chart(name, pages)
                )

    def problem(self, found: Document) -> str:
        """A hint in the reader's language."""
        if self.naming.language == "zh-Hans" and found["chinese"]:
            return str(found["chinese"])
        return " ".join((found["place"] + ":", found["message"] + ".", found["cure"]))

    def doubts(self) -> tuple[Doubt, ...]:
        """What was varied together, with the share of the ranks' movement that hangs on it."""
        _ = translator(self.naming.language)
        found = self.analysis["sensitivity"]
        if not found or found["rank_shift"] is None:
            return ()
        names = {
            "survey_error": _("抽样误差"),
            "weights": _("权数"),
            "normalise": _("归一化方法"),
            "aggregate": _("合成方法"),
            "missing": _("缺值规则"),
        }
        pairs = zip(found["inputs"], found["rank_shift"]["total"], strict=True)
        given = [
            Doubt(names[name], one["value"], one["low"], one["high"]) for name, one in pairs
        ]
        return tuple(sorted(given, key=lambda doubt: -doubt.share))

    def decided(self) -> str:
        """Which doubts move the ranks most, by the ranges of their total Sobol indices."""
        _ = translator(self.naming.language)
        doubts = self.doubts()
        if not doubts or doubts[0].share <= 0:
            return ""
        # Those that the sample of scorings cannot tell from the largest are named with it.
        causes = [doubt.name for doubt in doubts if doubt.high >= doubts[0].low]
        return _("把抽样误差和各种可选方法都当作不确定，名次的变动主要来自{cause}。").format(
            cause=_("、").join(causes)
        )

    def _unit(self, entry: Document) -> UnitPage:
        code = entry["unit"]
        simulated = _found(self.analysis["simulation"] or {}, "units", code)
        place = next(
            (
                one
                for table in self.analysis["places"]
                if table["region_type"] == entry["region_type"]
                for one in table["places"]
                if one["unit"] == code
            ),
            None,
        )
        said = _found(self.analysis, "sentences", code)
        interval_ends = (simulated or {}).get("score_interval")
        return UnitPage(
            composite=self.composites[code],
            tier=place["tier"] if place else None,
            set_low=place["simultaneous"]["low"] if place else None,
            set_high=place["simultaneous"]["high"] if place else None,
            score_interval=(interval_ends[0], interval_ends[1]) if interval_ends else None,
            uncertainty=self._uncertainty(self.composites[code], interval_ends),
            simulated=self._simulated(simulated),
            chances=self._chances(simulated),
            sentences=tuple(self.naming.say(one) for one in (said or {}).get("sentences", ())),
            gaps=tuple(self._gaps(code)),
            change=self._change(code),
            perceived=tuple(self._perceived(code)),
        )

    def _simulated(self, simulated: Document | None) -> str:
        in_type = (simulated or {}).get("in_type")
        if not in_type:
            return ""
        ends = [f"{in_type[end]:g}" for end in ("low", "high")]
        text = ends[0] if ends[0] == ends[1] else "–".join(ends)
        near = in_type["low_near_a_cut"] or in_type["high_near_a_cut"]
        return f"{text} (±1)" if near else text

    def _chances(self, simulated: Document | None) -> str:
        _ = translator(self.naming.language)
        in_type = (simulated or {}).get("in_type")
        tops = in_type["top"] if in_type else ()
        return _("；").join(
            (
                _("居同类第 1 名的概率 {p}")
                if top["k"] == 1
                else _("进入同类前 {k} 名的概率 {p}")
            ).format(k=top["k"], p=_probability(top["probability"]))
            for top in tops
        )

    def _uncertainty(self, unit: UnitComposite, ends: Sequence[float] | None) -> str:
        """The interval that the chart draws, in words; else why there is none."""
        _ = translator(self.naming.language)
        if unit.is_band or unit.final is None or not ends or ends[0] == ends[1]:
            return unit.uncertainty
        level = percent(self.document["system"]["uncertainty"]["level"], decimals=0)
        found = interval(*ends, decimals=2)
        text = _("{level} 模拟区间 {interval}（只含抽样误差）")
        return text.format(level=level, interval=found)

    def _type_sentence(self, pages: Sequence[UnitPage]) -> str:
        """How many tiers can be told apart, and who is in the first."""
        _ = translator(self.naming.language)
        ranked = [page for page in pages if page.tier is not None]
        if not ranked:
            return _("这些单位都没有名次，不作比较。")
        if len(ranked) < ALONE:
            return _("只有一个单位有名次，没有可比的单位。")
        tiers = max(page.tier or 0 for page in ranked)
        first = _("、").join(page.composite.name for page in ranked if page.tier == 1)
        if tiers == 1:
            return _("没有一个单位能与得分最高的分出高低。")
        return _("可分为 {n} 档；第一档：{units}。").format(n=tiers, units=first)

    def _chart(self, name: str, pages: Sequence[UnitPage]) -> IntervalChart:
        _ = translator(self.naming.language)
        rows = []
        for page in pages:
            unit, ends = page.composite, page.score_interval
            if unit.final is None:
                rows.append(ChartRow(unit.name, None, note=unit.places, kind="withheld"))
                continue
            note = self._places(page)
            low, high = ends or (None, None)
            if unit.is_band:
                low, high = unit.low, unit.high
            kind: RowKind = "band" if unit.is_band and low is not None else "interval"
            rows.append(ChartRow(unit.name, unit.final, low, high, note=note, kind=kind))
        return IntervalChart(
            rows=tuple(rows),
            sentence=_("{type}：综合得分").format(type=name),
            axis_title=_("综合得分"),
            decimals=2,
            confidence=self.document["system"]["uncertainty"]["level"],
        )

    def _places(self, page: UnitPage) -> str:
        _ = translator(self.naming.language)
        if page.set_low is None or page.set_high is None:
            return page.composite.grade
        places = (
            f"{page.set_low}"
            if page.set_low == page.set_high
            else f"{page.set_low}–{page.set_high}"
        )
        words = _("第 {places} 名").format(places=places)
        return " · ".join(filter(None, (words, page.composite.grade)))

    def _gaps(self, code: str) -> Iterator[Gap]:
        _ = translator(self.naming.language)
        found = _found(self.analysis, "shortfalls", code) or {"gaps": ()}
        behind = [
            gap
            for gap in found["gaps"]
            if gap["against"] == "best_of_type" and gap["gain"] > 1e-9
        ]
        for gap in behind[:GAPS_SHOWN]:
            doubt = _("差距在抽样误差内") if gap["within_survey_error"] else ""
            place = gap["rank_in_type"]
            yield Gap(
                indicator=self._indicator(gap["indicator"]),
                own=gap["own"],
                reference=gap["reference"],
                of=self.naming.units.get(gap["reference_unit"], ""),
                gain=gap["gain"],
                place="" if place is None else f"{place:g}",
                doubt=doubt,
            )

    def _change(self, code: str) -> YearlyChange | None:
        found = _found(self.analysis["change"] or {}, "units", code)
        if found is None:
            return None
        return read_change(found, self._indicator, self.naming.language)

    def _perceived(self, code: str) -> Iterator[Perceived]:
        _ = translator(self.naming.language)
        names = {one["code"]: one["name"] for one in self.document["system"]["perception_gaps"]}
        for pair in self.analysis["perception"]:
            unit = _found(pair, "units", code)
            if unit is None:
                continue
            words = unit["because"]
            if unit["quadrant"] is not None:
                words = ADVICE[unit["quadrant"]].model_dump(by_alias=True)
            text = self.naming.say(words)
            if unit["within_survey_error"]:
                text += _("（落差在抽样误差内）")
            yield Perceived(
                self.naming.say(names[pair["pair"]]),
                unit["objective"],
                unit["subjective"],
                unit["gap"],
                text,
            )

    def _indicator(self, code: str) -> str:
        cards = self.document["system"]["indicators"]
        return next((self.naming.say(c["name"]) for c in cards if c["code"] == code), code)


def place_words(page: UnitPage) -> str:
    """The rank set of a unit, `2–4`, or a dash."""
    if page.set_low is None:
        return "–"
    same = page.set_low == page.set_high
    return f"{page.set_low}" if same else f"{page.set_low}–{page.set_high}"


def _probability(share: float) -> str:
    """Draws never show that something is sure, or impossible."""
    if share < LEAST_SHOWN:
        return "<1%"
    return ">99%" if share > 1 - LEAST_SHOWN else f"{share:.0%}"


def _found(holder: Document, key: str, unit: str) -> Document | None:
    """The entry of one unit in a list of a document."""
    return next((one for one in holder.get(key, ()) if one["unit"] == unit), None)
