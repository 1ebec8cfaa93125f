"""JSON as strangers write it, read without trust: one object, or the first thing wrong with it.

The reader of the standard library takes a name twice, takes NaN, takes half a surrogate pair,
and stops the process's stack on a hundred thousand brackets; numbers without end cost it
seconds. Here each of those is a `Problem`, and nothing raises, whatever the bytes are. Text
is kept exactly as it was written: what is an answer in it is judged elsewhere.

A problem names the place by its line and never repeats what was sent.
"""

import json
import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, NoReturn

from app.errors import Problem

DEEPEST = 8
"""Arrays and objects inside one another, the outermost one counted."""
MOST_FIELDS = 500
"""Names in objects and elements of arrays, all together."""
SMALLEST_INT, LARGEST_INT = -(2**31), 2**31 - 1

PLACE = "body"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A string that never ends is matched to the end of the text: every character is seen once.
STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}
UNFIT = re.compile("[\x00\ud800-\udfff]")
LONGEST_INT = len(str(SMALLEST_INT))


def read_json_object(body: bytes) -> dict[str, Any] | Problem:
    """The one object in `body`; a Problem for anything else. Never raises.

    Values are str, int of 32 bits, bool, None, list and dict. Refused are other encodings
    than UTF-8, a byte order mark, names given twice, fractions and exponents, NaN and
    Infinity, NUL and unpaired surrogates, and what is deeper or longer than anybody needs.
    """
    if body.startswith(BYTE_ORDER_MARK):
        return Problem(PLACE, "begins with a byte order mark", "Send UTF-8 without one.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return Problem(PLACE, "is not UTF-8", "Send JSON in UTF-8.")
    if _depth(text) > DEEPEST:
        return Problem(PLACE, "is nested too deeply", f"Nest at most {DEEPEST} levels.")
    try:
        value = _parse(text)
    except json.JSONDecodeError as error:
        return Problem(PLACE, f"is not JSON at line {error.lineno}, column {error.colno}")
    except _Refused as refused:
        return refused.problem
    return _bounded(value)


class _Refused(Exception):
    """Leaves the parser of the standard library, which knows no other way out."""

    def __init__(self, message: str, cure: str) -> None:
        self.problem = Problem(PLACE, message, cure)


def _depth(text: str) -> int:
    """The most brackets open at once; what stands in strings does not count."""
    steps = (STEPS.get(character, 0) for character in STRING.sub("", text))
    return max(accumulate(steps), default=0)


def _parse(text: str) -> Any:
    return json.loads(
        text,
        object_pairs_hook=_object,
        parse_int=_int,
        parse_float=_refuse_fraction,
        parse_constant=_refuse_fraction,
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        raise _Refused("has a name twice in one object", "Give each name once.")
    return named


def _int(digits: str) -> int:
    # The length first: the digits of a long number cost more than their reading is worth.
    if len(digits) > LONGEST_INT or not SMALLEST_INT <= int(digits) <= LARGEST_INT:
        raise _Refused("has a number beyond 32 bits", "Codes are small whole numbers.")
    return int(digits)


def _refuse_fraction(_: str) -> NoReturn:
    raise _Refused("has a number that is not whole", "Codes are whole numbers, without a dot.")


def _bounded(value: Any) -> dict[str, Any] | Problem:
    if not isinstance(value, dict):
        return Problem(PLACE, "is not an object", "Send one object: { … }.")
    fields = 0
    for part in _parts(value):
        fields += len(part) if isinstance(part, dict | list) else 0
        if fields > MOST_FIELDS:
            return Problem(PLACE, "has too many fields", f"Send at most {MOST_FIELDS}.")
        if isinstance(part, str) and UNFIT.search(part):
            cure = "Send whole characters, and no NUL."
            return Problem(PLACE, "has a text with half a character or a NUL in it", cure)
    return value


def _parts(value: Any) -> Iterator[Any]:
    """Every value and name in `value`, itself included; as deep as the text was checked for."""
    yield value
    if isinstance(value, dict):
        yield from value
    inner = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for part in inner:
            yield from _parts(part)
