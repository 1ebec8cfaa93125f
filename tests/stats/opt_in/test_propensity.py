"""Propensities meet their equations, equal R's, and are refused by name where none exist."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opt_in_case import OptInCase, crossed, two_samples

from app.errors import CannotEstimate
from app.stats.opt_in.covariate_matrix import CovariateMatrix, covariate_matrix
from app.stats.opt_in.covariates import parse_covariates
from app.stats.opt_in.propensity import (
    TwoSamples,
    count_cells,
    fit_propensity,
    fit_propensity_within,
    overlap,
    require_overlap,
    weight_by_group,
)


def refusal_of(samples: TwoSamples) -> str:
    with pytest.raises(CannotEstimate) as refusal:
        fit_propensity(samples)
    return str(refusal.value)


def test_the_coefficients_agree_with_r():
    case = OptInCase()
    samples, _ = case.count(case.covariates())
    got = fit_propensity(samples)
    assert got.theta == pytest.approx(case.expected["theta"], rel=1e-10)


def test_the_weights_agree_with_r():
    case = OptInCase()
    samples, cell = case.count(case.covariates())
    weight = fit_propensity(samples).weight[cell][case.is_opt_in]
    want = case.expected["weights_propensity"]
    assert len(weight) == want["n"]
    assert weight.sum() == pytest.approx(want["sum"], rel=1e-10)
    assert (weight.min(), weight.max()) == pytest.approx((want["min"], want["max"]), rel=1e-10)
    assert weight @ weight == pytest.approx(want["sum_sq"], rel=1e-10)
    assert weight[:10] == pytest.approx(want["first10"], rel=1e-10)
    kish = len(weight) * (weight @ weight) / weight.sum() ** 2
    assert kish == pytest.approx(want["kish_deff"], rel=1e-10)


def test_the_bias_and_the_share_that_answered_agree_with_r():
    case = OptInCase()
    people = float(case.truth["q1"]["N"])
    samples, cell = case.count(case.covariates())
    answers = case.answers(cell)
    fraction, bias = case.expected["sampling_fraction"], case.expected["bias_unweighted_q1"]
    assert samples.opt_in.sum() / people == pytest.approx(fraction, rel=1e-10)
    error = answers.y.mean() - float(case.truth["q1"]["true_mean"])
    assert error == pytest.approx(bias, rel=1e-10)


@given(two_samples())
def test_the_equations_are_met(samples):
    got = fit_propensity(samples)
    x = samples.covariates.values
    assert (got.probability > 0).all()
    assert (got.probability < 1).all()
    wanted = samples.opt_in @ x
    assert (samples.reference * got.probability) @ x == pytest.approx(wanted, rel=1e-9)
    assert got.probability == pytest.approx(1 / (1 + np.exp(-x @ got.theta)), rel=1e-9)


@given(two_samples(), st.integers(0, 1000), st.floats(0.1, 0.9))
def test_neither_order_nor_the_grouping_of_cells_matters(samples, seed, share):
    dice = np.random.default_rng(seed)
    twice = np.concatenate([np.arange(len(samples))] * 2)
    order = dice.permutation(len(twice))
    part = np.concatenate([np.full(len(samples), share), np.full(len(samples), 1 - share)])
    split = TwoSamples(
        samples.covariates.rows(twice[order]),
        (samples.opt_in[twice] * part)[order],
        (samples.reference[twice] * part[::-1])[order],
    )
    whole, pieces = fit_propensity(samples), fit_propensity(split)
    assert pieces.theta == pytest.approx(whole.theta, rel=1e-7, abs=1e-7)
    assert overlap(split) == pytest.approx(overlap(samples))


def test_the_order_of_the_rows_does_not_matter():
    case, shuffled = OptInCase(), OptInCase(seed=7)
    want = fit_propensity(case.count(case.covariates())[0])
    got = fit_propensity(shuffled.count(shuffled.covariates())[0])
    assert got.theta == pytest.approx(want.theta, rel=1e-10)


@given(two_samples(), st.floats(0.01, 100), st.floats(-50, 50))
def test_the_scale_of_a_number_does_not_matter(samples, factor, shift):
    x = np.arange(len(samples), dtype=float)
    one = np.ones(len(samples))
    plain = CovariateMatrix(("intercept", "x"), np.column_stack([one, x]))
    moved = CovariateMatrix(("intercept", "x"), np.column_stack([one, shift + factor * x]))
    want = fit_propensity(TwoSamples(plain, samples.opt_in, samples.reference))
    got = fit_propensity(TwoSamples(moved, samples.opt_in, samples.reference))
    assert got.probability == pytest.approx(want.probability, rel=1e-7)


def test_an_intercept_alone_gives_everybody_the_same_weight():
    matrix = CovariateMatrix(("intercept",), np.ones((3, 1)))
    got = fit_propensity(TwoSamples(matrix, np.array([1.0, 2, 0]), np.array([10.0, 30, 20])))
    assert got.weight == pytest.approx([20, 20, 20])


def test_a_model_with_every_cell_gives_each_cell_its_people():
    matrix = covariate_matrix(
        {"z": np.array(["a", "b", "c"])}, parse_covariates("intercept, z dummies").terms
    )
    samples = TwoSamples(matrix, np.array([1.0, 4, 5]), np.array([10.0, 100, 7]))
    assert fit_propensity(samples).weight == pytest.approx([10, 25, 1.4])


def test_models_fitted_in_each_zone_are_those_of_the_zones_alone():
    case = OptInCase()
    phrase = "intercept, sex=M, age dummies, edu dummies (base: none)"
    zones = case.covariates("zone dummies").values[:, 0]
    own = case.covariates(phrase)
    names = (*own.names, "zone")
    matrix = CovariateMatrix(names, np.column_stack([own.values, zones]), own.levels)
    samples, cell = case.count(matrix)
    in_model = CovariateMatrix(own.names, samples.covariates.values[:, :-1], ())
    samples = TwoSamples(in_model, samples.opt_in, samples.reference)
    group = np.where(case.columns["zone"] == "urban", "urban", "rural")
    of_cell = np.empty(len(samples), group.dtype)
    of_cell[cell] = group
    fitted = fit_propensity_within(samples, of_cell)
    weight = weight_by_group(fitted, of_cell)
    for zone in ("rural", "urban"):
        here = group == zone
        alone, its_cell = count_cells(
            own.rows(np.flatnonzero(here)),
            opt_in=case.is_opt_in[here].astype(float),
            reference=np.where(case.is_opt_in, 0, case.columns["w"].astype(float))[here],
        )
        want = fit_propensity(alone)
        assert fitted[zone].theta == pytest.approx(want.theta, rel=1e-8)
        assert weight[cell][here] == pytest.approx(want.weight[its_cell], rel=1e-8)


def test_a_zone_without_a_solution_is_named_with_its_level():
    covariates = crossed(2, 2)
    samples = TwoSamples(covariates, np.array([0.0, 0, 5, 5]), np.full(4, 50.0))
    only_b = CovariateMatrix(
        ("intercept", "b=1"), covariates.values[:, [0, 2]], covariates.levels[2:]
    )
    with pytest.raises(CannotEstimate, match="in north: the opt-in sample is empty"):
        fit_propensity_within(
            TwoSamples(only_b, samples.opt_in, samples.reference),
            np.array(["north", "north", "south", "south"]),
        )


def test_every_level_that_one_sample_lacks_is_named_with_its_neighbour():
    samples = TwoSamples(
        crossed(3, 3),
        np.array([0.0, 0, 0, 3, 3, 0, 2, 2, 0]),
        np.array([90.0, 90, 90, 90, 90, 90, 90, 90, 90]),
    )
    text = refusal_of(samples)
    assert "covariate a, level 0: 270 people, but no opt-in answer" in text
    assert "merge it with the level 1" in text
    assert "covariate b, level 2: 270 people, but no opt-in answer" in text
    assert "level 1:" not in text


def test_opt_in_answers_of_a_level_unknown_to_the_reference_are_refused():
    samples = TwoSamples(crossed(3, 2), np.full(6, 3.0), np.array([50.0, 50, 50, 50, 0, 0]))
    text = refusal_of(samples)
    assert "covariate a, level 2: 6 opt-in answers, but nobody in the reference sample" in text


def test_more_answers_than_people_are_refused_by_level_and_in_all():
    level = TwoSamples(crossed(2, 2), np.array([1.0, 1, 60, 1]), np.array([90.0, 90, 30, 20]))
    assert "level 1: 61 opt-in answers, but the reference sample stands for" in refusal_of(
        level
    )
    everybody = TwoSamples(crossed(2, 2), np.full(4, 60.0), np.full(4, 50.0))
    assert "240 opt-in answers, but the reference weights sum to only 200" in refusal_of(
        everybody
    )


def test_covariates_that_repeat_each_other_are_named():
    covariates = crossed(2, 2)
    x = np.column_stack([covariates.values, covariates.values[:, 1] - covariates.values[:, 2]])
    matrix = CovariateMatrix((*covariates.names, "difference"), x, covariates.levels)
    samples = TwoSamples(matrix, np.full(4, 2.0), np.full(4, 30.0))
    assert refusal_of(samples).startswith("covariate difference: in the reference sample")


def test_covariates_that_together_separate_who_answers_are_named():
    # Everybody who answered lies above the line, and each covariate alone looks harmless.
    x, z = np.random.default_rng(3).normal(size=(2, 60))
    answered = x + z > 0.2
    terms = parse_covariates("intercept, x, z").terms
    samples = TwoSamples(
        covariate_matrix({"x": x, "z": z}, terms),
        np.where(answered, 3.0, 0.0),
        np.where(answered, 3.0, 40.0),
    )
    text = refusal_of(samples)
    assert "covariates intercept, x, z: together they tell who answers" in text


def test_an_empty_sample_is_refused():
    nobody = TwoSamples(crossed(2, 2), np.zeros(4), np.full(4, 30.0))
    assert "the opt-in sample is empty" in refusal_of(nobody)
    assert "the reference sample is empty" in refusal_of(
        TwoSamples(crossed(2, 2), np.ones(4), np.zeros(4))
    )


def test_a_missing_reference_weight_is_refused():
    with pytest.raises(CannotEstimate, match="1 of 4 rows have a count or a reference weight"):
        count_cells(crossed(2, 2), opt_in=np.ones(4), reference=np.array([1, np.nan, 2, 3]))


def test_a_rare_answerer_is_no_separation():
    samples = TwoSamples(
        crossed(2, 2), np.array([1.0, 1, 400, 90_000]), np.array([4e8, 9e8, 1e6, 2e5])
    )
    got = fit_propensity(samples)
    assert got.equation_error < 1e-11


def test_the_overlap_is_the_share_of_people_whose_cell_answered():
    samples = TwoSamples(crossed(2, 2), np.array([1.0, 0, 2, 3]), np.array([10.0, 30, 20, 40]))
    assert overlap(samples) == pytest.approx(0.7)


def test_a_combined_number_is_refused_under_four_fifths_of_overlap():
    require_overlap(0.80)
    with pytest.raises(CannotEstimate, match=r"only 79.9% of the population"):
        require_overlap(0.799)
