"""The strict reader of JSON: everything sound, nothing else, and never an exception."""

import json
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Problem
from app.survey.strict_json import DEEPEST, MOST_FIELDS, read_json_object

WHOLE = st.integers(-(2**31), 2**31 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
REFUSED = {
    "nothing": b"",
    "space": b" \n\t",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "utf-16 without its mark": '{"a": 1}'.encode("utf-16-le"),
    "utf-32": '{"a": 1}'.encode("utf-32"),
    "overlong": b'{"a": "\xc0\xaf"}',
    "a surrogate in utf-8": b'{"a": "\xed\xa0\x80"}',
    "beyond unicode": b'{"a": "\xf4\x90\x80\x80"}',
    "half a pair": rb'{"a": "\ud800"}',
    "the other half": rb'{"a": "x\udfff"}',
    "halves the wrong way round": rb'{"a": "\udc00\ud800"}',
    "half a pair as a name": rb'{"\ud800": 1}',
    "half a pair deep inside": rb'{"a": [[{"b": ["\ud800"]}]]}',
    "NUL written": rb'{"a": "\u0000"}',
    "NUL raw": b'{"a": "\x00"}',
    "NUL outside": b'{"a": 1}\x00',
    "a raw line break in a text": b'{"a": "x\ny"}',
    "a name twice": b'{"a": 1, "a": 1}',
    "a name twice, once escaped": rb'{"a": 1, "\u0061": 2}',
    "a name twice inside": b'{"a": {"b": 1, "b": 2}}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "-Infinity": b'{"a": -Infinity}',
    "a fraction": b'{"a": 5.0}',
    "an exponent": b'{"a": 5e0}',
    "a huge exponent": b'{"a": 1e999999}',
    "33 bits": b'{"a": 2147483648}',
    "33 bits below": b'{"a": -2147483649}',
    "a number without end": b'{"a": ' + b"9" * 60_000 + b"}",
    "a leading zero": b'{"a": 05}',
    "a plus": b'{"a": +5}',
    "hexadecimal": b'{"a": 0x5}',
    "full-width digits": '{"a": ５}'.encode(),
    "a list": b"[]",
    "a number": b"5",
    "a text": b'"a"',
    "null": b"null",
    "two objects": b"{}{}",
    "a comma too many": b'{"a": 1,}',
    "a comment": b'{"a": 1} // yes',
    "single quotes": b"{'a': 1}",
    "an open end": b'{"a": "',
    "an open end after a backslash": b'{"a": "\\',
    "brackets without end": b"[" * 100_000,
    "braces without end": b'{"a":' * 100_000,
    "closing brackets": b"]" * 100_000,
    "quotes without end": rb"\"" * 30_000,
    "a string of quotes without end": b'"' + rb"\"" * 30_000,
    "many fields": json.dumps({str(n): n for n in range(MOST_FIELDS + 1)}).encode(),
    "a long list": json.dumps({"a": [1] * MOST_FIELDS}).encode(),
    "many small lists": json.dumps({"a": [[1]] * (MOST_FIELDS // 2)}).encode(),
    "one level too deep": b'{"a":' + b"[" * DEEPEST + b"]" * DEEPEST + b"}",
}


@given(st.dictionaries(TEXT, VALUES, max_size=6), st.booleans())
def test_sound_json_comes_back_exactly(document: dict[str, object], is_ascii: bool):
    read = read_json_object(json.dumps(document, ensure_ascii=is_ascii).encode())
    if isinstance(read, Problem):
        assert read.message in {"is nested too deeply", "has too many fields"}
    else:
        assert read == document
        assert repr(read) == repr(document)  # True is not 1


@pytest.mark.parametrize("name", REFUSED)
def test_unsound_json_is_a_problem(name: str):
    started = time.perf_counter()
    assert isinstance(read_json_object(REFUSED[name]), Problem)
    assert time.perf_counter() - started < 1


def test_the_bounds_themselves_are_sound():
    assert read_json_object(b'{"a": [2147483647, -2147483648, -0]}') == {
        "a": [2147483647, -2147483648, 0]
    }
    deep = b'{"a":' + b"[" * (DEEPEST - 1) + b"]" * (DEEPEST - 1) + b"}"
    assert not isinstance(read_json_object(deep), Problem)
    full = {str(n): n for n in range(MOST_FIELDS)}
    assert read_json_object(json.dumps(full).encode()) == full
    assert read_json_object(b'{"a": "[[[[[[[[[[[[ \\" [[[["}') == {"a": '[[[[[[[[[[[[ " [[[['}


@pytest.mark.parametrize(
    "text",
    ["𠮷㐂䶮·", "👨‍👩‍👧‍👦🏽", "\ue000\U000f0000", "e\u0301", "\u202e", "\ufeff", "\ufffe"],
)
def test_rare_characters_are_kept_exactly(text: str):
    for is_ascii in (True, False):
        body = json.dumps({"a": text}, ensure_ascii=is_ascii).encode()
        assert read_json_object(body) == {"a": text}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_exception(body: bytes):
    assert isinstance(read_json_object(body), dict | Problem)


def test_damaged_json_is_read_without_an_exception():
    dice = random.Random(20261122)
    sound = [body for body in REFUSED.values() if 0 < len(body) < 200]
    sound.append(
        json.dumps({"code": "7k3m9xq4", "answers": {"Q1": [1, 2], "Q2": "𠮷"}}).encode()
    )
    for _ in range(20_000):
        body = bytearray(dice.choice(sound))
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(body) + 1)
            body[place : place + dice.randint(0, 3)] = dice.choice(
                [
                    b'"',
                    b"\\",
                    b"{",
                    b"[",
                    b"]",
                    b"}",
                    b",",
                    b":",
                    b"\\u",
                    b"d8",
                    dice.randbytes(2),
                ]
            )
        assert isinstance(read_json_object(bytes(body)), dict | Problem)


@given(st.binary(min_size=8, max_size=40))
def test_a_problem_repeats_nothing_of_what_was_sent(noise: bytes):
    mark = noise.hex()
    for body in (
        f'{{"{mark}": 1, "{mark}": 2}}',
        f'{{"a": {mark}.5e}}',
        f'{{"a": "{mark}\\ud800"}}',
    ):
        problem = read_json_object(body.encode())
        assert isinstance(problem, Problem)
        assert mark not in str(problem)
