"""What a unit's final score and ranks would be if one of its normalised scores were another.

Every unit is taken by itself: its own score changes, and the others stay. Where all means
look at one unit alone, all units are gone through at once; a Copeland mean looks at all of
them, so there each unit needs a scoring of its own.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.scoring.index import Scoring
from app.scoring.steps.adjustment import within_bounds
from app.scoring.steps.aggregation import Weighing, level_scores, nominal_weights, weigh
from app.scoring.steps.ordering import TIE, rounded
from app.survey.sample import Floats

Keys = Sequence[float]


@dataclass(frozen=True, slots=True)
class Reached:
    """Final scores of all units, each as if only its own score had changed."""

    finals: Floats
    rescoring: "Rescoring"

    def ranks(self, row: int) -> tuple[float | None, float | None]:
        """The rank of one unit in its type, and overall where the system ranks so."""
        return self.rescoring.ranks(row, float(self.finals[row]))


@dataclass(frozen=True, slots=True)
class Rescoring:
    """A scoring made ready to be gone through again with other normalised scores."""

    scoring: Scoring
    weighings: dict[str, Weighing]
    costs: Floats
    in_type: dict[int, Keys]
    """Region type index → the rounded final scores of its ranked units, ascending."""
    overall: Keys | None

    @classmethod
    def of(cls, scoring: Scoring) -> "Rescoring":
        """Prepare the weights, the costs and the rankings."""
        inputs = scoring.workings.inputs
        weighings = weigh(
            scoring.system,
            present=~np.isnan(scoring.workings.completed.scores),
            applicable=inputs.applicable,
            type_of=inputs.type_of,
            weights=nominal_weights(scoring.system),
        )
        standings = scoring.outcome.standings
        ranked = np.array([one.rank_in_type is not None for one in standings], bool)
        keys = rounded(scoring.finals, scoring.system.rank.decimals)
        return cls(
            scoring,
            weighings,
            np.array([ledger.cost for ledger in scoring.ledgers]),
            {
                int(t): sorted(keys[ranked & (inputs.type_of == t)].tolist())
                for t in np.unique(inputs.type_of)
            },
            sorted(keys[ranked].tolist()) if scoring.system.rank.scope == "all" else None,
        )

    def with_column(self, column: int, scores: Floats) -> Reached:
        """Every unit with its entry of `scores` in one column; NaN where that is undefined."""
        system, own = self.scoring.system, self.scoring.workings.completed.scores
        if all(node.aggregate != "copeland" for node in system.nodes):
            changed = own.copy()
            changed[:, column] = scores
            with np.errstate(all="ignore"):
                gross = level_scores(system, self.weighings, changed)[system.root.code]
        else:
            gross = np.array(
                [self._one(row, column, float(scores[row])) for row in range(own.shape[0])]
            )
        return Reached(within_bounds(system.adjustments, gross - self.costs), self)

    def ranks(self, row: int, final: float) -> tuple[float | None, float | None]:
        """The ranks of one unit with another final score, among the others as they are."""
        if self.scoring.outcome.standings[row].rank_in_type is None:
            return None, None
        rule = self.scoring.system.rank
        own, new = rounded(np.array([self.scoring.finals[row], final]), rule.decimals).tolist()
        peers = self.in_type[int(self.scoring.workings.inputs.type_of[row])]
        in_type = _rank(new, peers, own=own, ties=rule.ties)
        overall = self.overall
        return in_type, None if overall is None else _rank(
            new, overall, own=own, ties=rule.ties
        )

    def _one(self, row: int, column: int, score: float) -> float:
        system, changed = self.scoring.system, self.scoring.workings.completed.scores.copy()
        changed[row, column] = score
        return float(level_scores(system, self.weighings, changed)[system.root.code][row])


def _rank(new: float, keys: Keys, *, own: float, ties: str) -> float:
    """The place of `new` among `keys` once `own` is taken out of them."""
    above = len(keys) - bisect_right(keys, new + TIE) - (own > new + TIE)
    tied = bisect_right(keys, new + TIE) - bisect_left(keys, new - TIE)
    tied -= abs(own - new) <= TIE
    match ties:
        case "max":
            return float(above + tied + 1)
        case "average":
            return above + 1 + tied / 2
        case "dense":
            others = list(keys)
            others.remove(own)
            better = np.array([key for key in others if key > new + TIE])
            return float(1 + (better.size > 0) + int((np.diff(better) > TIE).sum()))
    return float(above + 1)
