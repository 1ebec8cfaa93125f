"""A design file read: its text, its shape and its keys, every mistake with place and cure."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError

from app.errors import InputRefused, Problem
from app.survey.reading import SHAPE_WORDS
from app.workflow.study.definition import (
    DesignPart,
    Pair,
    Part,
    PopulationSize,
    Request,
    Step,
    Study,
    TableRequest,
    Term,
)
from app.workflow.study.spellings import plainly

REMARKS = {
    *("note", "title", "source", "rule", "id", "status"),
    *("computed_by", "applies_to", "replicates"),
}
"""Remarks of known files that look like other keys."""
WORDS = SHAPE_WORDS | {
    **dict.fromkeys(("dict_type", "model_type"), ("must be an object", "Write it in braces.")),
    **dict.fromkeys(("list_type", "tuple_type"), ("must be a list", "Write it in brackets.")),
}


class _Variant(DesignPart):
    """Keys of a variant: those of a design, or a design by name."""

    name: str | None = None
    design: Any = None


INNER: Mapping[str, type[Part]] = {
    "variants": _Variant,
    "design": DesignPart,
    "designs": DesignPart,
    "fpc": PopulationSize,
    "steps": Step,
    "trim_variants": Step,
    "estimates": Request,
    "pairs": Pair,
    "terms": Term,
    "tables": TableRequest,
}
"""Keys below which other keys of the format stand."""
BY_NAME = ("designs", "trim_variants", "variants")
NEEDED_BY_OTHERS = {"data", "steps", "derived", "designs"}
"""Parts that say which rows and columns there are."""
Model = TypeVar("Model", bound=Part)


Further = Callable[[Study], Iterable[Problem]]


def read_study(text: str, source: str, further: Further = lambda _: ()) -> Study:
    """The study in a design file; InputRefused with every mistake of its shape.

    Where there is one, `further` is asked as well what is wrong with the rest.
    """
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
    return _study(plainly(tree), source, further)


def _study(tree: dict[str, Any], source: str, further: Further) -> Study:
    try:
        return read_part(Study, tree, source=source)
    except InputRefused as error:
        rest = _sound(tree, [problem.place for problem in error.problems])
        if rest is None:
            raise
        raise InputRefused(
            [*error.problems, *further(Study.model_validate_json(rest))]
        ) from None


def _sound(tree: dict[str, Any], places: Sequence[str]) -> str | None:
    """What nothing is wrong with, as JSON: whole parts of a study and single requests.

    None where so much is wrong that the rest cannot be judged without it.
    """
    spoilt = {place.split(".")[0] for place in places}
    if spoilt & NEEDED_BY_OTHERS:
        return None
    rest = {key: value for key, value in tree.items() if key not in spoilt}
    for key in spoilt & {"estimates", "tables"}:
        if isinstance(tree.get(key), list):
            rest[key] = [
                entry
                for i, entry in enumerate(tree[key])
                if not any(f"{place}.".startswith(f"{key}.{i}.") for place in places)
            ]
    return json.dumps(rest)


def read_part(
    model: type[Model], tree: Mapping[str, Any], *, source: str, place: str = ""
) -> Model:
    """A part of a design file as `model`; InputRefused with every mistake."""
    problems = list(_misspelt(model, tree, place, source))
    try:
        # Through JSON, whose strict mode reads lists as tuples.
        value = model.model_validate_json(json.dumps(tree))
    except ValidationError as error:
        details = error.errors(include_url=False)
        found = [_shape_problem(detail, tree, place, source) for detail in details]
        raise InputRefused([*_deepest(found), *problems]) from None
    if problems:
        raise InputRefused(problems)
    return value


class _TwiceError(ValueError):
    """A key stands twice in one object: JSON would keep the last in silence."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for key in keys if keys.count(key) > 1))
    return tree


def _shape_problem(detail: Any, tree: Any, place: str, source: str) -> Problem:
    message, cure = WORDS.get(detail["type"], (detail["msg"], ""))
    value = detail["input"] if isinstance(detail["input"], str | int | float) else None
    path = [str(part) for part in (place, *_real_path(tree, detail["loc"])) if part != ""]
    if detail["type"] == "missing":
        path.append(str(detail["loc"][-1]))
    return Problem(".".join(path), message, cure.format(**detail.get("ctx", {})), value, source)


def _real_path(tree: Any, location: Sequence[str | int]) -> Iterator[str | int]:
    """The path as far as the file goes: pydantic also names the form that it tried."""
    here = tree
    for part in location:
        inside = isinstance(here, dict) and part in here
        inside |= isinstance(here, list) and isinstance(part, int) and part < len(here)
        if inside:
            here = here[part]
            yield part


def _deepest(problems: Sequence[Problem]) -> list[Problem]:
    """One problem for a place, the deepest, where several forms were allowed and none fits."""
    first: dict[str, Problem] = {}
    for problem in problems:
        first.setdefault(problem.place, problem)
    return [
        problem
        for place, problem in first.items()
        if not any(other.startswith(f"{place}.") for other in first)
    ]


def _misspelt(
    model: type[Part], tree: Mapping[str, Any], place: str, source: str
) -> Iterator[Problem]:
    if not isinstance(tree, Mapping):
        return
    known = {field.alias or name for name, field in model.model_fields.items()}
    for key, value in tree.items():
        path = f"{place}.{key}" if place else key
        if key in known:
            for label, entry in _entries(key, value):
                yield from _misspelt(INNER[key], entry, f"{path}{label}", source)
            continue
        near = get_close_matches(key, known, n=1, cutoff=0.75)
        if near and key not in REMARKS:
            cure = f"Write `{near[0]}`, or give a remark another name."
            yield Problem(path, "is not a known key", cure, source=source)
        elif model is Study and key in DesignPart.model_fields and key not in REMARKS:
            cure = "Move it into `design`, or give a remark another name."
            yield Problem(path, "belongs to the design", cure, source=source)


def _entries(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The parts that stand under a key, each with the rest of its place."""
    if key not in INNER:
        return
    if isinstance(value, list):
        yield from ((f".{i}", entry) for i, entry in enumerate(value))
    elif key in BY_NAME and isinstance(value, Mapping):
        yield from ((f".{name}", entry) for name, entry in value.items())
    else:
        yield "", value
