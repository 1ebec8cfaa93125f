"""Chunks of a Parquet file: all rows, in order, gaps as NaN, labels as codes."""

import duckdb
import numpy as np
import pytest

from app.documents.chunk_reader import Labels, Numbers, read_chunks, read_coded, read_kinds
from app.errors import DocumentFailed, InputRefused
from app.stats.coding import CodedMargin, Coding
from app.stats.families import means_of
from app.stats.reduction import reduce_stream
from app.stats.tally import stream_of

ROWS = 10_000
AREAS = ("o'hara", 'the "north"', "南山")


@pytest.fixture
def parquet(tmp_path):
    file = tmp_path / "answers.parquet"
    area = "['o''hara', 'the \"north\"', '南山'][1 + i % 3]"
    y = "case when i % 7 = 0 then null else i % 5 end"
    weight = "case when i % 11 = 0 then null else 2.5::double end"
    query = (
        f"select i::uinteger as i, {y} as y, {area} as area, {weight} as weight, "
        f'i % 40 as unit, i % 2 as "odd ""one""" from range({ROWS}) t(i)'
    )
    with duckdb.connect() as connection:
        connection.execute(f"copy ({query}) to '{file}' (format parquet, row_group_size 2048)")
    return file


COLUMNS = {
    "unit": Labels("unit", [str(k) for k in range(40)]),
    "domain": Labels("area", AREAS),
    "sex": Labels('odd "one"', ["0", "1"]),
    "weight": Numbers("weight", otherwise=1.0),
    "y": Numbers("y", no_answer=(4,)),
}


def whole(chunks, name):
    return np.concatenate([chunk[name] for chunk in chunks])


def test_chunks_hold_every_row_once_and_in_order(parquet):
    chunks = list(read_chunks(parquet, ["i", "y"], rows=3000))
    assert [len(chunk["i"]) for chunk in chunks] == [3000, 3000, 3000, 1000]
    assert whole(chunks, "i").tolist() == list(range(ROWS))


def test_a_missing_number_is_nan(parquet):
    y = whole(list(read_chunks(parquet, ["y"])), "y")
    gaps = np.arange(ROWS) % 7 == 0
    assert np.isnan(y[gaps]).all()
    assert (y[~gaps] == (np.arange(ROWS) % 5)[~gaps]).all()


def test_labels_are_codes_in_the_order_of_their_levels(parquet):
    chunks = list(read_coded(parquet, COLUMNS, rows=4000))
    i = np.arange(ROWS)
    assert whole(chunks, "domain").tolist() == (i % 3).tolist()
    assert whole(chunks, "unit").tolist() == (i % 40).tolist()
    assert whole(chunks, "sex").tolist() == (i % 2).tolist()
    assert chunks[0]["domain"].dtype.itemsize == 1


def test_missing_weights_are_read_as_told_and_codes_of_no_answer_as_missing(parquet):
    chunks = list(read_coded(parquet, COLUMNS))
    i = np.arange(ROWS)
    assert whole(chunks, "weight").tolist() == np.where(i % 11, 2.5, 1.0).tolist()
    gaps = (i % 7 == 0) | (i % 5 == 4)
    assert np.array_equal(np.isnan(whole(chunks, "y")), gaps)


def test_kinds_come_to_what_the_chunks_come_to(parquet):
    coding = Coding(
        np.arange(40) % 4, (CodedMargin("sex", {"F": 9000.0, "M": 8000.0}),), 3, ("y",)
    )
    kinds = read_kinds(parquet, COLUMNS)
    assert len(kinds["count"]) < kinds["count"].sum() == ROWS
    by_kind = reduce_stream(stream_of(kinds), coding)
    by_row = reduce_stream(lambda: read_coded(parquet, COLUMNS), coding)
    found, wanted = (means_of(one.frame, one.sums["y"]) for one in (by_kind, by_row))
    assert found.n.tolist() == wanted.n.tolist()
    assert found.value == pytest.approx(wanted.value, rel=1e-12)
    assert found.standard_error == pytest.approx(wanted.standard_error, rel=1e-10)


def test_columns_that_are_not_there_are_named_together(parquet):
    for reading in (
        lambda: list(read_chunks(parquet, ["i", "age", "sex"])),
        lambda: read_kinds(parquet, {"a": Labels("age", ["1"]), "s": Numbers("sex")}),
    ):
        with pytest.raises(InputRefused) as refused:
            reading()
        places = [problem.place for problem in refused.value.problems]
        assert places == ["column age", "column sex"]


def test_labels_that_are_not_known_are_named_with_their_rows(parquet):
    columns = {"domain": Labels("area", AREAS[:1]), "y": Labels("y", list("01"))}
    for reading in (
        lambda: list(read_coded(parquet, columns)),
        lambda: read_kinds(parquet, columns),
    ):
        with pytest.raises(InputRefused) as refused:
            reading()
        first, second = (str(problem) for problem in refused.value.problems)
        assert "column area: 6666 rows hold labels" in first
        assert "'the \"north\"', '南山'" in first
        assert "(missing)" in second


def test_more_combinations_than_fit_are_refused(tmp_path):
    file = tmp_path / "wide.parquet"
    with duckdb.connect() as connection:
        columns = ", ".join(f"hash(i + {k}) as c{k}" for k in range(8))
        connection.execute(f"copy (select {columns} from range(2500000) t(i)) to '{file}'")
    with pytest.raises(DocumentFailed, match="differ in more ways"):
        read_kinds(file, {f"c{k}": Numbers(f"c{k}") for k in range(8)})
