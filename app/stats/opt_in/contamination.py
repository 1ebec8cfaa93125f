"""Where the mean of honest answers lies if some of those that count are not honest.

Nothing is assumed about the dishonest ones but how much weight they have at most. The ends
are reached: no narrower interval is safe against everybody who could stuff that much.
"""

from dataclasses import dataclass

import numpy as np

from app.stats.design import Integers
from app.survey.sample import Floats


@dataclass(frozen=True, slots=True)
class WorstCase:
    """The ends of the mean, and the share of the weight that was allowed to be dishonest."""

    low: float
    high: float
    share: float


def worst_case(
    y: Floats, weight: Floats, *, place: Integers, share: Floats
) -> WorstCase | None:
    """Ends of Σ W m / Σ W over places, m the mean of what is honest in a place.

    `place` says where each of n answers came from, `share` how much of the weight of each
    place may be dishonest, in [0, 1). A place counts as much as its whole weight W: the
    honest there speak for it. With at most a share ε dishonest the honest mean lies between
    the mean without the best ε and the mean without the worst ε (Horowitz & Manski 1995,
    Econometrica 63, prop. 4). NaN in y and weight 0 are left out; None if nothing is left.
    """
    kept = ~np.isnan(y) & (weight > 0)
    if not kept.any():
        return None
    y, weight, place = y[kept], weight[kept], place[kept]
    total = np.bincount(place, weight, minlength=len(share))
    low = _mean_without_best(y, weight, place, share)
    high = -_mean_without_best(-y, weight, place, share)
    among = total > 0
    return WorstCase(
        low=float(np.average(low[among], weights=total[among])),
        high=float(np.average(high[among], weights=total[among])),
        share=float(np.average(share[among], weights=total[among])),
    )


def _mean_without_best(y: Floats, weight: Floats, place: Integers, share: Floats) -> Floats:
    """Of each place: the mean of the 1 − share of its weight with the lowest answers."""
    order = np.lexsort((y, place))
    y, weight, place = y[order], weight[order], place[order]
    total = np.bincount(place, weight, minlength=len(share))
    before = np.cumsum(weight) - weight
    start = np.concatenate([[0.0], np.cumsum(total)[:-1]])
    left = (1 - share) * total
    # What fits of each answer into the weight that is left, counted from the lowest.
    counted = np.clip(left[place] - (before - start[place]), 0, weight)
    sums = np.bincount(place, counted * y, minlength=len(share))
    counts = np.bincount(place, counted, minlength=len(share))
    return np.divide(sums, counts, out=np.zeros(len(share)), where=counts > 0)
