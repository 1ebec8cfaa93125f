"""Kinds of responses are counted exactly, and stand for their rows."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import CannotEstimate
from app.stats.coding import CodedMargin, Coding
from app.stats.design import simple_design
from app.stats.families import means_of
from app.stats.family_design import frame_of, sums_of
from app.stats.reduction import reduce_stream
from app.stats.tally import Tally, stream_of, tally_of

SIZES = {"unit": 6, "sex": 2, "domain": 3, "q": 6}
WEIGHTS = np.array([1.5, 2.0, 1.0, 3.0, 2.5, 1.25])
SCORES = {"q": np.array([1.0, 2, 3, 4, 5, np.nan])}
CODING = Coding(
    np.array([0, 0, 0, 1, 1, 1]),
    (CodedMargin("sex", {"F": 700.0, "M": 500.0}),),
    SIZES["domain"],
    ("q",),
    centre={"q": 3.0},
)
Columns = dict[str, np.ndarray]


def answers(seed: int, n: int) -> Columns:
    dice = np.random.default_rng(seed)
    return {name: dice.integers(0, size, n).astype(np.uint8) for name, size in SIZES.items()}


def joined(*parts: Columns) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in SIZES}


def counted(*chunks: Columns) -> Tally:
    return tally_of(lambda: iter(chunks), SIZES)


def same(one: Tally, other: Tally) -> bool:
    return bool(np.array_equal(one.key, other.key) and np.array_equal(one.count, other.count))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 400), st.integers(0, 400))
def test_what_is_added_and_taken_out_again_leaves_no_trace(seed, n, more):
    first, second = answers(seed, n), answers(seed + 1, more)
    before, new = counted(first), counted(second)
    together = before.plus(new)
    assert together.responses == n + more
    assert same(together, counted(joined(second, first)))
    assert same(together.minus(new), before)
    assert same(together.minus(before), new)
    assert len(before.minus(before).key) == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 499), max_size=5))
def test_neither_the_order_nor_the_cuts_move_a_count(seed, places):
    columns = answers(seed, 500)
    order = np.random.default_rng(seed).permutation(500)
    parts = [
        {name: column[order[part]] for name, column in columns.items()}
        for part in np.split(np.arange(500), sorted(places))
    ]
    assert same(counted(*parts), counted(columns))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_kinds_come_to_what_their_rows_come_to(seed):
    rows = joined(
        {name: np.arange(6) % size for name, size in SIZES.items()}, answers(seed, 900)
    )
    kinds = counted(rows).chunk(weight=WEIGHTS, by="unit", values=SCORES)
    single = rows | {"weight": WEIGHTS[rows["unit"]], "q": SCORES["q"][rows["q"]]}
    reduced = [reduce_stream(stream_of(chunk), CODING) for chunk in (kinds, single)]
    found, wanted = (means_of(one.frame, one.sums["q"]) for one in reduced)
    assert len(kinds["q"]) < len(single["q"])
    assert found.n.tolist() == wanted.n.tolist()
    assert found.value == pytest.approx(wanted.value, rel=1e-12)
    assert found.standard_error == pytest.approx(wanted.standard_error, rel=1e-10)


def test_kinds_are_the_cells_of_a_design_whose_responses_are_drawn_one_by_one():
    rows = answers(8, 900)
    kinds = counted(rows).chunk(weight=WEIGHTS, by="unit", values=SCORES)
    design = simple_design(kinds["weight"], stratum=kinds["unit"].astype(str))
    cells = replace(design, count=kinds["count"].astype(float))
    single = simple_design(WEIGHTS[rows["unit"]], stratum=rows["unit"].astype(str))
    y = SCORES["q"][rows["q"]]
    wanted = means_of(frame_of(single), sums_of(single, y, rows["domain"], domains=3))
    found = means_of(frame_of(cells), sums_of(cells, kinds["q"], kinds["domain"], domains=3))
    assert found.standard_error == pytest.approx(wanted.standard_error, rel=1e-10)
    assert found.design_effect == pytest.approx(wanted.design_effect, rel=1e-10)


def test_many_blocks_are_counted_as_one():
    columns = answers(9, 70 * 122_880 // 8)
    rows = {name: np.tile(column, 8) for name, column in columns.items()}
    found = counted(rows)
    assert found.responses == len(rows["unit"])
    assert (found.count % 8 == 0).all()


def test_rows_of_several_responses_count_as_many():
    columns = answers(10, 200)
    count = np.arange(200) % 4
    repeated = {name: np.repeat(column, count) for name, column in columns.items()}
    assert same(counted(columns | {"count": count}), counted(repeated))


def test_more_withdrawn_than_counted_is_refused_by_kind():
    one = {name: np.array([1]) for name in SIZES}
    with pytest.raises(CannotEstimate, match="unit 1, sex 1, domain 1, q 1"):
        counted(answers(1, 0)).minus(counted(one))


def test_codes_that_are_not_known_or_too_many_are_refused():
    wrong = answers(1, 5) | {"sex": np.array([0, 1, 2, 0, 1])}
    with pytest.raises(CannotEstimate, match="column sex holds the code 2"):
        counted(wrong)
    with pytest.raises(CannotEstimate, match="too many codes"):
        tally_of(lambda: iter(()), dict.fromkeys("abcdefg", 1000) | {"h": 100})


def test_tallies_of_other_columns_do_not_join():
    other = tally_of(lambda: iter([answers(1, 5)]), {"sex": 2, "unit": 6})
    with pytest.raises(ValueError, match="other columns"):
        counted(answers(1, 5)).plus(other)
