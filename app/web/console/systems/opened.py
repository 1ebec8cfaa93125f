"""A draft of an indicator system as its pages see it: its values, and what is still wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.database.approvals import Asked, find_waiting
from app.database.console_tables import DraftRow
from app.database.drafts import find_draft
from app.database.engine import Session
from app.errors import Problem
from app.scoring.editing.complaints import said, thing_at
from app.scoring.editing.outline import Body, children_of
from app.web.console.pages import Desk
from app.workflow.definitions.system_soundness import ABSENT, system_mistakes

ADDRESS = "/console/systems"
CHANGE = "change_weights"
"""The act that two people must want."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that keeps a draft from being released, and the page where it is mended."""

    text: str
    address: str
    """Below the draft's address."""
    is_translation: bool
    """Whether only the English words are missing, which can be filled in all at once."""


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft with everything that its pages show of it."""

    row: DraftRow
    body: Body
    complaints: Sequence[Complaint]
    waiting: Asked | None
    """That it become a version was asked for, and waits for a second person."""

    @property
    def address(self) -> str:
        """The address of the draft's page."""
        return f"{ADDRESS}/drafts/{self.row.code}"

    @property
    def key(self) -> str:
        """The version that it is to become."""
        return f"{self.row.code}@{self.body.get('version')}"

    @property
    def gaps(self) -> list[Complaint]:
        """What is wrong besides missing English."""
        return [one for one in self.complaints if not one.is_translation]

    @property
    def untranslated(self) -> list[Complaint]:
        """Where only the English is missing."""
        return [one for one in self.complaints if one.is_translation]


def open_draft(session: Session, desk: Desk, code: str) -> OpenDraft:
    """The draft of that code as far as the desk reaches; NotFound."""
    row = find_draft(session, "system", code, within=desk.scope)
    found = system_mistakes(row.body)
    complaints = [
        Complaint(
            said(row.body, problem, desk.language),
            _address_of(row.body, problem.place),
            is_translation(problem),
        )
        for problem in found
    ]
    key = f"{row.code}@{row.body.get('version')}"
    return OpenDraft(row, row.body, complaints, find_waiting(session, CHANGE, key))


def is_translation(problem: Problem) -> bool:
    """Whether only the English words are missing."""
    return problem.place.endswith(".en") and problem.message == ABSENT


def _address_of(body: Mapping[str, Any], place: str) -> str:
    found = thing_at(body, place)
    where, thing = found if found else ("", {})
    if where == "nodes" and place.endswith("]"):
        code = str(thing.get("code"))
        return f"/weights/{code}" if children_of(body, code) else f"/nodes/{code}"
    if where in {"nodes", "indicators"}:
        return _address_of_part(where, thing, place)
    if where == "adjustments.items":
        return f"/deductions/items/{thing.get('code')}"
    first = place.partition(".")[0].partition("[")[0]
    if first in {"nodes", "indicators"}:
        return ""
    pages = {
        "adjustments": "/deductions",
        "grade": "/grades",
        "rank": "/grades",
        "types": "/types",
        "vectors": "/types",
    }
    return pages.get(first, "/settings")


def _address_of_part(where: str, part: Mapping[str, Any], place: str) -> str:
    field = place.partition("].")[2]
    if field.startswith("weights_sum_to"):
        return f"/weights/{part.get('code')}"
    if field.partition(".")[0] == "weight":
        return f"/weights/{part.get('parent')}"
    return f"/{where}/{part.get('code')}"
