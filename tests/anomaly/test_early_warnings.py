"""Every warning on one true and one innocent example, and how often it cries wolf."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from clean_rounds import (
    HOME,
    PLACES,
    POINTS,
    CleanRound,
    clean_round,
    grade_table,
    opinions_of,
    sheets,
)
from hypothesis import given
from hypothesis import strategies as st

from app.anomaly.warnings.alarm import Alarm, by_rarity
from app.anomaly.warnings.appeals import Appeals, laundered
from app.anomaly.warnings.bursts import Times, bursts
from app.anomaly.warnings.catalogue import CATALOGUE
from app.anomaly.warnings.channels import channel_gaps
from app.anomaly.warnings.clones import Crowd, far_away
from app.anomaly.warnings.coaching import alike, coached
from app.anomaly.warnings.opinions import Opinions
from app.anomaly.warnings.refusals import Refused, refusal_surges
from app.anomaly.warnings.silence import Visits, silent_points
from app.anomaly.warnings.suppression import Grades, missing_low
from app.anomaly.warnings.tails import against_others, lower_tail, upper_tail
from app.anomaly.warnings.words import in_steps, power_of_ten, tell
from app.survey.text import Text

WARNINGS: dict[str, Callable[[CleanRound], list[Alarm]]] = {
    "coaching, with the last round": lambda one: coached(one.opinions, before=one.before),
    "coaching, without": lambda one: coached(one.opinions),
    "same sheets": lambda one: alike(one.opinions, seed=1),
    "clones": lambda one: far_away(one.crowd),
    "silence": lambda one: silent_points(one.visits),
    "bursts": lambda one: bursts(one.times),
    "missing grades": lambda one: missing_low(one.grades),
    "refusals": lambda one: refusal_surges(one.refused),
    "channels": lambda one: channel_gaps(one.contentment),
}
MOST_FALSE = {"coaching, without": 3, "silence": 3}
"""False alarms allowed in twelve clean rounds of forty points; of any other warning none."""


@pytest.fixture(scope="module")
def clean() -> CleanRound:
    return clean_round(101)


def places_of(alarms: list[Alarm]) -> list[str]:
    return sorted({alarm.place for alarm in alarms})


@pytest.mark.parametrize("name", WARNINGS)
def test_clean_rounds_raise_hardly_any_alarm(name: str) -> None:
    raised = [WARNINGS[name](clean_round(seed)) for seed in range(12)]

    assert sum(map(len, raised)) <= MOST_FALSE.get(name, 0)


def coach(opinions: Opinions, place: str, share: float) -> Opinions:
    """A share of the people of a place say what they were told: all the best, one item less."""
    chance = np.random.default_rng(5)
    told = (opinions.unit == place) & (chance.random(len(opinions)) < share)
    choices = opinions.choices.copy()
    choices[told] = 4.0
    choices[told, 3] = 3.0
    return replace(opinions, choices=choices)


def test_a_coached_unit_is_told_from_its_last_round(clean: CleanRound) -> None:
    alarms = coached(coach(clean.opinions, "p05", 0.6), before=clean.before)

    assert places_of(alarms) == ["p05"]
    assert alarms[0].observed < alarms[0].expected
    assert alarms[0].detail["best"] > alarms[0].detail["best_usual"]


def test_a_unit_that_got_better_keeps_its_doubts_and_is_not_called_coached() -> None:
    chance = np.random.default_rng(3)
    point = np.repeat(np.arange(POINTS), 200)
    quality, profile = np.zeros(POINTS), np.zeros((POINTS, 8))
    before = sheets(chance, quality[point], profile[point], np.full(len(point), 0.06))
    quality[5] = 0.5
    now = sheets(chance, quality[point], profile[point], np.full(len(point), 0.06))

    alarms = coached(opinions_of(point, now), before=opinions_of(point, before))

    assert alarms == []


def test_a_model_answer_makes_sheets_alike(clean: CleanRound) -> None:
    alarms = alike(coach(clean.opinions, "p05", 0.35), seed=1)

    assert places_of(alarms) == ["p05"]
    assert alarms[0].observed < 0.8 * alarms[0].expected


def test_people_who_fill_in_one_column_are_not_called_coached(clean: CleanRound) -> None:
    chance = np.random.default_rng(5)
    lazy = (clean.opinions.unit == "p05") & (chance.random(len(clean.opinions)) < 0.5)
    choices = clean.opinions.choices.copy()
    choices[lazy] = 4.0

    assert alike(replace(clean.opinions, choices=choices), seed=1) == []


def test_the_same_seed_gives_the_same_alarms(clean: CleanRound) -> None:
    opinions = coach(clean.opinions, "p05", 0.35)

    assert alike(opinions, seed=4) == alike(opinions, seed=4)


def from_afar(crowd: Crowd, place: str, n: int, networks: int) -> Crowd:
    """The same crowd with n answers at a place from networks of the next district."""
    foreign = (int(HOME[int(place[1:])]) + 3) % 8
    more = np.array([f"home{foreign}.{i % networks}" for i in range(n)])
    here = np.full(n, f"d{HOME[int(place[1:])]}")
    return Crowd(
        np.concatenate([crowd.point, np.full(n, place)]),
        np.concatenate([crowd.district, here]),
        np.concatenate([crowd.network, more]),
    )


def test_a_code_that_is_answered_from_another_district_is_named(clean: CleanRound) -> None:
    alarms = far_away(from_afar(clean.crowd, "p11", 60, 6))

    assert places_of(alarms) == ["p11"]
    assert alarms[0].detail["networks"] >= 5


def test_of_two_villages_that_share_networks_the_one_with_fewer_answers_is_far_away() -> None:
    """Each has one point, so that its own networks are at home nowhere else."""
    own = [(f"v{k}", f"net{k}.{i % 4}") for k in range(8) for i in range(60)]
    cloned = [("v5", f"net1.{i % 4}") for i in range(20)]
    point, network = (np.array(column) for column in zip(*own, *cloned, strict=True))

    assert places_of(far_away(Crowd(point, np.char.add("d-", point), network))) == ["v5"]


def test_a_few_travellers_and_a_crowd_on_carriers_are_not_far_away(clean: CleanRound) -> None:
    crowd = from_afar(clean.crowd, "p11", 4, 4)
    carried = Crowd(
        np.concatenate([crowd.point, np.full(200, "p11")]),
        np.concatenate([crowd.district, np.full(200, f"d{HOME[11]}")]),
        np.concatenate([crowd.network, np.array([f"cell{i % 12 * 5}" for i in range(200)])]),
    )

    assert far_away(carried) == []


def test_visits_without_scans_are_silence(clean: CleanRound) -> None:
    scans = clean.visits.scans.copy()
    scans[[4, 9]] = np.floor(scans[[4, 9]] * 0.15)

    alarms = silent_points(replace(clean.visits, scans=scans))

    assert places_of(alarms) == ["p04", "p09"]


def test_a_point_with_few_visits_and_few_scans_is_not_silent(clean: CleanRound) -> None:
    scans, visits = clean.visits.scans.copy(), clean.visits.visits.copy()
    scans[4], visits[4] = 3, 9

    assert silent_points(Visits(clean.visits.point, scans, visits)) == []


def test_a_promotion_is_an_alarm_that_says_that_it_may_be_innocent() -> None:
    alarms = bursts(clean_round(101, promotion=True).times)

    assert places_of(alarms) == ["p07"]
    said = tell(alarms[0], Text(zh="七号厅", en="Hall 7"))
    assert "promotion" in said.innocent.en
    assert "推广" in said.innocent.zh
    assert "第 6 天" in said.seen.zh
    first = datetime.fromisoformat("2026-11-01")
    dated = tell(alarms[0], Text(zh="七号厅", en="Hall 7"), midnight=first).seen
    assert "11 月 6 日" in dated.zh
    assert "2026-11-06" in dated.en


def test_a_busy_day_of_the_whole_town_is_no_burst(clean: CleanRound) -> None:
    times = clean.times
    fair = (times.minute // 1440 == 6) | (times.minute // 1440 == 7)
    doubled = Times(
        np.concatenate([times.point, times.point[fair], times.point[fair]]),
        np.concatenate([times.minute, times.minute[fair], times.minute[fair]]),
    )

    assert bursts(doubled) == []


def test_dropped_low_grades_leave_a_gap_that_is_seen(clean: CleanRound) -> None:
    counts = clean.grades.counts.copy()
    counts[5, :2] = 0

    alarms = missing_low(Grades(clean.grades.place, counts))

    assert places_of(alarms) == ["p05"]


def test_a_point_that_serves_well_misses_no_grades() -> None:
    chance = np.random.default_rng(8)
    point = np.repeat(np.arange(POINTS), 400)
    quality = np.zeros(POINTS)
    quality[8] = 1.4
    grades = sheets(chance, quality[point], np.zeros((len(point), 2)), np.zeros(len(point)))

    assert missing_low(Grades(PLACES, grade_table(point, grades[:, 0]))) == []


def test_appeals_that_nearly_all_win_call_for_an_audit() -> None:
    honest = [Appeals(f"o{i}", {"a": 3, "b": 3}, {"a": 9, "b": 9}) for i in range(6)]
    laundry = Appeals("wash", {"a": 25, "b": 1}, {"b": 4})

    alarms = laundered([*honest, laundry])

    assert [(alarm.code, alarm.place) for alarm in alarms] == [
        ("APPEAL_RATE", "wash"),
        ("APPEAL_DECIDER", "wash"),
    ]


def test_few_appeals_and_shared_decisions_are_no_laundering() -> None:
    few = Appeals("few", {"a": 12}, {"a": 1})
    shared = Appeals("fair", {"a": 6, "b": 7, "c": 5}, {"a": 7, "b": 6, "c": 9})

    assert laundered([few, shared]) == []


def test_a_surge_of_refusals_is_named(clean: CleanRound) -> None:
    refused, received = clean.refused.refused.copy(), clean.refused.received.copy()
    refused[3] += 200
    received[3] += 200

    alarms = refusal_surges(Refused(PLACES, received, refused))

    assert places_of(alarms) == ["p03"]


def test_a_point_where_much_is_handed_in_may_refuse_much(clean: CleanRound) -> None:
    refused, received = clean.refused.refused.copy(), clean.refused.received.copy()
    received[3], refused[3] = 10 * received[3], 10 * refused[3]

    assert refusal_surges(Refused(PLACES, received, refused)) == []


def test_an_open_code_that_is_stuffed_parts_from_the_tickets(clean: CleanRound) -> None:
    numbers = clean.contentment
    stuffed = numbers.open_n.copy()
    content = numbers.open_content.copy()
    stuffed[0] += 400
    content[0] += 400

    alarms = channel_gaps(replace(numbers, open_n=stuffed, open_content=content))

    assert places_of(alarms) == ["p00"]


def test_a_gap_that_every_point_has_is_no_alarm(clean: CleanRound) -> None:
    numbers = clean.contentment
    fewer = np.floor(0.7 * numbers.assured_content)

    assert channel_gaps(replace(numbers, assured_content=fewer)) == []


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_alarm_is_told_with_its_null_and_an_innocent_explanation(code: str) -> None:
    entry = CATALOGUE[code]
    alarm = Alarm(code, "p", 0.62, 0.31, 1e-5, 4.2, dict.fromkeys(entry.details, 0.5))

    said = tell(alarm, Text(zh="东大厅", en="East hall"))

    for text in (said.name, said.seen, said.null, said.innocent, said.confirm):
        assert text.zh
        assert text.en
        assert "{" not in text.zh + text.en
    assert "East hall" in said.seen.en
    assert "东大厅" in said.seen.zh


def test_figures_of_answers_are_said_in_steps() -> None:
    assert in_steps(87, "count") == 90
    assert in_steps(0.63, "share") == 0.65
    assert power_of_ten(3e-7) == 6
    assert power_of_ten(0.0) == 9


def test_alarms_are_listed_by_rarity() -> None:
    one, two = Alarm("BURST", "a", 1, 1, 1e-5, 4), Alarm("BURST", "b", 1, 1, 1e-9, 6)

    assert by_rarity([one, two]) == [two, one]


@given(st.integers(0, 400), st.floats(0.1, 300), st.floats(0, 3), st.floats(0, 3))
def test_tails_are_probabilities_and_wider_spread_makes_far_counts_less_rare(
    count: int, expected: float, spread: float, more: float
) -> None:
    observed = np.array([float(count)])
    narrow = upper_tail(observed, np.array([expected]), np.array([spread]))
    below = lower_tail(observed - 1, np.array([expected]), np.array([spread]))
    wide = upper_tail(observed, np.array([expected]), np.array([spread + more]))

    assert 0 <= narrow <= 1
    assert narrow + below == pytest.approx(1, abs=1e-6)
    if count > 4 * expected + 10:
        assert wide >= narrow * (1 - 1e-6)


def test_too_few_of_a_kind_are_compared_with_nothing() -> None:
    values, variances = np.array([0.1, 0.2, 0.3, 5.0]), np.full(4, 0.01)

    _, z = against_others(values, variances, np.full(4, "town"))

    assert np.isnan(z).all()


@pytest.mark.parametrize(
    ("hours", "start", "zh", "en"),
    [
        (
            0.5,
            810.0,
            "11 月 22 日 13 时 30 分起 30 分钟里",
            "within 30 minutes from 2026-11-22 13:30",
        ),
        (3.0, 780.0, "11 月 22 日 13 时起 3 小时里", "within 3 hours from 2026-11-22 13:00"),
    ],
)
def test_a_burst_says_how_long_and_from_when_as_people_do(hours, start, zh, en):
    alarm = Alarm("BURST", "a", 87, 6, 1e-7, 8.0, {"hours": hours, "start": start})
    told = tell(alarm, Text(zh="大厅", en="Hall"), midnight=datetime(2026, 11, 22, tzinfo=UTC))
    assert zh in told.seen.zh
    assert en in told.seen.en


def test_an_office_with_one_decider_is_held_against_two_and_says_so():
    offices = [Appeals("wash", {"An": 40}, {"An": 2}), Appeals("rest", {"Bo": 8}, {"Cui": 40})]
    [alone] = [one for one in laundered(offices) if one.code == "APPEAL_DECIDER"]
    said = tell(alone, Text(zh="一处", en="Office")).seen
    assert "shared evenly by 2 it would be 50%" in said.en
    assert "2 人平摊应各占 50%" in said.zh
