"""The composite score, from indicator values to ranks and grades: read this file first.

A score is made in steps, each a module of its own: check the inputs, normalise, fill what is
missing by rule, aggregate up the tree, say how far it could lie off, keep the ledger of
deductions and bonuses, rank and grade. Every step stays in the result.
"""

from collections.abc import Sequence

import numpy as np

from app.errors import InputRefused
from app.scoring.adjustment import adjusted, keep_ledger
from app.scoring.aggregation import aggregate
from app.scoring.arrangement import arrange, covariances_by_row
from app.scoring.assembly import Workings, assemble
from app.scoring.imputation import complete
from app.scoring.inputs import (
    Covariance,
    Event,
    IndicatorValue,
    ScoredUnit,
    covariance_problems,
    input_problems,
)
from app.scoring.normalisation import normalise
from app.scoring.results import CompositeResult
from app.scoring.standing import standings
from app.scoring.system import IndicatorSystem
from app.scoring.uncertainty import score_bands, standard_errors


def score(
    system: IndicatorSystem,
    *,
    units: Sequence[ScoredUnit],
    values: Sequence[IndicatorValue],
    events: Sequence[Event] = (),
    covariances: Sequence[Covariance] = (),
) -> CompositeResult:
    """The composite score of every unit, with every step from raw value to rank and grade.

    Sampling errors of different indicators are taken as independent unless `covariances`
    gives those measured on the same sample. Raises InputRefused with every mistake found in
    what was given, and with every value that the system's methods cannot take.
    """
    problems = [
        *input_problems(system, units, values, events),
        *covariance_problems(values, covariances),
    ]
    if problems:
        raise InputRefused(problems)
    inputs = arrange(system, units, values)
    applicable, type_of = inputs.applicable, inputs.type_of

    normalised = normalise(
        system.indicators, inputs.value, types=system.type_codes, type_of=type_of
    )
    completed = complete(system, normalised.scores, applicable=applicable, units=units)
    aggregation = aggregate(system, completed.scores, applicable=applicable, type_of=type_of)

    errors = standard_errors(
        system,
        inputs,
        normalised,
        aggregation=aggregation,
        covariances=covariances_by_row(units, covariances),
    )
    bands = score_bands(
        system, inputs, normalised, completed=completed, aggregation=aggregation
    )

    ledgers = [
        keep_ledger(system.adjustments, [e for e in events if e.unit == unit.code])
        for unit in units
    ]
    finals = np.array(
        [
            adjusted(system.adjustments, ledger, gross)
            for ledger, gross in zip(ledgers, aggregation.score, strict=True)
        ]
    )
    standing = standings(system, units, finals, aggregation=aggregation, ledgers=ledgers)
    return assemble(
        system,
        Workings(
            units=units,
            inputs=inputs,
            normalised=normalised,
            completed=completed,
            aggregation=aggregation,
            errors=errors,
            bands=bands,
            ledgers=ledgers,
            finals=finals,
            standings=standing,
        ),
    )
