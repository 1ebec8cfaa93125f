"""Places written by hand: one on a line, ``name`` or ``name, people``.

For a handful of units or points a list is quicker than a sheet; what is read is what a sheet
with those rows would give.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.survey.planning.columns import COLUMNS, Kind
from app.survey.planning.rows import Entry, read_entries

_PEOPLE_AT_END = re.compile(r"^(.*?)[\s,，、;；:：]+([\d,，]+)\s*人?$")


def read_lines(
    kind: Kind, text: str, plan: Mapping[str, Any], *, holder: str = ""
) -> list[Entry]:
    """The entries that lines mean; `holder` is the region or unit they all belong to."""
    header = [column.key for column in COLUMNS[kind]]
    rows = [_row(kind, line.strip(), holder) for line in text.splitlines()]
    return read_entries(kind, [header, *([row[key] for key in header] for row in rows)], plan)


def _row(kind: Kind, line: str, holder: str) -> Mapping[str, str]:
    row = {column.key: "" for column in COLUMNS[kind]}
    if not line:
        return row
    found = _PEOPLE_AT_END.match(line) if kind == "units" else None
    row["name"] = found[1] if found else line
    if found:
        row["population"] = found[2]
    under = {"regions": "parent", "units": "region", "points": "unit"}[kind]
    row[under] = holder
    return row
