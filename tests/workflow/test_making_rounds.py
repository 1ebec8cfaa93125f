"""From a plan in the making to a round, and codes that are changed while it is open."""

import pytest
from sqlalchemy.orm import Session

from app.database.drafts import Signature, find_draft
from app.database.progress import last_day_by_point, some_answers, tallies_by_day
from app.database.rounds import active_codes, find_round
from app.database.tables import TallyRow
from app.errors import InputRefused, NotFound, WrongState
from app.survey.completeness import completeness
from app.survey.planning.beginning import Start
from app.survey.planning.listed import read_lines
from app.workflow.code_changes import revoke_code, rotate_code
from app.workflow.definitions.drafting import save_draft
from app.workflow.fieldwork import close_round
from app.workflow.places import open_place
from app.workflow.planning.making import begin_plan, make_round
from app.workflow.preparation import open_round
from colleagues import add_colleague, add_office
from world import NOW, a_round, registry

START = Start(
    code="county-2026",
    title={"zh-Hans": "县调查", "en": "County survey"},
    survey="three_senses@1",
    organiser={"zh-Hans": "测评办", "en": "Survey office"},
    place={"zh-Hans": "青山县", "en": "Qingshan"},
    opens="2026-01-01T08:00:00",
    closes="2027-12-31T20:00:00",
)


@pytest.fixture
def session(engine):
    with Session(engine) as session, session.begin():
        yield session


def planner(session, login="planner", office_id=1):
    person = add_colleague(session, login, office_id=office_id)
    return Signature(person.id, office_id, NOW)


def complete(session, by):
    draft = begin_plan(session, START, last=None, registry=registry(), by=by)
    body = dict(draft.body)
    body["units"] = read_lines("units", "东街 900\n西街 600", body)
    body["points"] = read_lines("points", "大厅", body, holder="unit-1")
    return save_draft(session, draft, body, seen=draft.revision, by=by)


def test_a_sound_plan_becomes_a_round_that_opens(session):
    by = planner(session)
    draft = complete(session, by)
    row = make_round(session, draft, seen=2, registry=registry(), by=by)
    assert (row.state, row.office_id) == ("draft", 1)
    again = make_round(session, draft, seen=2, registry=registry(), by=by)
    assert again.id == row.id
    open_round(session, row, now=NOW)
    with pytest.raises(WrongState):
        make_round(session, draft, seen=2, registry=registry(), by=by)
    assert find_draft(session, "plan", START.code).revision == 2


def test_a_plan_with_mistakes_becomes_nothing(session):
    by = planner(session)
    draft = begin_plan(session, START, last=None, registry=registry(), by=by)
    with pytest.raises(InputRefused) as refused:
        make_round(session, draft, seen=1, registry=registry(), by=by)
    assert any("单位" in problem.in_chinese for problem in refused.value.problems)
    with pytest.raises(NotFound):
        find_round(session, START.code)


def test_a_plan_changed_by_somebody_else_is_not_made(session):
    by = planner(session)
    draft = complete(session, by)
    with pytest.raises(WrongState):
        make_round(session, draft, seen=1, registry=registry(), by=by)


def test_the_round_of_another_office_is_never_replaced(session):
    by = planner(session)
    other = planner(session, "other", add_office(session, "north").id)
    draft = complete(session, by)
    row = make_round(session, draft, seen=2, registry=registry(), by=by)
    row.office_id = other.office_id
    session.flush()
    with pytest.raises(InputRefused):
        make_round(session, draft, seen=2, registry=registry(), by=by)
    with pytest.raises(InputRefused):
        begin_plan(session, START, last=None, registry=registry(), by=other)


def test_a_new_code_leads_where_the_old_one_led(session):
    row = a_round(session)
    before = active_codes(session, row.id)["east-hall"]
    after = rotate_code(session, row, "east-hall", now=NOW)
    assert open_place(session, after, NOW).point.code == "east-hall"
    with pytest.raises(WrongState):
        open_place(session, before, NOW)
    revoke_code(session, row, "east-hall", now=NOW)
    assert "east-hall" not in active_codes(session, row.id)
    with pytest.raises(WrongState):
        revoke_code(session, row, "east-hall", now=NOW)
    with pytest.raises(NotFound):
        rotate_code(session, row, "nowhere", now=NOW)
    close_round(session, row, now=NOW)
    with pytest.raises(WrongState):
        rotate_code(session, row, "west-hall", now=NOW)


def test_days_and_last_days_are_counted(session):
    row = a_round(session)
    for point, day, counter, n in (
        ("east-hall", "2026-11-20", "stored", 4),
        ("west-hall", "2026-11-20", "stored", 3),
        ("east-hall", "2026-11-22", "served", 9),
    ):
        session.add(TallyRow(round_id=row.id, point=point, day=day, counter=counter, n=n))
    session.flush()
    assert dict(tallies_by_day(session, row.id)) == {
        "2026-11-20": {"stored": 7},
        "2026-11-22": {"served": 9},
    }
    assert last_day_by_point(session, row.id) == {
        "east-hall": "2026-11-20",
        "west-hall": "2026-11-20",
    }
    assert some_answers(session, row.id, most=5) == []


def test_only_those_who_were_asked_an_item_can_leave_it_out():
    survey = registry().surveys["service_review@1"][1]
    routed = next(item for item in survey.items.values() if item.ask_if is not None)
    opens = routed.ask_if.is_in[0]
    responses = [{routed.ask_if.item: opens}, {}, {routed.ask_if.item: opens, routed.code: 1}]
    found = {one.item.code: one for one in completeness(survey, responses)}
    assert (found[routed.code].asked, found[routed.code].unanswered) == (2, 1)
    assert (found[routed.ask_if.item].asked, found[routed.ask_if.item].unanswered) == (3, 1)
    assert completeness(survey, [])[0].share is None
