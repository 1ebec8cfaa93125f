"""The shelf of assessments: whose they are, and what a refused plan leaves behind."""

import re

from app.database.assessments import find_assessment, load_assessment
from app.database.engine import make_engine, make_sessions
from app.people.roles import Role
from app.workflow.assessment.importing import ValueFile, import_values
from app.workflow.assessment.running import run_scores
from colleagues import add_colleague, add_office, sign_in
from world import DEFINITIONS, NOW

PLAN = (DEFINITIONS / "assessments" / "demo_hqd_2024.yaml").read_text(encoding="utf-8")
STRANGER = "stranger"


def keep(database, work):
    engine = make_engine(f"sqlite:///{database}")
    with make_sessions(engine).begin() as session:
        found = work(session)
    engine.dispose()
    return found


def employ_stranger(session):
    office = add_office(session, "elsewhere")
    add_colleague(session, STRANGER, Role.EVALUATOR, office_id=office.id)


def send_plan(client, text):
    page = client.get("/console/assessments/new").text
    token = re.search(r'name="token" value="([0-9a-f]{64})"', page)[1]
    file = {"plan": ("plan.yaml", text.encode(), "application/yaml")}
    return client.post("/console/assessments/file", data={"token": token}, files=file)


def score(database, code):
    """Take the values of the demonstration in, and score."""
    engine = make_engine(f"sqlite:///{database}")
    with make_sessions(engine).begin() as session:
        row = find_assessment(session, code)
        for name in ("statistics", "surveys"):
            file = DEFINITIONS / "demo" / f"demo_hqd_2024_{name}.csv"
            import_values(session, row, ValueFile(file.name, file.read_bytes()), now=NOW)
    run_scores(make_sessions(engine), code, now=NOW)
    engine.dispose()


def title(session, code="shelf-2027"):
    return load_assessment(session, find_assessment(session, code)).plan.title.zh


def plan(name, code="shelf-2027"):
    text = re.sub(r"(?m)^code: .*$", f"code: {code}", PLAN)
    return re.sub(r"(?ms)^title:.*?(?=^\S)", f"title: {{zh-Hans: {name}, en: Ours}}\n", text)


def test_a_plan_of_another_office_is_not_replaced_under_its_code(console, database):
    keep(database, employ_stranger)
    assert send_plan(sign_in(console), plan("我们的")).status_code == 303
    console.cookies.clear()
    reply = send_plan(sign_in(console, STRANGER), plan("别人的"))
    assert reply.status_code == 422, reply.text
    assert keep(database, title) == "我们的"


def test_the_pages_stand_while_what_a_new_plan_follows_is_not_public(operator, database):
    """A plan replaced after a scoring may wait for another assessment."""
    for code in ("shelf-2027", "shelf-2028"):
        assert send_plan(operator, plan("从前", code)).status_code == 303
    score(database, "shelf-2028")
    waiting = plan("后来", "shelf-2028").replace("release:", "follows: shelf-2027\nrelease:", 1)
    assert send_plan(operator, waiting).status_code == 303
    for address in ("", "/runs/1"):
        reply = operator.get(f"/console/assessments/shelf-2028{address}")
        assert reply.status_code == 200, reply.text
        assert "方案" in reply.text


def test_a_plan_that_follows_nothing_known_is_refused_with_the_form(operator):
    text = plan("后来").replace("release:", "follows: nowhere\nrelease:", 1)
    assert send_plan(operator, text).status_code == 422
