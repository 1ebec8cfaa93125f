"""Whatever a file holds: both shapes and both formats say the same, and changes add up."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from app.scoring.definition.system import IndicatorSystem
from app.scoring.inputs import IndicatorValue
from app.survey.assessment import AssessmentPlan
from app.survey.reading import read_definition
from app.workflow.assessment.importing import ValueFile, differences
from app.workflow.assessment.sheets import read_sheet
from app.workflow.assessment.values import read_values, target_of
from streets import PLAN, SYSTEM, workbook

UNITS, INDICATORS = ("east", "west"), ("jobs", "air")
TARGET = target_of(
    read_definition(AssessmentPlan, PLAN, source="plan"),
    read_definition(IndicatorSystem, SYSTEM, source="system"),
    INDICATORS,
)
numbers = st.floats(0, 100, allow_subnormal=False)
cells = st.dictionaries(
    st.tuples(st.sampled_from(UNITS), st.sampled_from(INDICATORS)),
    numbers | st.sampled_from(["missing", "not_applicable"]),
    min_size=1,
)
whole = st.fixed_dictionaries({(u, i): numbers for u in UNITS for i in INDICATORS})


def as_csv(rows):
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return ValueFile("values.csv", stream.getvalue().encode())


def long(values):
    rows = [
        (
            unit,
            indicator,
            "" if isinstance(one, str) else repr(one),
            one if isinstance(one, str) else "",
        )
        for (unit, indicator), one in values.items()
    ]
    return [("unit", "indicator", "value", "status"), *rows]


def wide(values):
    return [["unit", *INDICATORS], *([u, *(values[u, i] for i in INDICATORS)] for u in UNITS)]


def found(file):
    sheet = read_sheet(file.content, source=file.name)
    read = read_values(sheet, TARGET, {})
    return {(one.unit, one.indicator): one for one in read.values}


def plain(values):
    return {
        cell: one.status if one.value is None else one.value for cell, one in values.items()
    }


@given(cells)
def test_what_is_written_is_read_bit_by_bit(values):
    assert plain(found(as_csv(long(values)))) == values


@given(whole)
def test_a_wide_table_says_what_a_long_one_says(values):
    assert found(as_csv(wide(values))) == found(as_csv(long(values)))


@settings(max_examples=20)
@given(whole)
def test_a_workbook_says_what_a_csv_file_says(values):
    # The library that writes it here keeps 16 digits of a number.
    values = {cell: round(one, 9) for cell, one in values.items()}
    assert found(workbook(*wide(values))) == found(as_csv(wide(values)))


@given(cells, cells)
def test_changes_and_unchanged_cells_add_up_to_those_of_the_file(before, given_now):
    old, new = as_values(before), as_values(given_now)
    changed = differences(old, new)
    assert len(changed.changes) + changed.unchanged == len(new)
    after = old | {(one.unit, one.indicator): one.new for one in changed.changes}
    assert after == old | new
    assert differences(old | new, new).changes == ()


@given(cells, cells)
def test_a_removed_cell_had_a_value_and_an_added_one_had_none(before, given_now):
    for one in differences(as_values(before), as_values(given_now)).changes:
        had = one.old is not None and one.old.value is not None
        has = one.new is not None and one.new.value is not None
        assert (one.kind == "removed") == (had and not has)
        assert one.kind != "added" or not had


def as_values(values):
    return {
        cell: IndicatorValue(*cell, None, one)
        if isinstance(one, str)
        else IndicatorValue(*cell, one)
        for cell, one in values.items()
    }
