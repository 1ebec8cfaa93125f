"""Questions about campaigns of responses, and about what people decided of them.

What stands is never stored: it follows from the rows, as far as one wants to read them.
Within a round that is held, numbers of decisions rise in the order in which they are kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from app.database.canaries import no_canary
from app.database.fieldwork import of_round
from app.database.groups import insert_group
from app.database.offices import kept_within
from app.database.results import LAST_NUMBER
from app.database.tables import (
    AuditEventRow,
    CampaignDecisionRow,
    CampaignResponseRow,
    CampaignRow,
    ResponseRow,
    RoundRow,
)
from app.errors import NotFound
from app.people.offices import Scope

ROWS_AT_ONCE = 5_000
VIEWED = "view campaign"
SHORTEST_PREFIX = 4


@dataclass(frozen=True, slots=True)
class KeptCampaign:
    """A campaign with every row about it, the first first."""

    row: CampaignRow
    decisions: tuple[CampaignDecisionRow, ...]

    @property
    def points(self) -> Mapping[str, Mapping[str, Any]]:
        """Point or unit → how many of the responses are there, and its score with, without."""
        points: Mapping[str, Mapping[str, Any]] = self.row.detail["points"]
        return points


def add_campaigns(session: Session, found: Sequence[tuple[CampaignRow, Sequence[str]]]) -> None:
    """Keep campaigns that are new to their round, each with its responses."""
    session.add_all([row for row, _ in found])
    session.flush()
    rows = [
        {"campaign_id": row.id, "response_id": response}
        for row, responses in found
        for response in responses
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        insert_group(session.connection(), CampaignResponseRow, some)


def list_campaigns(
    session: Session, round_id: int, *, up_to: int | None = None
) -> list[KeptCampaign]:
    """The campaigns of a round, the largest first; of decisions those up to that number."""
    rows = session.scalars(select(CampaignRow).where(CampaignRow.round_id == round_id)).all()
    decided = (
        select(CampaignDecisionRow)
        .join(CampaignRow, CampaignDecisionRow.campaign_id == CampaignRow.id)
        .where(CampaignRow.round_id == round_id)
        .order_by(CampaignDecisionRow.id)
    )
    if up_to is not None:
        decided = decided.where(CampaignDecisionRow.id <= up_to)
    by_campaign: dict[int, list[CampaignDecisionRow]] = {}
    for one in session.scalars(decided):
        by_campaign.setdefault(one.campaign_id, []).append(one)
    kept = [KeptCampaign(row, tuple(by_campaign.get(row.id, ()))) for row in rows]
    return sorted(kept, key=lambda one: (-one.row.size, one.row.code))


def count_unjudged(session: Session, round_id: int) -> int:
    """How many campaigns of a round nobody has decided anything about."""
    judged = exists().where(CampaignDecisionRow.campaign_id == CampaignRow.id)
    rows = select(func.count()).select_from(CampaignRow)
    return session.scalar(rows.where(CampaignRow.round_id == round_id, ~judged)) or 0


def count_decided_since(session: Session, round_id: int, moment: datetime | None) -> int:
    """How many decisions were written down about a round after a moment."""
    if moment is None:
        return 0
    rows = (
        select(func.count())
        .select_from(CampaignDecisionRow)
        .join(CampaignRow, CampaignDecisionRow.campaign_id == CampaignRow.id)
    )
    since = CampaignDecisionRow.decided_at > moment
    return session.scalar(rows.where(CampaignRow.round_id == round_id, since)) or 0


def find_campaign(session: Session, row: RoundRow, code: str) -> KeptCampaign:
    """The campaign of a round by its code, or by a beginning that only it has."""
    kept = list_campaigns(session, row.id)
    exact = [one for one in kept if one.row.code == code]
    begun = [one for one in kept if one.row.code.startswith(code)]
    found = exact or (begun if len(code) >= SHORTEST_PREFIX else [])
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(
            f"{len(found)} campaigns of {row.code} begin with {code!r}. Write more.",
            chinese=f"{row.code} 有 {len(found)} 个回答组以“{code}”开头，请多写几位。",
        )
    raise NotFound(
        f"There is no campaign {code!r} in {row.code}. "
        f"List them with: minxin review list {row.code}",
        chinese=f"{row.code} 没有回答组“{code}”。请用 minxin review list {row.code} 查看。",
    )


def find_decided_campaign(session: Session, row: RoundRow, number: int) -> KeptCampaign:
    """The campaign of a round that the decision of that number is about."""
    kept = list_campaigns(session, row.id) if 0 < number <= LAST_NUMBER else []
    for one in kept:
        if any(decision.id == number for decision in one.decisions):
            return one
    raise NotFound(
        f"There is no decision {number} in {row.code}.",
        chinese=f"{row.code} 没有第 {number} 号决定。",
    )


def list_reviewed_rounds(session: Session, *, within: Scope) -> Sequence[RoundRow]:
    """Rounds of a scope of whose campaigns at least one was decided, newest first."""
    decided = select(CampaignRow.round_id).join(
        CampaignDecisionRow, CampaignDecisionRow.campaign_id == CampaignRow.id
    )
    rows = select(RoundRow).where(RoundRow.id.in_(decided)).order_by(RoundRow.id.desc())
    return session.scalars(kept_within(rows, within, RoundRow.office_id)).all()


def list_looks(session: Session, row: RoundRow, *, author: str) -> set[tuple[str, str]]:
    """The campaigns of a round that somebody looked at, and how far, by the audit trail."""
    looks = select(AuditEventRow.detail).where(
        AuditEventRow.object == row.code,
        AuditEventRow.author == author,
        AuditEventRow.act == VIEWED,
    )
    return {(detail["campaign"], detail["shown"]) for detail in session.scalars(looks)}


def list_campaign_responses(session: Session, campaign_id: int) -> Sequence[ResponseRow]:
    """The responses of a campaign, in the order of their random identifiers."""
    members = select(CampaignResponseRow.response_id).where(
        CampaignResponseRow.campaign_id == campaign_id
    )
    rows = select(ResponseRow).where(ResponseRow.id.in_(members)).order_by(ResponseRow.id)
    return session.scalars(rows).all()


def list_usual_answers(
    session: Session, round_id: int, *, places: Sequence[str], at_most: int
) -> Sequence[Mapping[str, Any]]:
    """Answers given at these points or units outside every campaign of the round."""
    held = (
        select(CampaignResponseRow.response_id)
        .join(CampaignRow, CampaignResponseRow.campaign_id == CampaignRow.id)
        .where(CampaignRow.round_id == round_id)
    )
    here = or_(
        ResponseRow.point.in_(places),
        and_(ResponseRow.point == "", ResponseRow.unit.in_(places)),
    )
    rows = select(ResponseRow.answers).where(
        of_round(round_id), no_canary(), here, ResponseRow.id.not_in(held)
    )
    return session.scalars(rows.order_by(ResponseRow.id).limit(at_most)).all()


def list_members(
    session: Session, round_id: int, codes: Sequence[str]
) -> Mapping[str, tuple[str, ...]]:
    """Code of a campaign → identifiers of its responses; nothing once they are forgotten."""
    held = (
        select(CampaignRow.code, CampaignResponseRow.response_id)
        .join(CampaignRow, CampaignResponseRow.campaign_id == CampaignRow.id)
        .where(CampaignRow.round_id == round_id)
        .order_by(CampaignResponseRow.response_id)
    )
    members: dict[str, list[str]] = {code: [] for code in codes}
    for code, response in session.execute(held) if codes else ():
        if code in members:
            members[code].append(response)
    return {code: tuple(names) for code, names in members.items()}


def forget_campaign_responses(session: Session, round_id: int) -> int:
    """Forget which responses the campaigns of a round held; how many rows that were.

    Part of deleting what was kept for screening: campaigns and decisions stay, as aggregates.
    A run finds its campaigns by examining, so nothing that was decided is lost with it.
    """
    members = select(CampaignRow.id).where(CampaignRow.round_id == round_id)
    gone = delete(CampaignResponseRow).where(CampaignResponseRow.campaign_id.in_(members))
    return len(session.execute(gone.returning(CampaignResponseRow.response_id)).all())
