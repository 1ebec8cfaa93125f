"""What the numbers say of a unit, in a few sentences made from them and nothing else.

Where it stands and why: the distance to the best of its type with the classes that make it,
what deductions took and what a cap swallowed, what a veto did, the gap whose closing gains
most and whether the survey could tell it from chance, and the change since last year.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.scoring.explanation.change import Change, UnitChange
from app.scoring.explanation.distance import limit_of, standing_of
from app.scoring.explanation.figures import NOTICEABLE, figure, sentence, signed
from app.scoring.explanation.precision import NORMAL_95
from app.scoring.explanation.shortfalls import Shortfall, UnitShortfalls
from app.scoring.index import Scoring
from app.scoring.steps.adjustment import Capped, Kind, Ledger
from app.scoring.steps.standing import strictest_veto
from app.survey.text import Text


@dataclass(frozen=True, slots=True)
class UnitSentences:
    """What is said of one unit."""

    unit: str
    sentences: tuple[Text, ...]


def sentences(
    scoring: Scoring, gaps: Sequence[UnitShortfalls], changes: Change | None = None
) -> tuple[UnitSentences, ...]:
    """The sentences of every unit, as given; `gaps` are those of `shortfalls`."""
    by_unit = {one.unit: one for one in gaps}
    moved = {one.unit: _change(one) for one in changes.units} if changes else {}
    not_compared = {one.unit: one.because for one in changes.not_compared} if changes else {}
    found = []
    for row, unit in enumerate(scoring.workings.inputs.units):
        said = [*_of_unit(scoring, row, by_unit.get(unit.code))]
        if unit.code in moved:
            said.append(moved[unit.code])
        elif unit.code in not_compared and not np.isnan(scoring.finals[row]):
            why = not_compared[unit.code]
            zh, en = f"不与上年比较：{why.zh}。", f"No comparison with last year: {why.en}."
            said.append(Text(zh=zh, en=en))
        found.append(UnitSentences(unit.code, tuple(said)))
    return tuple(found)


def _of_unit(scoring: Scoring, row: int, gaps: UnitShortfalls | None) -> Iterator[Text]:
    if np.isnan(scoring.finals[row]):
        why = scoring.outcome.standings[row].unranked_because
        yield Text(
            zh=f"没有总分：{why.zh}。" if why else "没有总分。",
            en=f"There is no score: {why.en}." if why else "There is no score.",
        )
        return
    yield standing_of(scoring, row)
    yield from _ledger(scoring, row)
    yield from _veto(scoring, row)
    if gaps is not None:
        yield from _gaps(scoring, row, gaps)


def _ledger(scoring: Scoring, row: int) -> Iterator[Text]:
    """What was taken, given, swallowed by a cap, and held by floor or ceiling."""
    ledger = scoring.ledgers[row]
    taken, given = ledger.deduction.total.counted, ledger.bonus.total.counted
    lost, limit = ledger.bonus_lost_to_veto, limit_of(scoring, row)
    spared, withheld = (_swallowed(ledger, kind) for kind in ("deduct", "bonus"))
    told = [
        (taken, f"扣 {figure(taken)} 分", f"{figure(taken)} deducted"),
        (
            spared,
            f"另有 {figure(spared)} 分因封顶未扣",
            f"caps spared it {figure(spared)} more",
        ),
        (given - lost, f"加 {figure(given - lost)} 分", f"{figure(given - lost)} added"),
        (
            withheld,
            f"另有 {figure(withheld)} 分因封顶未加",
            f"caps kept {figure(withheld)} more from it",
        ),
        (lost, f"因否决不计加分 {figure(lost)} 分", f"a veto took its bonus of {figure(lost)}"),
        (limit, "低于下限，按下限计分", "the floor holds the score"),
        (-limit, "超过上限，按上限计分", "the ceiling holds the score"),
    ]
    said = [(zh, en) for points, zh, en in told if points >= NOTICEABLE]
    if said:
        yield Text(
            zh="，".join(zh for zh, _ in said) + "。",
            en=sentence(", ".join(en for _, en in said)),
        )


def _swallowed(ledger: Ledger, kind: Kind) -> float:
    """What the caps of items, families and of all swallowed of one kind."""
    whole = ledger.deduction if kind == "deduct" else ledger.bonus
    caps: list[Capped] = [item.total for item in ledger.items if item.kind == kind]
    return sum(cap.swallowed for cap in (*caps, *whole.families, whole.total))


def _veto(scoring: Scoring, row: int) -> Iterator[Text]:
    """Which veto limits the grade, and whether it lowered it."""
    system, given = scoring.system, scoring.outcome.standings[row].grade
    veto = strictest_veto(system, scoring.ledgers[row])
    if veto is None or system.grade is None or system.adjustments is None:
        return
    grades = {grade.grade: grade.name for grade in system.grade.scale}
    item = next(one.name for one in system.adjustments.items if one.code == veto.item)
    best = grades[veto.max_grade]
    zh = f"触发否决项“{item.zh}”，等级最高为“{best.zh}”"
    en = f"{item.en} vetoes any grade above {best.en}"
    if given is not None and given.vetoed_by is not None:
        zh += f"，原应为“{grades[given.without_veto].zh}”"
        en += f"; it would have been {grades[given.without_veto].en}"
    yield Text(zh=zh + "。", en=sentence(en))


def _gaps(scoring: Scoring, row: int, gaps: UnitShortfalls) -> Iterator[Text]:
    """The gap whose closing gains most; where chance could have made it, a surer one too."""
    behind = [gap for gap in gaps.against("best_of_type") if gap.gain >= NOTICEABLE]
    if not behind:
        return
    yield _gap(scoring, row, behind[0], Text(zh="最大短板是", en="its largest shortfall is"))
    if behind[0].within_survey_error:
        surer = [gap for gap in behind if not gap.within_survey_error]
        called = Text(zh="能认定的最大短板是", en="the largest that chance does not explain is")
        yield from (_gap(scoring, row, gap, called) for gap in surer[:1])


def _gap(scoring: Scoring, row: int, gap: Shortfall, called: Text) -> Text:
    name = next(c.name for c in scoring.system.indicators if c.code == gap.indicator)
    gain = figure(gap.gain)
    zh = f"{called.zh}“{name.zh}”：补到同类最好可增 {gain} 分"
    en = f"{called.en} {name.en}: reaching the best of the type would add {gain}"
    own = scoring.outcome.standings[row].rank_in_type
    if gap.rank_in_type is not None and own is not None and gap.rank_in_type < own:
        zh += f"，名次升至同类第 {gap.rank_in_type:g}"
        en += f" and give place {gap.rank_in_type:g} of the type"
    if gap.within_survey_error and gap.error is not None:
        limit, apart = figure(NORMAL_95 * gap.error), figure(gap.reference - gap.own)
        zh += f"；但 {apart} 分的差距没有超出抽样误差（±{limit} 分），暂不能认定"
        en += f"; but a gap of {apart} is within the survey's error (±{limit})"
    return Text(zh=zh + "。", en=sentence(en))


def _change(change: UnitChange) -> Text:
    """What made the score another than last year."""
    moved = change.difference
    effects = {
        ("指标值", "values"): change.value,
        ("权数", "weights"): change.weight,
        ("界限与方法", "bounds and methods"): change.bounds,
        ("扣分", "deductions"): change.deduction,
        ("加分", "bonuses"): change.bonus,
        ("上下限", "floor and ceiling"): change.limit,
    }
    named = {words: by for words, by in effects.items() if abs(by) >= NOTICEABLE}
    if abs(moved) < NOTICEABLE:
        zh, en = "与上年持平", "the same as last year"
    else:
        zh = f"比上年{'高' if moved > 0 else '低'} {figure(abs(moved))} 分"
        en = f"{figure(abs(moved))} {'above' if moved > 0 else 'below'} last year"
    if named:
        zh += "：" + "、".join(f"{words[0]} {signed(by)}" for words, by in named.items())
        en += ": " + ", ".join(f"{words[1]} {signed(by)}" for words, by in named.items())
    if change.within_survey_error and abs(moved) >= NOTICEABLE:
        zh += "；没有超出抽样误差，不能说是变好或变差"
        en += "; that is within the survey's error: neither better nor worse"
    return Text(zh=zh + "。", en=sentence(en))
