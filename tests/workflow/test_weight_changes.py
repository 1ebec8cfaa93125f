"""Other weights take two people: what one asked for, as it stood, becomes the version."""

import pytest

from app.database.drafts import NewDraft, Signature, find_draft, list_released
from app.database.engine import make_sessions
from app.database.people import colleague_of, find_person
from app.errors import InputRefused, NotAllowed, NotFound, WrongState
from app.people.offices import EVERYWHERE
from app.people.roles import Role
from app.scoring.editing.outline import with_keys
from app.survey.yaml_tree import load_tree
from app.workflow.approvals import Wish, approve, ask
from app.workflow.definitions.drafting import save_draft, start_draft
from app.workflow.definitions.releasing import release_draft
from app.workflow.definitions.system_versions import find_system, next_number
from colleagues import add_colleague, add_office
from world import DEFINITIONS, NOW, registry

WISH = Wish("change_weights", "bloomington_senses@2")


@pytest.fixture
def sessions(engine):
    """A draft of version 2; evaluators of its office, one beside, and a viewer."""
    sessions = make_sessions(engine)
    text = (DEFINITIONS / "systems" / "bloomington_senses.yaml").read_text("utf-8")
    body = with_keys(load_tree(text).value, {"version": 2})
    with sessions.begin() as session:
        ids = [add_colleague(session, login, Role.EVALUATOR).id for login in ("an", "bo")]
        elsewhere = add_office(session, "elsewhere")
        add_colleague(session, "cui", Role.EVALUATOR, office_id=elsewhere.id)
        add_colleague(session, "viewer", Role.VIEWER)
        by = Signature(ids[0], 1, NOW)
        start_draft(session, NewDraft("system", "bloomington_senses", body), by=by)
    return sessions


def person(session, login):
    return colleague_of(session, find_person(session, login))


def asked_by(sessions, login="an"):
    with sessions.begin() as session:
        return ask(session, person(session, login), WISH, now=NOW).id


def approved_by(sessions, login, number):
    with sessions.begin() as session:
        approve(session, person(session, login), number, now=NOW)


def change(sessions, **values):
    with sessions.begin() as session:
        row = find_draft(session, "system", "bloomington_senses")
        by = Signature(person(session, "bo").id, 1, NOW)
        save_draft(session, row, with_keys(row.body, values), seen=row.revision, by=by)


def test_the_draft_becomes_a_version_that_the_registry_knows(sessions):
    number = asked_by(sessions)
    with pytest.raises(NotAllowed):
        approved_by(sessions, "an", number)
    approved_by(sessions, "bo", number)
    with sessions() as session:
        version = find_system(session, DEFINITIONS, WISH.object, within=EVERYWHERE)
        assert (version.system.version, version.released.released_by) == (2, "An")
        assert next_number(session, DEFINITIONS, "bloomington_senses") == 3
        with pytest.raises(NotFound):
            find_draft(session, "system", "bloomington_senses")


def test_only_whoever_scores_there_asks_and_approves(sessions):
    for login in ("cui", "viewer"):
        with pytest.raises(NotFound):
            asked_by(sessions, login)
    number = asked_by(sessions)
    for login in ("cui", "viewer"):
        with pytest.raises(NotFound):
            approved_by(sessions, login, number)
    with sessions() as session:
        assert not list_released(session, "system")


def test_another_text_or_another_number_is_not_what_was_asked_for(sessions):
    number = asked_by(sessions)
    change(sessions, note={"zh-Hans": "改过", "en": "Changed"})
    with pytest.raises(WrongState, match="has changed since"):
        approved_by(sessions, "bo", number)
    change(sessions, version=3)
    with pytest.raises(WrongState, match="to become version 3"):
        approved_by(sessions, "bo", number)


def test_what_does_not_add_up_cannot_be_asked_for(sessions):
    change(sessions, indicators=[])
    with pytest.raises(InputRefused):
        asked_by(sessions)


def test_nobody_releases_a_system_alone(sessions):
    with sessions() as session:
        row = find_draft(session, "system", "bloomington_senses")
        by = Signature(person(session, "an").id, 1, NOW)
        with pytest.raises(WrongState, match="second person"):
            release_draft(session, row, seen=1, registry=registry(), by=by)
