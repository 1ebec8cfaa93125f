"""Asking for publication: what changes, what waits, until when units may object."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.database.console_tables import ApprovalRow
from app.database.engine import make_engine, make_sessions
from app.database.results import find_run, request_run
from app.database.rounds import find_round
from app.documents.wording import points
from app.workflow.approvals import OBJECTIONS_UNTIL
from world import NOW

RUN = "/console/rounds/bloomington-2017/runs/1"
AGAIN = "/console/rounds/bloomington-2017/runs/2"


@pytest.fixture
def engine(database):
    engine = make_engine(f"sqlite:///{database}")
    yield engine
    engine.dispose()


@pytest.fixture
def second_run(engine):
    """A second run of the published round in which one number moved by three points."""
    with make_sessions(engine).begin() as session:
        row = find_round(session, "bloomington-2017")
        first = find_run(session, 1)
        document = json.loads(first.document)
        moved = next(e for e in document["estimates"] if e["domain"] == "overall")
        moved["value"] += 3
        run = request_run(session, row, seed=2, now=NOW)
        run.state, run.document, run.document_digest = (
            "finished",
            json.dumps(document),
            "2" * 64,
        )
        run.finished_at = NOW
        return points(moved["value"])


def token_in(text):
    return re.search(r'name="token" value="([0-9a-f]{64})"', text)[1]


def ask(client, **fields):
    token = token_in(client.get(f"{AGAIN}/publication").text)
    return client.post(f"{AGAIN}/publication", data={"token": token, **fields})


def test_the_page_says_what_would_change_and_leads_to_the_preview(operator, second_run):
    page = operator.get(f"{AGAIN}/publication").text
    assert "1 个有变动，0 个新出现，0 个不再公布" in page
    assert f"<td>{second_run}</td><td>+3.0</td>" in page
    assert f'href="{AGAIN}/preview"' in page
    assert "公众还看不到这一页" in operator.get(f"{AGAIN}/preview").text


def test_an_objection_period_is_kept_and_said_on_the_page_of_the_run(
    operator, engine, second_run
):
    last_day = NOW + timedelta(days=7)
    asked = ask(operator, note="请核对", objections_until=f"{last_day:%Y-%m-%d}")
    assert asked.status_code == 303, asked.text
    with Session(engine) as session:
        row = session.get(ApprovalRow, int(asked.headers["location"].rpartition("/")[2]))
        assert row.object == "bloomington-2017/2"
        assert row.detail[OBJECTIONS_UNTIL]
    for page in (AGAIN, f"{AGAIN}/publication"):
        assert "异议期到" in operator.get(page).text
    assert "异议期到" not in operator.get(RUN).text


@pytest.mark.parametrize(("given", "why"), [("2020-01-01", "已经过去"), ("soon", "不是日期")])
def test_an_impossible_last_day_comes_back_with_the_note(operator, second_run, given, why):
    reply = ask(operator, note="请核对", objections_until=given)
    assert reply.status_code == 422
    assert why in reply.text
    assert "请核对" in reply.text
    assert 'href="#objections_until"' in reply.text


def test_english_is_complete_where_publication_is_asked_for(operator, second_run):
    text = operator.get(f"{AGAIN}/publication?l=en").text
    text = re.sub(r'<a [^>]*lang="zh-CN"[^>]*>中文</a>|<title>[^<]*</title>', "", text)
    assert re.findall(r"[\u4e00-\u9fff]+", text) == []
