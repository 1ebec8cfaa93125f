"""How far each response of a round is believed, and why: signals turned into influence.

Nothing is deleted. A response whose signals fire keeps its row and counts for less, down to
nothing, by what the plan said before the round. Several signals do not multiply: a hurried
response is rare as well, and one piece of evidence must not be charged twice, so the
strictest fired signal decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.anomaly.catalogue import Finding
from app.anomaly.forest import isolation_forest
from app.anomaly.signals import device_repetition, speed, straight_lining
from app.survey.definition import Survey
from app.survey.recipe import Screening
from app.survey.sample import Flags, Floats, Sample
from app.survey.text import Text


@dataclass(frozen=True, slots=True)
class FiredSignal:
    """One signal that fired on one response."""

    signal: str
    version: int
    position: int
    """Row of the response in the sample."""
    observed: float
    expected: float
    reason: Text
    """What was seen and the innocent explanation, for the person who reviews it."""
    influence: float


@dataclass(frozen=True, slots=True)
class SignalSummary:
    """What one signal did in the round, by direction, so that one-sidedness would show."""

    signal: str
    version: int
    name: Text
    reason: Text
    """The innocent explanation."""
    influence: float
    applicable: int
    """Responses it could judge."""
    fired: int
    fired_above: int
    fired_below: int
    """Fired responses whose own mean score lies above, or below, that of the round."""
    mean_score_fired: float | None
    mean_score_others: float | None
    """Mean score of the judged responses it fired on, and of the other judged ones."""
    note: Text | None
    """Why it was not applicable."""


@dataclass(frozen=True, slots=True)
class ScreeningResult:
    """Influence of each response, 0 to 1, with every reason."""

    influence: Floats
    fired: tuple[FiredSignal, ...]
    """By position, then in the order of the plan's signals."""
    summaries: tuple[SignalSummary, ...]


def screen(
    sample: Sample, parameters: Screening, *, survey: Survey, seed: int
) -> ScreeningResult:
    """Apply the plan's signals; influence is the smallest of those that fired, otherwise 1.

    `survey` says in which order the options of an item stand; `seed` feeds the forest.
    """
    findings = tuple(_findings(sample, parameters, survey=survey, seed=seed))
    influence = np.ones(len(sample))
    for finding in findings:
        influence[finding.fires] = np.minimum(influence[finding.fires], finding.influence)
    fired = [signal for finding in findings for signal in _fired(finding)]
    own_mean = _own_means(sample)
    return ScreeningResult(
        influence=influence,
        fired=tuple(sorted(fired, key=lambda signal: signal.position)),
        summaries=tuple(_summary(finding, own_mean) for finding in findings),
    )


def _findings(
    sample: Sample, parameters: Screening, *, survey: Survey, seed: int
) -> Iterator[Finding]:
    if parameters.speed is not None:
        yield speed(sample, parameters.speed)
    if parameters.straight_lining is not None:
        yield straight_lining(sample, parameters.straight_lining, survey=survey)
    if parameters.device_repetition is not None:
        yield device_repetition(sample, parameters.device_repetition)
    if parameters.isolation_forest is not None:
        yield isolation_forest(sample, parameters.isolation_forest, seed=seed)


def _fired(finding: Finding) -> Iterator[FiredSignal]:
    for position in np.flatnonzero(finding.fires).tolist():
        observed = float(finding.observed[position])
        yield FiredSignal(
            signal=finding.signal.code,
            version=finding.signal.version,
            position=position,
            observed=observed,
            expected=finding.expected,
            reason=finding.signal.reason(observed, finding.expected),
            influence=finding.influence,
        )


def _own_means(sample: Sample) -> Floats:
    """Mean score of each response over its scored items; NaN if it has none."""
    scores = np.array(list(sample.scores.values())).reshape(len(sample.scores), len(sample))
    scored = ~np.isnan(scores)
    count = scored.sum(axis=0)
    total = np.where(scored, scores, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _summary(finding: Finding, own_mean: Floats) -> SignalSummary:
    everybody = _mean(own_mean, np.ones(len(own_mean), bool))
    fired = own_mean[finding.fires]
    return SignalSummary(
        signal=finding.signal.code,
        version=finding.signal.version,
        name=finding.signal.name,
        reason=finding.signal.innocent,
        influence=finding.influence,
        applicable=int(finding.judged.sum()),
        fired=int(finding.fires.sum()),
        fired_above=0 if everybody is None else int((fired > everybody).sum()),
        fired_below=0 if everybody is None else int((fired < everybody).sum()),
        mean_score_fired=_mean(own_mean, finding.fires),
        mean_score_others=_mean(own_mean, finding.judged & ~finding.fires),
        note=finding.note,
    )


def _mean(values: Floats, among: Flags) -> float | None:
    known = values[among & ~np.isnan(values)]
    return float(known.mean()) if len(known) else None
