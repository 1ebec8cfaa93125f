"""The demonstration with something of everything that the console has pages for."""

import shutil
from pathlib import Path

import pytest
import yaml
from site_parts import site_settings

from app.cli.worker import make_once
from app.database.drafts import NewDraft
from app.database.engine import make_engine, make_sessions
from app.database.offices import ROOT_OFFICE
from app.database.people import colleague_of, find_person
from app.database.results import request_run
from app.database.rounds import find_round
from app.people.roles import Permission, Role
from app.web.application import create_app
from app.workflow.approvals import Wish, ask
from app.workflow.definitions.drafting import signature_of, start_draft
from app.workflow.demonstration import OPEN_ROUND, REAL_ROUND
from app.workflow.fieldwork import close_round
from app.workflow.jobs.ordering import JobWish, order_job
from app.workflow.preparation import draft_round, open_round
from app.workflow.processing import process_now
from app.workflow.registry import load_registry
from colleagues import CHIEF, add_colleague, add_office
from world import DEFINITIONS, NOW

DRAFTS = {
    "survey": "surveys/three_senses.yaml",
    "plan": "plans/demo_senses.yaml",
    "system": "systems/demo_hqd.yaml",
    "assessment": "assessments/demo_hqd_2024.yaml",
}


@pytest.fixture(scope="session")
def full_world(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that nothing writes to: rounds in every state, drafts, people, approvals."""
    file = tmp_path_factory.mktemp("walk") / "full.sqlite3"
    shutil.copyfile(demonstration, file)
    engine = make_engine(f"sqlite:///{file}")
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        close_round(session, find_round(session, OPEN_ROUND), now=NOW)
    number = process_now(sessions, OPEN_ROUND, now=NOW).id
    _make_document(sessions)
    with sessions.begin() as session:
        _make_rounds(session)
        _make_drafts(session)
        north = add_office(session, "north")
        add_colleague(session, "nora", Role.VIEWER, office_id=north.id)
        nora = add_colleague(session, "olga", *Role, office_id=ROOT_OFFICE)
        wish = Wish("publish_run", f"{OPEN_ROUND}/{number}")
        ask(session, colleague_of(session, nora), wish, now=NOW)
    engine.dispose()
    return file


@pytest.fixture
def full_application(full_world: Path, tmp_path: Path) -> object:
    """The application over a copy of it."""
    file = tmp_path / "full.sqlite3"
    shutil.copyfile(full_world, file)
    return create_app(site_settings(file), clock=lambda: NOW)


def _make_document(sessions):
    """A document that is done: the page of an unfinished one would not hold still."""
    with sessions.begin() as session:
        chief = colleague_of(session, find_person(session, CHIEF))
        order_job(session, chief, JobWish("run_workbook", f"{REAL_ROUND}/1", "en"), now=NOW)
    assert make_once(sessions, clock=lambda: NOW)


def _make_rounds(session):
    """A draft, an open one, and another run of the real one that waits."""
    registry = load_registry(DEFINITIONS)
    plan = (DEFINITIONS / DRAFTS["plan"]).read_text("utf-8")
    plan = (
        plan.partition("\ncomposite:")[0] + "\nconfidence:" + plan.partition("\nconfidence:")[2]
    )
    for code in ("walk-draft", "walk-open"):
        text = plan.replace("code: demo-senses", f"code: {code}")
        row = draft_round(session, text, source=code, registry=registry, now=NOW)
    open_round(session, row, now=NOW)
    request_run(session, find_round(session, REAL_ROUND), seed=1, now=NOW)


def _make_drafts(session):
    chief = colleague_of(session, find_person(session, CHIEF))
    by = signature_of(session, chief, chief.scope(Permission.DESIGN), now=NOW)
    for kind, name in DRAFTS.items():
        body = yaml.safe_load((DEFINITIONS / name).read_text("utf-8"))
        start_draft(session, NewDraft(kind, f"walk-{kind}", body), by=by)
