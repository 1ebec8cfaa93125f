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
from app.web.resident.visit import LONGEST_TOKEN

MOST_FIELDS = 500
PLAIN_MODES = {b"page": "page", b"kiosk": "kiosk"}
WORDS = (b"once", b"token", b"work")
OTHER_FIELDS = frozenset({*WORDS, b"mode", b"l", b"send", b"big", b"dk"})
NOT_PLAIN = frozenset({b"to", b"skip", b"next", b"back", b"at"})

Fields = dict[bytes, bytes]


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
    names: frozenset[bytes]
    """Every field that a form of this version may have."""
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
    items = tuple(_item(survey, item) for item in survey.items.values())
    seconds = tuple((f"{SECONDS}{s.code}".encode(), s.code) for s in survey.sections)
    names = {*OTHER_FIELDS, *(item.field for item in items), *(name for name, _ in seconds)}
    return QuickForm(items, frozenset(names), seconds)


def read_quickly(form: QuickForm, body: bytes) -> QuickReading | None:
    """A form's body, read; None where the full reader has to look at it."""
    fields = _fields(form, body)
    if fields is None or not NOT_PLAIN.isdisjoint(fields):
        return None
    mode = PLAIN_MODES.get(fields.get(b"mode", b""))
    answers = _answers(form, fields)
    once, token, work = (_decoded(fields.get(name, b"")) for name in WORDS)
    if mode is None or answers is None or once is None or token is None or work is None:
        return None
    return QuickReading(
        once=once,
        mode=mode,
        language="en" if fields.get(b"l") == b"en" else "zh-Hans",
        answers=answers,
        section_seconds=_seconds(form, fields),
        token=token[:LONGEST_TOKEN],
        work=work,
        is_big=b"big" in fields,
        is_dark=b"dk" in fields,
    )


def _fields(form: QuickForm, body: bytes) -> Fields | None:
    """Field → value; of several choices of one item, all of them joined by `&`."""
    pairs = body.split(b"&")
    # To the full reader a semicolon parts two fields as well.
    if len(pairs) > MOST_FIELDS or b";" in body:
        return None
    try:
        fields: Fields = dict([pair.split(b"=", 1) for pair in pairs])
    except ValueError:
        return None
    if len(fields) < len(pairs) and not _join_choices(form, fields, pairs):
        return None
    for name in fields.keys() - form.names:
        if b"%" in name or b"+" in name:
            return None
    return fields


def _join_choices(form: QuickForm, fields: Fields, pairs: list[bytes]) -> bool:
    """Bring together what came several times; False unless it is choices of one item."""
    several = {item.field for item in form.items if item.kind == "multiple"}
    values: dict[bytes, list[bytes]] = {}
    for pair in pairs:
        name, _, value = pair.partition(b"=")
        values.setdefault(name, []).append(value)
    for name, given in values.items():
        if len(given) > 1:
            if name not in several:
                return False
            fields[name] = b"&".join(given)
    return True


def _answers(form: QuickForm, fields: Fields) -> dict[str, Answer] | None:
    answers: dict[str, Answer] = {}
    for item in form.items:
        if item.after and answers.get(item.after) not in item.after_is_in:
            continue
        value = fields.get(item.field)
        if value:
            code = item.codes.get(value) if item.kind != "multiple" else None
            answer = code if code is not None else _other(item, value)
            if answer is None:
                return None
            if answer != "":
                answers[item.code] = answer
                continue
        if not item.optional:
            return None
    return answers


def _other(item: QuickItem, value: bytes) -> Answer | None:
    """The answer to an item that is not one choice; None for what is none."""
    if item.kind == "text":
        return _written(item, value)
    if item.kind != "multiple":
        return None
    codes = {item.codes.get(part) for part in value.split(b"&") if part}
    if not codes or None in codes:
        return None
    return tuple(sorted(code for code in codes if code is not None))


def _written(item: QuickItem, value: bytes) -> str | None:
    text = _decoded(value)
    cleaned = clean_text(text) if text is not None else None
    return cleaned if cleaned is not None and len(cleaned) <= item.max_length else None


def _decoded(value: bytes) -> str | None:
    """Percent-decoded UTF-8; None where that is broken."""
    if value.isalnum():
        return value.decode("ascii")
    try:
        return unquote_to_bytes(value.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        return None


def _seconds(form: QuickForm, fields: Fields) -> dict[str, int]:
    seconds = {}
    for name, section in form.seconds:
        if name in fields:
            counted = bounded_seconds(fields[name].decode("latin-1"))
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
