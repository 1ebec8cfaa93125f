"""Documents asked for in the console: ordered, made by the worker, fetched whole or not."""

import hashlib
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from openpyxl import load_workbook
from pypdfium2 import PdfDocument
from site_parts import Counter, site_settings
from sqlalchemy import select
from starlette.testclient import TestClient

from app.cli.worker import forget_files_due, make_once
from app.database.console_tables import JobFileRow, JobRow
from app.database.engine import make_engine, make_sessions
from app.database.jobs import KEPT_FOR, MOST_ATTEMPTS, JobOrder, request_job
from app.database.tables import AuditEventRow
from app.people.roles import Role
from app.web.application import create_app
from colleagues import add_colleague, add_office, sign_in
from world import NOW

RUN = "bloomington-2017/1"
SCORES = "demo-hqd-2025/1"


@pytest.fixture
def sessions(database):
    engine = make_engine(f"sqlite:///{database}")
    yield make_sessions(engine)
    engine.dispose()


def token_of(page):
    return re.search(r'name="token" value="([^"]+)"', page)[1]


def order(client, kind, object_=RUN, **fields):
    token = token_of(client.get("/console/account").text)
    values = {"token": token, "kind": kind, "object": object_, **fields}
    return client.post("/console/jobs", data=values)


def made(client, sessions, kind, object_=RUN, **fields):
    """The address of the page of a document that was asked for and made, and its bytes."""
    place = order(client, kind, object_, **fields).headers["location"].partition("?")[0]
    assert make_once(sessions, clock=lambda: NOW)
    page = client.get(place).text
    link = re.search(rf'href="({place}/files/[^"?]+)', page)
    assert link, unescape(re.sub("<[^>]+>", " ", page))
    return place, client.get(link[1])


def text_of(pdf):
    document = PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def job_of(sessions, place):
    with sessions() as session:
        return session.get_one(JobRow, int(place.rsplit("/", 1)[1]))


def acts(sessions):
    with sessions() as session:
        rows = session.scalars(select(AuditEventRow).order_by(AuditEventRow.id))
        return [(row.act, row.object, row.author, row.detail) for row in rows]


def test_a_report_is_asked_for_on_the_page_of_a_run_made_by_the_worker_and_fetched(
    operator, sessions
):
    page = operator.get("/console/rounds/bloomington-2017/runs/1").text
    assert f'name="object" value="{RUN}"' in page
    place, reply = made(operator, sessions, "report_pdf")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/pdf"
    assert int(reply.headers["content-length"]) == len(reply.content)
    digest = hashlib.sha256(reply.content).hexdigest()
    assert reply.headers["etag"] == f'"{digest}"'
    assert digest in operator.get(place).text
    told = job_of(sessions, place).manifest["files"][0]
    assert told["bytes"] == len(reply.content)
    assert told["sha256"] == digest
    assert told["rows"] > 10
    lines = [line for line in acts(sessions) if line[0] in {"order_file", "take_file"}]
    assert [(act, object_, author) for act, object_, author, _ in lines] == [
        ("order_file", "bloomington-2017", "chief"),
        ("take_file", "bloomington-2017", "chief"),
    ]
    assert lines[1][3]["sha256"] == digest


def test_a_page_asks_for_itself_again_only_while_work_is_unfinished(operator, sessions):
    place = order(operator, "run_workbook").headers["location"]
    for page in ("/console/jobs", place):
        reply = operator.get(page)
        assert reply.headers["refresh"] == "4"
        assert "停止刷新" in reply.text
        assert "refresh" not in operator.get(f"{page}?still=1").headers
    assert make_once(sessions, clock=lambda: NOW)
    for page in ("/console/jobs", place):
        assert "refresh" not in operator.get(page).headers


def test_asking_twice_before_it_is_made_leads_to_the_same_job(operator, sessions):
    first = order(operator, "report_pdf").headers["location"]
    assert order(operator, "report_pdf").headers["location"] == first
    assert order(operator, "report_pdf", language="en").headers["location"] != first
    assert order(operator, "run_workbook").headers["location"] != first


def test_what_does_not_exist_cannot_be_asked_for(operator):
    for kind, object_ in (
        ("nothing", RUN), ("report_pdf", "bloomington-2017/99"), ("report_pdf", "x"),
        ("report_pdf", ""), ("ranking", RUN), ("ranking", "demo-hqd-2025/7"),
    ):  # fmt: skip
        assert order(operator, kind, object_).status_code == 404, (kind, object_)


def test_a_file_that_is_not_whole_any_more_is_not_sent(operator, sessions):
    place, reply = made(operator, sessions, "run_workbook")
    name = job_of(sessions, place).manifest["files"][0]["name"]
    with sessions.begin() as session:
        file = session.scalars(select(JobFileRow)).one()
        file.content = file.content[:-1]
    refused = operator.get(f"{place}/files/{name}")
    assert refused.status_code == 409
    assert "校验值" in refused.text
    assert operator.get(f"{place}/files/other.xlsx").status_code == 404
    assert reply.status_code == 200


def test_files_are_forgotten_in_time_and_the_page_says_so(operator, sessions):
    place, _reply = made(operator, sessions, "run_workbook")
    name = job_of(sessions, place).manifest["files"][0]["name"]
    forget_files_due(sessions, clock=lambda: NOW + KEPT_FOR)
    assert operator.get(f"{place}/files/{name}").status_code == 200
    forget_files_due(sessions, clock=lambda: NOW + KEPT_FOR + timedelta(minutes=1))
    assert operator.get(f"{place}/files/{name}").status_code == 409
    assert "已到期删除" in operator.get(place).text


def test_a_failed_job_says_why_and_can_be_asked_for_again(operator, sessions):
    place = order(operator, "run_workbook").headers["location"]
    with sessions.begin() as session:
        session.get_one(JobRow, int(place.rsplit("/", 1)[1])).order = {"document": "0" * 64}
    assert make_once(sessions, clock=lambda: NOW)
    page = operator.get(place).text
    assert "校验值不符" in page
    again = operator.post(f"{place}/again", data={"token": token_of(page)})
    assert make_once(sessions, clock=lambda: NOW)
    assert job_of(sessions, again.headers["location"]).state == "finished"


def test_a_document_is_made_after_its_worker_was_lost_with_the_same_bytes(operator, sessions):
    place, reply = made(operator, sessions, "report_pdf")
    with sessions.begin() as session:
        row = session.get_one(JobRow, int(place.rsplit("/", 1)[1]))
        row.state, row.claimed_at, row.manifest = "running", NOW, {"attempts": 1}
    assert not make_once(sessions, clock=lambda: NOW + timedelta(minutes=14))
    assert make_once(sessions, clock=lambda: NOW + timedelta(minutes=16))
    told = job_of(sessions, place).manifest["files"][0]
    assert told["sha256"] == hashlib.sha256(reply.content).hexdigest()


def test_a_job_that_takes_its_worker_with_it_is_given_up(operator, sessions):
    place = order(operator, "report_pdf").headers["location"]
    with sessions.begin() as session:
        row = session.get_one(JobRow, int(place.rsplit("/", 1)[1]))
        row.state, row.claimed_at = "running", NOW
        row.manifest = {"attempts": MOST_ATTEMPTS}
    assert not make_once(sessions, clock=lambda: NOW + timedelta(hours=1))
    assert job_of(sessions, place).state == "failed"


def test_what_breaks_a_document_does_not_stop_the_worker(operator, sessions, tmp_path):
    place = order(operator, "report_pdf").headers["location"]
    assert make_once(sessions, tmp_path, clock=lambda: NOW)
    job = job_of(sessions, place)
    assert job.state == "failed"
    assert "DocumentFailed" in job.failure


def test_jobs_of_other_offices_are_neither_listed_nor_found(database, sessions):
    with sessions.begin() as session:
        office = add_office(session, "elsewhere")
        add_colleague(session, "stranger", Role.ROUND_OPERATOR, office_id=office.id)
    application = create_app(site_settings(database), clock=lambda: NOW)
    with TestClient(application, follow_redirects=False) as own:
        place, reply = made(sign_in(own), sessions, "run_workbook")
        name = job_of(sessions, place).manifest["files"][0]["name"]
    with TestClient(application, follow_redirects=False) as other:
        sign_in(other, "stranger")
        assert place not in other.get("/console/jobs").text
        assert other.get(place).status_code == 404
        assert other.get(f"{place}/files/{name}").status_code == 404
        assert order(other, "report_pdf").status_code == 404
    assert reply.status_code == 200


def test_the_workbook_of_a_run_holds_what_the_page_holds(operator, sessions):
    _place, reply = made(operator, sessions, "run_workbook", language="en")
    book = load_workbook(io.BytesIO(reply.content))
    scores = book.worksheets[0]
    header = [cell.value for cell in scores[1]]
    assert {"Score", "Why it is withheld"} <= set(header) or "Score" in header
    assert scores.max_row > 1000


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_pages_of_jobs_are_complete_in_both_languages(operator, sessions, language):
    place, _reply = made(operator, sessions, "run_workbook")
    for page in ("/console/jobs", place):
        text = operator.get(f"{page}?l={language}").text
        if language == "en":
            main = text[text.index("<main") : text.index("</main>")]
            assert re.findall(r"[\u4e00-\u9fff]+", main) == []


def rows_of(content, sheet=0):
    found = load_workbook(io.BytesIO(content)).worksheets[sheet]
    return [list(row) for row in found.iter_rows(values_only=True)]


def test_a_ranking_table_has_the_possible_places_and_the_tier_beside_every_place(
    operator, sessions
):
    place, reply = made(operator, sessions, "ranking", SCORES)
    rows = rows_of(reply.content)
    assert rows[0][0].endswith("排名表")
    head = next(number for number, row in enumerate(rows) if row[0] == "地区类型")
    at = {name: column for column, name in enumerate(rows[head])}
    units = rows[head + 1 :]
    assert len(units) == job_of(sessions, place).manifest["files"][0]["rows"] == 12
    for row in units:
        if row[at["按得分的同类名次"]] is not None:
            assert row[at["同类名次范围"]]
            assert row[at["档"]] is not None
            assert row[at["得分 90% 区间：下限"]] <= row[at["最后得分"]]
            assert row[at["最后得分"]] <= row[at["得分 90% 区间：上限"]]
    kinds = [row[0] for row in units]
    assert [kind for n, kind in enumerate(kinds) if n == 0 or kinds[n - 1] != kind] == list(
        dict.fromkeys(kinds)
    )
    lines = [line for line in acts(sessions) if line[0].endswith("file of scores")]
    assert [line[:2] for line in lines] == [
        ("order_file of scores", "demo-hqd-2025"),
        ("take_file of scores", "demo-hqd-2025"),
    ]


def test_a_list_of_shortfalls_says_what_closing_a_gap_gains_and_what_may_be_chance(
    operator, sessions
):
    _place, reply = made(operator, sessions, "shortfalls", SCORES, language="en")
    rows = rows_of(reply.content)
    head = next(number for number, row in enumerate(rows) if row[0] == "Region type")
    at = {name: column for column, name in enumerate(rows[head])}
    gaps = rows[head + 1 :]
    assert gaps
    for row in gaps:
        assert row[at["Gain if closed"]] > 0
        assert row[at["Best of type"]] > row[at["Own normalised score"]]
        assert row[at["Beyond the error?"]]
        assert row[at["Office in charge"]] is None
    by_unit = {}
    for row in gaps:
        by_unit.setdefault(row[at["Unit"]], []).append(row[at["Gain if closed"]])
    assert all(gains == sorted(gains, reverse=True) for gains in by_unit.values())
    text = str(rows_of(reply.content) + rows_of(reply.content, 1))
    assert not re.findall(r"[\u4e00-\u9fff]+", text)


def test_a_workbook_of_scores_has_units_and_values(operator, sessions):
    _place, reply = made(operator, sessions, "scores_workbook", SCORES)
    assert len(rows_of(reply.content)) == 13
    assert len(rows_of(reply.content, 1)) > 100


def test_a_long_list_asks_the_database_no_more_than_a_short_one(database, sessions):
    application = create_app(site_settings(database), clock=lambda: NOW)
    with TestClient(application, follow_redirects=False) as client:
        sign_in(client)
        made(client, sessions, "run_workbook")
        counter = Counter(application.application.application.state.engine)

        def asked():
            before = len(counter.statements)
            assert client.get("/console/jobs").status_code == 200
            return len(counter.statements) - before

        asked()
        few = asked()
        with sessions.begin() as session:
            first = session.scalars(select(JobRow)).first()
            for number in range(60):
                wanted = JobOrder(first.kind, RUN, 1, "en", {"document": str(number)})
                request_job(session, wanted, person_id=first.asked_by, now=NOW)
        assert asked() <= few <= 8
