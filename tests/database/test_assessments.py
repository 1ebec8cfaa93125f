"""What the tables of assessments let in, and what counts of it."""

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.database.assessments import (
    find_assessment,
    find_value_import,
    imports_in_force,
    latest_published_scores,
    list_assessments,
    list_scenarios,
    list_score_events,
    next_number,
    shown_score_run,
)
from app.database.engine import make_sessions
from app.database.tables import (
    AssessmentRow,
    DefinitionRow,
    ScenarioRow,
    ScoreEventRow,
    ScoreEventStatusRow,
    ScorePublicationRow,
    ScoreRunRow,
    ValueImportRow,
    ValueImportUndoneRow,
)
from app.errors import NotFound, WrongState
from world import NOW

DIGEST = "0" * 64


@pytest.fixture
def session(engine):
    with make_sessions(engine)() as session:
        yield session


@pytest.fixture
def row(session):
    return an_assessment(session, "first")


def an_assessment(session, code):
    plan = kept(session, DefinitionRow, kind="assessment", key=code, text="", registered_at=NOW)
    row = AssessmentRow(code=code, plan_id=plan.id, plan_digest=DIGEST, system_id=plan.id)
    row.drafted_at = NOW
    session.add(row)
    session.flush()
    return row


def kept(session, table, **values):
    if "digest" in table.__table__.columns:
        values |= {"digest": DIGEST}
    one = table(**values)
    session.add(one)
    session.flush()
    return one


def an_import(session, row, number):
    return kept(
        session,
        ValueImportRow,
        assessment_id=row.id,
        number=number,
        name="a.csv",
        mapping={},
        cells=[{"unit": "east", "value": 0.1 + 0.2}],
        imported_at=NOW,
    )


def an_event(session, row, **changes):
    values = {
        "assessment_id": row.id,
        "number": 1,
        "unit": "east",
        "item": "overdue",
        "count": 1,
        "evidence": "N 7",
        "evidence_name": "n.pdf",
        "evidence_digest": DIGEST,
        "recorded_at": NOW,
    }
    return kept(session, ScoreEventRow, **values | changes)


def a_run(session, row, number):
    return kept(
        session,
        ScoreRunRow,
        assessment_id=row.id,
        number=number,
        plan_id=row.plan_id,
        plan_digest=DIGEST,
        seed=1,
        sources={},
        inputs="{}",
        inputs_digest=DIGEST,
        document="{}",
        document_digest=DIGEST,
        code_version="1",
        finished_at=NOW,
    )


def test_numbers_count_within_an_assessment(session, row):
    assert next_number(session, ValueImportRow, row.id) == 1
    an_import(session, row, 1)
    other = an_assessment(session, "second")
    assert next_number(session, ValueImportRow, row.id) == 2
    assert next_number(session, ValueImportRow, other.id) == 1
    assert [one.code for one in list_assessments(session)] == ["second", "first"]


def test_a_number_is_given_once(session, row):
    an_import(session, row, 1)
    with pytest.raises(IntegrityError):
        an_import(session, row, 1)


def test_an_import_taken_back_does_not_count_and_is_still_there(session, row):
    first, second = an_import(session, row, 1), an_import(session, row, 2)
    session.add(ValueImportUndoneRow(import_id=first.id, undone_at=NOW))
    session.flush()
    assert [one.number for one in imports_in_force(session, row.id)] == [2]
    assert find_value_import(session, row, 1).undone_at == NOW
    assert find_value_import(session, row, 2).undone_at is None
    with pytest.raises(NotFound, match="no import 3 in first"):
        find_value_import(session, row, 3)
    session.add(ValueImportUndoneRow(import_id=second.id, undone_at=NOW))
    session.flush()
    assert imports_in_force(session, row.id) == []


def test_a_value_comes_back_with_every_bit(session, row):
    an_import(session, row, 1)
    session.expire_all()
    assert imports_in_force(session, row.id)[0].cells[0]["value"] == 0.1 + 0.2


def test_an_event_happened_at_least_once(session, row):
    with pytest.raises(DBAPIError):
        an_event(session, row, count=0)


def test_a_status_is_one_of_three(session, row):
    event = an_event(session, row)
    with pytest.raises(DBAPIError):
        kept(
            session,
            ScoreEventStatusRow,
            event_id=event.id,
            status="forgotten",
            note="",
            decided_at=NOW,
        )


def test_the_newest_decision_holds_and_all_are_kept_in_order(session, row):
    event = an_event(session, row)
    for status in ("pending", "upheld", "overturned"):
        values = {"status": status, "note": "", "decided_at": NOW}
        kept(session, ScoreEventStatusRow, event_id=event.id, **values)
    (one,) = list_score_events(session, row.id)
    assert one.status == "overturned"
    assert [decision.status for decision in one.decisions] == [
        "pending",
        "upheld",
        "overturned",
    ]


def test_the_newest_publication_is_in_force_whatever_the_numbers(session, row):
    with pytest.raises(WrongState, match="minxin assessment run first"):
        shown_score_run(session, row)
    first, second = a_run(session, row, 1), a_run(session, row, 2)
    assert shown_score_run(session, row) is second
    assert latest_published_scores(session, row.id) is None
    for run in (second, first):
        kept(session, ScorePublicationRow, score_run_id=run.id, published_at=NOW)
    assert latest_published_scores(session, row.id)[1] is first
    assert shown_score_run(session, row) is first


def test_a_run_is_published_once(session, row):
    run = a_run(session, row, 1)
    kept(session, ScorePublicationRow, score_run_id=run.id, published_at=NOW)
    with pytest.raises(IntegrityError):
        kept(session, ScorePublicationRow, score_run_id=run.id, published_at=NOW)


def test_scenarios_of_a_run_have_names_of_their_own(session, row):
    run = a_run(session, row, 1)
    values = {"score_run_id": run.id, "changes": {}, "document": "{}", "saved_at": NOW}
    for name in ("green first", "even weights"):
        kept(session, ScenarioRow, name=name, **values)
    names = [one.name for one in list_scenarios(session, run)]
    assert names == ["green first", "even weights"]
    with pytest.raises(IntegrityError):
        kept(session, ScenarioRow, name="green first", **values)


def test_an_assessment_that_is_not_there_is_said(session):
    with pytest.raises(NotFound, match="Assessments here: none yet"):
        find_assessment(session, "first")
