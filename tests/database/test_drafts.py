"""Drafts are locked by what was seen, and a finished version never changes."""

import pytest

from app.database.drafts import (
    NewDraft,
    Signature,
    add_draft,
    change_draft,
    find_draft,
    find_released,
    hold_draft,
    list_drafts,
    list_released,
)
from app.database.engine import make_sessions
from app.database.offices import ROOT_OFFICE
from app.errors import NotFound, WrongState
from app.people.offices import Scope
from app.people.roles import Role
from app.workflow.definitions.releasing import release_draft
from colleagues import add_colleague, add_office
from world import NOW, registry

BODY = {"title": "旧"}


@pytest.fixture
def session(engine):
    with make_sessions(engine)() as session:
        yield session


def signed(session, login="mei", office_id=ROOT_OFFICE) -> Signature:
    person = add_colleague(session, login, Role.SURVEY_DESIGNER, office_id=office_id)
    return Signature(person.id, office_id, NOW)


def test_a_draft_changed_in_the_meantime_names_who_changed_it_and_when(session):
    mine, theirs = signed(session), signed(session, "wang")
    row = add_draft(session, NewDraft("survey", "a", BODY), by=mine)
    change_draft(session, row, {"title": "新"}, seen=1, by=theirs)
    with pytest.raises(WrongState, match=r"Wang changed this draft at 2026-11-22 16:33") as no:
        change_draft(session, row, {"title": "我的"}, seen=1, by=mine)
    assert "Wang于 2026-11-22 16:33 改过" in no.value.in_chinese
    assert (row.body, row.revision) == ({"title": "新"}, 2)
    with pytest.raises(WrongState):
        hold_draft(session, row, seen=1)


def test_two_drafts_of_a_kind_cannot_have_one_code_but_two_kinds_can(session):
    by = signed(session)
    add_draft(session, NewDraft("survey", "a", BODY), by=by)
    add_draft(session, NewDraft("system", "a", BODY), by=by)
    with pytest.raises(WrongState, match="already"):
        add_draft(session, NewDraft("survey", "a", BODY), by=by)


def test_a_draft_is_found_only_in_the_scope_of_its_office(session):
    county = add_office(session, "county")
    town = add_office(session, "town", under=county.id)
    other = add_office(session, "other")
    add_draft(session, NewDraft("survey", "a", BODY), by=signed(session, office_id=county.id))
    assert find_draft(session, "survey", "a", within=Scope((county.path,))).code == "a"
    (shown,) = list_drafts(session, "survey", within=Scope((county.path, other.path)))
    assert (shown.row.code, shown.author, shown.office["en"]) == ("a", "Mei", "county")
    for outside in (Scope((town.path,)), Scope((other.path,)), Scope(())):
        assert list_drafts(session, "survey", within=outside) == []
        with pytest.raises(NotFound):
            find_draft(session, "survey", "a", within=outside)
    with pytest.raises(NotFound):
        find_draft(session, "survey", "a\0")


def test_a_version_serves_its_office_and_those_below_it(session):
    county = add_office(session, "county")
    town = add_office(session, "town", under=county.id)
    other = add_office(session, "other")
    by = signed(session, office_id=county.id)
    body = {**registry_survey(), "code": "own"}
    row = add_draft(session, NewDraft("survey", "own", body), by=by)
    key = release_draft(session, row, seen=1, registry=registry(), by=by)
    assert key == "own@1"
    for scope in (Scope((county.path,)), Scope((town.path,)), Scope(("/1/",))):
        assert [one.key for one in list_released(session, "survey", within=scope)] == [key]
        assert find_released(session, "survey", key, within=scope).released_by == "Mei"
    assert list_released(session, "survey", within=Scope((other.path,))) == []
    assert list_released(session, "system") == []
    with pytest.raises(NotFound):
        find_released(session, "survey", key, within=Scope((other.path,)))


def registry_survey():
    survey = registry().surveys["three_senses_short@1"][1]
    return survey.model_dump(mode="json", by_alias=True, exclude_none=True)
