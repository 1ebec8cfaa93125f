"""Alarms in the console: told with their innocent explanation, answered by somebody."""

import re
from pathlib import Path

import pytest
from site_parts import site_settings
from starlette.testclient import TestClient

from app.anomaly.warnings.alarm import Alarm
from app.database.alarms import list_alarms
from app.database.engine import make_engine, make_sessions
from app.database.rounds import find_round
from app.survey.text import Text
from app.web.application import create_app
from app.workflow.alarm_keeping import Called, keep_alarms
from app.workflow.demonstration import OPEN_ROUND
from browser import DESK, PHONE, OpenPage, axe
from colleagues import CHIEF, PASSWORD
from servers import Serve
from world import NOW

ADDRESS = f"/console/rounds/{OPEN_ROUND}"


@pytest.fixture
def alarmed(operator: TestClient, database: Path) -> TestClient:
    """An operator of a round with two alarms."""
    found = [
        Alarm("BURST", "a", 87, 6, 1e-7, 8.0, {"hours": 3.0, "start": 3100.0}),
        Alarm("LOW_MISSING", "b", 2, 31, 1e-5, -5.0, {"better": 212.0}),
    ]
    names = {"a": Text(zh="甲厅", en="Hall A"), "b": Text(zh="乙厅", en="Hall B")}
    with make_sessions(make_engine(f"sqlite:///{database}")).begin() as session:
        keep_alarms(
            session, find_round(session, OPEN_ROUND), found, called=Called(names), now=NOW
        )
    return operator


def token_of(page: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


def test_the_round_and_the_first_page_say_how_many_wait(alarmed):
    assert "等人看的 2 条" in alarmed.get(ADDRESS).text
    assert "有 2 条异常提示等人看" in alarmed.get("/console").text
    assert "2 waiting for somebody" in alarmed.get(f"{ADDRESS}?l=en").text


def test_an_alarm_stands_with_its_null_and_its_innocent_explanation(alarmed):
    page = alarmed.get(f"{ADDRESS}/alarms").text

    assert "甲厅" in page
    assert "约 90 份" in page
    assert "来得密本身不说明答案不真" in page
    assert "怎样算平常" in page
    assert "怎样查实" in page
    assert "87" not in re.sub(r"<[^>]+>", "", page), "figures are said in steps"


def test_an_answer_is_kept_and_the_alarm_no_longer_waits(alarmed, database):
    page = alarmed.get(f"{ADDRESS}/alarms").text
    form = {"token": token_of(page), "note": "那天有推广", "answered": "1"}

    reply = alarmed.post(f"{ADDRESS}/alarms/1", data=form)

    assert reply.status_code == 303
    after = alarmed.get(f"{ADDRESS}/alarms").text
    assert "Chief<br>那天有推广" in after
    assert "等人看的 1 条" in alarmed.get(ADDRESS).text
    with make_sessions(make_engine(f"sqlite:///{database}"))() as session:
        states = [one.state for one in list_alarms(session, find_round(session, OPEN_ROUND).id)]
    assert sorted(states) == ["answered", "raised"]


def test_an_answer_without_a_note_comes_back_with_what_was_written(alarmed):
    page = alarmed.get(f"{ADDRESS}/alarms").text
    form = {"token": token_of(page), "note": " ", "answered": "1"}

    reply = alarmed.post(f"{ADDRESS}/alarms/1", data=form)

    assert reply.status_code == 422
    assert "请写明查到了什么" in reply.text
    assert "答复人：Chief" in reply.text


def test_an_alarm_of_another_round_is_not_found(alarmed):
    page = alarmed.get(f"{ADDRESS}/alarms").text
    form = {"token": token_of(page), "seen": "1"}

    assert alarmed.post(f"{ADDRESS}/alarms/99", data=form).status_code == 404


def test_nobody_answers_without_the_token_of_the_page(alarmed):
    form = {"note": "x", "answered": "1"}

    assert alarmed.post(f"{ADDRESS}/alarms/1", data=form).status_code == 403


def test_whoever_is_not_signed_in_sees_no_alarm(console):
    assert console.get(f"{ADDRESS}/alarms").status_code == 303


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_alarms_are_accessible_and_can_be_answered(
    alarmed, open_page: OpenPage, serve: Serve, database, device
):
    application = create_app(site_settings(database), clock=lambda: NOW)
    url, page = serve(application).url, open_page(device)
    page.goto(f"{url}/console")
    page.fill("#login", CHIEF)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.goto(f"{url}{ADDRESS}/alarms")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.fill("#note-1", "那天有推广")
    page.click("#alarm-1 button[name=answered]")
    assert page.locator("#alarm-1 .tag", has_text="已有答复").count() == 1
