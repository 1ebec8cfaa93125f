"""Weights that the values or pairwise judgements suggest: advice that changes no score."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from app.errors import InputRefused, Problem
from app.scoring.explanation.advice import (
    communality_weights,
    critic_weights,
    entropy_weights,
    first_component_weights,
    gini_weights,
    variation_weights,
)
from app.scoring.explanation.judgements import ahp_weights, consistency_ratio
from app.scoring.index import Scoring
from app.survey.sample import Flags, Floats
from app.workflow.score_file.answer import Found
from app.workflow.score_file.case_format import WeightsAsked

OF_VALUES: Mapping[str, Callable[[Floats], Floats]] = {
    "cv": variation_weights,
    "gini": gini_weights,
    "pca": first_component_weights,
    "communality": communality_weights,
}


def advised_weights(scoring: Scoring, asked: Sequence[WeightsAsked]) -> Found:
    """Method → indicator → weight, of the units that have every value.

    Raises InputRefused where a method cannot take the values or the judgements.
    """
    if not asked:
        return {}
    inputs, cards = scoring.workings.inputs, scoring.system.indicators
    whole: Flags = np.isfinite(inputs.value.sum(axis=1))
    codes = [card.code for card in cards]
    found = {
        one.method: dict(zip(codes, _weights(scoring, one, whole).tolist(), strict=True))
        for one in asked
    }
    left_out = [unit.code for unit, has in zip(inputs.units, whole, strict=True) if not has]
    ratios = {
        one.method: consistency_ratio(np.array(one.judgements))
        for one in asked
        if one.judgements is not None
    }
    about = {"without_units": left_out, "consistency_ratio": ratios}
    return {"weights": found, "weights_about": about}


def _weights(scoring: Scoring, one: WeightsAsked, whole: Flags) -> Floats:
    cards = scoring.system.indicators
    if one.method == "ahp":
        return _judged(one, len(cards))
    values = scoring.workings.inputs.value[whole]
    directions = [card.direction for card in cards]
    if one.method == "critic":
        return critic_weights(values, directions)
    if one.method == "entropy":
        # Values below 0 have no shares: they are first brought to 0 … 1.
        return entropy_weights(values, directions if (values < 0).any() else None)
    return OF_VALUES[one.method](values)


def _judged(one: WeightsAsked, indicators: int) -> Floats:
    rows = one.judgements or ()
    if len(rows) != indicators or any(len(row) != indicators for row in rows):
        message = f"needs `judgements`: {indicators} rows of {indicators} comparisons"
        chinese = (
            f"weights：ahp 需要 judgements，即 {indicators} 行 {indicators} 列的两两比较。"
        )
        cure = "Write them in the order of the indicators."
        raise InputRefused([Problem("weights", message, cure, chinese=chinese)])
    return ahp_weights(np.array(rows))
