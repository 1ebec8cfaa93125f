"""Jobs: claimed once, alive or lost, finished whole, forgotten in time; on both databases."""

import hashlib
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from app.database.engine import make_sessions
from app.database.jobs import (
    KEPT_FOR,
    LONGEST_SILENCE,
    MOST_ATTEMPTS,
    Claim,
    JobOrder,
    MadeFile,
    claim_job,
    count_unfinished,
    fail_job,
    find_job,
    find_unfinished,
    finish_job,
    forget_files,
    list_jobs,
    names_kept,
    request_job,
    say_alive,
    whole_file,
)
from app.database.offices import ROOT_OFFICE
from app.errors import NotFound, WrongState
from app.people.offices import EVERYWHERE, Scope
from colleagues import add_colleague, add_office
from world import NOW

KINDS = ("report",)
LATER = NOW + LONGEST_SILENCE + timedelta(seconds=1)
FILE = MadeFile("a.pdf", "application/pdf", b"%PDF whole", 3)


@pytest.fixture
def sessions(engine):
    made = make_sessions(engine)
    with made.begin() as session:
        add_colleague(session, "somebody")
    return made


def ask(sessions, object_="town/1", kind="report", office_id=ROOT_OFFICE):
    wanted = JobOrder(kind, object_, office_id, "zh-Hans", {"document": "d"})
    with sessions.begin() as session:
        return request_job(session, wanted, person_id=1, now=NOW).id


def claim(sessions, now=NOW):
    with sessions.begin() as session:
        return claim_job(session, kinds=KINDS, now=now)


def found(sessions, number, within=EVERYWHERE):
    with sessions() as session:
        return find_job(session, number, kinds=KINDS, within=within).row


def test_the_oldest_job_of_our_kinds_is_taken_first_and_once(sessions):
    ask(sessions, kind="codes")
    first, second = ask(sessions), ask(sessions)
    assert claim(sessions) == Claim(first, 1)
    assert claim(sessions) == Claim(second, 1)
    assert claim(sessions) is None


def test_workers_at_one_moment_never_take_the_same_job(sessions):
    numbers = {ask(sessions) for _ in range(6)}
    ready, taken = Barrier(3), []

    def work():
        ready.wait()
        while (mine := claim(sessions)) is not None:
            taken.append(mine.number)

    workers = [Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken) == sorted(numbers)


def test_a_job_is_taken_again_once_its_worker_has_been_silent_for_long(sessions):
    number = ask(sessions)
    claim(sessions)
    assert claim(sessions, NOW + LONGEST_SILENCE) is None
    assert claim(sessions, LATER) == Claim(number, 2)


def test_a_sign_of_life_keeps_a_job_and_its_progress_never_falls(sessions):
    number = ask(sessions)
    mine = claim(sessions)
    with sessions.begin() as session:
        assert say_alive(session, mine, done=40, now=NOW + LONGEST_SILENCE)
        assert say_alive(session, mine, done=30, now=NOW + LONGEST_SILENCE)
    assert claim(sessions, LATER) is None
    assert found(sessions, number).done == 40


def test_what_a_worker_that_was_thought_dead_makes_is_not_kept(sessions):
    number = ask(sessions)
    old = claim(sessions)
    new = claim(sessions, LATER)
    with sessions.begin() as session:
        assert not say_alive(session, old, done=90, now=LATER)
        assert not finish_job(session, old, [FILE], now=LATER)
        assert not fail_job(session, old, "late", now=LATER)
        assert finish_job(session, new, [FILE], now=LATER)
        assert not fail_job(session, new, "too late", now=LATER)
    assert found(sessions, number).state == "finished"


def test_a_job_that_loses_its_workers_is_given_up_and_the_next_one_taken(sessions):
    number = ask(sessions)
    moment = NOW
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert claim(sessions, moment) == Claim(number, attempt)
        moment += LONGEST_SILENCE + timedelta(seconds=1)
    following = ask(sessions)
    assert claim(sessions, moment) == Claim(following, 1)
    lost = found(sessions, number)
    assert lost.state == "failed"
    assert str(MOST_ATTEMPTS) in lost.failure


def test_a_finished_job_says_what_it_made_and_gives_it_whole(sessions):
    number = ask(sessions)
    mine = claim(sessions)
    with sessions.begin() as session:
        finish_job(session, mine, [FILE], now=NOW)
    row = found(sessions, number)
    digest = hashlib.sha256(FILE.content).hexdigest()
    assert row.manifest == {
        "files": [{"name": "a.pdf", "bytes": 10, "rows": 3, "sha256": digest}]
    }
    assert row.done == 100
    with sessions() as session:
        kept, told = whole_file(session, row, "a.pdf")
        assert (kept.content, told) == (FILE.content, digest)
        with pytest.raises(NotFound):
            whole_file(session, row, "b.pdf")


@pytest.mark.parametrize("content", [b"%PDF whol", b"%PDF whole!", b"%PDF Whole", b""])
def test_a_file_that_is_not_what_was_made_is_refused(sessions, content):
    number = ask(sessions)
    mine = claim(sessions)
    with sessions.begin() as session:
        finish_job(session, mine, [FILE], now=NOW)
    with sessions.begin() as session:
        row = find_job(session, number, kinds=KINDS, within=EVERYWHERE).row
        whole_file(session, row, "a.pdf")[0].content = content
    with sessions() as session, pytest.raises(WrongState, match="not the one that was made"):
        whole_file(session, found(sessions, number), "a.pdf")


def test_a_failed_job_keeps_its_reason_and_no_file(sessions):
    number = ask(sessions)
    mine = claim(sessions)
    with sessions.begin() as session:
        fail_job(session, mine, "The font is missing.", now=NOW)
    row = found(sessions, number)
    assert (row.state, row.failure, row.manifest) == ("failed", "The font is missing.", None)
    with sessions() as session, pytest.raises(NotFound):
        whole_file(session, row, "a.pdf")


def test_files_go_when_their_time_is_over_and_the_job_stays(sessions):
    number = ask(sessions)
    mine = claim(sessions)
    with sessions.begin() as session:
        finish_job(session, mine, [FILE], now=NOW)
    with sessions.begin() as session:
        assert forget_files(session, now=NOW + KEPT_FOR) == 0
        assert names_kept(session, [number]) == {number: frozenset({"a.pdf"})}
        assert forget_files(session, now=NOW + KEPT_FOR + timedelta(seconds=1)) == 1
        assert names_kept(session, [number]) == {}
    with sessions() as session, pytest.raises(WrongState, match="deleted"):
        whole_file(session, found(sessions, number), "a.pdf")


def test_a_job_outside_the_scope_does_not_exist(sessions):
    with sessions.begin() as session:
        there = add_office(session, "there")
        path, office_id = there.path, there.id
    here, elsewhere = ask(sessions), ask(sessions, office_id=office_id)
    with sessions() as session:
        within = Scope((path,))
        listed = list_jobs(session, kinds=KINDS, within=within, most=10)
        assert [one.row.id for one in listed] == [elsewhere]
        assert (
            find_job(session, elsewhere, kinds=KINDS, within=within).asker.login == "somebody"
        )
        for number in (here, 0, -1, 2**31, 2**63):
            with pytest.raises(NotFound):
                find_job(session, number, kinds=KINDS, within=within)
        with pytest.raises(NotFound):
            find_job(session, here, kinds=("codes",), within=EVERYWHERE)


def test_what_waits_is_found_by_its_words_and_counted_by_person(sessions):
    number = ask(sessions)
    same = JobOrder("report", "town/1", ROOT_OFFICE, "zh-Hans", {"document": "d"})
    other = JobOrder("report", "town/1", ROOT_OFFICE, "zh-Hans", {"document": "e"})
    with sessions() as session:
        assert find_unfinished(session, same).id == number
        assert find_unfinished(session, other) is None
        assert (count_unfinished(session, 1), count_unfinished(session, 2)) == (1, 0)
    mine = claim(sessions)
    with sessions.begin() as session:
        finish_job(session, mine, [], now=NOW)
        assert find_unfinished(session, same) is None
        assert count_unfinished(session, 1) == 0
