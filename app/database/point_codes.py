"""Questions about the codes of a round's points: those in force, and those before them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database.tables import PointCodeRow


def count_points_with_code(session: Session, round_id: int) -> int:
    """How many points of a round have a code in force."""
    in_force = (PointCodeRow.round_id == round_id, PointCodeRow.revoked_at.is_(None))
    n = select(func.count(PointCodeRow.point.distinct())).where(*in_force)
    return session.scalar(n) or 0


def codes_by_point(
    session: Session, round_id: int, points: Sequence[str]
) -> Mapping[str, Sequence[PointCodeRow]]:
    """Point → every code it ever had in the round, the newest first."""
    rows = (
        select(PointCodeRow)
        .where(PointCodeRow.round_id == round_id, PointCodeRow.point.in_(points))
        .order_by(PointCodeRow.issued_at.desc(), PointCodeRow.revoked_at.is_not(None))
    )
    found: dict[str, list[PointCodeRow]] = {}
    for row in session.scalars(rows):
        found.setdefault(row.point, []).append(row)
    return dict(found)


def code_in_force(session: Session, round_id: int, point: str) -> PointCodeRow | None:
    """The code of a point that leads to the questionnaire, or None."""
    wanted = (
        PointCodeRow.round_id == round_id,
        PointCodeRow.point == point,
        PointCodeRow.revoked_at.is_(None),
    )
    return session.scalar(select(PointCodeRow).where(*wanted))
