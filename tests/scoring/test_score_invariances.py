"""What changes no score, and what only lowers or only raises it: over all means and methods."""

import json
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_systems import card, small

from app.scoring.definition.system import IndicatorSystem
from app.scoring.index import score
from app.scoring.inputs import Event, IndicatorValue, ScoredUnit

ZERO = {"zero_range": {"value": 80}}
FIXED = {
    "goalposts": {"lower": -10, "upper": 110},
    "goalposts_log": {"method": "goalposts", "lower": 0.5, "upper": 200, "log": True},
    "efficacy": {"base": 60, "top": 100, "bounds": {"unacceptable": 10, "satisfactory": 70}}
    | {"clip": True},
    "efficacy_exp": {"base": 60, "top": 100, "bounds": {"unacceptable": 0, "satisfactory": 70}},
    "target": {"target": 80, "cap": 1},
    "piecewise": {"points": [[0, 20], [40, 50], [90, 100]]},
    "ampi": {"goalposts": {"lower": 0, "upper": 100}},
}
FROM_DATA = {
    "minmax": {"range": [1, 100], **ZERO},
    "zscore": {"mean": 0, "sd": 1, **ZERO},
    "efficacy_data": {"method": "efficacy", "base": 60, "top": 100, "bounds": "data", **ZERO},
    "efficacy_exp_data": {"method": "efficacy_exp", "base": 60, "top": 100, "bounds": "data"}
    | ZERO,
    "mpi": ZERO,
    "rank": {},
    "borda": {},
    "percentile_rank": {},
    "ratio_best": {},
}
METHODS = {name: {"method": name, **keys} for name, keys in (FIXED | FROM_DATA).items()}
ANY_SCORE = ("arithmetic", "copeland")
POSITIVE_ONLY = ("geometric", "harmonic", "mpi_minus", "mpi_plus", "p-2", "p0.5", "p3")
MEANS = (*ANY_SCORE, *POSITIVE_ONLY)
CODES = ("jobs", "clean", "calm")


def choices(methods):
    """A method, the root's mean and a class's: those whose every combination is defined."""
    return st.tuples(
        st.sampled_from(sorted(methods)), st.sampled_from(MEANS), st.sampled_from(MEANS)
    ).filter(_defined)


def _defined(chosen):
    method, root, below = chosen
    signed = method in {"zscore", "borda", "percentile_rank"}
    if signed and not {root, below} <= set(ANY_SCORE):
        return False
    if below == "copeland" and root in POSITIVE_ONLY:
        return False
    return _sound(method, root, below)


@cache
def _sound(method, root, below):
    return not [*shaped(definition((method, root, below))).problems()]


def shaped(found):
    """The system without the slow way through YAML, and not judged."""
    return IndicatorSystem.model_validate_json(json.dumps(found))


def definition(chosen):
    method, root, below = chosen
    found = small()
    found["nodes"][0]["aggregate"] = _mean(root)
    for node in found["nodes"][1:]:
        node["aggregate"] = _mean(below)
    for part in found["indicators"]:
        part["normalise"] = dict(METHODS[method])
        part["plausible"] = {"from": 1, "to": 100}
    return found


def _mean(name):
    return {"power": float(name[1:])} if name[0] == "p" else name


some = settings(max_examples=40)
"""Each test scores twice, under a system of its own: enough of them in a few seconds."""
points = st.floats(1, 100).map(lambda x: round(x, 3))
rows = st.fixed_dictionaries({code: st.none() | points for code in CODES})
full_rows = st.fixed_dictionaries(dict.fromkeys(CODES, points))
kinds = st.sampled_from(["town", "village"])
tables = st.lists(st.tuples(kinds, rows), min_size=2, max_size=6)
full_tables = st.lists(st.tuples(kinds, full_rows), min_size=2, max_size=6)


def scored(found, table, *, events=(), order=None):
    """Unit → gross, final and place, under the system `found` says."""
    if found["indicators"][0]["normalise"]["method"] == "percentile_rank":
        # One value alone has no share of others to beat; it is refused (E201).
        counts = [sum(row[code] is not None for _, row in table) for code in table[0][1]]
        assume(1 not in counts)
    units = [(f"u{i}", kind, row) for i, (kind, row) in enumerate(table)]
    units = [units[i] for i in order] if order else units
    return score(
        shaped(found),
        units=[ScoredUnit(unit, kind) for unit, kind, _ in units],
        values=[
            IndicatorValue(unit, code, value, "missing" if value is None else "ok")
            for unit, _, row in units
            for code, value in row.items()
        ],
        events=events,
    )


def assert_same_scores(one, other):
    theirs = {unit.unit: unit.gross for unit in other.units}
    for unit in one.units:
        wanted = theirs[unit.unit]
        assert unit.gross == (None if wanted is None else pytest.approx(wanted, abs=1e-7))


@some
@given(choices(METHODS), tables, st.randoms(use_true_random=False))
def test_the_order_of_units_changes_no_score(chosen, table, shuffler):
    order = list(range(len(table)))
    shuffler.shuffle(order)
    found = definition(chosen)
    assert_same_scores(scored(found, table, order=order), scored(found, table))


@some
@given(choices(METHODS), tables, st.floats(0.01, 100))
def test_the_scale_of_sibling_weights_changes_no_score(chosen, table, factor):
    found, scaled = definition(chosen), definition(chosen)
    for part in scaled["indicators"][1:]:
        part["weight"] = {kind: w * factor for kind, w in part["weight"].items()}
    assert_same_scores(scored(scaled, table), scored(found, table))


@some
@given(choices(METHODS), tables, st.lists(points, min_size=6, max_size=6))
def test_an_indicator_that_weighs_nothing_changes_no_score(chosen, table, extra):
    found, wider = definition(chosen), definition(chosen)
    idle = card("idle", "life", {"town": 0, "village": 0})
    idle |= {"normalise": METHODS[chosen[0]], "plausible": {"from": 1, "to": 100}}
    wider["indicators"].append(idle)
    more = [
        (kind, row | {"idle": value}) for (kind, row), value in zip(table, extra, strict=False)
    ]
    assert_same_scores(scored(wider, more), scored(found, table))


def free(chosen, direction=1):
    """The system without plausible ranges, for values moved to another scale."""
    found = definition(chosen)
    for part in found["indicators"]:
        part["plausible"] = None
        part["direction"] = direction
    return found


def moved(table, change):
    return [
        (kind, {code: None if x is None else change(x) for code, x in row.items()})
        for kind, row in table
    ]


scales = st.sampled_from([0.25, 2.0, 8.0, 1024.0])


@some
@given(choices(FROM_DATA.keys() - {"ratio_best"}), tables, scales, st.integers(-500, 500))
def test_another_unit_of_measure_changes_no_score_of_a_method_from_the_data(
    chosen, table, scale, shift
):
    found = free(chosen)
    assert_same_scores(
        scored(found, moved(table, lambda x: scale * x + shift)), scored(found, table)
    )


@some
@given(choices(["ratio_best"]), tables, scales)
def test_a_ratio_to_the_best_does_not_depend_on_the_size_of_the_unit(chosen, table, scale):
    found = free(chosen)
    assert_same_scores(scored(found, moved(table, lambda x: scale * x)), scored(found, table))


@some
@given(choices(FROM_DATA.keys() - {"ratio_best"}), tables)
def test_values_and_direction_turned_round_together_change_no_score(chosen, table):
    turned = scored(free(chosen, -1), moved(table, lambda x: -x))
    assert_same_scores(turned, scored(free(chosen), table))


@some
@given(st.sampled_from(sorted(METHODS)), tables)
def test_contributions_sum_to_the_score_of_an_arithmetic_tree_under_every_method(name, table):
    for unit in scored(definition((name, "arithmetic", "arithmetic")), table).units:
        parts = [step.contribution for step in unit.indicators]
        if unit.gross is None:
            assert set(parts) == {None}
        else:
            assert sum(part for part in parts if part is not None) == pytest.approx(unit.gross)


@some
@given(choices(METHODS), tables)
def test_the_weights_that_count_sum_to_one_under_every_mean(chosen, table):
    for unit in scored(definition(chosen), table).units:
        total = sum(step.effective_weight for step in unit.indicators)
        assert total == pytest.approx(0 if unit.gross is None else 1)


deductions = st.builds(
    Event,
    unit=st.just("u0"),
    item=st.sampled_from(["late", "fraud"]),
    count=st.integers(1, 20),
    status=st.sampled_from(["pending", "upheld", "overturned"]),
    evidence=st.just("paper"),
)
SCALE = ["good", "fair", "poor"]


@some
@given(choices(METHODS), tables, st.lists(deductions, max_size=3), deductions)
def test_one_more_deduction_never_raises_a_score_nor_a_grade_nor_moves_others(
    chosen, table, happened, further
):
    found = definition(chosen)
    before = scored(found, table, events=happened)
    after = scored(found, table, events=[*happened, further])
    assume(before.unit("u0").final is not None)
    one, other = before.unit("u0"), after.unit("u0")
    assert other.final <= one.final
    assert other.gross == one.gross
    assert SCALE.index(other.grade.grade) >= SCALE.index(one.grade.grade)
    assert other.rank_in_type >= one.rank_in_type
    for unit in before.units[1:]:
        assert after.unit(unit.unit).final == unit.final


UNEVENNESS_COUNTS = {"mpi_minus", "mpi_plus"}
"""Means in which a better value can cost more in balance than it earns."""


@some
@given(
    choices(FIXED).filter(lambda chosen: not UNEVENNESS_COUNTS & set(chosen[1:])),
    full_tables,
    st.sampled_from(CODES),
    st.floats(0, 50),
)
def test_a_better_value_never_lowers_the_score_of_its_unit(chosen, table, code, gain):
    found = definition(chosen)
    kind, row = table[0]
    better = [(kind, row | {code: min(row[code] + gain, 100.0)}), *table[1:]]
    before, after = scored(found, table).unit("u0"), scored(found, better).unit("u0")
    assert after.gross >= before.gross - 1e-9


@some
@given(choices(FIXED).filter(lambda chosen: "copeland" not in chosen), full_tables, full_rows)
def test_under_fixed_bounds_one_more_unit_changes_nobody_elses_score(chosen, table, row):
    found = definition(chosen)
    before, after = scored(found, table), scored(found, [*table, ("town", row)])
    for unit in before.units:
        assert after.unit(unit.unit).gross == pytest.approx(unit.gross, abs=1e-9)


def test_every_mean_and_every_method_takes_part():
    met = {(name, mean) for name in METHODS for mean in MEANS if _defined((name, mean, mean))}
    assert {name for name, _ in met} == set(METHODS)
    assert {mean for _, mean in met} == set(MEANS)
