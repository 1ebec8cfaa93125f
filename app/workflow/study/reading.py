"""A design file read: its text, its shape and its keys, every mistake with place and cure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError

from app.errors import InputRefused, Problem
from app.survey.reading import SHAPE_WORDS
from app.workflow.study.definition import Part, Study
from app.workflow.study.spellings import plainly

REMARKS = {"note", "title", "source", "rule", "id", "computed_by", "applies_to", "status"}
Model = TypeVar("Model", bound=Part)


def read_study(text: str, source: str) -> Study:
    """The study in a design file; InputRefused with every mistake of its shape."""
    try:
        tree = json.loads(text, object_pairs_hook=_each_once)
        json.dumps(tree, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        problem = Problem(f"line {error.lineno}", f"is not JSON: {error.msg}", source=source)
        raise InputRefused([problem]) from None
    except _TwiceError as error:
        problem = Problem(str(error), "stands twice in one object", "Keep one.", source=source)
        raise InputRefused([problem]) from None
    except (RecursionError, ValueError):
        said = "is nested too deeply, or holds a number or character that nothing can hold"
        cure = "Write it as docs/estimation.md says."
        raise InputRefused([Problem("file", said, cure, source=source)]) from None
    if not isinstance(tree, dict):
        cure = "Write one object in braces."
        raise InputRefused([Problem("file", "is not a JSON object", cure, source=source)])
    return read_part(Study, plainly(tree), source=source)


def read_part(
    model: type[Model], tree: Mapping[str, Any], *, source: str, place: str = ""
) -> Model:
    """A part of a design file as `model`; InputRefused with every mistake."""
    problems: list[Problem] = []
    value = None
    try:
        # Through JSON, whose strict mode reads lists as tuples.
        value = model.model_validate_json(json.dumps(tree))
    except ValidationError as error:
        problems = [_shape_problem(d, place, source) for d in error.errors(include_url=False)]
    if value is not None:
        problems = list(_misspelt(value, place, source))
    if problems or value is None:
        raise InputRefused(_without_twins(problems))
    return value


class _TwiceError(ValueError):
    """A key stands twice in one object: JSON would keep the last in silence."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for key in keys if keys.count(key) > 1))
    return tree


def _shape_problem(detail: Any, place: str, source: str) -> Problem:
    message, cure = SHAPE_WORDS.get(detail["type"], (detail["msg"], ""))
    path = ".".join(str(part) for part in (place, *detail["loc"]) if part != "")
    value = detail["input"] if isinstance(detail["input"], str | int | float) else None
    return Problem(path, message, cure.format(**detail.get("ctx", {})), value, source)


def _without_twins(problems: Sequence[Problem]) -> list[Problem]:
    """One problem for a place, where several forms were allowed and none fits."""
    return list({problem.place: problem for problem in problems}.values())


def _misspelt(value: Part, place: str, source: str) -> Iterator[Problem]:
    known = set(type(value).model_fields)
    for key in value.model_extra or {}:
        near = get_close_matches(key, known, n=1, cutoff=0.75)
        if near and key not in REMARKS:
            path = f"{place}.{key}" if place else key
            cure = f"Write `{near[0]}`, or give a remark another name."
            yield Problem(path, "is not a known key", cure, source=source)
    for name in known:
        inner = getattr(value, name)
        entries = inner.items() if isinstance(inner, Mapping) else [("", inner)]
        if isinstance(inner, tuple):
            entries = [(str(i), entry) for i, entry in enumerate(inner)]
        for label, entry in entries:
            if isinstance(entry, Part):
                path = ".".join(part for part in (place, name, label) if part)
                yield from _misspelt(entry, path, source)
