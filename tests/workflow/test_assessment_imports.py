"""Values come in as whole files, with every mistake named and every change shown beforehand."""

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from openpyxl import Workbook

from app.database.assessments import find_assessment, list_value_imports
from app.database.engine import make_sessions
from app.errors import AlreadyImported, InputRefused, NotFound, WrongState
from app.workflow.assessment.importing import (
    ValueFile,
    import_values,
    preview_import,
    undo_import,
)
from streets import assessment, in_force, table, workbook
from world import NOW

LONG = table("unit,indicator,value,se,status", "east,jobs,40,,", "west,jobs,50,,")


@pytest.fixture
def session(engine):
    with make_sessions(engine)() as session:
        yield session


def refused(session, row, file):
    with pytest.raises(InputRefused) as error:
        preview_import(session, row, file)
    return error.value.problems


def test_a_long_table_is_read_cell_by_cell(session):
    row = assessment(session)
    kept, changed = import_values(session, row, LONG, now=NOW)
    assert in_force(session, row) == {("east", "jobs"): 40.0, ("west", "jobs"): 50.0}
    assert (kept.number, changed.count("added"), changed.unchanged) == (1, 2, 0)


def test_a_wide_table_by_names_in_chinese_says_the_same_as_a_long_one_by_codes(session):
    row = assessment(session)
    wide = table("2025 年统计表,,", "单位,就业,环境", "东街,40,缺失", "西街,50,不适用")
    import_values(session, row, wide, now=NOW)
    cells = in_force(session, row)
    assert cells["east", "jobs"] == 40
    assert (cells["east", "air"], cells["west", "air"]) == ("missing", "not_applicable")


def test_an_empty_cell_of_a_wide_table_is_a_missing_value(session):
    row = assessment(session)
    import_values(session, row, table("unit,jobs,air", "east,,70"), now=NOW)
    assert in_force(session, row) == {("east", "jobs"): "missing", ("east", "air"): 70}


def test_a_standard_error_and_a_sample_size_have_columns_of_their_own(session):
    row = assessment(session)
    wide = table("unit,jobs,jobs.se,jobs.n", "east,40,1.5,320")
    import_values(session, row, wide, now=NOW)
    (cell,) = list_value_imports(session, row.id)[0].row.cells
    assert (cell["standard_error"], cell["effective_n"]) == (1.5, 320)


def test_a_mapping_says_what_headings_do_not(session):
    row = assessment(session)
    file = table("县,就业人数,remark", "east,40,checked")
    (problem,) = refused(session, row, file)
    assert "no column of units" in problem.message
    assert "--map 列名=unit" in problem.in_chinese
    mapping = {"县": "unit", "就业人数": "jobs", "remark": "ignored"}
    import_values(session, row, ValueFile("a.csv", file.content, mapping), now=NOW)
    assert in_force(session, row) == {("east", "jobs"): 40}


def test_every_column_without_a_meaning_is_named(session):
    row = assessment(session)
    problems = refused(session, row, table("unit,jbos,colour", "east,40,red"))
    assert [problem.place for problem in problems] == ["column jbos", "column colour"]
    assert "Did you mean 'jobs'?" in problems[0].cure


def test_a_mapping_to_nothing_known_is_refused_with_the_nearest_word(session):
    row = assessment(session)
    file = ValueFile("a.csv", LONG.content, {"gone": "unit"})
    with pytest.raises(InputRefused, match="no column of units"):
        preview_import(session, row, file)
    file = ValueFile("a.csv", b"unit,a,b\neast,1,2\n", {"a": "job", "c": "air"})
    said = [str(problem) for problem in refused(session, row, file)]
    assert any("Did you mean 'jobs'?" in one for one in said)
    assert any("names a column that the file does not have" in one for one in said)


def test_all_problems_come_at_once_with_row_column_value_and_cure(session):
    row = assessment(session)
    file = table(
        "unit,indicator,value,se",
        "eas,jobs,40,",
        "east,jobs,4o,",
        "east,air,950,",
        "west,air,-1,-2",
        'west,jobs,"1,200",',
        "west,jobs,50%,",
    )
    problems = refused(session, row, file)
    lines = [problem.line for problem in problems]
    assert lines == sorted(lines)
    assert set(lines) == {2, 3, 4, 5, 6, 7}
    by_line = {problem.line: problem for problem in reversed(problems)}
    assert "Did you mean 'east'?" in by_line[2].cure
    assert by_line[3].value == "4o"
    assert "E203" in by_line[4].message
    assert "column value" in by_line[4].place
    assert "Write 1200" in by_line[6].cure
    assert "percent sign" in by_line[7].message
    assert all(problem.source == "values.csv" and problem.chinese for problem in problems)
    assert in_force(session, row) == {}


def test_two_values_of_one_cell_are_refused(session):
    row = assessment(session)
    (problem,) = refused(
        session, row, table("unit,indicator,value", "east,jobs,1", "东街,就业,2")
    )
    assert (problem.line, problem.message) == (3, "has a value already in row 2")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (table("unit,indicator", "east,jobs"), "no column of values"),
        (table("unit,value", "east,1"), "no column of an indicator"),
        (table("unit,indicator,value,jobs", "east,air,1,2"), "columns of their own"),
        (table("unit,jobs,就业", "east,1,2"), "second column of jobs"),
        (table("unit,jobs"), "holds no values"),
        (table("unit,jobs", "east"), "has 1 cells, the header has 2"),
        (ValueFile("a.xlsx", b"PK\x03\x04 cut off"), "no whole XLSX file"),
        (ValueFile("a.xls", b"\xd0\xcf\x11\xe0 old"), "an old Excel file"),
    ],
)
def test_a_table_of_another_shape_is_refused_with_its_cure(session, file, said):
    problems = refused(session, assessment(session), file)
    assert any(said in problem.message for problem in problems)
    assert all(problem.cure and problem.chinese for problem in problems)


def test_a_workbook_says_the_same_as_the_csv_file(session):
    row = assessment(session)
    import_values(
        session, row, workbook(["单位", "就业", "环境"], ["东街", 40, 70.25]), now=NOW
    )
    assert in_force(session, row) == {("east", "jobs"): 40.0, ("east", "air"): 70.25}


@pytest.mark.parametrize(
    ("cell", "said"),
    [("=1+1", "formula without its value"), ("#DIV/0!", "is the error #DIV/0!")],
)
def test_a_cell_that_would_read_as_empty_is_named(session, cell, said):
    (problem,) = refused(
        session, assessment(session), workbook(["unit", "jobs"], ["east", cell])
    )
    assert problem.place == "cell B2"
    assert said in problem.message


def test_a_percentage_is_read_as_it_is_shown(session):
    book = Workbook()
    book.active.append(["unit", "jobs"])
    book.active.append(["east", 0.425])
    book.active["B2"].number_format = "0.0%"
    (problem,) = refused(session, assessment(session), saved(book))
    assert (problem.value, problem.cure) == (
        "42.5%",
        "Write 42.5, in the unit of the indicator.",
    )


def test_merged_rows_and_several_sheets_are_refused(session):
    row = assessment(session)
    book = Workbook()
    for line in (["unit", "jobs"], ["east", 40], ["", 50]):
        book.active.append(line)
    book.active.merge_cells("A2:A3")
    (problem,) = refused(session, row, saved(book))
    assert problem.place == "cell A2:A3"
    book.create_sheet("second").append(["unit", "air"])
    (problem,) = refused(session, row, saved(book))
    assert "2 sheets" in problem.message
    book["second"].append(["west", 80])
    import_values(
        session, row, ValueFile("b.xlsx", saved(book).content, sheet="second"), now=NOW
    )
    assert in_force(session, row) == {("west", "air"): 80}


def saved(book):
    stream = io.BytesIO()
    book.save(stream)
    return ValueFile("values.xlsx", stream.getvalue())


def test_a_dry_run_shows_the_differences_and_keeps_nothing(session):
    row = assessment(session)
    import_values(session, row, LONG, now=NOW)
    second = table("unit,jobs,air", "east,41,70", "west,50,")
    changed = preview_import(session, row, second)
    found = {(one.kind, one.unit, one.indicator) for one in changed.changes}
    assert found == {
        ("changed", "east", "jobs"),
        ("added", "east", "air"),
        ("added", "west", "air"),
    }
    assert changed.unchanged == 1
    assert len(list_value_imports(session, row.id)) == 1


def test_a_value_that_makes_place_for_a_gap_is_called_removed(session):
    row = assessment(session)
    import_values(session, row, LONG, now=NOW)
    changed = preview_import(session, row, table("unit,jobs", "east,缺失"))
    (one,) = changed.changes
    assert (one.kind, one.old.value, one.new.status) == ("removed", 40, "missing")


def test_the_newest_import_that_names_a_cell_counts_and_undoing_it_falls_back(session):
    row = assessment(session)
    import_values(session, row, LONG, now=NOW)
    import_values(session, row, table("unit,jobs", "east,44"), now=NOW)
    assert in_force(session, row)["east", "jobs"] == 44
    changed = undo_import(session, row, 2, now=NOW)
    assert in_force(session, row) == {("east", "jobs"): 40, ("west", "jobs"): 50}
    assert [(one.old.value, one.new.value) for one in changed.changes] == [(44, 40)]
    undo_import(session, row, 1, now=NOW)
    assert in_force(session, row) == {}
    assert [one.undone_at is None for one in list_value_imports(session, row.id)] == [False] * 2


def test_an_older_import_can_be_taken_back_under_a_newer_one(session):
    row = assessment(session)
    import_values(session, row, LONG, now=NOW)
    import_values(session, row, table("unit,jobs", "east,44"), now=NOW)
    undo_import(session, row, 1, now=NOW)
    assert in_force(session, row) == {("east", "jobs"): 44}


def test_an_import_is_taken_back_once_and_only_if_it_is_there(session):
    row = assessment(session)
    import_values(session, row, LONG, now=NOW)
    undo_import(session, row, 1, now=NOW)
    with pytest.raises(WrongState, match="taken back on 2026-11-22 already"):
        undo_import(session, row, 1, now=NOW)
    with pytest.raises(NotFound):
        undo_import(session, row, 7, now=NOW)


def test_the_same_file_twice_is_refused_while_it_counts(session):
    row = assessment(session)
    import_values(session, row, LONG, now=NOW)
    with pytest.raises(AlreadyImported, match="as import 1"):
        import_values(session, row, LONG, now=NOW)
    undo_import(session, row, 1, now=NOW)
    import_values(session, row, LONG, now=NOW)
    assert in_force(session, row)["east", "jobs"] == 40


def test_another_reading_of_the_same_file_is_another_import(session):
    row = assessment(session)
    content = b"unit,jobs,other\neast,40,70\n"
    first = ValueFile("a.csv", content, {"other": "ignored"})
    import_values(session, row, first, now=NOW)
    second = ValueFile("a.csv", content, {"other": "air", "jobs": "ignored"})
    import_values(session, row, second, now=NOW)
    assert in_force(session, row) == {("east", "jobs"): 40, ("east", "air"): 70}


def test_an_indicator_from_a_round_is_not_imported(session):
    row = assessment(session, from_rounds=True)
    problems = refused(session, row, table("unit,indicator,value", "east,jobs,1"))
    assert any("indicator" in problem.message for problem in problems)


def outcomes_at_once(engine, files):
    """What became of the files that several people gave at the same moment."""
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        assessment(session)
    together = Barrier(len(files))

    def give(file):
        together.wait()
        try:
            with sessions.begin() as session:
                row = find_assessment(session, "streets-2026")
                return import_values(session, row, file, now=NOW)[0].number
        except AlreadyImported:
            return "refused"

    with ThreadPoolExecutor(len(files)) as people:
        return sorted(people.map(give, files), key=str)


def test_files_that_come_at_once_get_numbers_one_after_the_other(engine):
    files = [table("unit,jobs", f"east,{value}") for value in range(4)]
    assert outcomes_at_once(engine, files) == [1, 2, 3, 4]


def test_the_same_file_from_several_people_at_once_is_kept_once(engine):
    assert outcomes_at_once(engine, [LONG] * 3) == [1, "refused", "refused"]


def test_a_unit_without_a_row_is_named_before_it_passes_for_missing(session):
    row = assessment(session)
    changed = preview_import(session, row, table("unit,jobs,air", "east,40,70"))
    assert changed.without == (("west", "jobs"), ("west", "air"))
    import_values(session, row, table("unit,jobs", "west,50"), now=NOW)
    changed = preview_import(session, row, table("unit,jobs,air", "east,40,70"))
    assert changed.without == (("west", "air"),)


def test_two_columns_of_one_heading_are_told_apart_in_the_file_only(session):
    row = assessment(session)
    (problem,) = refused(session, row, table("unit,jobs,jobs", "east,40,41"))
    assert "Rename or delete one" in problem.cure
    assert "改名或删去" in problem.in_chinese
    (problem,) = refused(session, row, table("unit,jobs,就业", "east,40,41"))
    assert "--map" in problem.cure
