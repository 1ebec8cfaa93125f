"""What is scored, put together: one system with its units, values, events and covariances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.errors import InputRefused, Problem
from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import Scoring, carry_out
from app.scoring.input_soundness import input_problems
from app.scoring.inputs import Covariance, Event, IndicatorValue, ScoredUnit
from app.workflow.score_file.case_format import CaseFile
from app.workflow.score_file.doubts import Asked
from app.workflow.score_file.lowering import ONLY_TYPE, View
from app.workflow.score_file.tables import Given, ValueTable


@dataclass(frozen=True, slots=True)
class Tables:
    """All that the CSV files say."""

    values: ValueTable
    unit_types: Mapping[str, str]
    """Of a file of units, in its order; empty where there is none."""
    events: Mapping[str, Sequence[Event]] = field(default_factory=dict)
    covariances: Mapping[str, Sequence[Covariance]] = field(default_factory=dict)

    def in_period(self, period: str) -> tuple[Given, Sequence[Event], Sequence[Covariance]]:
        """What belongs to one period; lines without a period belong to every one."""
        events = [*self.events.get("", ()), *(self.events.get(period, ()) if period else ())]
        covariances = [
            *self.covariances.get("", ()),
            *(self.covariances.get(period, ()) if period else ()),
        ]
        return self.values.periods[period], events, covariances


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that one scoring takes."""

    system: IndicatorSystem
    units: tuple[ScoredUnit, ...]
    values: Sequence[IndicatorValue]
    events: Sequence[Event]
    covariances: Sequence[Covariance]
    asked: Asked = field(default_factory=Asked)


def period_problems(tables: Tables, periods: Sequence[str]) -> list[Problem]:
    """Periods that only one of the files knows: `periods` are those of the system's file."""
    known = periods or tuple(tables.values.periods)
    problems = []
    for what, found in (
        ("values", tables.values.periods),
        ("events", tables.events),
        ("covariances", tables.covariances),
    ):
        for period in found:
            every_one = period == "" and (what != "values" or not periods)
            if not every_one and period not in known:
                message = f"of the {what} is unknown"
                cure = f"Periods: {', '.join(one or 'none' for one in known)}."
                chinese = f"时期“{period}”：{cure}"
                problems.append(Problem(f"period {period}", message, cure, chinese=chinese))
    return problems


def sound_values(system: IndicatorSystem, tables: Tables) -> list[Problem]:
    """What is wrong with the values that could be read, so that all is told at once."""
    try:
        units = units_of_tables(tables, system.type_codes)
    except InputRefused as error:
        return list(error.problems)
    problems: list[Problem] = []
    for period in tables.values.periods:
        given, events, _ = tables.in_period(period)
        problems += input_problems(system, units, given.values, events)
    return [_placed(problem, tables.values.places) for problem in problems]


def carry_out_assessment(one: Assessment, table: ValueTable) -> Scoring:
    """Score; a problem with a value is given the line where the value stands."""
    try:
        return carry_out(
            one.system,
            units=one.units,
            values=one.values,
            events=one.events,
            covariances=one.covariances,
        )
    except InputRefused as error:
        raise InputRefused(_placed(p, table.places) for p in error.problems) from None


def _placed(problem: Problem, places: Mapping[str, tuple[str, int]]) -> Problem:
    if problem.place not in places:
        return problem
    source, line = places[problem.place]
    return replace(problem, source=source, line=line)


def view_of(case: CaseFile, tables: Tables) -> View:
    """The region types and indicators of a case, from the tables where it names none."""
    stated = [unit.type for unit in case.units or () if unit.type is not None]
    stated += [code for code in tables.unit_types.values() if code]
    for given in tables.values.periods.values():
        stated += given.region_types.values()
    types = case.types or tuple(dict.fromkeys(stated)) or (ONLY_TYPE,)
    return View(types=types, indicators=tables.values.indicators)


def case_units(case: CaseFile, tables: Tables, view: View) -> tuple[ScoredUnit, ...]:
    """The units of a case. Raises InputRefused naming those without a region type."""
    if case.units is None:
        return units_of_tables(tables, view.types)
    own = {unit.id: unit.type or "" for unit in case.units}
    return _typed(own, tables, view.types)


def units_of_tables(tables: Tables, types: Sequence[str]) -> tuple[ScoredUnit, ...]:
    """The units of a file of units, or all of the values."""
    own = dict(tables.unit_types) or dict.fromkeys(tables.values.units, "")
    return _typed(own, tables, types)


def _typed(
    own: Mapping[str, str], tables: Tables, types: Sequence[str]
) -> tuple[ScoredUnit, ...]:
    said: dict[str, str] = {}
    for given in tables.values.periods.values():
        said |= given.region_types
    only = types[0] if len(types) == 1 else ""
    typed = {
        unit: stated or tables.unit_types.get(unit, "") or said.get(unit, "") or only
        for unit, stated in own.items()
    }
    problems = []
    for unit, region_type in typed.items():
        if not region_type:
            message = "has no region type"
            cure = f"Give a table of units, or a column region_type: {', '.join(types)}."
            chinese = (
                f"单位 {unit}：没有类型。请用 --units 给出单位表，或在数值表里加 region_type "
                f"列：{'、'.join(types)}。"
            )
            problems.append(Problem(f"unit {unit}", message, cure, chinese=chinese))
    if problems:
        raise InputRefused(problems)
    return tuple(ScoredUnit(unit, region_type) for unit, region_type in typed.items())
