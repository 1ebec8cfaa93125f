"""What the numbers say of a unit, in one to four sentences made from them and nothing else.

Where it stands and why: the distance to the best of its type with the classes that make it,
what deductions took and what a cap swallowed, the gap whose closing gains most and whether
the survey could tell it from chance, and the change since last year.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.scoring.definition.cards import is_arithmetic
from app.scoring.explanation.change import Change, UnitChange
from app.scoring.explanation.precision import NORMAL_95, difference_error
from app.scoring.explanation.shortfalls import Shortfall, UnitShortfalls, leader_of
from app.scoring.index import Scoring
from app.survey.text import Text

NOTICEABLE = 0.005
"""Less rounds to nothing in two decimals."""
NAMED = 2
"""Classes named as making a distance."""
ADJUSTMENTS = Text(zh="扣分加分", en="deductions and bonuses")


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
    return tuple(
        UnitSentences(
            unit.code,
            tuple(
                _of_unit(
                    scoring,
                    row,
                    by_unit.get(unit.code),
                    changes.unit(unit.code) if changes else None,
                )
            ),
        )
        for row, unit in enumerate(scoring.workings.inputs.units)
    )


def _of_unit(
    scoring: Scoring, row: int, gaps: UnitShortfalls | None, change: UnitChange | None
) -> Iterator[Text]:
    standing = scoring.outcome.standings[row]
    if np.isnan(scoring.finals[row]):
        why = standing.unranked_because
        yield Text(
            zh=f"没有总分：{why.zh}。" if why else "没有总分。",
            en=f"There is no score: {why.en}." if why else "There is no score.",
        )
        return
    yield _distance(scoring, row)
    yield from _ledger(scoring, row)
    if gaps is not None:
        yield from _gap(scoring, row, gaps.largest("best_of_type", 1))
    if change is not None:
        yield _change(scoring, change)


def _distance(scoring: Scoring, row: int) -> Text:
    """How far the best of the type is, and which classes make the distance."""
    finals, inputs = scoring.finals, scoring.workings.inputs
    peers = np.flatnonzero((inputs.type_of == inputs.type_of[row]) & ~np.isnan(finals))
    own = _number(finals[row])
    if peers.size == 1:
        return Text(
            zh=f"得 {own} 分，同类中只有这一个单位有总分。",
            en=f"It scores {own} and is the only unit of its type with a score.",
        )
    best = leader_of(scoring, peers, finals)
    behind = float(finals[best] - finals[row])
    if behind < NOTICEABLE:
        others = np.sort(finals[peers])[::-1]
        ahead = float(finals[row] - others[1])
        if ahead < NOTICEABLE:
            return Text(zh=f"得 {own} 分，同类并列最高。", en=f"{own}: shares the best score.")
        return Text(
            zh=f"得 {own} 分，同类最高，比第二名高 {_number(ahead)} 分。",
            en=f"{own}: the best of its type, {_number(ahead)} ahead of the second.",
        )
    parts = list(_classes(scoring, row, best))
    gap = _number(behind)
    zh = f"得 {own} 分，比同类最高低 {gap} 分"
    en = f"{own}: {gap} below the best of its type"
    if parts:
        zh += "，其中" + "、".join(f"{name.zh} {_number(by)} 分" for name, by in parts)
        en += ", of which " + ", ".join(f"{name.en} {_number(by)}" for name, by in parts)
    error = difference_error(scoring, row, best)
    if error is not None and behind < NORMAL_95 * error:
        limit = _number(NORMAL_95 * error)
        zh += f"；差距没有超出抽样误差（±{limit} 分），暂不能认定"
        en += f"; that is within the survey's error (±{limit}) and cannot be taken as a fact"
    return Text(zh=zh + "。", en=en + ".")


def _classes(scoring: Scoring, row: int, best: int) -> Iterator[tuple[Text, float]]:
    """What makes a distance: parts below an arithmetic root, and deductions; the largest."""
    system, aggregation = scoring.system, scoring.workings.aggregation
    if not is_arithmetic(system.root.aggregate):
        return
    columns = {card.code: j for j, card in enumerate(system.indicators)}
    shares = aggregation.levels[system.root.code].shares
    lost = []
    for at, part in enumerate(system.children[system.root.code]):
        scores = (
            scoring.workings.completed.scores[:, columns[part.code]]
            if part.code in columns
            else aggregation.levels[part.code].score
        )
        points = np.where(shares[:, at] > 0, shares[:, at] * np.nan_to_num(scores), 0.0)
        lost.append((float(points[best] - points[row]), part.name))
    costs = [scoring.ledgers[at].cost for at in (row, best)]
    lost.append((costs[0] - costs[1], ADJUSTMENTS))
    for by, name in sorted(lost, key=lambda one: -one[0])[:NAMED]:
        if by >= NOTICEABLE:
            yield name, by


def _ledger(scoring: Scoring, row: int) -> Iterator[Text]:
    """What was taken, given, and swallowed by a cap."""
    ledger = scoring.ledgers[row]
    taken = ledger.deduction.total.counted
    given = ledger.bonus.total.counted - ledger.bonus_lost_to_veto
    if taken < NOTICEABLE and given < NOTICEABLE:
        return
    zh, en = [], []
    if taken >= NOTICEABLE:
        zh.append(f"扣 {_number(taken)} 分")
        en.append(f"{_number(taken)} deducted")
    if given >= NOTICEABLE:
        zh.append(f"加 {_number(given)} 分")
        en.append(f"{_number(given)} added")
    swallowed = sum(
        one.swallowed
        for one in (
            *(item.total for item in ledger.items if item.kind == "deduct"),
            *ledger.deduction.families,
            ledger.deduction.total,
        )
    )
    if swallowed >= NOTICEABLE:
        zh.append(f"另有 {_number(swallowed)} 分因封顶未扣")
        en.append(f"caps spared it {_number(swallowed)} more")
    yield Text(zh="，".join(zh) + "。", en=_sentence(", ".join(en)))


def _gap(scoring: Scoring, row: int, gaps: Sequence[Shortfall]) -> Iterator[Text]:
    """The gap whose closing gains most, and whether chance could have made it."""
    for gap in gaps:
        card = next(c for c in scoring.system.indicators if c.code == gap.indicator)
        if gap.gain < NOTICEABLE:
            continue
        gain = _number(gap.gain)
        zh = f"最大短板是“{card.name.zh}”：补到同类最好可增 {gain} 分"
        en = f"Its largest shortfall is {card.name.en}: the best of the type is worth {gain}"
        own = scoring.outcome.standings[row].rank_in_type
        if gap.rank_in_type is not None and own is not None and gap.rank_in_type < own:
            zh += f"，名次升至同类第 {gap.rank_in_type:g}"
            en += f" and place {gap.rank_in_type:g} of the type"
        if gap.within_survey_error and gap.error is not None:
            limit = _number(NORMAL_95 * gap.error)
            apart = _number(gap.reference - gap.own)
            zh += f"；但 {apart} 分的差距没有超出抽样误差（±{limit} 分），暂不能认定"
            en += f"; but a gap of {apart} is within the survey's error (±{limit})"
        yield Text(zh=zh + "。", en=en + ".")


def _change(scoring: Scoring, change: UnitChange) -> Text:
    """What made the score another than last year."""
    moved = change.difference
    if abs(moved) < NOTICEABLE:
        return Text(zh="与上年持平。", en="The same as last year.")
    effects = {
        ("指标值", "values"): change.value,
        ("权数", "weights"): change.weight,
        ("界限与方法", "bounds and methods"): change.bounds,
        ("扣分", "deductions"): change.deduction,
        ("加分", "bonuses"): change.bonus,
        ("上下限", "floor and ceiling"): change.limit,
    }
    named = {words: by for words, by in effects.items() if abs(by) >= NOTICEABLE}
    zh = f"比上年{'高' if moved > 0 else '低'} {_number(abs(moved))} 分"
    en = f"{_number(abs(moved))} {'above' if moved > 0 else 'below'} last year"
    if named:
        zh += "：" + "、".join(f"{words[0]} {_signed(by)}" for words, by in named.items())
        en += ": " + ", ".join(f"{words[1]} {_signed(by)}" for words, by in named.items())
    if change.within_survey_error:
        zh += "；没有超出抽样误差，不能说是变好或变差"
        en += "; that is within the survey's error: neither better nor worse"
    return Text(zh=zh + "。", en=_sentence(en))


def _number(value: float) -> str:
    """Two decimals at most, as people write it."""
    text = f"{abs(value):.2f}".rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text != "0" else text


def _signed(value: float) -> str:
    return _number(value) if value < 0 else f"+{_number(value)}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
