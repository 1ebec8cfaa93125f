"""What decided the ranks: indices of every doubt that a system states, and plain shifts."""

import pytest
from simulated_worlds import plain, scored

from app.errors import InputRefused
from app.scoring.results import as_document
from app.scoring.simulation.sensitivity import sensitivity

TABLE = {
    "a": {"jobs": 90.0, "clean": 10.0},
    "b": {"jobs": 52.0, "clean": 45.0},
    "c": {"jobs": 30.0, "clean": 60.0},
    "d": {"jobs": 20.0, "clean": None},
}
ALTERNATIVES = {
    "aggregate": ["geometric", {"power": -2}],
    "normalise": [{"method": "minmax", "range": [1, 100]}],
    "missing": [{"rule": "fixed", "value": 60}],
}


def doubtful(**others):
    doubts = {"alternatives": ALTERNATIVES, "sobol_base": 64, **others}
    return plain(("jobs", 1), ("clean", 1), uncertainty=doubts)


@pytest.fixture(scope="module")
def found():
    return sensitivity(scored(doubtful(), TABLE, {"b": {"jobs": 2.0}}), seed=1)


def test_every_doubt_that_the_system_states_is_an_input(found):
    assert found.inputs == ("survey_error", "weights", "normalise", "aggregate", "missing")
    assert len(found.rank_shift.first) == len(found.rank_shift.total) == 5
    assert found.lost == 0
    assert as_document(found)["inputs"][0] == "survey_error"


def test_each_alternative_alone_is_set_against_the_official_ranks(found):
    shifts = {(one.doubt, one.alternative): one for one in found.shifts}
    assert list(shifts) == [
        ("normalise", "minmax"),
        ("aggregate", "geometric"),
        ("aggregate", "power -2"),
        ("missing", "fixed"),
    ]
    # Officially a 50, b 48.5, c 45, d 20; geometric b 48.4, c 42.4, a 30, d 20.
    geometric = shifts["aggregate", "geometric"]
    assert (geometric.mean, geometric.largest, geometric.moved) == (1.0, 2.0, 3)
    assert geometric.ranked == 4
    # d becomes 40, and stays last.
    assert shifts["missing", "fixed"].moved == 0


def test_the_score_of_each_unit_is_taken_apart(found):
    place = found.inputs.index("missing")
    by_unit = {one.unit: one.score for one in found.units}
    assert list(by_unit) == ["a", "b", "c", "d"]
    # Only d has a gap; only b has an error, which its alternatives outweigh.
    assert by_unit["d"].total[place].value > 0.1
    assert by_unit["a"].total[place].value == 0
    assert by_unit["a"].total[0].value == 0
    assert by_unit["b"].total[0].value > 0


def test_a_single_doubt_decides_all():
    table = {"a": {"jobs": 50.0, "clean": 40.0}, "b": {"jobs": 46.0, "clean": 45.0}}
    only = plain(
        ("jobs", 1), ("clean", 1), uncertainty={"weight_noise": 0.0, "sobol_base": 1024}
    )
    found = sensitivity(scored(only, table, 3.0), seed=1)
    assert found.inputs == ("survey_error",)
    assert found.units[0].score.first[0].value == pytest.approx(1, abs=0.1)
    assert found.units[0].score.total[0].value == pytest.approx(1, abs=0.1)
    assert found.shifts == ()


def test_without_any_doubt_there_is_nothing_to_take_apart():
    only = plain(("jobs", 1), ("clean", 1), uncertainty={"weight_noise": 0.0})
    found = sensitivity(scored(only, TABLE), seed=1)
    assert (found.inputs, found.rank_shift, found.units, found.shifts) == ((), None, (), ())


def test_the_order_of_the_units_changes_nothing(found):
    turned = dict(reversed(list(TABLE.items())))
    other = sensitivity(scored(doubtful(), turned, {"b": {"jobs": 2.0}}), seed=1)
    assert {one.unit: one.score for one in other.units} == {
        u.unit: u.score for u in found.units
    }
    assert other.shifts == found.shifts
    for one, same in zip(other.rank_shift.total, found.rank_shift.total, strict=True):
        assert one.value == pytest.approx(same.value)


def test_an_alternative_that_cannot_be_computed_is_refused_by_name():
    table = {**TABLE, "e": {"jobs": 0.0, "clean": 5.0}}
    with pytest.raises(InputRefused, match=r"uncertainty.alternatives, aggregate\[0\]"):
        sensitivity(scored(doubtful(), table), seed=1)
