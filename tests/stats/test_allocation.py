"""Sizes by stratum: textbook allocations, bounds kept, nothing better nearby."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.errors import CannotEstimate
from app.stats.allocation import (
    Bounds,
    Stratum,
    allocate,
    held_sizes,
    whole_numbers,
)
from app.stats.precision import Assumptions, margin_of_mean

PLAIN = Assumptions()
THREE = (
    Stratum("city", 6000, 10.0, cost=1.0, mean=80.0),
    Stratum("town", 3000, 20.0, cost=4.0, mean=70.0),
    Stratum("village", 1000, 40.0, cost=16.0, mean=60.0),
)


def answers(rule: str, n: int, strata: tuple[Stratum, ...] = THREE, **more) -> list[int]:
    got = allocate(strata, n, rule=rule, assumptions=more.pop("assumptions", PLAIN), **more)
    assert got.answers == n
    return [share.answers for share in got.strata]


def test_each_rule_divides_as_its_formula_says():
    assert answers("equal", 300) == [100, 100, 100]
    assert answers("proportional", 300) == [180, 90, 30]
    assert answers("neyman", 320) == [120, 120, 80]  # 60 : 60 : 40
    assert answers("cost", 300) == [180, 90, 30]  # 60 : 30 : 10
    cv = np.array([10 / 80, 20 / 70, 40 / 60])
    for exponent in (0.0, 0.5, 1.0):
        q = np.array([6000, 3000, 1000]) ** exponent * cv
        got = answers("power", 500, bounds=Bounds(exponent=exponent))
        assert got == pytest.approx(500 * q / q.sum(), abs=1)


def test_with_exponent_zero_all_strata_are_relatively_as_precise():
    got = allocate(
        tuple(Stratum(s.name, 10**7, s.standard_deviation, mean=s.mean) for s in THREE),
        3000,
        rule="power",
        assumptions=PLAIN,
        bounds=Bounds(exponent=0),
    )
    relative = [share.margin / s.mean for share, s in zip(got.strata, THREE, strict=True)]
    q = np.array([s.standard_deviation / s.mean for s in THREE])
    n = 3000 * q / q.sum()
    assert [share.answers for share in got.strata] == pytest.approx(n, abs=1)
    assert relative == pytest.approx(1.96 * q / np.sqrt(n), rel=0.01)


def test_a_stratum_is_never_asked_for_more_people_than_it_has():
    strata = (Stratum("a", 50, 100.0), Stratum("b", 1000, 10.0), Stratum("c", 1000, 5.0))
    got = allocate(strata, 350, rule="neyman", assumptions=PLAIN)
    assert [(s.answers, s.at) for s in got.strata] == [
        (50, "population"),
        (200, None),
        (100, None),
    ]
    assert got.strata[0].margin == 0


def test_a_small_stratum_gets_the_least_size_and_the_others_pay_for_it():
    strata = (Stratum("a", 10_000), Stratum("b", 5000), Stratum("c", 50))
    got = allocate(strata, 330, rule="proportional", assumptions=PLAIN, bounds=Bounds(least=30))
    assert [(s.answers, s.at) for s in got.strata] == [(200, None), (100, None), (30, "least")]


def test_the_margins_are_those_of_the_formula():
    got = allocate(THREE, 320, rule="neyman", assumptions=Assumptions(design_effect=1.5))
    variance = 0.0
    for share, s in zip(got.strata, THREE, strict=True):
        inside = Assumptions(design_effect=1.5, population=s.population)
        margin = margin_of_mean(
            share.answers, standard_deviation=s.standard_deviation, assumptions=inside
        )
        assert share.margin == pytest.approx(margin)
        variance += (s.population / 10_000 * margin) ** 2
    assert got.margin == pytest.approx(math.sqrt(variance))
    assert got.cost == 120 + 4 * 120 + 16 * 80


def test_where_only_some_answer_more_are_asked_and_fewer_can_be_had():
    strata = (Stratum("a", 100, 50.0), Stratum("b", 1000, 1.0))
    got = allocate(strata, 100, rule="neyman", assumptions=Assumptions(response_rate=0.4))
    assert [(s.answers, s.invitations, s.at) for s in got.strata] == [
        (40, 100, "population"),
        (60, 150, None),
    ]


def test_a_stratum_left_out_leaves_the_whole_without_a_margin():
    strata = (Stratum("a", 1000, 5.0), Stratum("b", 1000, 0.0))
    got = allocate(strata, 10, rule="neyman", assumptions=PLAIN, bounds=Bounds(least=0))
    assert [s.margin is None for s in got.strata] == [False, True]
    assert got.margin is None


boxes = st.lists(
    st.tuples(st.floats(0, 100), st.integers(0, 5), st.integers(0, 40)), min_size=1, max_size=8
)


@given(boxes, st.floats(0, 1))
def test_sizes_keep_their_bounds_and_add_up(boxes, part):
    measure = np.array([q if q > 1e-6 else 0.0 for q, _, _ in boxes])
    least = np.array([low for _, low, _ in boxes], float)
    most = least + np.array([room for _, _, room in boxes])
    reach = np.where(measure > 0, most, least).sum()
    total = float(round(least.sum() + part * (reach - least.sum())))
    sizes = held_sizes(measure, total, least=least, most=most)
    assert sizes.sum() == pytest.approx(total)
    assert (sizes >= least - 1e-9).all()
    assert (sizes <= most + 1e-9).all()
    free = (sizes > least + 1e-6) & (sizes < most - 1e-6)
    if free.any():
        rate = (sizes[free] / measure[free]).mean()
        assert sizes[free] == pytest.approx(rate * measure[free], rel=1e-6)
        room = (measure > 0) & (most > least)
        held_low = (sizes <= least + 1e-6) & room
        assert (least[held_low] >= rate * measure[held_low] - 1e-5).all()
        held_high = (sizes >= most - 1e-6) & room
        assert (most[held_high] <= rate * measure[held_high] + 1e-5).all()
    whole = whole_numbers(sizes)
    assert whole.sum() == total
    assert (np.abs(whole - sizes) < 1).all()
    assert ((whole >= least) & (whole <= most)).all()


strata = st.lists(
    st.tuples(st.integers(2, 12), st.floats(0.5, 20)), min_size=2, max_size=3
).map(lambda parts: tuple(Stratum(f"s{i}", n, s) for i, (n, s) in enumerate(parts)))


@given(strata, st.floats(0, 1))
def test_no_other_division_has_a_clearly_smaller_margin_than_neymans(strata, part):
    sizes = [s.population for s in strata]
    n = round(2 * len(strata) + part * (sum(sizes) - 2 * len(strata)))
    got = allocate(strata, n, rule="neyman", assumptions=PLAIN, bounds=Bounds(least=1))
    assume(got.margin)

    def spread(way: tuple[int, ...]) -> float:
        return sum(
            (s.population * s.standard_deviation) ** 2 * (1 / k - 1 / s.population)
            for s, k in zip(strata, way, strict=True)
        )

    ways = [w for w in product(*(range(1, m + 1) for m in sizes)) if sum(w) == n]
    chosen = tuple(share.answers for share in got.strata)
    assert chosen in ways
    # Rounding costs at most what one answer is worth where it is worth most.
    best = min(spread(way) for way in ways)
    one_answer = max(
        (s.population * s.standard_deviation) ** 2 / (k * (k + 1))
        for s, k in zip(strata, chosen, strict=True)
    )
    assert spread(chosen) <= best + one_answer * len(strata) + 1e-9


def test_all_wrong_inputs_are_named_at_once():
    wrong = (Stratum("a", 0, -1.0, cost=0.0), Stratum("a", 10, mean=0.0))
    with pytest.raises(CannotEstimate) as refusal:
        allocate(
            wrong,
            5,
            rule="power",
            assumptions=Assumptions(confidence=2),
            bounds=Bounds(-1, 3),
        )
    assert str(refusal.value).splitlines() == [
        "confidence is 2; it must be between 0 and 1",
        "stratum a is given 2 times",
        "stratum a: population is 0; it must be 1 or more",
        "stratum a: standard_deviation is -1; it must be 0 or more",
        "stratum a: cost is 0; it must be above 0",
        "stratum a: the rule power needs a mean that is not 0",
        "stratum a: the rule power needs a mean that is not 0",
        "the least size is -1; it must be 0 or more",
        "exponent is 3; it must lie between 0 and 1",
    ]


@pytest.mark.parametrize(
    ("n", "message"),
    [
        (0, "answers is 0; it must be 1 or more"),
        (5, "5 answers are too few for the least sizes of 3 strata: 6 are needed"),
        (10_001, "10001 answers are more than the 10000 people"),
    ],
)
def test_sizes_that_no_division_has_are_refused(n, message):
    with pytest.raises(CannotEstimate, match=message):
        allocate(THREE, n, rule="equal", assumptions=PLAIN)


def test_strata_without_spread_cannot_use_up_a_neyman_sample():
    strata = (Stratum("a", 20, 1.0), Stratum("b", 100, 0.0))
    with pytest.raises(CannotEstimate, match="so 22 answers can be used, not 50"):
        allocate(strata, 50, rule="neyman", assumptions=PLAIN)
