"""False responses put into a copy of a round, with the truth about each beside it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.anomaly.simulation.attacks.answering import stepped
from app.anomaly.simulation.attacks.mobilised import deviations
from app.anomaly.simulation.attacks.scene import Scene
from app.anomaly.simulation.attacks.strike import AttackKind, Strike, filed
from app.anomaly.submissions import Reference, Submissions
from app.survey.sample import Flags, Floats, Labels

WORTH_ATTACKING = 0.6
"""Share of the points, the weakest for pushing up, the strongest for pulling down."""
LARGEST = 0.25
"""No campaign is planned larger than this, for each genuine response of a usual point."""
FEWEST = 8
"""False responses that still make a campaign."""


@dataclass(frozen=True, slots=True)
class Attacked:
    """A round with false responses in it, and which they are."""

    submissions: Submissions
    false: Flags
    campaign: Labels
    """Empty where genuine."""


def attack(scene: Scene, kind: AttackKind, *, rate: float, seed: int) -> Attacked:
    """A copy of the round in which a share `rate` of all responses is false.

    The genuine responses are kept as they are; the order of all says nothing.
    """
    dice = np.random.default_rng([seed, round(rate * 1e6), *kind.code.encode()])
    wanted = max(FEWEST, round(len(scene.genuine) * rate / (1 - rate)))
    written = [
        filed(kind.write(scene, s, dice), scene, dice) for s in _plan(scene, kind, wanted, dice)
    ]
    campaign = np.repeat(
        np.array(["", *(f"{kind.code}-{i + 1}" for i in range(len(written)))]),
        [len(scene.genuine), *(len(part) for part in written)],
    )
    order = dice.permutation(len(campaign))
    whole = _mixed([scene.genuine, *written], order)
    return Attacked(whole, campaign[order] != "", campaign[order])


def coached(
    reference: Reference, attacked: Attacked, kind: AttackKind, *, scene: Scene, seed: int
) -> Reference:
    """The probability sample after a sheet has reached a share of it at the points attacked."""
    dice = np.random.default_rng([seed, 1])
    answers, score = reference.answers.copy(), reference.score.copy()
    for campaign in np.unique(attacked.campaign[attacked.false]).tolist():
        rows = attacked.campaign == campaign
        told = attacked.submissions.answers[rows]
        sheet = _usual(told, reference.highest)
        here = np.isin(reference.point, attacked.submissions.point[rows])
        reached = np.flatnonzero(here & (dice.random(len(here)) < kind.reaches_sample))
        copies = np.tile(sheet, (len(reached), 1))
        changes = deviations(len(reached), dice, exact=0.35)
        answers[reached] = stepped(scene, copies, changes, dice)
        score[reached] = scene.score_of(answers[reached])
    return Reference(reference.point, answers, reference.highest, score)


def _plan(scene: Scene, kind: AttackKind, n: int, dice: Generator) -> list[Strike]:
    """Campaigns of about the usual size at points that are worth it."""
    there = float(np.median([len(rows) for rows in scene.rows.values()]))
    count = max(1, round(n / max(FEWEST, min(kind.size, LARGEST * there))))
    share = dice.dirichlet(np.full(count, 6.0))
    sizes = dice.multinomial(n - count, share) + 1
    targets = dice.permutation(_worth_attacking(scene, kind))
    return [
        Strike(
            point=str(targets[i % len(targets)]),
            n=int(size),
            settings={
                name: float(dice.uniform(low, high))
                for name, (low, high) in kind.ranges.items()
            },
        )
        for i, size in enumerate(sizes.tolist())
    ]


def _worth_attacking(scene: Scene, kind: AttackKind) -> Labels:
    """Points that have something to gain or lose, by their mean."""
    mean = np.array([scene.mean[point] for point in scene.points.tolist()])
    if kind.aim == "any":
        return scene.points
    order = np.argsort(mean if kind.aim == "up" else -mean, kind="stable")
    return scene.points[order[: max(1, round(WORTH_ATTACKING * len(order)))]]


def _mixed(parts: list[Submissions], order: NDArray[np.int64]) -> Submissions:
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])[order]
        for name in Submissions.__slots__
        if name != "highest"
    }
    return Submissions(**columns, highest=parts[0].highest)


def _usual(answers: Floats, highest: Floats) -> Floats:
    """Of each item the place that is chosen most."""
    places = np.arange(int(highest.max()) + 1)
    counts = np.equal(answers[:, :, None], places).sum(axis=0)
    return counts.argmax(axis=1).astype(float)
