"""The pages of a round: the list, fieldwork in steps, codes and print runs, one-time rights."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.engine import make_engine, make_sessions
from app.database.rounds import active_codes, find_round
from app.database.tables import AuditEventRow, PointCodeRow, TallyRow, TokenRow
from app.documents.printing.verification import decode_pages
from app.workflow.preparation import draft_round, open_round
from world import NOW, TOWN_PLAN, registry

ROUND = "/console/rounds/demo-senses"
CODES = f"{ROUND}/codes"
PAGES = (
    "/console/rounds",
    ROUND,
    f"{ROUND}/plan",
    f"{ROUND}/fieldwork",
    f"{ROUND}/fieldwork/accounts",
    CODES,
    f"{CODES}/hall-1-1/rotation",
    f"{CODES}/hall-1-1/revocation",
    f"{ROUND}/sample",
    f"{ROUND}/answer-files",
    "/console/rounds/bloomington-2017/answer-files",
    "/console/rounds/new",
)


@pytest.fixture
def engine(database):
    engine = make_engine(f"sqlite:///{database}")
    yield engine
    engine.dispose()


def token_in(text):
    return re.search(r'name="token" value="([0-9a-f]{64})"', text)[1]


def send(client, page, address=None, *, files=None, **fields):
    form = {"token": token_in(client.get(page).text), **fields}
    return client.post(address or page, data=form, files=files)


def last_act(engine):
    with Session(engine) as session:
        row = session.scalars(select(AuditEventRow).order_by(AuditEventRow.id.desc())).first()
        return row.act, row.detail


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_complete_in_english(operator, address):
    reply = operator.get(f"{address}?l=en")
    assert reply.status_code == 200
    text = re.sub(
        r'<a [^>]*lang="zh-CN"[^>]*>中文</a>|<title>.*?</title>|<pre.*?</pre>',
        "",
        reply.text,
        flags=re.DOTALL,
    )
    assert not re.findall(r"[\u4e00-\u9fff]+", text)


def test_the_list_finds_rounds_by_state_and_by_words(operator):
    text = operator.get("/console/rounds").text
    assert "共 2 轮，1 轮正在收集。" in text
    assert text.count('<th scope="row">') == 2
    assert operator.get("/console/rounds?state=open").text.count('<th scope="row">') == 1
    assert "布卢明顿" in operator.get("/console/rounds?q=布卢明顿").text
    assert "没有这样的一轮" in operator.get("/console/rounds?q=nowhere%25").text


def test_the_list_asks_few_questions_however_many_rounds(database, counter_for):
    counter, client = counter_for(database)
    from colleagues import sign_in

    sign_in(client)
    counter.statements.clear()
    client.get("/console/rounds")
    few = len(counter.statements)
    sessions = make_sessions(make_engine(f"sqlite:///{database}"))
    with sessions.begin() as session:
        for number in range(20):
            plan = TOWN_PLAN.replace("town-2026", f"town-{number}")
            draft_round(session, plan, source="", registry=registry(), now=NOW)
    counter.statements.clear()
    assert client.get("/console/rounds").text.count("round-line") == 0
    assert len(counter.statements) == few


def test_fieldwork_counts_in_steps_only(operator):
    text = operator.get(f"{ROUND}/fieldwork").text
    numbers = [int(n.replace(",", "")) for n in re.findall(r"<td>([\d,]+) 以上</td>", text)]
    assert numbers
    assert all(number % 10 == 0 for number in numbers)
    assert "得分" in text
    assert not re.findall(r"<td>\d+\.\d", text)


def test_silent_points_are_named_with_the_days(operator, engine):
    with make_sessions(engine).begin() as session:
        row = find_round(session, "demo-senses")
        day = (NOW - timedelta(days=3)).date().isoformat()
        for tally in session.scalars(select(TallyRow).where(TallyRow.round_id == row.id)):
            if tally.point == "hall-1-1":
                session.delete(tally)
        session.flush()
        one = {"round_id": row.id, "point": "hall-1-1", "counter": "stored", "n": 12}
        session.add(TallyRow(**one, day=day))
    text = operator.get(f"{ROUND}/fieldwork").text
    silent = text[text.index("silent-title") : text.index("days-title")]
    assert "一区市民服务中心 1 号窗口" in silent
    assert "3 天没有回答" in silent


def test_a_day_that_is_none_is_not_found(operator):
    assert operator.get(f"{ROUND}/fieldwork?day=tomorrow").status_code == 404


def test_quotas_are_told_in_words(operator, engine):
    plan = TOWN_PLAN.replace(
        "weighting:", "admission: {most: 50, most_per_point: 30}\nweighting:"
    )
    with make_sessions(engine).begin() as session:
        row = draft_round(session, plan, source="", registry=registry(), now=NOW)
        open_round(session, row, now=NOW)
    text = operator.get("/console/rounds/town-2026/fieldwork").text
    assert "还差约 50 份" in text
    assert 'class="bullet"' in text


def test_another_code_takes_the_place_of_the_one_before(operator, engine):
    with Session(engine) as session:
        row = find_round(session, "demo-senses")
        before = active_codes(session, row.id)["hall-1-1"]
    assert before in operator.get(f"{CODES}/hall-1-1/rotation").text
    reply = send(operator, f"{CODES}/hall-1-1/rotation")
    assert reply.status_code == 303
    with Session(engine) as session:
        after = active_codes(session, row.id)["hall-1-1"]
    assert after != before
    assert operator.get(f"/s/{after}").status_code == 200
    assert operator.get(f"/s/{before}").status_code != 200
    page = operator.get(CODES).text
    assert f"<s><code>{before}</code></s>" in page
    assert last_act(engine) == ("rotate_code", {"point": "hall-1-1", "before": before})


def test_a_withdrawn_code_is_not_printed_and_can_be_given_again(operator, engine):
    assert send(operator, f"{CODES}/hall-1-1/revocation").status_code == 303
    assert "没有码" in operator.get(CODES).text
    again = send(operator, f"{CODES}/hall-2-1/rotation", f"{CODES}/hall-1-1/revocation")
    assert again.status_code == 409
    refused = send(operator, CODES, f"{CODES}/print", pieces="poster", points="hall-1-1")
    assert refused.status_code == 422
    assert "没有可以打印的码" in refused.text
    assert send(operator, f"{CODES}/hall-1-1/rotation").status_code == 303
    with Session(engine) as session:
        rows = session.scalars(select(PointCodeRow).where(PointCodeRow.point == "hall-1-1"))
        assert sorted(row.revoked_at is None for row in rows) == [False, True]


def test_a_print_run_is_one_file_with_every_sheet_read_back(operator, engine):
    fields = {"pieces": ["poster", "tent", "sticker"], "points": ["hall-1-1", "library-4"]}
    reply = send(operator, CODES, f"{CODES}/print", **fields)
    assert reply.status_code == 303, re.findall("faults.*?</ul>", reply.text, re.DOTALL)
    page = operator.get(reply.headers["location"])
    assert "5 页，每一页的每个码都读出来了。" in page.text
    pdf = operator.get(f"{reply.headers['location']}/file").content
    assert [len(codes) for codes in decode_pages(pdf)] == [1, 1, 2, 2, 2]
    assert last_act(engine)[0] == "print_codes"
    assert "以前打印的" in operator.get(CODES).text


def test_nothing_to_print_is_said_at_its_field(operator):
    refused = send(operator, CODES, f"{CODES}/print", points="hall-1-1")
    assert refused.status_code == 422
    assert "请至少选一种样式" in refused.text


@pytest.fixture
def sampled(operator, engine):
    """A round that takes invitations and tickets."""
    plan = TOWN_PLAN.replace(
        "weighting:", "admission: {rights: [invitation, ticket]}\nweighting:"
    ).replace("evidence_class: opt_in", "evidence_class: probability")
    with make_sessions(engine).begin() as session:
        row = draft_round(session, plan, source="", registry=registry(), now=NOW)
        open_round(session, row, now=NOW)
    return operator


SAMPLE = "/console/rounds/town-2026/sample"


def test_a_sample_is_drawn_and_replayed(sampled):
    frame = "person,unit\n" + "".join(
        f"p{n},{'east' if n % 2 else 'west'}\n" for n in range(40)
    )
    files = {"frame": ("frame.csv", frame.encode())}
    fields = {"size": "10", "seed": "lottery 7", "batch": "first"}
    reply = send(sampled, SAMPLE, f"{SAMPLE}/draw", files=files, **fields)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-disposition"] == (
        'attachment; filename="town-2026-first.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert len(rows) == 10
    page = sampled.get(SAMPLE).text
    assert "20 人里抽 5 人" in page
    files = {"replay-frame": ("frame.csv", frame.encode())}
    again = send(sampled, SAMPLE, f"{SAMPLE}/replay", files=files, **{"replay-batch": "first"})
    assert "抽到的还是同样的 10 个人" in again.text
    twice = send(
        sampled,
        SAMPLE,
        f"{SAMPLE}/draw",
        files={"frame": ("frame.csv", b"person\n1\n")},
        **fields,
    )
    assert twice.status_code == 422


def test_tickets_are_issued_with_slips_and_taken_back(sampled, engine):
    fields = {"point": "east-hall", "count": "3", "hours": "24", "ticket-batch": "monday"}
    reply = send(sampled, SAMPLE, f"{SAMPLE}/tickets", paper="yes", **fields)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/zip"
    done = send(sampled, SAMPLE, f"{SAMPLE}/revocation", **{"revoked-batch": "monday"})
    assert done.status_code == 303
    with Session(engine) as session:
        assert all(token.revoked for token in session.scalars(select(TokenRow)))
    wrong = send(sampled, SAMPLE, f"{SAMPLE}/tickets", **{**fields, "count": "0"})
    assert wrong.status_code == 422


def test_a_round_that_takes_no_sample_says_so(operator):
    assert "不用抽样" in operator.get(f"{ROUND}/sample").text


def test_a_file_of_answers_is_taken_in_whole_or_refused_with_its_rows(operator):
    address = f"{ROUND}/answer-files"
    wrong = send(operator, address, files={"answers": ("a.csv", b"x,y\n1,2\n")})
    assert wrong.status_code == 422
    assert "field__fault" in wrong.text or "faults__list" in wrong.text
    assert "请先选择一个文件" in send(operator, address, files={"other": ("a", b"")}).text
    closed = send(
        operator,
        address,
        "/console/rounds/bloomington-2017/answer-files",
        files={"answers": ("a.csv", b"x\n1\n")},
    )
    assert closed.status_code == 422
