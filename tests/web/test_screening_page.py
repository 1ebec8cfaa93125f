"""Screening on the public pages: beside every judged score, and never more than may be said."""

import csv
import hashlib
import io
import json
import re
import shutil

import pytest
from site_parts import site_settings
from sqlalchemy import select
from starlette.testclient import TestClient

from app.database.engine import make_engine, make_sessions
from app.database.tables import RunRow
from app.web.application import create_app
from world import NOW

JUDGED = "/p/demo-senses"
REPORTED = "/p/bloomington-2017"


@pytest.fixture
def rewritten(all_published, tmp_path):
    """A function that changes every result and opens the site over it."""
    opened = []

    def rewrite(change):
        file = tmp_path / "rewritten.sqlite3"
        shutil.copyfile(all_published, file)
        engine = make_engine(f"sqlite:///{file}")
        with make_sessions(engine).begin() as session:
            for run in session.scalars(select(RunRow)):
                document = json.loads(run.document)
                change(document)
                run.document = json.dumps(document)
                # Pages are kept by the digest, so another document needs another one.
                run.document_digest = hashlib.sha256(run.document.encode()).hexdigest()
        engine.dispose()
        client = TestClient(create_app(site_settings(file), clock=lambda: NOW))
        opened.append(client)
        return client.__enter__()

    yield rewrite
    for client in opened:
        client.__exit__(None, None, None)


def without_company(document):
    """As results were written before there was an examination."""
    document["screening"].pop("company", None)
    document["run"].pop("decisions", None)
    for entry in document["estimates"]:
        entry.pop("screened", None)


def test_every_judged_score_stands_beside_its_worst_case(public):
    text = public.get(JUDGED).text
    indicators = text.count('id="indicator-') // 2
    assert text.count("筛查前后和最坏情形</caption>") == indicators > 0
    assert re.search(r"全部照算是 [\d.]+ 分，封顶后 [\d.]+ 分，核定后 [\d.]+ 分", text)
    section = text[text.index('id="screening"') : text.index('id="composite"')]
    assert "检查了 320 份回答" in section
    assert "一区市民服务中心 1 号窗口" in section


def test_only_the_judged_series_has_one(public):
    text = public.get(REPORTED).text
    sampled, others = text[: text.index("另列：")], text[text.index("另列：") :]
    assert "筛查前后和最坏情形" not in sampled
    assert "筛查前后和最坏情形" in others


@pytest.mark.parametrize("query", ["", "?l=en"])
def test_the_method_page_prints_the_caps_with_their_numbers(public, query):
    text = public.get(f"{JUDGED}/method{query}").text
    section = text[text.index('id="company"') : text.index('id="worst-case"')]
    for number in ("40", "20%", "15%", "30%"):
        assert number in section


@pytest.mark.parametrize("path", ["", "/method", "/items/G1", "/results.csv", "/results.xlsx"])
@pytest.mark.parametrize("query", ["", "?l=en"])
def test_a_result_from_before_is_shown_as_it_was(rewritten, path, query):
    reply = rewritten(without_company).get(f"{JUDGED}{path}{query}")
    assert reply.status_code == 200
    if not path.endswith("xlsx"):
        assert "最坏情形" not in reply.text
        assert "Worst case" not in reply.text


def test_the_csv_has_the_scores_before_screening(public):
    text = public.get(f"{JUDGED}/results.csv?l=en").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert all(row["Uncapped"] for row in rows if row["Measure"] == "indicator score")


def test_the_json_names_no_response_and_no_place_of_a_group(rewritten):
    def with_a_group(document):
        company = document["screening"].get("company")
        if company is not None:
            company["campaigns"] = [
                {
                    "code": "secret-code", "kind": "point", "n": n, "points": ["secret-point"],
                    "first": "2026-11-22T16:35", "last": "2026-11-22T18:05", "reasons": [],
                    "score_with": 80.0, "score_without": 71.2, "effect": 8.8,
                }
                for n in (41, 9)
            ]  # fmt: skip

    client = rewritten(with_a_group)
    for path in ("", "/method", "/results.json", "/results.csv"):
        assert "secret" not in client.get(JUDGED + path).text
    told = client.get(f"{JUDGED}/results.json").json()["screening"]["company"]
    assert [one["n"] for one in told["campaigns"]] == [41]
    page = client.get(JUDGED).text
    assert "同一点位的 41 份；2026-11-22 16:00 到 18:59" in page
    assert "其中 1 组不足 10 份" in page
