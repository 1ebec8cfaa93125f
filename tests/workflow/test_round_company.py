"""What an examination leaves of a round: influence, scores, points, and no response named."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from screening_case import (
    a_company,
    a_frozen_round,
    a_response,
    an_examination,
    sample_of,
)

from app.anomaly.decisions import Standing
from app.stats.tables.tabulation import make_series
from app.survey.recipe import CompanySignal
from app.workflow.screening.company import believed, decide
from app.workflow.screening.description import describe_company
from app.workflow.screening.lapsed import Lapsed, find_lapsed, hold_to
from app.workflow.screening.points import score_points
from app.workflow.screening.scores import screened_scores
from app.workflow.screening.submissions import make_submissions

shares = st.floats(0, 1)


def a_stuffed_round(**company):
    """Ten in each hall who gave the middle; four of the east hall are stuffed with the best."""
    rule = "".join(f", {name}: {value}" for name, value in company.items())
    frozen = a_frozen_round(f"screening: {{company: {{version: 1{rule}}}}}")
    return frozen, sample_of(frozen, stuffed_responses())


def stuffed_responses():
    """As they stand in the sample: the stuffed ones first."""
    responses = [a_response(i, 5 if i < 4 else 3) for i in range(10)]
    return responses + [a_response(i, 3, unit="west", point="west-hall") for i in range(10, 20)]


def test_what_the_plan_lets_a_flagged_response_keep_it_keeps():
    for kept in (0.0, 0.25, 1.0):
        frozen, sample = a_stuffed_round(influence=kept)
        company = a_company(frozen, sample, [0, 1, 2, 3])
        assert company.influence.tolist() == [kept] * 4 + [1.0] * 16


@given(capped=shares, left=shares, kept=shares)
def test_a_rule_lies_between_the_flags_and_the_caps(capped, left, kept):
    frozen = a_frozen_round()
    maps = frozen.maps_by_scale
    sample = sample_of(frozen, [a_response(1), a_response(2)])
    submissions = make_submissions(sample, frozen.plan, frozen.survey, maps)
    found = an_examination(submissions, [0], capped=[capped] * 2)
    found = replace(found, influence=found.capped * np.where(found.flagged, left, 1.0))
    ruled = decide(found, CompanySignal(version=1, influence=kept), {})
    assert (ruled.influence >= found.influence - 1e-12).all()
    assert (ruled.influence <= found.capped + 1e-12).all()
    assert ruled.influence[1] == pytest.approx(capped)


def test_reported_caps_change_no_influence_and_are_still_told():
    frozen, sample = a_stuffed_round(caps="reported", influence=1)
    company = a_company(frozen, sample, [0], capped=[0.5] * 20)
    assert company.influence.tolist() == [1.0] * 20
    assert company.capped.tolist() == [0.5] * 20


def test_a_response_counts_for_the_smaller_of_its_own_signals_and_its_company():
    frozen, sample = a_stuffed_round(influence=0.3)
    company = a_company(frozen, sample, [0, 1])
    own = np.array([0.5, 0.2] + [0.7] * 18)
    assert believed(own, company).tolist()[:3] == [0.3, 0.2, 0.7]
    assert believed(own, None) is own


def test_what_is_not_examined_keeps_its_influence():
    frozen, _ = a_stuffed_round()
    responses = [a_response(1, 3, evidence="probability"), a_response(2), a_response(3, None)]
    company = a_company(frozen, sample_of(frozen, responses), [0])
    assert company.laid.rows.tolist() == [1]
    assert company.influence.tolist() == [1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("verdict", "left"),
    [("exclude", 0.0), ("keep", 1.0), ("down_weight", 0.0), ("engine", 0.5)],
)
def test_a_decision_comes_after_the_rule_and_has_the_last_word(verdict, left):
    frozen, sample = a_stuffed_round(influence=0.5)
    stands = Standing(verdict, by=None, alone=False, audit=False, waiting=())
    company = a_company(frozen, sample, [0, 1, 2, 3], standings={"c1": stands})
    assert company.influence.tolist() == [left] * 4 + [1.0] * 16


def screened(frozen, sample, company):
    influence = believed(np.ones(len(sample)), company)
    series, _ = make_series(sample, frozen.plan, influence)
    return screened_scores(series, frozen, company), series


def test_a_stuffed_score_is_told_uncapped_capped_and_in_the_worst_case():
    frozen, sample = a_stuffed_round()
    capped = [0.5] * 4 + [1.0] * 16
    company = a_company(frozen, sample, [0, 1, 2, 3], capped=capped)
    found, _ = screened(frozen, sample, company)
    east = found[("opt_in", "indicator", "senses", "unit", "east")]
    assert east.raw == pytest.approx(70.0)
    assert east.capped == pytest.approx((4 * 0.5 * 100 + 6 * 50) / 8)
    assert (east.low, east.high) == (50.0, 50.0), "what still counts agrees"
    assert east.epsilon == pytest.approx(0.05)


def test_only_judged_series_are_told_so():
    frozen, sample = a_stuffed_round()
    company = a_company(frozen, sample)
    found, _ = screened(frozen, sample, company)
    assert {place[0] for place in found} == {"opt_in"}
    assert {place[1] for place in found} == {"indicator", "item"}
    assert screened_scores((), frozen, None) == {}


def test_a_point_says_who_counts_how_far_and_what_would_move_it():
    frozen, sample = a_stuffed_round()
    company = a_company(frozen, sample, [0, 1, 2], capped=[1, 1, 1, 0.5] + [1] * 16)
    points = score_points(company, company.influence, frozen.plan)
    east, west = points
    assert (east.point, east.unit, east.n) == ("east-hall", "east", 10)
    assert (east.kept, east.reduced, east.excluded) == (6, 1, 3)
    assert east.raw == pytest.approx(70.0)
    assert east.decided == pytest.approx((0.5 * 100 + 6 * 50) / 6.5)
    assert east.low <= east.decided <= east.high
    assert west.drawn is None


def test_a_point_with_a_probability_sample_is_drawn_towards_it():
    frozen, sample = a_stuffed_round()
    drawn = [
        a_response(100 + i, 1 + i % 3, evidence="probability", unit=unit, point="")
        for unit in ("east", "west")
        for i in range(9)
    ]
    sample = sample_of(frozen, [*stuffed_responses(), *drawn])
    company = a_company(frozen, sample, [0, 1, 2, 3])
    east, _ = score_points(company, company.influence, frozen.plan)
    k = east.shrinkage
    assert (east.sample_n, east.sample_mean) == (9, pytest.approx(25.0))
    assert 0 < k < 1
    assert east.drawn == pytest.approx((1 - k) * east.decided + k * east.sample_mean)


def test_the_description_names_no_response_and_is_plain():
    frozen, sample = a_stuffed_round()
    company = a_company(frozen, sample, [0, 1, 2, 3])
    told = describe_company(company, company.influence, frozen.plan)
    text = json.dumps(told)
    assert "rows" not in text
    assert not any(identifier in text for identifier in sample.identifier.tolist())
    [campaign] = told["campaigns"]
    assert (campaign["n"], campaign["effect"]) == (4, pytest.approx(8.8))
    assert (campaign["first"], campaign["last"]) == ("2026-11-22T16:35", "2026-11-22T18:00")
    assert told["directions"]["above"] == {"n": 4, "reduced": 0, "excluded": 4}
    assert told["directions"]["below"] == {"n": 6, "reduced": 0, "excluded": 0}
    assert told["excluded"] == 4
    assert all(set(sentence) == {"zh-Hans", "en"} for sentence in told["rule"])


def test_small_points_are_marked_and_never_one_alone():
    frozen = a_frozen_round()
    least = frozen.plan.release.min_n
    assert least == 3
    sizes = {"east-hall": 2, "west-hall": 5}
    responses = [
        a_response(100 * k + i, 3, unit=point[:4], point=point)
        for k, (point, n) in enumerate(sizes.items())
        for i in range(n)
    ]
    company = a_company(frozen, sample_of(frozen, responses))
    told = describe_company(company, company.influence, frozen.plan)
    assert [point["withheld"] for point in told["points"]] == ["too_few", None]


def test_a_plan_without_company_keeps_the_digest_it_opened_with():
    before = "5f1c79d1dd3764f91106abedc0732b149cca29d2ab9d1062b9311226533c0036"
    assert a_frozen_round("screening: {}").plan_digest == before


def a_lapsed(verdict, rows=(0, 1), by=7):
    return Lapsed("c9", verdict, by, rows)


@pytest.mark.parametrize(
    ("verdict", "left"), [("exclude", 0.0), ("keep", 0.5), ("down_weight", 0.25)]
)
def test_what_was_decided_of_a_lapsed_campaign_holds_for_its_responses(verdict, left):
    frozen, sample = a_stuffed_round(influence=0.5)
    company = a_company(frozen, sample, [0, 1, 2], capped=[0.5] * 20)
    held = hold_to(company.decided, [a_lapsed(verdict)], {})
    assert held.influence.tolist()[:4] == [left, left, 0.25, 0.5]
    assert company.decided.influence[0] == 0.25


def test_what_was_decided_of_the_campaign_found_now_goes_before():
    frozen, sample = a_stuffed_round()
    stands = {"c1": Standing("exclude", by=9, alone=False, audit=False, waiting=())}
    company = a_company(frozen, sample, [0], standings=stands)
    held = hold_to(company.decided, [a_lapsed("keep")], stands)
    assert held.influence.tolist()[:2] == [0.0, 1.0]


def test_of_two_lapsed_decisions_the_later_counts():
    frozen, sample = a_stuffed_round()
    company = a_company(frozen, sample, [0])
    both = [a_lapsed("exclude", by=3), a_lapsed("keep", rows=(1,), by=8)]
    assert hold_to(company.decided, both, {}).influence.tolist()[:2] == [0.0, 1.0]


def test_a_lapsed_campaign_keeps_those_of_its_responses_that_are_still_there():
    frozen, sample = a_stuffed_round()
    company = a_company(frozen, sample, [0])
    stands = {
        "c1": Standing("keep", by=1, alone=False, audit=False, waiting=()),
        "c9": Standing("exclude", by=2, alone=False, audit=False, waiting=()),
    }
    names = company.laid.submissions.identifier
    members = {"c9": [*names.tolist()[4:6], "gone"]}
    lapsed = find_lapsed(company.found, names, standings=stands, members=members)
    assert lapsed == (Lapsed("c9", "exclude", 2, (4, 5)),)
