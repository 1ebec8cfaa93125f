"""The wizard of rounds: from an empty installation to a round that can be opened."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.database.console_tables import DraftRow
from app.database.engine import make_engine, make_sessions
from app.database.rounds import find_round, load_round
from app.database.tables import RoundRow
from app.documents.workbooks import Column, Table, results_xlsx
from app.people.roles import Role
from app.settings import Settings
from app.survey.planning.steps import STEPS
from app.web.application import create_app
from app.workflow.preparation import open_round
from colleagues import add_colleague, sign_in
from world import NOW

BEGIN = {
    "title": "青山县 2026 年政务服务满意度调查",
    "survey": "three_senses@1",
    "place": "青山县",
    "organiser": "青山县政务服务中心",
    "opens": "2026-12-01T08:00",
    "closes": "2026-12-31T20:00",
    "code": "qingshan-2026",
}
DRAFT = "/console/rounds/drafts/qingshan-2026"


@pytest.fixture
def planner(sqlite_url: str) -> Iterator[TestClient]:
    """A round operator of an empty installation, signed in."""
    engine = make_engine(sqlite_url)
    with make_sessions(engine).begin() as session:
        add_colleague(session, "chief", *Role)
    engine.dispose()
    application = create_app(Settings(database_url=sqlite_url), clock=lambda: NOW)
    with TestClient(application, follow_redirects=False) as client:
        yield sign_in(client)


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    return found[1] if found else ""


def send(client, page, address=None, *, files=None, **fields):
    """Fill in the form of a page as a browser would; the reply."""
    text = client.get(page).text
    form = {"token": hidden(text, "token"), "revision": hidden(text, "revision"), **fields}
    if files is None:
        return client.post(address or page, data=form)
    return client.post(address or page, data=form, files=files)


def begun(client: TestClient) -> TestClient:
    reply = send(client, "/console/rounds/new", **BEGIN)
    assert reply.status_code == 303, reply.text
    assert reply.headers["location"] == f"{DRAFT}/places"
    return client


def placed(client: TestClient) -> TestClient:
    """A plan with three units and two points."""
    begun(client)
    lists = f"{DRAFT}/lists"
    lines = {"lines-units": "东街街道，23000\n西街街道 18,000\n南山乡, 9000人"}
    assert send(client, f"{DRAFT}/places", f"{lists}/units/lines", **lines).status_code == 303
    points = {"lines-points": "市民服务中心 1 号窗口\n2 号窗口", "holder-points": "unit-1"}
    assert send(client, f"{DRAFT}/points", f"{lists}/points/lines", **points).status_code == 303
    return client


def body_of(client: TestClient) -> dict:
    sessions = client.app.application.application.state.acting
    with sessions.begin() as session:
        return dict(session.scalars(select(DraftRow)).one().body)


def test_a_newcomer_gets_from_nothing_to_a_drafted_round_in_few_steps(planner):
    placed(planner)
    check = planner.get(DRAFT).text
    assert "方案完整，可以定下来。" in check
    digest = re.search(r"<code>([0-9a-f]{64})</code>", check)[1]
    reply = send(planner, DRAFT, f"{DRAFT}/round")
    assert (reply.status_code, reply.headers["location"]) == (
        303,
        "/console/rounds/qingshan-2026",
    )
    page = planner.get("/console/rounds/qingshan-2026")
    assert page.status_code == 200
    assert digest in planner.get("/console/rounds/qingshan-2026/plan").text
    sessions = planner.app.application.application.state.acting
    with sessions.begin() as session:
        plan = load_round(session, find_round(session, "qingshan-2026")).plan
    assert [unit.population for unit in plan.units] == [23000, 18000, 9000]
    assert plan.release.min_n == 30
    assert plan.screening.company is not None


def test_every_step_can_be_saved_as_it_is_and_leads_to_the_next(planner):
    placed(planner)
    for step, after in (
        ("basics", "/places"),
        ("answering", "/weighting"),
        ("weighting", "/screening"),
        ("screening", "/composite"),
        ("composite", ""),
    ):
        before = body_of(planner)
        page = planner.get(f"{DRAFT}/{step}")
        assert page.status_code == 200, step
        reply = planner.post(f"{DRAFT}/{step}", data=browser_form(page.text))
        assert reply.status_code == 303, (step, re.findall("field__fault.*", reply.text))
        assert reply.headers["location"] == f"{DRAFT}{after}"
        changed = {k for k, v in body_of(planner).items() if before.get(k) != v}
        assert changed <= {"confidence"}, step


FORM = re.compile(r'<form class="panel form".*?</form>', re.DOTALL)
SELECT = re.compile(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', re.DOTALL)
AREA = re.compile(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', re.DOTALL)


def browser_form(text: str) -> dict:
    """What a browser would send of the last form of a page, untouched."""
    form = FORM.findall(text)[-1]
    sent: dict = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        is_choice = 'type="radio"' in tag or 'type="checkbox"' in tag
        if name and ("checked" in tag or not is_choice):
            sent.setdefault(name[1], []).append(value[1] if value else "")
    for name, options in SELECT.findall(form):
        chosen = re.search(r'value="([^"]*)" selected', options)
        first = re.search(r'value="([^"]*)"', options)
        sent[name] = [(chosen or first)[1]]
    return sent | {name: [value] for name, value in AREA.findall(form)}


def test_what_is_missing_is_said_in_both_languages_at_its_step(planner):
    begun(planner)
    chinese = planner.get(DRAFT).text
    assert "单位：一个也没有" in chinese
    english = planner.get(f"{DRAFT}?l=en").text
    assert "Units: has too few entries" in english


def test_a_faulty_form_comes_back_with_what_was_typed(planner):
    reply = send(planner, "/console/rounds/new", **{**BEGIN, "title": "", "code": "青山"})
    assert reply.status_code == 422
    assert "请填标题" in reply.text
    assert "代码用小写字母" in reply.text
    assert 'value="青山县政务服务中心"' in reply.text


def test_a_code_that_is_taken_is_refused(planner):
    begun(planner)
    reply = send(planner, "/console/rounds/new", **BEGIN)
    assert reply.status_code == 422
    assert "已有草稿" in reply.text


def a_sheet(*rows, headings=("代码", "名称", "人口")):
    columns = tuple(Column(name, name) for name in headings)
    return results_xlsx([Table("单位", columns, tuple(rows))])


def test_a_sheet_is_shown_before_it_is_applied(planner):
    placed(planner)
    sheet = a_sheet(("unit-1", "东街街道", "25000"), ("", "北坡镇", "4000"))
    files = {"file-units": ("units.xlsx", sheet)}
    mode = {"mode-units": "replace"}
    address = f"{DRAFT}/lists/units/sheet"
    reply = send(planner, f"{DRAFT}/places", address, files=files, **mode)
    assert reply.status_code == 200, reply.text
    assert "会添加 1 个，修改 1 个，删掉 2 个，0 个不变。" in reply.text
    assert len(body_of(planner)["units"]) == 3
    form = {name: hidden(reply.text, name) for name in ("token", "revision", "entries")}
    form["entries"] = form["entries"].replace("&#34;", '"')
    done = planner.post(f"{DRAFT}/lists/units/entries", data=form)
    assert done.status_code == 303, done.text
    units = body_of(planner)["units"]
    assert [unit["name"]["zh-Hans"] for unit in units] == ["东街街道", "北坡镇"]
    assert [unit["population"] for unit in units] == [25000, 4000]


def test_every_mistake_of_a_sheet_is_told_with_its_row(planner):
    begun(planner)
    sheet = a_sheet(("A b", "东街", "many"), ("x", "", "0"), ("x", "西街", "3"))
    files = {"file-units": ("units.xlsx", sheet)}
    reply = send(planner, f"{DRAFT}/places", f"{DRAFT}/lists/units/sheet", files=files)
    assert reply.status_code == 422
    for said in ("第 2 行“代码”", "第 2 行“人口”", "第 3 行“名称”没有填", "第 4 行“代码”"):
        assert said in reply.text, said


@pytest.mark.parametrize("kind", ["regions", "units", "points", "margins"])
def test_a_template_sent_back_unchanged_changes_nothing(planner, kind):
    placed(planner)
    before = body_of(planner)
    sheet = planner.get(f"{DRAFT}/lists/{kind}/template")
    assert sheet.headers["content-type"].startswith("application/vnd.openxml")
    files = {f"file-{kind}": ("x.xlsx", sheet.content)}
    address = f"{DRAFT}/lists/{kind}/sheet"
    reply = send(planner, f"{DRAFT}/places", address, files=files)
    if kind == "margins":  # totals that nobody knows are no totals
        assert reply.status_code == 422
        return
    assert "会添加 0 个，修改 0 个，删掉 0 个" in reply.text
    assert body_of(planner) == before


def test_an_entry_is_changed_and_removed_in_its_place(planner):
    placed(planner)
    address = f"{DRAFT}/lists/units/unit-2"
    fields = {"name": "西街新街道", "region": "all", "population": "18500"}
    assert send(planner, address, **fields).status_code == 303
    assert body_of(planner)["units"][1]["population"] == 18500
    wrong = send(planner, address, **{**fields, "name": ""})
    assert wrong.status_code == 422
    assert "没有填" in wrong.text
    assert send(planner, address, remove="yes").status_code == 303
    assert [u["code"] for u in body_of(planner)["units"]] == ["unit-1", "unit-3"]


def test_two_people_do_not_overwrite_each_other(planner):
    placed(planner)
    old = hidden(planner.get(f"{DRAFT}/basics").text, "revision")
    assert send(planner, f"{DRAFT}/answering", ways="open", most="500").status_code == 303
    reply = send(planner, f"{DRAFT}/answering", ways="open", revision=old)
    assert reply.status_code == 409
    assert body_of(planner)["admission"]["most"] == 500


def test_population_totals_make_the_weighting(planner):
    placed(planner)
    text = planner.get(f"{DRAFT}/weighting").text
    names = re.findall(r'name="(people-[^"]+)"', text)
    variables = {name.split("-")[1] for name in names}
    assert variables
    first = sorted(variables)[0]
    levels = [name for name in names if name.split("-")[1] == first]
    half = send(planner, f"{DRAFT}/weighting", **{levels[0]: "100", "start": "base"})
    assert half.status_code == 422
    fields = dict.fromkeys(levels, "25,000")
    done = send(planner, f"{DRAFT}/weighting", start="base", limit="5", groups=first, **fields)
    assert done.status_code == 303
    body = body_of(planner)
    assert body["weighting"] == [
        {"kind": "base"},
        {"kind": "post_stratify", "margin": first},
        {"kind": "trim", "highest": 5.0},
    ]
    assert body["groups"] == [first]
    assert "方案完整" in planner.get(DRAFT).text


def test_an_opened_round_is_not_made_again(planner):
    placed(planner)
    send(planner, DRAFT, f"{DRAFT}/round")
    sessions = planner.app.application.application.state.acting
    with sessions.begin() as session:
        open_round(session, session.scalars(select(RoundRow)).one(), now=NOW)
    assert "这一轮已经打开" in planner.get(DRAFT).text
    reply = send(planner, DRAFT, f"{DRAFT}/round")
    assert reply.status_code == 409


def test_the_last_round_is_copied_with_its_codes_and_a_new_window(operator):
    page = operator.get("/console/rounds/new?last=demo-senses").text
    assert "照“三感调查（演示）”再做一轮" in page
    fields = {**BEGIN, "last": "demo-senses", "survey": "three_senses@1", "code": "demo-2027"}
    new = "/console/rounds/new"
    reply = send(operator, f"{new}?last=demo-senses", new, **fields)
    assert reply.status_code == 303
    body = body_of(operator)
    assert body["repeats"] == "demo-senses"
    assert [point["code"] for point in body["points"]][:2] == ["hall-1-1", "community-1"]
    assert body["window"]["opens"] == "2026-12-01T08:00:00"
    assert "events" not in body["composite"]
    assert {value["status"] for value in body["composite"]["values"]} == {"missing"}
    text = operator.get("/console/rounds/drafts/demo-2027").text
    assert "方案完整" in text, re.findall(r"<li>.*?</li>", text)


def test_a_plan_is_given_up_when_asked_twice(planner):
    placed(planner)
    assert "放弃" in planner.get(f"{DRAFT}/removal").text
    assert send(planner, f"{DRAFT}/removal").status_code == 303
    assert planner.get(DRAFT).status_code == 404


OWN = (
    "青山县 2026 年政务服务满意度调查|青山县(的成年居民)?|东街街道|西街街道|南山乡"
    "|市民服务中心 1 号窗口|2 号窗口"
)


def test_the_wizard_is_complete_in_english(planner):
    placed(planner)
    for page in ("", *(f"/{step}" for step in STEPS)):
        text = planner.get(f"{DRAFT}{page}?l=en").text
        text = re.sub(r"<title>.*?</title>|<a [^>]*lang=\"zh-CN\"[^>]*>中文</a>", "", text)
        text = re.sub(r'value="[^"]*"|<textarea.*?</textarea>', "", text, flags=re.DOTALL)
        assert not re.findall(r"[\u4e00-\u9fff]+", re.sub(OWN, "", text)), page


def test_a_draft_of_another_office_is_not_there(planner, sqlite_url: str, tmp_path: Path):
    begun(planner)
    assert planner.get("/console/rounds/drafts/nobody").status_code == 404
    assert planner.get(f"{DRAFT}/nowhere").status_code == 404
    with Session(make_engine(sqlite_url)) as session:
        assert session.scalars(select(DraftRow)).one().office_id == 1
