"""Shortfalls: the reference case, and what they say to the unit that stands behind."""

import numpy as np
import pytest
from case_scorings import scoring_of
from composite_cases import load
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scorings import row, scoring_of_table
from small_systems import small

from app.scoring.explanation.shortfalls import shortfalls
from app.scoring.inputs import Covariance, Event
from app.scoring.steps.adjustment import within_bounds
from app.scoring.steps.aggregation import aggregate
from app.scoring.steps.ordering import order

CASE = "p13_contribution_shortfall"
TWO = {"a": row(60, 50, 50), "b": row(64, 90, 50)}


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


def test_a_gap_inside_the_survey_error_is_marked_and_one_outside_is_not():
    scoring = scoring_of_table(
        {"a": row(60, 50, 50), "b": row(64, 90, 50)}, errors={"jobs": 3.0}
    )
    gaps = {gap.indicator: gap for gap in shortfalls(scoring)[0].against("best_of_type")}
    assert gaps["jobs"].error == pytest.approx(np.hypot(3, 3))
    assert gaps["jobs"].within_survey_error is True, "4 points, ±8.3"
    assert gaps["clean"].within_survey_error is None, "counted, not sampled"
    assert gaps["jobs"].reference_unit == "b"


def test_a_leader_has_no_gap_to_itself():
    scoring = scoring_of_table(
        {"a": row(60, 50, 50), "b": row(64, 90, 50)}, errors={"jobs": 3.0}
    )
    best = shortfalls(scoring)[1].against("best_of_type")
    assert [gap.gain for gap in best] == [0, 0, 0]
    assert {gap.error for gap in best if gap.indicator == "jobs"} == {None}


def test_last_year_is_a_reference_of_its_own():
    before = scoring_of_table({"a": row(70, 50, 50), "b": row(64, 90, 50)})
    now = scoring_of_table({"a": row(60, 50, 50), "c": row(64, 90, 50)})
    found = shortfalls(now, before=before)
    own = {gap.indicator: gap for gap in found[0].against("last_year")}
    assert own["jobs"].gain == pytest.approx(0.6 * 10)
    assert found[1].against("last_year") == (), "c was not there"


def test_in_a_geometric_tree_the_gain_goes_through_the_mean():
    found = small()
    found["nodes"][0]["aggregate"] = "geometric"
    for card in found["indicators"]:
        card["plausible"] = {"from": 1, "to": 100}
    scoring = scoring_of_table({"a": row(16, 81, 81), "b": row(81, 81, 81)}, found=found)
    (gap,) = shortfalls(scoring)[0].largest("best_of_type", 3)
    assert gap.final == pytest.approx(81)
    assert gap.gain == pytest.approx(81 - 16**0.6 * 81**0.4)


def through_the_real_steps(scoring, at, gap):
    """Final scores of all units with one normalised score changed, aggregated anew."""
    scores = scoring.workings.completed.scores.copy()
    codes = [card.code for card in scoring.system.indicators]
    scores[at, codes.index(gap.indicator)] = gap.reference
    inputs = scoring.workings.inputs
    found = aggregate(
        scoring.system, scores, applicable=inputs.applicable, type_of=inputs.type_of
    )
    costs = np.array([ledger.cost for ledger in scoring.ledgers])
    return within_bounds(scoring.system.adjustments, found.score - costs)


ALL_MEANS = ["arithmetic", "copeland", "mpi_minus", "geometric"]


@st.composite
def leagues(draw):
    found = small()
    for card in found["indicators"]:
        card["plausible"] = {"from": 1, "to": 100}
    for node in found["nodes"]:
        # A penalty cannot be taken of Copeland scores, whose mean may be 0.
        means = ["arithmetic", "copeland"] if node["parent"] is None else ALL_MEANS
        node["aggregate"] = draw(st.sampled_from(means))
        node.pop("weights_sum_to", None)
    ties = draw(st.sampled_from(["min", "max", "average", "dense"]))
    found["rank"] = {"ties": ties, "decimals": draw(st.integers(0, 2)), "scope": "all"}
    some = st.sampled_from([20.0, 40.0, 50.0, 50.5, 60.0])
    rows = draw(st.lists(st.tuples(some, some, st.none() | some), min_size=2, max_size=6))
    table = {f"u{i}": row(*one) for i, one in enumerate(rows)}
    types = {unit: draw(st.sampled_from(["town", "village"])) for unit in table}
    late = draw(st.lists(st.integers(1, 4), max_size=len(rows)))
    events = [Event(f"u{i}", "late", n, "upheld", "file") for i, n in enumerate(late)]
    return scoring_of_table(table, found=found, types=types, events=events)


@given(leagues())
@settings(max_examples=60, deadline=None)
def test_score_and_rank_of_a_closed_gap_are_those_of_the_real_steps(scoring):
    type_of, rule = scoring.workings.inputs.type_of, scoring.system.rank
    for at, own in enumerate(shortfalls(scoring)):
        for gap in own.gaps:
            finals = through_the_real_steps(scoring, at, gap)
            peers = np.where(type_of == type_of[at], finals, np.nan)
            assert gap.final == pytest.approx(finals[at], abs=1e-9)
            assert gap.rank_in_type == order(peers, rule)[at]
            assert gap.rank_overall == order(finals, rule)[at]


def test_a_method_without_a_top_has_no_full_marks():
    found = small()
    methods = [
        {"method": "zscore"},
        {"method": "target", "target": 50},
        {"method": "target", "target": 50, "full": 100, "cap": 1.2},
    ]
    for card, method in zip(found["indicators"], methods, strict=True):
        card["normalise"] = method
    table = {"a": row(60, 50, 50), "b": row(64, 90, 50)}
    full = shortfalls(scoring_of_table(table, found=found))[0].against("full")
    assert {gap.indicator: gap.reference for gap in full} == {"calm": 120.0}


@given(st.lists(st.tuples(*[st.integers(0, 100)] * 3), min_size=2, max_size=7))
@settings(max_examples=60, deadline=None)
def test_closing_a_gap_never_costs_a_rank(rows):
    values = {f"u{i}": row(*map(float, one)) for i, one in enumerate(rows)}
    scoring = scoring_of_table(values, types=dict.fromkeys(list(values)[::2], "village"))
    for own, standing in zip(shortfalls(scoring), scoring.outcome.standings, strict=True):
        for gap in own.against("best_of_type"):
            assert gap.gain >= -1e-9
            assert gap.rank_in_type <= standing.rank_in_type


def test_what_two_units_share_makes_their_gap_surer():
    tied = [Covariance("a", "jobs", "jobs", 8.0, other_unit="b")]
    scoring = scoring_of_table(
        {"a": row(60, 50, 50), "b": row(64, 90, 50)}, errors={"jobs": 3.0}, covariances=tied
    )
    gaps = {gap.indicator: gap for gap in shortfalls(scoring)[0].against("best_of_type")}
    assert gaps["jobs"].error == pytest.approx(np.sqrt(9 + 9 - 16))
    assert gaps["jobs"].within_survey_error is False, "4 points, ±2.8"
