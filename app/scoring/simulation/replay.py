"""The steps of a score, made ready to be gone through again and again with other values.

What a draw does not touch is computed once: the scores of indicators that do not move, and
what the parts weigh in units alike in region type and gaps. What it does touch goes through
the same steps as the official score.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.scoring.definition.system import IndicatorSystem
from app.scoring.simulation.choices import changed_system
from app.scoring.steps.aggregation import (
    PartWeights,
    Weighing,
    aggregate,
    level_scores,
    nominal_weights,
    weigh,
)
from app.scoring.steps.arrangement import Inputs, Integers
from app.scoring.steps.definedness import refuse_undefined_means
from app.scoring.steps.imputation import complete
from app.scoring.steps.normalisation import normalise
from app.scoring.steps.treatment import treat
from app.survey.sample import Flags, Floats


@dataclass(frozen=True, slots=True)
class Kinds:
    """Units that have the same weights: of one region type, with the same gaps."""

    kind_of: Integers
    """The kind of every unit."""
    present: Flags
    """Kinds × indicators: where there is a score."""
    applicable: Flags
    type_of: Integers


@dataclass(frozen=True, slots=True)
class Stage:
    """One system on one set of values, with `columns` that other values may take."""

    system: IndicatorSystem
    scores: Floats
    """Units × indicators, after normalising and filling; of the moving columns, as given."""
    columns: Integers
    moving: IndicatorSystem
    """The system with the moving indicators alone."""
    inputs: Inputs
    """Of the moving indicators alone."""
    kinds: Kinds
    weighings: dict[str, Weighing]
    """Under the system's own weights."""

    def score(self, values: Floats | None, weights: PartWeights | None = None) -> Floats:
        """The gross score of every unit with other values of the moving columns.

        `values` None: as given; `weights` None: the system's own. Raises InputRefused
        where the values are none that the system's methods can take.
        """
        scores = self.scores
        if values is not None and self.columns.size:
            scores = scores.copy(order="F")
            moved = replace(self.inputs, value=values)
            scores[:, self.columns] = completed_scores(self.moving, moved)
        weighings = self.weighings
        if weights is not None:
            weighings = _weighings(self.system, self.kinds, weights)
        return level_scores(self.system, weighings, scores)[self.system.root.code]


def prepare(system: IndicatorSystem, inputs: Inputs, columns: Integers) -> Stage:
    """Go through all steps once; `columns` are the indicators whose values will move.

    Raises InputRefused where a method or a mean is not defined for the values as given.
    """
    scores = np.asfortranarray(completed_scores(system, inputs))
    aggregation = aggregate(
        system, scores, applicable=inputs.applicable, type_of=inputs.type_of
    )
    refuse_undefined_means(system, inputs, scores, aggregation)
    kinds = _kinds(inputs, ~np.isnan(scores))
    cards = tuple(system.indicators[column] for column in columns)
    return Stage(
        system=system,
        scores=scores,
        columns=columns,
        moving=changed_system(system, {"indicators": cards}),
        inputs=_of_columns(inputs, columns),
        kinds=kinds,
        weighings=_weighings(system, kinds, nominal_weights(system)),
    )


def completed_scores(system: IndicatorSystem, inputs: Inputs) -> Floats:
    """Scores of all values after treating, normalising and filling."""
    treated = replace(inputs, value=treat(system, inputs).values)
    return complete(system, inputs, normalise(system, treated).scores).scores


def _kinds(inputs: Inputs, present: Flags) -> Kinds:
    alike = np.column_stack([inputs.type_of[:, None], present, inputs.applicable])
    _, first, kind_of = np.unique(alike, axis=0, return_index=True, return_inverse=True)
    return Kinds(
        kind_of.reshape(-1).astype(np.intp),
        present[first],
        inputs.applicable[first],
        inputs.type_of[first],
    )


def _weighings(
    system: IndicatorSystem, kinds: Kinds, weights: PartWeights
) -> dict[str, Weighing]:
    """Weighings by unit: made for each kind, then handed to its units."""
    found = weigh(
        system,
        present=kinds.present,
        applicable=kinds.applicable,
        type_of=kinds.type_of,
        weights=weights,
    )
    of = kinds.kind_of
    return {
        code: Weighing(
            # Children one after another, as the scores that they meet.
            one.shares.T.take(of, axis=1).T,
            one.coverage.take(of),
            one.usable.take(of),
            one.filled.take(of),
        )
        for code, one in found.items()
    }


def _of_columns(inputs: Inputs, columns: Sequence[int] | Integers) -> Inputs:
    return Inputs(
        units=inputs.units,
        type_of=inputs.type_of,
        value=inputs.value[:, columns],
        applicable=inputs.applicable[:, columns],
        standard_error=inputs.standard_error[:, columns],
        band_low=inputs.band_low[:, columns],
        band_high=inputs.band_high[:, columns],
        missing_because={},
    )
