"""One response, from a scanned code to a published composite score. Read this first.

The demonstration region stands, its open round takes an answer at a service point, and an
evaluator follows it: received, counted, weighed, scored, published, recomputed.
"""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.database.engine import make_sessions
from app.database.fieldwork import count_responses
from app.database.results import find_run, request_run, result_of
from app.database.rounds import active_codes, find_round
from app.settings import Settings
from app.web.application import create_app
from app.workflow.demonstration import OPEN_ROUND, make_rounds
from app.workflow.fieldwork import close_round
from app.workflow.processing import process_round, recompute
from app.workflow.publication import publish
from world import DEFINITIONS, NOW

SATISFIED = {f"q-{item}": "5" for item in ("G1", "G2", "G3", "G4", "G5", "G6", "H2", "H3")}


@pytest.fixture
def client(engine: Engine, database_url: str) -> Iterator[TestClient]:
    """The product over the demonstration, at a fixed time."""
    make_rounds(make_sessions(engine), DEFINITIONS, now=NOW, progress=lambda _: None)
    settings = Settings(database_url=database_url)
    with TestClient(create_app(settings, clock=lambda: NOW)) as client:
        yield client


def test_a_scanned_code_ends_in_a_composite_score(client: TestClient, engine: Engine) -> None:
    with Session(engine) as session:
        row = find_round(session, OPEN_ROUND)
        code = active_codes(session, row.id)["hall-1-1"]
        before = count_responses(session, row.id)

    # A resident scans the code, answers what they like, and insists on leaving the rest out.
    page = client.get(f"/s/{code}")
    assert page.status_code == 200
    assert "一区市民服务中心 1 号窗口" in page.text
    assert not client.cookies
    hidden = r'<input type="hidden" name="(\w+)"(?: form="f")? value="([^"]*)"'
    form = dict(re.findall(hidden, page.text))
    missing = client.post(f"/s/{code}", data=form | SATISFIED)
    assert missing.status_code == 422
    assert "您已选的答案都保留着" in missing.text
    sent = form | SATISFIED | {"skip": "1"}
    receipt = client.post(f"/s/{code}", data=sent, follow_redirects=False).headers["location"]

    # The network failed, so they press again: one response, the same receipt.
    again = client.post(f"/s/{code}", data=sent, follow_redirects=False)
    assert again.headers["location"] == receipt
    assert "等待统计" in client.get(receipt).text
    with Session(engine) as session:
        row = find_round(session, OPEN_ROUND)
        assert count_responses(session, row.id) == before + 1

    # Nothing is public before it is published, and no other page says that it exists.
    assert client.get(f"/p/{OPEN_ROUND}").status_code == 404

    # The round is closed, screened, weighed, estimated and scored.
    with Session(engine) as session:
        row = find_round(session, OPEN_ROUND)
        close_round(session, row, now=NOW)
        number = request_run(session, row, seed=2026, now=NOW).id
        session.commit()
    process_round(make_sessions(engine), number, now=NOW)
    with Session(engine) as session:
        document = result_of(find_run(session, number))
    assert document["responses"]["by_channel"] == {"qr": 1, "simulated": before}
    assert "您的回答已经计入" in client.get(receipt).text
    assert "已经结束" in client.get(f"/s/{code}").text

    # The answer is part of its unit's opt-in estimate, which carries a band and no error …
    (estimate,) = [
        entry
        for entry in document["estimates"]
        if (entry["code"], entry["domain_code"]) == ("senses", "area-1")
    ]
    assert estimate["kind"] == "band"
    assert "standard_error" not in estimate
    assert estimate["low"] < estimate["value"] < estimate["high"]

    # … and of the composite score, line by line down to the deduction.
    units = {unit["unit"]: unit for unit in document["composite"]["units"]}
    steps = {step["indicator"]: step for step in units["area-1"]["indicators"]}
    assert steps["senses_opt_in"]["raw"] == pytest.approx(estimate["value"])
    total = sum(step["contribution"] for step in steps.values())
    assert total == pytest.approx(units["area-1"]["gross"])
    assert units["area-2"]["final"] < units["area-2"]["gross"], "the upheld event deducts"

    # Computed again from the stored responses, every byte is the same; then it is published.
    with Session(engine) as session:
        assert recompute(session, number)
        publish(session, run := find_run(session, number), now=NOW)
        assert run.state == "finished"
        session.commit()
    result = client.get(f"/p/{OPEN_ROUND}")
    assert result.status_code == 200
    assert "自愿扫码" in result.text
    assert client.get(f"/p/{OPEN_ROUND}/results.csv").content.startswith(b"\xef\xbb\xbf")
    assert "看公布的结果" in client.get(receipt).text
