"""The sums of a family of domains from a design in memory, through any chain of calibrations.

For designs of one stage whose units are clusters. Anything else takes the general way, domain
by domain, with the same result (`statistic.mean_of`).
"""

import numpy as np
from scipy.sparse import coo_array, csr_array

from app.errors import CannotEstimate
from app.stats.design import Adjustment, Design, Integers
from app.stats.families import DomainSums, Frame, stratum_factor, sums_by
from app.survey.sample import Floats


def frame_of(design: Design) -> Frame:
    """The frame of a design. Raises CannotEstimate for one that needs the general way."""
    stage = design.stages[0]
    if not is_family_design(design):
        raise CannotEstimate("this design has no units to sum over: estimate domain by domain.")
    units = int(stage.cluster.max(initial=-1)) + 1
    stratum_of = np.zeros(units, np.intp)
    stratum_of[stage.cluster] = stage.stratum
    size = np.bincount(stratum_of, minlength=len(stage.names)).astype(float)
    population = None
    if stage.fpc is not None:
        population = np.zeros(len(size))
        population[stage.stratum] = stage.fpc
    columns = [_columns_of(design, step) for step in design.adjustments]
    moved = [
        _unit_by_cell(design, step, step.factor * step.before, units) @ one
        for step, one in zip(design.adjustments, columns, strict=True)
    ]
    return Frame(
        stratum_of,
        size,
        stratum_factor(size, population),
        np.hstack([np.zeros((units, 0)), *moved]),
        _chain(design, columns),
    )


def is_family_design(design: Design) -> bool:
    """Whether `frame_of` knows it: clusters of one stage, none lonely, no replicates."""
    stage, *more = design.stages
    if stage.is_response or design.replicates is not None or (more and stage.fpc is not None):
        return False
    stratum_of = np.zeros(int(stage.cluster.max(initial=-1)) + 1, np.intp)
    stratum_of[stage.cluster] = stage.stratum
    return bool((np.bincount(stratum_of) > 1).all())


def sums_of(design: Design, y: Floats, domain: Integers, *, domains: int) -> DomainSums:
    """The sums of an item over the rows of a design; `domain` (n) is −1 outside the family."""
    stage = design.stages[0]
    counted = (design.weight > 0) & ~np.isnan(y) & (domain >= 0)
    answer = np.where(counted, y, 0.0)
    mass = np.where(counted, design.times(design.weight), 0.0)
    place = stage.cluster * domains + np.where(counted, domain, 0)
    present, code = np.unique(place[counted], return_inverse=True)
    inside = np.where(counted, domain, 0)
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
        total=sums_by(code, (answer * mass)[counted], len(present)),
        weight=sums_by(code, mass[counted], len(present)),
        squares=sums_by(inside, answer**2 * mass, domains),
        n=sums_by(inside[counted], design.times(np.ones(len(y)))[counted], domains),
        moment=np.vstack([np.zeros((0, domains)), *moments]),
        base=np.vstack([np.zeros((0, domains)), *bases]),
    )


def orthonormal_columns(step: Adjustment, mass: Floats) -> Floats:
    """Calibration columns x (cells by rank) for which Σ x x' d/q over responses is one.

    `mass` is Σ d/q of each cell.
    """
    root = np.sqrt(mass)
    inverse = np.divide(1.0, root, np.zeros(len(root)), where=root > 0)
    return step.basis * inverse[:, None]


def _columns_of(design: Design, step: Adjustment) -> Floats:
    d_over_q = step.before if step.scale is None else step.before / step.scale
    return orthonormal_columns(
        step, sums_by(step.cell, design.times(d_over_q), len(step.basis))
    )


def _unit_by_cell(design: Design, step: Adjustment, values: Floats, units: int) -> csr_array:
    rows = (design.stages[0].cluster, step.cell)
    return coo_array((design.times(values), rows), (units, len(step.basis))).tocsr()


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
    ranks = [one.shape[1] for one in columns]
    starts = np.concatenate([[0], np.cumsum(ranks)]).astype(int)
    chain = np.eye(starts[-1])
    for later, step in enumerate(design.adjustments):
        here = slice(starts[later], starts[later + 1])
        for before in range(later):
            earlier = design.adjustments[before]
            x, others = (
                columns[later][step.cell],
                columns[before][earlier.cell],
            )
            moved = design.times(_over_g(step, earlier.factor * earlier.before))
            crossed = (x * moved[:, None]).T @ others
            there = slice(starts[before], starts[before + 1])
            chain[here] -= crossed @ chain[there]
    return chain
