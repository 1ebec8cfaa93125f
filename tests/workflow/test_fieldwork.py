"""A submission becomes one response, whatever the network does."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session

from app.database.fieldwork import count_responses, list_texts, load_responses
from app.database.rounds import find_point_code
from app.database.tables import ResponseRow
from app.errors import KeyReused, NotFound, RoundNotOpen, WrongState
from app.survey.codes import new_code, read_receipt
from app.workflow.admission import receive_response
from app.workflow.fieldwork import close_round, destroy_key, find_receipt, report_pressure
from app.workflow.places import find_place, open_place
from world import NOW, a_place, a_round, a_submission


@pytest.fixture
def session(engine: Engine):
    with Session(engine) as session:
        yield session


def test_the_same_submission_twice_is_one_response_and_one_receipt(session):
    row = a_round(session)
    place = a_place(session, row)
    first = receive_response(session, place, a_submission("k", {"Q1": 5}), NOW)
    again = receive_response(session, place, a_submission("k", {"Q1": 5}), NOW)
    assert first == again
    assert read_receipt(first) == first
    assert count_responses(session, row.id) == 1


def test_a_used_key_with_other_answers_leaves_the_first_ones_standing(session):
    row = a_round(session)
    place = a_place(session, row)
    receipt = receive_response(session, place, a_submission("k", {"Q1": 5}), NOW)
    with pytest.raises(KeyReused) as reused:
        receive_response(session, place, a_submission("k", {"Q1": 1}), NOW)
    assert reused.value.receipt == receipt
    assert load_responses(session, row.id)[0].answers == {"Q1": 5}


def test_texts_are_kept_apart_from_the_coded_answers(session):
    row = a_round(session)
    place = a_place(session, row)
    receive_response(session, place, a_submission("k", {"Q1": 5, "why": "路灯"}), NOW)
    kept = session.scalars(select(ResponseRow)).one()
    assert "why" not in kept.answers
    assert list_texts(session, kept.id) == {"why": "路灯"}


def test_a_response_keeps_no_time_finer_than_five_minutes_and_no_identity(session):
    row = a_round(session)
    receive_response(session, a_place(session, row), a_submission("k", {"Q1": 5}), NOW)
    kept = session.scalars(select(ResponseRow)).one()
    assert kept.paradata["slot"] == "2026-11-22T08:30Z"
    columns = {
        column["name"] for column in inspect(session.connection()).get_columns("response")
    }
    assert not columns & {"address", "ip", "user_agent", "name", "phone", "created_at"}
    assert "k" not in {kept.submission_hash, kept.id}


def test_a_receipt_says_received_and_never_an_answer(session):
    row = a_round(session)
    receipt = receive_response(session, a_place(session, row), a_submission("k", {}), NOW)
    state = find_receipt(session, receipt)
    assert (state.state, state.published) == ("received", False)
    with pytest.raises(NotFound):
        find_receipt(session, "0000-0000-000")


def test_an_unknown_code_says_nothing_about_what_exists(session):
    a_round(session)
    with pytest.raises(NotFound, match="not one of ours") as refused:
        open_place(session, new_code(b"12345"), NOW)
    assert "town" not in str(refused.value)


@pytest.mark.parametrize(
    ("days", "reason"), [(-400, "not_yet"), (400, "over")], ids=["before", "after"]
)
def test_a_code_leads_nowhere_outside_the_window(session, days, reason):
    row = a_round(session)
    code = a_place(session, row).code
    with pytest.raises(RoundNotOpen) as refused:
        open_place(session, code, NOW + timedelta(days=days))
    assert refused.value.reason == reason


def test_a_withdrawn_code_says_so(session):
    row = a_round(session)
    code = a_place(session, row).code
    find_point_code(session, code).revoked_at = NOW
    with pytest.raises(RoundNotOpen, match="no longer in use"):
        open_place(session, code, NOW)


def test_a_closed_round_takes_nothing_more(session):
    row = a_round(session)
    code = a_place(session, row).code
    close_round(session, row, now=NOW)
    with pytest.raises(RoundNotOpen):
        open_place(session, code, NOW)
    with pytest.raises(WrongState):
        close_round(session, row, now=NOW)


def test_a_report_of_pressure_keeps_the_day_and_no_finer_time(session):
    row = a_round(session)
    report_pressure(session, a_place(session, row), "主任要求打五星", NOW)
    session.flush()
    columns = inspect(session.connection()).get_columns("pressure_report")
    assert {column["name"] for column in columns} == {"id", "round_id", "point", "text", "day"}


def test_a_lost_reply_is_answered_with_the_receipt_even_after_the_round_closed(session):
    row = a_round(session)
    place = a_place(session, row)
    receipt = receive_response(session, place, a_submission("k", {"Q1": 5}), NOW)
    close_round(session, row, now=NOW)
    assert receive_response(session, place, a_submission("k", {"Q1": 5}), NOW) == receipt
    with pytest.raises(RoundNotOpen):
        receive_response(session, place, a_submission("another", {"Q1": 5}), NOW)


def test_the_key_of_a_round_is_destroyed_once_and_only_after_its_close(session):
    row = a_round(session)
    place = a_place(session, row)
    receipt = receive_response(session, place, a_submission("k", {"Q1": 5}), NOW)
    with pytest.raises(WrongState, match="until it closes"):
        destroy_key(session, row, now=NOW)
    close_round(session, row, now=NOW)
    destroy_key(session, row, now=NOW)
    session.flush()
    assert find_receipt(session, receipt).state == "received"
    late = find_place(session, place.code)
    with pytest.raises(RoundNotOpen):
        receive_response(session, late, a_submission("k", {"Q1": 5}), NOW)
    with pytest.raises(RoundNotOpen):
        open_place(session, place.code, NOW)
    with pytest.raises(WrongState, match="before"):
        destroy_key(session, row, now=NOW)
