"""An examination so simple that what a trial says of it can be counted by hand."""

import numpy as np

from app.anomaly.examination import Examination, PointBounds
from app.anomaly.submissions import Reference, Submissions


def examination_of(
    submissions: Submissions, influence: np.ndarray, *, slack=5.0
) -> Examination:
    """An examination that gives these influences; bounds are the score and `slack`."""
    points = []
    for code in np.unique(submissions.point).tolist():
        here = submissions.point == code
        score, weight = submissions.score[here], influence[here]
        mean = float(np.average(score, weights=weight)) if weight.sum() else np.nan
        points.append(
            PointBounds(
                point=code,
                n=int(here.sum()),
                reduced=int((weight < 1).sum()),
                excluded=int((weight == 0).sum()),
                raw=float(score.mean()),
                capped=float(score.mean()),
                score=mean,
                low=mean - slack,
                high=mean + slack,
                epsilon=0.05,
                answers_up=1.0,
                answers_down=1.0,
                sample_n=0,
                sample_mean=np.nan,
                shrinkage=0.0,
            )
        )
    n = len(submissions)
    return Examination(
        influence=influence,
        capped=np.ones(n),
        flagged=influence < 0.5,
        campaign=(-1,) * n,
        reasons={},
        campaigns=(),
        points=tuple(points),
    )


def believes_all(
    submissions: Submissions, *, reference: Reference | None, seed: int
) -> Examination:
    """Everybody counts fully."""
    return examination_of(submissions, np.ones(len(submissions)))


def believes_no_device_twice(
    submissions: Submissions, *, reference: Reference | None, seed: int
) -> Examination:
    """A device that answers more than 15 times counts for nothing."""
    _, place, count = np.unique(submissions.device, return_inverse=True, return_counts=True)
    busy = (count[place] > 15) & (submissions.device != "") & (submissions.enumerator == "")
    return examination_of(submissions, np.where(busy, 0.0, 1.0))
