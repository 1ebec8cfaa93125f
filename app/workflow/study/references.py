"""Files and columns that a study names, looked up before anything is computed.

So a person reads of every wrong name at once. A column counts as known if any file of rows
has it or any step makes it: which of them a part may use is said where it is used.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from app.errors import InputRefused, Problem
from app.workflow.study.definition import DesignPart, Part, Request, Step, Study, TableRequest
from app.workflow.study.files import Files
from app.workflow.study.spellings import KEPT

JOINING = re.compile(r"[+*]")
SHOWN = 30
FILES = ("data", "totals", "replicate_file", "rscales")
"""Keys whose value, where it is text, is a file."""
Named = Iterator[tuple[str, str | None]]
"""Places of a design file, each with the column it names."""


def unknown_names(study: Study, files: Files) -> list[Problem]:
    """A problem for each file that cannot be read, or else for each column no file has."""
    problems: list[Problem] = []
    for name in dict.fromkeys(_said(study, FILES)):
        try:
            files.read(name)
        except InputRefused as error:
            problems += error.problems
    if problems:
        return problems
    known = _known_columns(study, files)
    for place, joint in _columns(study):
        for name in _unknown(joint, known):
            said, cure = f"{study.data} has no column {name}", _cure(name, known)
            problems.append(Problem(place, said, cure, source=files.source))
    return problems


def _said(value: Any, keys: Sequence[str]) -> Iterator[str]:
    """Every text under these keys of a study; what must fail may name what is not there."""
    if isinstance(value, Part):
        value = {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if key in keys and isinstance(entry, str):
                yield entry
            elif key not in (*KEPT, "must_fail"):
                yield from _said(entry, keys)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _said(entry, keys)


def _known_columns(study: Study, files: Files) -> list[str]:
    names = [*study.derived, *_said(study, ("into",))]
    for request in study.estimates:
        names += [request.derived.partition("=")[0].strip()] if request.derived else []
    for file in dict.fromkeys(_said(study, ("data",))):
        names += files.read(file).names
    return list(dict.fromkeys(names))


def _unknown(joint: str | None, known: Sequence[str]) -> list[str]:
    if joint is None or joint in known:
        return []
    return [name for name in JOINING.split(joint) if name not in known]


def _cure(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.75)
    return f"Did you mean {near[0]}?" if near else f"It has {', '.join(known[:SHOWN])}."


def _columns(study: Study) -> Named:
    yield "row_multiplicity", study.row_multiplicity
    if study.design is not None:
        yield from _of_design(study.design, "design")
    for name, part in study.designs.items():
        yield from _of_design(part, f"designs.{name}")
    for i, step in enumerate(study.steps):
        yield from _of_step(step, f"steps.{i}")
    for request in study.estimates:
        yield from _of_request(request, f"estimates.{request.id}")
    for table in study.tables:
        yield from _of_table(table, f"tables.{table.id}")


def _of_design(part: DesignPart, place: str) -> Named:
    for key in ("clusters", "strata"):
        yield from ((f"{place}.{key}", name) for name in getattr(part, key) or ())
    yield f"{place}.weights", part.weights
    yield from ((f"{place}.fpc", size.column) for size in part.fpc or () if size is not None)
    if part.replicate_file is None:
        names = part.replicate_columns or ()
        yield from ((f"{place}.replicate_columns", name) for name in names)
    for i, step in enumerate(part.steps or ()):
        yield from _of_step(step, f"{place}.steps.{i}")


def _of_step(step: Step, place: str) -> Named:
    for key in ("by", "margins", "within", "terms", "classes"):
        yield from ((f"{place}.{key}", name) for name in getattr(step, key) or ())
    for key in ("equal_within", "variance", "respond", "column"):
        yield f"{place}.{key}", getattr(step, key)
    if step.by is None:
        yield f"{place}.margin", step.margin
    yield from _of_domain(step.where, f"{place}.where")


def _of_request(request: Request, place: str) -> Named:
    yield from ((f"{place}.y", name) for name in request.columns)
    for key in ("by", "items"):
        yield from ((f"{place}.{key}", name) for name in getattr(request, key) or ())
    yield f"{place}.num", request.num
    yield f"{place}.den", request.den
    yield from _of_domain(request.domain, f"{place}.domain")
    for i, pair in enumerate(request.pairs):
        yield from _of_domain(pair.a, f"{place}.pairs.{i}.a")
        yield from _of_domain(pair.b, f"{place}.pairs.{i}.b")
    for i, term in enumerate(request.terms):
        yield from _of_domain(term.domain, f"{place}.terms.{i}.domain")


def _of_table(table: TableRequest, place: str) -> Named:
    yield f"{place}.y", table.y
    yield from ((f"{place}.by", name) for name in table.by)
    yield from _of_domain(table.domain, f"{place}.domain")


def _of_domain(domain: object, place: str) -> Named:
    if isinstance(domain, Mapping):
        yield from ((place, name) for name in domain)
