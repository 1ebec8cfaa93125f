"""What is withheld, and that nothing withheld can be had by subtraction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.stats.tables.disclosure import close_gaps, withhold, withhold_rank
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
