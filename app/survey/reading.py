"""Strict reading of definition files: YAML text in, a checked value or every Problem out.

Stricter than YAML: no duplicate keys, anchors, tags or several documents, and a bound on
size. Mistakes of shape (pydantic) and of reference (a scale that is not defined) are found
in one pass over the same text, each with the line it stands on, so that an author mends a
file once. What the keys mean is said by the models that are read, not here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import InputRefused, Problem

MAX_BYTES = 1_000_000

TYPE_WORDS = {
    "missing": ("is required and absent", "Add it."),
    "extra_forbidden": ("is not a known key", "Remove it or correct its spelling."),
}


class Definition(BaseModel):
    """Base of everything read from a definition file: immutable, strict, no unknown keys."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", populate_by_name=True, allow_inf_nan=False
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
Path = tuple[str | int, ...]


def read_definition(model: type[Model], text: str, *, source: str) -> Model:
    """Read `text` as `model`; raise InputRefused with every mistake, each with its line."""
    tree, lines, problems = _load(text, source)
    if problems:
        raise InputRefused(problems)
    problems = [*_unique_problems(model, tree), *_reference_problems(model, tree)]
    try:
        # Through JSON, whose strict mode reads lists as tuples and text as dates.
        value = model.model_validate_json(json.dumps(tree))
    except ValidationError as error:
        problems += [_shape_problem(detail) for detail in error.errors(include_url=False)]
    else:
        problems += value.problems()
    if problems:
        placed = {_with_line(problem, lines, source) for problem in problems}
        raise InputRefused(sorted(placed, key=lambda p: (p.line or 0, p.place)))
    return value


def _load(text: str, source: str) -> tuple[Any, dict[str, int], list[Problem]]:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return None, {}, [Problem("file", f"is larger than {MAX_BYTES} bytes", source=source)]
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        return None, {}, [_syntax_problem(error, source)]
    if not isinstance(node, yaml.MappingNode):
        return None, {}, [Problem("file", "must be a mapping of keys", source=source, line=1)]
    reader = _TreeReader(source)
    tree = reader.value(node, ())
    return tree, reader.lines, reader.problems


class _TreeReader:
    """Turns YAML nodes into plain values, noting the line of every path on the way."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._seen: set[int] = set()
        self._scalars = yaml.SafeLoader("")

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(place(path), node.start_mark.line + 1)
        if isinstance(node, yaml.CollectionNode):
            if id(node) in self._seen:
                self._complain(node, path, "is an alias", "Write the value out in full.")
                return None
            self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, i)) for i, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for key_node, child in node.value:
            key = self._scalar(key_node, path)
            if isinstance(key, bool) or not isinstance(key, str | int):
                self._complain(key_node, path, "has a key that is neither text nor a number")
                continue
            here = (*path, key if isinstance(key, str) else str(key))
            if key in result:
                cure = "Keep one of the two."
                self._complain(key_node, here, "is given twice", cure)
                continue
            self.lines[place(here)] = key_node.start_mark.line + 1
            result[key] = self.value(child, here)
        return result

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        if node.tag.rpartition(":")[2] not in {"str", "int", "float", "bool", "null"}:
            # Dates stay text: a definition says what it means by them, not the YAML library.
            return node.value
        try:
            return self._scalars.construct_object(node)
        except (ValueError, yaml.YAMLError):
            self._complain(node, path, f"cannot be read: {node.value!r}")
            return None

    def _complain(self, node: yaml.Node, path: Path, message: str, cure: str = "") -> None:
        line = node.start_mark.line + 1
        self.problems.append(
            Problem(place(path) or "file", message, cure, source=self.source, line=line)
        )


def place(path: Sequence[str | int]) -> str:
    """Write a path as people do: ``sections[0].items[2].scale``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def _shape_problem(detail: Any) -> Problem:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    message, cure = TYPE_WORDS.get(detail["type"], (_sentence(detail["msg"]), ""))
    shown = detail["input"] if isinstance(detail["input"], str | int | float | bool) else None
    known = detail["type"] in TYPE_WORDS
    return Problem(place(path) or "file", message, cure, None if known else shown)


def _sentence(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _syntax_problem(error: yaml.YAMLError, source: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error)
    line = mark.line + 1 if mark else None
    return Problem("file", f"is not valid YAML: {what}", "", source=source, line=line)


def _unique_problems(model: type[CheckedDefinition], tree: Any) -> Iterator[Problem]:
    for pattern in model.unique:
        first: dict[Any, Path] = {}
        for path, value in values_at(tree, pattern):
            if isinstance(value, list | dict):
                continue
            if value in first:
                message = f"is already used at {place(first[value])}"
                yield Problem(place(path), message, "Codes must be unique.", value)
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
    return Problem(problem.place, problem.message, problem.cure, value, source, line)


def _nearest_line(where: str, lines: Mapping[str, int]) -> int:
    while where and where not in lines:
        cut = max(where.rfind("."), where.rfind("["))
        where = where[:cut] if cut > 0 else ""
    return lines.get(where, 1)
