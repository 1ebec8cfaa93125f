"""Proof of work: only a solution of our own challenge for this form within the hour is one."""

import base64
import json
from datetime import timedelta

from altcha.v1 import solve_challenge
from hypothesis import example, given
from hypothesis import strategies as st

from app.settings import HOME
from app.web.resident.once import new_once
from app.web.resident.pages import minified
from app.web.resident.work import LIFETIME, MOST_TRIES, challenge_for, is_solved
from world import NOW

KEY = b"k" * 32
ONCE = new_once(KEY, "7k3m9xq4", NOW)


def solved(challenge: str) -> str:
    """What a browser makes of a challenge."""
    salt, sought, most, signature = challenge.split(" ")
    found = solve_challenge(sought, salt, "SHA-256", int(most))
    assert found is not None
    return f"{salt} {sought} {found.number} {signature}"


CHALLENGE = challenge_for(KEY, ONCE, now=NOW)
SOLUTION = solved(CHALLENGE)


def test_a_solution_is_one_for_its_form_within_the_hour():
    assert is_solved(KEY, ONCE, SOLUTION, now=NOW)
    assert is_solved(KEY, ONCE, SOLUTION, now=NOW + LIFETIME)
    assert not is_solved(KEY, ONCE, SOLUTION, now=NOW + LIFETIME + timedelta(seconds=1))


def test_a_solution_is_none_for_another_form():
    other = new_once(KEY, "7k3m9xq4", NOW)
    assert not is_solved(KEY, other, SOLUTION, now=NOW)
    assert not is_solved(KEY, other, SOLUTION.replace(ONCE, other), now=NOW)


def test_a_solution_is_none_in_another_round():
    assert not is_solved(b"other" * 7, ONCE, SOLUTION, now=NOW)


def test_a_challenge_that_somebody_else_made_is_none():
    theirs = solved(challenge_for(b"theirs" * 6, ONCE, now=NOW))
    assert not is_solved(KEY, ONCE, theirs, now=NOW)


def test_an_hour_cannot_be_made_longer():
    salt = SOLUTION.split(" ")[0]
    until = salt.partition("expires=")[2].strip("&")
    later = SOLUTION.replace(until, str(int(until) + 3600))
    twice = SOLUTION.replace("?", f"?expires={int(until) + 3600}&")
    after = NOW + LIFETIME + timedelta(minutes=1)
    for forged in (later, twice):
        assert not is_solved(KEY, ONCE, forged, now=NOW)
        assert not is_solved(KEY, ONCE, forged, now=after)


def test_another_number_is_none_even_behind_a_longer_salt():
    salt, sought, number, signature = SOLUTION.split(" ")
    wrong = f"{salt} {sought} {int(number) + 1} {signature}"
    moved = f"{salt}{number[0]} {sought} {number[1:] or '0'} {signature}"
    assert not is_solved(KEY, ONCE, wrong, now=NOW)
    assert not is_solved(KEY, ONCE, moved, now=NOW)


def test_the_unsolved_challenge_is_none():
    assert not is_solved(KEY, ONCE, CHALLENGE, now=NOW) or CHALLENGE == SOLUTION


def test_the_challenge_is_bound_to_the_form_and_needs_no_escaping_in_quotes():
    salt, sought, most, signature = CHALLENGE.split(" ")
    assert salt == f"{ONCE}?expires={int((NOW + LIFETIME).timestamp())}&"
    assert int(most) == MOST_TRIES == 50_000
    assert len(sought) == len(signature) == 64
    assert len(CHALLENGE) < 256
    assert not set(CHALLENGE) & set("\"'<>")


def test_two_challenges_for_one_form_ask_for_different_numbers():
    assert len({challenge_for(KEY, ONCE, now=NOW) for _ in range(5)}) > 1


PARTS = SOLUTION.split(" ")
HOSTILE = st.one_of(
    st.text(max_size=400),
    st.text(st.characters(exclude_categories=[]), max_size=100),
    st.lists(st.sampled_from([*PARTS, "", "0", "-1", "1e9", "9" * 5000, "²", "٣", " "])).map(
        " ".join
    ),
    st.from_regex(r"[0-9a-f.]{0,99}\?expires=[0-9]{0,15}& [0-9a-f]{64} [0-9]+ [0-9a-f]{64}"),
    st.tuples(st.integers(0, len(SOLUTION) - 1), st.characters()).map(
        lambda change: SOLUTION[: change[0]] + change[1] + SOLUTION[change[0] + 1 :]
    ),
    st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5).map(
        lambda value: base64.b64encode(json.dumps(value).encode()).decode()
    ),
)


@given(HOSTILE)
@example("")
@example(" ")
@example("\ud800")
@example("\x00" * 64_000)
@example(SOLUTION + "\n")
@example(SOLUTION + " ")
@example(" " + SOLUTION)
@example(SOLUTION.upper())
@example(SOLUTION.translate({ord("0") + n: 0xFF10 + n for n in range(10)}))
@example("a" * 64_000)
@example(("1" * 128 + "?expires=") * 400)
def test_nothing_else_is_a_solution_and_nothing_fails(text: str):
    assert is_solved(KEY, ONCE, text, now=NOW) is (text == SOLUTION)


@given(st.text(max_size=100))
def test_a_form_key_that_is_not_ours_has_no_solution(once: str):
    assert not is_solved(KEY, once, SOLUTION, now=NOW)
    assert not is_solved(KEY, once, SOLUTION.replace(ONCE, once), now=NOW)


def test_the_script_is_small_and_asks_nothing_of_new_browsers():
    script = minified(HOME / "app" / "web" / "static" / "working.js")
    assert len(script) < 1024
    for new in (b"=>", b"let ", b"const ", b"`", b"async", b"TextEncoder", b"Worker"):
        assert new not in script
