"""Signals become influence: never deletion, never twice for one thing, always with words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_round import SURVEY, response, sample_of, varied_round

from app.anomaly.screening import screen
from app.survey.recipe import (
    DeviceRepetitionSignal,
    IsolationForestSignal,
    Screening,
    SpeedSignal,
    StraightLiningSignal,
)

ALL = Screening(
    speed=SpeedSignal(share_of_median=0.33, influence=0.5),
    straight_lining=StraightLiningSignal(items=3, influence=1),
    device_repetition=DeviceRepetitionSignal(allowed=2, influence=0),
    isolation_forest=IsolationForestSignal(share=0.05, trees=50, influence=0.7),
)


def hurried(number: int, **paradata):
    answers = {"a": 5, "b": 5, "c": 5, "d": 1, "h": 10}
    return response(number, answers, seconds=5, **paradata)


def test_an_honest_round_keeps_full_influence_where_no_signal_is_planned():
    result = screen(sample_of(varied_round(80)), Screening(), survey=SURVEY, seed=1)
    assert (result.influence == 1).all()
    assert result.fired == ()
    assert result.summaries == ()


def test_the_strictest_fired_signal_decides_and_evidence_is_not_multiplied():
    farm = [hurried(800 + i, slot="t", device="d", network="n") for i in range(3)]
    result = screen(
        sample_of([*varied_round(97), hurried(700), *farm]), ALL, survey=SURVEY, seed=1
    )
    fired = {s.signal for s in result.fired if s.position == 97}
    assert {"speed", "straight_lining"} <= fired
    assert result.influence[97] == 0.5
    assert (result.influence[-3:] == 0).all()


def test_a_response_with_influence_zero_keeps_its_row():
    farm = [hurried(800 + i, slot="t", device="d", network="n") for i in range(3)]
    sample = sample_of([*varied_round(20), *farm])
    result = screen(sample, ALL, survey=SURVEY, seed=1)
    assert len(result.influence) == len(sample) == 23


def test_every_reason_carries_its_numbers_and_an_innocent_explanation():
    sample = sample_of([*varied_round(97), *[hurried(700 + i) for i in range(3)]])
    result = screen(sample, ALL, survey=SURVEY, seed=1)
    (reason,) = [s.reason for s in result.fired if (s.signal, s.position) == ("speed", 99)]
    assert "5 秒" in reason.zh
    assert "也会答得快" in reason.zh
    assert "Took 5 seconds" in reason.en
    assert "were asked fewer items" in reason.en


def test_the_summary_shows_on_which_side_the_signals_fell():
    result = screen(
        sample_of([*varied_round(97), *[hurried(700 + i) for i in range(3)]]),
        ALL,
        survey=SURVEY,
        seed=1,
    )
    speed = next(s for s in result.summaries if s.signal == "speed")
    assert (speed.applicable, speed.fired) == (100, 3)
    assert (speed.fired_above, speed.fired_below) == (3, 0)
    assert speed.mean_score_fired == pytest.approx(80)
    assert speed.mean_score_others < speed.mean_score_fired


def test_imported_answers_without_paradata_are_not_punished_for_it():
    imported = [
        response(i, {"a": 1 + i % 5, "b": 1 + i % 3, "c": 1 + i % 4}) for i in range(40)
    ]
    result = screen(sample_of(imported), ALL, survey=SURVEY, seed=1)
    by_signal = {s.signal: s for s in result.summaries}
    for name in ("speed", "device_repetition", "isolation_forest"):
        assert by_signal[name].applicable == 0
        assert by_signal[name].note is not None
        assert by_signal[name].mean_score_fired is None


def test_an_empty_round_and_a_single_response_are_no_error():
    for responses in ([], [hurried(1)], [response(1, {})]):
        result = screen(sample_of(responses), ALL, survey=SURVEY, seed=1)
        assert len(result.influence) == len(responses)
        assert ((result.influence >= 0) & (result.influence <= 1)).all()


answers = st.fixed_dictionaries(
    {},
    optional={
        "a": st.sampled_from([1, 2, 3, 4, 5, 98]),
        "b": st.sampled_from([1, 2, 3, 4, 5, 98]),
        "c": st.sampled_from([1, 2, 3, 4, 5, 98]),
        "d": st.sampled_from([1, 2, 3, 4]),
        "h": st.integers(0, 10),
    },
)
paradata = st.fixed_dictionaries(
    {
        "seconds": st.none() | st.integers(0, 600),
        "slot": st.sampled_from(["", "t"]),
        "device": st.sampled_from(["", "d"]),
        "network": st.sampled_from(["", "n", "m"]),
    }
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(answers, paradata), max_size=70), st.integers(0, 2**40))
def test_any_round_gives_one_influence_a_response_and_the_same_one_again(rows, seed):
    sample = sample_of([response(i, a, **p) for i, (a, p) in enumerate(rows)])
    result = screen(sample, ALL, survey=SURVEY, seed=seed)
    again = screen(sample, ALL, survey=SURVEY, seed=seed)
    assert np.array_equal(result.influence, again.influence)
    assert result.fired == again.fired
    assert len(result.influence) == len(sample)
    touched = {s.position for s in result.fired}
    assert all(result.influence[i] == 1 for i in range(len(sample)) if i not in touched)
    assert list(result.fired) == sorted(result.fired, key=lambda s: s.position)
