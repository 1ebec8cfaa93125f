"""A designer makes a questionnaire in the console, page by page and form by form."""

import re

import pytest
from site_parts import site_settings
from sqlalchemy import select
from starlette.testclient import TestClient

from app.database.drafts import NewDraft, Signature, find_draft, list_released
from app.database.engine import make_engine, make_sessions
from app.database.tables import AuditEventRow
from app.documents.xlsform import write_xlsform
from app.people.roles import Role
from app.survey.editing.outline import empty_survey
from app.survey.yaml_tree import load_tree
from app.web.application import create_app
from app.workflow.definitions.drafting import start_draft
from colleagues import add_colleague, add_office, sign_in
from world import NOW, registry

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


def draft_of(sessions, code="hall"):
    with sessions() as session:
        return find_draft(session, "survey", code).body


def test_nothing_typed_is_lost_when_an_item_is_refused(operator):
    begin(operator)
    reply = add_item(operator, "", hint_zh="写给居民的提示", new_code="1st")
    assert reply.status_code == 422
    assert "请写题目。" in reply.text
    assert "代码用英文字母开头" in reply.text
    assert 'value="写给居民的提示"' in reply.text
    assert 'href="#new_code"' in reply.text


def test_who_changed_a_draft_in_the_meantime_is_named_and_nothing_is_lost(operator, sessions):
    begin(operator)
    add_item(operator, "等候的时间", scale=GRADE)
    address = f"{DRAFT}/items/q1"
    old = hidden(operator.get(address).text)
    fill(operator, address, address, text_zh="排队的时间", kind="single", scale="grade")
    form = old | {"text_zh": "我写的题目", "kind": "single", "scale": "grade"}
    reply = operator.post(address, data=form)
    assert reply.status_code == 422
    assert "Chief于 2026-11-22 16:33 改过这份草稿" in reply.text
    assert "我写的题目" in reply.text
    assert draft_of(sessions)["sections"][0]["items"][0]["text"] == {"zh-Hans": "排队的时间"}
    assert operator.post(f"{address}/places", data=old | {"up": "1"}).status_code == 409


def test_items_are_moved_by_buttons_and_by_a_number(operator, sessions):
    begin(operator)
    for text in ("一", "二", "三"):
        add_item(operator, text, scale=GRADE if text == "一" else "grade")
    fill(operator, DRAFT, f"{DRAFT}/sections", title_zh="另一部分")

    def order():
        sections = draft_of(sessions)["sections"]
        return [[item["code"] for item in section["items"]] for section in sections]

    fill(operator, DRAFT, f"{DRAFT}/items/q3/places", up="1")
    assert order() == [["q1", "q3", "q2"], []]
    fill(operator, DRAFT, f"{DRAFT}/items/q2/places", down="1")
    assert order() == [["q1", "q3"], ["q2"]]
    address = f"{DRAFT}/items/q2"
    fill(operator, address, address, text_zh="二", kind="single", scale="grade", number="1")
    assert order() == [["q2", "q1", "q3"], []]
    fill(operator, address, f"{address}/removal")
    assert order() == [["q1", "q3"], []]
    fill(operator, f"{DRAFT}/sections/part1", f"{DRAFT}/sections/part1", remove="1")
    assert order() == [["q1", "q3"]]


def test_an_item_is_asked_after_some_answers_and_follows_a_new_code(operator, sessions):
    begin(operator)
    add_item(operator, "总体", scale=GRADE)
    add_item(operator, "原因", kind="text", optional="yes", asked=["q1:1", "q1:2"])
    body = draft_of(sessions)
    assert body["sections"][0]["items"][1]["ask_if"] == {"item": "q1", "in": [2, 1]}
    address = f"{DRAFT}/items/q1"
    form = {"text_zh": "总体", "kind": "single", "scale": "grade", "new_code": "overall"}
    fill(operator, address, address, **form)
    body = draft_of(sessions)
    assert body["sections"][0]["items"][1]["ask_if"]["item"] == "overall"
    assert "只问在 overall 选了 2、1 的人" in operator.get(DRAFT).text
    reply = add_item(operator, "还有", asked=["overall:1", "other:2"])
    assert "跳转只能依据一道题" in reply.text


def test_a_scale_of_ones_own_is_written_after_the_item(operator, sessions):
    begin(operator)
    page = add_item(operator, "您是怎么来的", scale="own")
    assert page.url.path == f"{DRAFT}/scales/q1"
    rows = {"rows": "3", "o1_zh": "走路", "o2_zh": "坐公交", "dont_know_zh": "不想说"}
    fill(operator, f"{DRAFT}/scales/q1", f"{DRAFT}/scales/q1", **rows)
    scale = draft_of(sessions)["scales"]["q1"]
    assert [(one["code"], one["label"]["zh-Hans"]) for one in scale["options"]] == [
        (2, "走路"),
        (1, "坐公交"),
    ]
    assert scale["dont_know"] == {"code": 98, "label": {"zh-Hans": "不想说"}}
    twice = {"rows": "2", "o1_zh": "走路", "o1_code": "1", "o2_zh": "骑车", "o2_code": "1"}
    reply = fill(operator, f"{DRAFT}/scales/q1", f"{DRAFT}/scales/q1", **twice)
    assert reply.status_code == 422
    assert "编号 1 用了两次" in reply.text
    reply = fill(operator, f"{DRAFT}/scales/q1", f"{DRAFT}/scales/q1", remove="1")
    assert reply.status_code == 409


def test_the_phone_shows_what_is_not_saved_yet_and_only_our_pages_may_frame_it(
    operator, sessions
):
    begin(operator)
    address = f"{DRAFT}/sections/main/items"
    form = {"text_zh": "排队的时间", "kind": "single", "scale": GRADE, "look": "1"}
    reply = fill(operator, f"{address}/new", address, **form)
    assert "排队的时间" in reply.text
    assert draft_of(sessions)["sections"][0]["items"] == []
    policy = reply.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert "form-action 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in reply.text
    assert operator.get(f"{DRAFT}/preview").headers["content-security-policy"] == policy
    editor = operator.get(DRAFT).headers["content-security-policy"]
    assert "frame-src 'self'" in editor
    assert "frame-ancestors 'none'" in editor
    assert "frame-src" not in operator.get(SHELF).headers["content-security-policy"]


@pytest.mark.parametrize("key", sorted(registry().surveys))
def test_every_version_is_shown_taken_away_and_taken_as_a_start(operator, sessions, key):
    address = f"{SHELF}/versions/{key}"
    for page in (address, f"{address}?l=en", f"{address}/preview", f"{address}/preview?big=1"):
        assert operator.get(page).status_code == 200
    text, survey = registry().surveys[key]
    assert operator.get(f"{address}/questionnaire.yaml").text == text
    book = operator.get(f"{address}/questionnaire.xlsx")
    assert f'filename="{key}.xlsx"' in book.headers["content-disposition"]
    fill(operator, f"{SHELF}/new?from={key}", f"{SHELF}/drafts", base=key, code="")
    body = draft_of(sessions, survey.code)
    assert body == {**load_tree(text).value, "version": 2}
    draft = f"{SHELF}/drafts/{survey.code}"
    for page in ("", "/preview", "/settings", "/scales", "/indicators", "/release"):
        assert operator.get(draft + page).status_code == 200, page
        assert operator.get(f"{draft}{page}?l=en").status_code == 200, page
    for item in survey.items:
        assert operator.get(f"{draft}/items/{item}").status_code == 200


def test_what_changed_between_two_versions_is_listed(operator):
    base = "three_senses_short@1"
    draft = f"{SHELF}/drafts/three_senses_short"
    fill(operator, f"{SHELF}/new?from={base}", f"{SHELF}/drafts", base=base, code="")
    fill(operator, draft, f"{draft}/items/Q2/places", up="1")
    fill(
        operator,
        f"{draft}/settings",
        f"{draft}/settings",
        title_zh="新的标题",
        title_en="New",
        lead_zh="每题选一个",
        lead_en="Choose",
        minutes="1",
        source="自拟",
        version="2",
    )
    assert "和 three_senses_short@1 相比" in operator.get(f"{draft}/release").text
    page = fill(operator, f"{draft}/release", f"{draft}/release")
    assert page.url.path == f"{SHELF}/versions/three_senses_short@2"
    changes = operator.get(f"{page.url.path}/changes?since={base}").text
    assert "从第 2 题移到第 1 题" in changes or "从第 1 题移到第 2 题" in changes
    assert "<ins>新的标题</ins>" in changes
    assert operator.get(f"{page.url.path}/changes?since=none@1").status_code == 404


def upload(client, name, content, **fields):
    token = hidden(client.get(f"{SHELF}/file").text)
    return client.post(
        f"{SHELF}/file",
        data=token | fields,
        files={"file": (name, content)},
        follow_redirects=True,
    )


def test_a_file_becomes_a_draft_or_every_reason_is_given(operator, sessions):
    text, _ = registry().surveys["service_review@1"]
    body = load_tree(text).value
    page = upload(operator, "form.xlsx", write_xlsform(body), code="again")
    assert page.url.path == f"{SHELF}/drafts/again"
    assert draft_of(sessions, "again")["sections"] == body["sections"]
    assert upload(operator, "a.yaml", text.encode(), code="third").url.path.endswith("/third")
    reply = upload(operator, "a.yaml", text.replace("scale: grade", "scale: grad").encode())
    assert reply.status_code == 422
    assert "names a scale that is not defined" in reply.text
    assert upload(operator, "a.yaml", "标题".encode("gb18030")).status_code == 422
    wrong = {**body, "sections": [{**body["sections"][0], "code": "with space"}]}
    assert upload(operator, "form.xlsx", write_xlsform(wrong)).status_code == 422
    assert upload(operator, "form.xlsx", b"").status_code == 422


def test_a_title_is_enough_to_begin_and_a_code_is_made_up(operator):
    page = begin(operator, code="")
    assert re.search(r"/drafts/survey_20261122_1$", page.url.path)
    reply = fill(operator, f"{SHELF}/new", f"{SHELF}/drafts", title_zh="", code="a b")
    assert reply.status_code == 422
    assert "请写标题。" in reply.text
    reply = fill(operator, f"{SHELF}/new", f"{SHELF}/drafts", title_zh="又", code="a b")
    assert "代码用英文字母开头" in reply.text


@pytest.fixture
def offices(database, sessions):
    """A draft of a county, with people there, above it, beside it, and one who only looks."""
    with sessions.begin() as session:
        county = add_office(session, "county")
        other = add_office(session, "other")
        mei = add_colleague(session, "mei", Role.SURVEY_DESIGNER, office_id=county.id)
        add_colleague(session, "above", Role.SURVEY_DESIGNER)
        add_colleague(session, "beside", Role.SURVEY_DESIGNER, office_id=other.id)
        add_colleague(session, "looker", Role.VIEWER, office_id=county.id)
        body = empty_survey("hall", {"zh-Hans": "评价"})
        by = Signature(mei.id, county.id, NOW)
        start_draft(session, NewDraft("survey", "hall", body), by=by)
    application = create_app(site_settings(database), clock=lambda: NOW)

    def visitor(login):
        return sign_in(TestClient(application, follow_redirects=False), login)

    return visitor


def test_a_draft_exists_for_its_office_and_those_above_it_alone(offices):
    assert offices("mei").get(DRAFT).status_code == 200
    assert offices("above").get(DRAFT).status_code == 200
    beside = offices("beside")
    for page in ("", "/preview", "/release", "/questionnaire.xlsx", "/items/q1"):
        assert beside.get(DRAFT + page).status_code == 404
    assert "/drafts/hall" not in beside.get(SHELF).text


def test_whoever_may_only_look_changes_nothing(offices):
    looker = offices("looker")
    shown = looker.get(DRAFT)
    assert shown.status_code == 200
    assert "加一道题" not in shown.text
    token = {"token": "0" * 64}
    for page in ("/settings", "/scales", "/indicators", "/release"):
        assert looker.get(DRAFT + page).status_code == 403
    assert looker.post(f"{DRAFT}/end", data=token | {"seen": "1"}).status_code == 403
    assert looker.get(f"{SHELF}/new").status_code == 403
