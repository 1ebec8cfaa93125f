"""Test ratings in the tables: in no number before they are found, and by name afterwards."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.database.canaries import count_arrived, count_given_up, require_known_canaries
from app.database.fieldwork import count_by, count_responses, load_responses, one_way
from app.database.rights import count_token_states
from app.database.rounds import find_round
from app.database.segments import list_aged, stream_lines
from app.database.tables import AuditEventRow, RoundRow
from app.database.tallies import reconcile, tallies_by_point
from app.errors import InputRefused, WrongState
from app.survey.answers import read_answers
from app.survey.canaries import (
    canary_answers,
    grade_sign,
    grades,
    mark_of,
    rated_item,
    read_grade,
    sent_fields,
)
from app.survey.definition import Survey
from app.workflow.admission import receive_response
from app.workflow.canaries.checking import canary_alarms, check
from app.workflow.canaries.giving_up import give_up
from app.workflow.canaries.sending import Errand, Signature, seal
from app.workflow.fieldwork import close_round
from world import NOW, PROJECT, a_place, a_round, a_submission, registry

KEY = bytes(range(32))
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on an open round with three answers of people."""
    with Session(engine) as session:
        row = a_round(session)
        for n in range(3):
            receive_response(
                session, a_place(session, row), a_submission(f"p{n}", {"Q1": n + 1}), NOW
            )
        yield session


def send(session: Session, once: str, *, grade: int = 1, is_lost: bool = False) -> None:
    """Seal a test rating and, unless it is lost on the way, let it arrive."""
    row = find_round(session, "town-2026")
    place = a_place(session, row)
    errand = Errand("open", "qr", grade, place.point.code, place.code)
    signed = Signature(KEY, one_way(once))
    answers = seal(session, row, errand, signed=signed, now=NOW)
    session.flush()
    if not is_lost:
        receive_response(session, place, a_submission(once, answers), NOW)


def a_row(session: Session) -> RoundRow:
    return find_round(session, "town-2026")


def test_a_test_rating_is_in_no_count_from_the_moment_it_is_sealed(session):
    row = a_row(session)
    send(session, "c1")

    assert count_responses(session, row.id) == 3
    assert count_by(session, row.id, "point") == {"east-hall": 3}
    assert count_by(session, row.id, "channel") == {"qr": 3}
    assert tallies_by_point(session, row.id)["east-hall"]["stored"] == 3
    assert tallies_by_point(session, row.id, day="2026-11-22")["east-hall"]["stored"] == 3
    assert reconcile(session, row.id) == []


def test_no_row_leaves_before_it_is_found_and_all_others_afterwards(session):
    row = a_row(session)
    send(session, "c1")
    for read in (load_responses, lambda s, i: list(stream_lines(s, i))):
        with pytest.raises(WrongState, match="1 test ratings"):
            read(session, row.id)
    assert list_aged(session, before=NOW) == []

    looked = check(session, row, key=KEY, now=NOW)

    assert [one.outcome for one in looked] == ["arrived"]
    assert len(load_responses(session, row.id)) == 3
    assert sum(len(chunk) for chunk in stream_lines(session, row.id)) == 3
    assert count_responses(session, row.id) == 3
    assert tallies_by_point(session, row.id)["east-hall"]["stored"] == 3
    assert len(list_aged(session, before=NOW)) == 1


def test_one_that_never_arrived_lowers_no_count_once_it_was_looked_for(session):
    row = a_row(session)
    send(session, "c1", is_lost=True)

    looked = check(session, row, key=KEY, now=NOW)
    alarms, names = canary_alarms(looked)

    assert [one.outcome for one in looked] == ["missing"]
    assert [alarm.code for alarm in alarms] == ["CANARY_MISSING"]
    assert "1 档" in names[alarms[0].place].zh
    assert count_responses(session, row.id) == 3
    assert len(load_responses(session, row.id)) == 3


def test_one_that_arrives_after_it_was_missed_is_found_by_the_next_check(session):
    row = a_row(session)
    send(session, "c1", is_lost=True)
    check(session, row, key=KEY, now=NOW)
    place = a_place(session, row)
    mark = mark_of(KEY, one_way("c1"))
    survey = place.survey
    answers = canary_answers(survey, grade=1, key=KEY, mark=mark)
    receive_response(session, place, a_submission("c1", answers), NOW)

    close_round(session, row, now=LATER)
    session.flush()
    with pytest.raises(WrongState):
        require_known_canaries(session, row.id)
    looked = check(session, row, key=KEY, now=LATER)

    assert [one.outcome for one in looked] == ["arrived"]
    assert count_arrived(session, row.id) == 1
    assert len(load_responses(session, row.id)) == 3


def test_one_that_is_missed_after_the_close_is_settled(session):
    row = a_row(session)
    send(session, "c1", is_lost=True)
    close_round(session, row, now=LATER)
    check(session, row, key=KEY, now=LATER)

    require_known_canaries(session, row.id)
    assert len(load_responses(session, row.id)) == 3


def test_those_whose_key_is_lost_are_given_up_and_the_round_goes_on(session):
    row = a_row(session)
    send(session, "c1")
    send(session, "c2", is_lost=True)
    with pytest.raises(WrongState, match="Close it first"):
        give_up(session, row, author="An", reason="the laptop burnt", now=NOW)
    close_round(session, row, now=LATER)
    with pytest.raises(WrongState, match="canary give-up"):
        require_known_canaries(session, row.id)

    assert give_up(session, row, author="An", reason="the laptop burnt", now=LATER) == 2

    assert count_given_up(session, row.id) == 2
    assert len(load_responses(session, row.id)) == count_responses(session, row.id) == 4
    assert reconcile(session, row.id) == []
    newest = select(AuditEventRow).order_by(AuditEventRow.id.desc()).limit(1)
    event = session.scalar(newest)
    assert (event.act, event.detail) == (
        "give_up_test_ratings",
        {"lost": 2, "author": "An", "reason": "the laptop burnt"},
    )
    with pytest.raises(WrongState, match="nothing to give up"):
        give_up(session, row, author="An", reason="again", now=LATER)


def test_a_key_that_turns_up_again_finds_what_was_given_up(session):
    row = a_row(session)
    send(session, "c1")
    send(session, "c2", is_lost=True)
    close_round(session, row, now=LATER)
    give_up(session, row, author="An", reason="mislaid", now=LATER)

    looked = check(session, row, key=KEY, now=LATER)

    assert sorted(one.outcome for one in looked) == ["arrived", "missing"]
    assert (count_given_up(session, row.id), count_arrived(session, row.id)) == (0, 1)
    assert len(load_responses(session, row.id)) == 3


def test_giving_up_takes_a_name_and_a_reason(session):
    row = a_row(session)
    send(session, "c1")
    close_round(session, row, now=LATER)
    with pytest.raises(InputRefused) as refused:
        give_up(session, row, author=" ", reason="", now=LATER)
    assert "理由为空" in refused.value.in_chinese
    assert count_given_up(session, row.id) == 0


def test_a_test_rating_of_other_answers_is_altered_and_still_no_answer(session):
    row = a_row(session)
    send(session, "c1", is_lost=True)
    place = a_place(session, row)
    receive_response(session, place, a_submission("c1", {"Q1": 5, "Q2": 5, "Q3": 5}), NOW)

    looked = check(session, row, key=KEY, now=NOW)

    assert [one.outcome for one in looked] == ["altered"]
    assert len(load_responses(session, row.id)) == 3


def test_tokens_of_test_ratings_are_not_counted(session):
    assert count_token_states(session, a_row(session).id, NOW) == {}


READS_RESPONSES = {
    "app/database/admission.py": "inserts them, and looks whether one is kept already",
    "app/database/campaigns.py": "members of campaigns, which a run made of what it loaded",
    "app/database/canaries.py": "leaves test ratings out, and looks for them",
    "app/database/fieldwork.py": "counts and loads them without test ratings; receipts",
    "app/database/open_answers.py": "lists what was written, without test ratings",
    "app/database/progress.py": "takes them out of every count, and reads answers without them",
    "app/database/segments.py": "streams them without test ratings",
    "app/database/tables.py": "is the table",
    "app/database/telemetry.py": "takes from every row how it came about, test ratings too",
    "app/database/tallies.py": "adds up what was received, test ratings like all others",
    "app/documents/segments.py": "a table in memory, of what was streamed",
}
"""Whatever reads the table has to know of test ratings: another module says here how."""


def test_every_module_that_reads_responses_knows_of_test_ratings():
    reading = re.compile(r"\bResponseRow\b|\b(?:FROM|JOIN)\s+response\b")
    found = {
        str(path.relative_to(PROJECT))
        for path in (PROJECT / "app").rglob("*.py")
        if reading.search(path.read_text(encoding="utf-8"))
    }

    assert found == READS_RESPONSES.keys()


SURVEYS = [registry().surveys[key][1] for key in sorted(registry().surveys)]
RATED = [survey for survey in SURVEYS if grades(survey)]


@pytest.mark.parametrize("survey", RATED, ids=lambda survey: survey.key)
@given(once=st.text(min_size=1), key=st.binary(min_size=32, max_size=32))
def test_the_form_of_a_test_rating_is_complete_and_follows_from_the_key(
    survey: Survey, once: str, key: bytes
) -> None:
    mark = mark_of(key, one_way(once.encode("utf-8", "replace").decode()))
    for grade in grades(survey):
        answers = canary_answers(survey, grade=grade, key=key, mark=mark)
        reading = read_answers(survey, sent_fields(answers))
        rated = rated_item(survey)

        assert reading.answers == answers
        assert reading.missing == ()
        assert reading.problems == ()
        assert rated is not None
        assert answers[rated.code] == grade
        assert read_grade(key, mark, grade_sign(key, mark, grade), survey) == grade
        assert read_grade(b"x" * 32, mark, grade_sign(key, mark, grade), survey) is None
