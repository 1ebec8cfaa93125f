"""The form as most people send it, read in one pass; anything else is left to the full reader.

A form that is complete and plain (one known code an item, text within its length, nothing
insisted on, no language to change) needs no second look at the page. For such a form this
gives exactly what `visit.read_given` and `survey.answers.read_answers` give, about twenty
times faster, from tables that are made once for a survey version; for every other it gives
None and changes nothing. A property test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from app.survey.answers import Answer, clean_text
from app.survey.definition import Item, Survey
from app.survey.paradata import bounded_seconds
from app.survey.text import Language
from app.web.resident.form import FIELD, SECONDS

MOST_FIELDS = 500
PLAIN_MODES = {b"page": "page", b"kiosk": "kiosk"}
NOT_PLAIN = frozenset({b"to", b"skip", b"next", b"back", b"at"})

Fields = dict[bytes, list[bytes]]


@dataclass(frozen=True, slots=True)
class QuickItem:
    """One item of a survey version, ready to be read."""

    code: str
    field: bytes
    kind: str
    codes: Mapping[bytes, int]
    optional: bool
    max_length: int
    after: str
    """The item on whose answer it depends; empty if it is always asked."""
    after_is_in: frozenset[int]


@dataclass(frozen=True, slots=True)
class QuickForm:
    """How the forms of a survey version are read."""

    items: tuple[QuickItem, ...]
    seconds: tuple[tuple[bytes, str], ...]


@dataclass(frozen=True, slots=True)
class QuickReading:
    """What a plain and complete form says."""

    once: str
    mode: str
    language: Language
    answers: Mapping[str, Answer]
    section_seconds: Mapping[str, int]
    token: str
    work: str
    is_big: bool
    is_dark: bool


def quick_form(survey: Survey) -> QuickForm:
    """The tables for the forms of a survey version; each item in the order of the survey."""
    return QuickForm(
        items=tuple(_item(survey, item) for item in survey.items.values()),
        seconds=tuple((f"{SECONDS}{s.code}".encode(), s.code) for s in survey.sections),
    )


def read_quickly(form: QuickForm, body: bytes) -> QuickReading | None:
    """A form's body, read; None where the full reader has to look at it."""
    fields = _fields(body)
    if fields is None or not NOT_PLAIN.isdisjoint(fields):
        return None
    mode = PLAIN_MODES.get(_one(fields, b"mode"))
    once, token, work = (_text(fields, name) for name in (b"once", b"token", b"work"))
    answers = _answers(form, fields)
    if mode is None or answers is None or once is None or token is None or work is None:
        return None
    return QuickReading(
        once=once,
        mode=mode,
        language="en" if _one(fields, b"l") == b"en" else "zh-Hans",
        answers=answers,
        section_seconds=_seconds(form, fields),
        token=token,
        work=work,
        is_big=b"big" in fields,
        is_dark=b"dk" in fields,
    )


def _fields(body: bytes) -> Fields | None:
    pairs = body.split(b"&")
    # To the full reader a semicolon parts two fields as well.
    if len(pairs) > MOST_FIELDS or b";" in body:
        return None
    fields: Fields = {}
    for pair in pairs:
        name, _, value = pair.partition(b"=")
        if b"%" in name or b"+" in name:
            return None
        fields.setdefault(name, []).append(value)
    return fields


def _answers(form: QuickForm, fields: Fields) -> dict[str, Answer] | None:
    answers: dict[str, Answer] = {}
    for item in form.items:
        if item.after and answers.get(item.after) not in item.after_is_in:
            continue
        given = [value for value in fields.get(item.field, ()) if value]
        if not given:
            if item.optional:
                continue
            return None
        answer = _answer(item, given)
        if answer is None:
            return None
        if answer != "":
            answers[item.code] = answer
        elif not item.optional:
            return None
    return answers


def _answer(item: QuickItem, given: list[bytes]) -> Answer | None:
    if item.kind == "text":
        return _written(item, given)
    codes = [item.codes.get(value) for value in given]
    if None in codes:
        return None
    if item.kind == "multiple":
        return tuple(sorted({code for code in codes if code is not None}))
    return codes[0] if len(codes) == 1 else None


def _written(item: QuickItem, given: list[bytes]) -> str | None:
    if len(given) > 1:
        return None
    text = _decoded(given[0])
    cleaned = clean_text(text) if text is not None else None
    return cleaned if cleaned is not None and len(cleaned) <= item.max_length else None


def _decoded(value: bytes) -> str | None:
    """Percent-decoded UTF-8; None where that is broken."""
    try:
        return unquote_to_bytes(value.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        return None


def _one(fields: Fields, name: bytes) -> bytes:
    values = fields.get(name)
    return values[0] if values else b""


def _text(fields: Fields, name: bytes) -> str | None:
    value = _one(fields, name)
    return _decoded(value) if value else ""


def _seconds(form: QuickForm, fields: Fields) -> dict[str, int]:
    seconds = {}
    for name, section in form.seconds:
        if name in fields:
            counted = bounded_seconds(fields[name][0].decode("latin-1"))
            if counted is not None:
                seconds[section] = counted
    return seconds


def _item(survey: Survey, item: Item) -> QuickItem:
    scale = survey.scale_of(item) if item.kind != "text" else None
    codes = {*(o.code for o in scale.choices), *scale.codes} if scale else set()
    return QuickItem(
        code=item.code,
        field=f"{FIELD}{item.code}".encode(),
        kind=item.kind,
        codes={str(code).encode(): code for code in codes},
        optional=item.optional,
        max_length=item.max_length,
        after=item.ask_if.item if item.ask_if else "",
        after_is_in=frozenset(item.ask_if.is_in) if item.ask_if else frozenset(),
    )
