"""A campaign on a page: shown once its reader has said that they look, as often as they like.

Reading a page writes nothing. So a look is an act of its own, kept on the audit trail with
how far it went, and a page shows no more than what its reader looked at.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.anomaly.decisions import Verdict, is_same
from app.anomaly.ground_rules import open_grounds
from app.anomaly.grounds import Ground
from app.database.campaigns import KeptCampaign, find_campaign, list_looks
from app.database.rounds import load_round
from app.database.tables import RoundRow
from app.errors import WrongState
from app.workflow.review.deciding import has_judged, in_force
from app.workflow.review.impartiality import Reviewer, require_impartial, require_named
from app.workflow.review.shown import CountsOnly, FirstLook, SeenResponse, Whole
from app.workflow.review.verdicts import case_of, load_verdicts
from app.workflow.review.viewing import (
    campaign_at,
    responses_of,
    show_campaign,
    stage_for,
    view_responses,
)


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A decision or confirmation that stands, and what its reader may do about it."""

    number: int
    may_confirm: bool
    may_take_back: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A campaign that somebody looks at."""

    code: str
    shown: CountsOnly | FirstLook | Whole
    grounds: tuple[tuple[Verdict, Ground], ...]
    """What may be decided, and for which reasons; nothing for an office with an interest."""
    rows: tuple[OpenRow, ...]
    """What stands, for somebody who is shown the whole."""


def look(
    session: Session, row: RoundRow, reviewer: Reviewer, code: str, *, now: datetime
) -> str:
    """Say that somebody looks at a campaign; its code."""
    show_campaign(session, row, reviewer, code, now=now)
    return find_campaign(session, row, code).row.code


def look_at_answers(
    session: Session, row: RoundRow, reviewer: Reviewer, code: str, *, now: datetime
) -> str:
    """Say that somebody who has judged a campaign looks at its answers; its code."""
    view_responses(session, row, reviewer, code, now=now)
    return find_campaign(session, row, code).row.code


def opened(session: Session, row: RoundRow, reviewer: Reviewer, code: str) -> Opened | None:
    """The campaign as far as this person may see it; None before they have looked."""
    require_named(reviewer)
    kept = find_campaign(session, row, code)
    stage = stage_for(session, row, reviewer, kept)
    if (kept.row.code, stage) not in list_looks(session, row, author=reviewer.author):
        return None
    shown = campaign_at(session, row, reviewer, kept, stage=stage)
    if isinstance(shown, CountsOnly):
        return Opened(kept.row.code, shown, (), ())
    grounds = tuple(open_grounds(case_of(kept), blind=isinstance(shown, FirstLook)))
    rows = _rows(session, row, reviewer, kept) if isinstance(shown, Whole) else ()
    return Opened(kept.row.code, shown, grounds, rows)


def opened_answers(
    session: Session, row: RoundRow, reviewer: Reviewer, code: str
) -> tuple[KeptCampaign, list[SeenResponse]]:
    """The answers of a campaign, for somebody who has judged it and said that they look."""
    kept = find_campaign(session, row, code)
    require_impartial(load_round(session, row).plan, kept, reviewer)
    looks = list_looks(session, row, author=reviewer.author)
    if (kept.row.code, "responses") not in looks or not has_judged(kept, reviewer):
        raise WrongState(
            f"Open the answers of {kept.row.code} from its page: who looks is recorded.",
            chinese=f"请从 {kept.row.code} 的页面打开答案：谁看过会留下记录。",
        )
    return kept, responses_of(session, row, kept)


def _rows(
    session: Session, row: RoundRow, reviewer: Reviewer, kept: KeptCampaign
) -> tuple[OpenRow, ...]:
    waiting = load_verdicts(session, row.id).standings[kept.row.code].waiting
    return tuple(
        OpenRow(
            number=one.id,
            may_confirm=one.id in waiting
            and not is_same(one.author, reviewer.author)
            and not is_same(one.office, reviewer.office),
            may_take_back=is_same(one.author, reviewer.author)
            or is_same(one.office, reviewer.office),
        )
        for one in in_force(kept)
    )
