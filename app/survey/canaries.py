"""Test ratings: answers that only who holds the auditor's key can tell from anybody's.

Everything about a test rating follows from the key and from the hash of the form it was sent
with: the mark it is known by, the answers beside its grade, the sign that hides its grade.
Without the key a test rating looks like any answer, so that nobody on its way can spare it.
HMAC-SHA-256 throughout (RFC 2104); each use has a label of its own.
"""

import hmac
from collections.abc import Iterator, Mapping

from app.survey.answers import Answer
from app.survey.definition import Item, Survey
from app.survey.keyed import mac
from app.survey.routing import applies

KEY_BYTES = 32
NOTHING_TO_SAY = "无"
"""The answer to a question that asks for words and must be answered."""


def mark_of(key: bytes, submission_hash: str) -> str:
    """What a test rating is known by, hex; nobody makes it without the key."""
    return mac(key, b"canary-mark\0" + submission_hash.encode()).hex()


def grade_sign(key: bytes, mark: str, grade: int) -> str:
    """What stands for the grade of a test rating, hex."""
    return mac(key, f"canary-grade\0{mark}\0{grade}".encode()).hex()


def read_grade(key: bytes, mark: str, sign: str, survey: Survey) -> int | None:
    """The grade that a sign stands for; None for a sign of another key."""
    for grade in grades(survey):
        if hmac.compare_digest(grade_sign(key, mark, grade), sign):
            return grade
    return None


def rated_item(survey: Survey) -> Item | None:
    """The item whose grades are sent: the first that is scored and asked of everybody."""
    for item in survey.items.values():
        if item.ask_if is None and _is_scored(survey, item):
            return item
    return None


def grades(survey: Survey) -> tuple[int, ...]:
    """The codes of the rated item, in ascending order; empty where nothing is rated."""
    item = rated_item(survey)
    return tuple(sorted(survey.scale_of(item).codes)) if item else ()


def canary_answers(survey: Survey, *, grade: int, key: bytes, mark: str) -> dict[str, Answer]:
    """The answers of a test rating: its grade, and beside it what somebody like that says.

    Other scored items come within one option of the grade, the rest by chance of the key;
    words are left out wherever they may be, for somebody has to read them.
    """
    rated = rated_item(survey)
    chance = _bytes(mac(key, f"canary-answers\0{mark}\0{grade}".encode()))
    answers: dict[str, Answer] = {}
    for item in survey.items.values():
        if not applies(item, answers):
            continue
        byte = next(chance)
        if rated is not None and item.code == rated.code:
            answers[item.code] = grade
        elif (answer := _answer(survey, item, (rated, grade), byte)) is not None:
            answers[item.code] = answer
    return answers


def sent_fields(answers: Mapping[str, Answer]) -> dict[str, list[str]]:
    """Item → the values that a form sends for its answer."""
    return {
        item: [str(one) for one in (answer if isinstance(answer, tuple) else (answer,))]
        for item, answer in answers.items()
    }


def _answer(
    survey: Survey, item: Item, rated: tuple[Item | None, int], byte: int
) -> Answer | None:
    if item.kind == "text":
        return None if item.optional else NOTHING_TO_SAY
    codes = survey.scale_of(item).codes
    if item.kind == "multiple":
        return (codes[byte % len(codes)],)
    if not _is_scored(survey, item):
        return None if item.optional and byte % 2 else codes[byte % len(codes)]
    return codes[_near(survey, item, rated, byte)]


def _near(survey: Survey, item: Item, rated: tuple[Item | None, int], byte: int) -> int:
    """The place in an item's scale that is as good as the grade, or one beside it."""
    model, grade = rated
    count = len(survey.scale_of(item).codes)
    if model is None:
        return byte % count
    own = survey.scale_of(model).codes
    share = own.index(grade) / max(len(own) - 1, 1)
    if _is_best_first(survey, model) != _is_best_first(survey, item):
        share = 1 - share
    place = round(share * (count - 1)) + (0, 0, 0, 1, -1)[byte % 5]
    return min(max(place, 0), count - 1)


def _is_best_first(survey: Survey, item: Item) -> bool:
    return bool(survey.scale_of(item).options) != item.reversed


def _is_scored(survey: Survey, item: Item) -> bool:
    is_one = item.kind in {"single", "number"}
    return is_one and survey.scale_of(item).score_map is not None


def _bytes(start: bytes) -> Iterator[int]:
    """As many bytes as are asked for, all of them following from the first block."""
    block = start
    while True:
        yield from block
        block = mac(start, b"more\0" + block)
