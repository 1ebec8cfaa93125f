"""What is withheld, and that nothing withheld can be had by subtraction."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_case import Case

from app.stats.disclosure import close_gaps, suppress, withhold, withhold_rank
from app.stats.estimation import mean
from app.survey.recipe import Release

RELEASE = Release(min_n=30, min_effective_n=25, min_effective_n_rank=100, min_cell=5)


@pytest.mark.parametrize(
    ("n", "effective_n", "reason"),
    [
        (29, 200, "too_few"),
        (30, 24.9, "too_imprecise"),
        (30, None, "too_imprecise"),
        (30, 25.0, None),
        (30, 24.999999999999996, None),
    ],
)
def test_a_mean_is_withheld_below_the_sizes_of_the_plan(n, effective_n, reason):
    assert withhold(n, effective_n, RELEASE) == reason


def test_a_rank_needs_more_than_a_mean():
    assert withhold(60, 60, RELEASE) is None
    assert withhold_rank(60, 60, RELEASE) == "too_imprecise"
    assert withhold_rank(120, 110, RELEASE) is None


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


counts = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 40), max_size=8)


@given(counts, st.integers(1, 20))
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


nested = st.lists(st.integers(0, 30), min_size=2, max_size=9).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.booleans(), min_size=len(n), max_size=len(n)))
)


@given(nested)
def test_no_difference_of_published_domains_is_one_unit_or_too_few(drawn):
    numbers, second = drawn
    people = {f"u{i}": n for i, n in enumerate(numbers)}
    everybody = frozenset(people)
    region = frozenset(u for u, inside in zip(people, second, strict=True) if inside)
    domains = {everybody, *([region] if region else []), *(frozenset([u]) for u in people)}
    shown = {d for d in domains if sum(people[u] for u in d) >= 10}
    kept = close_gaps(shown, people, lambda rest: sum(people[u] for u in rest) >= 10)
    assert kept <= shown
    for whole in kept:
        inside = [part for part in kept if part < whole]
        rest = [u for u in whole.difference(*inside) if people[u]]
        if rest and len(whole) > 1:
            assert len(rest) > 1
            assert sum(people[u] for u in rest) >= 10
