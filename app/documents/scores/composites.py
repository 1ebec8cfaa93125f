"""The composite score of a unit, written out: every step from raw value to grade, in words.

Takes the ``composite`` part of a document, of a round or of an assessment, and the indicator
system beside it, which gives codes their words. Nothing is computed but the places a unit may
hold: those that the intervals of the others leave open, and only where every unit of its type
has an interval.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.documents.wording import interval, measured, percent, points, series_names, translator
from app.scoring.definition.system import IndicatorSystem
from app.survey.text import Language

Document = Mapping[str, Any]
NORMAL_95 = 1.959963984540054
"""Quantile of the normal distribution for an interval of 95 %."""
EXACT = 1e-6
"""Documents keep twelve digits; what is left below this is not a point of anybody."""


@dataclass(frozen=True, slots=True)
class Step:
    """One indicator: weight × normalised score = contribution; texts are ready to print."""

    name: str
    evidence: str
    raw: str
    uncertainty: str
    normalised: float | None
    weight: float
    contribution: float | None
    note: str


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One item of the ledger: what happened, how often, on what evidence, for how much."""

    name: str
    count: int | None
    """None where the line is a rule's and no event's."""
    evidence: str
    points: float
    """Negative for a deduction."""


@dataclass(frozen=True, slots=True)
class UnitComposite:
    """The composite score of one unit, ready to be laid out."""

    code: str
    name: str
    region_type: str
    steps: tuple[Step, ...]
    gross: float | None
    ledger: tuple[LedgerLine, ...]
    caps: tuple[str, ...]
    """What a cap swallowed, and events that do not count (yet), in words."""
    deduction: float
    bonus: float
    final: float | None
    low: float | None
    high: float | None
    uncertainty: str
    """What `low` and `high` are, or why there are none."""
    is_band: bool
    places: str
    grade: str
    grade_reason: str
    opt_in: str

    @property
    def is_sum(self) -> bool:
        """Whether the contributions of the steps add up to the score before the ledger."""
        parts = [step.contribution for step in self.steps]
        known = [part for part in parts if part is not None]
        whole = self.gross is not None and len(known) == len(parts)
        return whole and abs(sum(known) - (self.gross or 0.0)) < EXACT


@dataclass(frozen=True, slots=True)
class CompositeReading:
    """The composite scores of a round under a system."""

    title: str
    note: str
    document: str
    units: tuple[UnitComposite, ...]


@dataclass(frozen=True, slots=True)
class Naming:
    """The language of a reader, and what units are called in it."""

    language: Language
    units: Mapping[str, str]

    def say(self, text: Mapping[str, str]) -> str:
        """A text of a document in this language."""
        return text[self.language]


def read_composite(document: Document, naming: Naming) -> CompositeReading | None:
    """Write out the composite scores of a document; None where it has none."""
    composite = document["composite"]
    if composite is None:
        return None
    system = IndicatorSystem.model_validate_json(json.dumps(document["system"]))
    reader = _Reader(naming, system)
    return CompositeReading(
        title=system.title[naming.language],
        note=system.note[naming.language] if system.note else "",
        document=system.effective.document[naming.language],
        units=tuple(reader.unit(entry, composite["units"]) for entry in composite["units"]),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """The words of a system in the language of its reader."""

    naming: Naming
    system: IndicatorSystem

    @property
    def language(self) -> Language:
        return self.naming.language

    def unit(self, entry: Document, everybody: Sequence[Document]) -> UnitComposite:
        ends, uncertainty, is_band = self._uncertainty(entry)
        grade = entry["grade"]
        return UnitComposite(
            code=entry["unit"],
            name=self.naming.units.get(entry["unit"], entry["unit"]),
            region_type=self._name(self.system.types, entry["region_type"]),
            steps=tuple(self._step(step) for step in entry["indicators"]),
            gross=entry["gross"],
            ledger=tuple(self._lines(entry)),
            caps=tuple(self._caps(entry["ledger"])),
            deduction=entry["deduction"],
            bonus=entry["bonus"],
            final=entry["final"],
            low=ends[0] if ends else None,
            high=ends[1] if ends else None,
            uncertainty=uncertainty,
            is_band=is_band,
            places=self._places(entry, everybody),
            grade=self._grade(grade["grade"]) if grade else "",
            grade_reason=self.naming.say(grade["reason"]) if grade else "",
            opt_in=self._opt_in(entry["opt_in"]),
        )

    def _step(self, step: Document) -> Step:
        _ = translator(self.language)
        card = next(card for card in self.system.indicators if card.code == step["indicator"])
        uncertainty = ""
        if step["band"]:
            uncertainty = _("敏感性范围 {band}").format(band=interval(*step["band"]))
        elif step["standard_error"] is not None:
            error = points(step["standard_error"], decimals=2)
            uncertainty = _("标准误 {error}").format(error=error)
        status = {"missing": _("缺值"), "not_applicable": _("不适用，权数分给其余")}
        note = status.get(step["status"], "")
        if step["filled"]:
            note = _("缺值，按规则补分")
        return Step(
            name=card.name[self.language],
            evidence=self._evidence(step["evidence"]),
            raw=self._raw(step["raw"], card.unit[self.language]),
            uncertainty=uncertainty,
            normalised=step["normalised"],
            weight=step["effective_weight"],
            contribution=step["contribution"],
            note=note,
        )

    def _raw(self, value: float | None, unit: str) -> str:
        if value is None:
            return ""
        return f"{measured(value)} {unit}".strip()

    def _lines(self, entry: Document) -> Iterator[LedgerLine]:
        """What leads from the sum to the final score, so that the lines add up to it."""
        lines = [self._line(item) for item in entry["ledger"]["items"]]
        lines += self._spared(entry["ledger"])
        yield from lines
        if entry["final"] is None or entry["gross"] is None:
            return
        rest = entry["final"] - entry["gross"] - sum(line.points for line in lines)
        if abs(rest) > EXACT:
            _ = translator(self.language)
            name = _("得分的下限") if rest > 0 else _("得分的上限")
            yield LedgerLine(name, None, "", rest)

    def _spared(self, ledger: Document) -> Iterator[LedgerLine]:
        """Points of items that count no more under the cap of a family or of all."""
        _ = translator(self.language)
        families = self.system.adjustments.families if self.system.adjustments else ()
        names = {"deduction": _("封顶，少扣"), "bonus": _("封顶，少加")}
        for kind, sign in (("deduction", 1), ("bonus", -1)):
            for one in ledger[kind]["families"]:
                if one["swallowed"]:
                    family = self._name(families, one["code"])
                    yield LedgerLine(names[kind], None, family, sign * one["swallowed"])
            total = ledger[kind]["total"]["swallowed"]
            if total:
                yield LedgerLine(names[kind], None, _("合计封顶"), sign * total)
        if ledger["bonus_lost_to_veto"]:
            lost = -ledger["bonus_lost_to_veto"]
            yield LedgerLine(_("一票否决，加分不计"), None, "", lost)

    def _line(self, item: Document) -> LedgerLine:
        rules = self.system.adjustments
        known = rules.items if rules else ()
        sign = -1 if item["kind"] == "deduct" else 1
        return LedgerLine(
            name=self._name(known, item["item"]),
            count=item["count"],
            evidence="; ".join(item["evidence"]),
            points=sign * item["total"]["counted"],
        )

    def _caps(self, ledger: Document) -> list[str]:
        _ = translator(self.language)
        capped = [item["total"] for item in ledger["items"]]
        for kind in ("deduction", "bonus"):
            capped += [*ledger[kind]["families"], ledger[kind]["total"]]
        told = [
            _("封顶：{points} 分只计 {counted} 分").format(
                points=points(one["points"], decimals=2),
                counted=points(one["counted"], decimals=2),
            )
            for one in capped
            if one["swallowed"]
        ]
        status = {"pending": _("待核实"), "overturned": _("已撤销")}
        rules = self.system.adjustments
        for event in ledger["not_counted"]:
            name = self._name(rules.items if rules else (), event["item"])
            text = _("{name}（{status}）不计分").format(
                name=name, status=status[event["status"]]
            )
            told.append(text)
        return told

    def _uncertainty(self, entry: Document) -> tuple[tuple[float, float] | None, str, bool]:
        """The ends to draw, what they are, and whether they are a sensitivity band."""
        _ = translator(self.language)
        if entry["opt_in"] is not None:
            band = entry["final_band"]
            if band is None:
                return None, self.naming.say(entry["band"]["note"]), True
            text = _("敏感性范围 {band}（含自愿扫码，不是误差范围）")
            return (band[0], band[1]), text.format(band=interval(*band, decimals=2)), True
        half = _half_width(entry)
        if half is None:
            return None, self.naming.say(entry["standard_error"]["note"]), False
        low, high = entry["final"] - half, entry["final"] + half
        text = _("95% 区间 {interval}（只含抽样误差）")
        return (low, high), text.format(interval=interval(low, high, decimals=2)), False

    def _places(self, entry: Document, everybody: Sequence[Document]) -> str:
        """Which places the intervals leave open in the region type; or why there is none."""
        _ = translator(self.language)
        if entry["unranked_because"] is not None:
            return self.naming.say(entry["unranked_because"])
        peers = [one for one in everybody if one["region_type"] == entry["region_type"]]
        if any(one["opt_in"] is not None for one in peers):
            return _("同类中有得分含自愿扫码数据，不给名次")
        halves = {one["unit"]: _half_width(one) for one in peers}
        if any(half is None for half in halves.values()):
            return _("同类中有得分没有误差，不给名次")
        best, worst = _open_places(entry, peers, halves)
        among = (
            _("同类 {n} 个中第 {best} 名")
            if best == worst
            else _("同类 {n} 个中第 {best}–{worst} 名")
        )
        return among.format(n=len(peers), best=best, worst=worst)

    def _opt_in(self, part: Document | None) -> str:
        _ = translator(self.language)
        if part is None:
            return ""
        return _("其中 {share} 的权数来自自愿扫码的回答。").format(
            share=percent(part["effective_weight"])
        )

    def _evidence(self, evidence: str) -> str:
        return series_names(translator(self.language)).get(evidence, evidence)

    def _grade(self, code: str) -> str:
        scale = self.system.grade.scale if self.system.grade else ()
        return next((g.name[self.language] for g in scale if g.grade == code), code)

    def _name(self, known: Sequence[Any], code: str) -> str:
        return next((one.name[self.language] for one in known if one.code == code), code)


def _half_width(entry: Document) -> float | None:
    error = entry["standard_error"]["value"]
    return None if error is None or entry["final"] is None else NORMAL_95 * error


def _open_places(
    entry: Document, peers: Sequence[Document], halves: Mapping[str, float | None]
) -> tuple[int, int]:
    """Places that intervals without overlap leave open: 1 + better, n − worse."""
    own, half = entry["final"], halves[entry["unit"]] or 0.0
    better = sum(one["final"] - (halves[one["unit"]] or 0.0) > own + half for one in peers)
    worse = sum(one["final"] + (halves[one["unit"]] or 0.0) < own - half for one in peers)
    return 1 + better, len(peers) - worse
