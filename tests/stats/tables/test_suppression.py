"""Hidden cells of one-way and two-way tables: the simple rule, and what the audit adds."""

from collections import Counter
from itertools import product
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_case import Case

from app.errors import CannotEstimate
from app.stats.estimation import mean
from app.stats.tables.suppression import (
    Hidden,
    Interval,
    audit,
    audit_one_way,
    intervals,
    suppress,
    suppress_totals,
    suppress_two_way,
)


def tables() -> list:
    case = Case("p21_small_cell_suppression")
    expected = {entry["id"]: entry["rows"] for entry in case.expected["tables"]}
    return [(case, table, expected[table["id"]]) for table in case.specification["tables"]]


@pytest.mark.parametrize(
    ("case", "table", "rows"), tables(), ids=lambda v: getattr(v, "id", "")
)
def test_the_reference_tables_are_suppressed_alike(case, table, rows):
    level = case.labels("+".join(table["by"]))
    hidden = suppress(Counter(level.tolist()), table["min_n"])
    for row in rows:
        want = (
            "small_cell"
            if row["primary"]
            else "complementary"
            if row["complementary"]
            else None
        )
        assert hidden.get(row["level"]) == want
        got = mean(case.design({}), case.numbers(table["y"]), domain=level == row["level"])
        assert got.n == row["n"]
        assert got.value == pytest.approx(row["estimate"], rel=1e-9)
        assert got.standard_error == pytest.approx(row["se"], rel=1e-9)


one_way = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 40), max_size=8)


@given(one_way, st.integers(1, 20))
def test_a_hidden_cell_is_never_alone_unless_it_is_the_table(table, least):
    hidden = suppress(table, least)
    assert len(hidden) != 1 or len(table) == 1
    assert all(n >= least for cell, n in table.items() if cell not in hidden)
    assert {cell for cell, why in hidden.items() if why == "small_cell"} == {
        cell for cell, n in table.items() if n < least
    }


def test_of_two_equal_cells_the_first_by_name_goes():
    assert suppress({"b": 9, "a": 9, "c": 1}, 5) == {"c": "small_cell", "a": "complementary"}


def test_an_empty_table_hides_nothing():
    assert suppress({}, 5) == {}
    assert suppress_two_way({}, 5) == {}
    assert audit({}, {}) == {}


@given(one_way, st.integers(1, 20), st.integers(1, 15))
def test_the_hidden_cells_of_one_way_leave_each_other_room(table, least, width):
    simple = suppress(table, least)
    hidden = audit_one_way(table, simple, width=width)
    assert simple.items() <= hidden.items()
    assert not hidden or None in hidden or len(hidden) > 1
    assert not hidden or None in hidden or sum(table[cell] for cell in hidden) >= width


def naive(counts: dict, least: int) -> set[str]:
    """The simple rule as one would write it in a script, on labels such as C01|F."""
    n = {"|".join(cell): count for cell, count in counts.items() if count > 0}
    hidden = {label for label in n if n[label] < least}
    while True:
        before = set(hidden)
        for part in (0, 1):
            for level in sorted({label.split("|")[part] for label in n}):
                line = [label for label in n if label.split("|")[part] == level]
                shown = sorted((n[label], label) for label in line if label not in hidden)
                if len(line) - len(shown) == 1 and shown:
                    hidden.add(shown[0][1])
        if hidden == before:
            return hidden


def two_way(largest: int, *, rows: int = 4, columns: int = 4) -> st.SearchStrategy:
    cells = st.tuples(
        st.sampled_from([f"C{i}" for i in range(rows)]),
        st.sampled_from([f"L{j}" for j in range(columns)]),
    )
    return st.dictionaries(cells, st.integers(0, largest), min_size=1, max_size=rows * columns)


@given(two_way(30), st.integers(1, 15))
def test_the_simple_rule_is_the_one_of_a_script(counts, least):
    hidden = suppress_two_way(counts, least)
    assert {"|".join(cell) for cell in hidden} == naive(counts, least)
    assert suppress_two_way(dict(reversed(counts.items())), least) == hidden


@given(two_way(30), st.integers(1, 15))
def test_by_the_simple_rule_no_line_has_one_gap_that_could_be_closed(counts, least):
    hidden = suppress_two_way(counts, least)
    for axis in (0, 1):
        for level in {cell[axis] for cell in counts}:
            line = [cell for cell in counts if cell[axis] == level]
            gaps = [cell for cell in line if cell in hidden]
            shown = [cell for cell in line if cell not in hidden and counts[cell] > 0]
            assert len(gaps) != 1 or not shown
    for cell, hiding in hidden.items():
        assert (hiding.why == "small_cell") == (0 < counts[cell] < least)
        if hiding.protects is not None:
            assert hiding.protects in hidden
            assert sum(a == b for a, b in zip(cell, hiding.protects, strict=True)) == 1


SMALL = {
    ("C01", "F"): 3, ("C01", "M"): 20, ("C01", "X"): 30,
    ("C02", "F"): 25, ("C02", "M"): 18, ("C02", "X"): 40,
    ("C03", "F"): 22, ("C03", "M"): 33, ("C03", "X"): 50,
}  # fmt: skip


def test_one_small_cell_takes_a_cell_of_its_row_then_of_its_columns():
    assert suppress_two_way(SMALL, 10) == {
        ("C01", "F"): Hidden("small_cell"),
        ("C01", "M"): Hidden("complementary", ("C01", "F")),
        ("C03", "F"): Hidden("complementary", ("C01", "F")),
        ("C02", "M"): Hidden("complementary", ("C01", "M")),
        ("C02", "F"): Hidden("complementary", ("C02", "M")),
        ("C03", "M"): Hidden("complementary", ("C03", "F")),
    }


def test_people_can_be_moved_between_hidden_cells_only():
    hidden = [("C01", "F"), ("C01", "M"), ("C02", "F"), ("C02", "M")]
    assert intervals(SMALL, hidden) == {
        ("C01", "F"): Interval(0, 23),
        ("C01", "M"): Interval(0, 23),
        ("C02", "F"): Interval(5, 28),
        ("C02", "M"): Interval(15, 38),
    }
    assert intervals(SMALL, [("C01", "F"), ("C01", "M"), ("C02", "F")]) == {
        ("C01", "F"): Interval(3, 3),
        ("C01", "M"): Interval(20, 20),
        ("C02", "F"): Interval(25, 25),
    }
    assert intervals(SMALL, [("C01", "F"), ("C01", None), (None, "F"), (None, None)]) == {
        ("C01", "F"): Interval(0, None),
        ("C01", None): Interval(50, None),
        (None, "F"): Interval(47, None),
        (None, None): Interval(238, None),
    }


def fillings(counts: dict, hidden: set) -> list[dict]:
    """Every table of whole numbers that agrees with all published cells and totals."""
    rows = sorted({row for row, _ in counts})
    partial: list[dict] = [{}]
    for row in rows:
        gaps = sorted(cell for cell in hidden if cell[0] == row)
        rest = sum(counts[cell] for cell in gaps)
        ways = [
            dict(zip(gaps, way, strict=True))
            for way in product(range(rest + 1), repeat=len(gaps))
            if sum(way) == rest
        ]
        partial = [{**table, **way} for table in partial for way in ways]
    columns = {column for _, column in counts}
    return [
        table
        for table in partial
        if all(
            sum(n for cell, n in table.items() if cell[1] == column)
            == sum(counts[cell] for cell in hidden if cell[1] == column)
            for column in columns
        )
    ]


@settings(max_examples=60)
@given(two_way(3, rows=3, columns=3), st.data())
def test_the_ends_of_an_interval_are_those_of_all_tables_that_agree(counts, data):
    hidden = data.draw(st.sets(st.sampled_from(sorted(counts)), max_size=6))
    tables = fillings(counts, hidden)
    for cell, interval in intervals(counts, hidden).items():
        values = [table[cell] for table in tables]
        assert (interval.low, interval.high) == (min(values), max(values))


@settings(max_examples=60, deadline=None)
@given(two_way(30), st.integers(1, 15), st.sampled_from([1, 1, 5, 12]))
def test_after_the_audit_nothing_hidden_is_known_closely(counts, least, width):
    simple = suppress_two_way(counts, least)
    hidden = audit(counts, {**simple, **suppress_totals(counts, least)}, width=width)
    assert simple.items() <= hidden.items()
    assert all(interval.width >= width for interval in intervals(counts, hidden).values())
    assert audit(counts, hidden, width=width) == hidden


@settings(max_examples=30, deadline=None)
@given(two_way(12, rows=3, columns=3), st.integers(1, 9))
def test_hidden_cells_of_nobody_are_protected_too(counts, least):
    simple = suppress_two_way(counts, least, zeros="hidden")
    assert {cell for cell, n in counts.items() if n < least} <= simple.keys()
    hidden = audit(counts, simple)
    assert all(interval.width >= 1 for interval in intervals(counts, hidden).values())


def test_two_gaps_in_every_line_can_still_tell_a_cell_and_the_audit_closes_that():
    """Two blocks that share a line: the simple rule is content, the sums are not."""
    counts = {
        ("a", "k"): 1, ("a", "l"): 9, ("a", "m"): 30, ("a", "o"): 30,
        ("b", "k"): 9, ("b", "l"): 9, ("b", "m"): 1, ("b", "o"): 30,
        ("c", "k"): 30, ("c", "l"): 30, ("c", "m"): 9, ("c", "o"): 9,
        ("d", "k"): 30, ("d", "l"): 30, ("d", "m"): 9, ("d", "o"): 9,
    }  # fmt: skip
    hidden = {cell: Hidden("small_cell") for cell, n in counts.items() if n < 10}
    seen = intervals(counts, hidden)
    assert seen["b", "m"] == Interval(1, 1)
    audited = audit(counts, hidden)
    extra = {cell: hiding for cell, hiding in audited.items() if cell not in hidden}
    assert extra
    assert all(h.why == "audit" and h.protects == ("b", "m") for h in extra.values())
    assert intervals(counts, audited)["b", "m"].width >= 1


def test_a_row_with_one_cell_is_told_by_its_total_unless_that_goes():
    counts = {("a", "k"): 3, ("b", "k"): 20, ("b", "l"): 30, ("c", "k"): 25, ("c", "l"): 15}
    simple = suppress_two_way(counts, 10)
    assert intervals(counts, simple)["a", "k"] == Interval(3, 3)
    hidden = audit(counts, simple)
    assert ("a", None) in hidden
    assert intervals(counts, hidden)["a", "k"].width >= 1


def test_a_total_of_few_people_goes_with_the_smallest_other():
    counts = {("a", "k"): 3, ("a", "l"): 4, ("b", "k"): 20, ("b", "l"): 30, ("c", "k"): 25}
    assert suppress_totals(counts, 10) == {
        ("a", None): Hidden("small_cell"),
        ("c", None): Hidden("complementary", ("a", None)),
    }
    assert suppress_totals({("a", "k"): 3}, 10)[None, None] == Hidden("small_cell")


def test_a_wider_protection_hides_more():
    counts = {("a", "k"): 2, ("a", "l"): 11, ("b", "k"): 12, ("b", "l"): 90}
    simple = suppress_two_way(counts, 10)
    assert intervals(counts, simple)["a", "k"] == Interval(0, 13)
    assert audit(counts, simple, width=13) == simple
    assert len(audit(counts, simple, width=20)) > len(simple)


def test_a_protection_of_nobody_is_refused():
    with pytest.raises(CannotEstimate, match="protection of 0 people"):
        audit(SMALL, {}, width=0)


def test_an_interval_without_an_upper_end_is_as_wide_as_can_be():
    assert Interval(2, None).width == inf
