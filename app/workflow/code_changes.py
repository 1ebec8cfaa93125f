"""Codes that leaked, hang in the wrong place or are worn out: another one, or none.

An answer belongs to its point, so a new code changes no number. Whoever scans an old code is
told that it is not in use any more.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from app.database.point_codes import code_in_force
from app.database.rounds import hold, load_round, record
from app.database.tables import PointCodeRow, RoundRow
from app.errors import NotFound, WrongState
from app.workflow.preparation import unused_code


def rotate_code(session: Session, row: RoundRow, point: str, *, now: datetime) -> str:
    """Give a point a new code; the one before leads nowhere from now on."""
    _require_point(session, row, point)
    before = code_in_force(session, row.id, point)
    if before is not None:
        before.revoked_at = now
    code = unused_code(session)
    session.add(PointCodeRow(code=code, round_id=row.id, point=point, issued_at=now))
    detail: dict[str, object] = {"point": point}
    if before is not None:
        detail["before"] = before.code
    record(session, "rotate_code", subject=row.code, now=now, detail=detail)
    return code


def revoke_code(session: Session, row: RoundRow, point: str, *, now: datetime) -> None:
    """Take a point's code out of use; the point has none until it is given another."""
    _require_point(session, row, point)
    code = code_in_force(session, row.id, point)
    if code is None:
        raise WrongState(
            f"Point {point} of round {row.code} has no code in force.",
            chinese="这个服务点现在没有在用的码。",
        )
    code.revoked_at = now
    detail: dict[str, object] = {"point": point, "before": code.code}
    record(session, "revoke_code", subject=row.code, now=now, detail=detail)


def _require_point(session: Session, row: RoundRow, point: str) -> None:
    if hold(session, row).state != "open":
        raise WrongState(
            f"Round {row.code} is {row.state}; codes change only while it is open.",
            chinese="只有收集中的一轮才能换码、停码。",
        )
    if all(one.code != point for one in load_round(session, row).plan.points):
        raise NotFound(f"Round {row.code} has no point {point!r}.", chinese="没有这个服务点。")
