"""Chunks of a Parquet file: all rows, in order, gaps as NaN."""

import duckdb
import numpy as np
import pytest

from app.documents.chunk_reader import read_chunks
from app.errors import InputRefused


@pytest.fixture
def parquet(tmp_path):
    file = tmp_path / "answers.parquet"
    y = "case when i % 7 = 0 then null else i % 5 end"
    query = f"select i::uinteger as i, {y} as y from range(10000) t(i)"
    with duckdb.connect() as connection:
        connection.execute(f"copy ({query}) to '{file}' (format parquet, row_group_size 2048)")
    return file


def test_chunks_hold_every_row_once_and_in_order(parquet):
    chunks = list(read_chunks(parquet, ["i", "y"], rows=3000))
    assert [len(chunk["i"]) for chunk in chunks] == [3000, 3000, 3000, 1000]
    assert np.concatenate([chunk["i"] for chunk in chunks]).tolist() == list(range(10000))


def test_a_missing_number_is_nan(parquet):
    y = np.concatenate([chunk["y"] for chunk in read_chunks(parquet, ["y"])])
    gaps = np.arange(10000) % 7 == 0
    assert np.isnan(y[gaps]).all()
    assert (y[~gaps] == (np.arange(10000) % 5)[~gaps]).all()


def test_columns_that_are_not_there_are_named_together(parquet):
    with pytest.raises(InputRefused) as refused:
        list(read_chunks(parquet, ["i", "age", "sex"]))
    assert [problem.place for problem in refused.value.problems] == ["column age", "column sex"]
