"""What honest answers of the round would look like at one point: the null of company.

The mix of answers of all other points, tilted so that its mean is that of the point. A tilt
can make a point better or worse, but it cannot make it hold forty answers that are all alike.
The point's own answers stay out of its null: otherwise they would explain themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.anomaly.company.content import Content
from app.anomaly.company.gathering import Company
from app.anomaly.company.likeness import Likeness, Matrix, Rows, alike
from app.survey.sample import Flags, Floats, Labels

KINDS: tuple[Likeness, ...] = ("like", "level", "haste", "copy", "near", "misfit", "odd")
MOST_COMPARED = 3000
FLOOR = 0.3
"""Answers that nobody of those compared gave are as rare as this many of them."""
LOW = 8.0
"""Points of score below the point's mean from which an answer is a low one."""
CHUNK = 512
FEWEST_ELSEWHERE = 200
"""With fewer answers elsewhere to compare with, the point's own ones are taken in."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """For each of n responses: the share of honest responses of its point that are alike."""

    alike: Mapping[Likeness, Floats]
    band: Floats
    wide: Floats
    low: Floats
    """1 where the response lies well below the believed mean of its point."""

    def of(self, kind: Likeness, company: Company) -> Floats:
        """How many alike honest answers so large a crowd holds.

        For everything but ``like`` and ``level`` the crowd is that of about the same score.
        A low answer is compared only with others as low: honest anger comes in waves.
        """
        if kind in {"misfit", "odd"}:
            return company.wide * self.alike[kind] / self.wide
        by_band = company.band * self.alike[kind] / self.band
        if kind not in {"like", "level"}:
            return by_band
        by_crowd = company.crowd * self.alike[kind]
        return np.where(self.low > 0, np.maximum(by_band, by_crowd), by_crowd)


def expect(
    content: Content,
    point: Labels,
    *,
    believed: Floats,
    seed: int,
    kinds: tuple[Likeness, ...] = KINDS,
) -> Expectation:
    """The expectation of every response, from a drawn part of the believed ones."""
    n = len(content.score)
    base = _drawn(believed, seed=seed)
    shares_alike: dict[Likeness, Floats] = {kind: np.zeros(n) for kind in kinds}
    band, wide, low = np.zeros(n), np.zeros(n), np.zeros(n)
    for name in np.unique(point):
        rows = np.flatnonzero(point == name)
        trust = believed[rows] + 1e-6
        mean = float(np.average(content.score[rows], weights=trust))
        shares = _tilted(content.score[base], mean, among=_elsewhere(point[base] != name))
        low[rows] = content.score[rows] < mean - LOW
        for part in np.array_split(rows, -(-len(rows) // CHUNK)):
            kernels = alike(content, part, base, kinds=kinds)
            floor = FLOOR / len(base)
            for kind in kinds:
                shares_alike[kind][part] = kernels.kinds[kind] @ shares + floor
            band[part] = kernels.band @ shares + floor
            wide[part] = kernels.wide @ shares + floor
    return Expectation(shares_alike, band, wide, low)


def _drawn(believed: Floats, *, seed: int) -> Rows:
    dice = np.random.default_rng([seed, 13])
    size = min(len(believed), MOST_COMPARED, int((believed > 0).sum()))
    chances = believed / believed.sum()
    drawn: Rows = np.sort(dice.choice(len(believed), size, replace=False, p=chances))
    return drawn


def _elsewhere(others: Flags) -> Flags:
    """Those the point is compared with: the others, where there are enough of them."""
    return others if others.sum() >= FEWEST_ELSEWHERE else np.ones(len(others), bool)


def _tilted(score: Floats, mean: float, *, among: Flags) -> Matrix:
    """Shares proportional to exp(λ·score) with the given mean, by Newton's method."""
    x, target, tilt = score / 100, mean / 100, 0.0
    shares = among / among.sum()
    for _ in range(12):
        shares = among * np.exp(tilt * (x - x.mean()))
        shares /= shares.sum()
        now = float(shares @ x)
        spread = float(shares @ x**2) - now**2
        if spread < 1e-9:
            break
        tilt += float(np.clip((target - now) / spread, -1.0, 1.0))
    return shares.astype(np.float32)
