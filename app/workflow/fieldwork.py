"""Fieldwork beside the answers: reports of pressure, receipts looked up, a round's close.

How an answer comes in is in `admission`, where a code leads in `places`.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.admission import post_notices
from app.database.fieldwork import find_by_receipt, holds_any, response_id, shuffle_responses
from app.database.results import greatest_weight, latest_published
from app.database.rights import forget_invitees
from app.database.rounds import hold, load_round, record
from app.database.tables import PressureReportRow, RoundKeyRow, RoundRow
from app.errors import NotFound, WrongState
from app.survey.text import Text
from app.workflow.admission import day_of, notice
from app.workflow.places import Place


@dataclass(frozen=True, slots=True)
class ReceiptState:
    """What a receipt may show: never an answer."""

    number: str
    round_code: str
    round_title: Text
    state: str
    """received, counted, or not_counted: a run gave it no weight."""
    published: bool


def report_pressure(session: Session, place: Place, text: str, now: datetime) -> None:
    """Keep a report that a good rating was asked for, with the day and no finer time."""
    day = day_of(place, now)
    session.add(
        PressureReportRow(
            id=secrets.token_hex(16),
            round_id=place.round_id,
            point=place.point.code,
            text=text,
            day=day,
        )
    )
    heard = notice(
        place.round_id, "pressure_reported", day=day, detail={"point": place.point.code}
    )
    post_notices(session.connection(), [heard])


def find_receipt(session: Session, number: str) -> ReceiptState:
    """What became of the response with this receipt; NotFound for any other number."""
    response = find_by_receipt(session, number)
    if response is None:
        raise NotFound("There is no receipt with this number.")
    row = session.get_one(RoundRow, response.round_id)
    return ReceiptState(
        number=number,
        round_code=row.code,
        round_title=load_round(session, row).plan.title,
        state=_counting_state(greatest_weight(session, response.id)),
        published=latest_published(session, row.id) is not None,
    )


def uncounted_rounds(session: Session) -> dict[int, ReceiptState]:
    """Round of which nothing was computed yet → what its receipts say, without their number."""
    rows = session.scalars(select(RoundRow).where(RoundRow.state.in_(("open", "closed"))))
    return {
        row.id: ReceiptState(
            "", row.code, load_round(session, row).plan.title, "received", False
        )
        for row in rows
    }


def find_uncounted(
    session: Session, number: str, rounds: Mapping[int, ReceiptState]
) -> ReceiptState | None:
    """What a receipt says if it belongs to one of these rounds; a single look."""
    found = holds_any(session, (response_id(one, number) for one in rounds))
    return rounds[int(found[:8], 16)] if found is not None else None


def _counting_state(weight: float | None) -> str:
    if weight is None:
        return "received"
    return "counted" if weight > 0 else "not_counted"


def close_round(session: Session, row: RoundRow, *, now: datetime) -> None:
    """End fieldwork; from here on the data of the round are fixed."""
    if hold(session, row).state != "open":
        raise WrongState(f"Round {row.code} is {row.state}; only an open round can be closed.")
    row.state, row.closed_at = "closed", now
    session.flush()
    shuffle_responses(session, row.id)
    forget_invitees(session, row.id)
    record(session, "close", subject=row.code, now=now, detail={})


def destroy_key(session: Session, row: RoundRow, *, now: datetime) -> None:
    """Destroy the key of a round's paradata once review is over: the hashes lose meaning.

    Results stay recomputable, for they use the hashes only to tell them apart. A receipt
    can still be looked up; a lost one can no longer be derived again.
    """
    if row.state in {"draft", "open"}:
        raise WrongState(f"Round {row.code} is {row.state}; its key is needed until it closes.")
    key = session.get(RoundKeyRow, row.id)
    if key is None:
        raise WrongState(f"The key of round {row.code} was destroyed before.")
    session.delete(key)
    record(session, "destroy_key", subject=row.code, now=now, detail={})
