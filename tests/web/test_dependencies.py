"""A reply never promises what the database did not keep."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from residents import ALL_BEST, Town, a_town, open_rounds
from sqlalchemy import Connection, Engine, event, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.database.engine import make_reading_sessions, make_sessions
from app.database.tables import AuditEventRow
from app.web.dependencies import ActingSession, ReadingSession, SubmittedForm
from app.web.errors import add_error_pages
from world import NOW


@pytest.fixture
def town(engine: Engine, database_url: str) -> Iterator[Town]:
    """The product over open rounds."""
    with a_town(database_url, open_rounds(engine)) as town:
        yield town


@pytest.fixture
def commits_fail() -> Iterator[list[Connection]]:
    """Every commit fails as it does when the disk is full; the connections that tried."""
    tried: list[Connection] = []

    def refuse(connection: Connection) -> None:
        tried.append(connection)
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    event.listen(Engine, "commit", refuse)
    yield tried
    event.remove(Engine, "commit", refuse)


def test_a_commit_that_fails_is_a_failure_and_not_a_receipt(
    town: Town, commits_fail: list[Connection]
):
    page = town.look()
    reply = town.press(page, ALL_BEST)
    assert commits_fail
    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0
    assert "location" not in reply.headers
    assert "/r/" not in reply.text


def test_a_report_that_could_not_be_kept_is_not_confirmed(
    town: Town, commits_fail: list[Connection]
):
    reply = town.client.post(f"/s/{town.codes['town']}/report", data={"text": "有人要求"})
    assert commits_fail
    assert reply.status_code == 503
    assert "收到了" not in reply.text


def test_after_a_failed_commit_the_same_form_is_kept_once(
    town: Town, request: pytest.FixtureRequest
):
    page = town.look()

    def refuse(_: Connection) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    event.listen(Engine, "commit", refuse)
    try:
        assert town.press(page, ALL_BEST).status_code == 503
    finally:
        event.remove(Engine, "commit", refuse)
    assert town.responses() == []
    assert town.press(page, ALL_BEST).status_code == 303
    assert len(town.responses()) == 1


@pytest.fixture
def small(engine: Engine) -> Iterator[TestClient]:
    """An application of three routes over the dependencies."""
    application = FastAPI()
    application.state.acting = make_sessions(engine)
    application.state.reading = make_reading_sessions(engine)
    add_error_pages(application)

    @application.post("/act")
    def act(session: ActingSession) -> dict[str, str]:
        session.add(AuditEventRow(at=NOW, act="test", object="x", detail={}))
        return {}

    @application.post("/fail")
    def fail(session: ActingSession) -> None:
        session.add(AuditEventRow(at=NOW, act="test", object="x", detail={}))
        session.flush()
        raise ValueError("after writing")

    @application.get("/look")
    def look(session: ReadingSession) -> int:
        session.add(AuditEventRow(at=NOW, act="test", object="x", detail={}))
        return session.scalar(select(text("1"))) or 0

    @application.post("/form")
    def show(form: SubmittedForm) -> dict[str, list[str]]:
        return {name: list(values) for name, values in form.items()}

    with TestClient(application, raise_server_exceptions=False) as client:
        yield client


def acts(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return list(session.scalars(select(AuditEventRow.act)))


def test_an_act_is_committed_when_its_reply_is_sent(small: TestClient, engine: Engine):
    assert small.post("/act").status_code == 200
    assert acts(engine) == ["test"]


def test_an_act_that_fails_leaves_nothing(small: TestClient, engine: Engine):
    assert small.post("/fail").status_code == 500
    assert acts(engine) == []


def test_a_look_keeps_nothing(small: TestClient, engine: Engine):
    assert small.get("/look").json() == 1
    assert acts(engine) == []


def test_a_form_is_text_by_name_in_the_order_sent(small: TestClient):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = b"a=1&b=%F0%A0%AE%B7+x&a=2&c"
    reply = small.post("/form", content=body, headers=headers)
    assert reply.json() == {"a": ["1", "2"], "b": ["𠮷 x"], "c": [""]}


def test_a_form_of_no_fields_is_empty_and_not_a_mistake(small: TestClient):
    assert small.post("/form").json() == {}


def test_a_form_with_a_file_is_refused(small: TestClient):
    reply = small.post("/form", files={"a": b"x"})
    assert reply.status_code == 415
