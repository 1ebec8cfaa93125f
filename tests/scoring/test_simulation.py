"""Simulated intervals and places: against known answers, and what must always hold."""

from dataclasses import replace

import numpy as np
import pytest
from composite_cases import load
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm
from simulated_worlds import case_with_errors, plain, scored
from small_systems import card, read, small, text

from app.errors import InputRefused
from app.scoring.index import carry_out
from app.scoring.inputs import Covariance, Event, IndicatorValue, ScoredUnit
from app.scoring.results import as_document
from app.scoring.simulation.monte_carlo import draw_scores, simulate
from app.survey.text import Text

CASE = "p09_se_analytic_rank"


@pytest.fixture(scope="module")
def simulation():
    return simulate(case_with_errors(), seed=20261122, draws=10_000)


@pytest.fixture(scope="module")
def expected():
    return load(CASE, "expected.json")


def test_mean_ranks_and_the_probability_of_every_rank_are_those_of_the_case(
    simulation, expected
):
    for unit in simulation.units:
        assert unit.overall.mean_rank == pytest.approx(
            expected["mean_rank"][unit.unit], abs=0.06
        )
        drawn = dict(unit.overall.probabilities)
        for rank in range(1, 6):
            probability = expected["rank_probability"][f"rank{rank}"][unit.unit]
            assert drawn.get(rank, 0.0) == pytest.approx(probability, abs=0.02)


def test_rank_intervals_are_exact_where_the_case_is_sure_and_else_flagged(simulation, expected):
    for unit in simulation.units:
        low, high = expected["rank_interval90"][unit.unit]
        if expected["interval_margin"][unit.unit] >= 0.01:
            assert (unit.overall.low, unit.overall.high) == (low, high)
        else:
            assert unit.overall.low_near_a_cut or unit.overall.high_near_a_cut
            assert abs(unit.overall.low - low) <= 1
            assert abs(unit.overall.high - high) <= 1


def test_score_intervals_and_duels_are_those_of_the_normal_distribution(simulation, expected):
    for unit in simulation.units:
        low, high = expected["score_interval90"][unit.unit]
        assert unit.score_interval == pytest.approx((low, high), abs=0.05 * (high - low))
    duels = next(duels for duels in simulation.duels if duels.region_type is None)
    for unit, row in zip(duels.units, duels.beats, strict=True):
        beats = expected["prob_row_beats_column"][unit]
        assert row == pytest.approx([beats[other] for other in duels.units], abs=0.02)


def test_the_analytic_standard_error_is_that_of_the_case(expected):
    for unit in case_with_errors().result.units:
        want = expected["score_se"][unit.unit]
        assert unit.standard_error.value == pytest.approx(want, abs=1e-10)


def test_a_simulation_is_plain_values_and_the_same_seed_gives_the_same(simulation):
    one, again = (simulate(case_with_errors(), seed=7, draws=500) for _ in range(2))
    assert again == one
    document = as_document(simulation)
    assert document["units"][0]["overall"]["low"] == 1
    assert simulate(case_with_errors(), seed=1, draws=500) != one


# Errors that move together: the exact answer is a bivariate normal distribution.

PAIR = {"a": {"jobs": 50.0, "clean": 50.0}, "b": {"jobs": 51.0, "clean": 49.5}}


def test_correlated_errors_of_one_unit_widen_its_interval_as_the_formula_says():
    found = plain(("jobs", 1), ("clean", 3))
    errors = {"a": {"jobs": 2.0, "clean": 1.0}}
    together = [Covariance("a", "jobs", "clean", 1.8)]
    scoring = scored(found, PAIR, errors, together)
    drawn = draw_scores(scoring, seed=3, draws=6_000).finals[:, 0]
    variance = (0.25 * 2) ** 2 + 0.75**2 + 2 * 0.25 * 0.75 * 1.8
    assert scoring.result.units[0].standard_error.value == pytest.approx(variance**0.5)
    assert drawn.std() == pytest.approx(variance**0.5, rel=0.03)


@pytest.mark.parametrize("correlation", [-0.8, 0.0, 0.9, 1.0])
def test_errors_shared_between_units_decide_duels_as_the_bivariate_normal_does(correlation):
    table = {"a": {"jobs": 50.0}, "b": {"jobs": 51.0}}
    errors = {"a": {"jobs": 1.0}, "b": {"jobs": 2.0}}
    scoring = scored(plain(), table, errors)
    shared = [Covariance("a", "jobs", "jobs", correlation * 2, other_unit="b")]
    simulation = simulate(replace(scoring, covariances=shared), seed=8, draws=6_000)
    spread = np.sqrt(1 + 4 - 2 * correlation * 2)
    assert simulation.duels[0].beats[1][0] == pytest.approx(norm.cdf(1 / spread), abs=0.02)


def test_both_of_two_units_fall_below_a_bar_as_often_as_the_bivariate_normal_says():
    table = {"a": {"jobs": 50.0}, "b": {"jobs": 51.0}}
    errors = {"a": {"jobs": 1.0}, "b": {"jobs": 2.0}}
    shared = [Covariance("b", "jobs", "jobs", 1.4, other_unit="a")]
    scoring = replace(scored(plain(), table, errors), covariances=shared)
    drawn = draw_scores(scoring, seed=8, draws=6_000).finals
    exact = multivariate_normal([50, 51], [[1, 1.4], [1.4, 4]]).cdf([50, 50])
    assert (drawn < 50).all(axis=1).mean() == pytest.approx(exact, abs=0.02)


def test_covariances_that_no_estimates_can_have_are_refused_with_the_block():
    table = {unit: {"jobs": 50.0} for unit in "abcd"}
    shared = [
        Covariance("a", "jobs", "jobs", 0.9, other_unit="b"),
        Covariance("b", "jobs", "jobs", 0.9, other_unit="c"),
        Covariance("a", "jobs", "jobs", -0.9, other_unit="c"),
    ]
    scoring = replace(scored(plain(), table, 1.0), covariances=shared)
    with pytest.raises(InputRefused) as refused:
        simulate(scoring, seed=1, draws=200)
    (problem,) = refused.value.problems
    assert problem.place == "covariances of a/jobs, b/jobs, c/jobs"
    assert "no covariance matrix" in problem.message
    assert "a/jobs、b/jobs、c/jobs 共 3 个估计值的协方差不构成协方差矩阵" in problem.in_chinese


# Rules of the official score apply in every draw.


def test_values_without_an_error_do_not_move():
    scoring = scored(plain(("jobs", 1), ("clean", 1)), PAIR)
    simulation = simulate(scoring, seed=1, draws=200)
    for unit, official in zip(simulation.units, scoring.result.units, strict=True):
        assert unit.score_interval == (official.final, official.final)
        assert unit.in_type.probabilities == ((official.rank_in_type, 1.0),)


def test_bounds_from_the_data_are_taken_anew_in_every_draw():
    found = plain()
    found["indicators"][0]["normalise"] = {"method": "minmax", "range": [0, 100]}
    table = {
        unit: {"jobs": value} for unit, value in zip("abc", (10.0, 20.0, 30.0), strict=True)
    }
    drawn = draw_scores(scored(found, table, 3.0), seed=1, draws=300).finals
    assert drawn.min(axis=1) == pytest.approx(np.zeros(300))
    assert drawn.max(axis=1) == pytest.approx(np.full(300, 100.0))


def test_a_treatment_is_made_anew_in_every_draw():
    found = plain()
    found["indicators"][0]["treat"] = {"method": "percentile", "lower": 0.1, "upper": 0.9}
    table = {f"u{i}": {"jobs": float(i)} for i in range(12)}
    scoring = scored(found, table, {"u11": {"jobs": 3.0}})
    drawn = draw_scores(scoring, seed=1, draws=300).finals
    # u9 is clipped, or not, by where the others fall.
    assert drawn[:, 11].std() > 0
    assert drawn[:, 10].std() > 0
    assert drawn[:, 5].std() == 0


def with_ledger():
    found = small()
    for one in found["indicators"]:
        one["normalise"]["clip"] = False
    table = {
        unit: dict.fromkeys(("jobs", "clean", "calm"), value)
        for unit, value in (("a", 99.0), ("b", 70.0))
    }
    events = [Event("b", "late", 2, "upheld", "doc"), Event("a", "fraud", 1, "upheld", "doc")]
    return scored(found, table, 4.0, events=events)


def test_deductions_and_the_ceiling_apply_in_every_draw():
    scoring = with_ledger()
    drawn = draw_scores(scoring, seed=1, draws=2000).finals
    assert scoring.finals.tolist() == pytest.approx([97, 69])
    assert drawn[:, 0].max() <= 100
    assert drawn[:, 1].mean() == pytest.approx(69, abs=0.3)


def test_grades_are_given_in_every_draw_and_a_veto_always_holds():
    simulation = simulate(with_ledger(), seed=1, draws=2000)
    vetoed, other = ({g.grade: g.probability for g in unit.grades} for unit in simulation.units)
    assert (vetoed["good"], vetoed["fair"]) == (0.0, 1.0)
    spread = 4 * np.sqrt(0.6**2 + 0.1**2 + 0.3**2)
    assert other["poor"] == pytest.approx(norm.cdf((60 - 69) / spread), abs=0.01)
    assert sum(other.values()) == pytest.approx(1)


def test_a_quota_of_places_is_given_out_in_every_draw():
    quota = {
        "rule": "quota",
        "scale": [
            {"grade": "good", "name": text("good"), "share": 0.34},
            {"grade": "rest", "name": text("rest")},
        ],
    }
    table = {
        unit: {"jobs": value} for unit, value in zip("abc", (50.0, 50.0, 20.0), strict=True)
    }
    simulation = simulate(scored(plain(grade=quota), table, 1.0), seed=4, draws=4000)
    shares = [unit.grades[0].probability for unit in simulation.units]
    assert shares == pytest.approx([0.5, 0.5, 0.0], abs=0.03)


def test_the_best_third_of_a_type_is_asked_for_unless_the_system_says_which():
    table = {f"u{i}": {"jobs": 50.0 + i} for i in range(7)}
    (top,) = simulate(scored(plain(), table, 1.0), seed=4, draws=500).units[6].in_type.top
    assert (top.k, top.probability > 0.9) == (3, True)
    asked = plain(uncertainty={"top": [1, 2]})
    found = simulate(scored(asked, table, 1.0), seed=4, draws=500).units[6].in_type.top
    assert [top.k for top in found] == [1, 2]


def test_an_opt_in_value_is_drawn_over_its_band_and_its_unit_gets_no_rank():
    found = plain(("jobs", 1), ("calm", 1), opt_in_accepted={"reason": text("a test")})
    found["indicators"][1]["evidence"] = "opt_in"
    units = [ScoredUnit(unit, "town") for unit in "ab"]
    values = [
        *(IndicatorValue(unit, "jobs", 50.0) for unit in "ab"),
        IndicatorValue("a", "calm", 60.0, band=(40.0, 70.0)),
    ]
    simulation = simulate(
        carry_out(read(found), units=units, values=values), seed=1, draws=4000
    )
    with_band, other = simulation.units
    # Evenly over 45 to 60, of which the middle nine tenths.
    assert with_band.score_interval == pytest.approx((45.75, 59.25), abs=0.2)
    assert with_band.in_type is None
    assert "no rank" in with_band.unranked_because.en
    assert other.in_type.probabilities == ((1.0, 1.0),)
    assert "no sampling error" in simulation.note.en


def test_a_unit_too_small_for_a_rank_gets_no_simulated_one_and_the_reason():
    reason = Text(zh="样本不足", en="too few answers")
    units = [ScoredUnit("a", "town", reason), ScoredUnit("b", "town")]
    values = [IndicatorValue(unit, "jobs", 50.0, standard_error=1.0) for unit in "ab"]
    simulation = simulate(
        carry_out(read(plain()), units=units, values=values), seed=1, draws=200
    )
    assert (simulation.unit("a").in_type, simulation.unit("a").unranked_because) == (
        None,
        reason,
    )
    assert simulation.unit("b").in_type.high == 1
    assert simulation.unit("a").score_interval is not None


def test_a_draw_that_no_method_can_take_is_left_out_and_many_are_refused():
    found = plain()
    found["indicators"][0]["normalise"] = {
        "method": "goalposts",
        "lower": 1,
        "upper": 100,
        "log": True,
    }
    rare = simulate(scored(found, {"a": {"jobs": 3.0}}, 1.2), seed=1, draws=2000)
    assert 0 < rare.lost < 20
    assert rare.draws == 2000 - rare.lost
    with pytest.raises(InputRefused, match="held a value that a method or mean cannot take"):
        simulate(scored(found, {"a": {"jobs": 3.0}}, 3.0), seed=1, draws=2000)


def test_weights_and_methods_only_move_where_that_is_asked():
    found = plain(("jobs", 1), ("clean", 1), uncertainty=DOUBTFUL)
    scoring = scored(found, PAIR)
    assert np.ptp(draw_scores(scoring, seed=1, draws=300).finals, axis=0).max() == 0
    shaken = draw_scores(scoring, seed=1, draws=300, doubts=["weights"]).finals[:, 1]
    # 51 and 49.5 with weights between 3 : 5 and 5 : 3.
    assert 49.5 + 1.5 * 3 / 8 <= shaken.min() < shaken.max() <= 49.5 + 1.5 * 5 / 8
    chosen = draw_scores(scoring, seed=1, draws=300, doubts=["aggregate"]).finals[:, 1]
    geometric = (51.0 * 49.5) ** 0.5
    assert sorted(set(chosen.round(9))) == pytest.approx([geometric, 50.25])


DOUBTFUL = {"alternatives": {"aggregate": ["geometric"], "normalise": [{"method": "rank"}]}}


def test_alternatives_that_cannot_stand_together_are_refused_by_name():
    doubts = {"alternatives": {"aggregate": ["geometric"], "normalise": [{"method": "zscore"}]}}
    found = plain(("jobs", 1), ("clean", 1), uncertainty=doubts)
    with pytest.raises(InputRefused) as refused:
        simulate(scored(found, PAIR), seed=1, draws=200, doubts=["aggregate", "normalise"])
    (problem,) = refused.value.problems
    assert problem.place == "uncertainty.alternatives, normalise[0] with aggregate[0]"
    assert "E106" in problem.message
    assert "同时采用时无法计算" in problem.in_chinese


def test_more_draws_than_fit_are_refused():
    with pytest.raises(InputRefused, match="cannot be held for 5 units"):
        simulate(case_with_errors(), seed=1, draws=20_000_000)


# What must hold for any values.

CODES = ("jobs", "clean", "calm")
points = st.integers(200, 800).map(lambda x: x / 10)
rows = st.fixed_dictionaries(dict.fromkeys(CODES, points))
tables = st.lists(rows, min_size=2, max_size=5).map(
    lambda found: {f"u{i}": row for i, row in enumerate(found)}
)
few = settings(max_examples=25, deadline=None)


def three(**others):
    return plain(("jobs", 2), ("clean", 1), ("calm", 1), **others)


def places_of(simulation):
    return {
        unit.unit: (unit.score_interval, unit.in_type, unit.overall)
        for unit in simulation.units
    }


@few
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_units_and_values_changes_nothing(table, random):
    shuffled = list(table)
    random.shuffle(shuffled)
    one, other = (
        places_of(
            simulate(scored(three(), {u: table[u] for u in names}, 2.0), seed=5, draws=64)
        )
        for names in (list(table), shuffled)
    )
    assert one == other


@few
@given(tables)
def test_no_error_gives_the_point_rank(table):
    scoring = scored(three(), table, 1e-13)
    for unit, official in zip(
        simulate(scoring, seed=5, draws=32).units, scoring.result.units, strict=True
    ):
        assert unit.in_type.probabilities == ((official.rank_in_type, 1.0),)
        assert unit.score_interval == pytest.approx((official.final, official.final))


@few
@given(tables, st.floats(0.1, 10))
def test_multiplying_all_sibling_weights_changes_nothing(table, factor):
    found = three()
    scaled = three()
    for one in scaled["indicators"]:
        one["weight"] *= factor
    one, other = (simulate(scored(f, table, 2.0), seed=5, draws=64) for f in (found, scaled))
    for a, b in zip(one.units, other.units, strict=True):
        assert a.score_interval == pytest.approx(b.score_interval)
        assert a.in_type.mean_rank == b.in_type.mean_rank


@few
@given(tables)
def test_an_indicator_of_weight_zero_changes_nothing(table):
    extended = three()
    extended["indicators"].append(card("noise", "all", 0, plausible={"from": -1e6, "to": 1e6}))
    more = {unit: {**row, "noise": 7.0} for unit, row in table.items()}
    one = simulate(scored(three(), table, 2.0), seed=5, draws=64, doubts=BOTH)
    other = simulate(scored(extended, more, 2.0), seed=5, draws=64, doubts=BOTH)
    assert places_of(one) == places_of(other)


BOTH = ("survey_error", "weights")


@few
@given(tables)
def test_the_probabilities_of_all_ranks_sum_to_one_and_the_interval_is_among_them(table):
    for unit in simulate(scored(three(), table, 5.0), seed=5, draws=128).units:
        found = dict(unit.in_type.probabilities)
        assert sum(found.values()) == pytest.approx(1)
        assert {unit.in_type.low, unit.in_type.high} <= set(found)
        mean = sum(rank * share for rank, share in found.items())
        assert unit.in_type.mean_rank == pytest.approx(mean)
