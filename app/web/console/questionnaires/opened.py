"""A draft as its pages see it: its values, what is still wrong, what to look at again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.database.console_tables import DraftRow
from app.database.drafts import find_draft
from app.database.engine import Session
from app.errors import Problem
from app.survey.answers import clean_text
from app.survey.definition import Survey
from app.survey.editing.complaints import said
from app.survey.editing.outline import Body, items_of, sections_of, users_of
from app.survey.editing.scale_bank import scale_line
from app.survey.editing.wording import Hint, hints_of
from app.survey.text import Language
from app.web.console.pages import Desk
from app.web.dependencies import Form
from app.workflow.definitions.soundness import mistakes

ADDRESS = "/console/questionnaires"
ABSENT = "is required and absent"
LONGEST = 2000
"""Characters of one field."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that keeps a draft from being released, and the page where it is mended."""

    text: str
    address: str
    """Below the draft's address, with the field as its anchor."""
    item: str
    """The item it is about; empty for others."""
    is_translation: bool
    """Whether only the English words are missing, which can be filled in all at once."""


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft with everything that its pages show of it."""

    row: DraftRow
    body: Body
    complaints: Sequence[Complaint]
    hints: Sequence[Hint]

    @property
    def address(self) -> str:
        """The address of the draft's page."""
        return f"{ADDRESS}/drafts/{self.row.code}"

    @property
    def items(self) -> list[Body]:
        """Its items in order."""
        return items_of(self.body)

    @property
    def sections(self) -> Sequence[Body]:
        """Its sections in order."""
        return sections_of(self.body)

    @property
    def gaps(self) -> list[Complaint]:
        """What is wrong besides missing English."""
        return [one for one in self.complaints if not one.is_translation]

    @property
    def untranslated(self) -> list[Complaint]:
        """Where only the English is missing."""
        return [one for one in self.complaints if one.is_translation]

    @property
    def remarks(self) -> list[Hint]:
        """The hints besides those about translation."""
        return [hint for hint in self.hints if hint.kind != "untranslated"]

    @property
    def unlike_english(self) -> int:
        """How many items have no English of their own."""
        return len(self.hints) - len(self.remarks)

    def hints_about(self, item: str) -> list[Hint]:
        """The hints about one item."""
        return [hint for hint in self.hints if hint.item == item]

    def users_of(self, scale: str) -> list[str]:
        """The items that use a scale."""
        return users_of(self.body, scale)

    def item(self, code: str) -> Body:
        """The item of that code."""
        return next(one for one in self.items if one["code"] == code)

    def scale_line(self, name: str, language: Language) -> str:
        """A scale of the draft on one line."""
        return scale_line(self.body["scales"][name], language) or name

    def number_of(self, item: str) -> int:
        """The place of an item in the order asked, from 1."""
        return next(n for n, one in enumerate(self.items, start=1) if one["code"] == item)


def open_draft(session: Session, desk: Desk, code: str) -> OpenDraft:
    """The draft of that code as far as the desk reaches; NotFound."""
    return opened(find_draft(session, "survey", code, within=desk.scope), desk.language)


def opened(row: DraftRow, language: Language) -> OpenDraft:
    """A draft with what is wrong with it, in the reader's language."""
    complaints = [
        _complaint(row.body, problem, language) for problem in mistakes(Survey, row.body)
    ]
    return OpenDraft(row, row.body, complaints, hints_of(row.body))


def one(form: Form, name: str) -> str:
    """The first value of a field, cleaned of what nobody can see; bounded."""
    return clean_text(next(iter(form.get(name, ())), "")[:LONGEST])


def words(form: Form, name: str) -> dict[str, str]:
    """A text in languages, from its fields; a language without words is left out."""
    given = {"zh-Hans": one(form, f"{name}_zh"), "en": one(form, f"{name}_en")}
    return {language: text for language, text in given.items() if text}


def whole_number(form: Form, name: str) -> int | None:
    """A whole number of a field; None where there is none."""
    text = one(form, name)
    is_number = text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= 9
    return int(text) if is_number else None


def seen_revision(form: Form) -> int:
    """The revision that the form was made from."""
    return whole_number(form, "seen") or 0


def _complaint(body: Mapping[str, Any], problem: Problem, language: Language) -> Complaint:
    item = _item_at(body, problem.place)
    is_translation = problem.place.endswith(".en") and problem.message == ABSENT
    address = _address_of(body, problem.place)
    return Complaint(said(body, problem, language), address, item, is_translation)


def _item_at(body: Mapping[str, Any], place: str) -> str:
    if not place.startswith("sections[") or ".items[" not in place:
        return ""
    section, _, rest = place.removeprefix("sections[").partition("].items[")
    number = int(rest.partition("]")[0])
    return str(sections_of(body)[int(section)]["items"][number].get("code", ""))


def _address_of(body: Mapping[str, Any], place: str) -> str:
    item = _item_at(body, place)
    if item:
        return f"/items/{item}"
    if place.startswith("sections["):
        number = int(place.removeprefix("sections[").partition("]")[0])
        return f"/sections/{sections_of(body)[number].get('code')}"
    if place.startswith("scales."):
        name = place.removeprefix("scales.").partition(".")[0].partition("[")[0]
        return f"/scales/{name}"
    return "/indicators" if place.startswith("indicators") else "/settings"
