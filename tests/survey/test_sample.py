"""Responses as columns: codes, points, background, in an order that says nothing."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survey_examples import SMALL_TEXT, project_survey, read_survey, score_maps_of, small_survey

from app.survey.sample import RawResponse, build_sample, points_by_code

SURVEY = small_survey()
MAPS = score_maps_of(SURVEY)


def response(identifier: str, **changes) -> RawResponse:
    kept = {"unit": "east", "point": "hall", "evidence": "opt_in", "channel": "page"}
    return RawResponse(identifier, **{**kept, "answers": {}, **changes})


def test_points_follow_the_order_of_the_options_and_not_their_codes():
    bloomington = project_survey("bloomington_2017")
    maps = score_maps_of(bloomington)
    quality = points_by_code(bloomington, bloomington.items["q1a"], maps["quality"])
    assert quality == {1: 100, 2: 200 / 3, 3: 100 / 3, 4: 0}
    safety = points_by_code(bloomington, bloomington.items["q4d"], maps["safety"])
    assert safety == {1: 100, 2: 75, 3: 50, 4: 25, 5: 0}


def test_a_reversed_item_reads_its_map_from_the_other_end():
    manner = points_by_code(SURVEY, SURVEY.items["manner"], MAPS["satisfaction"])
    alone = points_by_code(SURVEY, SURVEY.items["alone"], MAPS["satisfaction"])
    assert manner == {5: 100, 4: 75, 3: 50, 2: 25, 1: 0}
    assert alone == {5: 0, 4: 25, 3: 50, 2: 75, 1: 100}


def test_a_reversed_number_runs_down():
    survey = read_survey(SMALL_TEXT.replace("kind: number,", "kind: number, reversed: true,"))
    points = points_by_code(survey, survey.items["life"], MAPS["life"])
    assert points == {number: 100 - 10 * number for number in range(11)}


def test_a_map_of_another_length_is_refused_by_name():
    maps = score_maps_of(project_survey("bloomington_2017"))
    with pytest.raises(ValueError, match="even_4@1 has 4 points, not 5"):
        points_by_code(SURVEY, SURVEY.items["speed"], maps["quality"])


def test_dont_know_and_not_applicable_keep_their_codes_and_have_no_points():
    rows = [
        response("a", answers={"speed": 98}),
        response("b", answers={"speed": 99}),
        response("c", answers={}),
        response("d", answers={"speed": 1}),
    ]
    sample = build_sample(SURVEY, MAPS, rows)
    np.testing.assert_equal(sample.codes["speed"], [98, 99, math.nan, 1])
    np.testing.assert_equal(sample.scores["speed"], [math.nan, math.nan, math.nan, 0])


def test_only_single_choices_and_numbers_become_columns_of_codes():
    sample = build_sample(SURVEY, MAPS, [response("a", answers={"speed": 1, "why": (21,)})])
    assert set(sample.codes) == {
        "speed", "manner", "alone", "life", "gender", "child", "grown",
    }  # fmt: skip
    assert set(sample.scores) == {"speed", "manner", "alone", "life"}


def test_background_is_what_was_imported_and_what_is_not_scored():
    rows = [
        response("a", answers={"gender": 2}, background={"d14": "7"}),
        response("b", answers={"gender": 98}),
        response("c"),
    ]
    sample = build_sample(SURVEY, MAPS, rows)
    assert sample.background["gender"].tolist() == ["2", "", ""]
    assert sample.background["d14"].tolist() == ["7", "", ""]
    assert "speed" not in sample.background


def test_what_is_not_known_of_a_response_is_not_a_number_and_not_zero():
    sample = build_sample(SURVEY, MAPS, [response("a"), response("b", weight=0.5, seconds=0)])
    np.testing.assert_equal(sample.given_weight, [math.nan, 0.5])
    np.testing.assert_equal(sample.seconds, [math.nan, 0.0])


def test_the_order_is_that_of_the_identifiers_however_they_arrived():
    rows = [response(name, answers={"life": i}) for i, name in enumerate("cab")]
    orders = {
        tuple(build_sample(SURVEY, MAPS, order).codes["life"]) for order in permutations(rows)
    }
    assert orders == {(1.0, 2.0, 0.0)}


def test_no_response_is_a_sample_too():
    sample = build_sample(SURVEY, MAPS, [])
    assert len(sample) == 0
    assert sample.scores["speed"].shape == (0,)
    assert len(sample.restrict(np.zeros(0, bool))) == 0


CODES = [5, 4, 3, 2, 1, 98, 99]
ROWS = st.lists(
    st.fixed_dictionaries(
        {}, optional={"speed": st.sampled_from(CODES), "life": st.integers(0, 10)}
    ),
    max_size=12,
)


@settings(deadline=None)
@given(ROWS, st.data())
def test_restricting_and_building_can_be_exchanged(answers, data):
    rows = [response(f"{i:03}", answers=a, weight=float(i + 1)) for i, a in enumerate(answers)]
    kept = np.array([data.draw(st.booleans()) for _ in rows], dtype=bool)
    restricted = build_sample(SURVEY, MAPS, rows).restrict(kept)
    built = build_sample(SURVEY, MAPS, [row for row, k in zip(rows, kept, strict=True) if k])
    assert restricted.identifier.tolist() == built.identifier.tolist()
    np.testing.assert_equal(restricted.given_weight, built.given_weight)
    for code in built.scores:
        np.testing.assert_equal(restricted.scores[code], built.scores[code])
        np.testing.assert_equal(restricted.codes[code], built.codes[code])


@settings(deadline=None)
@given(ROWS)
def test_points_lie_between_0_and_100_and_stand_exactly_where_a_scored_code_stands(answers):
    sample = build_sample(
        SURVEY, MAPS, [response(f"{i:03}", answers=a) for i, a in enumerate(answers)]
    )
    for code, points in sample.scores.items():
        scored = np.isin(sample.codes[code], SURVEY.scale_of(SURVEY.items[code]).codes)
        np.testing.assert_equal(~np.isnan(points), scored)
        assert np.all((points[scored] >= 0) & (points[scored] <= 100))
