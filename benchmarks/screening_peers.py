"""What others do with the same responses: a plain isolation forest, and usual rules."""

import time
from pathlib import Path

import numpy as np

from app.anomaly.submissions import Submissions
from app.survey.sample import Flags, Floats

MOST_OF_A_DEVICE = 3
SPEEDING = 1 / 3
FOREST_SEED = 0


def forest_scores(submissions: Submissions) -> tuple[Floats, Flags, float]:
    """How odd each is (large is odd), what 'auto' flags, and seconds; answers and dwell."""
    from sklearn.ensemble import IsolationForest

    started = time.perf_counter()
    features = np.column_stack([submissions.answers, submissions.dwell])
    middle = np.nanmedian(features, axis=0)
    features = np.where(np.isnan(features), middle, features)
    forest = IsolationForest(random_state=FOREST_SEED).fit(features)
    scores = forest.score_samples(features)
    return -scores, scores < forest.offset_, time.perf_counter() - started


def at_honest_rate(odd: Floats, honest: Flags, rate: float) -> Flags:
    """The oddest responses, so many that the share `rate` of the honest ones is among them."""
    return odd > np.quantile(odd[honest], 1 - rate)


def rules(submissions: Submissions) -> Flags:
    """Faster than a third of the median, the same everywhere, or more than three a device."""
    total = submissions.dwell.sum(axis=1)
    speeding = total < SPEEDING * np.nanmedian(total)
    answers = submissions.answers
    whole = ~np.isnan(answers).any(axis=1)
    straight = whole & (answers == answers[:, :1]).all(axis=1)
    _, device, count = np.unique(submissions.device, return_inverse=True, return_counts=True)
    # An enumerator's tablet is known to hold many interviews.
    own = (submissions.device != "") & (submissions.enumerator == "")
    crowded = (count[device] > MOST_OF_A_DEVICE) & own
    return speeding | straight | crowded


def write_flags(path: Path, submissions: Submissions, flags: Flags) -> None:
    """The flags as weights: 0 drops a response, 1 keeps it."""
    pairs = zip(submissions.identifier.tolist(), flags.tolist(), strict=True)
    lines = "".join(f"{name},{0 if flag else 1}\n" for name, flag in pairs)
    path.write_text(f"response_id,weight\n{lines}", encoding="utf-8")
