"""What arrives at the door of a round, what became of it, and the row it is kept as."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.database.admission import SubmissionKey
from app.database.fieldwork import one_way
from app.errors import KeyReused, MinxinError, RoundNotOpen
from app.survey.admission import EVIDENCE, Right
from app.survey.answers import Answer
from app.survey.codes import new_receipt
from app.survey.paradata import Paradata
from app.workflow.places import Place

RECEIPT_ATTEMPTS = 8
"""So often another number is tried where a receipt is taken."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person sent once: the key of the form, what was in it, how it came about."""

    once: str
    body_digest: str
    answers: Mapping[str, Answer]
    paradata: Paradata
    channel: str = "qr"
    token: str = ""
    """SHA-256 of the one-time right that came with it, hex; empty for an open code."""
    assurance: str = "open"
    imported: "Imported | None" = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an answer brings along that was collected elsewhere."""

    file: int
    key: str
    """What it is kept under instead of the hash of a form's key."""
    unit: str
    evidence: str | None
    weight: float | None
    background: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A submission at the door of a place."""

    place: Place
    submission: Submission
    key: SubmissionKey = field(init=False)
    """What makes it the same submission if it comes again."""

    def __post_init__(self) -> None:
        imported = self.submission.imported
        name = imported.key if imported else one_way(self.submission.once)
        object.__setattr__(self, "key", (self.place.round_id, name))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an arrival that was not refused."""

    receipt: str
    outcome: Literal["stored", "repeated"]


Outcome = Verdict | MinxinError


def split_texts(answers: Mapping[str, Answer]) -> tuple[dict[str, Answer], dict[str, str]]:
    """Coded answers as they are stored, and the texts that are kept apart."""
    texts = {item: answer for item, answer in answers.items() if isinstance(answer, str)}
    if not texts:
        return dict(answers), texts
    return {item: answer for item, answer in answers.items() if item not in texts}, texts


def response_row(
    arrival: Arrival, receipt: str, right: Right, weight: float | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """The row of a response, and its texts by item."""
    place, submission = arrival.place, arrival.submission
    codes, texts = split_texts(submission.answers)
    row = {
        "id": secrets.token_hex(16),
        "round_id": place.round_id,
        "unit": place.point.unit,
        "point": place.point.code,
        "evidence": EVIDENCE.get(right, place.plan.evidence_class),
        "survey": place.survey.key,
        "channel": submission.channel,
        "assurance": submission.assurance if right == "open" else "one_time",
        "answers": codes,
        "background": {},
        "weight": weight,
        "paradata": kept_paradata(submission.paradata),
        "submission_hash": arrival.key[1],
        "body_digest": submission.body_digest,
        "receipt_hash": one_way(receipt) if receipt else None,
    }
    imported = submission.imported
    if imported is not None:
        row |= {
            "import_id": imported.file,
            "unit": imported.unit,
            "evidence": imported.evidence or place.plan.evidence_class,
            "assurance": "imported",
            "background": dict(imported.background),
            "weight": imported.weight,
            "paradata": {},
        }
    return row, texts


def kept_paradata(paradata: Paradata) -> dict[str, object]:
    """What is stored of how an answer came about: nothing where nothing is known."""
    fields = ((name, getattr(paradata, name)) for name in paradata.__slots__)
    return {name: value for name, value in fields if value not in (None, "", {})}


def repeated(arrival: Arrival, body: str, receipt_hash: str | None) -> Outcome:
    """The first receipt again, for whoever lost it; other answers under one key are refused.

    Also when the round has closed since: whoever tries again did not come too late.
    """
    place, submission = arrival.place, arrival.submission
    if submission.imported or receipt_hash is None:
        return Verdict("", "repeated")
    if not place.key:
        return RoundNotOpen("over")
    for attempt in range(RECEIPT_ATTEMPTS):
        receipt = receipt_number(place.key, submission.once, attempt)
        if one_way(receipt) == receipt_hash:
            is_same = body == submission.body_digest
            return Verdict(receipt, "repeated") if is_same else KeyReused(receipt)
    raise MinxinError("The receipt of an earlier submission cannot be derived again.")


def receipt_number(key: bytes, once: str, attempt: int) -> str:
    """The receipt of a form's key; by another `attempt` where that number is taken."""
    message = f"receipt\0{once}\0{attempt}".encode()
    return new_receipt(hmac.digest(key, message, "sha256"))
