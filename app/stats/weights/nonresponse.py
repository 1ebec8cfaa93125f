"""Nonresponse: respondents stand for the nonrespondents of their class.

The factor is taken as fixed by variances under a design; replicate weights carry their own.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Design, Integers
from app.stats.weights.margins import neighbour
from app.stats.weights.replicated import in_each_replicate
from app.survey.sample import Flags, Floats, Labels


def nonresponse_classes(
    design: Design, responded: Flags, classes: Labels
) -> tuple[Design, Mapping[str, float]]:
    """The respondents' design, weights times Σw of all sampled / Σw of respondents by class.

    Only respondents' rows (flags over n) are left, so a cluster without any is not counted;
    also given is the factor of each class. Raises CannotEstimate naming the classes without
    respondents and the class to merge each with.
    """
    if design.adjustments:
        raise CannotEstimate(
            "nonresponse after a calibration: the calibration needs the rows that would leave. "
            "Adjust for nonresponse first."
        )
    names, code = np.unique(classes, return_inverse=True)
    levels = [str(name) for name in names]
    count = design.times(np.ones(len(design)))
    factor = _factors(levels, code, weight=design.weight * count, responded=responded)
    kept = design.restrict(responded)
    factors = {level: float(f) for level, f in zip(levels, factor, strict=True)}
    weight = kept.weight * factor[code[responded]]
    if design.replicates is None:
        return kept.reweighted(weight), factors

    def adjusted(weight: Floats) -> Floats:
        by_class = _factors(levels, code, weight=weight * count, responded=responded)
        return (weight * by_class[code])[responded]

    replicated = in_each_replicate(design.replicates, adjusted)
    return kept.reweighted(weight, replicates=replicated), factors


def _factors(levels: list[str], code: Integers, *, weight: Floats, responded: Flags) -> Floats:
    """Σw of all sampled / Σw of respondents, by class; 1 for a class of weight 0."""
    sampled = np.bincount(code, weight, len(levels))
    answered = np.bincount(code, weight * responded, len(levels)).astype(float)
    empty = (sampled > 0) & (answered <= 0)
    if empty.any():
        raise CannotEstimate("\n".join(_empty_classes(levels, code, answered, empty=empty)))
    return np.divide(sampled, answered, np.ones(len(levels)), where=answered > 0)


def _empty_classes(
    levels: list[str], code: Integers, answered: Floats, *, empty: Flags
) -> Iterator[str]:
    rows = np.bincount(code, minlength=len(levels))
    present = {
        level: int(n) for level, n, w in zip(levels, rows, answered, strict=True) if w > 0
    }
    for level, n, is_empty in zip(levels, rows, empty, strict=True):
        if not is_empty:
            continue
        cure = "Nobody else responded either."
        if present:
            cure = f"Merge it with the class {neighbour(level, levels, present)}."
        yield f"class {level}: {n} sampled and nobody responded. {cure}"
