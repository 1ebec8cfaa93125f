"""The console: closed to strangers, and every act is asked for twice."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.database.campaigns import list_campaigns
from app.database.engine import make_engine, make_sessions
from app.database.fieldwork import count_responses, response_id
from app.database.results import claim_run
from app.database.rounds import find_round, load_round
from app.database.tables import AuditEventRow, ResponseRow, RoundRow, RunRow
from app.documents.wording import calendar_day
from app.people.roles import Role
from app.settings import Settings
from app.web.application import create_app
from app.workflow.processing import run_to_the_end
from app.workflow.review.deciding import Judgement, decide
from app.workflow.review.impartiality import Reviewer
from colleagues import DEPUTY, PASSWORD, add_colleague, sign_in
from world import NOW

ROUND = "/console/rounds/demo-senses"
REAL = "/console/rounds/bloomington-2017"
CLOSED = ("/console", ROUND, f"{ROUND}/closure", f"{ROUND}/runs", f"{REAL}/runs/1")


@pytest.fixture
def engine(database):
    engine = make_engine(f"sqlite:///{database}")
    yield engine
    engine.dispose()


def token_in(text):
    return re.search(r'name="token" value="([0-9a-f]{64})"', text)[1]


def send(client, address, **headers):
    """Open the page of an act and send its form, as a browser would."""
    form = {"token": token_in(client.get(address).text)}
    return client.post(address, data=form, headers=headers)


def stuff(engine):
    """Thirty answers of one telephone network, all praise, within an hour at one point."""
    with make_sessions(engine).begin() as session:
        row = find_round(session, "demo-senses")
        plan, survey = (frozen := load_round(session, row)).plan, frozen.survey
        point = plan.points[0]
        praise = {
            item.code: survey.scales[item.scale].options[0].code
            for section in survey.sections
            for item in section.items
            if item.scale and survey.scales[item.scale].options
        }
        session.add_all(
            ResponseRow(
                id=response_id(row.id, f"stuffed {number}"), round_id=row.id, unit=point.unit,
                point=point.code, evidence="opt_in", survey=plan.survey, channel="qr",
                assurance="open", answers=praise, background={}, weight=None,
                submission_hash="0" * 64, body_digest="0" * 64,
                paradata={"seconds": 20, "slot": f"2026-11-21T06:{5 * (number % 6):02}Z",
                          "device": "phone", "network": "f" * 64},
            )
            for number in range(30)
        )  # fmt: skip


def answer(client, number, *, login, **fields):
    """Answer what was asked for as somebody else, and be the chief again."""
    address = f"/console/approvals/{number}"
    sign_in(client, login)
    form = {"token": token_in(client.get(address).text), "answer": "approve", **fields}
    done = client.post(address, data=form)
    sign_in(client)
    return done


def send_and_have_approved(client, address):
    """Ask for an act as the chief, and have the deputy approve it."""
    asked = send(client, address)
    assert asked.status_code == 303, asked.text
    return answer(client, asked.headers["location"].rpartition("/")[2], login=DEPUTY)


def compute(engine):
    """What the worker does."""
    with make_sessions(engine).begin() as session:
        number = claim_run(session, now=NOW).id
    run_to_the_end(make_sessions(engine), number, now=NOW)


def acts(engine):
    with Session(engine) as session:
        return list(session.scalars(select(AuditEventRow.act).order_by(AuditEventRow.id)))


@pytest.mark.parametrize("address", CLOSED)
def test_a_stranger_is_led_to_the_sign_in(console, address):
    reply = console.get(f"{address}?l=en")
    assert (reply.status_code, reply.headers["location"]) == (303, "/console/sign-in?l=en")


@pytest.mark.parametrize(
    "address", [f"{ROUND}/closure", f"{ROUND}/runs", f"{REAL}/runs/1/publication"]
)
def test_a_stranger_cannot_act(console, engine, address):
    before = acts(engine)
    assert console.post(address, data={"token": "0" * 64}).status_code == 303
    assert acts(engine) == before


def test_the_cookie_is_for_the_console_alone_and_no_script_may_read_it(console):
    answer = {"login": "chief", "password": PASSWORD}
    reply = console.post("/console/sign-in", data=answer)
    cookie = reply.headers["set-cookie"]
    assert reply.headers["location"] == "/console"
    for part in ("HttpOnly", "SameSite=strict", "Path=/console", "Max-Age=43200"):
        assert part in cookie


def test_the_cookie_travels_only_over_tls_where_the_service_does(database):
    settings = Settings(database_url=f"sqlite:///{database}", public_url="https://q.example")
    application = create_app(settings, clock=lambda: NOW)
    with TestClient(application, base_url="https://q.example") as client:
        answer = {"login": "chief", "password": PASSWORD}
        reply = client.post("/console/sign-in", data=answer, follow_redirects=False)
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("__Host-minxin=")
    assert "Secure" in cookie
    assert "Path=/;" in cookie
    assert "Domain" not in cookie


def visit_at(database, *pauses):
    """The status of the console's first page after each pause of one visit."""
    moment = [NOW]
    settings = Settings(database_url=f"sqlite:///{database}")
    application = create_app(settings, clock=lambda: moment[0])
    with TestClient(application, follow_redirects=False) as client:
        sign_in(client)
        cookie = client.cookies["minxin_console"]
        for pause in pauses:
            moment[0] += timedelta(minutes=pause)
            headers = {"cookie": f"minxin_console={cookie}"}
            yield client.get("/console", headers=headers).status_code


def test_a_visit_ends_when_nothing_is_asked_for_half_an_hour(database):
    assert list(visit_at(database, 29, 29, 30)) == [200, 200, 303]


def test_a_visit_ends_after_twelve_hours_whatever_is_done(database):
    assert list(visit_at(database, *[20] * 36)) == [200] * 35 + [303]


@pytest.mark.parametrize(
    "change",
    [
        lambda c: "x" + c,
        lambda c: c[:-1],
        lambda c: c.swapcase(),
        lambda c: "..",
        lambda c: "é.1.x",
    ],
)
def test_a_changed_cookie_is_no_visit(operator, change):
    cookie = change(operator.cookies["minxin_console"])
    operator.cookies.clear()
    header = f"minxin_console={cookie}".encode()
    assert operator.get("/console", headers={b"cookie": header}).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_form_from_another_site_is_refused(operator, engine, headers):
    assert send(operator, f"{ROUND}/closure", **headers).status_code == 403
    assert operator.post("/console/sign-in", data={}, headers=headers).status_code == 403
    with Session(engine) as session:
        assert find_round(session, "demo-senses").state == "open"


@pytest.mark.parametrize("form", [{}, {"token": ""}, {"token": "0" * 64}, {"token": "é"}])
def test_a_form_without_its_token_is_refused(operator, engine, form):
    reply = operator.post(f"{ROUND}/closure", data=form)
    assert reply.status_code == 403
    with Session(engine) as session:
        assert find_round(session, "demo-senses").state == "open"


def test_the_token_of_one_visit_is_worth_nothing_in_another(operator):
    token = token_in(operator.get(f"{ROUND}/closure").text)
    sign_in(operator)
    assert operator.post(f"{ROUND}/closure", data={"token": token}).status_code == 403


def test_a_round_goes_from_open_to_published(operator, engine):
    stuff(engine)
    own = {"sec-fetch-site": "same-origin", "origin": "null"}
    asked = send(operator, f"{ROUND}/closure", **own)
    assert (asked.status_code, asked.headers["location"]) == (303, "/console/approvals/1")
    with Session(engine) as session:
        assert find_round(session, "demo-senses").state == "open"
    assert answer(operator, 1, login=DEPUTY).status_code == 303
    assert "等待计算" in operator.get("/console").text

    asked = send(operator, f"{ROUND}/runs")
    run_page = asked.headers["location"]
    assert "等待计算" in operator.get(run_page).text
    assert operator.get("/p/demo-senses").status_code == 404

    compute(engine)
    assert "等待核对和公布" in operator.get("/console").text
    assert "对外不公布" in operator.get(run_page).text
    assert operator.get("/p/demo-senses").status_code == 404

    question = operator.get(f"{run_page}/publication").text
    assert "任何人都会读到" in question
    assert "请尽量先核定、再公布" in question
    assert send_and_have_approved(operator, f"{run_page}/publication").status_code == 303
    assert operator.get("/p/demo-senses").status_code == 200
    assert "组有共同来历迹象的回答等您核定" in operator.get("/console").text
    trail = ["close", "request_run", "keep campaigns", "process", "publish"]
    done = [act for act in acts(engine) if "sign" not in act and "approval" not in act]
    assert done[-5:] == trail


def test_a_closed_round_says_what_nobody_decided_and_when_review_ends(operator, engine):
    assert "还没有人核定" not in operator.get(ROUND).text
    stuff(engine)
    send_and_have_approved(operator, f"{ROUND}/closure")
    asked = send(operator, f"{ROUND}/runs")
    assert asked.status_code == 303
    compute(engine)
    with Session(engine) as session:
        row = find_round(session, "demo-senses")
        n = len(campaigns := list_campaigns(session, row.id))
        last_day = calendar_day((row.closed_at + timedelta(days=30)).date(), "zh-Hans")
    page = operator.get(ROUND).text
    assert f"有 {n} 组有共同来历迹象的回答还没有人核定；{last_day}起不能再核定。" in page
    assert f"作答过程的记录在{last_day}删除" in page
    assert f"{n}; from" in operator.get("/console?l=en").text

    with Session(engine) as session, session.begin():
        row = find_round(session, "demo-senses")
        for one in campaigns:
            judgement = Judgement(one.row.code, "audit", "UNCLEAR", "somebody goes there")
            decide(session, row, Reviewer("An", "audit-bureau"), judgement, now=NOW)
    assert "还没有人核定" not in operator.get(ROUND).text
    assert "还没有人核定" not in operator.get("/console").text


def test_acts_in_the_wrong_order_are_refused_with_the_reason(operator):
    early = send(operator, f"{ROUND}/runs")
    assert early.status_code == 409
    assert "close it before processing" in early.text
    send_and_have_approved(operator, f"{ROUND}/closure")
    assert send(operator, f"{ROUND}/closure").status_code == 409
    assert send(operator, f"{ROUND}/runs").status_code == 303
    assert send(operator, f"{ROUND}/runs").status_code == 409
    assert send(operator, f"{REAL}/runs/1/publication").status_code == 409


def test_a_run_is_shown_only_under_its_own_round(operator):
    assert operator.get(f"{REAL}/runs/1").status_code == 200
    assert operator.get(f"{ROUND}/runs/1").status_code == 404
    assert operator.get(f"{REAL}/runs/99").status_code == 404
    assert operator.get(f"{REAL}/runs/x").status_code == 422


def test_a_failed_run_says_why(operator, engine):
    send_and_have_approved(operator, f"{ROUND}/closure")
    page = send(operator, f"{ROUND}/runs").headers["location"]
    with make_sessions(engine).begin() as session:
        run = session.scalars(select(RunRow).where(RunRow.state == "requested")).one()
        run.state, run.failure = "failed", "raking did not converge: age 4 has nobody"
    assert "raking did not converge" in operator.get(page).text
    assert "计算没有成功" in operator.get("/console").text
    assert operator.get(f"{page}/publication").status_code == 404


def test_the_full_result_shows_what_the_public_does_not_see_and_marks_it(operator):
    text = operator.get(f"{REAL}/runs/1").text
    assert re.search(
        r"<td><b><a [^>]+>\d+\.\d\d</a></b></td>.{0,400}tag--withheld", text, re.DOTALL
    )
    assert "答法少见" in text
    assert "Kish 有效样本" in text
    assert len(re.findall(r"\b[0-9a-f]{64}\b", text)) >= 3


@pytest.mark.parametrize("query", ["", "?l=en"])
def test_the_full_result_shows_what_screening_did_to_each_point(operator, engine, query):
    stuff(engine)
    send_and_have_approved(operator, f"{ROUND}/closure")
    page = send(operator, f"{ROUND}/runs").headers["location"]
    compute(engine)
    text = operator.get(f"{page.partition('?')[0]}{query}").text
    groups = text[text.index('id="groups"') : text.index('id="weights"')]
    assert ("Worst case" if query else "最坏情形") in groups
    assert groups.count('<th scope="row">') == 2 * 8
    assert ("before reading on" if query else "请先判断，再看本页") in groups


def test_live_counts_go_up_in_steps(operator):
    for page in (f"{ROUND}/codes", f"{ROUND}/fieldwork", ROUND):
        text = operator.get(page).text
        shown = {int(n.replace(",", "")) for n in re.findall(r"([\d,]+) 以上", text)}
        assert shown, page
        assert all(n % 10 == 0 for n in shown), page


def test_the_total_of_an_open_round_goes_up_in_steps_and_is_exact_once_closed(operator, engine):
    with Session(engine) as session:
        exact = count_responses(session, find_round(session, "demo-senses").id)
    shown = f"{exact // 10 * 10:,} 以上"
    for address in ("/console", ROUND, f"{ROUND}/closure"):
        assert shown in operator.get(address).text, address
    send_and_have_approved(operator, f"{ROUND}/closure")
    text = operator.get(ROUND).text
    assert f"回答 {exact:,}<" in text
    assert shown not in text[: text.index('id="runs-title"')]


def test_a_run_number_beyond_the_database_is_no_run(operator):
    assert operator.get(f"{REAL}/runs/{'9' * 30}").status_code == 404


def test_the_address_and_the_code_of_every_point_are_listed(operator, engine):
    text = operator.get(f"{ROUND}/codes").text
    codes = re.findall(r'href="http://127\.0\.0\.1:8000/s/(\w{8})"', text)
    assert len(codes) == 8
    assert all(operator.get(f"/s/{code}").status_code == 200 for code in codes)


def test_an_empty_platform_says_how_to_begin(sqlite_url):
    engine = make_engine(sqlite_url)
    with make_sessions(engine).begin() as session:
        add_colleague(session, "chief", *Role)
    engine.dispose()
    settings = Settings(database_url=sqlite_url)
    with TestClient(create_app(settings, clock=lambda: NOW)) as client:
        assert "四步开始第一轮调查" in sign_in(client).get("/console").text


def test_signing_out_forgets_the_visit(operator, engine):
    token = token_in(operator.get("/console").text)
    reply = operator.post("/console/sign-out?l=en", data={"token": token})
    assert (reply.status_code, reply.headers["location"]) == (303, "/console/sign-in?l=en")
    assert operator.get("/console").status_code == 303
    assert acts(engine)[-1] == "sign_out"


@pytest.mark.parametrize(
    "address", ["/console", ROUND, REAL, f"{ROUND}/closure", f"{REAL}/runs/1"]
)
def test_english_is_complete(operator, address):
    text = operator.get(f"{address}?l=en").text
    text = re.sub(
        r'<(a|option) [^>]*lang="zh-CN"[^>]*>中文</\1>|<title>[^<]*</title>|示例，[^<]*',
        "",
        text,
    )
    assert not re.findall(r"[\u4e00-\u9fff]+", text)


def test_a_page_keeps_its_language_in_every_link_of_its_own(operator):
    for address in ("/console", ROUND, f"{REAL}/runs/1"):
        links = re.findall(
            r'(?:href|action)="(/console[^"]*)"', operator.get(f"{address}?l=en").text
        )
        assert links
        assert all("l=en" in link for link in links)


def test_a_round_row_is_what_the_database_says(engine):
    with Session(engine) as session:
        states = {row.code: row.state for row in session.scalars(select(RoundRow))}
    assert states == {"bloomington-2017": "published", "demo-senses": "open"}
