"""Worst cases against brute force, shrinkage against its formula, and the points of a round."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.anomaly.bounds.points import bound_points
from app.anomaly.bounds.shrinkage import mean_variances, shrink, tau_squared
from app.anomaly.bounds.worst_case import answers_to_move, worst_case
from app.anomaly.submissions import Reference, Submissions
from app.stats.opt_in.contamination import worst_case as published_worst_case

SCORES = st.floats(0, 100)
WEIGHTS = st.one_of(st.just(0.0), st.floats(0.01, 1))
ANSWERS = st.lists(st.tuples(SCORES, WEIGHTS), min_size=1, max_size=12)
SHARES = st.floats(0, 1)


def columns(answers):
    table = np.array(answers, float)
    return table[:, 0], table[:, 1]


def submissions_of(points, scores):
    n = len(points)
    empty, nothing = np.full(n, ""), np.full(n, np.nan)
    return Submissions(
        identifier=np.array([f"r{i}" for i in range(n)], dtype=np.str_),
        point=np.array(points, dtype=np.str_),
        district=empty,
        channel=empty,
        enumerator=empty,
        minute=nothing,
        device=empty,
        network=empty,
        client=empty,
        dwell=np.full((n, 1), np.nan),
        comment=empty,
        comment_length=np.zeros(n),
        answers=np.full((n, 1), np.nan),
        highest=np.array([4.0]),
        score=np.array(scores, float),
        assured=np.zeros(n, bool),
    )


def reference_of(points, scores):
    n = len(points)
    empty = np.full((n, 1), np.nan)
    return Reference(np.array(points, np.str_), empty, np.array([4.0]), np.array(scores, float))


def bounds_of(points, scores, *, influence=None, epsilon=None, reference=None):
    n = len(points)
    return bound_points(
        submissions_of(points, scores),
        influence=np.ones(n) if influence is None else np.array(influence, float),
        capped=np.ones(n),
        epsilon=np.full(len(set(points)), 0.1) if epsilon is None else np.array(epsilon),
        reference=reference,
    )


@given(ANSWERS, SHARES)
def test_the_mean_lies_within_its_worst_case_and_that_within_the_answers(answers, epsilon):
    scores, weights = columns(answers)
    low, high = worst_case(scores, weights, epsilon=epsilon)
    if weights.sum() == 0:
        assert (low, high) == (0, 100)
        return
    mean = np.average(scores, weights=weights)
    kept = scores[weights > 0]
    assert kept.min() - 1e-9 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= kept.max() + 1e-9


@given(ANSWERS, SHARES, SHARES)
def test_more_false_answers_never_make_the_worst_case_narrower(answers, one, other):
    scores, weights = columns(answers)
    less, more = sorted((one, other))
    narrow = worst_case(scores, weights, epsilon=less)
    wide = worst_case(scores, weights, epsilon=more)
    assert wide[0] <= narrow[0] + 1e-9
    assert narrow[1] <= wide[1] + 1e-9


@given(st.lists(SCORES, min_size=2, max_size=7), st.data())
def test_every_choice_of_false_answers_lies_within_and_two_reach_the_ends(scores, data):
    false = data.draw(st.integers(0, len(scores) - 1))
    low, high = worst_case(np.array(scores), np.ones(len(scores)), epsilon=false / len(scores))
    honest = [np.mean(kept) for kept in itertools.combinations(scores, len(scores) - false)]
    assert low == pytest.approx(min(honest), abs=1e-9)
    assert high == pytest.approx(max(honest), abs=1e-9)


def test_the_answer_at_the_boundary_is_left_out_in_part():
    low, high = worst_case(np.array([0.0, 50, 100]), np.ones(3), epsilon=0.5)
    assert low == pytest.approx((0 * 1 + 50 * 0.5) / 1.5)
    assert high == pytest.approx((100 * 1 + 50 * 0.5) / 1.5)


@given(ANSWERS, st.floats(0, 0.95))
def test_a_point_has_the_worst_case_that_is_published_for_it(answers, epsilon):
    scores, weights = columns(answers)
    published = published_worst_case(
        scores, weights, place=np.zeros(len(scores), int), share=np.array([epsilon])
    )
    if published is not None:
        low, high = worst_case(scores, weights, epsilon=epsilon)
        assert (low, high) == pytest.approx((published.low, published.high), abs=1e-6)


@pytest.mark.parametrize("epsilon", [-0.01, 1.01, math.nan])
def test_a_share_outside_zero_and_one_is_refused(epsilon):
    with pytest.raises(ValueError, match="between 0 and 1"):
        worst_case(np.array([1.0]), np.ones(1), epsilon=epsilon)


@given(st.floats(5, 95), st.floats(1, 1000))
def test_the_answers_to_move_do_move_the_mean_by_a_point(score, weight):
    up, down = answers_to_move(score, weight)
    assert (weight * score + 100 * up) / (weight + up) == pytest.approx(score + 1)
    assert weight * score / (weight + down) == pytest.approx(score - 1)


def test_a_mean_near_the_end_cannot_be_moved_past_it():
    assert answers_to_move(99.2, 50)[0] == math.inf
    assert answers_to_move(0.8, 50)[1] == math.inf
    assert answers_to_move(math.nan, 0) == (math.inf, math.inf)
    assert answers_to_move(80, 190) == (10, pytest.approx(190 / 79))


SPREADS = st.lists(st.tuples(st.floats(-60, 60), st.floats(0.01, 400)), min_size=1, max_size=30)


@given(SPREADS, st.floats(0, 5000))
def test_the_weight_of_a_sample_is_a_share_and_the_shrunk_mean_lies_between(spreads, tau2):
    difference, variance = columns(spreads)
    open_mean = np.full(len(difference), 60.0)
    estimate, k = shrink(
        open_mean=open_mean,
        open_variance=variance / 10,
        sample_mean=open_mean - difference,
        sample_variance=variance,
        tau2=tau2,
    )
    assert ((k >= 0) & (k <= 1)).all()
    between = np.sort([open_mean, open_mean - difference], axis=0)
    assert (between[0] - 1e-9 <= estimate).all()
    assert (estimate <= between[1] + 1e-9).all()


@given(SPREADS)
def test_tau_squared_is_never_negative_and_knows_no_direction(spreads):
    differences, variances = columns(spreads)
    tau2 = tau_squared(differences, variances)
    assert tau2 >= 0
    assert tau_squared(-differences, variances) == pytest.approx(tau2)


def test_tau_squared_is_zero_by_chance_alone_and_finds_what_is_there():
    dice = np.random.default_rng(11)
    noise = np.full(4000, 20.0)
    chance = dice.normal(0, math.sqrt(20), 4000)
    assert tau_squared(chance, noise) < 1
    assert tau_squared(chance + dice.normal(0, 3, 4000), noise) == pytest.approx(9, abs=1.5)
    assert tau_squared(chance + 3.0, noise) > 4, "what all are off by counts too"


def test_two_attacked_points_do_not_make_forty_doubtful():
    dice = np.random.default_rng(3)
    differences = dice.normal(0, math.sqrt(20), 40)
    attacked = differences.copy()
    attacked[:2] += 35
    noise = np.full(40, 20.0)
    plain = (attacked**2).mean() - 20
    assert plain > 50
    assert tau_squared(attacked, noise) < tau_squared(differences, noise) + 8


def test_nothing_known_of_the_noise_is_no_evidence_of_doubt():
    assert tau_squared(np.array([5.0, np.nan]), np.array([np.nan, 2.0])) == 0
    assert tau_squared(np.array([]), np.array([])) == 0


def test_the_spread_of_small_groups_is_pooled():
    scores = np.array([60.0, 80, 70, 70, 70, 50])
    group = np.array([0, 0, 1, 1, 1, 2])
    mean, variance = mean_variances(scores, np.ones(6), group=group, groups=4)
    pooled = 200 / (1 + 2 + 0)
    assert mean[:3].tolist() == [70, 70, 50]
    assert variance[:3] == pytest.approx([pooled / 2, pooled / 3, pooled])
    assert np.isnan(mean[3])
    assert np.isnan(variance[3])


def test_a_point_is_counted_and_scored_as_it_was_treated():
    points = ["B", "A", "A", "A", "A"]
    (a, b) = bounds_of(
        points,
        [50, 100, 40, 80, np.nan],
        influence=[1, 0, 1, 0.5, 1],
        epsilon=[0.0, 0.2],
    )
    assert (a.point, a.n, a.reduced, a.excluded) == ("A", 4, 1, 1)
    assert a.raw == a.capped == pytest.approx(220 / 3)
    assert a.score == a.low == a.high == pytest.approx((40 + 40) / 1.5)
    assert a.answers_up == pytest.approx(3 / (100 - 220 / 3 - 1))
    assert (b.score, b.low, b.high, b.epsilon) == (50, 50, 50, 0.2)
    assert b.sample_n == 0
    assert math.isnan(b.shrunk)


def test_a_point_where_nothing_counts_may_have_any_honest_mean():
    (none, silent) = bounds_of(["A", "B"], [70, np.nan], influence=[0, 1])
    assert math.isnan(none.score)
    assert (none.low, none.high) == (0, 100)
    assert none.raw == 70
    assert math.isnan(silent.raw)
    assert silent.answers_up == math.inf


def test_a_round_without_responses_has_no_points():
    assert bounds_of([], []) == ()
    assert bounds_of([], [], reference=reference_of(["A"], [50])) == ()


def test_a_share_is_needed_for_every_point():
    with pytest.raises(ValueError, match="2 points"):
        bounds_of(["A", "B"], [70, 80], epsilon=[0.1])


def test_a_sample_stands_beside_the_score_and_does_not_change_it():
    dice = np.random.default_rng(5)
    points = [name for name in "ABCDEF" for _ in range(100)]
    scores = dice.uniform(60, 100, 600)
    sampled = [name for name in "ABCDE" for _ in range(20)]
    reference = reference_of([*sampled, "Z"], np.append(dice.uniform(40, 80, 100), 1.0))
    alone = bounds_of(points, scores)
    beside = bounds_of(points, scores, reference=reference)
    for plain, drawn in zip(alone[:5], beside[:5], strict=True):
        assert (plain.score, plain.low, plain.high) == (drawn.score, drawn.low, drawn.high)
        assert drawn.sample_n == 20
        k = drawn.shrinkage
        assert 0.5 < k < 1, "all volunteers are twenty points off"
        assert drawn.shrunk == pytest.approx((1 - k) * drawn.score + k * drawn.sample_mean)
    assert beside[5].shrinkage == 0
    assert math.isnan(beside[5].shrunk)


def test_a_sample_alone_speaks_where_no_response_counts():
    reference = reference_of(["A", "A", "B", "B"], [40, 60, 70, 90])
    bounds = bounds_of(["A", "B", "B"], [99, 70, 72], influence=[0, 1, 1], reference=reference)
    assert (bounds[0].shrinkage, bounds[0].shrunk) == (1, 50)
    assert 0 <= bounds[1].shrinkage < 1


def test_a_sample_of_one_each_has_no_known_spread_and_does_not_draw():
    reference = reference_of(["A", "B"], [40, np.nan])
    bounds = bounds_of(["A", "A", "B"], [70, 80, 90], reference=reference)
    assert (bounds[0].shrinkage, bounds[0].shrunk, bounds[0].sample_n) == (0, 75, 1)
    assert bounds[1].sample_n == 0
