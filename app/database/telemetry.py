"""How responses came about, forgotten: what of it is there, and taking it out of every row."""

from collections.abc import Sequence

from sqlalchemy import Engine, exists, select, update
from sqlalchemy.orm import Session

from app.database.campaigns import forget_campaign_responses
from app.database.fieldwork import of_round, shuffle_responses
from app.database.tables import ResponseRow, ResponseWeightRow, RoundRow, RunRow

SWEPT = ("response", "response_weight", "campaign_response")


def has_telemetry(session: Session, round_id: int) -> bool:
    """Whether any response of a round still says when it came; imported ones never did."""
    slot = ResponseRow.paradata["slot"].as_string()
    return bool(session.scalar(select(exists().where(of_round(round_id), slot != ""))))


def erase_telemetry(session: Session, round_id: int) -> int:
    """Take it out of every response, run and campaign of a round; how many responses it was in.

    Influence and weight stay, for numbers rest on them; what spoke against a single response,
    and which campaign held it, goes: nothing that suspects a person outlives the round.
    """
    emptied = update(ResponseRow).where(of_round(round_id)).values(paradata={})
    count = len(session.execute(emptied.returning(ResponseRow.id)).all())
    runs = select(RunRow.id).where(RunRow.round_id == round_id)
    weighed = update(ResponseWeightRow).where(ResponseWeightRow.run_id.in_(runs))
    session.execute(weighed.values(signals={}))
    forget_campaign_responses(session, round_id)
    shuffle_responses(session, round_id)
    return count


def list_remembering(session: Session) -> Sequence[RoundRow]:
    """Closed rounds whose telemetry has not been forgotten yet, oldest first."""
    rows = (
        select(RoundRow)
        .where(RoundRow.closed_at.is_not(None), RoundRow.telemetry_forgotten_at.is_(None))
        .order_by(RoundRow.closed_at)
    )
    return [row for row in session.scalars(rows) if has_telemetry(session, row.id)]


def sweep(engine: Engine) -> None:
    """Let the files forget too what the rows forgot; needs no transaction around it.

    SQLite overwrites what it frees (`secure_delete`), but keeps copies where it rearranges a
    page: the file is written anew, writers wait meanwhile, and the log is folded into it.
    PostgreSQL frees the old versions of rows, and overwrites them as it needs the room.
    """
    # Without the transaction that every connection of this program begins with.
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        if engine.dialect.name == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        connection.rollback()
        connection.driver_connection.autocommit = True  # type: ignore[union-attr]
        for table in SWEPT:
            cursor.execute(f"VACUUM {table}")
        connection.driver_connection.autocommit = False  # type: ignore[union-attr]
    finally:
        connection.close()
