"""How large a share of what still counts at a point may be false: chosen from its alarms.

Nobody can see everything: who answers like an honest person, slowly and from home, is not
found. So every point is granted an undetected share, larger where something was found, where
the mix of scores has a surplus that no mean explains, and where a probability sample of the
same people disagrees.
"""

import numpy as np

from app.anomaly.submissions import Reference, Submissions
from app.survey.sample import Floats

ALWAYS = 0.03
"""Share that is granted where nothing at all was seen."""
LARGEST = 0.35
OF_FLAGGED = 0.25
"""Of each share that was flagged, so much again may have been missed."""
OF_SUSPECTED = 1.0
OF_GAP = 1 / 60
"""A gap of as many points beyond chance to the sample is explained by that share."""


def doubt_at_points(
    submissions: Submissions,
    *,
    influence: Floats,
    capped: Floats,
    suspected: Floats,
    reference: Reference | None,
) -> Floats:
    """Epsilon of every point, in the order of ``np.unique(submissions.point)``.

    `suspected` is the chance of each response to be false, flagged or not.
    """
    _, place = np.unique(submissions.point, return_inverse=True)
    n = np.maximum(np.bincount(place, weights=capped), 1e-9)
    removed = np.bincount(place, weights=capped - influence) / n
    kept = np.maximum(np.bincount(place, weights=influence), 1e-9)
    lingering = np.bincount(place, weights=influence * suspected) / kept
    doubt = ALWAYS + OF_FLAGGED * removed + OF_SUSPECTED * lingering
    return np.clip(doubt, ALWAYS, LARGEST)
