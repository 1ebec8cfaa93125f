"""What people decide about campaigns, which of it stands, and what it makes of influence.

Nothing is ever changed: a decision, a confirmation and a revocation are each one more row.
What stands follows from all of them, whatever the order in which they are read.
"""

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from app.anomaly.examination import Examination

Verdict = Literal["keep", "down_weight", "exclude", "audit"]
VERDICTS: tuple[Verdict, ...] = ("keep", "down_weight", "exclude", "audit")
Weighing = Literal["keep", "down_weight", "exclude"]
WEIGHINGS: Mapping[Verdict, Weighing] = {
    "keep": "keep",
    "down_weight": "down_weight",
    "exclude": "exclude",
}
"""The verdicts that say what responses count for; an audit only asks for more."""
Direction = Literal["raises", "lowers", "neither"]

SECOND_PERSON_FROM = 1.0
"""Points of a score: what moves one by so much takes two people from two offices."""

IGNORED_SIGNS = frozenset("PSZC")
"""Kinds of signs that do not make a name another one: punctuation, symbols, spaces, unseen."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's row about a campaign; numbers rise in the order of the rows."""

    number: int
    verdict: Verdict
    author: str
    office: str
    reason: str
    blind: bool = False
    """Made before its author could see the direction, the scores and the answers."""
    second_of: int | None = None
    """The decision that this one confirms."""
    revokes: int | None = None
    """The decision that this one takes back."""


@dataclass(frozen=True, slots=True)
class Case:
    """What there is to know about a campaign when it is decided and compared."""

    code: str
    kind: str
    size: int
    effects: Mapping[str, float]
    """Point → its score with the campaign less its score without; NaN if nothing is left."""
    effect: float
    """The same over all its points; against the rest of the round where nothing is left."""
    signals: frozenset[str]
    similarity: Mapping[str, float]

    @property
    def direction(self) -> Direction:
        """What the campaign does to the score of its points together."""
        if not self.effect:
            return "neither"
        return "raises" if self.effect > 0 else "lowers"

    @property
    def lowers_any(self) -> bool:
        """Whether it lowers the score of its points together, or of one of them."""
        return self.effect < 0 or any(effect < 0 for effect in self.effects.values())

    @property
    def largest(self) -> float:
        """The most by which it moves the score of a point; infinite if nothing is left."""
        moves = [abs(effect) for effect in (*self.effects.values(), self.effect)]
        return max(math.inf if math.isnan(move) else move for move in moves)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands about a campaign."""

    verdict: Literal["engine"] | Weighing
    """``engine``: what the examination left, because nothing that was decided counts."""
    by: int | None
    """Number of the decision that stands."""
    alone: bool
    """Whether one person decided it, without a second one."""
    audit: bool
    """Somebody asked for an audit and nothing was decided since; it moves no number."""
    waiting: tuple[int, ...]
    """Decisions that need a second person before they count."""


UNDECIDED = Standing("engine", None, alone=False, audit=False, waiting=())


def standing(decisions: Iterable[Decision], *, effect: float) -> Standing:
    """What stands, where the campaign moves the score of some point by `effect` points.

    From one point on a verdict counts from the moment at which somebody else, of another
    office, confirmed it; below that from the moment at which it was made. The latest that
    counts stands. What was taken back counts for nothing, nor does a confirmation of it.
    """
    rows = sorted(decisions, key=lambda decision: decision.number)
    taken_back = {row.revokes for row in rows}
    live = [row for row in rows if row.revokes is None and row.number not in taken_back]
    verdicts = [row for row in live if row.second_of is None and row.verdict in WEIGHINGS]
    seconds = {row.number: _second(row, live) for row in verdicts}

    is_heavy = not effect < SECOND_PERSON_FROM
    since = {n: second if is_heavy else n for n, second in seconds.items()}
    counting = [row for row in verdicts if since[row.number] is not None]
    latest = max(counting, key=lambda row: since[row.number] or 0, default=None)

    decided = 0 if latest is None else since[latest.number] or 0
    audits = (row.number for row in live if row.verdict == "audit" and row.second_of is None)
    return Standing(
        verdict="engine" if latest is None else WEIGHINGS[latest.verdict],
        by=None if latest is None else latest.number,
        alone=latest is not None and seconds[latest.number] is None,
        audit=any(number > decided for number in audits),
        waiting=tuple(n for n, moment in since.items() if moment is None and n > decided),
    )


def settle(
    cases: Mapping[str, Case], decisions: Mapping[str, Sequence[Decision]]
) -> dict[str, Standing]:
    """What stands about every campaign of a round, code → standing.

    Several campaigns at one point may each move its score by less than one point and
    together by more. What one person alone decided about them then waits for a second.
    """
    stands = {
        code: standing(decisions.get(code, ()), effect=case.largest)
        for code, case in cases.items()
    }
    together: dict[str, float] = {}
    for code, found in stands.items():
        for point, effect in cases[code].effects.items() if found.alone else ():
            together[point] = together.get(point, 0.0) + abs(effect)
    for code, found in stands.items():
        if found.alone:
            moved = max((together[point] for point in cases[code].effects), default=0.0)
            stands[code] = standing(decisions[code], effect=max(moved, cases[code].largest))
    return stands


def apply_decisions(examination: Examination, standings: Mapping[str, Standing]) -> Examination:
    """The examination after the decisions, campaign code → what stands.

    A kept campaign counts by the caps alone and its rows are no longer flagged; an excluded
    one counts for nothing; for any other the examination's own influence stays. The bounds
    of the points are those from before: they are to be computed again from the influence.
    """
    influence, flagged = examination.influence.copy(), examination.flagged.copy()
    reasons = dict(examination.reasons)
    for campaign in examination.campaigns:
        verdict = standings.get(campaign.code, UNDECIDED).verdict
        rows = np.array(campaign.rows, int)
        if verdict == "exclude":
            influence[rows], flagged[rows] = 0.0, True
        elif verdict == "keep":
            influence[rows], flagged[rows] = examination.capped[rows], False
            for row in campaign.rows:
                if influence[row] >= 1:
                    reasons.pop(row, None)
    return replace(examination, influence=influence, flagged=flagged, reasons=reasons)


def no_longer_found(
    examination: Examination, standings: Mapping[str, Standing]
) -> tuple[str, ...]:
    """Campaigns that people decided and that the examination does not find any more."""
    found = {campaign.code for campaign in examination.campaigns}
    decided = (code for code, one in standings.items() if one.verdict != "engine")
    return tuple(sorted(code for code in decided if code not in found))


def is_same(name: str, other: str) -> bool:
    """Whether two names of people or offices are one, however they were typed.

    Width, case, spaces and marks make no difference: ``audit-office`` is ``Audit Office``.
    """
    return _plain(name) == _plain(other)


def is_second(second: Decision, first: Decision) -> bool:
    """Whether one row is by somebody else than the other, and from another office."""
    by_one = is_same(second.author, first.author)
    return not by_one and not is_same(second.office, first.office)


def _second(decision: Decision, live: Sequence[Decision]) -> int | None:
    """Number of the first row that confirms a decision."""
    return next(
        (r.number for r in live if r.second_of == decision.number and is_second(r, decision)),
        None,
    )


def _plain(name: str) -> str:
    """A name without what two people type differently; of marks alone, the marks."""
    typed = "".join(unicodedata.normalize("NFKC", name).casefold().split())
    kept = (sign for sign in typed if unicodedata.category(sign)[0] not in IGNORED_SIGNS)
    return "".join(kept) or typed
