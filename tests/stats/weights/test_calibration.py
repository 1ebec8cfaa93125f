"""Properties of calibration: totals, bounds, units, scales, cells, chains of steps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.errors import CannotEstimate
from app.stats.design import Adjustment, Design, Replicates, simple_design
from app.stats.variance import variance
from app.stats.weights.calibration import calibrate, term_targets
from app.stats.weights.distance import Distance
from app.stats.weights.feasibility import narrowest_half_width
from app.stats.weights.targets import Targets

DISTANCES = [
    Distance("linear", (0.0, np.inf)),
    Distance("raking"),
    Distance("linear", (0.2, 5.0)),
    Distance("raking", (0.2, 5.0)),
    Distance("logit", (0.2, 5.0)),
    Distance("linear", (0.5, 60.0), "weight"),
    Distance("raking", (0.5, 60.0), "weight"),
]


@st.composite
def samples(draw):
    """Weights, two columns beside the constant, and totals that some weights do meet."""
    n = draw(st.integers(8, 25))
    dice = np.random.default_rng(draw(st.integers(0, 10**6)))
    weight = dice.uniform(1, 20, n)
    columns = {
        "one": np.ones(n),
        "group": np.arange(n) % 2 * 1.0,
        "visits": dice.integers(0, 5, n) * 1.0,
    }
    met = weight * dice.uniform(0.6, 1.8, n)
    totals = {name: float(met @ column) for name, column in columns.items()}
    return weight, columns, totals


def met(design: Design, columns: dict, totals: dict, rel: float = 1e-10) -> bool:
    mass = design.times(design.weight)
    return all(mass @ columns[k] == pytest.approx(totals[k], rel=rel) for k in totals)


@pytest.mark.parametrize("distance", DISTANCES)
@given(samples())
def test_totals_are_met_and_bounds_kept(distance, sample):
    weight, columns, totals = sample
    targets = term_targets(columns, totals)
    design = calibrate(simple_design(weight), targets, distance)
    assert met(design, columns, totals)
    low, high = distance.bounds or (0, np.inf)
    bounded = design.weight if distance.on == "weight" else design.weight / weight
    assert (bounded >= low * (1 - 1e-12)).all()
    assert (bounded <= high * (1 + 1e-12)).all()


@pytest.mark.parametrize("distance", DISTANCES[:5])
@given(samples(), st.floats(0.001, 1000), st.randoms(use_true_random=False))
def test_neither_order_nor_scale_matters(distance, sample, factor, dice):
    weight, columns, totals = sample
    plain = calibrate(simple_design(weight), term_targets(columns, totals), distance)
    order = list(range(len(weight)))
    dice.shuffle(order)
    shuffled = {name: column[order] for name, column in columns.items()}
    larger = {name: total * factor for name, total in totals.items()}
    moved = calibrate(
        simple_design(weight[order] * factor), term_targets(shuffled, larger), distance
    )
    assert moved.weight == pytest.approx(plain.weight[order] * factor, rel=1e-8)


@pytest.mark.parametrize("distance", DISTANCES)
@given(samples(), st.lists(st.integers(1, 3), min_size=25, max_size=25))
def test_cells_are_their_rows(distance, sample, counts):
    weight, columns, _ = sample
    count = np.array(counts[: len(weight)], float)
    times = count.astype(int)
    totals = {k: float(weight * 1.1 * count @ column) for k, column in columns.items()}
    cells = calibrate(
        replace(simple_design(weight), count=count), term_targets(columns, totals), distance
    )
    long = {name: np.repeat(column, times) for name, column in columns.items()}
    rows = calibrate(
        simple_design(np.repeat(weight, times)), term_targets(long, totals), distance
    )
    assert np.repeat(cells.weight, times) == pytest.approx(rows.weight, rel=1e-9)
    y = np.sin(np.arange(len(weight)))
    assert variance(cells, cells.weight * y) == pytest.approx(
        variance(rows, rows.weight * np.repeat(y, times)), rel=1e-8, abs=1e-8
    )


@given(samples())
def test_a_chain_of_two_steps_has_the_residuals_of_both_in_their_order(sample):
    weight, columns, totals = sample
    first = term_targets({"one": columns["one"], "visits": columns["visits"]}, totals)
    once = calibrate(simple_design(weight), first, Distance("raking"))
    scale = 1 + np.arange(len(weight)) % 3 * 0.5
    second = term_targets(
        {"one": columns["one"], "group": columns["group"]},
        {"one": totals["one"], "group": totals["group"]},
    )
    try:
        twice = calibrate(once, second, Distance("linear", (0.1, 9.0)), scale=scale)
    except CannotEstimate:
        assume(False)
    y = np.cos(np.arange(len(weight)))
    z = twice.weight * y
    for step, x in zip(
        twice.adjustments,
        (first.columns[first.cell], second.columns[second.cell]),
        strict=True,
    ):
        z = textbook_residuals(z, step, x)
    n = len(weight)
    expected = n / (n - 1) * ((z - z.mean()) ** 2).sum()
    assert variance(twice, twice.weight * y) == pytest.approx(expected, rel=1e-7, abs=1e-8)


def textbook_residuals(z: np.ndarray, step: Adjustment, x: np.ndarray) -> np.ndarray:
    """The rows' residuals by least squares, written as in the definition of the cases."""
    q = np.ones(len(z)) if step.scale is None else step.scale
    root = step.factor * np.sqrt(step.before * q)
    left = x * np.sqrt(step.before / q)[:, None]
    right = z / root
    fit = left @ np.linalg.lstsq(left, right, rcond=None)[0]
    return root * (right - fit)


@given(samples())
def test_a_fixed_total_has_no_error(sample):
    weight, columns, totals = sample
    design = calibrate(simple_design(weight), term_targets(columns, totals), Distance("raking"))
    error = np.sqrt(variance(design, design.weight * columns["visits"]))
    assert error == pytest.approx(0, abs=1e-7 * totals["visits"])


@given(samples())
def test_members_of_a_unit_keep_one_weight(sample):
    weight, columns, _ = sample
    units = np.arange(len(weight)) // 2
    same = weight[units * 2]
    factor = 1 + 0.3 * np.cos(units)
    totals = {name: float(same * factor @ column) for name, column in columns.items()}
    targets = term_targets(columns, totals)
    design = calibrate(simple_design(same), targets, Distance("raking"), units=units)
    assert met(design, columns, totals)
    for unit in np.unique(units):
        inside = design.weight[units == unit]
        assert inside == pytest.approx(np.full(len(inside), inside[0]), rel=1e-12)


@given(samples())
def test_members_of_unequal_weight_share_one_factor(sample):
    weight, columns, _ = sample
    units = np.arange(len(weight)) // 2
    totals = {"one": 1.1 * float(weight.sum())}
    targets = term_targets({"one": columns["one"]}, totals)
    design = calibrate(simple_design(weight), targets, Distance("linear"), units=units)
    assert design.weight == pytest.approx(1.1 * weight, rel=1e-12)


@pytest.mark.parametrize("distance", DISTANCES)
def test_each_set_of_replicate_weights_is_calibrated_as_if_alone(distance):
    n = 40
    dice = np.random.default_rng(3)
    weight = dice.uniform(2, 12, n)
    columns = {"one": np.ones(n), "visits": dice.integers(0, 5, n) * 1.0}
    totals = {k: float(weight * 1.3 @ column) for k, column in columns.items()}
    cluster = np.arange(n) // 8
    factor = np.where(cluster[:, None] == np.arange(5), 0.0, 1.25)
    replicates = Replicates(weight[:, None] * factor, 0.8, np.ones(5), 4)
    design = replace(simple_design(weight), replicates=replicates)
    how = {"scale": 1 + np.arange(n) % 2, "units": np.arange(n) // 4}
    targets = term_targets(columns, totals)
    got = calibrate(design, targets, distance, **how).replicates.weight
    for before, after in zip(replicates.weight.T, got.T, strict=True):
        alone = calibrate(simple_design(before), targets, distance, **how)
        assert after == pytest.approx(alone.weight, rel=1e-12)
        assert (after[before == 0] == 0).all()


@pytest.mark.parametrize("distance", DISTANCES[:5])
@given(samples(), samples())
def test_rounds_of_a_panel_calibrated_together_are_calibrated_each(distance, one, other):
    stacked = {}
    for r, (_, columns, _) in enumerate((one, other)):
        for name, column in columns.items():
            parts = [np.zeros(len(one[0])), np.zeros(len(other[0]))]
            parts[r] = column
            stacked[f"{name} in {r}"] = np.concatenate(parts)
    totals = {
        f"{name} in {r}": total
        for r, (_, _, known) in enumerate((one, other))
        for name, total in known.items()
    }
    weight = np.concatenate([one[0], other[0]])
    together = calibrate(simple_design(weight), term_targets(stacked, totals), distance)
    apart = [
        calibrate(simple_design(w), term_targets(columns, known), distance).weight
        for w, columns, known in (one, other)
    ]
    assert together.weight == pytest.approx(np.concatenate(apart), rel=1e-8)


@given(samples())
def test_each_unit_alone_is_the_plain_step(sample):
    weight, columns, totals = sample
    targets = term_targets(columns, totals)
    alone = np.arange(len(weight))[::-1].copy()
    plain = calibrate(simple_design(weight), targets, Distance("raking"))
    unit = calibrate(simple_design(weight), targets, Distance("raking"), units=alone)
    assert unit.weight == pytest.approx(plain.weight, rel=1e-9)
    y = np.cos(np.arange(len(weight)))
    assert variance(unit, unit.weight * y) == pytest.approx(
        variance(plain, plain.weight * y), rel=1e-7, abs=1e-8
    )


@given(samples(), st.floats(1, 3))
def test_a_row_that_may_move_more_moves_more(sample, ease):
    weight, columns, _ = sample
    totals = {"one": float(weight.sum() * 1.2)}
    scale = np.where(np.arange(len(weight)) % 2, 1.0, 1 / ease)
    targets = term_targets({"one": columns["one"]}, totals)
    design = calibrate(simple_design(weight), targets, Distance("linear"), scale=scale)
    moved = design.adjustments[0].factor - 1
    assert moved[0] == pytest.approx(ease * moved[1], rel=1e-9)


@given(samples())
def test_weights_of_zero_stay_zero_and_change_nothing(sample):
    weight, columns, totals = sample
    longer = {name: np.append(column, column[0]) for name, column in columns.items()}
    for distance in DISTANCES:
        plain = calibrate(simple_design(weight), term_targets(columns, totals), distance)
        design = calibrate(
            simple_design(np.append(weight, 0.0)), term_targets(longer, totals), distance
        )
        assert design.weight[-1] == 0
        assert design.weight[:-1] == pytest.approx(plain.weight, rel=1e-9)


@settings(max_examples=40)
@given(samples(), st.floats(1.001, 1.5), st.floats(0.5, 0.999))
def test_bounds_wider_than_the_narrowest_are_met_and_tighter_ones_refused(sample, wide, tight):
    weight, columns, totals = sample
    targets = term_targets(columns, totals)
    half = narrowest_half_width(weight, targets)
    assume(half > 1e-3)
    centre = totals["one"] / weight.sum()

    def within(share: float) -> Distance:
        ends = centre * (1 - half * share), centre * (1 + half * share)
        return Distance("linear", ends)

    assert met(calibrate(simple_design(weight), targets, within(wide)), columns, totals)
    base = simple_design(weight)
    with pytest.raises(CannotEstimate, match=r"term \w+: .* wanted"):
        calibrate(base, targets, within(tight))
    assert (base.weight == weight).all()


def test_newton_arrives_from_far_away():
    # N/n about 30 and uneven shares: undamped steps end at 1e149 here.
    n = 400
    group = (np.arange(n) < 20).astype(float)
    visits = np.arange(n) % 7 * 1.0
    columns = {"one": np.ones(n), "group": group, "visits": visits}
    totals = {"one": 15_748.0, "group": 9_000.0, "visits": 70_000.0}
    targets = term_targets(columns, totals)
    design = calibrate(simple_design(np.ones(n)), targets, Distance("raking"))
    assert met(design, columns, totals, rel=1e-12)


@pytest.mark.parametrize("bounds", [(2.0, 1.0), (1.0, 1.0), (-3.0, -1.0)])
def test_bounds_without_room_are_refused(bounds):
    targets: Targets = term_targets({"one": np.ones(3)}, {"one": 3.0})
    with pytest.raises(CannotEstimate, match="the lower must be below the upper"):
        calibrate(simple_design(np.ones(3)), targets, Distance("linear", bounds))


def test_a_scale_of_zero_is_refused():
    targets = term_targets({"one": np.ones(3)}, {"one": 3.0})
    with pytest.raises(CannotEstimate, match="scale of the calibration"):
        calibrate(simple_design(np.ones(3)), targets, Distance(), scale=np.array([1.0, 0, 1]))
