"""What a round would withstand: attack a copy of it, examine it, compare with the truth.

The responses of the round are taken for genuine. What an attack moves is measured against
the same examination of the untouched round, so what screening itself moves is not counted
as the attacker's success; it stands beside it.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.anomaly.examination import Examination
from app.anomaly.simulation.attacks.registry import why_not_open
from app.anomaly.simulation.attacks.scene import Scene, set_scene
from app.anomaly.simulation.attacks.strike import AttackKind
from app.anomaly.simulation.injection import Attacked, attack, coached
from app.anomaly.submissions import Reference, Submissions
from app.survey.sample import Flags, Floats
from app.survey.text import Text

BELIEVED = 0.5
"""Below this influence a response counts as flagged."""
FOUND = 0.25
"""A campaign is found when this share of it is flagged: enough for a reviewer to see it."""
ATTACKED = 0.02
"""Points with a larger share of false responses count as attacked."""


class Examine(Protocol):
    """Whatever examines a round."""

    def __call__(
        self, submissions: Submissions, *, reference: Reference | None, seed: int
    ) -> Examination:
        """Influence, campaigns and bounds of a round."""
        ...


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """Which attacks are tried, at which shares of all responses, how often."""

    kinds: tuple[AttackKind, ...]
    rates: tuple[float, ...]
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Untouched:
    """The round as it is: what screening does to it without any attack."""

    seed: int
    responses: int
    flagged: float
    """Share of the responses with influence below a half."""
    moved_mean: float
    """Mean over points of how far the score lies from the raw mean."""
    moved_most: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attack on the round came to."""

    kind: str
    rate: float
    seed: int
    false: int
    """False responses put in."""
    points: int
    """Points attacked."""
    worst_share: float
    """Share of false responses at the point that has most."""
    recall: float
    """Share of the false responses with influence below a half."""
    removed: float
    """Mean of what their influence lost."""
    campaigns: int
    found: int
    honest_flagged: float
    """Share of the genuine responses with influence below a half."""
    moved_before: float
    """Mean over the attacked points of how far raw means moved."""
    moved_before_most: float
    moved_after: float
    """The same for scores after screening, before anybody decided."""
    moved_after_most: float
    moved_drawn: float
    """As `moved_after`, for scores drawn to the probability sample; NaN without one."""
    covered: float
    """Share of the attacked points whose bounds hold their honest mean."""
    width: float
    """Mean width of those bounds."""


@dataclass(frozen=True, slots=True)
class Trial:
    """All that was tried on a round."""

    untouched: tuple[Untouched, ...]
    outcomes: tuple[Outcome, ...]
    not_open: tuple[tuple[AttackKind, Text], ...]
    """Kinds the round cannot be attacked with, and why."""


Tell = Callable[[Outcome], None]


def withstand(
    submissions: Submissions,
    plan: TrialPlan,
    *,
    examine: Examine,
    reference: Reference | None = None,
    tell: Tell = lambda outcome: None,
) -> Trial:
    """Try every kind at every rate with every seed; `tell` hears of each as it ends."""
    scene = set_scene(submissions)
    closed = [(kind, why_not_open(kind, scene)) for kind in plan.kinds]
    tried = [kind for kind, why in closed if why is None]
    untouched, outcomes = [], []
    for seed in plan.seeds:
        clean = examine(submissions, reference=reference, seed=seed)
        untouched.append(_untouched(scene, clean, seed=seed))
        for kind, rate in itertools.product(tried, plan.rates):
            attacked = attack(scene, kind, rate=rate, seed=seed)
            sample = reference
            if reference is not None and kind.reaches_sample > 0:
                sample = coached(reference, attacked, kind, scene=scene, seed=seed)
            found = examine(attacked.submissions, reference=sample, seed=seed)
            aim = _Aim(kind.code, rate, seed)
            outcomes.append(_outcome(aim, attacked, found=found, clean=clean, scene=scene))
            tell(outcomes[-1])
    not_open = tuple((kind, why) for kind, why in closed if why is not None)
    return Trial(tuple(untouched), tuple(outcomes), not_open)


@dataclass(frozen=True, slots=True)
class _Aim:
    kind: str
    rate: float
    seed: int


def _untouched(scene: Scene, clean: Examination, *, seed: int) -> Untouched:
    moved = np.array([abs(point.score - scene.mean[point.point]) for point in clean.points])
    return Untouched(
        seed=seed,
        responses=len(scene.genuine),
        flagged=float(np.mean(clean.influence < BELIEVED)),
        moved_mean=_mean(moved),
        moved_most=_most(moved),
    )


def _outcome(
    aim: _Aim, attacked: Attacked, *, found: Examination, clean: Examination, scene: Scene
) -> Outcome:
    """Hold what was found against what is known."""
    false, influence = attacked.false, found.influence
    low = influence < BELIEVED
    share = _false_shares(attacked)
    hit = [point for point in found.points if share.get(point.point, 0.0) > ATTACKED]
    before = {point.point: point for point in clean.points}
    honest = np.array([scene.mean[point.point] for point in hit])
    raw = np.abs(np.array([point.raw for point in hit]) - honest)
    after = np.abs([point.score - before[point.point].score for point in hit])
    drawn = np.abs([point.shrunk - before[point.point].shrunk for point in hit])
    bounds = np.array([(point.low, point.high) for point in hit]).reshape(len(hit), 2)
    campaigns = np.unique(attacked.campaign[false])
    seen = [float(low[attacked.campaign == code].mean()) >= FOUND for code in campaigns]
    return Outcome(
        kind=aim.kind,
        rate=aim.rate,
        seed=aim.seed,
        false=int(false.sum()),
        points=len(hit),
        worst_share=max(share.values()),
        recall=float(low[false].mean()),
        removed=float(1 - influence[false].mean()),
        campaigns=len(campaigns),
        found=sum(seen),
        honest_flagged=float(low[~false].mean()),
        moved_before=_mean(raw),
        moved_before_most=_most(raw),
        moved_after=_mean(after),
        moved_after_most=_most(after),
        moved_drawn=_mean(drawn),
        covered=_mean((bounds[:, 0] <= honest) & (honest <= bounds[:, 1])),
        width=_mean(bounds[:, 1] - bounds[:, 0]),
    )


def _false_shares(attacked: Attacked) -> dict[str, float]:
    """Point → share of its responses that are false."""
    points, place = np.unique(attacked.submissions.point, return_inverse=True)
    shares = np.bincount(place, attacked.false) / np.bincount(place)
    return dict(zip(points.tolist(), shares.tolist(), strict=True))


def _mean(values: Floats | Flags) -> float:
    known = values[~np.isnan(values)]
    return float(np.mean(known)) if len(known) else float("nan")


def _most(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(np.max(known)) if len(known) else float("nan")
