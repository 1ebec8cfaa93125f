"""The weighting steps of a study, one after the other, each on rows and weights together."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Design
from app.stats.weights.calibration import calibrate, margin_targets, term_targets
from app.stats.weights.distance import Distance
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.nonresponse import nonresponse_classes
from app.stats.weights.steps import post_stratify, rake
from app.stats.weights.targets import joined
from app.stats.weights.trimming import trim_once, trim_rerake, trim_strict
from app.survey.sample import Flags
from app.workflow.study.definition import Domain, Step
from app.workflow.study.designs import ReadTable
from app.workflow.study.expressions import evaluate
from app.workflow.study.margins import (
    Recode,
    margin_table,
    population_margin,
    term_totals,
    within_levels,
)
from app.workflow.study.partial import on_some_rows, scattered, without_rows
from app.workflow.study.state import State
from app.workflow.study.table import Table

Found = dict[str, Any]


def apply_steps(start: State, steps: tuple[Step, ...], read: ReadTable) -> list[State]:
    """The states before, between and after the steps. Raises CannotEstimate naming the step."""
    states = [start]
    for number, step in enumerate(steps, start=1):
        try:
            states.append(_taken(states[-1], step, read))
        except CannotEstimate as error:
            lines = [f"step {number}, {step.op}: {line}" for line in str(error).splitlines()]
            raise CannotEstimate("\n".join(lines)) from None
    return states


def _taken(state: State, step: Step, read: ReadTable) -> State:
    """The state after a step: on all rows, on some, or in each level by itself."""
    act = STEPS[step.op]
    if step.op not in ON_SOME_ROWS:
        if step.where is not None and step.op != "drop":
            raise CannotEstimate("`where` has no meaning here: the step is on all rows.")
        return act(state, step, read)
    if step.where is not None:
        inside = chosen(state.table, step.where)
        return on_some_rows(state, inside, lambda part: act(part, step, read))
    if step.within is None or (step.totals is not None and not step.terms):
        return act(state, step, read)
    for name in step.within:
        state.table.stated(name)
    for level in state.table.levels(step.within):
        inside = state.table.flags(level)
        state = on_some_rows(state, inside, lambda part: act(part, step, read))
    return state


def step_margins(state: State, step: Step, read: ReadTable) -> list[PopulationMargin]:
    """The margins a step names, with their totals; those of the last step if it names none.

    Margins `within` columns are joint with them: raked together, each level is by itself.
    """
    own = step.margins or ((step.margin or "*".join(step.by),) if step.by else ())
    if not own:
        return list(state.margins)
    if step.totals is None:
        raise CannotEstimate("`totals`, the file of population totals, is absent. Name it.")
    within = step.within or ((step.by or ()) if step.margins else ())
    names = ["*".join((*within, name)) for name in own]
    file = (
        read(step.totals)
        if isinstance(step.totals, str)
        else margin_table(step.totals, names[0])
    )
    file = within_levels(file, within)
    by = () if step.margins else (step.by or ())
    return [
        population_margin(
            name,
            file,
            state.table,
            by=(*within, *by) if by else tuple(name.split("*")),
            recodes=state.recodes,
        )
        for name in names
    ]


def _poststratify(state: State, step: Step, read: ReadTable) -> State:
    margins = step_margins(state, step, read)
    if not margins:
        raise CannotEstimate("name `by`, the columns that make the post-strata.")
    margin = margins[0]
    design = post_stratify(state.design, margin)
    found = _with_not_stated(state, design)
    return replace(state, design=design, margins=(margin,), before=state.design, found=found)


def _rake(state: State, step: Step, read: ReadTable) -> State:
    margins = step_margins(state, step, read)
    if not margins:
        raise CannotEstimate("name `margins` to rake to.")
    design = rake(state.design, margins)
    found = _with_not_stated(state, design)
    return replace(
        state, design=design, margins=tuple(margins), before=state.design, found=found
    )


def _with_not_stated(state: State, design: Design) -> dict[str, object]:
    """What was found, with the shares of people whose level of a margin nobody knows."""
    shares = {name: s for name, s in design.adjustments[-1].not_stated.items() if s > 0}
    known = state.found.get("not_stated")
    before = known if isinstance(known, dict) else {}
    return {**state.found, "not_stated": {**before, **shares}} if shares else dict(state.found)


def _calibrate(state: State, step: Step, read: ReadTable) -> State:
    both = bool(step.margins and step.terms)
    margins = tuple(step_margins(state, step, read)) if both or not step.terms else ()
    if not margins and not step.terms:
        raise CannotEstimate("name `terms` or `margins` to calibrate to.")
    design = calibrated(state, step, margins, read=read)
    return replace(state, design=design, margins=margins or state.margins, before=state.design)


def calibrated(
    state: State, step: Step, margins: tuple[PopulationMargin, ...], *, read: ReadTable
) -> Design:
    """The state's design after a calibration to margins, to the step's terms, or to both."""
    if step.terms:
        if step.totals is None:
            raise CannotEstimate("`totals`, the file of term totals, is absent. Name it.")
        known = _known_terms(step, state, read)
        columns = {term: state.table.numbers(term) for term in step.terms}
        targets = term_targets(columns, {term: known[term] for term in step.terms})
        if margins:
            targets = joined(targets, margin_targets(margins))
    else:
        targets = margin_targets(margins)
    units = None
    if step.equal_within is not None:
        _, units = np.unique(state.table.stated(step.equal_within), return_inverse=True)
    scale = None if step.variance is None else state.table.numbers(step.variance)
    return calibrate(state.design, targets, distance_of(step, state), scale=scale, units=units)


def _known_terms(step: Step, state: State, read: ReadTable) -> dict[str, float]:
    """Total of each term, of the one level the rows have where the file tells levels apart."""
    if isinstance(step.totals, str):
        file = read(step.totals)
        for name in step.within or ():
            if name in file:
                (level,) = set(state.table.labels(name).tolist())
                file = file.restrict(file.labels(name) == level)
        known = term_totals(file)
    else:
        totals = step.totals or {}
        known = {term: t for term, t in totals.items() if not isinstance(t, Mapping)}
    absent = [term for term in step.terms or () if term not in known]
    if absent:
        source = step.totals if isinstance(step.totals, str) else "totals"
        raise CannotEstimate(f"{source} has no total for {', '.join(absent)}.")
    return known


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
    once = {"absolute": _one, "mean": mean_weight, "median": _median_weight}
    times = once[step.reference](design)
    if None not in (step.lower, step.upper) and not float(step.lower or 0) < (step.upper or 0):
        raise CannotEstimate(
            f"trimming limits {step.lower:g} and {step.upper:g}: the lower must be below the "
            "upper. Exchange them."
        )
    low = 0.0 if step.lower is None else step.lower * times
    return low, np.inf if step.upper is None else step.upper * times


def mean_weight(design: Design) -> float:
    """Mean of the positive weights, over responses."""
    counted = design.responses(design.weight > 0)
    if counted == 0:
        raise CannotEstimate("no row with a positive weight is left to trim. Check `where`.")
    return float(design.times(design.weight).sum()) / counted


def _median_weight(design: Design) -> float:
    """Median of the positive weights, over responses."""
    counted = design.weight > 0
    times = 1 if design.count is None else design.count[counted].astype(int)
    return float(np.median(np.repeat(design.weight[counted], times)))


def _one(design: Design) -> float:
    return 1.0


def _nonresponse(state: State, step: Step, read: ReadTable) -> State:
    if step.respond is None or step.classes is None:
        raise CannotEstimate("name `respond`, the column of 0 and 1, and `classes`.")
    answers = state.table.numbers(step.respond)
    strange = np.flatnonzero(~np.isin(answers, (0, 1)) & ~np.isnan(answers))
    if len(strange):
        raise CannotEstimate(
            f"column {step.respond}: {answers[strange[0]]:g} in row {strange[0] + 2}. "
            "Write 1 for those who answered and 0 for the others."
        )
    responded = answers == 1
    classes = state.table.stated("*".join(step.classes))
    free = replace(state.design, adjustments=())
    design, factors = nonresponse_classes(free, responded, classes)
    found = {**state.found, "nonresponse_factors": dict(factors)}
    if state.design.adjustments:
        # Nonrespondents stay without weight: the residuals of the calibration need them.
        return replace(state, design=scattered(state.design, design, responded), found=found)
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
    if step.where is not None:
        gone = chosen(state.table, step.where)
    elif step.column is not None and step.values is not None:
        labels = state.table.labels(step.column)
        gone = np.isin(labels, [str(value) for value in step.values])
    else:
        raise CannotEstimate("say which rows to drop: `where`, or `column` and `values`.")
    if gone.all():
        raise CannotEstimate("no row is left.")
    if state.design.adjustments:
        return without_rows(state, ~gone)
    return replace(
        state, table=state.table.restrict(~gone), design=state.design.restrict(~gone)
    )


def chosen(table: Table, where: Domain | str) -> Flags:
    """The rows that a domain or an expression describes."""
    return evaluate(where, table) == 1 if isinstance(where, str) else table.flags(where)


def _trim(state: State, step: Step, read: ReadTable) -> State:
    if step.lower is None and step.upper is None:
        raise CannotEstimate("name `lower` or `upper`, the limits to trim to.")
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


ON_SOME_ROWS = ("poststratify", "rake", "calibrate", "trim", "trim_rerake")
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
