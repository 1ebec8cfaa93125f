"""The sums of a family of domains from a design in memory, through any chain of calibrations.

For designs of one stage, whose units are clusters or responses, one by one or as cells. Any
other design takes the general way, domain by domain, with the same result
(`statistic.mean_of`): one with replicate weights, with sampled fractions of a later stage, or
whose lonely units are compared with all others.
"""

import numpy as np
from scipy.linalg import block_diag
from scipy.sparse import csr_array

from app.errors import CannotEstimate
from app.stats.design import Adjustment, Design, Integers
from app.stats.families import (
    Calibrations,
    DomainSums,
    Frame,
    Units,
    stratum_factor,
    sums_by,
)
from app.stats.variance import CENSUS
from app.survey.sample import Flags, Floats


def frame_of(design: Design) -> Frame:
    """The frame of a design. Raises CannotEstimate for one that needs the general way."""
    reason = why_not(design)
    if reason:
        raise CannotEstimate(f"{reason}: estimate domain by domain.")
    columns = [_columns_of(design, step) for step in design.adjustments]
    chain = _chain(design, columns)
    if design.stages[0].is_response:
        blocks = block_diag(np.zeros((0, 0)), *columns)
        calibrations = Calibrations(_moved_by_response(design), blocks, chain)
    else:
        moved = _moved_by_cluster(design, columns)
        calibrations = Calibrations(moved, np.eye(moved.shape[1]), chain)
    return Frame.of(_units(design), calibrations)


def why_not(design: Design) -> str:
    """Why a design needs the general way; empty if a frame can be made of it."""
    stage, *more = design.stages
    if design.replicates is not None:
        return "every variance of this design comes from its replicate weights"
    if more and stage.fpc is not None:
        return "this design has sampled fractions after its first stage"
    if design.lonely == "adjust_domains":
        return "the rule for lonely units looks at each domain by itself"
    size, alone = _alone(design)
    if alone.any() and design.lonely in ("fail", "adjust"):
        names = ", ".join(str(name) for name in stage.names[alone])
        return f"units alone in their stratum ({names}) need the rule {design.lonely!r}"
    if design.lonely == "average" and alone.all() and len(size):
        return "every stratum has one unit alone"
    return ""


def sums_of(design: Design, y: Floats, domain: Integers, *, domains: int) -> DomainSums:
    """The sums of an item over the rows of a design; `domain` (n) is −1 outside the family."""
    counted = (design.weight > 0) & ~np.isnan(y) & (domain >= 0)
    weight = np.where(counted, design.weight, 0.0)
    mass, inside = design.times(weight), np.where(counted, domain, 0)
    centre = float(mass @ np.where(counted, y, 0.0)) / float(mass.sum() or 1.0)
    answer = np.where(counted, y - centre, 0.0)
    stage = design.stages[0]
    # A response of a row is a unit that stands for all of them; a cluster is their sum.
    of_unit = weight if stage.is_response else mass
    place = stage.cluster * domains + inside
    present, code = np.unique(place[counted], return_inverse=True)
    moments = [
        _moments(design, step, answer * mass, inside, domains=domains)
        for step in design.adjustments
    ]
    bases = [
        _moments(design, step, mass, inside, domains=domains) for step in design.adjustments
    ]
    return DomainSums(
        unit=present // domains,
        domain=present % domains,
        total=sums_by(code, (answer * of_unit)[counted], len(present)),
        weight=sums_by(code, of_unit[counted], len(present)),
        squares=sums_by(inside, answer**2 * mass, domains),
        n=sums_by(inside[counted], design.times(np.ones(len(y)))[counted], domains),
        varies=_varies(y[counted], inside[counted], domains),
        moment=np.vstack([np.zeros((0, domains)), *moments]),
        base=np.vstack([np.zeros((0, domains)), *bases]),
        centre=centre,
    )


def orthonormal_columns(step: Adjustment, mass: Floats) -> Floats:
    """Calibration columns x (cells by rank) for which Σ x x' d/q over responses is one.

    `mass` is Σ d/q of each cell.
    """
    root = np.sqrt(mass)
    inverse = np.divide(1.0, root, np.zeros(len(root)), where=root > 0)
    return step.basis * inverse[:, None]


def _units(design: Design) -> Units:
    stage = design.stages[0]
    size, alone = _alone(design)
    factor = stratum_factor(size, _population(design))
    if design.lonely == "average" and alone.any():
        factor = factor * len(size) / (len(size) - alone.sum())
    stratum_of = np.zeros(_clusters(design), np.intp)
    stratum_of[stage.cluster] = stage.stratum
    return Units(stratum_of, _unit_counts(design), factor, design.df)


def _alone(design: Design) -> tuple[Floats, Flags]:
    """n_h, and whether the stratum has one unit of several in the population."""
    stage = design.stages[0]
    stratum_of = np.zeros(_clusters(design), np.intp)
    stratum_of[stage.cluster] = stage.stratum
    size = sums_by(stratum_of, _unit_counts(design), len(stage.names))
    population = _population(design)
    uncovered = np.ones(len(size)) if population is None else 1 - size / population
    return size, (size == 1) & (uncovered >= CENSUS)


def _population(design: Design) -> Floats | None:
    stage = design.stages[0]
    if stage.fpc is None:
        return None
    population = np.zeros(len(stage.names))
    population[stage.stratum] = stage.fpc
    return population


def _unit_counts(design: Design) -> Floats:
    clusters = np.ones(_clusters(design))
    return design.times(clusters) if design.stages[0].is_response else clusters


def _clusters(design: Design) -> int:
    return int(design.stages[0].cluster.max(initial=-1)) + 1


def _varies(answer: Floats, domain: Integers, domains: int) -> Flags:
    first = np.zeros(domains)
    first[domain] = answer
    return np.bincount(domain, answer != first[domain], domains) > 0


def _columns_of(design: Design, step: Adjustment) -> Floats:
    d_over_q = step.before if step.scale is None else step.before / step.scale
    return orthonormal_columns(
        step, sums_by(step.cell, design.times(d_over_q), len(step.basis))
    )


def _moved_by_cluster(design: Design, columns: list[Floats]) -> Floats:
    """Σ g d x of each cluster (U by P), from the sums by cluster and cell."""
    clusters = _clusters(design)
    found = [np.zeros((clusters, 0))]
    for step, x in zip(design.adjustments, columns, strict=True):
        values = design.times(step.factor * step.before)
        rows = (design.stages[0].cluster, step.cell)
        found.append(np.asarray(csr_array((values, rows), (clusters, len(x))) @ x))
    return np.hstack(found)


def _moved_by_response(design: Design) -> csr_array:
    """The g d of a response of each row, at its cell in every calibration."""
    n, steps = len(design), design.adjustments
    starts = np.cumsum([0, *(len(step.basis) for step in steps)])
    values = np.concatenate([np.zeros(0), *(step.factor * step.before for step in steps)])
    places = [step.cell + start for step, start in zip(steps, starts, strict=False)]
    cells = np.concatenate([np.zeros(0, np.intp), *places])
    rows = np.tile(np.arange(n), len(steps))
    return csr_array((values, (rows, cells)), (n, int(starts[-1])))


def _over_g(step: Adjustment, values: Floats) -> Floats:
    scaled = step.factor if step.scale is None else step.factor * step.scale
    return np.divide(values, scaled, np.zeros(len(values)), where=scaled > 0)


def _moments(
    design: Design, step: Adjustment, values: Floats, domain: Integers, *, domains: int
) -> Floats:
    """Σ x v/(g q) by column and domain; `values` are of all responses of a row."""
    columns = _columns_of(design, step)
    cells = len(columns)
    place = step.cell * domains + domain
    by_cell = sums_by(place, _over_g(step, values), cells * domains)
    result: Floats = columns.T @ by_cell.reshape(cells, domains)
    return result


def _chain(design: Design, columns: list[Floats]) -> Floats:
    """From all moments of z to b: each calibration sees what those before it left over."""
    starts = np.cumsum([0, *(one.shape[1] for one in columns)])
    chain = np.eye(int(starts[-1]))
    for later, step in enumerate(design.adjustments):
        here = slice(starts[later], starts[later + 1])
        for before, earlier in enumerate(design.adjustments[:later]):
            mass = design.times(_over_g(step, earlier.factor * earlier.before))
            shape = (len(step.basis), len(earlier.basis))
            shared = csr_array((mass, (step.cell, earlier.cell)), shape)
            crossed = columns[later].T @ np.asarray(shared @ columns[before])
            chain[here] -= crossed @ chain[starts[before] : starts[before + 1]]
    return chain
