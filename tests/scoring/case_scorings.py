"""The reference cases as scorings, with their matrices: what explanations start from."""

from functools import cache

from composite_cases import CASES

from app.scoring.index import Scoring
from app.workflow.score_file.assessment import (
    Assessment,
    carry_out_assessment,
    case_units,
    view_of,
)
from app.workflow.score_file.lowering import system_of
from app.workflow.score_file.reading import load_draft, read_case
from app.workflow.score_file.report import Files, _Attempts, _read_tables


@cache
def scoring_of(case: str) -> Scoring:
    folder = CASES / case
    events = folder / "events.csv"
    files = Files(
        folder / "system.yaml",
        folder / "values.csv",
        events=events if events.exists() else None,
    )
    draft = load_draft(files.system.read_text(encoding="utf-8"), "system.yaml")
    tables = _read_tables(draft, files, _Attempts())
    found = read_case(draft, lambda _: ())
    view = view_of(found, tables)
    given, happened, covariances = tables.in_period("")
    one = Assessment(
        system_of(found, view),
        case_units(found, tables, view),
        given.values,
        happened,
        covariances,
    )
    return carry_out_assessment(one, tables.values)
