"""The condition of a database: what was looked at, what was found, and what would cure it.

Nothing here changes anything, and nothing here raises because of what it finds: a database
that cannot be reached is a finding too. What only one of the systems has is looked at in
`sqlite_condition.py` and `postgres_condition.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.database.engine import make_engine
from app.database.failures import database_file
from app.database.findings import Finding, ok, warning, wrong
from app.database.migration import found_revision, known_revisions
from app.database.postgres_condition import POSTGRES_CHECKS
from app.database.sqlite_condition import SQLITE_CHECKS, examine_place
from app.database.tables import AuditEventRow, RoundRow
from app.database.tallies import reconcile
from app.database.telemetry import is_unswept, list_left_open, list_remembering
from app.errors import MinxinError

MOST_APART = timedelta(seconds=5)
LONGEST_MEMORY = timedelta(days=31)
BELIEVABLE_YEARS = range(2026, 2100)

Clock = Callable[[], datetime]
Check = Callable[[Connection], Finding]


def examine_database(url: str, *, clock: Clock) -> Iterator[Finding]:
    """Everything that can be found out about the database at an address."""
    yield examine_clock(clock())
    try:
        engine = make_engine(url)
    except MinxinError as refusal:
        yield wrong("database", str(refusal), "Until then nothing else can be looked at.")
        return
    except OSError as error:
        cure = "Make the folder, or name another file in MINXIN_DATABASE_URL."
        yield wrong("database", f"Its folder cannot be made: {error.strerror}.", cure)
        return
    try:
        yield from _examine_engine(engine, clock)
    finally:
        engine.dispose()


def examine_clock(now: datetime) -> Finding:
    """Whether the year can be right."""
    shown = f"{now:%Y-%m-%d %H:%M:%S %Z}."
    if now.year in BELIEVABLE_YEARS:
        return ok("clock", shown)
    cure = "Set the clock, and let it follow a time server (NTP)."
    return wrong("clock", f"{shown} That is not this year.", cure)


def _examine_engine(engine: Engine, clock: Clock) -> Iterator[Finding]:
    file = database_file(engine)
    if file is not None:
        yield from examine_place(file)
        if not file.exists():
            yield warning("database", f"{file} is not there yet.", "Run minxin migrate.")
            return
    shown = engine.url.set(drivername=engine.url.get_backend_name(), query={})
    address = shown.render_as_string(hide_password=True)
    try:
        engine.connect().close()
    except DBAPIError:
        cure = "Check that it runs, and its name, user and password in MINXIN_DATABASE_URL."
        if file is not None:
            cure = (
                "Is it a database of Minxin, and may this user read it? Else restore a backup."
            )
        yield wrong("database", f"{address} cannot be reached or read.", cure)
        return
    yield ok("database", f"{address} answers.")
    if engine.dialect.name == "sqlite":
        yield from _look(engine, SQLITE_CHECKS)
    else:
        yield from _look(engine, [*POSTGRES_CHECKS, lambda c: _database_clock(c, clock)])
    (tables,) = _look(engine, [_migrations])
    yield tables
    if tables.verdict == "ok":
        yield from _look(
            engine,
            [
                lambda c: _last_act(c, clock()),
                _numbers_of_open_rounds,
                lambda c: _telemetry(c, clock()),
            ],
        )


def _look(engine: Engine, checks: Sequence[Check]) -> Iterator[Finding]:
    for check in checks:
        try:
            with engine.execution_options(reading=True).connect() as connection:
                yield check(connection)
        except DBAPIError as error:
            # Its own message may quote a row.
            kind = type(error.orig).__name__
            cure = "Look into the log of the database; if a file is damaged, restore a backup."
            yield wrong("database", f"A question was answered with {kind}.", cure)


def _migrations(connection: Connection) -> Finding:
    found, known = found_revision(connection), known_revisions()
    if found == known[0]:
        return ok("tables", f"Of revision {found}, as this program needs them.")
    if not found:
        return wrong("tables", "There are none yet.", "Run minxin migrate.")
    if found in known:
        pending = known.index(found)
        cure = "Take a backup with the version that runs now, then run minxin migrate."
        return wrong("tables", f"Of revision {found}: {pending} behind this program.", cure)
    cure = "Install the version of Minxin that made them."
    return wrong("tables", f"Of revision {found}, which this program does not know.", cure)


def _database_clock(connection: Connection, clock: Clock) -> Finding:
    theirs, ours = connection.scalar(select(func.clock_timestamp())), clock()
    apart = abs((theirs - ours).total_seconds()) if theirs else 0.0
    found = f"{apart:.1f} s apart from the clock of this machine."
    if apart <= MOST_APART.total_seconds():
        return ok("clock of the database", found)
    cure = "Let both machines follow a time server (NTP)."
    return wrong("clock of the database", found, cure)


def _last_act(connection: Connection, now: datetime) -> Finding:
    last = connection.scalar(select(func.max(AuditEventRow.at)))
    if last is None:
        return ok("audit trail", "Nothing is recorded yet.")
    found = f"The last act was recorded at {last:%Y-%m-%d %H:%M:%S %Z}."
    if last <= now + MOST_APART:
        return ok("audit trail", found)
    cure = "The clock was ahead then or is behind now: set it, and let it follow a time server."
    return wrong("audit trail", f"{found} That is in the future.", cure)


def _telemetry(connection: Connection, now: datetime) -> Finding:
    """Whether a round remembers longer than its residents were told; the worker has a day."""
    with Session(connection) as session:
        late = [
            row.code
            for row in list_remembering(session)
            if row.closed_at is not None and row.closed_at + LONGEST_MEMORY <= now
        ]
        left_open = list_left_open(session, ended_before=now - LONGEST_MEMORY)
        unswept = is_unswept(session)
    if left_open:
        found = f"Kept on in {', '.join(row.code for row in left_open)}: over, and not closed."
        return wrong("telemetry", found, "Run minxin round close for each.")
    if unswept and not late:
        found = "The rows forgot it, the files not yet: they were in use."
        return warning("telemetry", found, "The worker tries every hour. Is one running?")
    if not late:
        return ok("telemetry", "No round keeps it longer than 30 days after its close.")
    cure = "Is a worker running? Else run minxin round forget-telemetry for each."
    return wrong("telemetry", f"Overdue in {', '.join(late)}.", cure)


def _numbers_of_open_rounds(connection: Connection) -> Finding:
    """Whether as many answers are there as were counted when they were kept."""
    rounds = select(RoundRow.id, RoundRow.code).where(RoundRow.state == "open")
    rows = connection.execute(rounds.order_by(RoundRow.code)).all()
    differing = [
        f"{code}, {discrepancy}"
        for round_id, code in rows
        for discrepancy in reconcile(connection, round_id)
    ]
    if not differing:
        return ok("open rounds", f"{len(rows)}; everything they received is accounted for.")
    cure = "Rows were added or removed behind the program's back: compare with the last backup."
    return wrong("open rounds", f"{'; '.join(differing)}.", cure)
