"""What arrives at the door of a round, what became of it, and the row it is kept as."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.database.fieldwork import one_way, response_id
from app.errors import KeyReused, MinxinError, RoundNotOpen
from app.survey.admission import EVIDENCE, Right
from app.survey.answers import Answer
from app.survey.codes import new_receipt
from app.survey.keyed import mac
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
    attempt: int = 0
    """By one higher each time its receipt turned out to be taken by somebody else."""
    receipt: str = field(init=False)
    """The number it will get; empty for an import."""
    id: str = field(init=False)
    """What it is kept under: the same submission always has the same."""
    submission_hash: str = field(init=False)

    def __post_init__(self) -> None:
        place, submission, receipt = self.place, self.submission, ""
        imported = submission.imported
        if imported is None:
            receipt = receipt_number(place.key, submission.once, self.attempt)
        name = imported.key if imported else receipt
        known_by = name if imported else one_way(submission.once)
        object.__setattr__(self, "receipt", receipt)
        object.__setattr__(self, "id", response_id(place.round_id, name))
        object.__setattr__(self, "submission_hash", known_by)

    def again(self) -> "Arrival":
        """The same with another receipt, where that one is taken."""
        return Arrival(self.place, self.submission, self.attempt + 1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an arrival that was not refused."""

    receipt: str
    outcome: Literal["stored", "repeated"]


Outcome = Verdict | MinxinError


def split_texts(answers: Mapping[str, Answer]) -> tuple[dict[str, Answer], dict[str, str]]:
    """Coded answers as they are stored, and the texts that are kept apart."""
    written = [item for item, answer in answers.items() if isinstance(answer, str)]
    if not written:
        return dict(answers), {}
    texts = {item: str(answers[item]) for item in written}
    return {item: answer for item, answer in answers.items() if item not in texts}, texts


def response_row(
    arrival: Arrival, right: Right, weight: float | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """The row of a response, and its texts by item."""
    place, submission = arrival.place, arrival.submission
    codes, texts = split_texts(submission.answers)
    row = {
        "id": arrival.id,
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
        "submission_hash": arrival.submission_hash,
        "body_digest": submission.body_digest,
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
    kept = {
        "slot": paradata.slot,
        "seconds": paradata.seconds,
        "section_seconds": paradata.section_seconds,
        "device": paradata.device,
        "network": paradata.network,
        "comment": paradata.comment,
        "comment_length": paradata.comment_length,
        "order": paradata.order,
        "mode": paradata.mode,
    }
    return {name: value for name, value in kept.items() if value or value == 0}


def repeated(arrival: Arrival, body: str) -> Outcome:
    """The first receipt again, for whoever lost it; other answers under one key are refused.

    Also when the round has closed since: whoever tries again did not come too late.
    """
    if arrival.submission.imported is None and not arrival.place.key:
        return RoundNotOpen("over")
    if body == arrival.submission.body_digest:
        return Verdict(arrival.receipt, "repeated")
    return KeyReused(arrival.receipt)


def program_key(place: Place, once: str) -> str:
    """The key of a submission that a program sent under a key of its own making."""
    # Another client's key is another's; and what it chose may be a number of a person.
    return f"api:{place.code}:{mac(place.key, once.encode()).hex()}"


def receipt_number(key: bytes, once: str, attempt: int) -> str:
    """The receipt of a form's key; by another `attempt` where that number is taken."""
    message = f"receipt\0{once}\0{attempt}".encode()
    return new_receipt(mac(key, message))
