"""People and offices in the console: who may be taken on, given what, and by whom."""

import re

import pytest
from sqlalchemy import select

from app.database.console_tables import OfficeRow, PersonRow
from app.database.engine import make_engine, make_sessions
from app.database.people import colleague_of, find_person, grants_in_force
from app.people.roles import Permission, Role
from colleagues import add_colleague, add_office, sign_in


@pytest.fixture
def sessions(database):
    engine = make_engine(f"sqlite:///{database}")
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        county = add_office(session, "county")
        add_office(session, "town", under=county.id)
        add_office(session, "beside")
        add_colleague(session, "local", Role.ADMINISTRATOR, office_id=county.id)
    yield sessions
    engine.dispose()


def office(sessions, code):
    with sessions() as session:
        return session.scalar(select(OfficeRow.id).where(OfficeRow.code == code))


def token_in(text):
    return re.search(r'name="token" value="([0-9a-f]{64})"', text)[1]


def send(client, address, page="/console/people", **fields):
    return client.post(address, data={"token": token_in(client.get(page).text), **fields})


def test_somebody_new_gets_a_code_and_then_roles(console, sessions):
    sign_in(console, "local")
    place = str(office(sessions, "town"))
    shown = send(console, "/console/people", login="Bo", name="薄云", office=place)
    code = re.search(r"<code>([\w-]+)</code>", shown.text)[1]
    assert console.post("/console/welcome", data={"token": code}).status_code == 200
    assert "还没有角色" in console.get("/console/people/bo").text
    gift = {"role": "evaluator", "office": place}
    assert send(console, "/console/people/bo/roles", **gift).status_code == 303
    assert send(console, "/console/people/bo/roles", **gift).status_code == 409
    with sessions() as session:
        person = find_person(session, "bo")
        assert person.needs_second_factor
        assert colleague_of(session, person).may(Permission.SCORE)
        (grant,) = grants_in_force(session, person.id)
    taken = send(console, f"/console/people/bo/roles/{grant.id}")
    assert taken.status_code == 303
    with sessions() as session:
        assert not colleague_of(session, find_person(session, "bo")).permissions


def test_nobody_administers_beyond_their_scope(console, sessions):
    sign_in(console, "local")
    listed = console.get("/console/people").text
    assert "local" in listed
    assert "chief" not in listed
    assert console.get("/console/people/chief").status_code == 404
    for fields in (
        {"office": "1"},
        {"office": str(office(sessions, "beside"))},
        {"office": "x"},
    ):
        new = send(console, "/console/people", login="bo", name="Bo", **fields)
        assert new.status_code == 404
    own = str(office(sessions, "county"))
    assert (
        send(console, "/console/people/chief/roles", role="viewer", office=own).status_code
        == 404
    )
    given = send(console, "/console/people/local/roles", role="viewer", office="1")
    assert given.status_code == 404
    assert send(console, "/console/people/chief/deactivation").status_code == 404
    assert send(console, "/console/people/chief/code").status_code == 404
    beside = f"/console/offices/{office(sessions, 'beside')}"
    assert send(console, beside, assessed="yes").status_code == 404


def test_the_last_administrator_of_the_platform_stays(console, sessions):
    sign_in(console)
    assert send(console, "/console/people/chief/deactivation").status_code == 409
    assert send(console, "/console/people/deputy/deactivation").status_code == 303
    with sessions() as session:
        chief = find_person(session, "chief")
        grants = grants_in_force(session, chief.id)
        (administers,) = [one.id for one in grants if one.role == Role.ADMINISTRATOR]
    refused = send(console, f"/console/people/chief/roles/{administers}")
    assert (refused.status_code, "没有全平台的管理员" in refused.text) == (409, True)
    with sessions() as session:
        assert len(grants_in_force(session, chief.id)) == len(grants)


def test_an_assessed_office_keeps_no_right_whatever_the_role(console, sessions):
    with sessions.begin() as session:
        add_colleague(session, "rated", *Role, office_id=office(sessions, "town"))
    sign_in(console)
    county = f"/console/offices/{office(sessions, 'county')}"
    assert send(console, county, assessed="yes").status_code == 303
    with sessions() as session:
        rated = colleague_of(
            session, session.scalar(select(PersonRow).filter_by(login="rated"))
        )
    assert rated.permissions <= {Permission.SEE_DEFINITIONS, Permission.HANDLE_CASES}
    root = send(console, "/console/offices/1", assessed="yes")
    assert root.status_code == 409


def test_a_new_office_needs_a_code_and_both_names(console, sessions):
    sign_in(console, "local")
    county = str(office(sessions, "county"))
    wrong = {"code": "Not A Code", "name-zh-Hans": "", "name-en": "", "parent": county}
    refused = send(console, "/console/offices", **wrong)
    assert refused.status_code == 422
    assert refused.text.count("field--faulty") == 3
    right = {"code": "hall", "name-zh-Hans": "政务大厅", "name-en": "Hall", "parent": county}
    assert send(console, "/console/offices", **right).status_code == 303
    assert "政务大厅" in console.get("/console/offices").text
    assert "已经有了" in send(console, "/console/offices", **right).text
    assert send(console, "/console/offices", **right | {"parent": "1"}).status_code == 404
