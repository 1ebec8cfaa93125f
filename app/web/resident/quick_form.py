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
from app.web.resident.door import Filled
from app.web.resident.form import FIELD, SECONDS
from app.web.resident.visit import LONGEST_TOKEN, LONGEST_WORK

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
    """Of an item with several choices; a single choice is found by its whole pair."""
    optional: bool
    max_length: int
    after: str
    """The item on whose answer it depends; empty if it is always asked."""
    after_is_in: frozenset[int]


@dataclass(frozen=True, slots=True)
class QuickForm:
    """How the forms of a survey version are read."""

    items: tuple[QuickItem, ...]
    choices: Mapping[bytes, tuple[str, int]]
    """`field=code` → item and code, for every item with one choice."""
    choosing: frozenset[bytes]
    """The fields of those items: each is found by its pair, or not at all."""
    several: frozenset[bytes]
    """The fields that may come several times."""
    names: frozenset[bytes]
    """Every other field that a form of this version may have."""
    seconds: tuple[tuple[bytes, str], ...]


@dataclass(frozen=True, slots=True)
class QuickReading(Filled):
    """What a plain and complete form says, and how its page looked."""

    is_big: bool = False
    is_dark: bool = False


def quick_form(survey: Survey) -> QuickForm:
    """The tables for the forms of a survey version; each item in the order of the survey."""
    read = [(_item(survey, item), _codes(survey, item)) for item in survey.items.values()]
    single = [(item, codes) for item, codes in read if item.kind in {"single", "number"}]
    seconds = tuple((f"{SECONDS}{s.code}".encode(), s.code) for s in survey.sections)
    others = {item.field for item, _ in read if item.kind in {"multiple", "text"}}
    return QuickForm(
        items=tuple(item for item, _ in read),
        choices={
            item.field + b"=" + text: (item.code, code)
            for item, codes in single
            for text, code in codes.items()
        },
        choosing=frozenset(item.field for item, _ in single),
        several=frozenset(item.field for item, _ in read if item.kind == "multiple"),
        names=frozenset({*OTHER_FIELDS, *others, *(name for name, _ in seconds)}),
        seconds=seconds,
    )


def read_quickly(form: QuickForm, body: bytes) -> QuickReading | None:
    """A form's body, read; None where the full reader has to look at it."""
    chosen: dict[str, int] = {}
    fields = _fields(form, body, chosen)
    if fields is None or not NOT_PLAIN.isdisjoint(fields):
        return None
    mode = PLAIN_MODES.get(fields.get(b"mode", b""))
    answers = _answers(form, chosen, fields)
    once, token, work = (_decoded(fields.get(name, b"")) for name in WORDS)
    if mode is None or answers is None or once is None or token is None or work is None:
        return None
    return QuickReading(
        once=once,
        mode=mode,
        language="en" if _decoded(fields.get(b"l", b"")) == "en" else "zh-Hans",
        answers=answers,
        section_seconds=_seconds(form, fields),
        token=token[:LONGEST_TOKEN],
        work=work[:LONGEST_WORK],
        is_big=b"big" in fields,
        is_dark=b"dk" in fields,
    )


def _fields(form: QuickForm, body: bytes, chosen: dict[str, int]) -> Fields | None:
    """Field → value, but for single choices, which go to `chosen`.

    Of several choices of one item all are joined by `&`. None for what is not plain.
    """
    pairs = body.split(b"&")
    # To the full reader a semicolon parts two fields as well, and it has an opinion of bytes
    # that came unencoded.
    if len(pairs) > MOST_FIELDS or b";" in body or not body.isascii():
        return None
    fields: Fields = {}
    choices = form.choices
    for pair in pairs:
        choice = choices.get(pair)
        if choice is not None:
            if choice[0] in chosen:
                return None
            chosen[choice[0]] = choice[1]
            continue
        name, _, value = pair.partition(b"=")
        if name in fields and name not in form.several:
            return None
        if name not in form.names and _may_mean_something(form, name, value):
            return None
        fields[name] = fields[name] + b"&" + value if name in fields else value
    return fields


def _may_mean_something(form: QuickForm, name: bytes, value: bytes) -> bool:
    """Whether a field is a choice that there is not, or perhaps a known name, written oddly."""
    return b"%" in name or b"+" in name or (name in form.choosing and bool(value))


def _answers(
    form: QuickForm, chosen: Mapping[str, int], fields: Fields
) -> dict[str, Answer] | None:
    """Item → answer, in the order of the survey; None where something is missing or wrong."""
    answers: dict[str, Answer] = {}
    for item in form.items:
        if item.after and answers.get(item.after) not in item.after_is_in:
            continue
        answer: Answer | None = chosen.get(item.code)
        if answer is None and (value := fields.get(item.field)):
            answer = _other(item, value)
            if answer is None:
                return None
        if answer is not None and answer != "":
            answers[item.code] = answer
        elif not item.optional:
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
    """Percent-decoded UTF-8; None where that is broken or bytes came as they are."""
    if value.isalnum():
        return value.decode("ascii")
    if not value.isascii():
        return None
    try:
        return unquote_to_bytes(value.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        return None


def _seconds(form: QuickForm, fields: Fields) -> dict[str, int]:
    seconds = {}
    for name, section in form.seconds:
        if name in fields:
            counted = bounded_seconds(_decoded(fields[name]) or "")
            if counted is not None:
                seconds[section] = counted
    return seconds


def _item(survey: Survey, item: Item) -> QuickItem:
    return QuickItem(
        code=item.code,
        field=f"{FIELD}{item.code}".encode(),
        kind=item.kind,
        codes=_codes(survey, item) if item.kind == "multiple" else {},
        optional=item.optional,
        max_length=item.max_length,
        after=item.ask_if.item if item.ask_if else "",
        after_is_in=frozenset(item.ask_if.is_in) if item.ask_if else frozenset(),
    )


def _codes(survey: Survey, item: Item) -> dict[bytes, int]:
    if item.kind == "text":
        return {}
    scale = survey.scale_of(item)
    return {
        str(code).encode(): code for code in (*(o.code for o in scale.choices), *scale.codes)
    }
