"""One look at a questionnaire: what its form says, read without trusting any of it.

A form is what strangers wrote. Fields that no item has are left behind, the key must be one
that this server made, and of address and user agent only keyed hashes go on from here.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from app.survey.answers import Reading, read_answers
from app.survey.definition import Survey
from app.survey.paradata import (
    bounded_seconds,
)
from app.survey.text import Language
from app.web.dependencies import Form
from app.web.resident.door import Filled
from app.web.resident.form import FIELD, SECONDS, Given
from app.web.resident.once import is_genuine, new_once
from app.web.resident.pages import Look
from app.workflow.places import Place

MODES = ("page", "step", "kiosk")
LONGEST_TOKEN = 100
LONGEST_WORK = 400


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at the questionnaire: how it is shown and under which key."""

    place: Place
    language: Language
    mode: str
    """`page`, `step`, or `kiosk`: a page on a device that others use next."""
    once: str
    look: Look
    token: str = ""
    """A one-time right as it was typed or came with the link."""
    work: str = ""
    """A solution of the first page's challenge, which goes along with its key."""
    is_renewed: bool = False
    """Whether the form came with a key that is not ours and got a new one."""

    @property
    def is_stepping(self) -> bool:
        """Whether each page shows one item."""
        return self.mode == "step"


def known_mode(word: str) -> str:
    """How the page is to be shown; anything else is the usual page."""
    return word if word in MODES else "page"


def read_visit(place: Place, form: Form, now: datetime) -> Visit:
    """How the page was shown that sent `form`, or is to be shown now."""
    wanted = one(form, "to") or one(form, "l")
    once = one(form, "once")
    is_ours = is_genuine(once, place.key, place.code)
    return Visit(
        place=place,
        language="en" if wanted == "en" else "zh-Hans",
        mode=known_mode(one(form, "mode")),
        once=once if is_ours else new_once(place.key, place.code, now),
        look=Look.of(form),
        token=one(form, "token")[:LONGEST_TOKEN],
        work=one(form, "work")[:LONGEST_WORK] if is_ours else "",
        is_renewed=not is_ours,
    )


def read_given(visit: Visit, form: Form) -> tuple[Given, Reading]:
    """What was filled in and what it means; "leave it out" drops what was not understood."""
    survey = visit.place.survey
    names = [FIELD + code for code in survey.items]
    fields = {name: form[name] for name in names if name in form}
    reading = _read(survey, fields)
    if "skip" in form:
        left_out = {FIELD + problem.place for problem in reading.problems}
        if visit.is_stepping:
            left_out &= {FIELD + one(form, "at")}
        fields = {name: values for name, values in fields.items() if name not in left_out}
        reading = _read(survey, fields)
    seconds = _section_seconds(survey, form)
    return Given(fields, reading.answers, seconds=seconds), reading


def one(form: Form, name: str) -> str:
    """The first value of a field; empty if there is none."""
    return next(iter(form.get(name, ())), "")


def filled(visit: Visit, reading: Reading, given: Given, form: Form) -> Filled:
    """What goes on from a form that was sent, with its answers read."""
    return Filled(
        once=visit.once,
        answers=reading.answers,
        language=visit.language,
        mode=visit.mode,
        section_seconds=given.seconds,
        token=visit.token,
        work=visit.work,
    )


def marked(given: Given, reading: Reading, *, among: Collection[str]) -> Given:
    """The same answers, with the items `among` these that a person must look at again."""
    wrong = {problem.place for problem in reading.problems}.intersection(among)
    missing = set(reading.missing).intersection(among)
    return replace(given, missing=frozenset(missing), wrong=frozenset(wrong))


def _read(survey: Survey, fields: Form) -> Reading:
    return read_answers(survey, {name.removeprefix(FIELD): v for name, v in fields.items()})


def _section_seconds(survey: Survey, form: Form) -> dict[str, int]:
    """Seconds per section as the optional script counted them, over all pages of a visit."""
    counted = {s.code: bounded_seconds(one(form, SECONDS + s.code)) for s in survey.sections}
    return {code: seconds for code, seconds in counted.items() if seconds is not None}
