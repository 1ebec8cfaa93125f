"""The first page of the console: what needs me today, asked for in as many statements however
many rounds there are."""

from datetime import timedelta

import pytest
from site_parts import Counter
from sqlalchemy import select
from starlette.testclient import TestClient

from app.database.console_tables import ApprovalRow, DraftRow, JobRow, PersonRow
from app.database.engine import make_engine, make_sessions
from app.database.tables import AllowanceRow, CampaignDecisionRow, RoundRow, TallyRow
from app.people.roles import Role
from app.settings import Settings
from app.web.application import create_app
from colleagues import add_colleague, add_office, sign_in
from review_offices import open_review
from reviews import UP
from world import NOW, TOWN_PLAN, a_round


@pytest.fixture
def engine(database_url):
    engine = make_engine(database_url)
    with make_sessions(engine).begin() as session:
        add_colleague(session, "op", Role.ROUND_OPERATOR)
        add_colleague(session, "eve", Role.EVALUATOR)
        add_colleague(session, "looker", Role.VIEWER)
        far = add_office(session, "far")
        add_colleague(session, "far", Role.ROUND_OPERATOR, office_id=far.id)
    yield engine
    engine.dispose()


@pytest.fixture
def page_of(engine, database_url):
    """A function that gives somebody's first page."""
    application, opened = create_app(Settings(database_url=database_url), clock=lambda: NOW), []

    def first_page(login, query=""):
        client = TestClient(application, follow_redirects=False)
        opened.append(client.__enter__())
        return sign_in(client, login).get(f"/console{query}").text

    yield first_page
    for client in opened:
        client.__exit__(None, None, None)


def change(engine, act):
    with make_sessions(engine).begin() as session:
        return act(session)


def another_round(session, number):
    return a_round(session, TOWN_PLAN.replace("code: town-2026", f"code: town-{number}"))


def several_rounds(session, size):
    """So many rounds, every second one closed a while ago."""
    for number in range(size):
        row = another_round(session, f"{size}-{number}")
        if number % 2:
            row.state, row.closed_at = "closed", NOW - timedelta(days=1)


def person_id(session, login):
    return session.scalars(select(PersonRow.id).where(PersonRow.login == login)).one()


def test_the_statements_do_not_grow_with_the_rounds(engine, database_url):
    application = create_app(Settings(database_url=database_url), clock=lambda: NOW)
    with TestClient(application, follow_redirects=False) as client:
        counter = Counter(application.application.application.state.engine)
        sign_in(client, "op")
        counts = []
        for size in (2, 9):
            change(engine, lambda session, n=size: several_rounds(session, n))
            before = len(counter.statements)
            assert client.get("/console").status_code == 200
            counts.append(len(counter.statements) - before)
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 26


def test_silent_points_and_quotas_behind_time_wait_for_the_operator(engine, page_of):
    def prepare(session):
        row = another_round(session, 1)
        day = {"round_id": row.id, "counter": "served", "n": 5}
        session.add(TallyRow(point="east-hall", day=f"{NOW:%Y-%m-%d}", **day))
        quota = {"round_id": row.id, "most": 1000}
        session.add(AllowanceRow(name="quota:Q1=1", taken=10, **quota))
        session.add(AllowanceRow(name="quota:Q1=2", taken=1000, **quota))

    change(engine, prepare)
    page = page_of("op")
    assert "有 1 个服务点 3 天没有人扫码" in page
    assert "有 1 个配额落后于时间" in page
    assert "没有等您处理的事" in page_of("looker")
    assert "town-1" not in page_of("far"), "the round belongs to an office above"


def test_a_round_over_time_and_a_closed_one_wait_for_the_operator(engine, page_of):
    def prepare(session):
        another_round(session, 1).state = "draft"
        row = another_round(session, 2)
        row.state, row.closed_at = "closed", NOW

    change(engine, prepare)
    page = page_of("op")
    assert "方案还是草稿，等待打开" in page
    assert 'href="/console/rounds/town-2/runs"' in page


def test_campaigns_wait_for_reviewers_until_something_counts(engine, page_of):
    def prepare(session):
        open_review(session)
        row = session.scalars(select(RoundRow)).one()
        row.closed_at = NOW - timedelta(days=2)

    change(engine, prepare)
    assert "有 3 组有共同来历迹象的回答等您核定" in page_of("an")
    assert 'href="/console/rounds/town-2026/campaigns"' in page_of("an")
    assert "等您核定" not in page_of("op")
    assert "有 2 组有共同来历迹象的回答等您核定" in page_of("dong"), (
        "theirs do not wait for them"
    )


def test_a_decision_waits_for_who_has_judged_and_is_of_another_office(engine, page_of):
    def prepare(session):
        open_review(session)
        row = session.scalars(select(RoundRow)).one()
        row.closed_at = NOW - timedelta(days=2)

    def judge(session, author, office):
        from app.database.campaigns import find_campaign

        row = session.scalars(select(RoundRow)).one()
        about = {"campaign_id": find_campaign(session, row, UP).row.id, "decided_at": NOW}
        why = {"reason": "HASTE", "note": "seen", "blind": True, "verdict": "exclude"}
        session.add(CampaignDecisionRow(author=author, office=office, **about, **why))

    change(engine, prepare)
    change(engine, lambda session: judge(session, "an", "audit"))
    assert "等您作为第二人确认" not in page_of("cui"), "before an own judgement nothing is told"
    change(engine, lambda session: judge(session, "cui", "statistics"))
    change(engine, lambda session: judge(session, "bo", "audit"))
    assert "有 1 组的决定等您作为第二人确认" in page_of("cui")
    assert "有 1 组的决定等您作为第二人确认" in page_of("bo"), "that of Cui"


def test_approvals_drafts_and_jobs_of_mine_stand_first(engine, page_of):
    def prepare(session):
        row = another_round(session, 1)
        common = {"office_id": row.office_id, "asked_by": person_id(session, "eve")}
        session.add(
            ApprovalRow(
                act="publish_run", object="town-1/1", digest="0" * 64, detail={}, note="",
                asked_at=NOW, **common,
            )
        )  # fmt: skip
        session.add(
            DraftRow(
                kind="survey", code="x", office_id=row.office_id, body={}, revision=1,
                author_id=person_id(session, "eve"), created_at=NOW, changed_at=NOW,
            )
        )  # fmt: skip
        session.add(
            JobRow(
                kind="report", object="town-1", language="zh-Hans", order={}, done=100,
                state="finished", asked_at=NOW, finished_at=NOW - timedelta(hours=1), **common,
            )
        )  # fmt: skip

    change(engine, prepare)
    operator, evaluator = page_of("op"), page_of("eve")
    assert "有 1 件事等您作为第二人批准" in operator
    assert "作为第二人批准" not in evaluator, "nobody approves what they asked for"
    assert "您有 1 份草稿还没有完成" in evaluator
    assert "您要的文件做好了 1 份" in evaluator
    assert "草稿还没有完成" not in operator
    assert "作为第二人批准" not in page_of("far")
