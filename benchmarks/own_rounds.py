"""Rounds of the project's own simulator to learn the tables from, beside attackbench's.

A round is named by a number alone: its size, its people, how many kinds attack it and how
hard follow from that. A third are attacked by one kind only, a third by several, a sixth by
nobody; in the rest nobody attacks and people answer every item by itself, as no resident
does but as other simulators have it.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from app.anomaly.simulation.attacks.registry import KINDS
from app.anomaly.simulation.attacks.scene import set_scene
from app.anomaly.simulation.injection import attack
from app.anomaly.simulation.invented import invent
from app.anomaly.simulation.town import WorldSettings
from app.anomaly.submissions import Submissions, mean_places
from app.survey.sample import Labels

RATES = (0.04, 0.08, 0.15, 0.25)
"""Share of all responses that is false, over all kinds together."""
HURRIED = ("event", "office", "alone")
"""Honest groups among whom whole points hurry now and then: a queue stands behind them."""


@dataclass(frozen=True, slots=True)
class OwnRound:
    """A round and, of each response, the kind of attack or the honest group."""

    submissions: Submissions
    kind: Labels
    """Prefixed with ``!`` where it is false."""


def own_round(number: int) -> OwnRound:
    """The round of that number; the same each time."""
    dice = np.random.default_rng([number, 77])
    invented = invent(_settings(dice), number)
    submissions = _hurried(invented.submissions, invented.group, dice)
    if number % 6 == 5:
        submissions = _unrelated(submissions, dice)
    group = dict(zip(submissions.identifier.tolist(), invented.group.tolist(), strict=True))
    codes = _codes(number, dice)
    rate = float(dice.choice(RATES)) / max(len(codes), 1)
    for code in codes:
        submissions, group = _attacked(submissions, group, code=code, rate=rate, dice=dice)
    return OwnRound(submissions, np.array([group[one] for one in submissions.identifier]))


def _settings(dice: Generator) -> WorldSettings:
    return WorldSettings(
        points=int(dice.integers(8, 41)),
        districts=int(dice.integers(2, 7)),
        responses=int(np.exp(dice.uniform(np.log(2000), np.log(14000)))),
        days=int(dice.integers(10, 40)),
        items=tuple(dice.integers(3, 7, int(dice.integers(2, 5))).tolist()),
        levels=int(dice.choice([4, 5, 5, 5, 7])),
        interviewed=float(dice.choice([0.0, 0.08, 0.2])),
        volunteers=int(dice.integers(2, 20)),
        events=int(dice.integers(1, 4)),
        incidents=int(dice.integers(1, 3)),
        straight=float(dice.uniform(0.02, 0.1)),
    )


def _codes(number: int, dice: Generator) -> list[str]:
    """Which kinds attack the round."""
    if number % 6 in {4, 5}:
        return []
    some = 1 if number % 2 else int(dice.integers(3, 8))
    codes = [code for code, kind in KINDS.items() if kind.needs in {"", "districts"}]
    enumerated = [code for code, kind in KINDS.items() if kind.needs == "enumerators"]
    return [str(code) for code in dice.choice([*codes, *enumerated], some, replace=False)]


def _attacked(
    submissions: Submissions, group: dict[str, str], *, code: str, rate: float, dice: Generator
) -> tuple[Submissions, dict[str, str]]:
    """With one campaign kind more, where the round is open to it."""
    kind = KINDS[code]
    if kind.needs == "enumerators" and not (submissions.enumerator != "").any():
        return submissions, group
    made = attack(set_scene(submissions), kind, rate=rate, seed=int(dice.integers(1 << 30)))
    identifiers = made.submissions.identifier.tolist()
    false = made.false.tolist()
    told = {
        one: f"!{code}" if wrong else group[one]
        for one, wrong in zip(identifiers, false, strict=True)
    }
    return made.submissions, told


def _hurried(submissions: Submissions, group: Labels, dice: Generator) -> Submissions:
    """At a fifth of the points people of one group hurry, and no less honestly."""
    dwell = submissions.dwell.copy()
    for point in np.unique(submissions.point).tolist():
        if dice.random() < 0.2:
            who = str(dice.choice(HURRIED))
            rows = (submissions.point == point) & (group == who)
            dwell[rows] = np.maximum(1, np.round(dwell[rows] * dice.uniform(0.5, 0.9)))
    return replace(submissions, dwell=dwell)


def _unrelated(submissions: Submissions, dice: Generator) -> Submissions:
    """Every item answered by itself: each column shuffled within its point."""
    answers = submissions.answers.copy()
    for point in np.unique(submissions.point).tolist():
        rows = np.flatnonzero(submissions.point == point)
        for item in range(answers.shape[1]):
            answers[rows, item] = answers[dice.permutation(rows), item]
    empty = np.isnan(answers).all(axis=1)
    answers[empty] = submissions.answers[empty]
    score = mean_places(answers, submissions.highest)
    return replace(submissions, answers=answers, score=score)
