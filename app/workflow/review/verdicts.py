"""What stands about the campaigns of a round, for processing and for whoever looks.

A run records the number of the last decision it knew and a digest of them all. So it can be
computed again, to the same bytes, whatever is decided afterwards.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any

from sqlalchemy.orm import Session

from app.anomaly.decisions import Case, Decision, Standing, settle
from app.database.campaigns import KeptCampaign, list_campaigns, list_members
from app.database.tables import CampaignDecisionRow
from app.errors import WrongState
from app.workflow.canonical import canonical


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was decided in a round up to a moment."""

    standings: Mapping[str, Standing]
    """Code of every campaign somebody decided about → what stands."""
    last: int
    """Number of the last decision; 0 before the first."""
    count: int
    """How many rows there are up to it, confirmations and revocations among them."""
    digest: str
    """SHA-256 over those rows, hex."""
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Code of every campaign with a verdict → its responses, as far as they were asked for."""


NOTHING_DECIDED = Verdicts({}, 0, 0, hashlib.sha256().hexdigest())


def load_verdicts(session: Session, round_id: int, *, up_to: int | None = None) -> Verdicts:
    """What processing applies with `app.anomaly.decisions.apply_decisions`.

    A run keeps `last` and `digest` with its result; computed again it gives that `last` as
    `up_to`, and `require_unmoved` its digest. Before the first decision `last` is 0, and
    with ``up_to=0`` nothing is read: None means everything, not nothing.
    """
    kept = list_campaigns(session, round_id, up_to=up_to)
    decided = [one for one in kept if one.decisions]
    cases = {one.row.code: case_of(one) for one in decided}
    rows = sorted((row for one in decided for row in one.decisions), key=lambda row: row.id)
    codes = {one.row.id: one.row.code for one in decided}
    digest = hashlib.sha256()
    for row in rows:
        digest.update(canonical(_written(row, codes[row.campaign_id])).encode() + b"\n")
    return Verdicts(
        standings=settle(cases, {one.row.code: decisions_of(one) for one in decided}),
        last=rows[-1].id if rows else 0,
        count=len(rows),
        digest=digest.hexdigest(),
    )


def with_members(session: Session, round_id: int, verdicts: Verdicts) -> Verdicts:
    """The same with the responses of every campaign that has a verdict, for processing."""
    decided = [c for c, one in verdicts.standings.items() if one.verdict != "engine"]
    return replace(verdicts, members=list_members(session, round_id, decided))


def require_unmoved(verdicts: Verdicts, digest: str) -> None:
    """Refuses decisions that are not those a run was computed with."""
    if verdicts.digest != digest:
        raise WrongState(
            "The decisions up to this run are not those it was computed with: rows that are "
            "only ever added were changed. Restore the database from a backup.",
            chinese="截至本次计算的决定与当时所用的不一致：只增不改的记录被改动过。"
            "请从备份恢复数据库。",
        )


def case_of(kept: KeptCampaign) -> Case:
    """A kept campaign as the rules of review see it."""
    row, detail = kept.row, kept.row.detail
    without = detail["usual"] if row.score_without is None else row.score_without
    return Case(
        code=row.code,
        kind=row.kind,
        size=row.size,
        effects={
            point: _less(one["with"], one["without"]) for point, one in kept.points.items()
        },
        effect=_known(_less(row.score_with, without)),
        signals=frozenset(reason["signal"] for reason in detail["reasons"]),
        similarity={name: _number(figure) for name, figure in detail["similarity"].items()},
    )


def decisions_of(kept: KeptCampaign) -> tuple[Decision, ...]:
    """The rows about a campaign as values."""
    return tuple(
        Decision(
            number=row.id,
            verdict=row.verdict,  # type: ignore[arg-type] # the table's check knows the words
            author=row.author,
            office=row.office,
            reason=row.reason,
            blind=row.blind,
            second_of=row.second_of,
            revokes=row.revokes,
        )
        for row in kept.decisions
    )


def _written(row: CampaignDecisionRow, campaign: str) -> dict[str, Any]:
    names = ("id", "verdict", "author", "office", "reason", "note", "blind")
    linked = {"second_of": row.second_of, "revokes": row.revokes}
    when = {"at": row.decided_at.astimezone(UTC).isoformat(), "campaign": campaign}
    return {name: getattr(row, name) for name in names} | linked | when


def _less(score: float | None, without: float | None) -> float:
    return _number(score) - _number(without)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _known(effect: float) -> float:
    return 0.0 if math.isnan(effect) else effect
