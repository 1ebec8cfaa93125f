"""Fieldwork: a code leads to a place, a submission becomes a response, a round closes.

`receive_response` and `import_answers` are the only ways in, and both write through
`_insert`. Whether a submission is new is decided by a unique key, not by looking first.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database.fieldwork import find_by_receipt, find_submission, one_way
from app.database.results import greatest_weight, latest_published
from app.database.rounds import (
    find_point_code,
    hold,
    hold_open,
    load_round,
    record,
    round_key,
)
from app.database.tables import (
    PressureReportRow,
    ResponseRow,
    ResponseTextRow,
    RoundKeyRow,
    RoundRow,
)
from app.errors import KeyReused, MinxinError, NotFound, RoundNotOpen, WrongState
from app.survey.answers import Answer
from app.survey.codes import new_receipt
from app.survey.definition import Survey
from app.survey.paradata import Paradata
from app.survey.plan import Plan, Point, Unit
from app.survey.text import Text

RECEIPT_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code leads: a point of an open round, with all that a page needs."""

    code: str
    point: Point
    unit: Unit
    round_id: int
    round_code: str
    plan: Plan
    survey: Survey
    survey_digest: str
    key: bytes
    """The round's key, for hashing paradata and for receipts."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person sent once: the key of the form, what was in it, how it came about."""

    once: str
    body_digest: str
    answers: Mapping[str, Answer]
    paradata: Paradata
    channel: str = "qr"


@dataclass(frozen=True, slots=True)
class ReceiptState:
    """What a receipt may show: never an answer."""

    number: str
    round_code: str
    round_title: Text
    state: str
    """received, counted, or not_counted: a run gave it no weight."""
    published: bool


def open_place(session: Session, code: str, now: datetime) -> Place:
    """The place a code leads to; NotFound, or RoundNotOpen with the reason."""
    issued = find_point_code(session, code)
    row = session.get_one(RoundRow, issued.round_id)
    frozen = load_round(session, row)
    _require_open(row, frozen.plan, issued.revoked_at is not None, now)
    point = next(p for p in frozen.plan.points if p.code == issued.point)
    unit = next(u for u in frozen.plan.units if u.code == point.unit)
    return Place(
        code=code,
        point=point,
        unit=unit,
        round_id=row.id,
        round_code=row.code,
        plan=frozen.plan,
        survey=frozen.survey,
        survey_digest=frozen.survey_digest,
        key=round_key(session, row.id),
    )


def receive_response(
    session: Session, place: Place, submission: Submission, now: datetime
) -> str:
    """Keep a submission and give its receipt number; the same one again gives the same.

    The round is held open meanwhile: what is acknowledged is there when it closes.
    """
    if not hold_open(session, place.round_id):
        raise RoundNotOpen("over")
    try:
        with session.begin_nested():
            return _insert_submission(session, place, submission)
    except IntegrityError:
        first = find_submission(session, place.round_id, submission.once)
        if first is None:
            raise
    if first.body_digest != submission.body_digest:
        receipt = _receipt_of(place.key, submission.once, first)
        raise KeyReused(receipt)
    return _receipt_of(place.key, submission.once, first)


def earlier_receipt(session: Session, code: str, once: str) -> str | None:
    """The receipt of a submission that was kept, even if its round has closed since.

    Whoever lost the reply and tries again must not be told that they came too late.
    """
    round_id = find_point_code(session, code).round_id
    first = find_submission(session, round_id, once)
    if first is None or session.get(RoundKeyRow, round_id) is None:
        return None
    return _receipt_of(round_key(session, round_id), once, first)


def report_pressure(session: Session, place: Place, text: str, now: datetime) -> None:
    """Keep a report that a good rating was asked for, with the day and no finer time."""
    session.add(
        PressureReportRow(
            id=secrets.token_hex(16),
            round_id=place.round_id,
            point=place.point.code,
            text=text,
            day=now.date().isoformat(),
        )
    )


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


def _counting_state(weight: float | None) -> str:
    if weight is None:
        return "received"
    return "counted" if weight > 0 else "not_counted"


def close_round(session: Session, row: RoundRow, *, now: datetime) -> None:
    """End fieldwork; from here on the data of the round are fixed."""
    if hold(session, row).state != "open":
        raise WrongState(f"Round {row.code} is {row.state}; only an open round can be closed.")
    row.state, row.closed_at = "closed", now
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


def keep_answers(session: Session, response: ResponseRow, texts: Mapping[str, str]) -> None:
    """Add one response with its texts: the single place where responses are written."""
    session.add(response)
    session.flush()
    for item, text in texts.items():
        session.add(ResponseTextRow(response_id=response.id, item=item, text=text))
    session.flush()


def split_texts(answers: Mapping[str, Answer]) -> tuple[dict[str, object], dict[str, str]]:
    """Coded answers as they are stored, and the texts that are kept apart."""
    texts = {item: answer for item, answer in answers.items() if isinstance(answer, str)}
    codes: dict[str, object] = {
        item: list(answer) if isinstance(answer, tuple) else answer
        for item, answer in answers.items()
        if not isinstance(answer, str)
    }
    return codes, texts


def _require_open(row: RoundRow, plan: Plan, is_withdrawn: bool, now: datetime) -> None:
    if is_withdrawn:
        raise RoundNotOpen("withdrawn")
    if row.state == "draft" or now < plan.window.start:
        raise RoundNotOpen("not_yet")
    if row.state != "open" or not plan.window.contains(now):
        raise RoundNotOpen("over")


def _insert_submission(session: Session, place: Place, submission: Submission) -> str:
    codes, texts = split_texts(submission.answers)
    receipt = _unused_receipt(session, place.key, submission.once)
    response = ResponseRow(
        id=secrets.token_hex(16),
        round_id=place.round_id,
        unit=place.unit.code,
        point=place.point.code,
        evidence=place.plan.evidence_class,
        channel=submission.channel,
        answers=codes,
        background={},
        weight=None,
        paradata=_kept_paradata(submission.paradata),
        submission_hash=one_way(submission.once),
        body_digest=submission.body_digest,
        receipt_hash=one_way(receipt),
    )
    keep_answers(session, response, texts)
    return receipt


def _kept_paradata(paradata: Paradata) -> dict[str, object]:
    return {
        name: value for name, value in asdict(paradata).items() if value not in (None, "", {})
    }


def _unused_receipt(session: Session, key: bytes, once: str) -> str:
    for attempt in range(RECEIPT_ATTEMPTS):
        receipt = _receipt(key, once, attempt)
        taken = find_by_receipt(session, receipt)
        if taken is None or taken.submission_hash == one_way(once):
            return receipt
    raise MinxinError("No unused receipt number was found.")


def _receipt_of(key: bytes, once: str, response: ResponseRow) -> str:
    """The number given when the response came: derived again, for it is not stored."""
    for attempt in range(RECEIPT_ATTEMPTS):
        receipt = _receipt(key, once, attempt)
        if one_way(receipt) == response.receipt_hash:
            return receipt
    raise MinxinError("The receipt of an earlier submission cannot be derived again.")


def _receipt(key: bytes, once: str, attempt: int) -> str:
    message = f"receipt\0{once}\0{attempt}".encode()
    return new_receipt(hmac.new(key, message, hashlib.sha256).digest())
