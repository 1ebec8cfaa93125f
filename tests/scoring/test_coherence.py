"""Correlations, alpha and components of an index, against numpy and by hand."""

import numpy as np
import pytest
from case_scorings import scoring_of
from small_scorings import row, scoring_of_table

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
    (life,) = coherence(scoring_of_table(table)).classes
    r = np.corrcoef(x, y)[0, 1]
    assert life.alpha == pytest.approx(2 * r / (1 + r))
    assert life.first_component == pytest.approx((1 + r) / 2)
    assert [one.r for one in coherence(scoring_of_table(table)).redundant] == [pytest.approx(r)]


def test_few_units_and_constant_scores_say_why_there_is_nothing():
    few = coherence(scoring_of_table({"a": row(1, 2, 3), "b": row(3, 2, 1)}))
    assert {one.because.en for one in few.with_total} == {"fewer than 4 units to compare"}
    flat = {f"u{i}": row(50, 10 * i, 20) for i in range(5)}
    found = coherence(scoring_of_table(flat))
    reasons = {one.one: one.because for one in found.with_total}
    assert reasons["jobs"].zh == "得分全都相同"
    assert reasons["clean"] is None
