"""Decisions about campaigns that an examination does not find any more.

Another version of the engine, another seed, or a response that turned out to be a test rating
groups anew, and the same people come under another code. What was decided was decided about
responses, so it holds for them; and every run names it, for the new groups are undecided.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from app.anomaly.decisions import UNDECIDED, Standing, no_longer_found
from app.anomaly.examination import Examination
from app.survey.sample import Labels


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A decided campaign that was not found again."""

    code: str
    verdict: str
    by: int
    """Number of the decision that stands."""
    rows: tuple[int, ...]
    """Those of its responses that were examined."""


def find_lapsed(
    found: Examination,
    identifiers: Labels,
    *,
    standings: Mapping[str, Standing],
    members: Mapping[str, Iterable[str]],
) -> tuple[Lapsed, ...]:
    """The decided campaigns that are found no more, in the order of their decisions.

    `members` says which responses each held, `identifiers` those of the examined rows.
    """
    row_of = {name: row for row, name in enumerate(identifiers.tolist())}
    lapsed = []
    for code in no_longer_found(found, standings):
        one, held = standings[code], members.get(code, ())
        rows = tuple(sorted(row_of[name] for name in held if name in row_of))
        lapsed.append(Lapsed(code, one.verdict, one.by or 0, rows))
    return tuple(sorted(lapsed, key=lambda one: one.by))


def hold_to(
    decided: Examination, lapsed: Iterable[Lapsed], standings: Mapping[str, Standing]
) -> Examination:
    """The decided examination with what was decided of lapsed campaigns, the latest last.

    Where somebody decided about the group in which a response is found now, that counts. Who
    was down-weighted keeps what the engine leaves: it was never more.
    """
    influence, flagged = decided.influence.copy(), decided.flagged.copy()
    reasons = dict(decided.reasons)
    judged_anew = {
        row
        for campaign in decided.campaigns
        if standings.get(campaign.code, UNDECIDED).verdict != "engine"
        for row in campaign.rows
    }
    for one in lapsed:
        rows = np.array([row for row in one.rows if row not in judged_anew], int)
        if one.verdict == "exclude":
            influence[rows], flagged[rows] = 0.0, True
        elif one.verdict == "keep":
            influence[rows], flagged[rows] = decided.capped[rows], False
            for row in rows[influence[rows] >= 1].tolist():
                reasons.pop(row, None)
    return replace(decided, influence=influence, flagged=flagged, reasons=reasons)
