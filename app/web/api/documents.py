"""What a program sends, read without trusting any of it: answers as one JSON document.

Codes come as whole numbers, several of them as a list, words as text; nothing is taken for
something else: "3", 3.0 and true are not 3. From here on the answers go the way of every
form, through `read_answers`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import InputRefused, Problem
from app.survey.answers import Form, Reading, read_answers
from app.survey.definition import Item, Survey
from app.survey.strict_json import read_json_object
from app.survey.text import LANGUAGES, Language

MEMBERS = ("code", "once", "answers", "language", "token", "accept_missing")
ONCE = re.compile(r"[A-Za-z0-9-]{16,64}")
LONGEST_WORD = 64
"""Characters of a code or a token, with whatever separates their groups."""


@dataclass(frozen=True, slots=True)
class Document:
    """A program's document whose members have the right shape; the answers are not read yet."""

    code: str
    once: str
    answers: Mapping[str, Any]
    language: Language
    token: str
    """As it was sent; empty for none."""
    accepts_missing: bool


def read_document(body: bytes) -> Document:
    """The document in a request's body; InputRefused with every mistake in it."""
    given = read_json_object(body)
    if isinstance(given, Problem):
        raise InputRefused([given])
    problems = list(_problems(given))
    if problems:
        raise InputRefused(problems)
    return Document(
        code=given["code"],
        once=given["once"],
        answers=given["answers"],
        language=given.get("language", "zh-Hans"),
        token=given.get("token", ""),
        accepts_missing=given.get("accept_missing", False),
    )


def read_document_answers(survey: Survey, document: Document) -> Reading:
    """The answers against their survey; InputRefused with every mistake.

    An item that was left out is one, unless the document insists on leaving it out.
    """
    form, problems = _form(survey, document.answers)
    reading = read_answers(survey, form)
    known = {problem.place for problem in problems}
    problems += [problem for problem in reading.problems if problem.place not in known]
    if not document.accepts_missing:
        cure = "Answer it, or send accept_missing: true."
        missing = (code for code in reading.missing if code not in known)
        problems += [Problem(f"answers.{code}", "is not answered", cure) for code in missing]
    if problems:
        raise InputRefused(_placed(problem) for problem in problems)
    return reading


def _problems(given: Mapping[str, Any]) -> Iterator[Problem]:
    if given.keys() - set(MEMBERS):
        yield Problem("body", "has members that are not known", f"Known: {', '.join(MEMBERS)}.")
    code = given.get("code")
    if not isinstance(code, str) or not 0 < len(code) <= LONGEST_WORD:
        yield Problem("code", "is not a code", "Send the code of a point as text.")
    once = given.get("once")
    if not isinstance(once, str) or not ONCE.fullmatch(once):
        cure = (
            "Send a UUID, or 16 to 64 letters, digits and hyphens; a new one for each person."
        )
        yield Problem("once", "is no key of a submission", cure)
    if not isinstance(given.get("answers"), dict):
        cure = "Send an object from item codes to answers; {} for none."
        yield Problem("answers", "are not an object", cure)
    if given.get("language", "zh-Hans") not in LANGUAGES:
        yield Problem("language", "is not known", f"Choose one of {', '.join(LANGUAGES)}.")
    token = given.get("token", "")
    if not isinstance(token, str) or len(token) > LONGEST_WORD:
        yield Problem("token", "is no token", "Send it as printed, or leave it out.")
    if not isinstance(given.get("accept_missing", False), bool):
        yield Problem("accept_missing", "is neither true nor false", "Send true or false.")


def _form(survey: Survey, answers: Mapping[str, Any]) -> tuple[Form, list[Problem]]:
    """The answers as a form would have carried them, and those that none could."""
    problems: list[Problem] = []
    if answers.keys() - survey.items.keys():
        cure = f"Items of {survey.key}: {', '.join(survey.items)}."
        problems.append(Problem("answers", "name items that are not asked", cure))
    form: dict[str, list[str]] = {}
    for item in survey.items.values():
        given = answers.get(item.code)
        texts = [] if given is None else _texts(item, given)
        if texts is None:
            problems.append(
                Problem(item.code, "is not an answer to this item", CURES[item.kind])
            )
        else:
            form[item.code] = texts
    return form, problems


CURES = {
    "text": "Send a text.",
    "multiple": "Send a list of whole numbers.",
    "single": "Send one whole number.",
    "number": "Send one whole number.",
}


def _texts(item: Item, given: Any) -> list[str] | None:
    """An answer in the text forms of a form's fields; None where its type is another's."""
    if item.kind == "text":
        return [given] if isinstance(given, str) else None
    codes = given if item.kind == "multiple" else [given]
    # A bool is an int to the language, and is no code.
    if not isinstance(codes, list) or any(type(code) is not int for code in codes):
        return None
    return [str(code) for code in codes]


def _placed(problem: Problem) -> Problem:
    place = problem.place
    named = place if place.startswith("answers") else f"answers.{place}"
    return Problem(named, problem.message, problem.cure)
