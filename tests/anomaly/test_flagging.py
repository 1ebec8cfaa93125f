"""Who is flagged: a stated rate of mistakes, one fate for one sum, low ones spared."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from app.anomaly.company.evidence import Evidence, Findings
from app.anomaly.judgement.flagging import (
    ALLOWED_MORE,
    ALWAYS_ALLOWED,
    LEAST_ODDS,
    MOST_SUSPECTED,
    TELLING,
    accompanied,
    flag,
)


def findings(low: np.ndarray, haste: np.ndarray) -> Findings:
    nothing = np.zeros(len(low))
    evidence = {
        "haste.day": Evidence(nothing, nothing, haste),
        "like.point": Evidence(nothing, nothing, nothing + 9),
    }
    return Findings(SimpleNamespace(), evidence, low, {})


def nobody_low(n: int) -> Findings:
    return findings(np.zeros(n), np.zeros(n))


@given(st.lists(st.floats(-9, 9), min_size=30, max_size=300))
def test_no_more_honest_people_are_expected_among_the_flagged_than_allowed(sums):
    total = np.array(sums)
    flagged = flag(total, nobody_low(len(total)))
    false = expit(total)
    allowed = ALWAYS_ALLOWED + ALLOWED_MORE * min(false.mean(), MOST_SUSPECTED)
    above = flagged & (total > total[flagged].min()) if flagged.any() else flagged
    assert (1 - false[above]).sum() <= allowed * len(total) + 1e-9
    assert not (flagged & (total < LEAST_ODDS)).any()
    if flagged.any():
        assert flagged[total >= total[flagged].min()].all(), "the same sum, the same fate"


def test_a_round_without_suspicion_has_no_flag():
    assert not flag(np.full(500, -4.0), nobody_low(500)).any()


def test_everybody_in_a_round_that_is_false_throughout_is_flagged():
    assert flag(np.full(500, 12.0), nobody_low(500)).all()


@pytest.mark.parametrize(
    ("haste", "expected"), [(TELLING - 0.01, False), (TELLING + 0.01, True)]
)
def test_a_low_score_is_flagged_only_for_a_reason_that_is_not_its_lowness(haste, expected):
    total, low = np.full(400, -5.0), np.zeros(400)
    total[:20], low[:20] = 6.0, 1.0
    flagged = flag(total, findings(low, np.full(400, haste)))
    assert (flagged[:20] == expected).all()
    assert not flagged[20:].any()


def test_a_flag_is_lifted_where_fewer_than_three_share_it():
    point = np.array(["a"] * 4 + ["b"] * 2 + ["c"] * 5)
    enumerator = np.array([""] * 4 + [""] * 2 + ["e1", "e1", "", "", "e2"])
    flagged = np.array([True] * 3 + [False] + [True] * 7)
    rows = SimpleNamespace(point=point, enumerator=enumerator)
    expected = np.array([True] * 3 + [False] * 8)
    np.testing.assert_array_equal(accompanied(flagged, rows), expected)
