"""Shortfalls: the reference case, and what they say to the unit that stands behind."""

import numpy as np
import pytest
from case_scorings import scoring_of
from composite_cases import load
from hypothesis import given, settings
from hypothesis import strategies as st
from small_systems import read, small, values_of

from app.scoring.explanation.shortfalls import shortfalls
from app.scoring.index import carry_out
from app.scoring.inputs import Covariance, IndicatorValue, ScoredUnit

CASE = "p13_contribution_shortfall"


def test_the_gains_and_ranks_of_the_reference_case_are_met():
    want = load(CASE, "expected.json")
    found = {one.unit: one for one in shortfalls(scoring_of(CASE))}
    for unit, own in found.items():
        best = {gap.indicator: gap for gap in own.against("best_of_type")}
        full = {gap.indicator: gap for gap in own.against("full")}
        for indicator in want["gain_to_best_of_type"]:
            gain = want["gain_to_best_of_type"][indicator][unit]
            assert best[indicator].gain == pytest.approx(gain, abs=1e-9)
            gain = want["gain_to_full"][indicator][unit]
            assert full[indicator].gain == pytest.approx(gain, abs=1e-9)
            rank = want["rank_if_gap_to_best_closed"][indicator][unit]
            assert best[indicator].rank_overall == rank
        top = [gap.indicator for gap in own.largest("best_of_type", 3)]
        assert top == want["top3_shortfalls"][unit]
        score = want["score"][unit]
        assert sum(gap.gain for gap in full.values()) == pytest.approx(100 - score)
