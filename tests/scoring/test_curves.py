"""The curves of the Mazziotta-Pareto index, and what every curve has in common."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from small_systems import score_table, small

from app.scoring.definition.curves import CURVES, curve_of, extent
from app.scoring.definition.methods import Method

METHOD = TypeAdapter(Method)
AMPI = {"method": "ampi", "goalposts": {"lower": 20, "upper": 80}}
EVERY = [
    {"method": "minmax", "range": (0.0, 100.0)},
    {"method": "zscore"},
    {"method": "efficacy", "base": 60, "top": 100, "bounds": "data"},
    {"method": "efficacy_exp", "base": 60, "top": 100, "bounds": "data"},
    {"method": "goalposts", "lower": 20, "upper": 80, "log": True, "clip": False},
    {"method": "target", "target": 50},
    {"method": "ratio_best"},
    {"method": "borda"},
    {"method": "percentile_rank"},
    {"method": "mpi"},
    AMPI,
]
values = st.lists(st.integers(1, 100), min_size=2, max_size=20, unique=True)


def curve(method, direction, reference=()):
    return curve_of(METHOD.validate_python(method), direction, np.array(reference, float))


@given(values, st.sampled_from([1, -1]))
def test_mpi_has_mean_100_and_population_deviation_10(reference, direction):
    scores = curve({"method": "mpi"}, direction, reference)(np.array(reference, float))
    assert scores.mean() == pytest.approx(100)
    assert scores.std() == pytest.approx(10)


def test_ampi_gives_70_and_130_at_its_goalposts_and_goes_on_beyond_them():
    up, down = curve(AMPI, 1), curve(AMPI, -1)
    assert up(np.array([20, 50, 80, 90.0])) == pytest.approx([70, 100, 130, 140])
    assert down(np.array([20, 50, 80, 90.0])) == pytest.approx([130, 100, 70, 60])


@pytest.mark.parametrize("method", EVERY)
@given(reference=values)
def test_better_values_never_score_less(method, reference):
    ordered = np.sort(np.array(reference, float))
    assert (np.diff(curve(method, 1, ordered)(ordered)) >= -1e-9).all()
    assert (np.diff(curve(method, -1, ordered)(ordered)) <= 1e-9).all()


@pytest.mark.parametrize("method", EVERY)
def test_an_extent_holds_every_score_between_its_ends(method):
    reference = np.linspace(10, 90, 17)
    found = METHOD.validate_python(method)
    fitted = curve_of(found, -1, reference)
    low, high = extent(found, fitted, 30, 55)
    between = fitted(np.linspace(30, 55, 26))
    assert low <= between.min() + 1e-12
    assert between.max() <= high + 1e-12


def test_every_method_of_a_definition_has_a_curve():
    shapes = METHOD.json_schema()["$defs"].values()
    named = [
        shape["properties"]["method"] for shape in shapes if "method" in shape["properties"]
    ]
    names = {n for shape in named for n in shape.get("enum", [shape.get("const")])}
    assert names == set(CURVES)


def test_mpi_of_equal_values_needs_a_rule():
    found = small()
    rule = {"rule": "fixed", "value": 100}
    found["indicators"][0]["normalise"] = {"method": "mpi", "zero_range": rule}
    table = {u: {"jobs": 7.0, "clean": 50.0, "calm": 50.0} for u in "ab"}
    assert score_table(found, table).unit("a").step("jobs").normalised == 100


def test_an_index_of_the_mazziotta_pareto_kind_rewards_balance():
    found = small()
    found["nodes"] = [found["nodes"][0] | {"aggregate": "mpi_minus", "weights_sum_to": None}]
    for card in found["indicators"]:
        card |= {"parent": "all", "normalise": {"method": "mpi"}}
    table = {
        "even": {"jobs": 50.0, "clean": 50.0, "calm": 50.0},
        "odd": {"jobs": 20.0, "clean": 50.0, "calm": 80.0},
        "other": {"jobs": 80.0, "clean": 50.5, "calm": 20.0},
    }
    result = score_table(found, table)
    steps = np.array([[step.normalised for step in u.indicators] for u in result.units])
    means, spreads = steps.mean(axis=1), steps.std(axis=1)
    assert [u.gross for u in result.units] == pytest.approx(means - spreads**2 / means)
