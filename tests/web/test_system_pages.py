"""An evaluator changes an indicator system in the console; a second person releases it."""

import re

import pytest
from sqlalchemy import select

from app.database.drafts import find_draft, list_released
from app.database.engine import make_engine, make_sessions
from app.database.tables import AuditEventRow
from app.people.roles import Role
from colleagues import CHIEF, DEPUTY, add_colleague, add_office, sign_in
from world import DEFINITIONS

SHELF = "/console/systems"
HQD = "demo_hqd@2"
DRAFT = f"{SHELF}/drafts/demo_hqd"
ON_FILE = sorted((DEFINITIONS / "systems").glob("*.yaml"))


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


def fill(client, page, address=None, **fields):
    """Send a form of a page to an address, as a browser would."""
    shown = client.get(page)
    assert shown.status_code == 200, shown.text
    target = address or page
    return client.post(target, data=hidden(shown.text) | fields, follow_redirects=True)


def begin(client, base=HQD):
    reply = fill(client, f"{SHELF}/new?from={base}", f"{SHELF}/drafts", base=base)
    assert reply.status_code == 200, reply.text
    return reply


def body(sessions, code="demo_hqd"):
    with sessions() as session:
        return find_draft(session, "system", code).body


def fields_of(text):
    """The cells of a table of weights as they stand."""
    return dict(re.findall(r'id="(w\d+_\d+)" name="[^"]*"[^>]*? value="([^"]*)"', text))


def weights(client, node, **changed):
    page = f"{DRAFT}/weights/{node}"
    cells = fields_of(client.get(page).text)
    return fill(client, page, **(cells | changed))


def test_a_version_shows_its_tree_sources_deductions_and_digest(operator):
    shelf = operator.get(SHELF)
    assert "指标体系" in shelf.text
    assert "demo_hqd@2" in shelf.text
    page = operator.get(f"{SHELF}/versions/{HQD}")
    for words in (
        "17 项指标，按 4 类地区分别定权重。",
        "城市主城区",
        "官方电话调查",
        "越小越好",
        "功效系数 60–100 分，不允许值 2.8，满意值 1.6，超出按端点算",
        "自愿扫码，不计分",
        "违规举债",
        "每次 0.3 分，最多 1.5 分",
        "全部扣分最多 20 分。",
        "90 分及以上",
        "SHA-256",
    ):
        assert words in page.text, words
    text = operator.get(f"{SHELF}/versions/{HQD}/system.yaml")
    assert text.text == (DEFINITIONS / "systems" / "demo_hqd.yaml").read_text()


@pytest.mark.parametrize(
    "key", ["hdi_2021@1", "wanjiang_10@1", "green_development_2016@1", "bloomington_senses@1"]
)
@pytest.mark.parametrize("language", ["", "?l=en"])
def test_every_version_on_file_can_be_looked_at(operator, key, language):
    page = operator.get(f"{SHELF}/versions/{key}{language}")
    assert page.status_code == 200
    assert "（还没有写）" not in page.text


def test_weights_are_changed_and_become_a_version_when_a_second_person_wants_them(
    console, sessions
):
    sign_in(console)
    assert "可以提出定稿" in begin(console).text
    page = weights(console, "total", w1_1="18", w2_1="15")
    assert "4 套权重都加得起来。" in page.text
    page = weights(console, "quality", w1_1="9")
    assert "应为 18，多 1" in page.text
    assert "城市主城区多 1。" in page.text
    weights(console, "quality", w1_1="9", w2_1="9")
    weights(console, "innovation", w1_1="8", w2_1="7")
    page = console.get(f"{DRAFT}/release")
    assert "和 demo_hqd@2 相比，改了 6 个权重" in page.text
    page = fill(console, f"{DRAFT}/release", note="按新办法")
    assert page.url.path.startswith("/console/approvals/")
    assert "<del>20</del>" in page.text
    number = page.url.path.rpartition("/")[2]

    with sessions() as session:
        assert not list_released(session, "system")
    refused = console.post(page.url.path, data=hidden(page.text) | {"answer": "approve"})
    assert refused.status_code == 403
    console.cookies.clear()
    sign_in(console, DEPUTY)
    page = console.get(f"/console/approvals/{number}")
    assert "改了 6 个权重" in page.text
    assert "<ins>18</ins>" in page.text
    done = fill(console, page.url.path, answer="approve")
    assert "已批准，已经办了" in done.text
    assert f"{SHELF}/versions/demo_hqd@3" in done.text
    page = console.get(f"{SHELF}/versions/demo_hqd@3/changes?since=demo_hqd@2")
    assert "改了 6 个权重，另有 0 处改动。" in page.text
    with sessions() as session:
        (version,) = list_released(session, "system")
        assert (version.key, version.released_by) == ("demo_hqd@3", "Chief")
        acts = session.execute(
            select(AuditEventRow.act, AuditEventRow.author).where(
                AuditEventRow.object == "demo_hqd@3"
            )
        ).all()
    assert acts == [
        ("ask approval of weights", CHIEF),
        ("approve approval of weights", DEPUTY),
        ("release definition", DEPUTY),
    ]
    assert console.get(DRAFT).status_code == 404


def test_what_was_changed_after_asking_cannot_be_approved(console, sessions):
    sign_in(console)
    begin(console)
    asked = fill(console, f"{DRAFT}/release").url.path
    assert "等第二个人批准" in console.get(DRAFT).text
    assert "提出以后草稿又改过" not in console.get(asked).text
    page = weights(console, "opening", w1_1="6", w2_1="4")
    assert "原 5" in page.text
    assert "提出以后草稿又改过" in console.get(asked).text
    console.cookies.clear()
    sign_in(console, DEPUTY)
    refused = fill(console, asked, answer="approve")
    assert (refused.status_code, "提出以后内容已经变了" in refused.text) == (409, True)
    with sessions() as session:
        assert not list_released(session, "system")


def test_what_does_not_add_up_is_kept_and_cannot_be_asked_for(operator, sessions):
    begin(operator)
    weights(operator, "opening", w1_1="7")
    assert body(sessions)["indicators"][8]["weight"]["urban_core"] == 7
    page = operator.get(DRAFT)
    assert "还有 1 处要改" in page.text
    assert "多 2" in page.text
    page = fill(operator, f"{DRAFT}/release")
    assert page.status_code == 422
    assert "还不能提出：有 1 处要改。" in page.text
    assert "“开放发展”（opening）在类型“城市主城区”（urban_core）下权重合计 12" in page.text


def test_every_cell_that_is_no_weight_is_named_and_nothing_typed_is_lost(operator, sessions):
    begin(operator)
    before = body(sessions)
    page = weights(operator, "opening", w1_1="五", w2_3="-1", w2_4="6")
    assert page.status_code == 422
    assert "没有保存：有 2 处要改" in page.text
    for kept in ('value="五"', 'value="-1"', 'value="6"', 'href="#w1_1"', 'id="w2_3-fault"'):
        assert kept in page.text
    assert body(sessions) == before


def test_the_platform_shares_weights_out_when_asked(operator, sessions):
    begin(operator)
    weights(operator, "public_view", even="urban_core")
    weights(operator, "public_view", scale="ecological", w1_4="1", w2_4="1", w3_4="1")
    held = {
        card["code"]: card["weight"]
        for card in body(sessions)["indicators"]
        if card["parent"] == "public_view"
    }
    assert [one["urban_core"] for one in held.values()] == [3.4, 3.3, 3.3, 0]
    assert [one["ecological"] for one in held.values()] == [3.4, 3.3, 3.3, 0]
    weights(operator, "public_view", copy="key_development", w1_2="2", w2_2="4")
    held = body(sessions)["indicators"][13]["weight"]
    assert set(held.values()) == {2}


def test_a_form_made_from_an_older_draft_changes_nothing(operator, sessions):
    begin(operator)
    old = hidden(operator.get(f"{DRAFT}/weights/opening").text)
    weights(operator, "opening", w1_1="6", w2_1="4")
    kept = body(sessions)
    late = operator.post(f"{DRAFT}/weights/opening", data=old | {"w1_1": "9"})
    assert late.status_code == 422
    assert "改过这份草稿" in late.text
    assert 'value="9"' in late.text
    assert body(sessions) == kept


def test_a_file_begins_a_draft_or_is_refused_with_every_line(operator, sessions):
    text = (DEFINITIONS / "systems" / "bloomington_senses.yaml").read_text()
    upload = {"token": hidden(operator.get(f"{SHELF}/file").text)["token"], "code": "own"}
    files = {"file": ("own.yaml", text.encode())}
    reply = operator.post(f"{SHELF}/file", data=upload, files=files)
    assert reply.headers["location"] == f"{SHELF}/drafts/own"
    assert body(sessions, "own")["code"] == "own"
    spoilt = text.replace("weights_sum_to: 12", "weights_sum_to: 13").replace(
        "direction: 1", "direction: 2", 1
    )
    files = {"file": ("spoilt.yaml", spoilt.encode())}
    reply = operator.post(f"{SHELF}/file", data=upload, files=files)
    assert reply.status_code == 422
    assert "spoilt.yaml:" in reply.text


def test_drafts_belong_to_an_office(console, sessions):
    with sessions.begin() as session:
        beside = add_office(session, "beside")
        add_colleague(session, "other", Role.EVALUATOR, office_id=beside.id)
        add_colleague(session, "onlooker", Role.VIEWER)
    sign_in(console)
    begin(console)
    console.cookies.clear()
    sign_in(console, "other")
    assert "demo_hqd@3" not in console.get(SHELF).text
    for page in ("", "/weights/total", "/release", "/system.yaml"):
        assert console.get(DRAFT + page).status_code == 404
    console.cookies.clear()
    sign_in(console, "onlooker")
    assert "新建指标体系" not in console.get(SHELF).text
    assert console.get(DRAFT).status_code == 200
    assert console.get(f"{DRAFT}/weights/total").status_code == 403


@pytest.mark.parametrize("path", ON_FILE, ids=lambda path: path.stem)
def test_every_version_can_be_copied_and_saved_without_a_difference(operator, sessions, path):
    text = path.read_text()
    code = re.search(r"^code: (\w+)$", text, re.MULTILINE)[1]
    version = re.search(r"^version: (\d+)$", text, re.MULTILINE)[1]
    draft = f"{SHELF}/drafts/{code}"
    assert "可以提出定稿" in begin(operator, f"{code}@{version}").text
    for node in body(sessions, code)["nodes"]:
        page = f"{draft}/weights/{node['code']}"
        kept = fill(operator, page, **fields_of(operator.get(page).text), done="1")
        assert kept.url.path == draft
    assert f"和 {code}@{version} 没有差别。" in operator.get(f"{draft}/release").text
