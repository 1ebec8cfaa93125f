"""What each signal fires on, what it leaves alone, and what it cannot judge."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from small_round import SURVEY, response, sample_of, varied_round

from app.anomaly.signals import device_repetition, speed, straight_lining
from app.survey.recipe import DeviceRepetitionSignal, SpeedSignal, StraightLiningSignal

SPEED = SpeedSignal(share_of_median=0.33, influence=0.5)
STRAIGHT = StraightLiningSignal(items=3, influence=1)
DEVICE = DeviceRepetitionSignal(allowed=2, influence=0.2)


def timed(*seconds: int | None):
    return sample_of([response(i, {"a": 5}, seconds=s) for i, s in enumerate(seconds)])


def test_a_response_in_under_a_third_of_the_median_time_is_fast():
    found = speed(timed(*[180] * 20, 59, 60), SPEED)
    assert found.fires.tolist() == [False] * 20 + [True, False]
    assert found.expected == 180


def test_without_times_speed_judges_nobody_and_says_so():
    found = speed(timed(*[None] * 30), SPEED)
    assert not found.judged.any()
    assert not found.fires.any()
    assert found.note is not None
    assert "Not applicable" in found.note.en


def test_a_response_without_its_time_is_not_judged_among_others_that_have_one():
    found = speed(timed(*[180] * 20, None, 10), SPEED)
    assert found.fires.tolist() == [False] * 21 + [True]
    assert not found.judged[20]


def test_nine_times_are_too_few_for_a_median():
    assert not speed(timed(*[180] * 8, 1), SPEED).judged.any()


def lined(answers: dict[str, int]):
    return straight_lining(sample_of([response(0, answers)]), STRAIGHT, survey=SURVEY)


def test_the_same_place_counts_whatever_the_codes():
    # The first option has code 5 on one scale and code 1 on the other.
    assert lined({"a": 5, "b": 5, "c": 5, "d": 1}).fires.all()
    assert not lined({"a": 5, "b": 5, "c": 5, "d": 4}).fires.any()


def test_the_last_option_is_the_same_place_on_scales_of_different_length():
    assert lined({"a": 1, "b": 1, "c": 1, "d": 4}).fires.all()


def test_a_content_person_who_reads_a_reversed_item_is_not_straight_lining():
    assert not lined({"a": 5, "b": 5, "c": 1, "d": 1}).fires.any()


def test_too_few_answers_are_not_judged():
    found = lined({"a": 5, "b": 5})
    assert not found.judged.any()
    assert found.note is not None


def test_a_number_is_no_option_and_does_not_count():
    assert not lined({"a": 5, "b": 5, "h": 5}).judged.any()


def test_dont_know_is_no_place():
    assert not lined({"a": 98, "b": 98, "c": 98}).judged.any()
    assert lined({"a": 98, "b": 5, "c": 5, "d": 1}).fires.all()


def test_what_is_usual_in_the_round_stands_beside_what_was_seen():
    found = straight_lining(sample_of(varied_round(200)), STRAIGHT, survey=SURVEY)
    assert 1 <= found.expected < 4
    assert (found.observed[found.fires] == 4).all()


def crowd(*groups: tuple[str, str, str, int]):
    keys = [group[:3] for group in groups for _ in range(group[3])]
    return sample_of(
        [
            response(i, {"a": 5}, slot=slot, device=device, network=network)
            for i, (slot, device, network) in enumerate(keys)
        ]
    )


def test_a_group_above_the_allowed_size_fires_whole():
    sample = crowd(("t1", "ios", "n1", 3), ("t1", "android", "n1", 2), ("t2", "ios", "n1", 1))
    found = device_repetition(sample, DEVICE)
    assert found.fires.tolist() == [True] * 3 + [False] * 3
    assert found.observed.tolist() == [3, 3, 3, 2, 2, 1]


def test_imported_answers_without_device_or_network_are_not_judged():
    sample = crowd(("t1", "", "n1", 9), ("t1", "ios", "", 9), ("", "ios", "n1", 9))
    found = device_repetition(sample, DEVICE)
    assert not found.judged.any()
    assert found.note is not None


def test_the_same_device_and_network_at_another_point_is_another_group():
    here = [response(i, {"a": 5}, slot="t", device="d", network="n") for i in range(2)]
    there = [
        response(9 + i, {"a": 5}, slot="t", device="d", network="n", point="q")
        for i in range(2)
    ]
    assert not device_repetition(sample_of(here + there), DEVICE).fires.any()


keys = st.tuples(*[st.sampled_from(["", "x", "y"])] * 3)


@given(st.lists(keys, min_size=1, max_size=30), st.data())
def test_an_added_copy_never_makes_a_response_less_repeated(rows, data):
    copied = data.draw(st.sampled_from(rows))
    before = device_repetition(crowd(*[(*row, 1) for row in rows]), DEVICE)
    after = device_repetition(crowd(*[(*row, 1) for row in [*rows, copied]]), DEVICE)
    assert len(after.fires) == len(rows) + 1
    assert (after.fires[:-1] >= before.fires).all()
    seen = np.nan_to_num(after.observed[:-1])
    assert (seen >= np.nan_to_num(before.observed)).all()
