"""What one response is, apart from its company: its level, its pace and its misfit.

None of the three says anything against a response: satisfied people answer alike, hurried
people are people, and unusual lives give unusual answers. They are the coordinates in which
responses are compared with those around them.
"""

import warnings
from dataclasses import dataclass

import numpy as np

from app.anomaly.submissions import Submissions
from app.survey.sample import Floats, Labels

LEVELS = 4.0
"""Answers are brought to the steps of a five-level scale, 0 to 4."""
SLOWEST, QUICKEST = 1.0, -1.6
"""Limits of the pace: beyond them more says nothing more."""
MOST_ITEMS = 24
"""Above this many items a robust covariance needs more responses than a round has."""
FEWEST_FOR_COVARIANCE = 200
MOST_FOR_COVARIANCE = 2000
FEWEST_IN_CHANNEL = 30
UNHURRIED = 0.8
"""Share of a point's people who are quicker than its unhurried ones."""
POINT_COUNTS_FROM = 30
"""With so many timed responses a point's own pace counts half."""
QUICKEST_POINT = -0.5
"""No point is taken to be quicker than e to this, whatever its people do."""


@dataclass(frozen=True, slots=True)
class Content:
    """Coordinates of n responses."""

    score: Floats
    """Mean of the answered items' places, 0–100."""
    pace: Floats
    """Logarithm of the time on a page against the channel's median, less what makes the
    whole point quick; below 0 is quicker."""
    misfit: Floats
    """Logarithm of the robust distance of the person's own pattern; 0 where not judged."""
    answers: Floats
    """n by items on 0–4; a missing answer stands at the person's rounded mean."""
    middle: float
    """Median of the scores of the round."""
    paced: Floats
    """1 where the pace is known."""


def content_of(submissions: Submissions, *, seed: int) -> Content:
    """The coordinates of every response; rows without any answer have a score of NaN."""
    steps = LEVELS * submissions.answers / submissions.highest
    given = ~np.isnan(steps)
    count = np.maximum(given.sum(axis=1), 1)
    mean = np.where(given, steps, 0.0).sum(axis=1) / count
    pace = _pace(submissions.dwell, submissions.channel)
    pace = pace - _quickness(pace, submissions.point)
    score = np.where(given.any(axis=1), 100 * mean / LEVELS, np.nan)
    return Content(
        score=score,
        middle=float(np.nanmedian(score)) if given.any() else np.nan,
        pace=np.clip(np.nan_to_num(pace), QUICKEST, SLOWEST),
        misfit=_misfit(steps, seed=seed),
        answers=np.where(given, steps, np.round(mean)[:, None]),
        paced=(~np.isnan(pace)).astype(float),
    )


def _pace(dwell: Floats, channel: Labels) -> Floats:
    """Median over the pages of the logarithm of the dwell, net of the channel's own median.

    The median over pages survives one interruption and one long comment.
    """
    pages = np.log(np.maximum(dwell, 1.0))
    names, code, size = np.unique(channel, return_inverse=True, return_counts=True)
    everybody = _column_medians(pages)
    usual = np.array(
        [
            _column_medians(pages[code == c]) if size[c] >= FEWEST_IN_CHANNEL else everybody
            for c in range(len(names))
        ]
    ).reshape(len(names), pages.shape[1])
    return _row_medians(pages - usual[code])


def _quickness(pace: Floats, point: Labels) -> Floats:
    """How much quicker a point is than others; 0 where it is not, and for slow ones.

    Judged by its unhurried people: where even they are quick, a queue stands behind them
    or the page is known to them, and nobody is hasty. Less than two thirds of false answers
    move an upper fifth by little.
    """
    known = ~np.isnan(pace)
    usual = float(np.quantile(pace[known], UNHURRIED)) if known.any() else 0.0
    names, code = np.unique(point, return_inverse=True)
    quicker = np.zeros(len(names))
    for c in range(len(names)):
        own = pace[known & (code == c)]
        if len(own):
            here = float(np.quantile(own, UNHURRIED)) - usual
            quicker[c] = here * len(own) / (len(own) + POINT_COUNTS_FROM)
    limited: Floats = np.clip(quicker, QUICKEST_POINT, 0.0)[code]
    return limited


def _misfit(steps: Floats, *, seed: int) -> Floats:
    """Log of the squared robust Mahalanobis distance of within-person residuals.

    The person's own mean is removed first, so that neither contentment nor discontent is
    unusual (Meade and Craig 2012; Rousseeuw's minimum covariance determinant).
    """
    known = (~np.isnan(steps)).mean(axis=0) > 0.5
    steps = steps[:, known]
    if len(steps) < FEWEST_FOR_COVARIANCE or not 3 <= steps.shape[1] <= MOST_ITEMS:
        return np.zeros(len(steps))
    from sklearn.covariance import MinCovDet  # half a second that only this needs

    residual = steps - np.nanmean(steps, axis=0)
    given = ~np.isnan(residual)
    own = np.where(given, residual, 0.0).sum(axis=1) / np.maximum(given.sum(axis=1), 1)
    residual = np.where(given, residual - own[:, None], 0.0)[:, :-1]
    dice = np.random.default_rng([seed, 11])
    # Answers are discrete: without a little jitter half of them can coincide exactly.
    jittered = residual + dice.normal(0, 0.05, residual.shape)
    some = dice.permutation(len(jittered))[:MOST_FOR_COVARIANCE]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        fit = MinCovDet(support_fraction=0.75, random_state=seed % 2**32).fit(jittered[some])
    distance: Floats = np.log(fit.mahalanobis(jittered) + 0.5)
    return distance


def _column_medians(pages: Floats) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a page that nobody was timed on
        medians: Floats = np.nanmedian(pages, axis=0)
    return np.nan_to_num(medians)


def _row_medians(pages: Floats) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        medians: Floats = np.nanmedian(pages, axis=1)
    return medians
