"""Who is pressed and who is refused: never a hall of people, always a flood for a moment."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.resident.pressure import (
    CHALLENGED,
    FORGOTTEN,
    MOST_CODES,
    MOST_NETWORKS,
    NETWORK_PRESSED_PER_MINUTE,
    PRESSED_PER_MINUTE,
    REFUSED_PER_MINUTE,
    Pressure,
    Standing,
)

HALL = "00000000000000aa"
DAY = 8 * 3600


def levels(pressure: Pressure, moments: Iterable[float], network: str = HALL) -> list[str]:
    """How submissions at one code and network fare at these moments."""
    return [pressure.arrive("code", network, moment).level for moment in moments]


def evenly(a_minute: float, seconds: float, start: float = 0.0) -> list[float]:
    """The moments of a steady stream."""
    return [start + n * 60 / a_minute for n in range(int(seconds * a_minute / 60))]


def test_a_hall_with_thirty_windows_on_one_network_is_calm_all_day():
    assert set(levels(Pressure(), evenly(10, DAY))) == {"calm"}


def test_a_hall_with_a_code_at_each_window_is_calm_all_day():
    pressure = Pressure()
    for moment in evenly(30, DAY):
        window = f"window-{int(moment / 2) % 30}"
        assert pressure.arrive(window, HALL, moment).level == "calm"


@pytest.mark.parametrize("start", [0.0, 1e9])
def test_two_hundred_people_after_an_announcement_are_never_refused(start: float):
    found = levels(Pressure(), evenly(100, 120, start))
    assert len(found) == 200
    assert "refused" not in found


def test_not_even_all_of_a_full_hall_in_one_second_are_refused():
    assert "refused" not in levels(Pressure(), [5.0] * REFUSED_PER_MINUTE)


@given(st.lists(st.floats(0, 120), max_size=200).map(sorted))
def test_no_way_in_which_two_hundred_come_in_two_minutes_is_refused(moments: list[float]):
    pressure = Pressure()
    levels(pressure, evenly(10, 600, -600.0))
    assert "refused" not in levels(pressure, moments)


def test_a_hall_after_an_announcement_gets_the_challenge_before_anybody_is_pressed():
    pressure = Pressure()
    for moment in evenly(100, 120):
        was_offered = pressure.is_pressed("code", moment)
        if pressure.arrive("code", HALL, moment).level == "pressed":
            assert was_offered


def test_many_from_one_network_at_one_code_press_it():
    found = levels(Pressure(), evenly(3 * NETWORK_PRESSED_PER_MINUTE, 120))
    assert found[:NETWORK_PRESSED_PER_MINUTE] == ["calm"] * NETWORK_PRESSED_PER_MINUTE
    assert set(found[-60:]) == {"pressed"}


def test_many_from_many_networks_press_a_code_and_refuse_nobody():
    pressure = Pressure()
    found = [
        pressure.arrive("code", f"{n:016x}", moment).level
        for n, moment in enumerate(evenly(2 * PRESSED_PER_MINUTE, 300))
    ]
    assert set(found[:PRESSED_PER_MINUTE]) == {"calm"}
    assert set(found[-300:]) == {"pressed"}


def test_a_flood_at_one_code_changes_nothing_at_another():
    pressure = Pressure()
    levels(pressure, [0.0] * 5000)
    assert pressure.arrive("other", HALL, 0.0) == Standing("calm")
    assert not pressure.is_pressed("other", 0.0)


def test_only_the_network_that_floods_is_refused():
    pressure = Pressure()
    assert levels(pressure, [0.0] * 5000)[-1] == "refused"
    assert levels(pressure, [0.0], network="00000000000000bb") == ["pressed"]


def test_a_flood_is_let_through_at_the_bound_and_told_how_long_to_wait():
    pressure = Pressure()
    standings = [
        pressure.arrive("code", HALL, moment) for moment in evenly(10 * REFUSED_PER_MINUTE, 600)
    ]
    admitted = sum(standing.level != "refused" for standing in standings)
    assert admitted == pytest.approx(11 * REFUSED_PER_MINUTE, rel=0.01)
    assert {standing.wait for standing in standings} == {0, 1}
    assert all((standing.wait > 0) is (standing.level == "refused") for standing in standings)


def test_who_waits_as_long_as_told_is_let_in():
    pressure = Pressure()
    levels(pressure, [0.0] * 5000)
    standing = pressure.arrive("code", HALL, 0.0)
    assert standing.level == "refused"
    assert pressure.arrive("code", HALL, standing.wait).level != "refused"


def test_pressure_ends_soon_after_the_last_of_a_flood():
    pressure = Pressure()
    levels(pressure, [0.0] * 100_000)
    assert levels(pressure, [62.0]) == ["pressed"]
    assert levels(pressure, [130.0]) == ["calm"]


def test_pages_carry_the_challenge_for_as_long_as_somebody_may_look_at_one():
    pressure = Pressure()
    levels(pressure, [0.0] * PRESSED_PER_MINUTE)
    assert pressure.is_pressed("code", CHALLENGED - 1)
    assert not pressure.is_pressed("code", CHALLENGED)


def test_a_quiet_place_asks_for_nothing():
    pressure = Pressure()
    assert not pressure.is_pressed("code", 0.0)
    levels(pressure, evenly(10, 3600))
    assert not pressure.is_pressed("code", 3600.0)
    assert not pressure.is_pressed("never seen", 3600.0)


# What is known


def test_everything_older_than_an_hour_is_forgotten():
    pressure = Pressure()
    for n in range(1000):
        pressure.arrive(f"code-{n}", f"{n:016x}", float(n))
    assert len(pressure) == 2000
    pressure.arrive("code", HALL, FORGOTTEN + 499.5)
    assert len(pressure) == 1002
    pressure.forget(2 * FORGOTTEN + 500)
    assert len(pressure) == 0


def test_looking_at_a_page_leaves_no_trace():
    pressure = Pressure()
    for n in range(1000):
        pressure.is_pressed(f"code-{n}", 0.0)
    assert len(pressure) == 0


def test_memory_is_bounded_and_the_oldest_give_way():
    pressure = Pressure()
    levels(pressure, [0.0] * (PRESSED_PER_MINUTE + 1))
    for n in range(100_000):
        pressure.arrive(f"code-{n}", f"{n:016x}", 1.0)
        pressure.arrive("code", HALL, 1.0)
    assert len(pressure) == MOST_CODES + MOST_NETWORKS <= 50_000
    assert levels(pressure, [1.0]) == ["refused"]
    assert pressure.arrive("code-0", f"{0:016x}", 1.0) == Standing("calm")


CALLS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["", "x", "y"]), st.floats(0, 30)),
    max_size=400,
)


@given(CALLS)
def test_whatever_comes_the_bounds_hold(calls: list[tuple[str, str, float]]):
    pressure, now = Pressure(), 0.0
    times: dict[str, list[float]] = {"a": [], "b": []}
    for code, network, pause in calls:
        now += pause
        times[code].append(now)
        standing = pressure.arrive(code, network, now)
        assert standing.level != "refused"
        if standing.level == "pressed":
            last_minutes = sum(now - moment <= 120 for moment in times[code])
            assert last_minutes > NETWORK_PRESSED_PER_MINUTE
            assert pressure.is_pressed(code, now)
