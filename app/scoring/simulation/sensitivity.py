"""What decided the ranks: sampling, weights, or how the score was made.

Every doubt that the system states is one uncertain input. The survey's error and the shaken
weights each have N replicates, of which an input picks one; methods, means and missing rules
have their alternatives, each as likely as the official choice. Asked of each: how far it
moves the ranks (the mean absolute shift against the official ranks, as in COINr's
`get_sensitivity`) and the score of every unit. Beside it the plain table: each alternative
by itself against the official choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import Scoring
from app.scoring.simulation.choices import (
    CHOICES,
    EVERY_DOUBT,
    Choice,
    Doubt,
    number_of_options,
    positions,
    weight_factors,
)
from app.scoring.simulation.monte_carlo import Theatre, check_lost, prepare_theatre
from app.scoring.simulation.sobol import Sobol, sobol_of_each
from app.scoring.simulation.summary import Group, ranked_groups
from app.scoring.steps.ordering import order
from app.survey.sample import Floats

MOST_UNITS = 300
"""Units up to which the score of every one is taken apart; ranks are for any number."""


@dataclass(frozen=True, slots=True)
class UnitSensitivity:
    """What moves the final score of one unit."""

    unit: str
    score: Sobol


@dataclass(frozen=True, slots=True)
class AlternativeShift:
    """The ranks that one alternative alone would give, against the official ones."""

    doubt: Doubt
    alternative: str
    """Such as `zscore`, `geometric` or `fixed`."""
    mean: float
    largest: float
    moved: int
    """Units with another rank."""
    ranked: int


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Indices in the order of `inputs`, and the shift of every alternative."""

    system: str
    seed: int
    inputs: tuple[Doubt, ...]
    rank_shift: Sobol | None
    """Of the mean absolute rank shift; None where nothing is in doubt."""
    units: tuple[UnitSensitivity, ...]
    """Empty beyond 300 units."""
    shifts: tuple[AlternativeShift, ...]
    lost: int
    """Runs with values no method can take; they count as unshaken."""


@dataclass(slots=True)
class Runs:
    """The model behind the indices: from uniform inputs to rank shift and scores."""

    theatre: Theatre
    inputs: tuple[Doubt, ...]
    options: Choice
    factors: Mapping[str, Floats]
    base: int
    official: Floats
    groups: tuple[Group, ...]
    kept: tuple[int, ...]
    """Rows of the units whose scores are results too."""
    lost: int = 0

    def __call__(self, sample: Floats) -> Floats:
        """Uniform inputs (runs × d) → mean rank shift, then scores (runs × (1 + units))."""
        picked = {
            doubt: positions(self._number_of(doubt), sample[:, i])
            for i, doubt in enumerate(self.inputs)
        }
        results = np.empty((len(sample), 1 + len(self.kept)))
        for run in range(len(sample)):
            at = {doubt: int(found[run]) for doubt, found in picked.items()}
            finals = self._finals(at)
            results[run, 0] = self.mean_shift(finals)
            results[run, 1:] = finals[list(self.kept)]
        return results

    def mean_shift(self, finals: Floats) -> float:
        """Of the ranks of `finals` against the official ones, over all ranked units."""
        return float(
            rank_shifts(self.theatre.system, self.groups, self.official, finals).mean()
        )

    def _finals(self, at: Mapping[Doubt, int]) -> Floats:
        method, mean, rule = (at.get(doubt, 0) for doubt in CHOICES)
        replicate, shaken = at.get("survey_error"), at.get("weights")
        finals = self.theatre.finals(
            (method, mean, rule),
            values=None if replicate is None else self.theatre.values.draw(replicate),
            weights=None if shaken is None else self.theatre.shaken(self.factors, shaken),
        )
        if finals is None:
            self.lost += 1
            return self.official
        return finals

    def _number_of(self, doubt: Doubt) -> int:
        return self.options[CHOICES.index(doubt)] if doubt in CHOICES else self.base


def sensitivity(scoring: Scoring, *, seed: int, base: int | None = None) -> Sensitivity:
    """First and total indices of every doubt, and the shift of every alternative.

    `base` None: as the system says. Raises InputRefused as `simulate` does.
    """
    system = scoring.system
    base = system.uncertainty.sobol_base if base is None else base
    theatre = prepare_theatre(scoring, seed=seed, doubts=EVERY_DOUBT)
    scored = np.flatnonzero(~np.isnan(scoring.finals))
    runs = Runs(
        theatre=theatre,
        inputs=_doubts_of(system, theatre),
        options=number_of_options(system, EVERY_DOUBT),
        factors=weight_factors(system, seed=seed, draws=base),
        base=base,
        official=scoring.finals,
        groups=compared_groups(scoring),
        kept=tuple(scored.tolist()) if scored.size <= MOST_UNITS else (),
    )
    found: list[Sobol] = []
    if runs.inputs and runs.groups:
        found = sobol_of_each(runs, len(runs.inputs), base=base, seed=seed)
        check_lost(runs.lost, base * (len(runs.inputs) + 2))
    units = scoring.workings.inputs.units
    return Sensitivity(
        system=system.key,
        seed=seed,
        inputs=runs.inputs,
        rank_shift=found[0] if found else None,
        units=tuple(
            UnitSensitivity(units[row].code, one)
            for row, one in zip(runs.kept, found[1:], strict=bool(found))
        ),
        shifts=alternative_shifts(theatre, runs) if runs.groups else (),
        lost=runs.lost,
    )


def compared_groups(scoring: Scoring) -> tuple[Group, ...]:
    """Who is ranked together: everybody where the system says so, else each region type."""
    groups = ranked_groups(scoring)
    everybody = tuple(group for group in groups if group.region_type is None)
    return everybody or tuple(groups)


def rank_shifts(
    system: IndicatorSystem, groups: tuple[Group, ...], official: Floats, finals: Floats
) -> Floats:
    """Absolute differences of ranks, of all ranked units in the order of their groups."""
    return np.concatenate(
        [
            np.abs(
                order(finals[one.rows], system.rank) - order(official[one.rows], system.rank)
            )
            for one in groups
        ]
    )


def alternative_shifts(theatre: Theatre, runs: Runs) -> tuple[AlternativeShift, ...]:
    """Every alternative by itself, on the values as they are."""
    stated = theatre.system.uncertainty.alternatives
    names: dict[Doubt, list[str]] = {
        "normalise": [method.method for method in stated.normalise],
        "aggregate": [
            mean if isinstance(mean, str) else f"power {mean.power:g}"
            for mean in stated.aggregate
        ],
        "missing": [rule.rule for rule in stated.missing],
    }
    found = []
    for place, doubt in enumerate(CHOICES):
        for number, name in enumerate(names[doubt], start=1):
            method, mean, rule = (number if i == place else 0 for i in range(len(CHOICES)))
            finals = theatre.finals((method, mean, rule))
            if finals is not None:
                shifts = rank_shifts(theatre.system, runs.groups, runs.official, finals)
                found.append(_shift(doubt, name, shifts))
    return tuple(found)


def _shift(doubt: Doubt, name: str, shifts: Floats) -> AlternativeShift:
    return AlternativeShift(
        doubt=doubt,
        alternative=name,
        mean=float(shifts.mean()),
        largest=float(shifts.max()),
        moved=int((shifts > 0).sum()),
        ranked=shifts.size,
    )


def _doubts_of(system: IndicatorSystem, theatre: Theatre) -> tuple[Doubt, ...]:
    """The doubts that there are: errors, noise, or an alternative to choose."""
    options = number_of_options(system, EVERY_DOUBT)
    there = {
        "survey_error": theatre.values.columns.size > 0,
        "weights": system.uncertainty.weight_noise > 0,
        **{doubt: number > 1 for doubt, number in zip(CHOICES, options, strict=True)},
    }
    return tuple(doubt for doubt in EVERY_DOUBT if there[doubt])
