"""The little language of Word templates: print, loop, condition; nothing that computes.

Jinja's sandbox keeps a template from the program's inside, not from taking its time and
memory. So what may stand between the braces is listed here, node by node: no call, no
arithmetic, no loop within a loop but over what the outer one gives. Everything else is refused,
at the upload with all its mistakes, and again at the moment of filling in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.documents.word.variables import LOOP, VARIABLES, Leaf, Listed, Record, Shape

DEEPEST = 6
FILTERS = frozenset({"length", "join"})
TESTS = frozenset({"none", "defined"})
PLAIN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.If,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Compare,
    nodes.Operand,
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing in a template that cannot stand: a name, or a construction."""

    line: int
    name: str
    """The unknown name; empty for a construction that is not allowed."""
    near: str
    """A name like it that exists, or what the construction is called."""


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox that refuses, while it reads, whatever the grammar does not have."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for one in find_mistakes(tree):
            what = one.name or one.near
            raise TemplateSyntaxError(f"{what!r} may not stand here", one.line)
        return tree


def template_environment() -> TemplateEnvironment:
    """The environment that Word templates are filled in with: values are always escaped."""
    return TemplateEnvironment(autoescape=True, undefined=StrictUndefined, finalize=_printed)


def find_mistakes(tree: nodes.Template) -> list[Mistake]:
    """Everything in a template that is unknown or not allowed, in reading order."""
    reader = _Reader()
    return list(reader.read(tree, VARIABLES, ""))


def _printed(value: Any) -> Any:
    return "" if value is None else value


@dataclass(frozen=True, slots=True)
class _Reader:
    """Walks a template with the names that are known at each place."""

    depth: list[int] = field(default_factory=list)

    def read(
        self, node: nodes.Node, known: Mapping[str, Shape], inner: str
    ) -> Iterator[Mistake]:
        """The mistakes in a node; `inner` is the variable of the innermost loop."""
        if isinstance(node, nodes.For):
            yield from self._loop(node, known, inner)
            return
        if isinstance(node, nodes.Name | nodes.Getattr):
            yield from _named(node, known)
            return
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield Mistake(node.lineno or 0, "", f"| {node.name}")
            return
        if isinstance(node, nodes.Test) and node.name not in TESTS:
            yield Mistake(node.lineno or 0, "", f"is {node.name}")
            return
        if not isinstance(node, (*PLAIN, nodes.Filter, nodes.Test)):
            yield Mistake(node.lineno or 0, "", type(node).__name__)
            return
        for child in node.iter_child_nodes():
            yield from self.read(child, known, inner)

    def _loop(
        self, node: nodes.For, known: Mapping[str, Shape], inner: str
    ) -> Iterator[Mistake]:
        shape, mistakes = _shape(node.iter, known), list(_named(node.iter, known))
        yield from mistakes
        is_plain = not (node.recursive or node.test) and len(self.depth) < DEEPEST
        if not is_plain or not isinstance(node.target, nodes.Name):
            yield Mistake(node.lineno or 0, "", "for")
            return
        if inner and _root(node.iter) != inner:
            yield Mistake(node.lineno or 0, "", f"for … in {_root(node.iter)}")
            return
        if not isinstance(shape, Listed):
            if not mistakes:
                yield Mistake(node.lineno or 0, "", "for")
            return
        name = node.target.name
        self.depth.append(node.lineno)
        within = {**known, name: shape.of, "loop": LOOP}
        for child in (*node.body, *node.else_):
            yield from self.read(child, within, name)
        self.depth.pop()


def _named(node: nodes.Node, known: Mapping[str, Shape]) -> Iterator[Mistake]:
    """What is wrong with a name or a chain of them; anything else is a construction."""
    if isinstance(node, nodes.Name):
        if node.name not in known:
            yield Mistake(node.lineno or 0, node.name, _nearest(node.name, known))
    elif isinstance(node, nodes.Getattr):
        before = list(_named(node.node, known))
        yield from before
        shape = _shape(node.node, known)
        fields = shape.fields if isinstance(shape, Record) else {}
        if not before and node.attr not in fields:
            path = f"{_path(node.node)}.{node.attr}"
            near = _nearest(node.attr, fields)
            yield Mistake(node.lineno or 0, path, f"{_path(node.node)}.{near}" if near else "")
    else:
        yield Mistake(node.lineno or 0, "", type(node).__name__)


def _shape(node: nodes.Node, known: Mapping[str, Shape]) -> Shape | None:
    if isinstance(node, nodes.Name):
        return known.get(node.name)
    if isinstance(node, nodes.Getattr):
        holder = _shape(node.node, known)
        return holder.fields.get(node.attr) if isinstance(holder, Record) else None
    return None


def _root(node: nodes.Node) -> str:
    return _path(node).partition(".")[0]


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    return type(node).__name__


def _nearest(name: str, known: Mapping[str, Shape | Leaf]) -> str:
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.6)), "")
