"""The matrices of one scoring, from what was given to the score of the root."""

from dataclasses import dataclass

from app.scoring.steps.aggregation import Aggregation
from app.scoring.steps.arrangement import Inputs
from app.scoring.steps.imputation import Completed
from app.scoring.steps.normalisation import Normalised
from app.scoring.steps.treatment import Treated


@dataclass(frozen=True, slots=True)
class Workings:
    """What came of each step, in order; matrices are units × indicators."""

    inputs: Inputs
    """As they were given: raw values."""
    treated: Treated
    normalised: Normalised
    completed: Completed
    aggregation: Aggregation
