"""The weighting steps of a study, one after the other, each on rows and weights together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Design
from app.stats.weights.calibration import calibrate, margin_targets, term_targets
from app.stats.weights.distance import Distance
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.nonresponse import nonresponse_classes
from app.stats.weights.steps import post_stratify, rake
from app.stats.weights.trimming import trim_once, trim_rerake, trim_strict
from app.workflow.study.definition import Step
from app.workflow.study.designs import ReadTable
from app.workflow.study.expressions import evaluate
from app.workflow.study.margins import Recode, population_margin, term_totals
from app.workflow.study.table import Table

Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """Rows and design after some steps."""

    table: Table
    design: Design
    recodes: tuple[Recode, ...] = ()
    margins: tuple[PopulationMargin, ...] = ()
    """Those of the last step that met some; trimming keeps them."""
    before: Design | None = None
    """The design before that step."""
    found: Mapping[str, Any] = field(default_factory=dict)
    """What steps found out beside the weights."""


def apply_steps(start: State, steps: tuple[Step, ...], read: ReadTable) -> list[State]:
    """The states before, between and after the steps. Raises CannotEstimate naming the step."""
    states = [start]
    for number, step in enumerate(steps, start=1):
        try:
            states.append(STEPS[step.op](states[-1], step, read))
        except CannotEstimate as error:
            lines = [f"step {number}, {step.op}: {line}" for line in str(error).splitlines()]
            raise CannotEstimate("\n".join(lines)) from None
    return states


def step_margins(state: State, step: Step, read: ReadTable) -> list[PopulationMargin]:
    """The margins a step names, with their totals; those of the last step if it names none."""
    names = step.margins or ((step.margin or "*".join(step.by),) if step.by else ())
    if not names:
        return list(state.margins)
    if step.totals is None:
        raise CannotEstimate("`totals`, the file of population totals, is absent. Name it.")
    file = read(step.totals)
    return [
        population_margin(
            name, file, state.table, by=step.by or tuple(name.split("*")), recodes=state.recodes
        )
        for name in names
    ]


def _poststratify(state: State, step: Step, read: ReadTable) -> State:
    margins = step_margins(state, step, read)
    if not margins:
        raise CannotEstimate("name `by`, the columns that make the post-strata.")
    margin = margins[0]
    design = post_stratify(state.design, margin)
    return replace(state, design=design, margins=(margin,), before=state.design)


def _rake(state: State, step: Step, read: ReadTable) -> State:
    margins = step_margins(state, step, read)
    if not margins:
        raise CannotEstimate("name `margins` to rake to.")
    design = rake(state.design, margins)
    return replace(state, design=design, margins=tuple(margins), before=state.design)


def _calibrate(state: State, step: Step, read: ReadTable) -> State:
    margins = () if step.terms else tuple(step_margins(state, step, read))
    if not margins and not step.terms:
        raise CannotEstimate("name `terms` or `margins` to calibrate to.")
    design = calibrated(state, step, margins, read=read)
    return replace(state, design=design, margins=margins or state.margins, before=state.design)


def calibrated(
    state: State, step: Step, margins: tuple[PopulationMargin, ...], *, read: ReadTable
) -> Design:
    """The state's design after a calibration to margins or to the step's terms."""
    if step.terms:
        if step.totals is None:
            raise CannotEstimate("`totals`, the file of term totals, is absent. Name it.")
        known = term_totals(read(step.totals))
        absent = [term for term in step.terms if term not in known]
        if absent:
            raise CannotEstimate(f"{step.totals} has no total for {', '.join(absent)}.")
        columns = {term: state.table.numbers(term) for term in step.terms}
        targets = term_targets(columns, {term: known[term] for term in step.terms})
    else:
        targets = margin_targets(margins)
    units = None
    if step.equal_within is not None:
        _, units = np.unique(state.table.labels(step.equal_within), return_inverse=True)
    scale = None if step.variance is None else state.table.numbers(step.variance)
    return calibrate(state.design, targets, distance_of(step, state), scale=scale, units=units)


def distance_of(step: Step, state: State) -> Distance:
    """The distance of a step; limits on the weight are multiples of the mean weight."""
    if step.bounds_on == "weight" and step.bounds is None:
        return Distance(step.calfun, limits(step, state.design), "weight")
    if step.bounds is None:
        return Distance(step.calfun)
    low, high = step.bounds
    ends = (-np.inf if low is None else low, np.inf if high is None else high)
    return Distance(step.calfun, ends, step.bounds_on)


def limits(step: Step, design: Design) -> tuple[float, float]:
    """Smallest and largest weight a trimming step allows."""
    mean = mean_weight(design)
    low = 0.0 if step.lower is None else step.lower * mean
    return low, np.inf if step.upper is None else step.upper * mean


def mean_weight(design: Design) -> float:
    """Mean of the positive weights, over responses."""
    return float(design.times(design.weight).sum()) / design.responses(design.weight > 0)


def _nonresponse(state: State, step: Step, read: ReadTable) -> State:
    if step.respond is None or step.classes is None:
        raise CannotEstimate("name `respond`, the column of 0 and 1, and `classes`.")
    responded = state.table.numbers(step.respond) == 1
    classes = state.table.labels("*".join(step.classes))
    design, factors = nonresponse_classes(state.design, responded, classes)
    found = {**state.found, "nonresponse_factors": dict(factors)}
    return replace(state, table=state.table.restrict(responded), design=design, found=found)


def _collapse(state: State, step: Step, read: ReadTable) -> State:
    if step.column is None or step.map is None:
        raise CannotEstimate("name `column` and `map`, its levels and what they become.")
    labels = state.table.labels(step.column)
    into = step.into or step.column
    merged = np.array([step.map.get(level, level) for level in labels.tolist()], np.str_)
    recode = Recode(step.column, into, step.map)
    return replace(
        state,
        table=state.table.with_labels(into, merged),
        recodes=(*state.recodes, recode),
    )


def _drop(state: State, step: Step, read: ReadTable) -> State:
    if isinstance(step.where, str):
        gone = evaluate(step.where, state.table) == 1
    elif step.where is not None:
        gone = state.table.flags(step.where)
    elif step.column is not None and step.values is not None:
        labels = state.table.labels(step.column)
        gone = np.isin(labels, [str(value) for value in step.values])
    else:
        raise CannotEstimate("say which rows to drop: `where`, or `column` and `values`.")
    if gone.all():
        raise CannotEstimate("no row is left.")
    return replace(
        state, table=state.table.restrict(~gone), design=state.design.restrict(~gone)
    )


def _trim(state: State, step: Step, read: ReadTable) -> State:
    trim = trim_strict if step.strict_ else trim_once
    low, high = limits(step, state.design)
    return replace(state, design=trim(state.design, low, high))


def _trim_rerake(state: State, step: Step, read: ReadTable) -> State:
    margins = step_margins(state, step, read)
    if not margins:
        raise CannotEstimate("name `margins` to rake to, or rake in a step before.")
    low, high = limits(step, state.design)
    design = trim_rerake(state.design, margins, low, high)
    return replace(state, design=design, margins=tuple(margins), before=state.design)


STEPS: Mapping[str, Callable[[State, Step, ReadTable], State]] = {
    "poststratify": _poststratify,
    "rake": _rake,
    "calibrate": _calibrate,
    "nonresponse_classes": _nonresponse,
    "collapse": _collapse,
    "drop": _drop,
    "trim": _trim,
    "trim_rerake": _trim_rerake,
}
