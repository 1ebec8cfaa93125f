"""The composite score, from indicator values to ranks and grades: read this file first.

A score is made in steps, each a module of its own: check what was given, treat outliers,
normalise, fill what is missing by rule, aggregate up the tree, say how far the score could
lie off, keep the ledger of deductions and bonuses, rank and grade. Every step stays in the
result.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from app.errors import InputRefused
from app.scoring.definition.system import IndicatorSystem
from app.scoring.input_soundness import covariance_problems, input_problems
from app.scoring.inputs import Covariance, Event, IndicatorValue, ScoredUnit
from app.scoring.results import CompositeResult
from app.scoring.steps.adjustment import Ledger, adjusted, keep_ledgers
from app.scoring.steps.aggregation import aggregate
from app.scoring.steps.arrangement import arrange
from app.scoring.steps.assembly import Outcome, assemble
from app.scoring.steps.bands import score_bands
from app.scoring.steps.definedness import refuse_undefined_means
from app.scoring.steps.imputation import complete
from app.scoring.steps.normalisation import normalise
from app.scoring.steps.sampling_error import standard_errors
from app.scoring.steps.standing import standings
from app.scoring.steps.treatment import treat
from app.scoring.steps.workings import Workings
from app.survey.sample import Floats


@dataclass(frozen=True)
class Scoring:
    """A composite score with the matrices behind it: what draws and explanations start from."""

    system: IndicatorSystem
    workings: Workings
    outcome: Outcome
    covariances: Sequence[Covariance]

    @property
    def ledgers(self) -> Sequence[Ledger]:
        """Deductions and bonuses of every unit."""
        return self.outcome.ledgers

    @property
    def finals(self) -> Floats:
        """The final score of every unit, NaN where there is none."""
        return self.outcome.finals

    @cached_property
    def result(self) -> CompositeResult:
        """All of it in plain values, made when it is first asked for.

        A simulation needs the matrices, and not a few hundred thousand objects.
        """
        return assemble(self.system, self.workings, self.outcome)


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
    return carry_out(
        system, units=units, values=values, events=events, covariances=covariances
    ).result


def carry_out(
    system: IndicatorSystem,
    *,
    units: Sequence[ScoredUnit],
    values: Sequence[IndicatorValue],
    events: Sequence[Event] = (),
    covariances: Sequence[Covariance] = (),
) -> Scoring:
    """As `score`, with the matrices kept."""
    problems = [*input_problems(system, units, values, events)]
    problems += covariance_problems(system, values, covariances)
    if problems:
        raise InputRefused(problems)

    workings = work_out(system, units, values)
    gross = workings.aggregation.score
    ledgers = keep_ledgers(system.adjustments, units, events)
    finals = np.array(
        [adjusted(system.adjustments, *pair) for pair in zip(ledgers, gross, strict=True)]
    )
    outcome = Outcome(
        errors=standard_errors(system, workings, covariances),
        bands=score_bands(system, workings),
        ledgers=ledgers,
        finals=finals,
        standings=standings(system, workings, finals, ledgers),
    )
    return Scoring(system, workings, outcome, covariances)


def work_out(
    system: IndicatorSystem, units: Sequence[ScoredUnit], values: Sequence[IndicatorValue]
) -> Workings:
    """From raw values, checked before, to the score of the root, all units at once.

    Raises InputRefused with every value that the system's methods and means cannot take.
    """
    inputs = arrange(system, units, values)
    treated = treat(system, inputs)
    normalised = normalise(system, replace(inputs, value=treated.values))
    completed = complete(system, inputs, normalised.scores)
    aggregation = aggregate(
        system, completed.scores, applicable=inputs.applicable, type_of=inputs.type_of
    )
    refuse_undefined_means(system, inputs, completed.scores, aggregation)
    return Workings(inputs, treated, normalised, completed, aggregation)
