"""From a draft to a version that plans can name, beside the files."""

import shutil

import pytest
from sqlalchemy import select

from app.database.drafts import NewDraft, Signature, find_draft, list_drafts
from app.database.engine import make_sessions
from app.database.offices import ROOT_OFFICE
from app.database.people import colleague_of, grant_role
from app.database.tables import AuditEventRow
from app.errors import InputRefused, NotAllowed, NotFound, WrongState
from app.people.offices import NOWHERE
from app.people.roles import Permission, Role
from app.survey.yaml_tree import load_tree
from app.workflow.definitions.drafting import (
    LONGEST_TEXT,
    give_up_draft,
    save_draft,
    signature_of,
    start_draft,
)
from app.workflow.definitions.releasing import draft_text, release_draft
from app.workflow.preparation import draft_round
from app.workflow.registry import full_registry
from colleagues import add_colleague, add_office
from world import DEFINITIONS, NOW, TOWN_PLAN, registry


@pytest.fixture
def session(engine):
    with make_sessions(engine)() as session:
        yield session


@pytest.fixture
def by(session) -> Signature:
    person = add_colleague(session, "mei", Role.SURVEY_DESIGNER)
    return Signature(person.id, ROOT_OFFICE, NOW)


def a_body(code="own", **changes):
    text, _ = registry().surveys["three_senses_short@1"]
    return {**load_tree(text).value, "code": code, **changes}


def test_a_released_survey_can_be_named_by_a_plan(session, by):
    row = start_draft(session, NewDraft("survey", "own", a_body()), by=by)
    known = full_registry(session, DEFINITIONS)
    assert release_draft(session, row, seen=1, registry=known, by=by) == "own@1"
    known = full_registry(session, DEFINITIONS)
    assert {"own@1", "three_senses_short@1"} <= known.surveys.keys()
    plan = TOWN_PLAN.replace("three_senses_short@1", "own@1")
    drafted = draft_round(session, plan, source="town.yaml", registry=known, now=NOW)
    assert drafted.state == "draft"
    assert list_drafts(session, "survey") == []
    acts = session.execute(select(AuditEventRow.act, AuditEventRow.object)).all()
    assert acts[:2] == [("start draft", "own"), ("release definition", "own@1")]


def test_a_key_is_used_once_on_file_and_in_the_console(session, by):
    body = a_body("three_senses_short")
    row = start_draft(session, NewDraft("survey", "three_senses_short", body), by=by)
    known = full_registry(session, DEFINITIONS)
    with pytest.raises(WrongState, match="Raise the version") as refused:
        release_draft(session, row, seen=1, registry=known, by=by)
    assert "版本号加一" in refused.value.in_chinese
    save_draft(session, row, {**body, "version": 2}, seen=1, by=by)
    assert release_draft(session, row, seen=2, registry=known, by=by) == "three_senses_short@2"
    again = start_draft(
        session, NewDraft("survey", "three_senses_short", {**body, "version": 2}), by=by
    )
    with pytest.raises(WrongState):
        release_draft(session, again, seen=1, registry=known, by=by)


def test_a_file_that_takes_a_released_key_is_refused_with_its_name(session, by, tmp_path):
    row = start_draft(session, NewDraft("survey", "own", a_body()), by=by)
    text = draft_text(row)
    release_draft(session, row, seen=1, registry=registry(), by=by)
    folder = tmp_path / "defs"
    shutil.copytree(DEFINITIONS, folder)
    assert "own@1" in full_registry(session, folder).surveys
    (folder / "surveys" / "own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused, match="own@1 was released already"):
        full_registry(session, folder)


def test_a_draft_with_mistakes_is_kept_and_not_released(session, by):
    body = a_body(title={"zh-Hans": "只有中文"})
    row = start_draft(session, NewDraft("survey", "own", body), by=by)
    with pytest.raises(InputRefused, match=r"title\.en: is required and absent") as refused:
        release_draft(session, row, seen=1, registry=registry(), by=by)
    assert [problem.line for problem in refused.value.problems] == [None]
    assert find_draft(session, "survey", "own").revision == 1


def test_what_was_seen_decides_whether_a_draft_is_given_up(session, by):
    row = start_draft(session, NewDraft("survey", "own", a_body()), by=by)
    save_draft(session, row, a_body(minutes=9), seen=1, by=by)
    with pytest.raises(WrongState):
        give_up_draft(session, row, seen=1, now=NOW)
    give_up_draft(session, row, seen=2, now=NOW)
    with pytest.raises(NotFound):
        find_draft(session, "survey", "own")


def test_a_draft_beyond_all_measure_is_refused(session, by):
    with pytest.raises(InputRefused, match="too long"):
        start_draft(session, NewDraft("survey", "own", {"lead": "长" * LONGEST_TEXT}), by=by)


def test_a_draft_belongs_to_the_office_where_its_author_may_write(session):
    county = add_office(session, "county")
    person = add_colleague(session, "li", office_id=ROOT_OFFICE)
    grant_role(session, person, Role.SURVEY_DESIGNER, office_id=county.id, now=NOW)
    colleague = colleague_of(session, person)
    scope = colleague.scope(Permission.DESIGN)
    assert signature_of(session, colleague, scope, now=NOW).office_id == county.id
    with pytest.raises(NotAllowed):
        signature_of(session, colleague, NOWHERE, now=NOW)
