"""From responses to a design: first weights, then the margins of the population.

`weigh` follows a plan; the steps stand on their own. Nothing is forced: margins that
contradict each other, a level without answers or an answer without a level are refused by
name, because weights that quietly miss a margin are worse than none.
"""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Design, simple_design
from app.stats.weights.calibration import calibrate
from app.stats.weights.distance import Distance
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.not_stated import whole_margins
from app.stats.weights.steps import rake
from app.stats.weights.targets import margin_targets
from app.stats.weights.trimming import trim_bounded
from app.survey.plan import Plan
from app.survey.recipe import (
    Calibration,
    PostStratification,
    Raking,
    Trimming,
    WeightingStep,
    margins_of,
)
from app.survey.sample import Floats, Labels, Sample


def weigh(sample: Sample, plan: Plan, *, influence: Floats | None = None) -> Design:
    """The design of a sample after the plan's weighting steps, in their order.

    `influence` (n values, 0 to 1) is how far each response is believed; it multiplies the
    first weights, before any margin. A response with influence 0 stays, with weight 0.

    A resident may skip a background item. Whoever did is held out of that margin: in its
    step the people without a level keep, together, the share of weight they had before,
    and the others are brought to the margin's shares of the rest. They still count in the
    margins they did state, and everybody sums to the population. That assumes that skipping
    the item does not depend on the level; the share is in `Adjustment.not_stated`.

    An empty sample has an empty design. Raises CannotEstimate, naming margin and level.
    """
    return weigh_in_steps(sample, plan, influence=influence)[-1]


def weigh_in_steps(
    sample: Sample, plan: Plan, *, influence: Floats | None = None
) -> tuple[Design, ...]:
    """The design after each weighting step; see `weigh`, which is the last of them."""
    believed = _influence(influence, len(sample))
    if len(sample) == 0:
        return (simple_design(np.zeros(0)),)
    if plan.weighting[0].kind == "given":
        design = given_weights(sample.given_weight, influence=believed)
    else:
        people = {unit.code: float(unit.population or 0) for unit in plan.units}
        design = base_weights(sample.unit, people, influence=believed)
    designs = [design]
    for before, step in pairwise(plan.weighting):
        if isinstance(step, Trimming):
            # Not after that step but in its place: one problem with limits and totals.
            designs.append(_trimmed(designs[-2], before, step, sample=sample, plan=plan))
        else:
            designs.append(_after(designs[-1], step, sample, plan))
    return tuple(designs)


def _after(design: Design, step: WeightingStep, sample: Sample, plan: Plan) -> Design:
    if not isinstance(step, PostStratification | Raking | Calibration):
        raise CannotEstimate(f"the step {step.kind} starts the weights again")
    margins = [_margin(sample, plan, name) for name in margins_of(step)]
    if isinstance(step, Calibration):
        stated = whole_margins(design, margins)
        targets = margin_targets(stated.margins, weight=design.weight)
        return stated.told(calibrate(design, targets, Distance(step.distance, step.bounds)))
    return rake(design, margins)


def _trimmed(
    design: Design, met: WeightingStep, step: Trimming, *, sample: Sample, plan: Plan
) -> Design:
    if not isinstance(met, PostStratification | Raking | Calibration):
        raise CannotEstimate("trimming follows no step with totals to keep")
    stated = whole_margins(design, [_margin(sample, plan, name) for name in margins_of(met)])
    targets = margin_targets(stated.margins, weight=design.weight)
    mean = stated.margins[0].people / int((design.weight > 0).sum())
    limits = (step.lowest * mean, step.highest * mean)
    return stated.told(trim_bounded(design, targets, *limits, kind=step.distance))


def given_weights(weight: Floats, *, influence: Floats | None = None) -> Design:
    """Weights that came with the answers, final but for `influence`."""
    wrong = ~(np.isfinite(weight) & (weight >= 0))
    if wrong.any():
        raise CannotEstimate(
            f"{int(wrong.sum())} of {len(weight)} responses came without a weight of 0 or "
            "more. Complete the weight column or plan base weights."
        )
    return simple_design(weight * _influence(influence, len(weight)))


def base_weights(
    unit: Labels, population: Mapping[str, float], *, influence: Floats | None = None
) -> Design:
    """Each unit's responses stand for its people: N / n, shared out by influence.

    With influences i the weight is N i / Σi, so that a unit whose answers are believed less
    still counts as many people. Units were sampled apart, so they are the strata; a unit
    with a single response is compared with the mean of all (rule `adjust`).
    """
    unknown = sorted(
        {str(u) for u in np.unique(unit)} - {u for u, n in population.items() if n > 0}
    )
    if unknown:
        raise CannotEstimate(
            f"no population is given for the unit {', '.join(unknown)}. Base weights need it."
        )
    believed = _influence(influence, len(unit))
    names, code = np.unique(unit, return_inverse=True)
    people = np.array([population[str(name)] for name in names], float)
    sums = np.bincount(code, believed, len(names))
    weight = believed * (people / np.where(sums > 0, sums, 1.0))[code]
    return simple_design(weight, stratum=unit, lonely="adjust")


def _margin(sample: Sample, plan: Plan, name: str) -> PopulationMargin:
    margin = next((m for m in plan.margins if m.variable == name), None)
    if margin is None:
        raise CannotEstimate(f"the plan gives no totals for the margin {name}")
    if name not in sample.background:
        raise CannotEstimate(f"no answer carries the margin {name}: the survey never asked it")
    return PopulationMargin(name, sample.background[name], margin.totals)


def _influence(influence: Floats | None, n: int) -> Floats:
    if influence is None:
        return np.ones(n)
    if len(influence) != n or not ((influence >= 0) & (influence <= 1)).all():
        raise ValueError(f"influence must be {n} numbers from 0 to 1")
    return influence
