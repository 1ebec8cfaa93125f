"""What must hold for any values: order, scale of weights, contributions, deductions."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_systems import card, read, small

from app.scoring.index import score
from app.scoring.inputs import Event, IndicatorValue, ScoredUnit
from app.scoring.results import as_document

CODES = ("jobs", "clean", "calm")
points = st.floats(0, 100).map(lambda x: round(x, 3))
cells = st.fixed_dictionaries({code: st.none() | points for code in CODES})
tables = st.lists(
    st.tuples(st.sampled_from(["town", "village"]), cells), min_size=1, max_size=8
)
SMALL = read(small())


def scored(system, table, events=(), order=None):
    rows = [(f"u{i}", region_type, row) for i, (region_type, row) in enumerate(table)]
    rows = [rows[i] for i in order] if order else rows
    return score(
        system,
        units=[ScoredUnit(unit, region_type) for unit, region_type, _ in rows],
        values=[
            IndicatorValue(unit, code, value, "missing" if value is None else "ok")
            for unit, _, row in rows
            for code, value in row.items()
        ],
        events=events,
    )


def numbers(result):
    return {
        unit.unit: (unit.gross, unit.final, unit.rank_in_type, unit.rank_overall)
        for unit in result.units
    }


def assert_same(one, other):
    assert one.keys() == other.keys()
    for unit, row in one.items():
        assert row == pytest.approx(other[unit], abs=1e-9)


@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_units_does_not_matter(table, shuffler):
    order = list(range(len(table)))
    shuffler.shuffle(order)
    assert_same(numbers(scored(SMALL, table)), numbers(scored(SMALL, table, order=order)))


@given(tables, st.floats(0.01, 100))
def test_multiplying_the_weights_of_all_siblings_changes_nothing(table, factor):
    found = small()
    for part in found["indicators"][1:]:
        part["weight"] = {t: w * factor for t, w in part["weight"].items()}
    assert_same(numbers(scored(SMALL, table)), numbers(scored(read(found), table)))


@given(tables, st.lists(st.none() | points, min_size=8, max_size=8))
def test_an_indicator_of_weight_zero_changes_nothing(table, extra):
    found = small()
    found["indicators"].append(card("idle", "life", {"town": 0, "village": 0}))
    wider = [
        (region_type, {**row, "idle": value})
        for (region_type, row), value in zip(table, extra, strict=False)
    ]
    assert_same(numbers(scored(SMALL, table)), numbers(scored(read(found), wider)))


@given(tables, st.booleans())
def test_contributions_sum_to_the_gross_score(table, fill):
    found = small()
    if fill:
        found["nodes"][2]["if_empty"] = {"rule": "fixed", "value": 33}
    for unit in scored(read(found), table).units:
        parts = [step.contribution for step in unit.indicators]
        parts += [level.contribution for level in unit.levels if level.contribution is not None]
        if unit.gross is None:
            assert set(parts) == {None}
            continue
        assert sum(parts) == pytest.approx(unit.gross, abs=1e-9)


@given(tables)
def test_the_weights_that_count_sum_to_one_wherever_there_is_a_score(table):
    for unit in scored(SMALL, table).units:
        total = sum(step.effective_weight for step in unit.indicators)
        assert total == pytest.approx(0 if unit.gross is None else 1)


events = st.lists(
    st.builds(
        Event,
        unit=st.just("u0"),
        item=st.sampled_from(["late", "fraud"]),
        count=st.integers(1, 20),
        status=st.sampled_from(["pending", "upheld", "overturned"]),
        evidence=st.just("paper"),
    ),
    max_size=6,
)


@given(tables, events)
def test_a_deduction_never_raises_a_score_nor_goes_below_the_floor(table, happened):
    unit = scored(SMALL, table, happened).unit("u0")
    if unit.gross is not None:
        assert 0 <= unit.final <= unit.gross
        assert unit.gross - unit.final <= 4 + 1e-9


@given(tables, events)
def test_points_before_a_cap_are_those_counted_and_those_swallowed(table, happened):
    ledger = scored(SMALL, table, happened).unit("u0").ledger
    caps = [item.total for item in ledger.items]
    caps += [*ledger.deduction.families, ledger.deduction.total]
    for cap in caps:
        assert cap.points == pytest.approx(cap.counted + cap.swallowed)
        assert cap.swallowed >= 0


@given(tables, events)
def test_the_same_inputs_give_the_same_bytes(table, happened):
    one, other = (
        json.dumps(as_document(scored(SMALL, table, happened)), allow_nan=False)
        for _ in range(2)
    )
    assert one == other


def test_a_document_keeps_every_step_in_plain_values():
    document = as_document(scored(SMALL, [("town", dict.fromkeys(CODES, 50.0))]))
    assert list(document) == ["system", "references", "units"]
    unit = document["units"][0]
    assert unit["indicators"][0]["contribution"] == pytest.approx(30)
    assert unit["grade"]["reason"] == {"zh-Hans": "低于 60 分", "en": "below 60 points"}
    assert json.loads(json.dumps(document)) == document
