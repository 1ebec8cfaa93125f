"""YAML text becomes plain values and the line of every one of them; nothing else is judged.

Stricter than YAML: one document, no duplicate keys, aliases or tags, and a bound on size.
Dates stay text. Keys become text, as in JSON: `1` and `"1"` are one key. What the values
mean is said by the models that `reading` checks them against.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from app.errors import Problem

MAX_BYTES = 1_000_000

READ_TAGS = {"str", "int", "float", "bool", "null"}
PLAIN_TAGS = READ_TAGS | {"timestamp", "value", "merge", "map", "seq"}

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """The values of a file (None if it cannot be read at all), their lines, the mistakes."""

    value: dict[str, Any] | None
    lines: Mapping[str, int] = field(default_factory=dict)
    """Place as in ``sections[0].title`` → line, counted from 1."""
    problems: tuple[Problem, ...] = ()


def load_tree(text: str) -> Tree:
    """Read YAML; what cannot be kept is a problem and None in its place."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return _unreadable(Problem("file", f"is larger than {MAX_BYTES} bytes", "Split it."))
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(node, yaml.MappingNode):
            cure = "Begin with `schema: …`."
            return _unreadable(Problem("file", "must be a mapping of keys", cure, line=1))
        reader = _TreeReader()
        value = reader.value(node, ())
    except yaml.YAMLError as error:
        return _unreadable(_syntax_problem(error))
    except RecursionError:
        cure = "No definition needs more than ten levels."
        return _unreadable(Problem("file", "is nested too deeply", cure))
    return Tree(value, reader.lines, tuple(reader.problems))


def place(path: Sequence[str | int]) -> str:
    """Write a path as people do: ``sections[0].items[2].scale``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def _unreadable(problem: Problem) -> Tree:
    return Tree(None, {}, (problem,))


class _TreeReader:
    """Turns YAML nodes into plain values, noting the line of every path on the way."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._seen: set[int] = set()
        self._scalars = yaml.SafeLoader("")

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(place(path), node.start_mark.line + 1)
        if id(node) in self._seen:
            self._complain(node, path, "is an alias", "Write the value out in full.")
            return None
        self._seen.add(id(node))
        if node.tag.rpartition(":")[2] not in PLAIN_TAGS:
            self._complain(node, path, "carries a tag", "Remove it.")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, i)) for i, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, child in node.value:
            key = self._scalar(key_node, path)
            if isinstance(key, bool) or not isinstance(key, str | int):
                cure = "Put it in quotes."
                message = "has a key that is neither text nor a number"
                self._complain(key_node, path, message, cure)
                continue
            name = str(key)
            here = (*path, name)
            if name in result:
                cure = "Keep one of the two."
                self._complain(key_node, here, "is given twice", cure)
                continue
            self.lines[place(here)] = key_node.start_mark.line + 1
            result[name] = self.value(child, here)
        return result

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        if node.tag.rpartition(":")[2] not in READ_TAGS:
            # Dates stay text: a definition says what it means by them, not the YAML library.
            return node.value
        try:
            value = self._scalars.construct_object(node)
            json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        except (ValueError, yaml.YAMLError):
            # Infinities, unpaired surrogates, integers of thousands of digits.
            shown = str(node.value)[:40].encode("ascii", "backslashreplace").decode()
            self._complain(node, path, f"cannot be read: {shown}", "Write it differently.")
            return None
        return value

    def _complain(self, node: yaml.Node, path: Path, message: str, cure: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(place(path) or "file", message, cure, line=line))


def _syntax_problem(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error)
    line = mark.line + 1 if mark else None
    cure = "Look at this line and the one above it; text with `: ` or `#` needs quotes."
    return Problem("file", f"is not valid YAML: {what}", cure, line=line)
