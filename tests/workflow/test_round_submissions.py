"""A round's sample laid out for the examination: places, minutes, clients, references."""

import numpy as np
import pytest
from screening_case import a_frozen_round, a_response, sample_of

from app.survey.sample import points_by_code
from app.workflow.screening.submissions import judged, make_reference, make_submissions
from world import registry


def submissions_of(responses, company="screening: {company: {version: 1}}", **survey):
    frozen = a_frozen_round(company, **survey)
    sample = sample_of(frozen, responses)
    return make_submissions(sample, frozen.plan, frozen.survey, frozen.maps_by_scale)


def test_places_are_counted_from_the_worst_whatever_the_codes():
    found = submissions_of([a_response(1, 5), a_response(2, 1), a_response(3, 98)])
    assert found.answers.tolist()[:2] == [[4.0] * 3, [0.0] * 3]
    assert np.isnan(found.answers[2]).all(), "whoever would rather not answer has no place"
    assert found.highest.tolist() == [4.0] * 3
    assert found.score.tolist()[:2] == [100.0, 0.0]


@pytest.mark.parametrize("survey", sorted(registry().surveys))
def test_the_best_place_of_every_item_has_the_most_points(survey):
    frozen = a_frozen_round(survey=survey)
    maps = frozen.maps_by_scale
    scored = [
        item
        for item in frozen.survey.items.values()
        if item.scale in maps and item.kind in {"single", "number"}
    ]
    best, worst = {}, {}
    for item in scored:
        points = points_by_code(frozen.survey, item, maps[item.scale])
        best[item.code] = max(points, key=points.__getitem__)
        worst[item.code] = min(points, key=points.__getitem__)
    found = submissions_of(
        [a_response(1, None, answers=best), a_response(2, None, answers=worst)], survey=survey
    )
    assert found.answers[0].tolist() == found.highest.tolist()
    assert found.answers[1].tolist() == [0.0] * len(scored)


def test_minutes_count_by_the_clock_on_the_wall_from_the_first_midnight():
    responses = [
        a_response(1, slot="2026-11-22T08:35Z"),
        a_response(2, slot="2026-11-22T16:05Z"),
        a_response(3, slot=""),
    ]
    found = submissions_of(responses)
    assert found.minute[:2].tolist() == [16 * 60 + 35, 24 * 60 + 5], "Shanghai is 8 h ahead"
    assert np.isnan(found.minute[2])


def test_a_class_of_devices_is_the_client_and_never_the_device():
    found = submissions_of([a_response(1, device="ab12", network="cd34")])
    assert found.client.tolist() == ["ab12"]
    assert found.network.tolist() == ["cd34"]
    assert found.device.tolist() == [""]


def test_only_a_one_time_right_assures():
    found = submissions_of([a_response(1, assurance="one_time"), a_response(2)])
    assert found.assured.tolist() == [True, False]


def test_dwell_is_of_sections_where_most_were_timed_so_and_of_the_form_otherwise():
    timed = {"seconds": 40, "section_seconds": {"senses": 31}}
    whole = [a_response(1, seconds=40), a_response(2, seconds=50), a_response(3, **timed)]
    assert submissions_of(whole).dwell.tolist() == [[40.0], [50.0], [40.0]]
    by_section = [a_response(1, seconds=40), a_response(2, **timed), a_response(3, **timed)]
    assert submissions_of(by_section).dwell[1:].tolist() == [[31.0], [31.0]]


def test_a_response_without_a_point_stands_at_its_unit_and_in_its_region():
    found = submissions_of([a_response(1, point="")])
    assert (found.point[0], found.district[0]) == ("east", "town")


def test_only_the_classes_of_the_plan_with_a_scored_answer_are_judged():
    frozen = a_frozen_round("screening: {company: {version: 1, evidence: [opt_in]}}")
    responses = [
        a_response(1),
        a_response(2, evidence="transaction"),
        a_response(3, None),
        a_response(4, evidence="probability"),
    ]
    sample = sample_of(frozen, responses)
    assert judged(sample, frozen.plan).tolist() == [True, False, False, False]
    nothing = a_frozen_round("screening: {}")
    assert not judged(sample, nothing.plan).any(), "left out, it is not looked for"


def test_the_probability_sample_is_what_the_others_are_held_against():
    frozen = a_frozen_round()
    drawn = a_response(2, 3, evidence="probability", point="")
    sample = sample_of(frozen, [a_response(1), drawn])
    found = make_reference(sample, frozen.plan, frozen.survey, frozen.maps_by_scale)
    assert found is not None
    assert found.point.tolist() == ["east-hall"], "the only point of its unit"
    assert found.score.tolist() == [50.0]
    assert found.answers.tolist() == [[2.0, 2.0, 2.0]]


@pytest.mark.parametrize("company", ["[opt_in, probability]", "[opt_in]"])
def test_a_sample_that_is_judged_itself_or_not_there_is_no_reference(company):
    frozen = a_frozen_round(f"screening: {{company: {{version: 1, evidence: {company}}}}}")
    evidence = "probability" if "probability" in company else "transaction"
    sample = sample_of(frozen, [a_response(1), a_response(2, evidence=evidence)])
    assert make_reference(sample, frozen.plan, frozen.survey, frozen.maps_by_scale) is None
