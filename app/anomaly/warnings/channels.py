"""Channel gap: at one point, open codes and one-time rights tell different stories.

People who come by an open code differ from those who hold a ticket everywhere, so the gap
of a point is compared with the gaps of the other points, not with none.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from app.anomaly.warnings.alarm import Alarm
from app.anomaly.warnings.tails import against_others
from app.survey.sample import Floats, Labels

FEWEST = 20
RAREST = 0.01


@dataclass(frozen=True, slots=True)
class Contentment:
    """Answers of each point and those among them that are content, by how they came."""

    point: Labels
    open_n: Floats
    open_content: Floats
    assured_n: Floats
    assured_content: Floats


def channel_gaps(numbers: Contentment) -> list[Alarm]:
    """Points where the open code is far more, or far less, content than one-time rights."""
    used = (numbers.open_n >= FEWEST) & (numbers.assured_n >= FEWEST)
    points = numbers.point[used]
    if not len(points):
        return []
    through_open, of_open = _share(numbers.open_content[used], numbers.open_n[used])
    assured, of_assured = _share(numbers.assured_content[used], numbers.assured_n[used])
    gap = through_open - assured
    alike = np.full(len(points), "point")
    usual, z = against_others(gap, of_open + of_assured, alike)
    after = np.minimum(2 * stats.norm.sf(np.abs(z)) * len(points), 1.0)
    return [
        Alarm(
            "CHANNEL_GAP",
            str(points[at]),
            observed=float(through_open[at]),
            expected=float(np.clip(assured[at] + usual[at], 0, 1)),
            p=float(after[at]),
            z=float(z[at]),
            detail={"assured": float(assured[at])},
        )
        for at in np.flatnonzero(after < RAREST)
    ]


def _share(content: Floats, n: Floats) -> tuple[Floats, Floats]:
    """A share and its variance; two answers more on each side (Agresti and Coull 1998)."""
    share = (content + 2) / (n + 4)
    return content / n, share * (1 - share) / n
