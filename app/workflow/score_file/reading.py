"""The system's file read: which of the two formats it is, and all that is wrong with it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from app.errors import InputRefused, Problem
from app.scoring.definition.system import IndicatorSystem
from app.survey.reading import check_tree
from app.survey.yaml_tree import Tree, load_tree
from app.workflow.score_file.case_format import CaseFile
from app.workflow.score_file.chinese import in_chinese
from app.workflow.score_file.plain_spelling import merged, plainly

OURS, CASES = "minxin-system/1", "composite-case/1"
Further = Callable[[CaseFile], Iterable[Problem]]


@dataclass(frozen=True)
class Draft:
    """A system's file as it stands, before anything is judged."""

    tree: Tree
    source: str

    @property
    def is_ours(self) -> bool:
        """Whether it is a system of the platform, and not a case."""
        return (self.tree.value or {}).get("schema") == OURS

    @cached_property
    def plain(self) -> dict[str, Any]:
        """The file in its one spelling; empty where it cannot be read at all."""
        value = self.tree.value or {}
        return value if self.is_ours else plainly(value)

    def listed(self, key: str, name: str) -> tuple[str, ...]:
        """The codes under a key as far as they can be read; () where there are none."""
        entries = self.plain.get(key)
        found = [
            entry.get(name) if isinstance(entry, dict) else entry
            for entry in (entries if isinstance(entries, list) else [])
        ]
        return tuple(code for code in found if isinstance(code, str))


def load_draft(text: str, source: str) -> Draft:
    """The file as values. Raises InputRefused where it is no YAML or of no known format."""
    tree = load_tree(text)
    if tree.value is None:
        raise InputRefused([replace(problem, source=source) for problem in tree.problems])
    schema = tree.value.get("schema")
    if schema not in (OURS, CASES):
        cure = f"Write `schema: {CASES}` or `schema: {OURS}`; docs/composite.md describes both."
        value = schema if isinstance(schema, str | int | float) else None
        chinese = f"schema：不是已知的格式。请写 schema: {CASES} 或 {OURS}。"
        problem = Problem("schema", "is no known format", cure, value, source, 1, chinese)
        raise InputRefused([problem])
    return Draft(tree, source)


def read_system(draft: Draft) -> IndicatorSystem:
    """A system of the platform. Raises InputRefused with every mistake."""
    try:
        return check_tree(IndicatorSystem, draft.tree, source=draft.source)
    except InputRefused as error:
        raise InputRefused(_hinted(problem, OUR_KEYS) for problem in error.problems) from None


def read_case(draft: Draft, further: Further) -> CaseFile:
    """A case without its variants. Raises InputRefused with every mistake."""
    return _read(draft.tree, draft.plain, draft.source, further)


def read_changed(draft: Draft, key: str, further: Further) -> dict[str, CaseFile]:
    """Name → the case with what it says under `variants` or `periods` by that name.

    Raises InputRefused with every mistake that the case without them does not have.
    """
    raw = draft.tree.value or {}
    given = raw.get(key)
    if given is None or (key == "periods" and isinstance(given, list)):
        return {}
    if not isinstance(given, dict):
        raise InputRefused([_no_mapping(draft, key)])
    found: dict[str, CaseFile] = {}
    problems: list[Problem] = []
    known = _said_of_the_case(draft, further)
    for name, changed in given.items():
        if not isinstance(changed, dict | None):
            problems.append(_no_mapping(draft, f"{key}.{name}"))
            continue
        tree = Tree(raw, draft.tree.lines)
        try:
            plain = plainly(merged(raw, changed or {}))
            found[name] = _read(tree, plain, draft.source, further)
        except InputRefused as error:
            for problem in error.problems:
                if (problem.place, problem.message) not in known:
                    line = draft.tree.lines.get(f"{key}.{name}")
                    problems.append(_of_variant(problem, f"{key}.{name}", line))
    if problems:
        raise InputRefused(problems)
    return found


def _no_mapping(draft: Draft, place: str) -> Problem:
    problem = Problem(
        place,
        "must be a mapping of keys",
        "Write `key: value` below it.",
        source=draft.source,
        line=draft.tree.lines.get(place),
    )
    return replace(problem, chinese=in_chinese(problem))


def _said_of_the_case(draft: Draft, further: Further) -> set[tuple[str, str]]:
    try:
        read_case(draft, further)
    except InputRefused as error:
        return {(problem.place, problem.message) for problem in error.problems}
    return set()


def _of_variant(problem: Problem, name: str, line: int | None) -> Problem:
    here = f"{name}: {problem.place}"
    chinese = problem.chinese and f"{name}：{problem.chinese}"
    return replace(problem, place=here, line=line, chinese=chinese)


def _read(tree: Tree, plain: dict[str, Any], source: str, further: Further) -> CaseFile:
    try:
        checked = Tree(plain, tree.lines, tree.problems)
        return check_tree(CaseFile, checked, source=source, further=further)
    except InputRefused as error:
        raise InputRefused(_hinted(problem, KEYS) for problem in error.problems) from None


def _hinted(problem: Problem, keys: Sequence[str]) -> Problem:
    """The problem with the nearest known word, and in Chinese where it is one of shape."""
    if problem.message.startswith("input tag"):
        method, *known = re.findall(r"'([^']*)'", problem.message)
        known = [word for word in known if word != "method"]
        place = f"{problem.place}.method"
        problem = replace(problem, place=place, message="is no known method", value=method)
        problem = replace(problem, cure=f"Choose {', '.join(known)}.")
    elif problem.message == "is not a known key":
        key = re.split(r"[.\]]", problem.place)[-1]
        near = get_close_matches(key, keys, n=1, cutoff=0.6)
        cure = f"Did you mean `{near[0]}`?" if near else "Remove it, or call a remark `note`."
        cure = "The format knows it, but not at this place." if key in keys else cure
        problem = replace(problem, cure=cure)
    return problem if problem.chinese else replace(problem, chinese=in_chinese(problem))


def _keys(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[str]:
    """Every key of a format, however deep."""
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in _models_in(field.annotation):
            yield from _keys(inner, seen)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


KEYS = sorted({*_keys(CaseFile, set()), "variants"})
OUR_KEYS = sorted(set(_keys(IndicatorSystem, set())))
