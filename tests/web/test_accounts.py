"""One's account in the browser: second factor, visits, password, the code to come in."""

import re

import pytest
from pyotp import TOTP

from app.database.engine import make_engine, make_sessions
from app.database.people import find_person
from app.people.roles import Role
from app.workflow.people.welcoming import welcome_person
from colleagues import PASSWORD, add_colleague, sign_in
from world import NOW

PHRASE = "tea river copper 41 window"


@pytest.fixture
def sessions(database):
    engine = make_engine(f"sqlite:///{database}")
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        add_colleague(session, "zhao", Role.AUDITOR).needs_second_factor = True
        add_colleague(session, "an", Role.VIEWER)
    yield sessions
    engine.dispose()


def token_in(text):
    return re.search(r'name="token" value="([0-9a-f]{64})"', text)[1]


def send(client, address, page=None, **fields):
    form = {"token": token_in(client.get(page or address).text), **fields}
    return client.post(address, data=form)


def test_a_second_factor_is_set_up_before_anything_opens(console, sessions):
    sign_in(console, "zhao")
    assert console.get("/console").headers["location"] == "/console/second-factor"
    page = console.get("/console/second-factor").text
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    wrong = send(console, "/console/second-factor", code="000000")
    assert (wrong.status_code, "不对" in wrong.text) == (422, True)
    done = send(console, "/console/second-factor", code=TOTP(secret).at(NOW))
    codes = re.findall(r"<code>([a-z2-7-]+)</code>", done.text)
    assert len(codes) == 10
    assert console.get("/console").status_code == 200

    sign_in(console, "zhao")
    assert console.get("/console/audit").status_code == 303
    assert send(console, "/console/second-factor", code=codes[0]).status_code == 303
    assert console.get("/console/audit").status_code == 200


def test_somebody_without_roles_sees_only_what_is_their_own(console, sessions):
    with sessions.begin() as session:
        add_colleague(session, "new")
    sign_in(console, "new")
    assert "还没有角色" in console.get("/console/account").text
    assert console.get("/console").status_code == 200
    assert console.get("/console/rounds/demo-senses").status_code == 403


def test_a_changed_password_ends_the_other_visits_and_keeps_this_one(console, sessions):
    sign_in(console, "an")
    elsewhere = console.cookies["minxin_console"]
    sign_in(console, "an")
    fields = {"current": PASSWORD, "password": PHRASE, "repeated": PHRASE}
    where = {"page": "/console/account"}
    refused = send(console, "/console/account/password", **where, **fields | {"current": "x"})
    assert (refused.status_code, "现在的密码不对" in refused.text) == (422, True)
    weak = fields | {"password": "short", "repeated": "short"}
    assert "至少要 15 个" in send(console, "/console/account/password", **where, **weak).text
    assert send(console, "/console/account/password", **where, **fields).status_code == 303
    assert console.get("/console").status_code == 200
    headers = {"cookie": f"minxin_console={elsewhere}"}
    console.cookies.clear()
    assert console.get("/console", headers=headers).status_code == 303


def test_a_visit_elsewhere_can_be_ended_and_nobody_elses(console, sessions):
    sign_in(console, "an")
    elsewhere = console.cookies["minxin_console"]
    sign_in(console, "an")
    page = console.get("/console/account").text
    assert "就是这里" in page
    (other,) = re.findall(r'name="visit" value="([0-9a-f]{64})"', page)
    where = {"page": "/console/account"}
    assert send(console, "/console/account/visits", **where, visit="0" * 64).status_code == 404
    assert send(console, "/console/account/visits", **where, visit=other).status_code == 303
    headers = {"cookie": f"minxin_console={elsewhere}"}
    console.cookies.clear()
    assert console.get("/console", headers=headers).status_code == 303


def test_a_code_leads_to_a_password_and_stands_in_no_address(console, sessions):
    with sessions.begin() as session:
        token = welcome_person(session, find_person(session, "an"), now=NOW)
    assert "这个邀请码不能用" in console.post("/console/welcome", data={"token": "x"}).text
    page = console.post("/console/welcome", data={"token": token})
    assert "设定密码" in page.text
    given = {"token": token, "password": "aaaa", "repeated": "b"}
    refused = console.post("/console/welcome", data=given)
    assert refused.status_code == 422
    assert all(words in refused.text for words in ("至少要 15 个", "常被猜到", "不一样"))
    given |= {"password": PHRASE, "repeated": PHRASE}
    done = console.post("/console/welcome", data=given)
    assert done.headers["location"] == "/console/sign-in"
    reply = console.post("/console/sign-in", data={"login": "an", "password": PHRASE})
    assert reply.headers["location"] == "/console"


def test_guessing_is_slowed_down_and_waiting_helps(console, sessions):
    guess = {"login": "an", "password": "wrong"}
    statuses = [console.post("/console/sign-in", data=guess).status_code for _ in range(11)]
    assert statuses == [403] * 10 + [429]
    reply = console.post("/console/sign-in", data={"login": "an", "password": PASSWORD})
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "15")
