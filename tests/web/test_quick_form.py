"""The quick reader of a form gives what the full reader gives, or leaves the form to it."""

from collections.abc import Coroutine
from functools import cache
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request

from app.survey.answers import clean_text
from app.survey.definition import Item, Survey
from app.survey.routing import applies
from app.web.dependencies import Form, submitted_form
from app.web.resident.form import FIELD, SECONDS
from app.web.resident.once import new_once
from app.web.resident.quick_form import QuickForm, QuickReading, quick_form, read_quickly
from app.web.resident.visit import LONGEST_WORK, filled, one, read_given, read_visit
from app.workflow.places import ELSEWHERE, NOBODYS, Place
from app.workflow.preparation import read_plan
from world import NOW, TOWN_PLAN, registry

KEY = b"k" * 32
CODE = "7k3m9xq4"
ONCE = new_once(KEY, CODE, NOW)
TYPE = (b"content-type", b"application/x-www-form-urlencoded")
SURVEYS = {key: survey for key, (_, survey) in registry().surveys.items()}

Pair = tuple[str, str]


@cache
def tables(key: str) -> QuickForm:
    """The tables of a survey."""
    return quick_form(SURVEYS[key])


@cache
def place_of(key: str) -> Place:
    """A place with a survey."""
    plan = read_plan(TOWN_PLAN, source="plan", registry=registry())
    return Place(
        code=CODE,
        point=ELSEWHERE,
        unit=NOBODYS,
        round_id=1,
        round_code="town",
        state="open",
        is_withdrawn=False,
        plan=plan,
        survey=SURVEYS[key],
        survey_digest=key,
        key=KEY,
    )


def outcome_of(work: Coroutine[Any, Any, Form]) -> Form:
    """What a coroutine gives that waits for nobody."""
    with pytest.raises(StopIteration) as end:
        work.send(None)
    found: Form = end.value.value
    return found


def full_form(body: bytes) -> Form | None:
    """The fields as every route gets them; None where the request is refused."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    scope = {"type": "http", "method": "POST", "headers": [TYPE], "query_string": b""}
    try:
        return outcome_of(submitted_form(Request(scope, receive)))
    except HTTPException:
        return None


def full_reading(key: str, body: bytes) -> QuickReading | None:
    """What the full reader makes of a form; None where it would show the page again."""
    form = full_form(body)
    if form is None or not {"to", "skip", "next", "back", "at"}.isdisjoint(form):
        return None
    visit = read_visit(place_of(key), form, NOW)
    given, reading = read_given(visit, form)
    if reading.problems or reading.missing or visit.is_stepping:
        return None
    what = filled(visit, reading, given, form)
    return QuickReading(
        once=one(form, "once"),
        mode=what.mode,
        language=visit.language,
        answers=what.answers,
        section_seconds=what.section_seconds,
        token=what.token,
        # A form with a key that is not ours is left to the full reader, whatever this one says.
        work=one(form, "work")[:LONGEST_WORK] if visit.is_renewed else what.work,
        is_big=visit.look.big,
        is_dark=visit.look.dark,
    )


def require_agreement(key: str, body: bytes) -> None:
    """The quick reader gives nothing, or what the full one gives."""
    quick = read_quickly(tables(key), body)
    if quick is not None:
        assert quick == full_reading(key, body), body


# Forms


def codes_of(survey: Survey, item: Item) -> list[int]:
    """The codes that an item may be answered with."""
    scale = survey.scale_of(item)
    return sorted({*(option.code for option in scale.choices), *scale.codes})


written = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@st.composite
def complete_forms(draw: st.DrawFn, key: str) -> list[Pair]:
    """A form as the page of a survey sends it when everything that is asked was answered."""
    survey = SURVEYS[key]
    answers: dict[str, Any] = {}
    pairs: list[Pair] = []
    for item in survey.items.values():
        if not applies(item, answers) or (item.optional and draw(st.booleans())):
            continue
        field = FIELD + item.code
        if item.kind == "text":
            text = draw(written)
            pairs.append((field, text.replace("\n", "\r\n")))
            continue
        codes = st.sampled_from(codes_of(survey, item))
        several = item.kind == "multiple"
        chosen = draw(st.lists(codes, min_size=1, max_size=4 if several else 1, unique=True))
        answers[item.code] = tuple(sorted(chosen)) if several else chosen[0]
        pairs += [(field, str(code)) for code in chosen]
    pairs.append(("mode", draw(st.sampled_from(["page", "kiosk"]))))
    pairs.append(("l", draw(st.sampled_from(["", "en", "zh-Hans"]))))
    pairs += [(name, "1") for name in ("big", "dk") if draw(st.integers(0, 9)) == 0]
    if draw(st.booleans()):
        pairs.append(("token", draw(st.sampled_from(["", "K3M9-XQ4T", "凭证 1", "x" * 150]))))
    if draw(st.booleans()):
        pairs.append((f"{SECONDS}{survey.sections[0].code}", str(draw(st.integers(0, 10**10)))))
    pairs.append(("send", ""))
    if draw(st.booleans()):
        pairs.append(("work", "a b+c/d= 12 e"))
    pairs.append(("once", ONCE))
    return pairs


def is_sound(key: str, pairs: list[Pair]) -> bool:
    """Whether every text fits its item and is there where it must be."""
    for name, value in pairs:
        item = SURVEYS[key].items.get(name.removeprefix(FIELD))
        if item is not None and item.kind == "text":
            length = len(clean_text(value))
            if length > item.max_length or (not length and not item.optional):
                return False
    return True


surveys = st.sampled_from(sorted(SURVEYS))
sound_forms = surveys.flatmap(lambda key: st.tuples(st.just(key), complete_forms(key)))


@settings(max_examples=200)
@given(sound_forms)
def test_a_complete_form_from_a_browser_is_read_quickly(form: tuple[str, list[Pair]]):
    key, pairs = form
    body = urlencode(pairs).encode()
    if is_sound(key, pairs):
        assert read_quickly(tables(key), body) is not None
        assert full_reading(key, body) is not None
    require_agreement(key, body)


# Whatever else is sent


def every_byte(value: bytes) -> bytes:
    """Percent-encoded where a browser would not."""
    return "".join(f"%{byte:02x}" for byte in value).encode()


ENCODERS = [
    lambda text: quote_plus(text, errors="surrogatepass").encode(),
    lambda text: every_byte(text.encode(errors="surrogatepass")),
    lambda text: text.encode(errors="surrogatepass"),
    lambda text: text.encode("latin-1", errors="replace"),
    lambda text: quote_plus(text, errors="surrogatepass", encoding="utf-8").lower().encode(),
]
ODD = [
    b"", b"+", b"%20", b"%", b"%5", b"%zz", b"%00", b"5%00", b"%35", b"+5", b"5+", b"05", b"-5",
    b"%ff", b"\xff", b"\xe8\xb7\xaf", b"%e8%b7", b"%ed%a0%80", b"%f0%a0%ae%b7", b"%u8def",
    b"5=", b"=", b"a=b", b"\r\n", b"%0d%0a", b"%0A%0A", b"\x85", b"%c2%85", b"%e2%80%ae5",
    b"%EF%BC%95", b"en", b"%65n", b"kiosk", b"step", b"page+", b"%70age", b"5;5", b"5%3b",
    b"%26", b"5%265", b"98", b"1e1", b"9" * 30, b"#5", b"5#", b"?", b"x" * 3000,
]  # fmt: skip
JOINTS = [b"&", b"&", b"&", b"&&", b";", b"&;", b"& ", b"\n&"]


@st.composite
def bent_forms(draw: st.DrawFn) -> tuple[str, bytes]:
    """A complete form with a few things done to its bytes."""
    key, pairs = draw(sound_forms)
    parts = [(quote_plus(name).encode(), quote_plus(value).encode()) for name, value in pairs]
    names = [
        *(name for name, _ in parts),
        b"q-nothing",
        b"",
        b"at",
        b"to",
        b"skip",
        b"l",
        b"%6c",
    ]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(parts) - 1))
        name, value = parts[at]
        text = draw(st.sampled_from([*(value for _, value in pairs), "路灯", "𠮷\ud800"]))
        encode = draw(st.sampled_from(ENCODERS))
        bent = draw(st.sampled_from([*ODD, value, encode(text), every_byte(value)]))
        match draw(st.sampled_from(["value", "name", "again", "drop", "new", "end"])):
            case "value":
                parts[at] = name, bent
            case "name":
                parts[at] = encode(name.decode(errors="replace")), value
            case "again":
                parts.insert(draw(st.integers(0, len(parts))), (name, bent))
            case "drop" if len(parts) > 1:
                del parts[at]
            case "new":
                parts.append((draw(st.sampled_from(names)), bent))
            case "end":
                parts.append((name, value + draw(st.sampled_from(JOINTS))))
    joint = draw(st.sampled_from([b"&"] * 8 + JOINTS))
    return key, joint.join(name + b"=" + value for name, value in parts)


@settings(max_examples=400)
@given(bent_forms())
def test_a_bent_form_is_read_as_by_the_full_reader_or_left_to_it(form: tuple[str, bytes]):
    require_agreement(*form)


PLAIN = f"q-Q1=5&q-Q2=4&q-Q3=98&mode=page&once={ONCE}".encode()


@given(surveys, st.binary(max_size=200))
@example("three_senses_short@1", PLAIN)
def test_any_bytes_are_left_to_the_full_reader_or_read_alike(key: str, body: bytes):
    require_agreement(key, body)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "name", [b"q-Q1", b"q-why", b"mode", b"l", b"token", b"work", b"t-senses"]
)
def test_every_oddity_in_every_field_is_read_alike(name: bytes, odd: bytes):
    for key in SURVEYS:
        pairs = [pair.split(b"=") for pair in PLAIN.split(b"&")]
        kept = [(own, value) for own, value in pairs if own != name]
        for parts in ([*kept, (name, odd)], [(name, odd), *pairs], [*pairs, (name, odd)]):
            require_agreement(key, b"&".join(own + b"=" + value for own, value in parts))
