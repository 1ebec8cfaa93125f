"""Responses that are alike as one row, so that a country costs what a village costs.

Two responses of one kind (stratum, weight, place among the calibration cells, labels that
domains are made of) with the same answer are the same to every estimator. A design knows how
many responses a row stands for, so one row is enough for all of them; what comes out differs
from the long way in the last bits only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.stats.design import Adjustment, Design, Integers, Stage
from app.survey.sample import Floats, Labels


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of responses of a design."""

    design: Design
    kind: Integers
    """Kind of each response (n), counted from 0."""


@dataclass(frozen=True, slots=True)
class Condensed:
    """A design in which no two rows are alike."""

    design: Design
    rows: Integers
    """A response that each row looks like."""


def kinds_of(design: Design, labels: Sequence[Labels]) -> Kinds:
    """Tell the responses of a design apart by all but their answers.

    A design of clusters, with replicate weights or of rows that stand for many already is
    left as it is: each row is a kind of its own.
    """
    n = len(design)
    if not _can_condense(design):
        return Kinds(design, np.arange(n, dtype=np.intp))
    kind = design.stages[0].stratum
    columns: list[Floats | Integers | Labels] = [design.weight, *labels]
    if design.stages[0].fpc is not None:
        columns.append(design.stages[0].fpc)
    for step in design.adjustments:
        columns += [step.before, step.factor, step.cell]
        columns += [] if step.scale is None else [step.scale]
    for column in columns:
        codes = np.unique(column, return_inverse=True)[1].astype(np.intp)
        # Numbered anew after every column, so that the product of codes never overflows.
        kind = np.unique(kind * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)[1]
    return Kinds(design, kind.astype(np.intp))


def condense(kinds: Kinds, answer: Floats) -> Condensed:
    """One row for each kind of response and each of its answers; NaN is an answer too."""
    design, n = kinds.design, len(kinds.design)
    if not _can_condense(design):
        return Condensed(design, np.arange(n, dtype=np.intp))
    level = np.unique(answer, return_inverse=True)[1]
    joint = kinds.kind * (int(level.max(initial=0)) + 1) + level
    size = int(joint.max(initial=-1)) + 1
    if size > 4 * n:
        joint = np.unique(joint, return_inverse=True)[1]
        size = int(joint.max()) + 1
    counts = np.bincount(joint, minlength=size)
    first = np.zeros(size, np.intp)
    first[joint[::-1]] = np.arange(n, dtype=np.intp)[::-1]
    present = counts > 0
    rows = first[present]
    return Condensed(_taken(design, rows, counts[present]), rows)


def _can_condense(design: Design) -> bool:
    is_simple = len(design.stages) == 1 and design.stages[0].is_response
    return is_simple and design.count is None and design.replicates is None


def _taken(design: Design, rows: Integers, counts: Integers) -> Design:
    stage = design.stages[0]
    only = Stage(
        stage.stratum[rows],
        np.arange(len(rows), dtype=np.intp),
        stage.names,
        None if stage.fpc is None else stage.fpc[rows],
        is_response=True,
    )
    return replace(
        design,
        weight=design.weight[rows],
        stages=(only,),
        adjustments=tuple(_step_of(step, rows) for step in design.adjustments),
        count=counts.astype(float),
    )


def _step_of(step: Adjustment, rows: Integers) -> Adjustment:
    return replace(
        step,
        before=step.before[rows],
        factor=step.factor[rows],
        cell=step.cell[rows],
        scale=None if step.scale is None else step.scale[rows],
    )
