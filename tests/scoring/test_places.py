"""Rank sets, tiers and contenders of final scores: by formula, from draws, and for many."""

import csv
from dataclasses import replace

import pytest
from composite_cases import load
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_worlds import case_with_errors, plain, scored
from small_systems import text

from app.errors import InputRefused
from app.scoring.inputs import Covariance, Event
from app.scoring.results import as_document
from app.scoring.simulation import places as module
from app.scoring.simulation.monte_carlo import draw_scores
from app.scoring.simulation.places import places

CASE = "p14_pisa_rank_sets"


@pytest.fixture(scope="module")
def countries():
    lines = list(csv.DictReader(load(CASE, "values.csv").splitlines()))
    table = {line["unit"]: {"jobs": float(line["value"])} for line in lines}
    errors = {line["unit"]: {"jobs": float(line["se"])} for line in lines}
    return scored(plain(), table, errors)


@pytest.fixture(scope="module")
def by_csranks():
    return load(CASE, "expected.json")


def outside(found, expected, kind):
    """Bounds more than the case's tolerance, one rank, outside those expected; by how much."""
    beyond = []
    for place in found.places:
        ends, want = getattr(place, kind.partition("_")[0]), expected[kind][place.unit]
        beyond.append(
            (place.unit, want["low"][0] - 1 - ends.low, ends.high - want["high"][1] - 1)
        )
        beyond.append(
            (place.unit, ends.low - want["low"][1] - 1, want["high"][0] - 1 - ends.high)
        )
    return [one for one in beyond if max(one[1:]) > 0]


def test_the_rank_sets_of_38_countries_are_met_through_a_composite_score(countries, by_csranks):
    (found,) = places(countries, seed=1)
    assert (found.source, found.family) == ("formula", "max_t")
    assert {place.unit: place.rank for place in found.places} == by_csranks["rank"]
    assert outside(found, by_csranks, "marginal_stepdown") == []
    assert outside(found, by_csranks, "simultaneous_stepdown") == []


def test_rank_sets_of_a_large_group_are_wider_by_a_place_or_two_and_never_tighter(
    countries, by_csranks, monkeypatch
):
    (drawn,) = places(countries, seed=1)
    monkeypatch.setattr(module, "MOST_PAIRED", 10)
    (found,) = places(countries, seed=1)
    assert found.family == "bonferroni"
    assert outside(found, by_csranks, "simultaneous_stepdown") == [("SlovakRepublic", 1, -1)]
    for few, many in zip(drawn.places, found.places, strict=True):
        assert many.simultaneous.low <= few.simultaneous.low
        assert many.simultaneous.high >= few.simultaneous.high
        assert many.marginal.high - many.marginal.low >= few.marginal.high - few.marginal.low
    assert len(found.tiers) == pytest.approx(len(drawn.tiers), abs=1)


def test_sets_from_draws_are_those_of_the_formula(countries):
    (by_formula,) = places(countries, seed=1)
    drawn = draw_scores(countries, seed=1)
    bent = replace(
        countries,
        outcome=replace(
            countries.outcome,
            errors=[replace(error, value=None) for error in countries.outcome.errors],
        ),
    )
    (from_draws,) = places(bent, seed=1, drawn=drawn)
    assert from_draws.source == "draws"
    for one, other in zip(by_formula.places, from_draws.places, strict=True):
        assert other.simultaneous.low == pytest.approx(one.simultaneous.low, abs=1)
        assert other.simultaneous.high == pytest.approx(one.simultaneous.high, abs=1)


def test_tiers_hold_every_unit_once_and_share_their_places(countries):
    (found,) = places(countries, seed=1)
    assert found.tiers[0].units[0] == "Japan"
    assert found.tiers[0].first == 1
    assert found.tiers[-1].last == 38
    assert sorted(unit for tier in found.tiers for unit in tier.units) == sorted(
        place.unit for place in found.places
    )
    for place in found.places:
        assert place.unit in found.tiers[place.tier - 1].units


def test_who_may_be_among_the_best_k_is_said_for_the_k_of_the_system():
    found = plain(uncertainty={"top": [1, 2]})
    table = {
        unit: {"jobs": value} for unit, value in zip("abc", (70.0, 69.0, 30.0), strict=True)
    }
    (table,) = places(scored(found, table, 2.0), seed=1)
    assert [(one.k, one.units) for one in table.contenders] == [
        (1, ("a", "b")),
        (2, ("a", "b")),
    ]


def test_places_are_given_in_each_type_and_overall_where_the_system_ranks_everybody():
    tables = places(case_with_errors(), seed=1)
    assert [one.region_type for one in tables] == ["town", None]
    assert as_document(tables[1])["places"][0]["unit"] == "U1"
    assert tables[0].place("U5").simultaneous == module.RankSet(5, 5)


def test_scores_known_exactly_get_their_point_ranks():
    table = {unit: {"jobs": value} for unit, value in zip("abc", (3.0, 9.0, 5.0), strict=True)}
    (found,) = places(scored(plain(), table), seed=1)
    assert [place.rank for place in found.places] == [3, 1, 2]
    for place in found.places:
        assert (place.simultaneous.low, place.simultaneous.high) == (place.rank, place.rank)
        assert place.tier == place.rank


def test_units_that_the_rounding_ties_may_have_either_place():
    table = {"a": {"jobs": 50.004}, "b": {"jobs": 50.001}}
    (found,) = places(scored(plain(rank={"decimals": 2}), table), seed=1)
    assert [place.rank for place in found.places] == [1, 1]
    assert {place.simultaneous for place in found.places} == {module.RankSet(1, 2)}


def test_an_error_shared_between_units_tells_them_apart():
    table = {"a": {"jobs": 52.0}, "b": {"jobs": 50.0}}
    scoring = scored(plain(), table, 3.0)
    (apart,) = places(scoring, seed=1)
    shared = [Covariance("a", "jobs", "jobs", 8.9, other_unit="b")]
    (together,) = places(replace(scoring, covariances=shared), seed=1)
    assert apart.place("a").simultaneous == module.RankSet(1, 2)
    assert together.place("a").simultaneous == module.RankSet(1, 1)
    assert together.source == "formula"


def test_bounds_from_the_data_or_a_ceiling_within_reach_are_drawn():
    found = plain()
    found["indicators"][0]["normalise"] = {"method": "minmax", "range": [0, 100]}
    table = {unit: {"jobs": value} for unit, value in zip("abc", (3.0, 9.0, 5.0), strict=True)}
    assert places(scored(found, table, 0.5), seed=1)[0].source == "draws"

    capped = plain(
        adjustments={
            "families": [{"code": "care", "name": text("care")}],
            "items": [
                {
                    "code": "late",
                    "name": text("late"),
                    "kind": "deduct",
                    "family": "care",
                    "points": 10,
                }
            ],
            "ceiling": 9.5,
        }
    )
    assert places(scored(capped, table, 0.5), seed=1)[0].source == "draws"
    far = scored(capped, table, 0.5, events=[Event("b", "late", 1, "upheld", "doc")])
    assert places(far, seed=1)[0].source == "formula"
    assert places(far, seed=1)[0].place("b").rank == 3


def test_covariances_that_cannot_be_are_refused_before_anything_is_ranked():
    table = {unit: {"jobs": 50.0} for unit in "abc"}
    pairs = (("a", "b", 1.0), ("b", "c", 1.0), ("a", "c", -1.0))
    shared = [Covariance(u, "jobs", "jobs", value, other_unit=v) for u, v, value in pairs]
    with pytest.raises(InputRefused, match="no covariance matrix"):
        places(replace(scored(plain(), table, 1.0), covariances=shared), seed=1)


CODES = ("jobs", "clean")
rows = st.fixed_dictionaries(dict.fromkeys(CODES, st.integers(200, 800).map(lambda x: x / 10)))
tables = st.lists(rows, min_size=2, max_size=6).map(
    lambda found: {f"u{i}": row for i, row in enumerate(found)}
)
few = settings(max_examples=25, deadline=None)
PAIR = plain(("jobs", 2), ("clean", 1), uncertainty={"draws": 500})


@few
@given(tables, st.floats(0.01, 20))
def test_rank_sets_hold_the_point_rank_and_tiers_are_in_order(table, error):
    scoring = scored(PAIR, table, error)
    (found,) = places(scoring, seed=3)
    for place, unit in zip(found.places, scoring.result.units, strict=True):
        assert place.rank == unit.rank_in_type
        for ends in (place.marginal, place.simultaneous):
            assert ends.low <= place.rank <= ends.high
    ordered = sorted(found.places, key=lambda place: place.rank)
    assert [place.tier for place in ordered] == sorted(place.tier for place in ordered)


@few
@given(tables, st.floats(0.01, 20), st.floats(1, 5))
def test_larger_errors_never_narrow_a_simultaneous_set(table, error, factor):
    (narrow,), (wide,) = (
        places(scored(PAIR, table, e), seed=3) for e in (error, error * factor)
    )
    for one, other in zip(narrow.places, wide.places, strict=True):
        assert other.simultaneous.low <= one.simultaneous.low
        assert other.simultaneous.high >= one.simultaneous.high


@few
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_units_changes_no_place(table, random):
    shuffled = list(table)
    random.shuffle(shuffled)
    (one,), (other,) = (
        places(scored(PAIR, {unit: table[unit] for unit in names}, 5.0), seed=3)
        for names in (list(table), shuffled)
    )
    assert {place.unit: place for place in one.places} == {p.unit: p for p in other.places}
    assert one.tiers == other.tiers
