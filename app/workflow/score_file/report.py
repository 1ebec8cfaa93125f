"""A whole scoring from files: read, scored under every vector, variant and period, or refused.

Everything wrong with the files is found in one go; nothing is given where anything is wrong.
Only a variant of a case may be refused by itself, because trying rules that do not fit the
values is what variants are for.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import product
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from app import __version__
from app.errors import InputRefused, Problem
from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import Scoring
from app.scoring.inputs import ScoredUnit
from app.workflow.score_file.advised import advised_weights
from app.workflow.score_file.answer import Found, answer, ranks_by_score
from app.workflow.score_file.assessment import (
    Assessment,
    Tables,
    carry_out_assessment,
    case_units,
    period_problems,
    sound_values,
    units_of_tables,
    view_of,
)
from app.workflow.score_file.case_format import CaseFile
from app.workflow.score_file.doubts import Asked, doubts
from app.workflow.score_file.explained import changes, gaps, hints
from app.workflow.score_file.lowering import system_of, system_problems
from app.workflow.score_file.reading import (
    Draft,
    load_draft,
    read_case,
    read_changed,
    read_system,
)
from app.workflow.score_file.tables import (
    Given,
    Known,
    ValueTable,
    read_covariances,
    read_events,
    read_units,
    read_values,
)

Result = TypeVar("Result")
NO_VALUES = ValueTable({"": Given()}, (), (), {})


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one scoring."""

    system: Path
    values: Path
    events: Path | None = None
    covariance: Path | None = None
    units: Path | None = None


def score_files(files: Files) -> Found:
    """Everything about the composite scores, under the keys that docs/composite.md describes.

    Raises InputRefused with every problem of the files and of their values.
    """
    draft = load_draft(_text(files.system), files.system.name)
    attempts = _Attempts()
    tables = _read_tables(draft, files, attempts)
    attempts.problems += period_problems(tables, draft.listed("periods", "id"))
    if draft.is_ours:
        system = attempts.make(lambda: read_system(draft))
        if system is not None and attempts.problems:
            attempts.problems += sound_values(system, tables)
        attempts.refuse()
        found = _answer_of_system(_known(system), tables)
    else:

        def further(case: CaseFile) -> Iterable[Problem]:
            return _case_problems(case, tables)

        case = attempts.make(lambda: read_case(draft, further))
        variants = attempts.make(lambda: read_changed(draft, "variants", further))
        periods = attempts.make(lambda: read_changed(draft, "periods", further))
        attempts.refuse()
        found = _answer_of_case(_known(case), _known(variants), _known(periods), tables)
    return {"case": _name(draft), "engine": {"minxin": __version__}, **found}


class _Attempts:
    """Readings, each of which may be refused; all that was refused is said together."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def make(self, read: Callable[[], Result]) -> Result | None:
        """What was read, None where it was refused."""
        try:
            return read()
        except InputRefused as error:
            self.problems += error.problems
            return None

    def refuse(self) -> None:
        """Raise InputRefused with everything, if there is anything."""
        if self.problems:
            raise InputRefused(dict.fromkeys(self.problems))


def _known(value: Result | None) -> Result:
    """A value that was read, as every refusal has been raised."""
    if value is None:
        raise AssertionError
    return value


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else "cannot be read"
        said = "is not there" if isinstance(error, FileNotFoundError) else said
        cure = "Name a YAML file in UTF-8."
        chinese = "文件不存在、不能读取或不是 UTF-8。请给出 UTF-8 编码的 YAML 文件。"
        raise InputRefused(
            [Problem("file", said, cure, source=str(path), chinese=chinese)]
        ) from None


def _name(draft: Draft) -> str:
    plain = draft.plain
    if draft.is_ours:
        return f"{plain['code']}@{plain['version']}"
    return str(plain.get("id", draft.source))


def _read_tables(draft: Draft, files: Files, attempts: _Attempts) -> Tables:
    name = "code" if draft.is_ours else "id"
    own = files.units
    unit_types = (attempts.make(lambda: read_units(own)) if own else None) or {}
    units = draft.listed("units", "id") or tuple(unit_types) or None
    rules = draft.plain.get("adjustments")
    known = Known(units, draft.listed("indicators", name) or None, _item_codes(rules, name))
    values = attempts.make(lambda: read_values(files.values, known)) or NO_VALUES
    attempts.problems += values.problems
    if units is None and values.units:
        known.units = values.units
    tables = Tables(values, unit_types)
    events, covariance = files.events, files.covariance or _beside(files.values)
    if events is not None:
        tables = replace(tables, events=attempts.make(lambda: read_events(events, known)) or {})
    if covariance is not None and values is not NO_VALUES:
        found = attempts.make(lambda: read_covariances(covariance, values)) or {}
        tables = replace(tables, covariances=found)
    return tables


def _item_codes(rules: Any, name: str) -> tuple[str, ...]:
    items = rules.get("items") if isinstance(rules, dict) else None
    listed = items if isinstance(items, list) else []
    codes = [item.get(name) for item in listed if isinstance(item, dict)]
    return tuple(code for code in codes if isinstance(code, str))


def _beside(values: Path) -> Path | None:
    """Covariances beside the values belong to them."""
    path = values.parent / "covariance.csv"
    return path if path.is_file() else None


def _case_problems(case: CaseFile, tables: Tables) -> Iterable[Problem]:
    named_by_values = case.indicators is None or (not case.types and case.units is None)
    if tables.values is NO_VALUES and named_by_values:
        return
    view = view_of(case, tables)
    for vector, period in product(case.vectors or (None,), tables.values.periods):
        seen = replace(view, vector=vector, period=period or None)
        yield from system_problems(case, seen)


def _answer_of_system(system: IndicatorSystem, tables: Tables) -> Found:
    def under(one: IndicatorSystem) -> Found:
        units = units_of_tables(tables, one.type_codes)
        return _periods(lambda period: _assessment(one, units, tables, period), tables)

    if not system.vectors:
        return under(system)
    return {"vectors": {code: under(system.for_vector(code)) for code in system.type_codes}}


def _answer_of_case(
    case: CaseFile,
    variants: dict[str, CaseFile],
    periods: dict[str, CaseFile],
    tables: Tables,
) -> Found:
    if not variants:
        return _under_every_vector(case, periods, tables)
    found: Found = {}
    refused: list[Problem] = []
    tried = {"": case, **variants}
    answers: dict[str, Found] = {}
    for name, one in tried.items():
        try:
            answers[name] = _under_every_vector(one, {} if name else periods, tables)
        except InputRefused as error:
            answers[name] = {"refused": [str(problem) for problem in error.problems]}
            refused += error.problems
    if all("refused" in one for one in answers.values()):
        raise InputRefused(dict.fromkeys(refused))
    found = answers.pop("")
    return {**found, "variants": answers}


def _under_every_vector(case: CaseFile, periods: dict[str, CaseFile], tables: Tables) -> Found:
    view = view_of(case, tables)
    units = case_units(case, tables, view)
    seed = case.uncertainty.seed if case.uncertainty else 1
    alone = case.uncertainty is not None and case.uncertainty.inputs == "normal_independent"
    asked = Asked(
        seed=seed, rank_sets=case.rank_sets, weights=case.weights, rank_by=case.rank.by
    )

    def under(vector: str | None) -> Found:
        def assessed(period: str) -> Assessment:
            seen = replace(view, vector=vector, period=period or None)
            system = system_of(periods.get(period, case), seen)
            one = _assessment(system, units, tables, period)
            return replace(one, asked=asked, covariances=() if alone else one.covariances)

        return _periods(assessed, tables, case.periods)

    if not case.vectors:
        return under(None)
    return {"vectors": {vector: under(vector) for vector in case.vectors}}


def _assessment(
    system: IndicatorSystem, units: tuple[ScoredUnit, ...], tables: Tables, period: str
) -> Assessment:
    given, events, covariances = tables.in_period(period)
    return Assessment(system, units, given.values, events, covariances)


def _periods(
    assessed: Callable[[str], Assessment], tables: Tables, order: tuple[str, ...] = ()
) -> Found:
    """The answer of the one period; or that of the last, all others, and the last change."""
    given = tables.values.periods
    scorings: dict[str, Scoring] = {}
    answers: dict[str, Found] = {}
    for period in (one for one in order or sorted(given, key=_natural) if one in given):
        one = assessed(period)
        scorings[period] = carry_out_assessment(one, tables.values)
        answers[period] = _everything(scorings[period], one.asked)
    *_, last = answers
    if len(answers) == 1:
        return answers[last]
    *_, before, now = scorings
    moved = changes(scorings[before], scorings[now], (before, now))
    return {**answers[last], **moved, "periods": answers}


def _natural(period: str) -> tuple[float, str]:
    """2 before 10, and words after numbers."""
    return (float(period), "") if period.isascii() and period.isdigit() else (inf, period)


def _everything(scoring: Scoring, asked: Asked) -> Found:
    return {
        **answer(scoring),
        **(ranks_by_score(scoring) if asked.rank_by == "score" else {}),
        **gaps(scoring),
        **doubts(scoring, asked),
        **advised_weights(scoring, asked.weights),
        **hints(scoring),
    }
