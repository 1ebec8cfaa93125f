"""Signing in: wrong guesses are slowed, a second factor is shown once, codes work once."""

from datetime import timedelta

import pytest
from pyotp import TOTP

from app.database.engine import make_sessions
from app.database.people import colleague_of, find_person
from app.database.sign_in_failures import AT_ONCE, LONGEST_WAIT
from app.database.visits import Beginning, find_visit
from app.errors import NotAllowed
from app.people.roles import Role
from app.workflow.people.second_factor import (
    Holder,
    enrol,
    pending_secret,
    show_factor,
)
from app.workflow.people.signing_in import sign_in
from colleagues import PASSWORD, add_colleague
from world import NOW

HOW = Beginning("password", complete=True, browser="Firefox · Linux")
STEP = timedelta(seconds=30)


@pytest.fixture
def sessions(engine):
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        add_colleague(session, "an", Role.VIEWER)
        add_colleague(session, "zhao", Role.AUDITOR).needs_second_factor = True
    return sessions


def attempt(sessions, password, *, login="an", now=NOW):
    with sessions.begin() as session:
        return sign_in(session, login, password, HOW, now=now)


def holder(sessions, token, login):
    with sessions() as session:
        return Holder(token, colleague_of(session, find_person(session, login)))


def enrolled(sessions, now=NOW):
    """A person who holds a second factor: the app's seed, the visit, the emergency codes."""
    token = attempt(sessions, PASSWORD, login="zhao", now=now).token
    secret = pending_secret(token)
    with sessions.begin() as session:
        visit, codes = enrol(
            session, holder(sessions, token, "zhao"), TOTP(secret).at(now), now=now
        )
    return secret, visit, codes


def shown(sessions, code, *, now):
    token = attempt(sessions, PASSWORD, login="zhao", now=now).token
    with sessions.begin() as session:
        return show_factor(session, holder(sessions, token, "zhao"), code, now=now)


def test_the_right_password_begins_a_visit_however_the_login_is_written(sessions):
    begun = attempt(sessions, PASSWORD, login=" AN ")
    assert begun.is_complete
    with sessions() as session:
        visit, person = find_visit(session, begun.token, now=NOW)
        assert (person.login, visit.complete, visit.browser) == ("an", True, HOW.browser)
        assert begun.token not in visit.token_hash


@pytest.mark.parametrize("login", ["an", "nobody", "", "a\0b"])
def test_a_wrong_password_and_an_unknown_login_end_alike(sessions, login):
    answers = [attempt(sessions, "wrong", login=login) for _ in range(AT_ONCE)]
    assert {(one.token, one.wait) for one in answers} == {("", timedelta(0))}
    assert attempt(sessions, "wrong", login=login).wait > timedelta(0)


def test_waits_grow_and_end(sessions):
    moment, waits = NOW, []
    for _ in range(AT_ONCE + 8):
        begun = attempt(sessions, "wrong", now=moment)
        waits.append(begun.wait)
        moment += begun.wait
        attempt(sessions, "wrong", now=moment)
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
    assert attempt(sessions, PASSWORD, now=moment).wait > timedelta(0)
    assert attempt(sessions, PASSWORD, now=moment + LONGEST_WAIT).token


def test_whoever_needs_a_second_factor_is_not_in_before_it(sessions):
    begun = attempt(sessions, PASSWORD, login="zhao")
    assert begun.token
    assert not begun.is_complete
    secret, visit, codes = enrolled(sessions)
    with sessions() as session:
        assert find_visit(session, visit, now=NOW)[0].complete
        person = find_person(session, "zhao")
        assert person.totp_secret == secret
    assert len(set(codes)) == 10


def test_setting_up_takes_a_right_code_and_ends_the_visit_it_began_in(sessions):
    token = attempt(sessions, PASSWORD, login="zhao").token
    with sessions.begin() as session:
        assert enrol(session, holder(sessions, token, "zhao"), "000000", now=NOW) is None
        assert find_person(session, "zhao").totp_secret is None
    code = TOTP(pending_secret(token)).at(NOW)
    with sessions.begin() as session:
        enrol(session, holder(sessions, token, "zhao"), code, now=NOW)
    with sessions.begin() as session:
        assert find_visit(session, token, now=NOW) is None
    with pytest.raises(NotAllowed), sessions.begin() as session:
        enrol(session, holder(sessions, token, "zhao"), code, now=NOW)


def test_a_code_works_once_and_only_near_its_time(sessions):
    secret, _, _ = enrolled(sessions)
    later = NOW + 10 * STEP
    code = TOTP(secret).at(later)
    assert shown(sessions, "000000", now=later) is None
    assert shown(sessions, code, now=later - 2 * STEP) is None
    assert shown(sessions, code, now=later + STEP)
    assert shown(sessions, code, now=later + STEP) is None
    assert shown(sessions, TOTP(secret).at(later + 3 * STEP), now=later + 3 * STEP)


def test_an_emergency_code_works_once_however_it_is_typed(sessions):
    _, _, codes = enrolled(sessions)
    assert shown(sessions, codes[0].upper().replace("-", " "), now=NOW)
    assert shown(sessions, codes[0], now=NOW) is None
    assert shown(sessions, codes[1], now=NOW)


def test_guessing_codes_is_slowed_though_the_password_is_right(sessions):
    secret, _, _ = enrolled(sessions)
    for _ in range(AT_ONCE):
        assert shown(sessions, "000000", now=NOW) is None
    later = NOW + 3 * STEP
    assert shown(sessions, TOTP(secret).at(NOW + STEP), now=NOW) is None
    assert shown(sessions, TOTP(secret).at(later), now=later)


def test_nobody_who_was_deactivated_signs_in_or_stays(sessions):
    token = attempt(sessions, PASSWORD).token
    with sessions.begin() as session:
        find_person(session, "an").active = False
    assert not attempt(sessions, PASSWORD).token
    with sessions() as session:
        assert find_visit(session, token, now=NOW) is None
