"""Sheets of places and margins: read whole, with every mistake and its row."""

from collections.abc import Mapping
from typing import Any

from app.survey.background import background_levels
from app.survey.definition import Survey
from app.survey.planning.columns import Kind
from app.survey.planning.rows import Entry, read_entries
from app.workflow.assessment.sheets import read_sheet


def read_upload(
    kind: Kind, content: bytes, *, source: str, plan: Mapping[str, Any], survey: Survey | None
) -> list[Entry]:
    """The entries of a CSV or XLSX file; InputRefused with every mistake and its row.

    Levels of a margin may be written in the words of the questionnaire.
    """
    rows = read_sheet(content, source=source).rows
    entries = read_entries(kind, rows, plan)
    if kind == "margins" and survey is not None:
        return [_with_codes(entry, survey) for entry in entries]
    return entries


def _with_codes(margin: Entry, survey: Survey) -> Entry:
    levels = background_levels(survey, margin["variable"])
    code_of = {words: code for code, text in levels.items() for words in (text.zh, text.en)}
    totals = {code_of.get(level, level): people for level, people in margin["totals"].items()}
    return {**margin, "totals": totals}
