"""What the authorization matrix is asked against: places, people of every role, and objects.

Everything that has a place lies in one office, `own`. People hold their role there, above it,
below it, beside it or somewhere else, so the object is the same and the place differs.
"""

import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from rights_places import ASSESSED, PENDING, PLACES, RightsWorld
from sqlalchemy import select, update

from app.database.console_tables import (
    ApprovalRow,
    DraftRow,
    IdentityRow,
    JobFileRow,
    JobRow,
    PersonRow,
    ReleasedDefinitionRow,
    RoleGrantRow,
    TemplateFileRow,
)
from app.database.engine import Session, make_engine, make_sessions
from app.database.people import grant_role
from app.database.tables import (
    AlarmRow,
    AssessmentRow,
    CampaignRow,
    RoundRow,
    RunRow,
    ScenarioRow,
    ScoreRunRow,
)
from app.database.visits import Beginning, begin_visit
from app.people.roles import Role
from app.web.console.codes import KIND as PRINT_RUN
from app.workflow.demonstration import OPEN_ROUND, REAL_ROUND
from colleagues import add_colleague, add_office
from reviews import a_reviewed_round
from world import NOW

PDF = "application/pdf"
IN_OFFICES = (
    RoundRow,
    AssessmentRow,
    DraftRow,
    ReleasedDefinitionRow,
    ApprovalRow,
    JobRow,
    TemplateFileRow,
)


@pytest.fixture(scope="session")
def rights_world(full_world: Path, tmp_path_factory: pytest.TempPathFactory) -> RightsWorld:
    """A database that every test copies before it writes."""
    file = tmp_path_factory.mktemp("rights") / "rights.sqlite3"
    shutil.copyfile(full_world, file)
    engine = make_engine(f"sqlite:///{file}")
    with make_sessions(engine).begin() as session:
        offices = _offices(session)
        for table in IN_OFFICES:
            session.execute(update(table).values(office_id=offices["own"]))
        tokens = dict(_people(session, offices))
        objects = _objects(session, offices["own"])
    engine.dispose()
    return RightsWorld(file, tokens, objects)


def _offices(session: Session) -> Mapping[str, int]:
    # The parent is not the root: whoever reaches everything would hide a missing filter.
    parent = add_office(session, "rights-parent").id
    own = add_office(session, "rights-own", under=parent).id
    branch = add_office(session, "rights-branch").id
    return {
        "parent": parent,
        "own": own,
        "child": add_office(session, "rights-child", under=own).id,
        "sibling": add_office(session, "rights-sibling", under=parent).id,
        "foreign": add_office(session, "rights-foreign", under=branch).id,
        ASSESSED: add_office(session, "rights-rated", assessed=True).id,
    }


def _people(
    session: Session, offices: Mapping[str, int]
) -> Iterator[tuple[tuple[str, str], str]]:
    for role in Role:
        for place in PLACES:
            login = f"{role.value.replace('_', '-')}-{place}"
            person = add_colleague(session, login, role, office_id=offices[place])
            yield (role.value, place), _visit(session, person)
    rated = add_colleague(session, ASSESSED, office_id=offices[ASSESSED])
    for role in Role:
        grant_role(session, rated, role, office_id=1, now=NOW)
    yield (ASSESSED, ""), _visit(session, rated)
    pending = add_colleague(session, PENDING, *Role)
    yield (PENDING, ""), _visit(session, pending, complete=False)


def _visit(session: Session, person: PersonRow, *, complete: bool = True) -> str:
    return begin_visit(session, person, Beginning("password", complete, "test"), now=NOW)


def _objects(session: Session, own: int) -> Mapping[str, str]:
    target = add_colleague(session, "target", Role.VIEWER, office_id=own)
    grant = session.scalars(
        select(RoleGrantRow.id).where(RoleGrantRow.person_id == target.id)
    ).one()
    result = f"{OPEN_ROUND}/{_last_run(session, OPEN_ROUND)}"
    job = _a_job(target, "report_pdf", result)
    printed = _a_job(target, PRINT_RUN, "walk-open")
    identity = IdentityRow(
        person_id=target.id, issuer="https://id.test", subject="1", linked_at=NOW
    )
    reviewed, _ = a_reviewed_round(session)
    _an_alarm(session, reviewed)
    reviewed.office_id = own
    template = TemplateFileRow(
        office_id=own, kind="report", name="a.docx", content=b"PK", digest="0" * 64,
        put_by=target.id, put_at=NOW,
    )  # fmt: skip
    scenario = _a_scenario(session)
    session.add_all([job, printed, identity, template, scenario])
    session.flush()
    for made in (job, printed):
        session.add(JobFileRow(job_id=made.id, name="a.pdf", media_type=PDF, content=b"%PDF"))
    session.flush()
    return {
        "login": target.login,
        "grant": str(grant),
        "office": str(own),
        "identity": str(identity.id),
        "result": result,
        "scenario": str(scenario.id),
        "template": str(template.id),
        "job": str(job.id),
        "printed": str(printed.id),
        "approval": str(session.scalars(select(ApprovalRow.id)).first()),
        "campaign": session.scalars(select(CampaignRow.code)).first() or "",
        "processed_run": _last_run(session, OPEN_ROUND),
        "published_run": _last_run(session, REAL_ROUND),
    }


def _a_job(asker: PersonRow, kind: str, subject: str) -> JobRow:
    file = {"name": "a.pdf", "bytes": 4, "rows": None, "sha256": sha256(b"%PDF").hexdigest()}
    return JobRow(
        kind=kind,
        object=subject,
        office_id=asker.office_id,
        asked_by=asker.id,
        language="zh-Hans",
        order={"document": "0" * 64},
        state="finished",
        done=100,
        asked_at=NOW,
        finished_at=NOW,
        manifest={"files": [file], "sheets": []},
    )


def _a_scenario(session: Session) -> ScenarioRow:
    runs = select(ScoreRunRow.id).join(AssessmentRow)
    first = session.scalars(runs.where(AssessmentRow.code == "demo-hqd-2025")).first()
    changes = {"weights": {}, "values": [], "without_units": []}
    document = '{"scenario": "…", "units": []}'
    return ScenarioRow(
        score_run_id=first, name="…", changes=changes, document=document, saved_at=NOW
    )


def _an_alarm(session: Session, row: RoundRow) -> None:
    words = {"zh-Hans": "……", "en": "…"}
    telling = dict.fromkeys(("name", "seen", "null", "innocent", "confirm"), words)
    figures = {"observed": 9.0, "expected": 1.0, "rarity": 6}
    alarm = AlarmRow(
        round_id=row.id, code="CLONE", version=1, place="east-hall", telling=telling,
        digest="0" * 64, raised_at=NOW, **figures,
    )  # fmt: skip
    session.add(alarm)
    session.flush()


def _last_run(session: Session, code: str) -> str:
    runs = (
        select(RunRow.id)
        .join(RoundRow)
        .where(RoundRow.code == code, RunRow.state == "finished")
    )
    return str(session.scalars(runs.order_by(RunRow.id)).first())
