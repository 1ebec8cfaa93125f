"""Deductions and bonuses: from events to points, through three caps, each step kept.

Points of an item = points · count, or the sum of its steps; no more than the item's cap.
Items of a family add up, to the family's cap; families add up, to the total cap. What each
cap swallowed is kept, because it is the first thing anybody asks. Only upheld events count;
pending and overturned ones are shown and cost nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.scoring.definition.rules import AdjustmentItem, Adjustments
from app.scoring.inputs import Event, ScoredUnit
from app.survey.sample import Floats

Kind = Literal["deduct", "bonus"]


@dataclass(frozen=True, slots=True)
class Capped:
    """Points before a cap, after it, and what the cap swallowed; `code` says of what."""

    code: str
    points: float
    counted: float
    swallowed: float


@dataclass(frozen=True, slots=True)
class ItemPoints:
    """One item of the ledger for one unit: how often, on what evidence, at what price."""

    item: str
    kind: Kind
    family: str
    count: int
    evidence: tuple[str, ...]
    total: Capped


@dataclass(frozen=True, slots=True)
class Sum:
    """All families of one kind, and their total."""

    families: tuple[Capped, ...]
    total: Capped


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that was deducted from and added to the score of one unit."""

    items: tuple[ItemPoints, ...]
    deduction: Sum
    bonus: Sum
    vetoes: tuple[str, ...]
    """Items whose veto limits the grade."""
    bonus_lost_to_veto: float
    not_counted: tuple[Event, ...]
    """Pending and overturned events."""

    @property
    def cost(self) -> float:
        """Points that leave the score: deduction less bonus."""
        return self.deduction.total.counted - self.bonus.total.counted + self.bonus_lost_to_veto


EMPTY = Ledger(
    items=(),
    deduction=Sum((), Capped("deduct", 0.0, 0.0, 0.0)),
    bonus=Sum((), Capped("bonus", 0.0, 0.0, 0.0)),
    vetoes=(),
    bonus_lost_to_veto=0.0,
    not_counted=(),
)


def keep_ledgers(
    rules: Adjustments | None, units: Sequence[ScoredUnit], events: Sequence[Event]
) -> list[Ledger]:
    """The ledger of every unit from all `events`."""
    if rules is None:
        return [EMPTY] * len(units)
    own: dict[str, list[Event]] = {unit.code: [] for unit in units}
    for event in events:
        own[event.unit].append(event)
    return [_ledger(rules, own[unit.code]) for unit in units]


def adjusted(rules: Adjustments | None, ledger: Ledger, gross: float) -> float:
    """The final score: gross - deduction + bonus, between the floor and the ceiling."""
    return float(within_bounds(rules, np.array(gross - ledger.cost)))


def within_bounds(rules: Adjustments | None, scores: Floats) -> Floats:
    """Scores after deductions and bonuses, none below the floor or above the ceiling."""
    if rules is None:
        return scores
    low = -np.inf if rules.floor is None else rules.floor
    high = np.inf if rules.ceiling is None else rules.ceiling
    return np.clip(scores, low, high)


def _ledger(rules: Adjustments, events: Sequence[Event]) -> Ledger:
    upheld = [event for event in events if event.status == "upheld"]
    items = [
        _item_points(item, [event for event in upheld if event.item == item.code])
        for item in rules.items
        if any(event.item == item.code for event in upheld)
    ]
    vetoes = _vetoes(rules, items)
    bonus = _sum(rules, items, "bonus")
    return Ledger(
        items=tuple(items),
        deduction=_sum(rules, items, "deduct"),
        bonus=bonus,
        vetoes=vetoes,
        bonus_lost_to_veto=bonus.total.counted if rules.no_bonus_when_veto and vetoes else 0.0,
        not_counted=tuple(event for event in events if event.status != "upheld"),
    )


def _item_points(item: AdjustmentItem, events: Sequence[Event]) -> ItemPoints:
    count = sum(event.count for event in events)
    return ItemPoints(
        item=item.code,
        kind=item.kind,
        family=item.family,
        count=count,
        evidence=tuple(event.evidence for event in events),
        total=_capped(item.code, _price(item, count), item.cap),
    )


def _price(item: AdjustmentItem, count: int) -> float:
    if item.steps is None:
        return (item.points or 0.0) * count
    beyond = max(count - len(item.steps), 0)
    return sum(item.steps[:count]) + beyond * item.steps[-1]


def _capped(code: str, points: float, cap: float | None) -> Capped:
    counted = points if cap is None else min(points, cap)
    return Capped(code, points, counted, points - counted)


def _sum(rules: Adjustments, items: Sequence[ItemPoints], kind: Kind) -> Sum:
    families = []
    for family in rules.families:
        own = [i for i in items if i.family == family.code and i.kind == kind]
        if own:
            points = sum(item.total.counted for item in own)
            families.append(_capped(family.code, points, family.cap))
    cap = rules.total_cap.deduct if kind == "deduct" else rules.total_cap.bonus
    total = _capped(kind, float(sum(family.counted for family in families)), cap)
    return Sum(tuple(families), total)


def _vetoes(rules: Adjustments, items: Sequence[ItemPoints]) -> tuple[str, ...]:
    happened = {item.item for item in items}
    return tuple(
        item.code
        for item in rules.items
        if item.veto_max_grade is not None and item.code in happened
    )
