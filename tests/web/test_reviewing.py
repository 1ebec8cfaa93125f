"""Review in the console: blind first, then the whole, two people of two offices."""

import re

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.database.engine import make_engine, make_sessions
from app.database.tables import AuditEventRow, CampaignDecisionRow
from app.settings import Settings
from app.web.application import create_app
from colleagues import sign_in
from review_offices import open_review
from reviews import DOWN, SMALL, UP
from world import NOW

ROUND = "/console/rounds/town-2026/campaigns"
FIRST = {"verdict": "exclude", "reason": "HASTE", "note": "looked through the log of the hall"}


@pytest.fixture
def engine(database_url):
    engine = make_engine(database_url)
    with make_sessions(engine).begin() as session:
        open_review(session)
    yield engine
    engine.dispose()


@pytest.fixture
def visitor(engine, database_url):
    """A function that signs somebody in."""
    application, opened = create_app(Settings(database_url=database_url), clock=lambda: NOW), []

    def signed_in(login):
        client = TestClient(application, follow_redirects=False)
        opened.append(client.__enter__())
        return sign_in(client, login)

    yield signed_in
    for client in opened:
        client.__exit__(None, None, None)


def send(client, address, page, **fields):
    """Open a page and send one of its forms, as a browser would."""
    token = re.search(r'name="token" value="([0-9a-f]{64})"', client.get(page).text)[1]
    return client.post(address, data={"token": token, **fields})


def open_campaign(client, code=UP):
    reply = send(client, f"{ROUND}/{code}/looks", ROUND)
    assert reply.status_code == 303, reply.text
    return client.get(reply.headers["location"]).text


def judge(client, code=UP, **fields):
    open_campaign(client, code)
    return send(client, f"{ROUND}/{code}/decisions", f"{ROUND}/{code}", **{**FIRST, **fields})


def rule(client, number, act="confirmation", note="I agree", code=UP):
    address = f"{ROUND}/{code}/decisions/{number}/{act}"
    return send(client, address, f"{ROUND}/{code}", **{f"note-{number}-{act}": note})


def decisions(engine):
    with make_sessions(engine)() as session:
        rows = session.scalars(select(CampaignDecisionRow).order_by(CampaignDecisionRow.id))
        return [
            (row.author, row.office, row.verdict, row.second_of, row.revokes) for row in rows
        ]


def looks(engine):
    with make_sessions(engine)() as session:
        acts = select(AuditEventRow).where(AuditEventRow.act == "view campaign")
        lines = session.scalars(acts.order_by(AuditEventRow.id))
        return [(line.author, line.detail["campaign"], line.detail["shown"]) for line in lines]


def words_of(page):
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"<[^>]+>", " ", main)


def test_the_queue_and_the_first_look_tell_no_direction_and_no_score(visitor):
    an = visitor("an")
    queue, first = an.get(ROUND).text, open_campaign(an)
    assert "3 组等您先判断" in queue
    for text in (queue, first):
        assert not re.search("抬高|压低|计入 |CHANNEL_GAP|[+−]\\d", words_of(text))
    assert "另有 1 条依据会透露方向" in first
    assert "也可能是" in first
    assert "怎样查实" in first


def test_looking_at_a_page_writes_nothing_and_opening_is_recorded(visitor, engine):
    an = visitor("an")
    assert "谁看过哪一组" in an.get(f"{ROUND}/{UP}").text
    assert looks(engine) == []
    open_campaign(an)
    an.get(f"{ROUND}/{UP}")
    assert looks(engine) == [("an", UP, "first look")]
    judge(an)
    assert looks(engine)[-1] == ("an", UP, "whole")


def test_a_first_decision_opens_the_effect_the_answers_and_earlier_cases(visitor, engine):
    an = visitor("an")
    open_campaign(an)
    assert send(an, f"{ROUND}/{UP}/answers", f"{ROUND}/{UP}").status_code == 409
    reply = judge(an)
    assert (reply.status_code, reply.headers["location"]) == (303, f"{ROUND}/{UP}#decisions")

    whole = an.get(f"{ROUND}/{UP}").text
    assert "抬高得分" in whole
    assert "+16.0" in whole
    assert "等待另一单位第二人确认" in whole
    assert "还没有可比的已决回答组" in whole
    reply = send(an, f"{ROUND}/{UP}/answers", f"{ROUND}/{UP}")
    answers = an.get(reply.headers["location"]).text
    assert "这一组 12 份；同一地方平常的回答 18 份并排" in answers
    assert "这一组" in words_of(answers)
    assert answers.count('class="answer-bar"') == 2
    assert looks(engine)[-1] == ("an", UP, "responses")
    assert "secret-network" not in answers
    assert decisions(engine) == [("an", "audit", "exclude", None, None)]


def test_answers_cannot_be_reached_by_their_address_alone(visitor):
    an = visitor("an")
    judge(an)
    assert an.get(f"{ROUND}/{UP}/answers").status_code == 409


def test_a_second_person_of_another_office_confirms_and_nobody_else(visitor, engine):
    judge(visitor("an"))
    bo, cui = visitor("bo"), visitor("cui")
    judge(bo, verdict="keep", reason="KNOWN_EVENT")
    assert "不能确认自己或本单位的决定" in bo.get(f"{ROUND}/{UP}").text
    assert rule(bo, 1).status_code == 403
    open_campaign(cui)
    assert rule(cui, 1).status_code == 409, "before an own judgement"
    judge(cui, verdict="audit", reason="UNCLEAR")
    assert "作为第二人确认第 1 号" in cui.get(f"{ROUND}/{UP}").text
    reply = rule(cui, 1)
    assert reply.status_code == 303
    assert "现行：排除" in cui.get(f"{ROUND}/{UP}").text
    assert decisions(engine)[-1] == ("cui", "statistics", "exclude", 1, None)


def test_a_decision_is_taken_back_by_its_author_and_both_rows_stay(visitor, engine):
    an = visitor("an")
    judge(an, code=SMALL)
    assert "现行：排除" in an.get(f"{ROUND}/{SMALL}").text
    assert rule(an, 1, "revocation", "was mistaken", SMALL).status_code == 303
    page = an.get(f"{ROUND}/{SMALL}").text
    assert "没有生效的决定" in page
    assert "撤回第 1 号" in page
    assert len(decisions(engine)) == 2


def test_a_refused_decision_comes_back_with_what_was_written(visitor, engine):
    reply = judge(visitor("an"), reason="NO_INCIDENT", note=" the hotline was quiet ")
    assert reply.status_code == 422
    assert "初看尚不知方向" in reply.text
    assert "the hotline was quiet" in reply.text
    assert re.search(r'value="exclude" checked', reply.text)
    assert decisions(engine) == []
    empty = judge(visitor("an"), note=" ", verdict="", reason="")
    assert empty.status_code == 422


def test_a_confirmation_without_a_note_comes_back_open(visitor):
    judge(visitor("an"))
    cui = visitor("cui")
    judge(cui)
    reply = rule(cui, 1, note=" ")
    assert reply.status_code == 422
    assert '<details class="more" open>' in reply.text
    assert 'href="#note-1-confirmation"' in reply.text


def test_an_office_under_an_assessed_one_sees_a_count_and_decides_nothing(visitor, engine):
    dong = visitor("dong")
    assert "只给出数量" in dong.get(ROUND).text
    page = open_campaign(dong)
    assert "12 份回答" in page
    assert "也可能是" not in page
    form = {**FIRST}
    assert send(dong, f"{ROUND}/{UP}/decisions", ROUND, **form).status_code == 403
    assert "您的判断" in open_campaign(dong, DOWN), "the other side of the town is not theirs"
    assert decisions(engine) == []


def test_whoever_works_in_an_assessed_office_is_refused_altogether(visitor):
    assert visitor("xi").get(ROUND).status_code == 403


def test_an_auditor_looks_and_does_not_decide(visitor):
    shen = visitor("shen")
    page = open_campaign(shen)
    assert "看到了什么" in page
    assert "您的判断" not in page
    assert send(shen, f"{ROUND}/{UP}/decisions", ROUND, **FIRST).status_code == 403
    assert visitor("guan").get(ROUND).status_code == 403


def test_rates_say_how_each_direction_fared(visitor):
    an = visitor("an")
    judge(an, code=SMALL)
    text = words_of(an.get(f"{ROUND}/rates").text)
    assert "抬高得分" in text
    assert "压低得分" in text
    assert "尚未决定的有 2 组" in text
    assert "&lt;10" in text
    assert "Fisher" not in text


def test_a_campaign_of_no_such_code_or_round_is_not_found(visitor):
    an = visitor("an")
    assert an.get(f"{ROUND}/C-zzzz9999").status_code == 404
    assert an.get("/console/rounds/nowhere/campaigns").status_code == 404


@pytest.mark.parametrize("page", ["", "/rates", f"/{UP}", f"/{UP}/answers"])
def test_english_is_complete_on_every_page_of_review(visitor, page):
    an = visitor("an")
    judge(an)
    send(an, f"{ROUND}/{UP}/answers", f"{ROUND}/{UP}")
    text = an.get(f"{ROUND}{page}?l=en").text
    text = re.sub(r'<a [^>]*lang="zh-CN"[^>]*>中文</a>|<title>[^<]*</title>', "", text)
    assert re.findall(r"[\u4e00-\u9fff]+", text) == []
