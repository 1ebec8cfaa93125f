"""Units, values, events and covariances read from CSV files, each mistake by its cell."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from app.errors import InputRefused, Problem
from app.scoring.inputs import Covariance, Event, EventStatus, IndicatorValue, ValueStatus
from app.workflow.score_file.cells import Column, Line, read_sheet

UNIT = ("unit", "单位")
INDICATOR = ("indicator", "指标")
ITEM = ("item", "项目")
VALUES = (
    Column(("unit", "unit_id"), required=True),
    Column(("indicator", "indicator_id"), required=True),
    Column(("value",), required=True),
    Column(("status",)),
    Column(("se", "standard_error", "std_error")),
    Column(("low", "band_low")),
    Column(("high", "band_high")),
    Column(("effective_n", "n_eff")),
    Column(("period", "year")),
    Column(("region_type", "type")),
)
UNITS = (
    Column(("unit", "id"), required=True),
    Column(("region_type", "type")),
    Column(("name",)),
)
EVENTS = (
    Column(("unit",), required=True),
    Column(("item",), required=True),
    Column(("count",)),
    Column(("status",), required=True),
    Column(("evidence",)),
    Column(("period", "year")),
)
ONE_OF_TWO = (
    *("indicator_a", "indicator_1", "indicator1", "indicator_i"),
    *("ind_a", "ind_1", "ind1", "ind_i", "i"),
)
OTHER_OF_TWO = (
    *("indicator_b", "indicator_2", "indicator2", "indicator_j"),
    *("ind_b", "ind_2", "ind2", "ind_j", "j"),
)
COVARIANCES = (
    Column(("unit", "unit_a", "unit_1", "unit1", "unit_i")),
    Column(("indicator", *ONE_OF_TWO)),
    Column(("other_unit", "unit_b", "unit_2", "unit2", "unit_j")),
    Column(("other", "other_indicator", *OTHER_OF_TWO)),
    Column(("value", "cov", "covariance")),
    Column(("correlation", "corr", "rho")),
    Column(("period", "year")),
)
STATUSES: Sequence[str] = ("ok", "missing", "not_applicable")
EVENT_STATUSES: Sequence[str] = ("pending", "upheld", "overturned")


@dataclass(slots=True)
class Known:
    """What the tables may name; None where the system's file could not say it."""

    units: Sequence[str] | None
    indicators: Sequence[str] | None
    items: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """The values of one period, and the units in the order in which they stand."""

    values: list[IndicatorValue] = field(default_factory=list)
    region_types: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ValueTable:
    """The values of a file by period ("" where there is no such column)."""

    periods: dict[str, Given]
    units: tuple[str, ...]
    indicators: tuple[str, ...]
    places: dict[str, tuple[str, int]]
    """Place of a value in the words of `app.scoring.inputs` → its file and line."""
    problems: tuple[Problem, ...] = ()
    """Cells that are left out, because they are not what their columns say."""


def read_values(path: Path, known: Known) -> ValueTable:
    """The values of a file. Raises InputRefused where it is no table of values."""
    sheet = read_sheet(path, VALUES)
    lines = sheet.lines
    periods: dict[str, Given] = {}
    first: dict[tuple[str, str, str], int] = {}
    places: dict[str, tuple[str, int]] = {}
    for line in lines:
        found = _value(line, known)
        period = line["period"]
        cell = period, line["unit"], line["indicator"]
        if cell in first:
            at = first[cell]
            cure = (
                "Keep one of the two.",
                f"与第 {at} 行是同一个单位的同一项指标。请只保留一个。",
            )
            line.complain("indicator", (f"has a value already in line {at}", cure[0]), cure[1])
        first.setdefault(cell, line.number)
        given = periods.setdefault(period, Given())
        _note_type(line, given)
        if found is not None:
            given.values.append(found)
            here = f"unit {found.unit}, indicator {found.indicator}"
            places[here] = line.source, line.number
    return ValueTable(
        periods=periods or {"": Given()},
        units=tuple(dict.fromkeys(line["unit"] for line in lines)),
        indicators=tuple(dict.fromkeys(line["indicator"] for line in lines)),
        places=places,
        problems=tuple(sheet.found()),
    )


def _value(line: Line, known: Known) -> IndicatorValue | None:
    named = [
        (known.units is None and bool(line["unit"]))
        or line.known("unit", known.units or (), UNIT),
        (known.indicators is None and bool(line["indicator"]))
        or line.known("indicator", known.indicators or (), INDICATOR),
    ]
    value, error = line.number_in("value"), line.number_in("se")
    low, high = line.number_in("low"), line.number_in("high")
    size = line.number_in("effective_n")
    status = line.word_in("status", STATUSES) or ("ok" if line["value"] else "missing")
    if line["value"] and status != "ok":
        english = (f"has a value although its status is {status}", "Drop one of the two.")
        line.complain("value", english, f"状态为 {status}，却有数值。请删去其一。")
    if not line["value"] and line["status"] == "ok":
        english = ("is empty although the status is ok", "Give the value, or write `missing`.")
        line.complain("value", english, "状态为 ok，却没有数值。请补数值，或写 missing。")
    if error is not None and error < 0:
        english = ("is a negative standard error", "Give its size.")
        line.complain("se", english, "标准误不能是负数。")
    if line.problems or not all(named):
        return None
    return IndicatorValue(
        line["unit"],
        line["indicator"],
        value,
        cast("ValueStatus", status),
        error,
        band=None if low is None or high is None else (low, high),
        effective_n=size,
    )


def _note_type(line: Line, given: Given) -> None:
    unit, stated = line["unit"], line["region_type"]
    if stated and given.region_types.setdefault(unit, stated) != stated:
        other = given.region_types[unit]
        english = (f"is not the type of another line, {other}", "Give a unit one type.")
        line.complain(
            "region_type", english, f"与另一行的类型“{other}”不同。一个单位只有一类。"
        )


def read_units(path: Path) -> dict[str, str]:
    """Unit → its region type, "" where the file says none."""
    sheet = read_sheet(path, UNITS)
    lines = sheet.lines
    found: dict[str, str] = {}
    for line in lines:
        if not line["unit"]:
            line.complain("unit", ("names no unit", "Write its code."), "没有写单位。请补上。")
        elif line["unit"] in found:
            english = ("is given twice", "Keep one of the two.")
            line.complain("unit", english, "单位重复。请只保留一个。")
        found.setdefault(line["unit"], line["region_type"])
    sheet.refuse()
    return found


def read_events(path: Path, known: Known) -> dict[str, list[Event]]:
    """Period ("" where there is no such column) → its events."""
    sheet = read_sheet(path, EVENTS)
    lines = sheet.lines
    found: dict[str, list[Event]] = {}
    for line in lines:
        event = _event(line, known)
        if event is not None:
            found.setdefault(line["period"], []).append(event)
    sheet.refuse()
    return found


def _event(line: Line, known: Known) -> Event | None:
    if known.units is not None:
        line.known("unit", known.units, UNIT)
    line.known("item", known.items, ITEM)
    count = line.number_in("count") if line["count"] else 1.0
    if count is not None and not (count >= 1 and count.is_integer()):
        english = ("E301 is no number of events", "Write 1 or more, without decimals.")
        line.complain("count", english, "不是事件次数。请写不小于 1 的整数。")
    status = line.word_in("status", EVENT_STATUSES)
    if not line["status"]:
        english = ("E301 says nothing", f"Write one of: {', '.join(EVENT_STATUSES)}.")
        line.complain("status", english, f"没有写状态。可写：{'、'.join(EVENT_STATUSES)}。")
    evidence = line["evidence"]
    if "evidence" not in line.headings:
        evidence = f"{line.source}:{line.number}"
    elif not evidence:
        english = ("E301 names no evidence", "Name the document that the event rests on.")
        line.complain("evidence", english, "没有依据。请写明所依据的文件。")
    if line.problems or count is None or status is None:
        return None
    return Event(line["unit"], line["item"], int(count), cast("EventStatus", status), evidence)


def read_covariances(path: Path, given: ValueTable) -> dict[str, list[Covariance]]:
    """Period → the covariances of sampling errors, each pair once.

    Raises InputRefused with every faulty line. A line may state a correlation instead; a
    variance on the diagonal of a whole matrix has to be the square of the standard error.
    A table without units holds for every unit.
    """
    sheet = read_sheet(path, COVARIANCES)
    lines = sheet.lines
    if lines:
        _require_headings(lines[0])
    found: dict[str, list[Covariance]] = {}
    seen: dict[frozenset[tuple[str, str, str]], float] = {}
    for line in (of_unit for stated in lines for of_unit in _by_unit(stated, given)):
        one = _covariance(line, given)
        if one is None:
            continue
        period = line["period"]
        ends = (one.unit, one.indicator), (one.other_unit or one.unit, one.other)
        pair = frozenset((period, *end) for end in ends)
        if pair in seen and abs(seen[pair] - one.value) > 1e-12 * max(1, abs(one.value)):
            english = (f"is {seen[pair]:g} for the same pair elsewhere", "Correct one of them.")
            line.complain(
                "value", english, f"同一对数值在别处写的是 {seen[pair]:g}。请改正其一。"
            )
        elif pair not in seen:
            seen[pair] = one.value
            found.setdefault(period, []).append(one)
    sheet.refuse()
    return found


def _require_headings(line: Line) -> None:
    has = set(line.headings)
    names_two = {"indicator", "unit"} & has and {"other", "other_unit"} & has
    if names_two and {"value", "correlation"} & has:
        return
    names = "; ".join(" = ".join(column.names) for column in COVARIANCES)
    message = "does not say of which two values, or how large"
    cure = f"Headings understood (names of one column joined by =): {names}."
    chinese = f"列名不足以看出是哪两个数值的协方差。可用的列名（等号两边同义）：{names}。"
    raise InputRefused([Problem("row", message, cure, None, line.source, 1, chinese)])


def _by_unit(line: Line, given: ValueTable) -> Sequence[Line]:
    """The line; or, where the table has no units, one for each unit with both errors."""
    if {"unit", "other_unit"} & set(line.headings):
        return [line]
    values = given.periods.get(line["period"], Given()).values
    with_error = {(v.unit, v.indicator) for v in values if v.standard_error is not None}
    ends = line["indicator"], line["other"]
    units = [u for u in given.units if {(u, code) for code in ends} <= with_error]
    # Of a unit without errors is told what is wrong with the line.
    units = units or list(given.units[:1])
    return [replace(line, cells={**line.cells, "unit": unit}) for unit in units]


def _covariance(line: Line, given: ValueTable) -> Covariance | None:
    (unit, indicator), (other_unit, other) = ends = _two_values(line, given)
    values = given.periods.get(line["period"], Given()).values
    errors = {(v.unit, v.indicator): v.standard_error or 0.0 for v in values}
    together = errors.get(ends[0], 0.0) * errors.get(ends[1], 0.0)
    value, correlation = line.number_in("value"), line.number_in("correlation")
    if value is None and correlation is not None:
        value = correlation * together
    if value is None and not line.problems:
        line.complain("value", ("E204 is empty", "Give the covariance."), "没有写协方差。")
    if line.problems or value is None:
        return None
    if ends[0] != ends[1]:
        elsewhere = None if other_unit == unit else other_unit
        return Covariance(unit, indicator, other, value, elsewhere)
    if ends[0] in errors and abs(value - together) > 1e-6 * max(value, together):
        english = ("E204 is not the square of the standard error", "Correct one of them.")
        line.complain("value", english, "不等于标准误的平方。请改正其一。")
    return None


def _two_values(line: Line, given: ValueTable) -> tuple[tuple[str, str], tuple[str, str]]:
    """The two values (unit, indicator) of a line, with a complaint about unknown ones."""
    unit, indicator = line["unit"], line["indicator"]
    if not indicator and len(given.indicators) == 1:
        indicator = given.indicators[0]
    other_unit, other = line["other_unit"] or unit, line["other"] or indicator
    for column, code in (("unit", unit), ("other_unit", other_unit)):
        if code not in given.units:
            english = ("E204 is a unit without values", "Check it.")
            line.complain(column, english, "没有这个单位的数值。请核对。")
    for column, code in (("indicator", indicator), ("other", other)):
        if code not in given.indicators:
            english = ("E204 is an indicator without values", "Check it.")
            line.complain(column, english, "没有这项指标的数值。请核对。")
    return (unit, indicator), (other_unit, other)
