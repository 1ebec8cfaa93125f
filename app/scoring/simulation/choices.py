"""What is in doubt, and the systems that other choices would have made.

A survey's error is always a doubt. Weights, methods, means and missing rules are choices:
the official interval leaves them as they were decided, and the sensitivity analysis asks
what they decided.
"""

from collections.abc import Collection, Mapping
from itertools import product
from typing import Any, Literal, TypeVar

import numpy as np

from app.errors import InputRefused, Problem
from app.scoring.definition.cards import IndicatorCard, Node
from app.scoring.definition.system import IndicatorSystem
from app.scoring.simulation.streams import stream
from app.scoring.steps.aggregation import PartWeights, nominal_weights
from app.scoring.steps.arrangement import Integers
from app.survey.sample import Floats

Doubt = Literal["survey_error", "weights", "normalise", "aggregate", "missing"]
SURVEY_ERROR: tuple[Doubt, ...] = ("survey_error",)
"""The doubt behind the official interval."""
CHOICES: tuple[Doubt, ...] = ("normalise", "aggregate", "missing")
"""Doubts with alternatives in the system's file."""
EVERY_DOUBT: tuple[Doubt, ...] = ("survey_error", "weights", *CHOICES)

Choice = tuple[int, int, int]
"""Which method, mean and missing rule: 0 is the system's own, k the k-th alternative."""
OFFICIAL: Choice = (0, 0, 0)

Part = TypeVar("Part", IndicatorCard, Node)


def number_of_options(system: IndicatorSystem, doubts: Collection[Doubt]) -> Choice:
    """How many methods, means and missing rules there are to choose from; 1 without doubt."""
    stated = system.uncertainty.alternatives
    methods, means, rules = (
        1 + len(options) if doubt in doubts else 1
        for doubt, options in zip(
            CHOICES, (stated.normalise, stated.aggregate, stated.missing), strict=True
        )
    )
    return methods, means, rules


def system_under(system: IndicatorSystem, choice: Choice) -> IndicatorSystem:
    """The system as another choice would have made it; its weights and grades stay."""
    method, mean, rule = choice
    stated = system.uncertainty.alternatives
    changed: dict[str, Any] = {}
    if method:
        normalise = {"normalise": stated.normalise[method - 1]}
        changed["indicators"] = _each(system.indicators, normalise)
    if mean:
        aggregate = {"aggregate": stated.aggregate[mean - 1]}
        changed["nodes"] = _each(system.nodes, aggregate)
    if rule:
        changed["missing"] = stated.missing[rule - 1]
    return changed_system(system, changed) if changed else system


def changed_system(system: IndicatorSystem, changed: Mapping[str, Any]) -> IndicatorSystem:
    """The system with other parts, which are taken as they are."""
    same = {name: getattr(system, name) for name in type(system).model_fields}
    return type(system).model_construct(**(same | dict(changed)))


def drawn_choices(
    options: Choice, *, seed: int, draws: int, doubts: Collection[Doubt]
) -> list[Choice]:
    """One choice for each draw, every option as likely as the others."""
    columns = [
        stream(seed, "choice", doubt).integers(number, size=draws)
        if doubt in doubts
        else np.zeros(draws, np.intp)
        for doubt, number in zip(CHOICES, options, strict=True)
    ]
    return [(int(a), int(b), int(c)) for a, b, c in zip(*columns, strict=True)]


def all_choices(options: Choice) -> list[Choice]:
    """Every combination; the system's own comes first."""
    return [(a, b, c) for a, b, c in product(*(range(number) for number in options))]


def weight_factors(system: IndicatorSystem, *, seed: int, draws: int) -> dict[str, Floats]:
    """Part → the factors of its weight, evenly between 1 - noise and 1 + noise.

    One factor for all region types: what is in doubt is how important a part is.
    """
    noise = system.uncertainty.weight_noise
    return {
        code: 1 + noise * (2 * stream(seed, "weight", code).random(draws) - 1)
        for code in nominal_weights(system)
    }


def shaken_weights(
    system: IndicatorSystem, nominal: PartWeights, factors: Mapping[str, Floats], number: int
) -> PartWeights:
    """`nominal` in draw `number`; a node that sums its indicators sums the shaken ones."""
    weights = {code: weight * factors[code][number] for code, weight in nominal.items()}
    if system.node_weights == "sum_of_indicators":
        for node in system.bottom_up:
            below = [weights[child.code] for child in system.children[node.code]]
            weights[node.code] = np.sum(below, axis=0)
    return weights


def refused_choice(system: IndicatorSystem, choice: Choice, why: InputRefused) -> Problem:
    """Why a combination of alternatives cannot be computed."""
    names = (*("normalise", "aggregate", "missing"),)
    chosen = [f"{name}[{at - 1}]" for name, at in zip(names, choice, strict=True) if at]
    first = why.problems[0]
    return Problem(
        f"uncertainty.alternatives, {' with '.join(chosen)}",
        f"cannot be computed on these values: {first.place}: {first.message}",
        first.cure or "Leave the alternative out.",
        chinese=f"{system.title.zh}：备选方案 {'、'.join(chosen)} 同时采用时无法计算："
        f"{first.in_chinese}",
    )


def positions(options: int, share: Floats) -> Integers:
    """Shares between 0 and 1 as positions among `options`, each as likely as the others."""
    return np.minimum((share * options).astype(np.intp), options - 1)


def _each(parts: tuple[Part, ...], changed: Mapping[str, Any]) -> tuple[Part, ...]:
    return tuple(part.model_copy(update=changed) for part in parts)
