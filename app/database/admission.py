"""The statements by which a group of responses is admitted, whatever its size.

Whoever calls holds one transaction around them (`workflow/admission`); none of them decides
anything by looking first. How a group reaches the database is in `groups`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.database.groups import insert_group, run
from app.database.tables import OutboxRow, ResponseRow, ResponseTextRow
from app.survey.admission import Right

STANDING = """
SELECT point_code.code, round.state, point_code.revoked_at IS NOT NULL
FROM point_code JOIN round ON round.id = point_code.round_id
WHERE point_code.code IN (SELECT entry.value->>0 FROM {source}) {held}
"""
KEPT = """
SELECT id, submission_hash, body_digest FROM response
WHERE id IN (SELECT entry.value->>0 FROM {source})
"""
SPEND = """
UPDATE token SET spent = TRUE
FROM {source}
WHERE hash = entry.value->>0 AND round_id = CAST(entry.value->>1 AS INTEGER)
    AND point = entry.value->>2 AND purpose = entry.value->>3
    AND NOT spent AND NOT revoked AND expires_at > :now
RETURNING hash, purpose, weight
"""
GIVE_BACK = """
UPDATE token SET spent = FALSE WHERE hash IN (SELECT entry.value->>0 FROM {source})
"""
SPENT = """
SELECT hash FROM token
WHERE spent AND hash IN (SELECT entry.value->>0 FROM {source})
"""
HOLD_ALLOWANCES = """
SELECT 1 FROM allowance WHERE EXISTS (SELECT 1 FROM {source}
    WHERE CAST(entry.value->>0 AS INTEGER) = allowance.round_id
    AND entry.value->>1 = allowance.name)
ORDER BY round_id, name FOR UPDATE
"""
TAKE = """
UPDATE allowance SET taken = taken + CAST(entry.value->>2 AS INTEGER)
FROM {source}
WHERE round_id = CAST(entry.value->>0 AS INTEGER) AND name = entry.value->>1
    AND taken + CAST(entry.value->>2 AS INTEGER) <= most
RETURNING round_id, name, taken = most
"""
COUNT = """
INSERT INTO tally (round_id, point, day, counter, n)
SELECT CAST(entry.value->>0 AS INTEGER), entry.value->>1, entry.value->>2, entry.value->>3,
    CAST(entry.value->>4 AS INTEGER)
FROM {source} WHERE TRUE
ON CONFLICT (round_id, point, day, counter) DO UPDATE SET n = tally.n + excluded.n
"""

Allowance = tuple[int, str]
"""Round and name."""
Tally = tuple[int, str, str, str]
"""Round, point, day and counter."""


def standing(connection: Connection, codes: Collection[str]) -> dict[str, tuple[str, bool]]:
    """Code → the state of its round, and whether it was revoked.

    The rounds are held: none of them closes before the end of the transaction.
    """
    held = "FOR SHARE OF round" if connection.dialect.name == "postgresql" else ""
    rows = run(connection, STANDING, [[code] for code in codes], held=held)
    return {code: (state, bool(revoked)) for code, state, revoked in rows}


def kept(connection: Connection, ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Those of the responses that are kept: identifier → submission hash and body digest."""
    rows = run(connection, KEPT, [[one] for one in ids])
    return {one: (submission, body) for one, submission, body in rows}


def spend_tokens(
    connection: Connection, wanted: Sequence[tuple[str, int, str, str]], now: datetime
) -> dict[str, tuple[Right, float | None]]:
    """Spend those of the tokens that are good; hash → purpose and base weight.

    Each is wanted as hash, round, point and a purpose that the round admits.
    """
    # In one order: two groups that want the same tokens must not wait in a circle.
    rows = run(connection, SPEND, sorted(wanted), now=now)
    return {one: (purpose, weight) for one, purpose, weight in rows}


def give_tokens_back(connection: Connection, hashes: Collection[str]) -> None:
    """Undo spending within the transaction that spent them."""
    run(connection, GIVE_BACK, [[one] for one in hashes])


def spent_tokens(connection: Connection, hashes: Collection[str]) -> set[str]:
    """Those of the tokens that were spent; only to say why one was refused."""
    return {row[0] for row in run(connection, SPENT, [[one] for one in hashes])}


def hold_allowances(connection: Connection, wanted: Collection[Allowance]) -> None:
    """Hold allowances to the end of the transaction: no two groups wait in a circle."""
    if connection.dialect.name == "postgresql":
        run(connection, HOLD_ALLOWANCES, wanted)


def take_allowances(
    connection: Connection, demand: Mapping[Allowance, int]
) -> dict[Allowance, bool]:
    """Take what is demanded of each allowance where all of it is left.

    Those that were taken from → whether nothing is left of them now.
    """
    entries = [[round_id, name, n] for (round_id, name), n in sorted(demand.items())]
    rows = run(connection, TAKE, entries)
    return {(round_id, name): bool(is_used_up) for round_id, name, is_used_up in rows}


def insert_responses(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert responses: the single place where they are written."""
    insert_group(connection, ResponseRow, rows)


def insert_texts(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert what was written in words."""
    insert_group(connection, ResponseTextRow, rows)


def post_notices(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert what others must hear of."""
    insert_group(connection, OutboxRow, rows)


def count_up(connection: Connection, tallies: Mapping[Tally, int]) -> None:
    """Add to the numbers of the day; in one order, so that two groups wait in line."""
    run(connection, COUNT, [[*key, n] for key, n in sorted(tallies.items())])
