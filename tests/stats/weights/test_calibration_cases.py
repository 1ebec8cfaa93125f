"""Calibration by five distances, at and beyond feasible bounds, on cells: R's numbers."""

import numpy as np
import pytest
from weighted_case import WeightedCase

from app.errors import CannotEstimate
from app.stats.weights.calibration import calibrate, margin_targets, term_targets
from app.stats.weights.distance import Distance
from app.stats.weights.feasibility import narrowest_half_width
from app.stats.weights.steps import rake
from app.stats.weights.targets import Targets

GREG = WeightedCase("p06_greg_bounded")
EDGE = WeightedCase("p19_bounds_near_infeasible")
CELLS = WeightedCase("p20_cells_60000")
FIVE = ("county", "zone", "age", "sex", "edu")


def school_targets() -> Targets:
    kind = GREG.columns["stype"]
    columns = {
        "one": np.ones(len(GREG)),
        "is_H": (kind == "H").astype(float),
        "is_M": (kind == "M").astype(float),
        "api99": GREG.numbers("api99"),
    }
    totals = {row["term"]: float(row["total"]) for row in GREG.table("population.csv")}
    return term_targets(columns, totals)


def distance(step: dict) -> Distance:
    bounds = step["bounds"]
    return Distance(step["calfun"], None if bounds is None else (bounds[0], bounds[1]))


@pytest.mark.parametrize("place", range(5))
def test_each_distance_gives_the_weights_and_errors_of_r(place):
    variant = GREG.specification["variants"][place]
    want = GREG.expected["variants"][place]
    design = calibrate(GREG.base(), school_targets(), distance(variant["steps"][0]))
    (step,) = design.adjustments
    assert GREG.agrees(design.weight, want["weights"])
    assert step.factor.min() == pytest.approx(want["g_min"], rel=1e-9)
    assert step.factor.max() == pytest.approx(want["g_max"], rel=1e-9)
    assert step.margin_error < 1e-12
    assert not GREG.differences(design, want["estimates"])


@pytest.mark.parametrize("place", range(2))
def test_impossible_bounds_are_refused_with_every_total_in_conflict(place):
    step = GREG.specification["must_fail"][place]["steps"][0]
    base = GREG.base()
    with pytest.raises(CannotEstimate) as refusal:
        calibrate(base, school_targets(), distance(step))
    message = str(refusal.value)
    assert "term api99: 3914069 wanted" in message
    assert "half-width 0.593304" in message
    assert base.weight.tolist() == GREG.base().weight.tolist()


def test_the_narrowest_bounds_are_those_of_the_linear_programme_in_r():
    targets = margin_targets(EDGE.margins("age", "sex", "zone"))
    got = narrowest_half_width(EDGE.base().weight, targets)
    assert round(got, 9) == EDGE.expected["narrowest_feasible_half_width"]


@pytest.mark.parametrize("place", range(11))
def test_bounds_are_met_to_the_very_edge_and_refused_beyond_it(place):
    want = EDGE.expected["grid"][place]
    targets = margin_targets(EDGE.margins("age", "sex", "zone"))
    if not want["feasible"]:
        with pytest.raises(CannotEstimate, match=r"margin sex, level F: 1548 wanted"):
            calibrate(EDGE.base(), targets, distance(want))
        return
    design = calibrate(EDGE.base(), targets, distance(want))
    (step,) = design.adjustments
    at_bounds = sum((np.abs(step.factor - bound) < 1e-9).sum() for bound in want["bounds"])
    assert at_bounds == want["n_at_bounds"]
    assert EDGE.agrees(design.weight, want["weights"])
    assert not EDGE.differences(design, want["estimates"])


@pytest.mark.parametrize("take", ["rake", "calibrate"])
def test_contradicting_totals_are_refused_where_r_is_silent(take):
    margins = EDGE.margins("age", "sex", file="margins_contradict.csv")
    with pytest.raises(CannotEstimate, match=r"margin sex sums to 3388 .* margin age to 3080"):
        rake(EDGE.base(), margins) if take == "rake" else margin_targets(margins)


@pytest.mark.parametrize("take", ["rake", "calibrate"])
def test_a_level_without_respondents_is_refused_by_name(take):
    margins = EDGE.margins("age", "sex", file="margins_empty_level.csv")
    with pytest.raises(CannotEstimate, match=r"margin sex, level X: 25 people and no answer"):
        rake(EDGE.base(), margins) if take == "rake" else margin_targets(margins)


def test_raking_by_newton_is_raking_by_sweeps():
    case = WeightedCase("p10_rake_trim_rerake")
    margins = case.margins(*FIVE)
    swept = rake(case.base(), margins)
    solved = calibrate(case.base(), margin_targets(margins), Distance("raking"))
    assert solved.weight == pytest.approx(swept.weight, rel=1e-9)
    assert not case.differences(solved, case.expected["estimates"])
    assert not case.differences(swept, case.expected["estimates"])


def test_sixty_thousand_responses_as_cells_have_the_numbers_of_their_rows():
    base = CELLS.base()
    design = rake(base, CELLS.margins(*FIVE))
    assert CELLS.agrees(design.weight, CELLS.expected["weights"], base.count)
    before = [e for e in CELLS.expected["estimates"] if e["id"].startswith("base")]
    after = [e for e in CELLS.expected["estimates"] if not e["id"].startswith("base")]
    assert not CELLS.differences(base, before)
    assert not CELLS.differences(design, after)
    solved = calibrate(base, margin_targets(CELLS.margins(*FIVE)), Distance("raking"))
    assert solved.weight == pytest.approx(design.weight, rel=1e-10)
    assert not CELLS.differences(solved, after)


@pytest.mark.parametrize("name", ["p03_cluster_poststrat", "p05_rake_two_margins"])
def test_school_clusters_keep_their_errors_after_raking(name):
    case = WeightedCase(name)
    (step,) = case.specification["steps"]
    margins = case.margins(*step.get("margins", [step.get("margin")]))
    design = rake(case.base(), margins)
    assert case.agrees(design.weight, case.expected["weights"])
    after = [e for e in case.expected["estimates"] if not e["id"].startswith("base")]
    assert not case.differences(design, after)
