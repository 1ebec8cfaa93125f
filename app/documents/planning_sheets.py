"""Sheets to fill in: regions, units, points and population totals, with what is there.

The headings are those that uploads are read by; an empty sheet has nothing but headings, for
a row of examples would be taken for a place.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.documents.workbooks import Cell, Column, Table, results_xlsx
from app.survey.planning.columns import COLUMNS, Kind, SheetColumn
from app.survey.text import Language, Text

_TITLES: Mapping[Kind, Text] = {
    "regions": Text(zh="地区", en="Regions"),
    "units": Text(zh="单位", en="Units"),
    "points": Text(zh="服务点", en="Points"),
    "margins": Text(zh="人口总数", en="Totals"),
}
Variables = Sequence[tuple[str, Mapping[str, Text]]]


def places_sheet(
    kind: Kind, plan: Mapping[str, Any], variables: Variables, language: Language
) -> bytes:
    """A workbook with the plan's entries of a kind; for margins, a row for every choice."""
    columns = COLUMNS[kind]
    if kind == "margins":
        rows = list(_margin_rows(plan, variables, language))
    else:
        rows = [_row(columns, entry) for entry in plan.get(kind, ())]
    table = Table(
        title=_TITLES[kind][language],
        columns=tuple(
            Column(column.key, column.heading[language], _kind(column)) for column in columns
        ),
        rows=tuple(rows),
    )
    return results_xlsx([table])


def _kind(column: SheetColumn) -> Any:
    return "count" if column.key in {"population", "people"} else "text"


def _row(columns: Sequence[SheetColumn], entry: Mapping[str, Any]) -> tuple[Cell, ...]:
    name = entry["name"]
    cells = {**entry, "name": name["zh-Hans"], "name_en": name.get("en", "")}
    return tuple(cells.get(column.key) for column in columns)


def _margin_rows(
    plan: Mapping[str, Any], variables: Variables, language: Language
) -> Iterable[tuple[Cell, ...]]:
    written = {margin["variable"]: margin["totals"] for margin in plan.get("margins", ())}
    for item, levels in variables:
        for level, words in levels.items():
            people = written.get(item, {}).get(level)
            yield item, words[language], None if people is None else int(people)
