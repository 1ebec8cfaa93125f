"""The doubly robust mean equals R's, forgives one wrong model, and has a variance by it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opt_in_case import OptInCase, crossed, two_samples

from app.errors import CannotEstimate
from app.stats.opt_in.covariate_matrix import covariate_matrix
from app.stats.opt_in.covariates import parse_covariates
from app.stats.opt_in.doubly_robust import (
    CellAnswers,
    doubly_robust_mean,
    group_answers,
    outcome_model,
)
from app.stats.opt_in.model_variance import (
    Redraws,
    ReferenceDraw,
    bootstrap_variance,
    rescaled_bootstrap,
)
from app.stats.opt_in.propensity import TwoSamples, count_cells, fit_propensity


def answers_of(samples: TwoSamples, seed: int) -> CellAnswers:
    """Two groups of answers in every cell, whose counts are those of the sample."""
    k, dice = len(samples), np.random.default_rng(seed)
    share = dice.uniform(0.1, 0.9, k)
    cell = np.tile(np.arange(k), 2)
    n = np.concatenate([samples.opt_in * share, samples.opt_in * (1 - share)])
    return CellAnswers(cell, dice.normal(60, 20, 2 * k), n)


def test_the_mean_and_the_outcome_model_agree_with_r():
    case = OptInCase()
    samples, cell = case.count(case.covariates())
    got = doubly_robust_mean(samples, fit_propensity(samples).weight, case.answers(cell))
    want = case.expected
    assert got.value == pytest.approx(want["doubly_robust_mean_q1"], rel=1e-10)
    assert got.outcome.coefficients == pytest.approx(want["outcome_coefficients"], rel=1e-10)
    assert got.n == want["weights_propensity"]["n"]
    assert got.n / got.effective_n == pytest.approx(
        want["weights_propensity"]["kish_deff"], rel=1e-10
    )
    assert got.estimand == "population under the named model"


@pytest.mark.parametrize("item", ["q1", "visits"])
def test_the_weighted_means_agree_with_r(item):
    case = OptInCase()
    samples, cell = case.count(case.covariates())
    weight = fit_propensity(samples).weight
    expected = {entry["id"]: entry["rows"] for entry in case.expected["estimates"]}
    (want,) = (row for row in expected["propensity_mean"] if row["item"] == item)
    got = doubly_robust_mean(samples, weight, case.answers(cell, item))
    assert got.weighted_mean == pytest.approx(want["estimate"], rel=1e-10)
    assert got.sum_of_weights == pytest.approx(want["sum_w"], rel=1e-10)


def test_the_weighted_means_of_the_zones_agree_with_r():
    case = OptInCase()
    samples, cell = case.count(case.covariates())
    weight = fit_propensity(samples).weight
    expected = {entry["id"]: entry["rows"] for entry in case.expected["estimates"]}
    urban = samples.covariates.values[:, 1] == 1
    for row in expected["propensity_by_zone"]:
        domain = urban if row["domain"]["zone"] == "urban" else ~urban
        got = doubly_robust_mean(samples, weight, case.answers(cell), domain=domain)
        assert got.weighted_mean == pytest.approx(row["estimate"], rel=1e-10)
        assert got.n == row["n"]


@given(two_samples(), st.integers(0, 99))
def test_where_everybody_answered_it_is_the_plain_mean(samples, seed):
    answers = answers_of(samples, seed)
    everybody = TwoSamples(samples.covariates, samples.opt_in, samples.opt_in)
    got = doubly_robust_mean(everybody, np.ones(len(samples)), answers)
    plain = answers.n @ answers.y / answers.n.sum()
    assert got.value == pytest.approx(plain)
    assert got.weighted_mean == pytest.approx(plain)


@given(two_samples(), st.integers(0, 99), st.floats(-3, 3), st.floats(-50, 50))
def test_a_linear_map_of_the_answers_maps_the_mean(samples, seed, factor, shift):
    answers = answers_of(samples, seed)
    mapped = CellAnswers(answers.cell, shift + factor * answers.y, answers.n)
    weight = fit_propensity(samples).weight
    want = shift + factor * doubly_robust_mean(samples, weight, answers).value
    got = doubly_robust_mean(samples, weight, mapped).value
    assert got == pytest.approx(want, rel=1e-9, abs=1e-7)


@given(two_samples(), st.integers(0, 99))
def test_answers_on_the_line_of_the_model_leave_nothing_to_correct(samples, seed):
    b = np.random.default_rng(seed).normal(size=samples.covariates.values.shape[1])
    line = samples.covariates.values @ b
    answers = CellAnswers(np.arange(len(samples)), line, samples.opt_in)
    truth = samples.reference @ line / samples.reference.sum()
    # Even under weights that are nonsense.
    got = doubly_robust_mean(samples, np.arange(1.0, len(samples) + 1), answers)
    assert got.value == pytest.approx(truth, rel=1e-7, abs=1e-9)


def population(dice: np.random.Generator, n: int = 60_000):
    """People whose answering and opinion both hang on their education and zone."""
    zone, edu = dice.integers(0, 2, n), dice.integers(0, 4, n)
    takes_part = dice.random(n) < 1 / (1 + np.exp(4 - 0.7 * zone - 0.6 * edu))
    opinion = 70 - 8 * edu + 6 * zone - 9 * zone * edu + dice.normal(0, 10, n)
    return zone.astype(str), edu.astype(str), takes_part, opinion


def errors_under(phrase: str, rounds: int = 12) -> np.ndarray:
    """Raw, weighted, predicted and doubly robust mean less the truth, over simulated rounds."""
    errors = []
    for seed in range(rounds):
        dice = np.random.default_rng(seed)
        zone, edu, takes_part, opinion = population(dice)
        a, b = np.flatnonzero(takes_part), dice.choice(len(zone), 3000, replace=False)
        rows = np.concatenate([a, b])
        is_a = np.arange(len(rows)) < len(a)
        matrix = covariate_matrix(
            {"zone": zone[rows], "edu": edu[rows]}, parse_covariates(phrase).terms
        )
        samples, cell = count_cells(
            matrix,
            opt_in=is_a.astype(float),
            reference=np.where(is_a, 0.0, len(zone) / len(b)),
        )
        answers = CellAnswers(cell[is_a], opinion[a], np.ones(len(a)))
        got = doubly_robust_mean(samples, fit_propensity(samples).weight, answers)
        means = opinion[a].mean(), got.weighted_mean, got.predicted_mean, got.value
        errors.append(np.array(means) - opinion.mean())
    return np.array(errors)


def test_under_a_right_model_of_answering_the_bias_goes_though_the_outcome_model_is_wrong():
    # The outcome has an interaction that its model does not know; the propensities have not.
    errors = errors_under("intercept, zone=1, edu dummies")
    bias = errors.mean(axis=0)
    error_of_bias = errors.std(axis=0, ddof=1) / np.sqrt(len(errors))
    raw, _, predicted, robust = bias
    assert abs(raw) > 4
    assert abs(robust) < 4 * error_of_bias[3]
    assert abs(predicted) > 6 * error_of_bias[2]


def test_covariates_that_miss_what_ties_answering_to_opinion_leave_a_bias():
    errors = errors_under("intercept, zone=1")
    assert abs(errors.mean(axis=0)[3]) > 2


def test_an_item_left_out_by_some_rests_on_those_who_answered_it():
    samples = TwoSamples(crossed(2, 2), np.full(4, 4.0), np.full(4, 40.0))
    y = np.array([1.0, 2, 3, 4, np.nan, np.nan])
    answers = CellAnswers(np.array([0, 1, 2, 3, 0, 1]), y, np.array([2.0, 2, 4, 4, 2, 2]))
    got = doubly_robust_mean(samples, fit_propensity(samples).weight, answers)
    assert got.n == 12
    assert got.value == pytest.approx(2.5)


def test_an_outcome_model_its_answers_cannot_carry_is_refused_by_name():
    samples = TwoSamples(crossed(3, 2), np.full(6, 2.0), np.full(6, 40.0))
    nobody = CellAnswers(np.arange(6), np.full(6, np.nan), np.full(6, 2.0))
    with pytest.raises(CannotEstimate, match="nobody answered this item"):
        outcome_model(samples, nobody)
    y = np.array([1.0, 2, 3, 4, np.nan, np.nan])
    with pytest.raises(CannotEstimate, match="covariate a=2: among those who answered"):
        outcome_model(samples, CellAnswers(np.arange(6), y, np.full(6, 2.0)))


def test_a_domain_nobody_is_in_has_no_mean():
    samples = TwoSamples(crossed(2, 2), np.full(4, 2.0), np.array([40.0, 40, 40, 40]))
    answers = CellAnswers(np.arange(4), np.arange(4.0), np.full(4, 2.0))
    with pytest.raises(CannotEstimate, match="nobody in the domain"):
        doubly_robust_mean(samples, np.ones(4), answers, domain=np.zeros(4, bool))


def test_groups_of_answers_do_not_depend_on_how_they_were_given():
    case, shuffled = OptInCase(), OptInCase(seed=5)
    got = []
    for one in (case, shuffled):
        samples, cell = one.count(one.covariates())
        got.append((samples, group_answers(one.answers(cell))))
    (_, first), (_, second) = got
    assert first.n.sum() == 917
    assert len(first.n) < 400
    assert first.cell.tolist() == second.cell.tolist()
    assert first.y.tolist() == second.y.tolist()
    assert first.n.tolist() == second.n.tolist()


def test_the_variance_is_repeated_by_its_seed_and_does_not_depend_on_order():
    found = []
    for case in (OptInCase(), OptInCase(seed=3)):
        samples, cell = case.count(case.covariates())
        redraws = rescaled_bootstrap(case.draw(cell), len(samples), replicates=40, seed=11)
        found.append(bootstrap_variance(samples, case.answers(cell), redraws))
    first, second = found
    assert first.doubly_robust == pytest.approx(second.doubly_robust, rel=1e-7)
    assert (first.replicates, first.failed, first.seed) == (40, 0, 11)
    assert first.basis == "model_based"


def test_the_variance_is_that_of_repeated_rounds():
    errors = errors_under("intercept, zone=1, edu dummies", rounds=40)
    zone, edu, takes_part, opinion = population(np.random.default_rng(0))
    dice = np.random.default_rng(77)
    a, b = np.flatnonzero(takes_part), dice.choice(len(zone), 3000, replace=False)
    rows = np.concatenate([a, b])
    is_a = np.arange(len(rows)) < len(a)
    terms = parse_covariates("intercept, zone=1, edu dummies").terms
    samples, cell = count_cells(
        covariate_matrix({"zone": zone[rows], "edu": edu[rows]}, terms),
        opt_in=is_a.astype(float),
        reference=np.where(is_a, 0.0, 20.0),
    )
    draw = ReferenceDraw(
        cell[~is_a], np.full(len(b), 20.0), np.full(len(b), "all"), b.astype(str)
    )
    redraws = rescaled_bootstrap(draw, len(samples), replicates=100, seed=2)
    answers = CellAnswers(cell[is_a], opinion[a].round(), np.ones(len(a)))
    got = bootstrap_variance(samples, answers, redraws)
    ratio = np.sqrt(got.doubly_robust[0, 0]) / errors[:, 3].std(ddof=1)
    assert 0.7 < ratio < 1.4


def test_domains_come_with_their_covariance():
    case = OptInCase()
    samples, cell = case.count(case.covariates())
    urban = samples.covariates.values[:, 1] == 1
    redraws = rescaled_bootstrap(case.draw(cell), len(samples), replicates=30, seed=1)
    got = bootstrap_variance(samples, case.answers(cell), redraws, domains=[urban, ~urban])
    assert got.doubly_robust.shape == (2, 2)
    assert (np.linalg.eigvalsh(got.doubly_robust) > 0).all()


def test_a_bootstrap_leaves_totals_where_they_are_on_average():
    case = OptInCase()
    samples, cell = case.count(case.covariates())
    redraws = rescaled_bootstrap(case.draw(cell), len(samples), replicates=400, seed=8)
    totals = redraws.reference.sum(axis=0)
    assert totals.mean() == pytest.approx(samples.reference.sum(), rel=0.02)
    # The textbook variance of the total, from the spread of the villages in their strata.
    draw = case.draw(cell)
    by_village = {
        (s, p): draw.weight[(draw.stratum == s) & (draw.psu == p)].sum()
        for s, p in zip(draw.stratum.tolist(), draw.psu.tolist(), strict=True)
    }
    want = sum(
        3 * np.var([total for (s, _), total in by_village.items() if s == h], ddof=1)
        for h in {s for s, _ in by_village}
    )
    assert totals.var(ddof=1) == pytest.approx(want, rel=0.25)


def test_a_stratum_with_one_unit_has_no_bootstrap():
    draw = ReferenceDraw(
        np.arange(3), np.ones(3), np.array(["n", "n", "s"]), np.array(["a", "b", "a"])
    )
    with pytest.raises(CannotEstimate, match="single first-stage unit in stratum s"):
        rescaled_bootstrap(draw, 3, seed=1)


def test_answers_that_are_not_all_there_have_no_variance():
    samples = TwoSamples(crossed(2, 2), np.full(4, 4.0), np.full(4, 40.0))
    answers = CellAnswers(np.arange(4), np.arange(4.0), np.full(4, 3.0))
    with pytest.raises(CannotEstimate, match="Keep those who left it out"):
        bootstrap_variance(samples, answers, Redraws(np.full((4, 5), 40.0), 1))


def test_too_many_redraws_without_a_solution_are_refused():
    samples = TwoSamples(crossed(2, 2), np.array([1.0, 1, 30, 1]), np.full(4, 400.0))
    answers = CellAnswers(np.arange(4), np.arange(4.0), samples.opt_in)
    with pytest.raises(CannotEstimate, match="redrawn samples have no solution"):
        bootstrap_variance(samples, answers, Redraws(np.full((4, 30), 400.0), 1))
