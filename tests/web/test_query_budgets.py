"""Query budgets: a list page asks the database as often for many rows as for few."""

import shutil
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from app.database.console_tables import ApprovalRow, DraftRow, JobRow, OfficeRow, PersonRow
from app.database.engine import make_engine, make_sessions
from app.database.people import Newcomer, add_person, grant_role
from app.database.rounds import record
from app.database.tables import AssessmentRow, PublicationRow, RoundRow, RunRow
from app.people.roles import Role
from colleagues import CHIEF, add_office, sign_in
from world import NOW

MORE = 12
LISTS = {
    "/console": "rounds",
    "/console/rounds": "rounds",
    "/console/assessments": "assessments",
    "/console/questionnaires": "drafts",
    "/console/systems": "drafts",
    "/console/people": "people",
    "/console/offices": "offices",
    "/console/audit": "lines",
    "/console/jobs": "jobs",
    "/console/approvals": "approvals",
}
"""List page → what it lists more of."""


def copied(session, row, **changes):
    """A row like another one, kept beside it."""
    kind = type(row)
    names = [column.key for column in kind.__table__.columns if column.key != "id"]
    values = {name: getattr(row, name) for name in names} | changes
    return session.scalars(insert(kind).returning(kind), [values]).one()


def more_rounds(session):
    """Published rounds, each with runs, like the real one."""
    model = session.scalars(select(RoundRow).where(RoundRow.code == "bloomington-2017")).one()
    run = session.scalars(select(RunRow).where(RunRow.round_id == model.id)).first()
    for n in range(MORE):
        row = copied(session, model, code=f"copy-{n}")
        copied(session, run, round_id=row.id)
        made = copied(session, run, round_id=row.id)
        session.add(PublicationRow(run_id=made.id, published_at=NOW))


def more_assessments(session):
    model = session.scalars(select(AssessmentRow)).first()
    for n in range(MORE):
        copied(session, model, code=f"copy-{n}")


def more_people(session):
    for n in range(MORE):
        person = add_person(session, Newcomer(f"copy-{n}", "Copy", 1), now=NOW)
        grant_role(session, person, Role.VIEWER, office_id=1, now=NOW)
        grant_role(session, person, Role.EVALUATOR, office_id=1, now=NOW)


def more_offices(session):
    for n in range(MORE):
        add_office(session, f"copy-{n}")


def more_lines(session):
    for n in range(MORE):
        record(session, "open", subject=f"r{n}", now=NOW, detail={"run": n})


def more_drafts(session):
    chief = session.scalar(select(PersonRow.id).where(PersonRow.login == CHIEF))
    office = session.scalar(select(OfficeRow.id))
    for n in range(MORE):
        for kind in ("survey", "plan", "system", "assessment"):
            title = {"zh-Hans": f"草稿{n}", "en": f"Draft {n}"}
            draft = DraftRow(kind=kind, code=f"copy-{n}", office_id=office, revision=1)
            draft.body = {"code": f"copy-{n}", "title": title, "version": 1}
            draft.author_id, draft.created_at, draft.changed_at = chief, NOW, NOW
            session.add(draft)


def more_jobs(session):
    chief = session.scalar(select(PersonRow.id).where(PersonRow.login == CHIEF))
    for n in range(MORE):
        session.add(
            JobRow(
                kind="report", object="bloomington-2017", office_id=1, asked_by=chief,
                language="en", order={}, state="requested", done=0,
                asked_at=NOW - timedelta(minutes=n),
            )
        )  # fmt: skip


def more_approvals(session):
    """Acts on rounds that somebody else asked for, waiting and answered."""
    more_people(session)
    more_rounds(session)
    asker = session.scalar(select(PersonRow.id).where(PersonRow.login == "copy-1"))
    for n in range(MORE):
        session.add(
            ApprovalRow(
                act="close_round", object=f"copy-{n}", office_id=1, digest="0" * 64,
                detail={}, asked_by=asker, note="", asked_at=NOW,
            )
        )  # fmt: skip


ADDING: dict[str, Callable] = {
    "rounds": more_rounds,
    "assessments": more_assessments,
    "people": more_people,
    "offices": more_offices,
    "lines": more_lines,
    "drafts": more_drafts,
    "jobs": more_jobs,
    "approvals": more_approvals,
}


@pytest.fixture
def questions(demonstration, tmp_path, counter_for):
    """How many questions a page asks after something was added to the demonstration."""

    def ask(address, *adding):
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.sqlite3"
        shutil.copyfile(demonstration, file)
        engine = make_engine(f"sqlite:///{file}")
        with make_sessions(engine).begin() as session:
            for add in adding:
                add(session)
        engine.dispose()
        counter, client = counter_for(file)
        sign_in(client)
        assert client.get(address).status_code in {200, 404}, address
        counter.statements.clear()
        reply = client.get(address)
        return reply.status_code, counter.statements

    return ask


@pytest.mark.parametrize("address", LISTS)
def test_a_list_asks_as_often_for_many_as_for_few(questions, address):
    status, few = questions(address)
    if status == 404:
        pytest.skip(f"{address} is no page of this version")
    _, many = questions(address, ADDING[LISTS[address]])
    asked = sorted(many)
    for statement in few:
        if statement in asked:
            asked.remove(statement)
    more = "\n".join(sorted(set(asked)))
    assert len(many) <= len(few), f"{len(many)} questions instead of {len(few)}:\n{more}"
