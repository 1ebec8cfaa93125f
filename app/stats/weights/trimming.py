"""Trimming: no weight outside given limits, so that no single response decides.

Clipping alone leaves the margins; `trim_rerake` returns to them in turns, and `calibrate`
with bounds on the weight finds in one problem the nearest weights that keep both. Limits are
weights, the same for replicate weights as for the full sample; weights of 0 stay 0.
"""

from collections.abc import Callable, Sequence

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Design
from app.stats.weights.calibration import calibrate
from app.stats.weights.distance import Distance, Kind
from app.stats.weights.feasibility import short_lines, shortfalls, widening_line
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.raking import RakingTable
from app.stats.weights.replicated import in_each_replicate
from app.stats.weights.targets import Targets
from app.survey.sample import Flags, Floats

INSIDE = 1e-9
"""How far beyond a limit, relative to it, a re-raked weight still counts as inside."""
ROUNDS = 1000
ROUNDING = 1e-12
"""A smaller share of all weight is left by rounding, not by trimming."""


def trim_limits(design: Design, lower: float, upper: float) -> tuple[float, float]:
    """Limits given as multiples of the mean positive weight of a response, as weights."""
    positive = design.weight > 0
    mean = float(design.times(design.weight).sum()) / design.responses(positive)
    return lower * mean, upper * mean


def trim_once(design: Design, lower: float, upper: float) -> Design:
    """Clip to the limits, spread the trimmed sum equally over the responses inside.

    A share may lift a weight beyond the limit again. Raises CannotEstimate if none is inside.
    """
    return _each(design, lambda weight, count: _trimmed(weight, count, limits=(lower, upper)))


def trim_strict(design: Design, lower: float, upper: float) -> Design:
    """As `trim_once`, repeated until all are inside; once clipped, no further share.

    Raises CannotEstimate if none is left to take the rest.
    """
    return _each(
        design, lambda weight, count: _trimmed_strictly(weight, count, limits=(lower, upper))
    )


def trim_rerake(
    design: Design, margins: Sequence[PopulationMargin], lower: float, upper: float
) -> Design:
    """Clip, rake again from the clipped weights, and so on until every weight is inside.

    The last raking, from the clipped weights, is remembered after the earlier steps. Raises
    CannotEstimate for limits that the margins do not allow.
    """
    table, limits = RakingTable.of(design, margins), (lower, upper)
    clipped = _last_clipped(table, design.weight, limits)
    if design.replicates is None:
        return design.reweighted(clipped).adjusted(table.adjustment_of(clipped))
    replicated = in_each_replicate(
        design.replicates, lambda weight: table.raked(_last_clipped(table, weight, limits))
    )
    # Only the weights of the full sample need their clipped ones remembered.
    start = design.reweighted(clipped, replicates=replicated)
    return start.adjusted(table.adjustment_of(clipped), replicates=replicated)


def trim_bounded(
    before: Design, targets: Targets, lower: float, upper: float, *, kind: Kind = "linear"
) -> Design:
    """Limits and totals at once, from the weights before the step that met the totals.

    One convex problem with one solution, unlike clipping and raking in turns. Raises
    CannotEstimate naming the totals that the limits keep from being met.
    """
    return calibrate(before, targets, Distance(kind, (lower, upper), "weight"))


def _each(design: Design, trim: Callable[[Floats, Floats], Floats]) -> Design:
    """The design with every set of weights trimmed."""
    count = design.times(np.ones(len(design)))
    weight = trim(design.weight, count)
    if design.replicates is None:
        return design.reweighted(weight)
    replicated = in_each_replicate(design.replicates, lambda column: trim(column, count))
    return design.reweighted(weight, replicates=replicated)


def _trimmed(weight: Floats, count: Floats, *, limits: tuple[float, float]) -> Floats:
    drawn = weight > 0
    outside = drawn & ~_within(weight, limits)
    if not outside.any():
        return weight
    clipped = np.where(drawn, np.clip(weight, *limits), 0.0)
    trimmed = _spread(clipped, weight - clipped, count=count, taking=drawn & ~outside)
    if (trimmed[drawn] <= 0).any():
        raise CannotEstimate(
            f"raising the weights below {limits[0]:g} takes more than the weights inside the "
            "limits have. Lower the limit."
        )
    return trimmed


def _trimmed_strictly(weight: Floats, count: Floats, *, limits: tuple[float, float]) -> Floats:
    drawn, once_clipped = weight > 0, np.zeros(len(weight), bool)
    while (outside := drawn & ~_within(weight, limits)).any():
        once_clipped |= outside
        clipped = np.where(drawn, np.clip(weight, *limits), 0.0)
        taking = drawn & ~once_clipped
        weight = _spread(clipped, weight - clipped, count=count, taking=taking)
    return weight


def _spread(clipped: Floats, trimmed: Floats, *, count: Floats, taking: Flags) -> Floats:
    """Clipped weights with the sum of what was trimmed shared by the responses `taking` it."""
    rest, responses = float(trimmed @ count), float(count[taking].sum())
    if responses > 0:
        return clipped + np.where(taking, rest / responses, 0.0)
    if abs(rest) <= ROUNDING * float(clipped @ count):
        return clipped
    raise CannotEstimate(
        "no weight lies inside the limits of trimming to take what is trimmed from the "
        "others. Widen them."
    )


def _last_clipped(table: RakingTable, weight: Floats, limits: tuple[float, float]) -> Floats:
    """The clipped weights whose raking stays inside the limits."""
    for turn in range(ROUNDS):
        clipped = np.where(weight > 0, np.clip(weight, *limits), weight)
        weight = table.raked(clipped)
        positive = weight > 0
        nearly = (limits[0] * (1 - INSIDE), limits[1] * (1 + INSIDE))
        if _within(weight, nearly)[positive].all():
            return clipped
        if turn == 0:
            _refuse_forbidden_limits(table, weight, limits)
    raise CannotEstimate(
        f"trimming to [{limits[0]:g}, {limits[1]:g}] and raking to "
        f"{', '.join(margin.name for margin in table.margins)} do not meet after {ROUNDS} "
        f"rounds: the weights still go from {weight[positive].min():.6g} to "
        f"{weight.max():.6g}. Widen the limits or trim by one bounded calibration."
    )


def _refuse_forbidden_limits(
    table: RakingTable, weight: Floats, limits: tuple[float, float]
) -> None:
    """Raise CannotEstimate if no weights within the limits meet the margins."""
    goals = table.goals(weight)
    responses: Floats = np.bincount(table.cell, table.count * (weight > 0)).astype(float)
    occupied = responses > 0
    lower, upper = np.zeros(len(goals)), np.zeros(len(goals))
    lower[occupied] = limits[0] * responses[occupied]
    upper[occupied] = limits[1] * responses[occupied]
    short = shortfalls(goals, lower, upper)
    if short:
        widening = widening_line(goals, lower, upper)
        raise CannotEstimate("\n".join([*short_lines(short), widening]))


def _within(weight: Floats, limits: tuple[float, float]) -> Flags:
    return (weight >= limits[0]) & (weight <= limits[1])
