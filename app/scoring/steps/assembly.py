"""From the matrices of a scoring to one result per unit, with every step in plain values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.scoring.definition.system import IndicatorSystem
from app.scoring.inputs import ValueStatus
from app.scoring.results import (
    CompositeResult,
    IndicatorStep,
    LevelScore,
    Reference,
    UnitScore,
)
from app.scoring.steps.adjustment import Ledger, adjusted
from app.scoring.steps.aggregation import Aggregation
from app.scoring.steps.arrangement import Inputs
from app.scoring.steps.bands import ScoreBand
from app.scoring.steps.sampling_error import ScoreError
from app.scoring.steps.standing import Standing
from app.scoring.steps.workings import Workings
from app.survey.sample import Floats


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from the workings; one entry per unit in each."""

    errors: Sequence[ScoreError]
    bands: Sequence[ScoreBand]
    ledgers: Sequence[Ledger]
    finals: Floats
    standings: Sequence[Standing]


def assemble(system: IndicatorSystem, workings: Workings, outcome: Outcome) -> CompositeResult:
    """The result of a scoring from its workings and what followed."""
    leaning = {card.code for card in system.indicators if card.normalise.uses_data}
    references = tuple(
        Reference(fit.indicator, fit.region_type, fit.n, fit.lowest, fit.highest)
        for fit in workings.normalised.fits
        if fit.indicator in leaning
    )
    units = tuple(
        _unit_score(system, workings, outcome, row) for row in range(len(workings.inputs.units))
    )
    return CompositeResult(system.key, references, units)


def _unit_score(
    system: IndicatorSystem, workings: Workings, outcome: Outcome, row: int
) -> UnitScore:
    unit, ledger = workings.inputs.units[row], outcome.ledgers[row]
    standing, band = outcome.standings[row], outcome.bands[row]
    final_band = None
    if band.band is not None:
        low, high = (adjusted(system.adjustments, ledger, end) for end in band.band)
        final_band = low, high
    return UnitScore(
        unit=unit.code,
        region_type=unit.region_type,
        indicators=tuple(_indicator_steps(system, workings, row)),
        levels=tuple(_level_scores(system, workings, row)),
        gross=_number(workings.aggregation.score[row]),
        standard_error=outcome.errors[row],
        band=band,
        ledger=ledger,
        deduction=ledger.deduction.total.counted,
        bonus=ledger.bonus.total.counted - ledger.bonus_lost_to_veto,
        final=_number(outcome.finals[row]),
        final_band=final_band,
        rank_in_type=standing.rank_in_type,
        rank_overall=standing.rank_overall,
        grade=standing.grade,
        unranked_because=standing.unranked_because,
        opt_in=standing.opt_in,
    )


def _indicator_steps(
    system: IndicatorSystem, workings: Workings, row: int
) -> Iterator[IndicatorStep]:
    inputs, completed = workings.inputs, workings.completed
    effective = workings.aggregation.indicator_weights[row]
    adds_up = _adds_up(workings.aggregation, row)
    for column, card in enumerate(system.indicators):
        cell = row, column
        score = completed.scores[cell]
        low, high = _number(inputs.band_low[cell]), _number(inputs.band_high[cell])
        counted = 0.0 if effective[column] == 0 else float(effective[column] * score)
        yield IndicatorStep(
            indicator=card.code,
            evidence=card.evidence,
            status=_status(inputs, row, column),
            missing_because=inputs.missing_because.get(cell),
            raw=_number(inputs.value[cell]),
            treated=_number(workings.treated.values[cell]),
            standard_error=_number(inputs.standard_error[cell]),
            band=None if low is None or high is None else (low, high),
            normalised=_number(score),
            filled=bool(completed.filled[cell]),
            weight=system.weight(card.code, inputs.units[row].region_type),
            effective_weight=float(effective[column]),
            contribution=counted if adds_up else None,
        )


def _adds_up(aggregation: Aggregation, row: int) -> bool:
    """Whether there is a score and it is the sum of contributions."""
    return bool(aggregation.arithmetic[row]) and not np.isnan(aggregation.score[row])


def _status(inputs: Inputs, row: int, column: int) -> ValueStatus:
    if not inputs.applicable[row, column]:
        return "not_applicable"
    return "missing" if np.isnan(inputs.value[row, column]) else "ok"


def _level_scores(
    system: IndicatorSystem, workings: Workings, row: int
) -> Iterator[LevelScore]:
    inputs = workings.inputs
    adds_up = _adds_up(workings.aggregation, row)
    for node in reversed(system.bottom_up):
        level = workings.aggregation.levels[node.code]
        effective = float(workings.aggregation.effective[node.code][row])
        fill = float(level.score[row]) if level.filled[row] and adds_up else None
        yield LevelScore(
            node=node.code,
            score=_number(level.score[row]),
            weight=system.weight(node.code, inputs.units[row].region_type),
            effective_weight=effective,
            coverage=float(level.coverage[row]),
            contribution=None if fill is None else effective * fill,
        )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
