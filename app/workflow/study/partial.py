"""A weighting step on some of the rows: one round, one county; the others keep theirs."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from app.stats.design import Adjustment, Design
from app.survey.sample import Flags, Floats
from app.workflow.study.state import State


def on_some_rows(state: State, inside: Flags, act: Callable[[State], State]) -> State:
    """The state after an act on the flagged rows alone, for steps that keep all rows.

    The rows outside take no part: a variance leaves them as they are.
    """
    alone = replace(state.design, adjustments=()).restrict(inside)
    part = replace(state, table=state.table.restrict(inside), design=alone, margins=())
    done = act(part).design
    design = _reweighted(state.design, done, inside)
    steps = tuple(_embedded(step, inside) for step in done.adjustments)
    # Its margins speak of some rows only: no later step may take them for everybody's.
    return replace(
        state,
        design=replace(design, adjustments=(*state.design.adjustments, *steps)),
        margins=(),
        before=None,
    )


def without_rows(state: State, kept: Flags) -> State:
    """The state with the weight of all other rows 0: they left after a calibration.

    The calibration's residuals need them, and clusters that leave were drawn all the same.
    """
    design, gone = state.design, ~kept
    replicates = None
    if design.replicates is not None:
        replicates = np.where(gone[:, None], 0.0, design.replicates.weight)
    weight = np.where(gone, 0.0, design.weight)
    return replace(state, design=design.reweighted(weight, replicates=replicates))


def scattered(design: Design, part: Design, inside: Flags) -> Design:
    """The design with the weights of a part of its rows, and 0 for all others."""
    nothing = design.reweighted(
        np.zeros(len(design)),
        replicates=None
        if design.replicates is None
        else np.zeros(design.replicates.weight.shape),
    )
    return _reweighted(nothing, part, inside)


def _reweighted(design: Design, part: Design, inside: Flags) -> Design:
    weight = design.weight.copy()
    weight[inside] = part.weight
    if design.replicates is None or part.replicates is None:
        return design.reweighted(weight)
    replicated = design.replicates.weight.copy()
    replicated[inside] = part.replicates.weight
    return design.reweighted(weight, replicates=replicated)


def _embedded(step: Adjustment, inside: Flags) -> Adjustment:
    """The step over all rows; those outside share an empty cell that no regression sees."""
    cell = np.full(len(inside), len(step.columns), np.intp)
    cell[inside] = step.cell
    return replace(
        step,
        before=_over_all(step.before, inside, outside=0.0),
        factor=_over_all(step.factor, inside, outside=1.0),
        cell=cell,
        columns=np.vstack([step.columns, np.zeros((1, step.columns.shape[1]))]),
        basis=np.vstack([step.basis, np.zeros((1, step.basis.shape[1]))]),
        scale=None if step.scale is None else _over_all(step.scale, inside, outside=1.0),
    )


def _over_all(values: Floats, inside: Flags, *, outside: float) -> Floats:
    result = np.full(len(inside), outside)
    result[inside] = values
    return result
