"""From scored items to the indicators of a response."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survey_examples import SMALL_TEXT, project_survey, read_survey, score_maps_of, small_survey

from app.survey.indicators import indicator_values
from app.survey.sample import RawResponse, build_sample

SURVEY = small_survey()


def values_of(survey, *answers):
    rows = [
        RawResponse(f"{i:04}", "east", "", "probability", "", answer)
        for i, answer in enumerate(answers)
    ]
    return indicator_values(survey, build_sample(survey, score_maps_of(survey), rows))


def test_an_indicator_is_the_mean_of_its_scored_items():
    values = values_of(SURVEY, {"speed": 5, "manner": 4, "alone": 5, "life": 7})
    assert values["service"].tolist() == [(100 + 75 + 0 + 70) / 4]
    assert values["overall"].tolist() == values["service"].tolist()


def test_below_the_least_share_there_is_no_value_and_never_a_zero():
    values = values_of(
        SURVEY,
        {"speed": 5, "manner": 5, "life": 10},  # three of four: 0.6 of 4, rounded up
        {"speed": 5, "manner": 5},
        {"speed": 5, "manner": 5, "life": 98, "alone": 99},
        {},
    )
    np.testing.assert_equal(values["service"], [100, math.nan, math.nan, math.nan])


def test_three_of_five_are_enough_for_a_share_of_sixty_per_cent():
    senses = project_survey("three_senses")
    values = values_of(senses, {"H1": 10, "H2": 5, "H3": 5}, {"H1": 10, "H2": 5})
    np.testing.assert_equal(values["happiness"], [100, math.nan])


@pytest.mark.parametrize(
    ("share", "count"), [(0.25, 1), (0.26, 2), (0.5, 2), (0.75, 3), (1, 4)]
)
def test_the_share_is_rounded_up(share, count):
    survey = read_survey(SMALL_TEXT.replace("min_share: 0.6", f"min_share: {share}"))
    items = ["speed", "manner", "alone", "life"]
    enough = dict.fromkeys(items[:count], 3)
    too_few = dict.fromkeys(items[: count - 1], 3)
    values = values_of(survey, enough, too_few)["service"]
    assert not np.isnan(values[0])
    assert np.isnan(values[1])


def test_the_three_senses_need_all_three_dimensions():
    senses = project_survey("three_senses")
    items = {indicator.code: indicator.items for indicator in senses.indicators}
    best = {code: 10 if code == "H1" else 5 for code in (*items["gain"], *items["happiness"])}
    safe = dict.fromkeys(items["security"], 3)
    values = values_of(senses, best, best | safe)
    assert np.isnan(values["senses"][0])
    # H5 is reversed: agreeing most that nobody helps earns nothing.
    assert values["happiness"].tolist() == [80, 80]
    assert values["senses"][1] == pytest.approx((100 + 80 + 50) / 3)


CODES = st.sampled_from([5, 4, 3, 2, 1, 98, 99])
ANSWERS = st.fixed_dictionaries(
    {},
    optional={"speed": CODES, "manner": CODES, "alone": CODES, "life": st.integers(0, 10)},
)


@settings(deadline=None)
@given(ANSWERS)
def test_an_indicator_lies_between_its_worst_and_best_scored_item(answers):
    row = RawResponse("a", "east", "", "opt_in", "", answers)
    sample = build_sample(SURVEY, score_maps_of(SURVEY), [row])
    value = indicator_values(SURVEY, sample)["service"][0]
    points = [column[0] for column in sample.scores.values() if not np.isnan(column[0])]
    assert np.isnan(value) == (len(points) < 3)
    if len(points) >= 3:
        assert min(points) - 1e-9 <= value <= max(points) + 1e-9


@settings(deadline=None)
@given(ANSWERS)
def test_an_unscored_answer_changes_nothing(answers):
    unanswered = {code: answer for code, answer in answers.items() if answer not in {98, 99}}
    values = values_of(SURVEY, answers, unanswered)["service"]
    np.testing.assert_equal(values[0], values[1])
