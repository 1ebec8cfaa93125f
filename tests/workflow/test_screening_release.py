"""What the public sees of an examination: nobody in a small group, nothing to subtract."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.workflow.publication import public_view, waiting_campaigns
from app.workflow.screening.release import (
    SMALLEST_GROUP,
    public_company,
    public_screened,
    without_small_counts,
)
from result_documents import company_part, county

counts = st.fixed_dictionaries(
    {name: st.integers(0, 60) for name in ("kept", "reduced", "excluded")}
)


@given(counts)
def test_a_small_count_is_hidden_and_cannot_be_had_from_the_total(given_counts):
    told = without_small_counts(given_counts)
    hidden = [name for name, n in told.items() if n is None]
    small = [name for name, n in given_counts.items() if 0 < n < SMALLEST_GROUP]
    assert set(small) <= set(hidden)
    others = [n for n in given_counts.values() if n]
    if small and len(others) > 1:
        assert len(hidden) >= 2
    assert all(told[name] == 0 for name, n in given_counts.items() if n == 0)


def test_a_campaign_of_few_is_only_counted():
    found = public_company(company_part(campaigns=[41, 9]), 30)
    assert [one["n"] for one in found["campaigns"]] == [41]
    assert found["small_campaigns"] == 1


def test_a_campaign_is_told_without_place_or_code_and_by_the_hour():
    [told] = public_company(company_part(campaigns=[41]), 30)["campaigns"]
    assert not {"code", "points"} & set(told)
    assert (told["first"], told["last"]) == ("2026-11-22T16", "2026-11-22T18")
    assert (told["score_with"], told["effect"]) == (80.1, 8.9)


@pytest.mark.parametrize("change", [{"withheld": "too_few"}, {"n": 60}])
def test_a_group_tells_no_score_that_its_point_may_not(change):
    company = company_part(campaigns=[41])
    company["points"][0] |= change
    [told] = public_company(company, 30)["campaigns"]
    assert told["n"] == 41
    assert [told[name] for name in ("score_with", "score_without", "effect")] == [None] * 3


def test_a_withheld_point_keeps_its_name_and_its_reason_and_no_number():
    company = company_part()
    company["points"][0] |= {"withheld": "too_few"}
    point = public_company(company, 30)["points"][0]
    kept = {name for name, value in point.items() if value is not None}
    assert kept == {"point", "unit", "name", "withheld"}


def test_scores_are_told_to_one_decimal():
    [point] = public_company(company_part(), 30)["points"]
    assert (point["raw"], point["decided"], point["high"]) == (81.2, 72.3, 75.0)
    told = public_screened({"raw": 81.23, "capped": None, "low": 70.06, "high": 75.04,
                            "epsilon": 0.0512})  # fmt: skip
    assert told == {"raw": 81.2, "capped": None, "low": 70.1, "high": 75.0, "epsilon": 0.0512}


@pytest.mark.parametrize("excluded", [4, 40])
def test_directions_of_a_few_are_told_of_neither_side(excluded):
    company = company_part()
    company["directions"]["above"]["excluded"] = excluded
    told = public_company(company, 30)["directions"]
    shown = [told[side]["excluded"] for side in ("above", "below")]
    assert shown == ([None, None] if excluded < SMALLEST_GROUP else [40, 0])


def test_a_withheld_score_says_nothing_of_its_screening():
    document = county({"一区": {"value": 85.0, "withheld": "too_few"}})
    document["screening"]["company"] = company_part()
    for entry in document["estimates"]:
        entry["screened"] = {"raw": 54321.5, "capped": 54321.5, "low": 54321.5,
                             "high": 54321.5, "epsilon": 0.1}  # fmt: skip
    view = public_view(document)
    overall, unit = view["estimates"]
    assert overall["screened"]["raw"] == 54321.5
    assert unit["screened"] is None
    assert document["estimates"][1]["screened"]["raw"] == 54321.5, "the whole one is kept"


def test_a_document_without_an_examination_stays_as_it_was():
    view = public_view(county({"一区": {"value": 85.0}}))
    assert "company" not in json.dumps(view)
    assert "screened" not in json.dumps(view)


def test_a_campaign_that_waits_tells_no_direction_and_is_counted():
    company = company_part(campaigns=[41, 40, 9])
    del company["campaigns"][1]["verdict"], company["campaigns"][2]["verdict"]
    told = public_company(company, 30)
    shown, waits = told["campaigns"]
    assert shown["effect"] == 8.9
    assert [waits[name] for name in ("score_with", "score_without", "effect")] == [None] * 3
    assert told["waiting_campaigns"] == 2


def test_what_waits_is_counted_before_it_is_published():
    document = county({"一区": {"value": 90.0}})
    assert waiting_campaigns(document) == 0
    document["screening"]["company"] = company_part(campaigns=[41, 9])
    assert waiting_campaigns(document) == 0
    del document["screening"]["company"]["campaigns"][1]["verdict"]
    assert waiting_campaigns(document) == 1
