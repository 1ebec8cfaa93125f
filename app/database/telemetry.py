"""How responses came about, forgotten: what of it is there, and taking it out of every row."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, exists, select, update
from sqlalchemy.orm import Session

from app.database.campaigns import forget_campaign_responses
from app.database.failures import is_held
from app.database.fieldwork import of_round, shuffle_responses
from app.database.rounds import load_round
from app.database.tables import (
    AuditEventRow,
    CampaignRow,
    ResponseRow,
    ResponseWeightRow,
    RoundKeyRow,
    RoundRow,
    RunRow,
)

FORGET, SWEEP = "forget_telemetry", "sweep_telemetry"
"""The acts, as the audit trail names them."""
HELD_IT = ("response", "response_weight", "campaign", "campaign_response", "round_key")
"""Tables whose freed room may hold what was forgotten."""
STAYING = (
    *("id", "unit", "point", "evidence", "channel", "assurance"),
    *("answers", "background", "weight"),
)
PATIENCE = 2
"""Seconds in which a table, or the log, must be free: who answers waits behind us meanwhile."""
LOOK_AGAIN = 0.1
OLDER_SNAPSHOTS = """
    SELECT count(*) FROM (
        SELECT backend_xmin AS horizon FROM pg_stat_activity
         WHERE pid <> pg_backend_pid()
           AND coalesce(datname, current_database()) = current_database()
        UNION ALL SELECT xmin FROM pg_replication_slots
        UNION ALL SELECT transaction FROM pg_prepared_xacts WHERE database = current_database()
    ) AS held WHERE age(horizon) > age(CAST(CAST(%s AS text) AS xid))
"""
"""Whoever may still see rows as they were before a transaction of that number."""
PATIENCE_FOR_A_TURN = 10
"""Seconds, on SQLite, until it is our turn to write."""


def has_telemetry(session: Session, round_id: int) -> bool:
    """Whether any response of a round still says when it came; imported ones never did."""
    slot = ResponseRow.paradata["slot"].as_string()
    return bool(session.scalar(select(exists().where(of_round(round_id), slot != ""))))


def erase_telemetry(session: Session, round_id: int) -> int:
    """Take it out of every response, run and campaign of a round; how many responses it was in.

    Influence and weight stay, for numbers rest on them; what spoke against a single response,
    and which campaign held it, goes: nothing that suspects a person outlives the round. Of a
    campaign the minutes go and the mark of its network.
    """
    emptied = update(ResponseRow).where(of_round(round_id)).values(paradata={})
    count = len(session.execute(emptied.returning(ResponseRow.id)).all())
    runs = select(RunRow.id).where(RunRow.round_id == round_id)
    weighed = update(ResponseWeightRow).where(ResponseWeightRow.run_id.in_(runs))
    session.execute(weighed.values(signals={}))
    forget_campaign_responses(session, round_id)
    campaigns = update(CampaignRow).where(CampaignRow.round_id == round_id)
    session.execute(campaigns.values(first_minute=None, last_minute=None))
    session.execute(campaigns.where(CampaignRow.kind == "network").values(place=""))
    shuffle_responses(session, round_id)
    return count


def answers_digest(session: Session, round_id: int) -> str:
    """SHA-256 over all that stays of every response of a round, by identifier, hex."""
    columns = [getattr(ResponseRow, name) for name in STAYING]
    rows = select(*columns).where(of_round(round_id)).order_by(ResponseRow.id)
    digest = hashlib.sha256()
    for row in session.execute(rows.execution_options(yield_per=1_000)):
        digest.update(json.dumps(list(row), sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def list_remembering(session: Session) -> Sequence[RoundRow]:
    """Closed rounds whose telemetry has not been forgotten yet, oldest first."""
    rows = (
        select(RoundRow)
        .where(RoundRow.closed_at.is_not(None), RoundRow.telemetry_forgotten_at.is_(None))
        .order_by(RoundRow.closed_at)
    )
    return [row for row in session.scalars(rows) if _remembers(session, row.id)]


def list_left_open(session: Session, *, ended_before: datetime) -> Sequence[RoundRow]:
    """Open rounds whose window ended before that: nothing is forgotten before a close."""
    rows = session.scalars(select(RoundRow).where(RoundRow.state == "open")).all()
    return [
        row
        for row in rows
        if load_round(session, row).plan.window.end < ended_before
        and has_telemetry(session, row.id)
    ]


def _remembers(session: Session, round_id: int) -> bool:
    # The key first: a round has one until it forgets, and to look through rows takes longer.
    return session.get(RoundKeyRow, round_id) is not None or has_telemetry(session, round_id)


def find_forgetting(session: Session, code: str) -> AuditEventRow | None:
    """The act in which a round forgot, or None."""
    acts = (AuditEventRow.act == FORGET, AuditEventRow.object == code)
    events = select(AuditEventRow).where(*acts).order_by(AuditEventRow.id.desc()).limit(1)
    return session.scalar(events)


def is_unswept(session: Session) -> bool:
    """Whether a round forgot after the files were last swept."""
    last = select(AuditEventRow.act).where(AuditEventRow.act.in_((FORGET, SWEEP)))
    return session.scalar(last.order_by(AuditEventRow.id.desc()).limit(1)) == FORGET


def sweep(engine: Engine) -> bool:
    """Let the files forget too what the rows forgot; False if somebody held them just then.

    SQLite overwrites what it frees (`secure_delete`), but leaves copies where it rearranges a
    page: its file is written anew, and its log folded in and emptied. PostgreSQL leaves what
    it freed in place: the tables and what it noted of their commonest values are written
    anew, once nobody looks at them as they were before: what somebody may still see would be
    written anew too. Writers wait as long as that takes. Its log of changes is the server's
    own affair.
    """
    with _outside_of_transactions(engine) as connection:
        try:
            if engine.dialect.name == "sqlite":
                return _write_file_anew(connection)
            return _write_tables_anew(connection.cursor())
        except (engine.dialect.loaded_dbapi.Error, TimeoutError) as error:
            if not is_held(error):
                raise
            return False


@contextmanager
def _outside_of_transactions(engine: Engine) -> Iterator[Any]:
    """A driver's connection: SQLAlchemy would begin a transaction, and none can be swept in."""
    pooled = engine.raw_connection()
    driver: Any = pooled.driver_connection
    try:
        driver.rollback()  # what asked whether the connection lives may have begun one
        if engine.dialect.name == "postgresql":
            driver.autocommit = True
        yield driver
    finally:
        if engine.dialect.name == "postgresql":
            driver.autocommit = False
        driver.rollback()
        pooled.close()


def _write_file_anew(connection: Any) -> bool:
    connection.take_turn(PATIENCE_FOR_A_TURN)  # given back with the rollback
    connection.execute("VACUUM")
    usual = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout={PATIENCE * 1000}")
    is_busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout={usual}")
    return not is_busy


def _write_tables_anew(cursor: Any) -> bool:
    if not _is_past(cursor):
        return False
    cursor.execute(f"SET lock_timeout = '{PATIENCE}s'")
    try:
        for table in HELD_IT:
            cursor.execute(f"VACUUM (FULL, ANALYZE) {table}")
    finally:
        cursor.execute("RESET lock_timeout")
    return True


def _is_past(cursor: Any) -> bool:
    """Whether nobody sees any more what was there before now; waits a little for that."""
    cursor.execute("SELECT mod(txid_current(), 4294967296)")
    (now,) = cursor.fetchone()
    until = time.monotonic() + PATIENCE
    while True:
        cursor.execute(OLDER_SNAPSHOTS, (str(now),))
        if cursor.fetchone()[0] == 0:
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(LOOK_AGAIN)
