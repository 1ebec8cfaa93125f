"""The head of a page alone: the same reply without its body, and nothing is written."""

import pytest
from site_parts import site_settings
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.database.engine import make_engine
from app.database.rounds import active_codes, find_round
from app.database.tables import AuditEventRow
from app.web.application import create_app
from world import NOW


@pytest.fixture
def visitor(database):
    with TestClient(create_app(site_settings(database), clock=lambda: NOW)) as client:
        yield client


@pytest.fixture
def code(database):
    engine = make_engine(f"sqlite:///{database}")
    with Session(engine) as session:
        codes = active_codes(session, find_round(session, "demo-senses").id)
    engine.dispose()
    return next(iter(codes.values()))


def test_a_head_is_the_page_without_its_body(visitor, code):
    addresses = ("/", f"/s/{code}", "/p/bloomington-2017", "/r", "/r/nonsense", "/nothing")
    for address in addresses:
        page, head = visitor.get(address), visitor.head(address)
        assert head.status_code == page.status_code, address
        assert head.headers["content-type"] == page.headers["content-type"]
        assert page.content
        assert head.content == b""


def test_a_head_writes_nothing_and_is_no_sending_of_a_form(visitor, database):
    engine = make_engine(f"sqlite:///{database}")
    with Session(engine) as session:
        before = list(session.scalars(select(AuditEventRow.id)))
    assert visitor.head("/console/sign-out").status_code == 405
    with Session(engine) as session:
        assert list(session.scalars(select(AuditEventRow.id))) == before
    engine.dispose()
