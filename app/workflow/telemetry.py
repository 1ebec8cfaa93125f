"""The end of what is known of how responses came about: thirty days after a round closes.

Residents are told so on the page that says what is kept. The round's key goes with it. What
screening saw can then no longer be computed again; everything after it still can, from the
influence that was kept with every run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.database.rounds import hold, record
from app.database.tables import RoundKeyRow, RoundRow
from app.database.telemetry import (
    FORGET,
    answers_digest,
    erase_telemetry,
    has_telemetry,
    list_remembering,
)
from app.errors import WrongState
from app.workflow.places import Place

KEPT_FOR = timedelta(days=30)
"""After the round closes; `docs/privacy.md` says where the number comes from."""


@dataclass(frozen=True, slots=True)
class Due:
    """A closed round that still remembers, and when it has to forget."""

    code: str
    at: datetime


def due_at(row: RoundRow) -> datetime | None:
    """When the telemetry of a round has to go; None while it is not closed."""
    return row.closed_at + KEPT_FOR if row.closed_at is not None else None


def day_of_forgetting(session: Session, place: Place) -> date:
    """The day on which the round of a place forgets; as planned, where it is not closed yet."""
    row = session.get_one(RoundRow, place.round_id)
    window = place.plan.window
    at = due_at(row) or window.end + KEPT_FOR
    return at.astimezone(ZoneInfo(window.time_zone)).date()


def end_of_review(row: RoundRow, time_zone: str) -> date | None:
    """The day from which nothing more is decided; None before the close and afterwards."""
    at = due_at(row)
    if at is None or row.telemetry_forgotten_at is not None:
        return None
    return at.astimezone(ZoneInfo(time_zone)).date()


def list_due(session: Session, *, now: datetime) -> tuple[Due, ...]:
    """The rounds whose telemetry has to go by now, the longest overdue first."""
    held = ((row, due_at(row)) for row in list_remembering(session))
    return tuple(Due(row.code, at) for row, at in held if at is not None and at <= now)


def forget_telemetry(
    session: Session, row: RoundRow, *, now: datetime, vouched: Sequence[int] = ()
) -> int:
    """Take the telemetry of a closed round out of every row; how many responses it was in.

    Refused before its day: until then screening may be reviewed and computed again. The act
    keeps a digest of what stays, and the numbers of the runs that were seen, just now, to
    rest on these very rows (`vouched`): nobody can look that up afterwards. A round in which
    nothing is known, for its answers were imported, only loses its key.
    """
    hold(session, row)
    require_due(row, now)
    key = session.get(RoundKeyRow, row.id)
    responses = 0
    if has_telemetry(session, row.id):
        responses = erase_telemetry(session, row.id)
        row.telemetry_forgotten_at = now
    elif key is None:
        raise WrongState(f"Nothing is known in {row.code} of how its responses came about.")
    if key is not None:
        session.delete(key)
    detail: dict[str, object] = {
        "responses": responses,
        "key": key is not None,
        "answers": answers_digest(session, row.id) if responses else "",
        "runs": list(vouched),
    }
    record(session, FORGET, subject=row.code, now=now, detail=detail)
    return responses


def require_due(row: RoundRow, now: datetime) -> None:
    """Refuses a round that is not closed, whose day has not come, or that forgot before."""
    at = due_at(row)
    if at is None:
        raise WrongState(
            f"Round {row.code} is {row.state}; its telemetry is needed until it closes."
        )
    if row.telemetry_forgotten_at is not None:
        raise WrongState(
            f"The telemetry of round {row.code} was forgotten on "
            f"{row.telemetry_forgotten_at:%Y-%m-%d}."
        )
    if now < at:
        raise WrongState(
            f"The telemetry of round {row.code} is kept for {KEPT_FOR.days} days after it "
            f"closed, until {at:%Y-%m-%d}, so that its review can be finished. The worker "
            "forgets it by itself then."
        )
