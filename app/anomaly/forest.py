"""An isolation forest over answers and timing, behind one function.

It points at responses that are rare in the round, for a person to look at. It is no lie
detector: dense attacks are not rare, and honest people with unusual experiences are. The
only module that knows scikit-learn, and the only place where its signs are turned.
"""

import numpy as np

from app.anomaly.catalogue import ISOLATION_FOREST, Finding, silent
from app.survey.recipe import IsolationForestSignal
from app.survey.sample import Floats, Sample

FEWEST_RESPONSES = 50
"""Below this size there is no usual pattern from which to differ."""


def isolation_forest(
    sample: Sample, parameters: IsolationForestSignal, *, seed: int
) -> Finding:
    """The `share` of responses that are most isolated; never more than that, ties included.

    Features are the standardised codes of the scored items, whether each was scored at all,
    and the logarithm of the time. An answer that is missing sits at the item's mean: that it
    is missing is its own feature.
    """
    features = _features(sample)
    if len(sample) < FEWEST_RESPONSES or features.shape[1] == 0:
        return silent(ISOLATION_FOREST, influence=parameters.influence, n=len(sample))
    isolation = isolation_scores(features, trees=parameters.trees, seed=seed)
    wanted = int(parameters.share * len(sample) + 1e-9)
    # The most isolated response that is not flagged: whoever ties with it is not either.
    limit = np.sort(isolation)[::-1][wanted]
    return Finding(
        signal=ISOLATION_FOREST,
        influence=parameters.influence,
        judged=np.ones(len(sample), bool),
        fires=isolation > limit,
        observed=isolation,
        expected=float(np.median(isolation)),
    )


def isolation_scores(features: Floats, *, trees: int, seed: int) -> Floats:
    """Isolation of each row of `features` (n by p), 0 to 1, higher is rarer.

    Liu, Ting and Zhou 2008: 2 to the power of −(mean path length / expected path length).
    The same rows in the same order with the same seed give the same scores.
    """
    # A second of start-up that every command would pay, and only processing needs.
    from sklearn.ensemble import IsolationForest

    state = int(np.random.SeedSequence(seed).generate_state(1)[0])
    forest = IsolationForest(n_estimators=trees, random_state=state, n_jobs=1)
    # scikit-learn returns the opposite of the published score: lower is rarer.
    scores: Floats = -forest.fit(features).score_samples(features)
    return scores


def _features(sample: Sample) -> Floats:
    columns: list[Floats] = []
    for code, scores in sample.scores.items():
        scored = ~np.isnan(scores)
        columns += [np.where(scored, sample.codes[code], np.nan), scored.astype(float)]
    columns.append(np.log1p(sample.seconds))
    standardised = [_standardised(column) for column in columns]
    telling = [column for column in standardised if column.any()]
    return np.column_stack(telling) if telling else np.empty((len(sample), 0))


def _standardised(column: Floats) -> Floats:
    """Mean 0 and spread 1 over what is known; unknown is 0, and so is a column that is flat."""
    known = ~np.isnan(column)
    if not known.any():
        return np.zeros(len(column))
    centred = np.where(known, column - column[known].mean(), 0.0)
    spread = np.sqrt((centred[known] ** 2).mean())
    return centred / spread if spread > 1e-9 else np.zeros(len(column))
