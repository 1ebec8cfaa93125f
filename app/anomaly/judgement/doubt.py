"""How large a share of what still counts at a point may be false: chosen from its alarms.

Nobody can see everything: who answers like an honest person, slowly and from home, is not
found. So every point is granted an undetected share, larger where suspicion lingers below
the line of a flag, and where a probability sample of the same people disagrees.
"""

import numpy as np

from app.anomaly.submissions import Reference, Submissions
from app.survey.sample import Floats

ALWAYS = 0.07
"""Share that is granted where nothing at all was seen."""
OF_SUSPECTED = 0.6
"""Of the suspicion that is left in what counts, so much is granted on top."""
OF_GAP = 0.005
"""For each point of score by which the sample disagrees beyond its own chance."""
LARGEST = 0.35


def doubt_at_points(
    submissions: Submissions,
    *,
    influence: Floats,
    suspected: Floats,
    reference: Reference | None,
) -> Floats:
    """Epsilon of every point, in the order of ``np.unique(submissions.point)``.

    `suspected` is the chance of each response to be false, flagged or not. The numbers were
    chosen on simulated rounds (`docs/screening.md`): as small as they may be while the worst
    case holds the honest mean wherever the attacks known to the simulator had been.
    """
    names, place = np.unique(submissions.point, return_inverse=True)
    kept = np.maximum(np.bincount(place, weights=influence), 1e-9)
    lingering = np.bincount(place, weights=influence * suspected) / kept
    doubt = ALWAYS + OF_SUSPECTED * lingering
    if reference is not None and len(reference.point):
        score = np.nan_to_num(submissions.score)
        means = np.bincount(place, weights=influence * score) / kept
        gaps = [
            _gap(str(name), mean, reference) for name, mean in zip(names, means, strict=True)
        ]
        doubt = doubt + OF_GAP * np.array(gaps)
    return np.clip(doubt, ALWAYS, LARGEST)


def _gap(point: str, mean: float, reference: Reference) -> float:
    """Points between the two means beyond one standard error of the sample's."""
    sampled = reference.score[(reference.point == point) & ~np.isnan(reference.score)]
    if len(sampled) < 2:
        return 0.0
    error = float(sampled.std(ddof=1)) / len(sampled) ** 0.5
    return max(abs(mean - float(sampled.mean())) - error, 0.0)
