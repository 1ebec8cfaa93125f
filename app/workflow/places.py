"""Where a code leads: a point of a round, with all that a page and the door need to know."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.database.rounds import FrozenRound, find_point_code, load_round
from app.database.tables import RoundKeyRow, RoundRow
from app.errors import RoundNotOpen
from app.survey.definition import Survey
from app.survey.plan import Plan, Point, Unit
from app.survey.text import Text

ELSEWHERE = Point.model_construct(code="", name=Text.model_construct(zh="", en=""), unit="")
"""The point of answers that were collected elsewhere and imported: each names its unit."""
NOBODYS = Unit.model_construct(code="", name=ELSEWHERE.name, region="", region_type="")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code leads, as it was when it was looked up."""

    code: str
    """Empty for answers that came without one."""
    point: Point
    unit: Unit
    round_id: int
    round_code: str
    state: str
    is_withdrawn: bool
    plan: Plan
    survey: Survey
    survey_digest: str
    key: bytes
    """The round's key, for hashing paradata and for receipts; empty once it is destroyed."""

    def refusal(self, state: str, *, is_revoked: bool, now: datetime) -> RoundNotOpen | None:
        """Why nothing can be handed in here, with the round in that state; None if it can."""
        if is_revoked:
            return RoundNotOpen("withdrawn")
        if state == "draft" or now < self.plan.window.start:
            return RoundNotOpen("not_yet")
        if state != "open" or not self.plan.window.contains(now) or not self.key:
            return RoundNotOpen("over")
        return None


def find_place(session: Session, code: str) -> Place:
    """The place a code leads to, open or not; NotFound."""
    issued = find_point_code(session, code)
    row = session.get_one(RoundRow, issued.round_id)
    frozen = load_round(session, row)
    point = next(p for p in frozen.plan.points if p.code == issued.point)
    unit = next(u for u in frozen.plan.units if u.code == point.unit)
    key = session.get(RoundKeyRow, row.id)
    return Place(
        code=code,
        point=point,
        unit=unit,
        round_id=row.id,
        round_code=row.code,
        state=row.state,
        is_withdrawn=issued.revoked_at is not None,
        plan=frozen.plan,
        survey=frozen.survey,
        survey_digest=frozen.survey_digest,
        key=key.key if key else b"",
    )


def open_place(session: Session, code: str, now: datetime) -> Place:
    """The place a code leads to; NotFound, or RoundNotOpen with the reason."""
    place = find_place(session, code)
    require_open(place, now)
    return place


def require_open(place: Place, now: datetime) -> None:
    """Raise RoundNotOpen where nothing can be handed in."""
    refusal = place.refusal(place.state, is_revoked=place.is_withdrawn, now=now)
    if refusal is not None:
        raise refusal


def no_place(frozen: FrozenRound, key: bytes) -> Place:
    """Where answers of a round come in that were collected elsewhere."""
    return Place(
        code="",
        point=ELSEWHERE,
        unit=NOBODYS,
        round_id=frozen.id,
        round_code=frozen.code,
        state=frozen.state,
        is_withdrawn=False,
        plan=frozen.plan,
        survey=frozen.survey,
        survey_digest=frozen.survey_digest,
        key=key,
    )
