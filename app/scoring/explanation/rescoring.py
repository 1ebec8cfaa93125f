"""What a unit's final score and ranks would be if one of its normalised scores were another.

Every unit is taken by itself: one score of its own changes. Where all means look at one unit
alone, the others stay as they are and all units are gone through at once; a Copeland mean
looks at all of them, so there each unit needs a scoring of its own, which moves the others too.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.scoring.index import Scoring
from app.scoring.steps.adjustment import within_bounds
from app.scoring.steps.aggregation import Weighing, level_scores, nominal_weights, weigh
from app.scoring.steps.ordering import TIE, order, rounded
from app.survey.sample import Flags, Floats

Keys = Sequence[float]


@dataclass(frozen=True, slots=True)
class Reached:
    """Final scores of all units, each as if only its own score had changed."""

    finals: Floats
    rescoring: "Rescoring"
    moved: Mapping[int, Floats] = field(default_factory=dict)
    """Row → the final scores of all units, where one unit's score moves the others."""

    def ranks(self, row: int) -> tuple[float | None, float | None]:
        """The rank of one unit in its type, and overall where the system ranks so."""
        if row in self.moved:
            return self.rescoring.ranks_anew(row, self.moved[row])
        return self.rescoring.ranks(row, float(self.finals[row]))


@dataclass(frozen=True, slots=True)
class Rescoring:
    """A scoring made ready to be gone through again with other normalised scores."""

    scoring: Scoring
    weighings: dict[str, Weighing]
    costs: Floats
    ranked: Flags
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
            ranked,
            {
                int(t): sorted(keys[ranked & (inputs.type_of == t)].tolist())
                for t in np.unique(inputs.type_of)
            },
            sorted(keys[ranked].tolist()) if scoring.system.rank.scope == "all" else None,
        )

    def with_column(self, column: int, scores: Floats) -> Reached:
        """Every unit with its entry of `scores` in one column; NaN where that is undefined."""
        changed = self.scoring.workings.completed.scores.copy()
        if all(node.aggregate != "copeland" for node in self.scoring.system.nodes):
            changed[:, column] = scores
            return Reached(self._finals(changed), self)
        own, finals = changed[:, column].copy(), self.scoring.finals.copy()
        moved: dict[int, Floats] = {}
        for row in np.flatnonzero(~np.isnan(scores) & (scores != own)).tolist():
            changed[row, column] = scores[row]
            moved[row] = self._finals(changed)
            finals[row] = moved[row][row]
            changed[row, column] = own[row]
        return Reached(finals, self, moved)

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

    def ranks_anew(self, row: int, finals: Floats) -> tuple[float | None, float | None]:
        """The ranks of one unit among all that are ranked, each with another final score."""
        if not self.ranked[row]:
            return None, None
        type_of, rule = self.scoring.workings.inputs.type_of, self.scoring.system.rank
        eligible = np.where(self.ranked, finals, np.nan)
        peers = np.where(type_of == type_of[row], eligible, np.nan)
        in_type = float(order(peers, rule)[row])
        return in_type, None if self.overall is None else float(order(eligible, rule)[row])

    def _finals(self, scores: Floats) -> Floats:
        system = self.scoring.system
        with np.errstate(all="ignore"):
            gross = level_scores(system, self.weighings, scores)[system.root.code]
        return within_bounds(system.adjustments, gross - self.costs)


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
