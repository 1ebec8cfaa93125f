"""Correlations, alpha and components of an index, against numpy and by hand."""

import numpy as np
import pytest
from case_scorings import scoring_of
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scorings import row, scoring_of_table
from small_systems import small

from app.scoring.explanation.coherence import coherence


def test_the_correlations_of_a_real_index_are_those_of_its_scores():
    scoring = scoring_of("p02_asem_zscore_arith")
    found = coherence(scoring)
    codes = [card.code for card in scoring.system.indicators]
    scores = scoring.workings.completed.scores
    goods, services = (scores[:, codes.index(code)] for code in ("Goods", "Services"))
    total = {one.one: one for one in found.with_total}
    there = ~np.isnan(goods)
    expected = np.corrcoef(goods[there], scoring.workings.aggregation.score[there])[0, 1]
    assert total["Goods"].r == pytest.approx(expected)
    rest = {one.one: one for one in found.within}
    others = [codes.index(c) for c in ("Services", "FDI", "PRemit", "ForPort")]
    mean = np.nanmean(scores[:, others], axis=1)
    assert rest["Goods"].r == pytest.approx(np.corrcoef(goods, mean)[0, 1])
    assert services.size == 51


def test_alpha_and_the_first_component_are_those_of_the_correlations():
    x = np.array([10.0, 20, 30, 40, 55])
    y = np.array([12.0, 18, 35, 38, 60])
    table = {f"u{i}": row(50 + i, a, b) for i, (a, b) in enumerate(zip(x, y, strict=True))}
    classes = {one.node: one for one in coherence(scoring_of_table(table)).classes}
    life = classes["life"]
    r = np.corrcoef(x, y)[0, 1]
    assert life.alpha == pytest.approx(2 * r / (1 + r))
    assert life.first_component == pytest.approx((1 + r) / 2)
    assert life.parts == ("clean", "calm")
    assert [one.r for one in coherence(scoring_of_table(table)).redundant] == [pytest.approx(r)]
    assert classes["all"].parts == ("work", "life")
    assert classes["work"].because.zh == "同一上级下没有其他有权数的指标或类"


def test_few_units_and_constant_scores_say_why_there_is_nothing():
    few = coherence(scoring_of_table({"a": row(1, 2, 3), "b": row(3, 2, 1)}))
    assert {one.because.en for one in few.with_total} == {"fewer than 4 units to compare"}
    flat = {f"u{i}": row(50, 10 * i, 20) for i in range(5)}
    found = coherence(scoring_of_table(flat))
    reasons = {one.one: one.because for one in found.with_total}
    assert reasons["jobs"].zh == "得分全都相同"
    assert reasons["clean"] is None


def test_an_indicator_alone_in_its_class_is_compared_with_nothing_and_says_so():
    table = {f"u{i}": row(50 + i, 10 * i, i * i) for i in range(6)}
    jobs = next(one for one in coherence(scoring_of_table(table)).within if one.one == "jobs")
    assert (jobs.r, jobs.n) == (None, 0)
    assert jobs.because.en.startswith("there is no other part")


def test_an_indicator_that_nobody_has_is_told_and_one_without_weight_is_not():
    found = small()
    found["indicators"][1]["weight"] = {"town": 0, "village": 1}
    table = {f"u{i}": row(50 + i, 10 * i, None) for i in range(6)}
    total = coherence(scoring_of_table(table, found=found)).with_total
    assert [(one.one, one.n) for one in total] == [("jobs", 6), ("calm", 0)]
    assert total[1].because.en == "fewer than 4 units to compare"


def test_least_coverage_does_not_hide_the_rest_of_a_class():
    found = small()
    found["nodes"][2]["min_coverage"] = 0.7
    table = {f"u{i}": row(50 + i, 10 * i, (i - 2) ** 2) for i in range(6)}
    strict = coherence(scoring_of_table(table, found=found)).within
    assert strict == coherence(scoring_of_table(table)).within
    assert all(one.r is not None for one in strict if one.one != "jobs")


def test_parts_that_run_against_each_other_are_named():
    table = {f"u{i}": row(50 + i, 10.0 * i, 60.0 - 10 * i) for i in range(6)}
    found = coherence(scoring_of_table(table))
    assert [(one.one, one.other, one.r, one.n) for one in found.opposed] == [
        ("clean", "calm", pytest.approx(-1), 6)
    ]
    life = next(one for one in found.classes if one.node == "life")
    assert (life.alpha, life.because.en) == (
        None,
        "the parts offset each other wholly, so there is no alpha",
    )
    assert life.first_component == pytest.approx(1)
    across = {(one.one, one.other): one.r for one in found.redundant_across}
    assert across == {
        ("jobs", "clean"): pytest.approx(1),
        ("jobs", "calm"): pytest.approx(-1),
    }


CELL = st.none() | st.floats(0, 100)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_whatever_is_missing_there_is_a_correlation_or_a_reason(rows):
    table = {f"u{i}": row(*one) for i, one in enumerate(rows)}
    found = coherence(scoring_of_table(table))
    for one in (*found.within, *found.with_total, *found.between_classes):
        assert (one.r is None) == (one.because is not None)
        assert one.r is None or -1 <= one.r <= 1
        assert one.n <= len(rows)
    for group in found.classes:
        assert (group.alpha is None) == (group.because is not None)
