"""The scores of an assessment as a table for a terminal, from the document of a run."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.survey.assessment import AssessmentPlan
from app.survey.text import Language, Text

HEADINGS: Sequence[Text] = (
    Text(zh="单位", en="unit"),
    Text(zh="名称", en="name"),
    Text(zh="得分", en="final"),
    Text(zh="扣分", en="deducted"),
    Text(zh="名次", en="rank"),
    Text(zh="模拟区间", en="simulated"),
    Text(zh="置信集", en="rank set"),
    Text(zh="档", en="tier"),
    Text(zh="等次", en="grade"),
)
NOTHING = "–"
BETWEEN = "  "


def score_table(
    document: Mapping[str, Any], plan: AssessmentPlan, language: Language
) -> Iterator[str]:
    """The units of each region type, best first, with how sure their places are."""
    simulated = _simulated(document)
    places = _places(document)
    grades = _grade_names(document, language)
    names = {unit.code: unit.name[language] for unit in plan.units}
    for region_type in document["system"]["types"]:
        units = [
            unit
            for unit in document["composite"]["units"]
            if unit["region_type"] == region_type["code"]
        ]
        if not units:
            continue
        yield region_type["name"][language]
        rows = [[heading[language] for heading in HEADINGS]]
        for unit in sorted(units, key=_best_first):
            code = unit["unit"]
            row = [code, names.get(code, code), _number(unit["final"], 2)]
            row += [_number(unit["deduction"], 2), _number(unit["rank_in_type"], 2)]
            row += [simulated.get(code, NOTHING), *places.get(code, (NOTHING, NOTHING))]
            rows.append([*row, _grade(unit, grades)])
        yield from _aligned(rows)
        yield from _reasons(units, language)
        yield ""


def _best_first(unit: Mapping[str, Any]) -> tuple[bool, float, str]:
    final = unit["final"]
    return final is None, -(final or 0.0), unit["unit"]


def _simulated(document: Mapping[str, Any]) -> dict[str, str]:
    simulation = document["analysis"]["simulation"]
    units = simulation["units"] if simulation else ()
    return {
        unit["unit"]: _range(unit["in_type"]["low"], unit["in_type"]["high"])
        for unit in units
        if unit["in_type"] is not None
    }


def _places(document: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Unit → the places it can have with the stated confidence, and its tier."""
    return {
        place["unit"]: (
            _range(place["simultaneous"]["low"], place["simultaneous"]["high"]),
            _number(place["tier"], 0),
        )
        for table in document["analysis"]["places"]
        for place in table["places"]
    }


def _grade_names(document: Mapping[str, Any], language: Language) -> dict[str, str]:
    grade = document["system"]["grade"]
    return {one["grade"]: one["name"][language] for one in grade["scale"]} if grade else {}


def _grade(unit: Mapping[str, Any], names: Mapping[str, str]) -> str:
    grade = unit["grade"]
    return NOTHING if grade is None else names.get(grade["grade"], grade["grade"])


def _reasons(units: Sequence[Mapping[str, Any]], language: Language) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    for unit in units:
        if unit["unranked_because"] is not None:
            said.setdefault(unit["unranked_because"][language], []).append(unit["unit"])
    for reason, codes in said.items():
        yield f"  {', '.join(codes)}: {reason}"


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return NOTHING
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


def _number(value: float | None, decimals: int) -> str:
    if value is None:
        return NOTHING
    return f"{value:g}" if float(value).is_integer() else f"{value:.{decimals}f}"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns under each other, a Chinese character as wide as two letters."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        yield f"  {BETWEEN.join(cells)}".rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
