"""A designer makes a questionnaire in the console, page by page and form by form."""

import re

import pytest
from sqlalchemy import select

from app.database.drafts import find_draft, list_released
from app.database.engine import make_engine, make_sessions
from app.database.tables import AuditEventRow

SHELF = "/console/questionnaires"
DRAFT = f"{SHELF}/drafts/hall"


@pytest.fixture
def sessions(database):
    engine = make_engine(f"sqlite:///{database}")
    yield make_sessions(engine)
    engine.dispose()


def hidden(text):
    """The hidden fields that every form of a page shares."""
    found = {"token": re.search(r'name="token" value="([0-9a-f]{64})"', text)[1]}
    seen = re.search(r'name="seen" value="(\d+)"', text)
    return found | ({"seen": seen[1]} if seen else {})


def fill(client, page, address, **fields):
    """Send a form of a page to an address, as a browser would."""
    shown = client.get(page)
    assert shown.status_code == 200, shown.text
    return client.post(address, data=hidden(shown.text) | fields, follow_redirects=True)


def begin(client, code="hall", title="请您评价这次服务"):
    reply = fill(client, f"{SHELF}/new", f"{SHELF}/drafts", title_zh=title, code=code)
    assert reply.status_code == 200, reply.text
    return reply


def add_item(client, text, *, section="main", draft=DRAFT, **fields):
    form = {"text_zh": text, "kind": "single", "section": section, **fields}
    address = f"{draft}/sections/{section}/items"
    return fill(client, f"{address}/new", address, **form)


GRADE = "bank:service_review@1/grade"


def test_a_questionnaire_is_made_and_released_in_the_console(operator, sessions):
    page = begin(operator)
    assert "先加第一道题" in page.text
    assert add_item(operator, "这次办事的总体情况", scale=GRADE).status_code == 200
    page = add_item(operator, "排队等候的时间", scale="grade")
    assert "2 题，大约 1 分钟" in page.text
    assert "非常满意 / 满意 / 基本满意 / 不满意 / 非常不满意 / 没遇到，说不清" in page.text
    page = fill(
        operator,
        f"{DRAFT}/sections/main",
        f"{DRAFT}/sections/main",
        title_zh="服务",
        title_en="Service",
    )
    fill(
        operator,
        f"{DRAFT}/settings",
        f"{DRAFT}/settings",
        title_zh="请您评价这次服务",
        title_en="Please rate this service",
        lead_zh="每题选一个。",
        minutes="1",
        source="自拟",
        version="1",
    )
    page = operator.get(f"{DRAFT}/release")
    assert "还不能定稿" in page.text
    assert "第 1 题“这次办事的总体情况”：英文题目文字：没有填写。" in page.text
    fill(operator, DRAFT, f"{DRAFT}/translation")
    fill(
        operator,
        f"{DRAFT}/indicators",
        f"{DRAFT}/indicators",
        rows="1",
        i1_zh="得分",
        i1_en="Score",
        i1_items=["q1", "q2"],
    )
    page = operator.get(f"{DRAFT}/release")
    assert "没有缺漏" in page.text
    page = fill(operator, f"{DRAFT}/release", f"{DRAFT}/release")
    assert page.url.path == f"{SHELF}/versions/hall@1"
    with sessions() as session:
        (version,) = list_released(session, "survey")
        assert (version.key, version.released_by) == ("hall@1", "Chief")
        authors = session.scalars(
            select(AuditEventRow.author).where(AuditEventRow.act == "release definition")
        ).all()
        assert authors == ["chief"]
    assert operator.get(DRAFT).status_code == 404
