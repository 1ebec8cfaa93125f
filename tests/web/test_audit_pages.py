"""The audit log in the console: looked through, taken away, and what a look leaves behind."""

import csv
import io
from datetime import timedelta

import pytest

from app.database.audit import Search, list_lines, newest_number
from app.database.engine import make_engine, make_sessions
from app.database.rounds import act_as, record
from app.people.roles import Role
from app.workflow.trail import seal
from colleagues import add_colleague, add_office, sign_in
from world import NOW

AUDIT = "/console/audit"


@pytest.fixture
def sessions(database):
    engine = make_engine(f"sqlite:///{database}")
    yield make_sessions(engine)
    engine.dispose()


def lines(sessions, **search):
    with sessions() as session:
        return list_lines(session, Search(**search), most=1000)


def write(sessions, n, subject="demo-senses", **detail):
    with sessions.begin() as session:
        act_as(session, login="chief", office="root")
        for number in range(n):
            now = NOW + timedelta(minutes=number)
            record(session, "open", subject=subject, now=now, detail=detail)


def test_a_line_says_who_did_what_to_what_and_leads_there(operator, sessions):
    write(sessions, 1, plan="abc")
    page = operator.get(AUDIT).text
    assert '打开调查 <a href="/console/rounds/demo-senses">demo-senses</a>，方案冻结' in page
    assert "Chief <small>chief · root</small>" in page
    assert "<dt>方案 SHA-256</dt><dd>abc</dd>" in page
    english = operator.get(f"{AUDIT}?l=en").text
    assert 'opened round <a href="/console/rounds/demo-senses?l=en">demo-senses</a>' in english


def test_the_log_is_read_page_by_page_to_its_end(operator, sessions):
    write(sessions, 120)
    page, seen = operator.get(f"{AUDIT}?object=demo-senses").text, 0
    for _ in range(10):
        seen += page.count('<th scope="row">')
        if 'rel="next"' not in page:
            break
        older = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        page = operator.get(older.replace("&amp;", "&")).text
    assert seen == len(lines(sessions, object="demo-senses"))
    assert "回到最新" in page


def test_a_search_shows_what_was_typed_and_only_what_fits(operator, sessions):
    write(sessions, 2, subject="r1", note="<b>红</b>")
    write(sessions, 1, subject="r2")
    page = operator.get(AUDIT, params={"object": "r1", "text": "红", "act": "open"}).text
    assert page.count('<th scope="row">') == 2
    assert 'value="红"' in page
    assert '<option value="open" selected>' in page
    assert "&lt;b&gt;红&lt;/b&gt;" in page
    assert "没有这样的记录" in operator.get(AUDIT, params={"author": "nobody\0"}).text


def test_a_day_that_is_none_is_refused_beside_its_field(operator):
    reply = operator.get(AUDIT, params={"since": "22.11.2026", "author": "an"})
    assert reply.status_code == 422
    assert '<a href="#since">' in reply.text
    assert 'value="22.11.2026"' in reply.text
    assert 'value="an"' in reply.text
    assert operator.get(f"{AUDIT}/lines.csv?until=0001-01-01").status_code == 422


@pytest.mark.parametrize("before", ["0", "-1", "x", "9" * 30])
def test_a_number_that_no_line_can_have_is_refused(operator, before):
    assert operator.get(f"{AUDIT}?before={before}").status_code == 422


def test_a_day_is_a_day_in_china(operator, sessions):
    write(sessions, 1, subject="r1")
    day = (NOW + timedelta(hours=8)).date()
    for since, until, n in ((0, 0, 1), (1, 1, 0), (-1, -1, 0)):
        span = {"since": day + timedelta(since), "until": day + timedelta(until)}
        text = operator.get(AUDIT, params={"object": "r1", **span}).text
        assert text.count('<th scope="row">') == n, span


def test_looking_at_the_log_writes_nothing(operator, sessions):
    with sessions() as session:
        before = newest_number(session)
    operator.get(AUDIT)
    with sessions() as session:
        assert newest_number(session) == before


def test_taking_the_log_away_is_a_line_of_it(operator, sessions):
    write(sessions, 3, subject="r1", note="=1+1")
    reply = operator.get(f"{AUDIT}/lines.csv?object=r1")
    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert rows[0][:2] == ["行号", "时间（UTC）"]
    assert [row[6] for row in rows[1:-1]] == ["r1"] * 3
    assert rows[-1][5] == "共 3 行，到此为止"
    line = lines(sessions)[0]
    assert (line.act, line.author, line.office) == ("export_audit", "chief", "root")
    assert line.detail["search"] == {"object": "r1"}
    assert reply.headers["cache-control"] == "no-store"


def test_a_cell_that_a_spreadsheet_would_run_is_text(operator, sessions):
    write(sessions, 1, subject="=cmd")
    text = operator.get(f"{AUDIT}/lines.csv?l=en").content.decode("utf-8-sig")
    assert '"\'=cmd"' in text
    assert "lines, complete" in text


def test_the_page_names_the_digest_over_the_lines_up_to_its_newest(operator, sessions):
    with sessions.begin() as session:
        link = seal(session, now=NOW)
    page = operator.get(f"{AUDIT}?before={link.number + 1}").text
    assert f"minxin audit verify --line {link.number} --digest {link.digest}" in page


def test_an_auditor_of_an_office_sees_its_lines_only(console, sessions):
    with sessions.begin() as session:
        north = add_office(session, "north")
        add_colleague(session, "nora", Role.AUDITOR, office_id=north.id)
        act_as(session, login="nora", office="north")
        record(session, "open", subject="r-north", now=NOW, detail={})
    write(sessions, 1, subject="r-root")
    for address in (AUDIT, f"{AUDIT}/lines.csv"):
        text = sign_in(console, "nora").get(address).text
        assert "r-north" in text
        assert "r-root" not in text


def test_whoever_may_not_see_the_log_is_refused_and_nothing_is_recorded(console, sessions):
    with sessions.begin() as session:
        add_colleague(session, "vera", Role.VIEWER)
    sign_in(console, "vera")
    before = len(lines(sessions))
    assert console.get(AUDIT).status_code == 403
    assert console.get(f"{AUDIT}/lines.csv").status_code == 403
    assert len(lines(sessions)) == before
