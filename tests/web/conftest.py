"""The demonstration, served: its real round public, its open round finished or still open."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from site_parts import Counter, site_settings
from starlette.testclient import TestClient

from app.database.engine import make_engine, make_sessions
from app.database.results import find_run
from app.database.rounds import find_round
from app.people.roles import Role
from app.web.application import create_app
from app.workflow.demonstration import OPEN_ROUND, make_demonstration
from app.workflow.fieldwork import close_round
from app.workflow.processing import process_now
from app.workflow.publication import publish
from colleagues import CHIEF, DEPUTY, add_colleague, sign_in
from world import DEFINITIONS, NOW


@pytest.fixture(scope="session")
def demonstration(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demonstration and a chief in it, that nothing writes to."""
    file = tmp_path_factory.mktemp("demonstration") / "open.sqlite3"
    shutil.copyfile(sqlite_template, file)
    engine = make_engine(f"sqlite:///{file}")
    make_demonstration(make_sessions(engine), DEFINITIONS, now=NOW, progress=lambda _: None)
    with make_sessions(engine).begin() as session:
        add_colleague(session, CHIEF, *Role)
        add_colleague(session, DEPUTY, *Role)
    engine.dispose()  # the last connection folds the log into the file
    return file


@pytest.fixture(scope="session")
def all_published(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with the open round closed, processed and published."""
    file = tmp_path_factory.mktemp("demonstration") / "published.sqlite3"
    shutil.copyfile(demonstration, file)
    engine = make_engine(f"sqlite:///{file}")
    with make_sessions(engine).begin() as session:
        row = find_round(session, OPEN_ROUND)
        close_round(session, row, now=NOW)
    number = process_now(make_sessions(engine), OPEN_ROUND, now=NOW).id
    with make_sessions(engine).begin() as session:
        publish(session, find_run(session, number), now=NOW)
    engine.dispose()  # the last connection folds the log into the file
    return file


@pytest.fixture
def public(all_published: Path) -> Iterator[TestClient]:
    """A visitor of the published demonstration."""
    with TestClient(create_app(site_settings(all_published), clock=lambda: NOW)) as client:
        yield client


@pytest.fixture
def database(demonstration: Path, tmp_path: Path) -> Path:
    """A copy of the demonstration that a test may change."""
    file = tmp_path / "demonstration.sqlite3"
    shutil.copyfile(demonstration, file)
    return file


@pytest.fixture
def console(database: Path) -> Iterator[TestClient]:
    """A visitor of the console, not signed in."""
    application = create_app(site_settings(database), clock=lambda: NOW)
    with TestClient(application, follow_redirects=False) as client:
        yield client


@pytest.fixture
def operator(console: TestClient) -> TestClient:
    """A visitor of the console who is signed in."""
    return sign_in(console)


@pytest.fixture
def published_application(all_published: Path) -> object:
    """The application over the published demonstration, to be served."""
    return create_app(site_settings(all_published), clock=lambda: NOW)


@pytest.fixture
def open_application(database: Path) -> object:
    """The application over the open demonstration, to be served."""
    return create_app(site_settings(database), clock=lambda: NOW)


@pytest.fixture
def counter_for() -> Iterator[Callable[[Path], tuple[Counter, TestClient]]]:
    """A function that opens a database to a visitor and counts the statements."""
    opened = []

    def start(file: Path) -> tuple[Counter, TestClient]:
        application = create_app(site_settings(file), clock=lambda: NOW)
        client = TestClient(application)
        opened.append(client.__enter__())
        return Counter(application.application.application.state.engine), client

    yield start
    for client in opened:
        client.__exit__(None, None, None)
