"""Opening the database: SQLite embedded, PostgreSQL in production, one behaviour.

SQLite runs in WAL mode with every commit forced to disk: an acknowledged answer survives a
power cut. Versions before 3.51.3 can corrupt a WAL database with several writers, so a
newer library is brought along and an old one is refused.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session as Session
from sqlalchemy.orm import sessionmaker

from app.database.migration import is_current, migrate
from app.database.postgres_driver import expect_outages
from app.database.turns import one_writer
from app.errors import MinxinError

OLDEST_SQLITE = (3, 51, 3)
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "mmap_size=0",
    "busy_timeout=10000",
)

NO_ANSWER = (OperationalError, InterfaceError, PoolTimeout)
"""What a database raises that went away or is held by somebody else."""

PATIENCE_SECONDS = 10
"""So long a group of answers waits before everybody in it is asked to come again."""

Sessions = sessionmaker[Session]


def make_sessions(engine: Engine) -> Sessions:
    """Sessions for acts: each takes its place as the one writer from its first statement."""
    return sessionmaker(engine, expire_on_commit=False)


def make_reading_sessions(engine: Engine) -> Sessions:
    """Sessions for questions: they wait for nobody and must not write."""
    reading = engine.execution_options(reading=True)
    return sessionmaker(reading, expire_on_commit=False, autoflush=False)


def make_engine(url: str) -> Engine:
    """An engine for ``sqlite:///file`` or ``postgresql://…``; refuses a faulty SQLite."""
    address = _address(url)
    if address.get_backend_name() == "postgresql":
        engine = create_engine(
            address.set(drivername="postgresql+pg8000"),
            pool_pre_ping=True,
            hide_parameters=True,
        )
        return expect_outages(engine)
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    module = sqlite_library()
    factory = one_writer(module.Connection, f"{address.database}-writer")
    engine = create_engine(
        address, module=module, hide_parameters=True, connect_args={"factory": factory}
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_file(path: Path) -> None:
    """An empty file that nobody else on the machine may read, where there is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
    except OSError as error:
        raise MinxinError(
            f"The database file {path} cannot be made: {error.strerror}. "
            "Check MINXIN_DATABASE_URL and who owns the folder."
        ) from None


def make_writing_engine(url: str) -> Engine:
    """An engine for the one thread that keeps answers: one connection, not asked each time."""
    if _address(url).get_backend_name() == "sqlite":
        engine = make_engine(url)
        event.listen(engine, "connect", _prepare_for_load)
        return engine
    engine = create_engine(
        _address(url).set(drivername="postgresql+pg8000"),
        pool_size=1,
        hide_parameters=True,
        connect_args={"timeout": PATIENCE_SECONDS},
    )
    return expect_outages(engine)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        address = URL.create("unknown")
    if address.get_backend_name() not in {"sqlite", "postgresql"}:
        # The address itself may hold a password and is not repeated.
        raise MinxinError(
            "MINXIN_DATABASE_URL is no address of a database: "
            "write sqlite:///file or postgresql://user:password@host/name."
        )
    return address


def sqlite_library() -> Any:
    """The SQLite module to use; raises MinxinError if its version is unsafe."""
    try:
        from pysqlite3 import dbapi2 as module
    except ImportError:
        import sqlite3 as module
    if module.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(str(part) for part in OLDEST_SQLITE)
        raise MinxinError(
            f"SQLite {module.sqlite_version} can corrupt a database in WAL mode; "
            f"{wanted} or newer is needed. Install the package pysqlite3, or use PostgreSQL."
        )
    return module


def _configure_sqlite(connection: Any, _record: object) -> None:
    # The driver would open transactions late and close them early; SQLAlchemy does it below.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_for_load(connection: Any, _record: object) -> None:
    # Answers lie all over the table: a larger share of it in memory. The log is emptied as
    # often as usual: four times as rarely was cheaper, and stopped everybody for 0.3 s.
    connection.execute("PRAGMA cache_size=-32768")


def _begin_sqlite(connection: Any) -> None:
    if connection.get_execution_options().get("reading", False):
        connection.exec_driver_sql("BEGIN")
        return
    try:
        connection.connection.dbapi_connection.take_turn(PATIENCE_SECONDS)
    except TimeoutError as late:
        raise OperationalError("BEGIN", None, late) from late
    # A transaction that begins by reading and then writes can fail half-way; it may not exist.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def open_database(url: str) -> Sessions:
    """Sessions for acts on a database that is first brought to this version's tables."""
    address = _address(url)
    if address.get_backend_name() == "sqlite" and address.database:
        _make_file(Path(address.database))
    engine = make_engine(url)
    try:
        engine.connect().close()
    except DBAPIError:
        shown = engine.url.set(drivername=engine.url.get_backend_name(), query={})
        raise MinxinError(
            f"The database {shown.render_as_string(hide_password=True)} cannot be reached: "
            "check that it runs, and its name, user and password."
        ) from None
    migrate(engine)
    return make_sessions(engine)


def is_ready(engine: Engine) -> bool:
    """Whether the database answers and has exactly this version's tables."""
    try:
        return is_current(engine)
    except DBAPIError:
        return False
