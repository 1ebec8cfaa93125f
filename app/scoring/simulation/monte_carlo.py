"""Scores and places as other draws would have made them: what chance alone could move.

Every draw goes through the steps of the official score: bounds taken from the data and
treatments are made anew, deductions and caps apply, ranks round and tie as the system says.
By default only the survey's error moves; that is the official interval. The other doubts
move the choices as well.

A simulated rank interval says where a rank falls when everything is drawn again. It is easy
to explain and promises no coverage; the sets that do are in `places`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from app.errors import InputRefused, Problem
from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import Scoring
from app.scoring.simulation.choices import (
    EVERY_DOUBT,
    OFFICIAL,
    SURVEY_ERROR,
    Choice,
    Doubt,
    all_choices,
    drawn_choices,
    number_of_options,
    refused_choice,
    shaken_weights,
    system_under,
    weight_factors,
)
from app.scoring.simulation.draws import ValueDraws, value_draws
from app.scoring.simulation.outcomes import Drawn, Simulation
from app.scoring.simulation.replay import Stage, prepare
from app.scoring.simulation.summary import summarise
from app.scoring.steps.adjustment import within_bounds
from app.scoring.steps.aggregation import PartWeights, nominal_weights
from app.survey.sample import Floats

MOST_SCORES = 60_000_000
"""Draws times units: half a gigabyte of scores."""
MOST_DRAWS = 100_000
"""As many as a system may ask for."""
MOST_LOST = 0.01
"""The largest share of the draws that may hold values no method can take."""


@dataclass(frozen=True, slots=True)
class Theatre:
    """Everything that is prepared before the first draw."""

    system: IndicatorSystem
    values: ValueDraws
    stages: Mapping[Choice, Stage]
    costs: Floats
    """Points that deductions and bonuses take from each unit."""
    scored: Floats
    """The official gross scores: who has none gets none in any draw."""
    nominal: PartWeights

    def shaken(self, factors: Mapping[str, Floats], number: int) -> PartWeights:
        """The weights of draw `number`."""
        return shaken_weights(self.system, self.nominal, factors, number)

    def finals(
        self,
        choice: Choice = OFFICIAL,
        *,
        values: Floats | None = None,
        weights: PartWeights | None = None,
    ) -> Floats | None:
        """Final scores of all units; None where the values cannot be taken."""
        try:
            gross = self.stages[choice].score(values, weights)
        except InputRefused:
            return None
        if not np.isfinite(gross[~np.isnan(self.scored)]).all():
            return None
        return within_bounds(self.system.adjustments, gross - self.costs)


def simulate(
    scoring: Scoring,
    *,
    seed: int,
    draws: int | None = None,
    doubts: Collection[Doubt] = SURVEY_ERROR,
) -> Simulation:
    """Simulated intervals of scores and ranks, and the probabilities of places and grades.

    `draws` None: as many as the system says. The same seed gives the same answer, whatever
    the order of the units. Raises InputRefused where covariances are impossible, where two
    alternatives cannot stand together, and where too many draws cannot be scored.
    """
    drawn = draw_scores(scoring, seed=seed, draws=draws, doubts=doubts)
    return summarise(scoring, drawn)


def draw_scores(
    scoring: Scoring,
    *,
    seed: int,
    draws: int | None = None,
    doubts: Collection[Doubt] = SURVEY_ERROR,
) -> Drawn:
    """The final scores of all units in every draw; see `simulate`."""
    system = scoring.system
    draws = system.uncertainty.draws if draws is None else draws
    n = len(scoring.workings.inputs.units)
    _check_size(draws, n)
    theatre = prepare_theatre(scoring, seed=seed, doubts=doubts)
    options = number_of_options(system, doubts)
    choices = drawn_choices(options, seed=seed, draws=draws, doubts=doubts)
    factors = weight_factors(system, seed=seed, draws=draws) if "weights" in doubts else None
    moves = "survey_error" in doubts and theatre.values.columns.size > 0
    finals, kept = np.empty((draws, n)), 0
    for number, choice in enumerate(choices):
        found = theatre.finals(
            choice,
            values=theatre.values.draw(number) if moves else None,
            weights=None if factors is None else theatre.shaken(factors, number),
        )
        if found is not None:
            finals[kept] = found
            kept += 1
    check_lost(draws - kept, draws)
    return Drawn(
        finals=finals[:kept],
        seed=seed,
        doubts=tuple(doubt for doubt in EVERY_DOUBT if doubt in doubts),
        lost=draws - kept,
        moved=theatre.values.indicators if moves else (),
        has_bands=moves and bool(theatre.values.banded.any()),
    )


def prepare_theatre(scoring: Scoring, *, seed: int, doubts: Collection[Doubt]) -> Theatre:
    """Prepare every combination of the choices in doubt; refuse those that cannot stand."""
    system, inputs = scoring.system, scoring.workings.inputs
    values = value_draws(system, inputs, scoring.covariances, seed=seed)
    scored = scoring.workings.aggregation.score
    stages: dict[Choice, Stage] = {}
    problems: list[Problem] = []
    for choice in all_choices(number_of_options(system, doubts)):
        try:
            stages[choice] = prepare(system_under(system, choice), inputs, values.columns)
        except InputRefused as refused:
            problems.append(refused_choice(system, choice, refused))
    if problems:
        raise InputRefused(problems)
    costs = np.array([ledger.cost for ledger in scoring.ledgers])
    return Theatre(system, values, stages, costs, scored, nominal_weights(system))


def _check_size(draws: int, units: int) -> None:
    most = min(max(MOST_SCORES // units, 1), MOST_DRAWS)
    if not 1 <= draws <= most:
        raise InputRefused(
            [
                Problem(
                    "draws",
                    f"cannot be held for {units} units",
                    f"Ask for 1 to {most}.",
                    draws,
                    chinese=f"模拟次数 {draws} 不可行：{units} 个单位可取 1 至 {most} 次。",
                )
            ]
        )


def check_lost(lost: int, draws: int) -> None:
    """Refuse a simulation of which too much could not be scored."""
    if lost > MOST_LOST * draws:
        raise InputRefused(
            [
                Problem(
                    "simulation",
                    f"{lost} of {draws} draws held a value that a method or mean cannot take",
                    "Use methods and means that can take every value within the sampling "
                    "error, such as fixed bounds with clip: true and a base above 0.",
                    chinese=f"{draws} 次模拟中有 {lost} 次出现归一或合成方法不能接受的取值。"
                    "请改用在抽样误差范围内都能计算的方法，例如固定界限并设 clip: true、"
                    "基准分大于 0。",
                )
            ]
        )
