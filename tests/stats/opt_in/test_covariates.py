"""A phrase becomes terms, terms a matrix, and what is not understood is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import CannotEstimate
from app.stats.opt_in.covariate_matrix import covariate_matrix
from app.stats.opt_in.covariates import (
    Dummies,
    Indicator,
    Intercept,
    Numeric,
    Product,
    parse_covariates,
)

COLUMNS = {
    "zone": np.array(["rural", "urban", "urban", "rural"]),
    "edu": np.array(["senior", "none", "college", "primary"]),
    "band": np.array(["10", "9", "9", "10"]),
    "visits": np.array(["0", "2", "1", "4"]),
    "age": np.array([20.0, 31.5, 20.0, 44.0]),
}


def names_of(phrase):
    return covariate_matrix(COLUMNS, parse_covariates(phrase).terms).names


def test_the_phrase_of_a_method_note_becomes_its_terms():
    got = parse_covariates(
        "intercept, zone=urban, sex=M, age dummies (base: the first level in sort order), "
        "edu dummies (base: none)"
    )
    assert got.terms == (
        Intercept(),
        Indicator("zone", "urban"),
        Indicator("sex", "M"),
        Dummies("age"),
        Dummies("edu", base="none"),
    )
    assert got.within is None


@pytest.mark.parametrize(
    ("phrase", "term"),
    [
        ("1", Intercept()),
        ("an intercept.", Intercept()),
        ("zone == 'urban'", Indicator("zone", "urban")),
        ("年龄=18-24", Indicator("年龄", "18-24")),
        ("dummies for age", Dummies("age")),
        ("age dummies (base 18-24)", Dummies("age", base="18-24")),
        ("age dummies (reference level: 65+)", Dummies("age", base="65+")),
        ("age dummies (first level)", Dummies("age")),
        ("edu dummies (levels: none, some)", Dummies("edu", levels=("none", "some"))),
        ("visits", Numeric("visits")),
        ("visits (numeric)", Numeric("visits")),
        ("zone=urban:sex=M", Product(Indicator("zone", "urban"), Indicator("sex", "M"))),
    ],
)
def test_a_term_may_be_written_in_several_ways(phrase, term):
    assert parse_covariates(phrase).terms == (term,)


@pytest.mark.parametrize(
    ("ending", "within"),
    [
        (", in each zone separately", "zone"),
        ("; fitted separately within each zone", "zone"),
        (" separately by county", "county"),
        (", for every zone.", "zone"),
    ],
)
def test_a_phrase_may_say_in_whose_levels_the_model_is_fitted(ending, within):
    got = parse_covariates("intercept and sex=M" + ending)
    assert got.within == within
    assert got.terms == (Intercept(), Indicator("sex", "M"))


def test_every_part_that_is_not_understood_is_named():
    with pytest.raises(CannotEstimate) as refusal:
        parse_covariates("intercept, log of age, sex=M, edu dummies (whatever)")
    assert "'log of age'" in str(refusal.value)
    assert "'edu dummies (whatever)'" in str(refusal.value)
    assert "sex" not in str(refusal.value)


def test_an_empty_phrase_is_refused():
    with pytest.raises(CannotEstimate, match="none are named"):
        parse_covariates("  ")


def test_dummies_leave_out_the_first_level_or_the_one_named():
    assert names_of("zone dummies") == ("zone=urban",)
    assert names_of("zone dummies (base: urban)") == ("zone=rural",)


def test_levels_that_are_numbers_are_sorted_as_numbers():
    assert names_of("band dummies") == ("band=10",)


def test_a_ladder_everybody_knows_is_climbed_from_its_named_base():
    assert names_of("edu dummies (base: none)") == (
        "edu=primary",
        "edu=senior",
        "edu=college",
    )
    assert names_of("edu dummies") == ("edu=none", "edu=primary", "edu=senior")


def test_numbers_and_products_are_columns():
    got = covariate_matrix(COLUMNS, parse_covariates("intercept, visits, zone=urban:age").terms)
    assert got.names == ("intercept", "visits", "zone=urban:age")
    assert got.values.tolist() == [[1, 0, 0], [1, 2, 31.5], [1, 1, 20], [1, 4, 0]]


def test_a_number_may_be_a_level():
    assert names_of("age dummies") == ("age=31.5", "age=44")


def test_all_problems_of_the_columns_are_told_at_once():
    columns = {**COLUMNS, "sex": np.array(["F", "", "M", ""]), "one": np.array(["x"] * 4)}
    terms = parse_covariates(
        "height, zone=suburb, sex=M, edu (numeric), one dummies, zone dummies (levels: rural)"
    ).terms
    with pytest.raises(CannotEstimate) as refusal:
        covariate_matrix(columns, terms)
    for part in (
        "covariate height: there is no such variable",
        "covariate zone, level suburb: no row has it. The levels are rural, urban",
        "covariate sex: 2 rows have no value",
        "covariate edu: college is no number. Write 'edu dummies'",
        "covariate one: every row has the level x",
        "covariate zone, level urban: it is not among those listed",
    ):
        assert part in str(refusal.value)


def test_a_covariate_given_twice_is_refused():
    with pytest.raises(CannotEstimate, match="zone=urban is given twice"):
        names_of("zone=urban, zone dummies")


@given(
    st.lists(st.sampled_from("abcd"), min_size=2, max_size=30).filter(lambda x: len({*x}) > 1)
)
def test_dummies_and_their_base_share_out_every_row_once(levels):
    got = covariate_matrix({"v": np.array(levels)}, [Intercept(), Dummies("v")])
    assert sum(one.member.astype(int) for one in got.levels).tolist() == [1] * len(levels)
    first = min(levels)
    assert got.values[:, 1:].sum(axis=1).tolist() == [float(x != first) for x in levels]
