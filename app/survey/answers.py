"""What a person sent becomes answers, or a list of what is missing and what is wrong.

Nothing here raises: a form is what strangers wrote. An item left out is *missing*, which a
person may insist on; a code that the scale does not have is a *problem*. Don't know, not
applicable and not answered stay three different things: the first two are stored as the
scale's own codes, the last as absence.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.errors import Problem
from app.survey.definition import Item, Survey
from app.survey.routing import applies

BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Answer = int | tuple[int, ...] | str
Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A submitted form, read: answers by item code, items left out, and mistakes."""

    answers: Mapping[str, Answer]
    missing: tuple[str, ...]
    """Codes of items that were asked, are not optional, and came back empty."""
    problems: tuple[Problem, ...]


def read_answers(survey: Survey, form: Form) -> Reading:
    """Read a form against its survey; answers to items that were not asked are dropped."""
    answers: dict[str, Answer] = {}
    missing: list[str] = []
    problems: list[Problem] = []
    for item in survey.items.values():
        if not applies(item, answers):
            continue
        given = _given(item, form)
        if not given:
            if not item.optional:
                missing.append(item.code)
            continue
        answer = _answer(survey, item, given)
        if isinstance(answer, Problem):
            problems.append(answer)
        else:
            answers[item.code] = answer
    return Reading(answers, tuple(missing), tuple(problems))


def clean_text(text: str) -> str:
    """NFC, one kind of line end, no control, bidi or unpaired characters, no outer space."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = "".join(c for c in text if c == "\n" or not _is_unprintable(c))
    # Last, because a control character may have kept two characters from composing.
    return unicodedata.normalize("NFC", kept).strip()


def _is_unprintable(character: str) -> bool:
    # Private-use characters stay: names are written with them.
    return unicodedata.category(character) in {"Cc", "Cs"} or character in BIDI_CONTROLS


def _given(item: Item, form: Form) -> Sequence[str]:
    texts = form.get(item.code, ())
    if item.kind == "text":
        # A text of control characters only is no text, and so no answer.
        texts = [clean_text("\n".join(texts))]
    return [text for text in texts if text.strip()]


def _answer(survey: Survey, item: Item, given: Sequence[str]) -> Answer | Problem:
    if item.kind == "text":
        return _text_answer(item, given[0])
    codes = [_code(text) for text in given]
    known = {option.code for option in survey.scale_of(item).choices}
    known |= set(survey.scale_of(item).codes)
    for text, code in zip(given, codes, strict=True):
        if code not in known:
            cure = f"Choose one of {', '.join(str(c) for c in sorted(known))}."
            return Problem(item.code, "is not a choice of this item", cure, text)
    if item.kind == "multiple":
        return tuple(sorted({code for code in codes if code is not None}))
    if len(set(codes)) > 1:
        return Problem(item.code, "has several answers", "Choose one.", ", ".join(given))
    return codes[0] if codes[0] is not None else Problem(item.code, "is empty")


def _text_answer(item: Item, text: str) -> Answer | Problem:
    if len(text) > item.max_length:
        cure = f"Shorten it to {item.max_length} characters."
        return Problem(item.code, f"is {len(text)} characters long", cure)
    return text


def _code(text: str) -> int | None:
    """A code is written in plain digits; ``１``, ``1.0`` and ``0x1`` are not codes."""
    text = text.strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 6 else None
