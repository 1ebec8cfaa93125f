"""Strict reading of definition files: YAML text in, a checked value or every Problem out.

Mistakes of shape (pydantic), of reference (a scale that is not defined) and of sense are
found in one pass over the same text, each with the line it stands on, so that an author
mends a file once. Only where something required is absent or faulty does the sense of the
rest have to wait. What the keys mean is said by the models that are read, not here.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import InputRefused, Problem
from app.survey.yaml_tree import Path, Tree, load_tree, place

SHAPE_WORDS = {
    "missing": ("is required and absent", "Add it."),
    "extra_forbidden": ("is not a known key", "Remove it or correct its spelling."),
    "string_type": ("must be text", "Put it in quotes."),
    "int_type": ("must be a whole number", "Write it without quotes or a decimal point."),
    "int_from_float": ("must be a whole number", "Write it without a decimal point."),
    "float_type": ("must be a number", "Write it without quotes."),
    "bool_type": ("must be true or false", "Write it without quotes."),
    "literal_error": ("is not one of the words allowed here", "Choose {expected}."),
    "string_pattern_mismatch": ("has another form than allowed", "It must match {pattern}."),
    "tuple_type": ("must be a list", "Write it in brackets or as lines with dashes."),
    "model_type": ("must be a mapping of keys", "Write `key: value` below it."),
    "json_invalid": ("is nested too deeply", "No definition needs more than ten levels."),
    "too_short": ("has too few entries", "Give at least {min_length}."),
    "too_long": ("has too many entries", "Give at most {max_length}."),
    "string_too_short": ("is too short", "Give at least {min_length} characters."),
    "string_too_long": ("is too long", "Give at most {max_length} characters."),
    "greater_than": ("is too small", "It must be greater than {gt}."),
    "greater_than_equal": ("is too small", "It must be at least {ge}."),
    "less_than": ("is too large", "It must be less than {lt}."),
    "less_than_equal": ("is too large", "It must be at most {le}."),
    "finite_number": ("must be a finite number", "Write its digits."),
    "dict_type": ("must be a mapping of keys", "Write `key: value` below it."),
    "list_type": ("must be a list", "Write it in brackets or as lines with dashes."),
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing"),
        ("is not a moment", "Write it as '2026-11-22T08:30:00', in quotes."),
    ),
    **dict.fromkeys(
        ("date_type", "date_parsing", "date_from_datetime_parsing"),
        ("is not a day", "Write it as '2026-11-22', in quotes."),
    ),
}
"""pydantic's kind of error → what we say and what would cure it."""


class Definition(BaseModel):
    """Base of everything read from a definition file: immutable, strict, no unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        populate_by_name=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,  # so the JSON Schemas explain every key to an editor
    )


class CheckedDefinition(Definition):
    """A whole file: besides its shape, its cross-references and its own sense are checked."""

    references: ClassVar[tuple["Reference", ...]] = ()
    unique: ClassVar[tuple[str, ...]] = ()

    def problems(self) -> Iterator[Problem]:
        """Mistakes of sense that need the whole file; `place` as in ``sections[0].title``."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Reference:
    """Every value at `source` must occur among the values at `target` (paths with ``*``)."""

    source: str
    target: str
    what: str


Model = TypeVar("Model", bound=CheckedDefinition)


def read_definition(
    model: type[Model],
    text: str,
    *,
    source: str,
    further: Callable[[Model], Iterable[Problem]] = lambda _: (),
) -> Model:
    """Read `text` as `model`; raise InputRefused with every mistake, each with its line.

    `further` finds mistakes that need more than the file, such as other definitions.
    """
    return check_tree(model, load_tree(text), source=source, further=further)


def check_tree(
    model: type[Model],
    tree: Tree,
    *,
    source: str,
    further: Callable[[Model], Iterable[Problem]] = lambda _: (),
) -> Model:
    """As `read_definition`, of a text that was read before."""
    value, problems = _judge(model, tree, further)
    if problems or value is None:
        placed = {_with_line(problem, tree.lines, source) for problem in problems}
        raise InputRefused(sorted(placed, key=lambda p: (p.line or 0, p.place, p.message)))
    return value


def _judge(
    model: type[Model], tree: Tree, further: Callable[[Model], Iterable[Problem]]
) -> tuple[Model | None, list[Problem]]:
    if tree.value is None:
        return None, list(tree.problems)
    value, shape = _validate(model, tree.value)
    unreadable = [problem.place for problem in tree.problems]
    problems = [*tree.problems, *(p for p in shape if p.place not in unreadable)]
    spoilt = [problem.place for problem in problems]
    problems += _unique_problems(model, tree.value)
    problems += _reference_problems(model, tree.value)
    if shape:
        # What is wrong is left out for once, so that it does not hide the rest.
        value = _validate(model, _without(tree.value, {p.place for p in shape}, ()))[0]
    if value is not None:
        found = (*value.problems(), *further(value))
        problems += [p for p in found if not _follows(p.place, spoilt)]
    return value, problems


def _validate(model: type[Model], tree: Any) -> tuple[Model | None, list[Problem]]:
    try:
        # Through JSON, whose strict mode reads lists as tuples and text as dates.
        return model.model_validate_json(json.dumps(tree)), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        return None, [_shape_problem(tree, d) for d in details if not _miscounted(d, details)]


def _miscounted(detail: Any, details: Sequence[Any]) -> bool:
    # pydantic calls a list too short when its entries, though there, are faulty.
    loc = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in details
    )


def _without(tree: Any, places: set[str], path: Path) -> Any:
    """A copy without the keys at these places; list entries stay, to keep their numbers."""
    if isinstance(tree, dict):
        return {
            key: _without(value, places, (*path, key))
            for key, value in tree.items()
            if place((*path, key)) not in places
        }
    if isinstance(tree, list):
        return [_without(value, places, (*path, i)) for i, value in enumerate(tree)]
    return tree


def _follows(where: str, spoilt: Sequence[str]) -> bool:
    """Whether a complaint about `where` may only repeat that something beside it is spoilt."""
    for other in spoilt:
        beside = _holder(where) == _holder(other)
        if beside or _lies_in(where, other) or _lies_in(_holder(other), where):
            return True
    return False


def _holder(where: str) -> str:
    cut = max(where.rfind("."), where.rfind("["))
    return where[:cut] if cut > 0 else where


def _lies_in(where: str, holder: str) -> bool:
    return where == holder or where.startswith((f"{holder}.", f"{holder}["))


def _shape_problem(tree: Any, detail: Any) -> Problem:
    path = _real_path(tree, [part for part in detail["loc"] if part != "[key]"])
    kind, context = detail["type"], detail.get("ctx", {})
    message, cure = SHAPE_WORDS.get(kind, (_sentence(detail["msg"]), ""))
    shown = detail["input"] if isinstance(detail["input"], str | int | float | bool) else None
    if kind in {"missing", "extra_forbidden", "json_invalid"}:
        shown = None
    return Problem(place(path) or "file", message, cure.format_map(context), shown)


def _real_path(tree: Any, location: Sequence[str | int]) -> Path:
    """The path in the file: pydantic also names the branch of a union it tried."""
    path: list[str | int] = []
    here = tree
    for number, part in enumerate(location, start=1):
        inside = (isinstance(here, dict) and part in here) or (
            isinstance(here, list) and isinstance(part, int) and part < len(here)
        )
        if inside:
            here = here[part]
        elif number < len(location):
            continue
        path.append(part)
    return tuple(path)


def _sentence(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _unique_problems(model: type[CheckedDefinition], tree: Any) -> Iterator[Problem]:
    for pattern in model.unique:
        first: dict[Any, Path] = {}
        for path, value in values_at(tree, pattern):
            if isinstance(value, list | dict):
                continue
            if value in first:
                message = f"is already used at {place(first[value])}"
                chinese = (
                    f"{place(path)}：“{value}”已在 {place(first[value])} 用过。请改用别的代码。"
                )
                cure = "Codes must be unique."
                yield Problem(place(path), message, cure, value, chinese=chinese)
            first.setdefault(value, path)


def _reference_problems(model: type[CheckedDefinition], tree: Any) -> Iterator[Problem]:
    for reference in model.references:
        known = {
            value
            for _, value in values_at(tree, reference.target)
            if not isinstance(value, list | dict)
        }
        for path, value in values_at(tree, reference.source):
            if value is not None and not isinstance(value, list | dict) and value not in known:
                message = f"names a {reference.what} that is not defined"
                yield Problem(place(path), message, _did_you_mean(value, known), value)


def _did_you_mean(value: Any, known: set[Any]) -> str:
    close = get_close_matches(str(value), [str(k) for k in known], n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Defined: {', '.join(sorted(str(k) for k in known)[:12]) or 'none'}."


def values_at(tree: Any, pattern: str) -> Iterator[tuple[Path, Any]]:
    """Every (path, value) at a dotted pattern; ``*`` is any entry, ``@`` the keys themselves.

    Entries of the wrong kind are passed over: their shape is somebody else's complaint.
    """
    yield from _walk(tree, pattern.split("."), ())


def _walk(tree: Any, parts: list[str], path: Path) -> Iterator[tuple[Path, Any]]:
    if not parts:
        yield path, tree
        return
    head, *rest = parts
    if head == "@" and isinstance(tree, Mapping):
        yield from (((*path, str(key)), key) for key in tree)
    elif head == "*" and isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _walk(value, rest, (*path, str(key)))
    elif head == "*" and isinstance(tree, list):
        for i, value in enumerate(tree):
            yield from _walk(value, rest, (*path, i))
    elif isinstance(tree, Mapping) and head in tree:
        yield from _walk(tree[head], rest, (*path, head))


def _with_line(problem: Problem, lines: Mapping[str, int], source: str) -> Problem:
    line = problem.line or _nearest_line(problem.place, lines)
    value = problem.value if isinstance(problem.value, str | int | float | bool) else None
    return replace(problem, value=value, source=source, line=line)


def _nearest_line(where: str, lines: Mapping[str, int]) -> int:
    while where and where not in lines:
        cut = max(where.rfind("."), where.rfind("["))
        where = where[:cut] if cut > 0 else ""
    return lines.get(where, 1)
