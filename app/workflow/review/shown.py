"""The shapes in which a campaign is shown, from a bare count to the whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.anomaly.decisions import SECOND_PERSON_FROM, Case, Standing
from app.anomaly.examination import Reason
from app.anomaly.precedents import Decided
from app.database.campaigns import KeptCampaign
from app.database.tables import CampaignDecisionRow
from app.workflow.review.verdicts import case_of

SMALLEST_COUNT = 10
"""What is fewer is not told to the assessed, nor published."""

Stage = Literal["counts", "first look", "whole"]
"""How far a campaign is shown, in the words of the audit trail."""

DIRECTED = frozenset({"CHANNEL_GAP"})
"""Signals whose own numbers tell which way the scores go."""


@dataclass(frozen=True, slots=True)
class CountsOnly:
    """What the assessed see: how many responses; None where they are few."""

    size: int | None


@dataclass(frozen=True, slots=True)
class FirstLook:
    """A campaign without its direction."""

    code: str
    kind: str
    place: str
    points: Mapping[str, int]
    """Point or unit → how many of the responses came there."""
    size: int
    first_minute: int | None
    last_minute: int | None
    takes_two: bool
    """Whether it moves a score so far that one person alone cannot decide."""
    reasons: tuple[Reason, ...]
    midnight: datetime | None
    """Wall-clock midnight from which the minutes count; None where it is not known."""
    withheld: int
    """Reasons that are shown with the whole, because they tell the direction."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A campaign with all that is known about it, its responses excepted."""

    look: FirstLook
    reasons: tuple[Reason, ...]
    case: Case
    scores: Mapping[str, tuple[float | None, float | None]]
    """Point → its capped score with the campaign counted fully, and without it."""
    standing: Standing
    history: tuple[CampaignDecisionRow, ...]
    similar: tuple[tuple[Decided, float], ...]
    """The nearest decided campaigns of any round, and how far they are."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list: as much of a campaign as the reviewer may see."""

    look: FirstLook | None
    """None for an office with an interest."""
    size: int | None
    decided: Decided | None
    """None until the reviewer has judged it."""
    is_found: bool = True
    """Whether the newest run found it too; what was decided holds for its responses."""

    @property
    def stage(self) -> Stage:
        """How far it is shown."""
        if self.look is None:
            return "counts"
        return "first look" if self.decided is None else "whole"

    @property
    def waits(self) -> bool:
        """Whether a decision waits for a second person; never told before a judgement.

        It would say that somebody did more than ask for an audit.
        """
        return self.decided is not None and bool(self.decided.standing.waiting)


@dataclass(frozen=True, slots=True)
class SeenResponse:
    """One response as a reviewer sees it: nothing by which a person could be found."""

    point: str
    channel: str
    seconds: int | None
    answers: Mapping[str, Any]


def first_look(kept: KeptCampaign, midnight: datetime | None) -> FirstLook:
    """A campaign as somebody sees it who has not judged it yet."""
    row = kept.row
    reasons = reasons_of(kept)
    told = tuple(reason for reason in reasons if reason.signal not in DIRECTED)
    return FirstLook(
        code=row.code,
        kind=row.kind,
        place=row.place,
        points={point: one["n"] for point, one in kept.points.items()},
        size=row.size,
        first_minute=row.first_minute,
        last_minute=row.last_minute,
        takes_two=not case_of(kept).largest < SECOND_PERSON_FROM,
        reasons=told,
        midnight=midnight,
        withheld=len(reasons) - len(told),
    )


def reasons_of(kept: KeptCampaign) -> tuple[Reason, ...]:
    """All that was seen, the strongest first."""
    return tuple(
        Reason(
            signal=one["signal"],
            version=one["version"],
            observed=_figure(one["observed"]),
            expected=_figure(one["expected"]),
            rarity=_figure(one["rarity"]),
        )
        for one in kept.row.detail["reasons"]
    )


def suppressed(count: int) -> int | None:
    """A count, or None where it is too small to be told."""
    return count if count >= SMALLEST_COUNT else None


def _figure(value: float | None) -> float:
    return float("nan") if value is None else value
