"""What undetected false answers could do to a mean at most, without guessing which they are.

These are statements of arithmetic about the answers that were given. They hold no allowance
for chance: an honest mean of few answers is uncertain beside them, by its standard error.
"""

import math

import numpy as np

from app.survey.sample import Floats

HIGHEST = 100.0


def worst_case(scores: Floats, weights: Floats, *, epsilon: float) -> tuple[float, float]:
    """Where the mean of the honest answers can lie if a share `epsilon` of the weight is not.

    The mean without the best `epsilon` of the weight, and without the worst; the answer at
    the boundary counts in part, so that exactly that share is left out. Sharp: each end is
    reached if just those answers are false (Horowitz & Manski 1995, contaminated sampling).
    `scores` are finite, `weights` not negative. Without any weight nothing is known: 0 to 100.
    """
    if not 0 <= epsilon <= 1:
        raise ValueError(f"A share lies between 0 and 1, not at {epsilon}.")
    counted = weights > 0
    if not counted.any():
        return 0.0, HIGHEST
    order = np.argsort(scores[counted], kind="stable")
    ranked, share = scores[counted][order], weights[counted][order]
    low = _mean_of_first(ranked, share, epsilon=epsilon)
    high = _mean_of_first(ranked[::-1], share[::-1], epsilon=epsilon)
    return low, high


def answers_to_move(score: float, weight: float, *, points: float = 1.0) -> tuple[float, float]:
    """Answers of full marks that raise a mean by `points`, and of none that lower it so far.

    From (weight·score + 100·m) / (weight + m) = score + points, and the same with 0: with one
    point that is weight / (distance to the end − 1). Infinite where the end is nearer.
    """
    room_above, room_below = HIGHEST - score - points, score - points
    up = weight * points / room_above if room_above > 0 else math.inf
    down = weight * points / room_below if room_below > 0 else math.inf
    return up, down


def _mean_of_first(scores: Floats, weights: Floats, *, epsilon: float) -> float:
    """Weighted mean of what comes first, up to 1 − `epsilon` of the weight."""
    kept = max((1 - epsilon) * weights.sum(), weights.min())  # below it, one answer is left
    before = np.cumsum(weights) - weights
    part = np.clip(kept - before, 0, weights)
    return float(np.average(scores, weights=part))
