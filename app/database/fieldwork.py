"""Questions about what has come in: responses, imported files, reports of pressure."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, text, union_all
from sqlalchemy.orm import Session

from app.database.canaries import (
    count_hidden,
    hidden_canaries,
    no_canary,
    require_known_canaries,
)
from app.database.tables import (
    AllowanceRow,
    CanaryRow,
    ImportFileRow,
    OutboxRow,
    PressureReportRow,
    ResponseRow,
    ResponseTextRow,
    RoundRow,
)
from app.survey.sample import RawResponse

SHUFFLED = {
    "response": "round_id = :round_id",
    "response_text": "response_id IN (SELECT id FROM response WHERE round_id = :round_id)",
}


def one_way(text: str) -> str:
    """SHA-256 of a key or receipt, hex: the database never holds the thing itself."""
    return hashlib.sha256(text.encode()).hexdigest()


def response_id(round_id: int, name: str) -> str:
    """The identifier of the response with this receipt; of an imported one, by its own key.

    Identifiers of a round lie together, in an order that says nothing about arrival.
    """
    return f"{round_id:08x}{one_way(name)[:24]}"


def of_round(round_id: int) -> ColumnElement[bool]:
    """The condition for responses of a round, which lie together under their key."""
    return and_(
        ResponseRow.id >= f"{round_id:08x}",
        ResponseRow.id < f"{round_id + 1:08x}",
        ResponseRow.round_id == round_id,
    )


def find_by_receipt(session: Session, receipt: str) -> ResponseRow | None:
    """The response of a receipt number, or None."""
    rounds = session.scalars(select(RoundRow.id))
    names = [response_id(round_id, receipt) for round_id in rounds]
    return session.scalar(select(ResponseRow).where(ResponseRow.id.in_(names)))


def holds_any(session: Session, ids: Iterable[str]) -> str | None:
    """The one of these identifiers under which a response is kept, or None."""
    return session.scalar(select(ResponseRow.id).where(ResponseRow.id.in_(list(ids))))


def shuffle_responses(session: Session, round_id: int) -> None:
    """Write a round's responses and texts anew, in random order and as if all at one moment.

    PostgreSQL stores rows as they come, and keeps with each the transaction that wrote it.
    SQLite stores them by their random keys and needs nothing.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    for table, chosen in SHUFFLED.items():
        moved = (
            f"WITH moved AS (DELETE FROM {table} WHERE {chosen} RETURNING *)"  # noqa: S608 - our own names
            f" INSERT INTO {table} SELECT * FROM moved ORDER BY random()"
        )
        session.execute(text(moved), {"round_id": round_id})


def find_import(session: Session, round_id: int, digest: str) -> ImportFileRow | None:
    """The import of a file with that content into the round, or None."""
    wanted = (ImportFileRow.round_id == round_id, ImportFileRow.digest == digest)
    return session.scalar(select(ImportFileRow).where(*wanted))


def known_submissions(session: Session, round_id: int, hashes: Iterable[str]) -> set[str]:
    """Those of the submission hashes that the round already holds."""
    rows = select(ResponseRow.submission_hash).where(of_round(round_id))
    return set(session.scalars(rows)) & set(hashes)


def load_responses(session: Session, round_id: int) -> list[RawResponse]:
    """Every response of a round, in the order of the random identifiers.

    Test ratings are none; WrongState while there may be some that no check has found.
    """
    require_known_canaries(session, round_id)
    # Columns, not entities: a large round is read once and none of its rows is changed.
    columns = (getattr(ResponseRow, name) for name in READ)
    rows = select(*columns).where(of_round(round_id), no_canary()).order_by(ResponseRow.id)
    return [_raw(*row) for row in session.execute(rows)]


def count_responses(session: Session, round_id: int) -> int:
    """How many responses a round has, test ratings not among them."""
    count = select(func.count()).select_from(ResponseRow).where(of_round(round_id), no_canary())
    hidden = count_hidden(round_id).scalar_subquery()
    n, unfound = session.execute(select(count.scalar_subquery(), hidden)).one()
    return max(n - unfound, 0)


def count_by(session: Session, round_id: int, column: str) -> Mapping[str, int]:
    """Responses of a round by `unit`, `point`, `channel` or `evidence`; no test ratings."""
    group, sealed = getattr(ResponseRow, column), getattr(CanaryRow, column)
    rows = select(group, func.count()).where(of_round(round_id), no_canary()).group_by(group)
    unfound = (
        select(sealed, -func.count())
        .select_from(CanaryRow, RoundRow)
        .where(CanaryRow.round_id == round_id, hidden_canaries())
        .group_by(sealed)
    )
    counts: Counter[str] = Counter()
    for name, n in session.execute(union_all(rows, unfound)):
        counts[name] += n
    return {name: n for name, n in counts.items() if n > 0}


def count_pressure_reports(session: Session, round_id: int) -> Mapping[str, int]:
    """Reports of pressure by point."""
    rows = (
        select(PressureReportRow.point, func.count())
        .where(PressureReportRow.round_id == round_id)
        .group_by(PressureReportRow.point)
    )
    return dict(session.execute(rows).all())


def list_allowances(session: Session, round_id: int) -> Sequence[AllowanceRow]:
    """What a round may still take, by name."""
    rows = select(AllowanceRow).where(AllowanceRow.round_id == round_id)
    return session.scalars(rows.order_by(AllowanceRow.name)).all()


def list_waiting_notices(session: Session, round_id: int) -> Sequence[OutboxRow]:
    """What others must hear of and have not been told, by day."""
    waiting = (OutboxRow.round_id == round_id, ~OutboxRow.delivered)
    rows = select(OutboxRow).where(*waiting).order_by(OutboxRow.day, OutboxRow.kind)
    return session.scalars(rows).all()


def list_imports(session: Session, round_id: int) -> Sequence[ImportFileRow]:
    """The files imported into a round, in order."""
    rows = select(ImportFileRow).where(ImportFileRow.round_id == round_id)
    return session.scalars(rows.order_by(ImportFileRow.id)).all()


def list_texts(session: Session, response_id: str) -> Mapping[str, str]:
    """Item → what was written, for one response."""
    rows = select(ResponseTextRow).where(ResponseTextRow.response_id == response_id)
    return {row.item: row.text for row in session.scalars(rows)}


READ = (
    *("id", "unit", "point", "evidence", "channel"),
    *("answers", "background", "weight", "paradata", "assurance"),
)


def _raw(  # noqa: PLR0913 - one argument for each column of READ
    identifier: str,
    unit: str,
    point: str,
    evidence: str,
    channel: str,
    answers: Mapping[str, Any],
    background: Mapping[str, str],
    weight: float | None,
    paradata: Mapping[str, Any],
    assurance: str,
) -> RawResponse:
    return RawResponse(
        identifier=identifier,
        unit=unit,
        point=point,
        evidence=evidence,
        channel=channel,
        answers={k: tuple(v) if isinstance(v, list) else v for k, v in answers.items()},
        background=background,
        weight=weight,
        seconds=paradata.get("seconds"),
        slot=paradata.get("slot", ""),
        device=paradata.get("device", ""),
        network=paradata.get("network", ""),
        section_seconds=paradata.get("section_seconds") or {},
        comment=paradata.get("comment", ""),
        comment_length=paradata.get("comment_length"),
        assurance=assurance,
    )
