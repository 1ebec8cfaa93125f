"""Calibrations and trimmings tried side by side, and how near each is to being impossible."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from app.errors import CannotEstimate
from app.stats.weights.calibration import margin_targets
from app.stats.weights.feasibility import narrowest_half_width
from app.workflow.study.definition import Step
from app.workflow.study.designs import ReadTable
from app.workflow.study.state import State
from app.workflow.study.steps import STEPS, calibrated, limits, mean_weight, step_margins
from app.workflow.study.summaries import weights_summary

Estimates = Callable[[State], list[dict[str, Any]]]
AT_BOUND = 1e-9
ALTERNATED = 1e-6
"""Clipping and raking in turns end near a limit, not at it: weights are known to this share."""


def grid_entry(
    start: State, step: Step, read: ReadTable, estimates_of: Estimates
) -> dict[str, Any]:
    """One bounded calibration of the first weights: its estimates, or why it is impossible."""
    margins = tuple(step_margins(start, step, read))
    described: dict[str, Any] = {"calfun": step.calfun, "bounds": step.bounds}
    edge = narrowest(start, step, read)
    if step.bounds is not None and None not in step.bounds and edge:
        low, high = (float(end or 0.0) for end in step.bounds)
        centre = _centre(start, margins)
        described["factor_of_edge"] = min(high / centre - 1, 1 - low / centre) / edge
    try:
        design = calibrated(start, step, margins, read=read)
    except CannotEstimate as error:
        return described | {"feasible": False, "refused": str(error).splitlines()}
    ratio = (
        design.weight[start.design.weight > 0] / start.design.weight[start.design.weight > 0]
    )
    at_bounds = [np.abs(ratio - end) < AT_BOUND for end in step.bounds or () if end is not None]
    described |= {
        "feasible": True,
        "weights": weights_summary(design),
        "n_at_bounds": int(sum(one.sum() for one in at_bounds)),
        "estimates": estimates_of(replace(start, design=design)),
    }
    return described


def narrowest(start: State, step: Step, read: ReadTable) -> float | None:
    """Smallest t for which weights with ratios in [c(1 − t), c(1 + t)] meet the margins."""
    margins = step_margins(start, step, read)
    if not margins:
        raise CannotEstimate("name the `margins` and `totals` of every entry.")
    targets = margin_targets(margins)
    mass = start.design.times(start.design.weight)
    return narrowest_half_width(mass, targets)


def trim_limits(state: State, step: Step) -> dict[str, Any]:
    """The limits of a trimming, and how many weights lie outside."""
    low, high = limits(step, state.design)
    weight = state.design.weight
    return {
        "lower": low,
        "upper": high,
        "mean": mean_weight(state.design),
        "n_below": int(((weight < low) & (weight > 0)).sum()),
        "n_above": int((weight > high).sum()),
    }


def trim_variant(
    state: State, step: Step, read: ReadTable, estimates_of: Estimates
) -> dict[str, Any]:
    """One way to trim the weights; a bounded calibration starts before the last one."""
    low, high = limits(step, state.design)
    if step.op == "calibrate":
        trimmed = _bounded(state, step, (low, high), read=read)
    else:
        trimmed = STEPS[step.op](state, step, read)
    weight = trimmed.design.weight
    variant: dict[str, Any] = {
        "weights": weights_summary(trimmed.design),
        "n_at_lower": int((weight < low * (1 + AT_BOUND)).sum()),
        "n_at_upper": int((weight > high * (1 - AT_BOUND)).sum()),
        "estimates": estimates_of(trimmed),
    }
    if step.op == "trim_rerake":
        variant["tolerance"] = ALTERNATED
    rows = [row for answer in variant["estimates"] for row in answer["rows"]]
    for row in rows:
        if row.get("domain") is None and row.get("item") and "estimate" in row:
            variant.setdefault(f"weighted_mean_{row['item']}", row["estimate"])
    return variant


def _bounded(state: State, step: Step, ends: tuple[float, float], *, read: ReadTable) -> State:
    if state.before is None:
        raise CannotEstimate(
            "trimming as one bounded calibration needs a calibration before it."
        )
    margins = tuple(step_margins(state, step, read))
    fixed = step.model_copy(update={"bounds": ends})
    start = replace(state, design=state.before)
    return replace(start, design=calibrated(start, fixed, margins, read=read))


def _centre(start: State, margins: tuple[Any, ...]) -> float:
    """N/Σw."""
    total = sum(margins[0].totals.values())
    return float(total / start.design.times(start.design.weight).sum())
