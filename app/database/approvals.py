"""Questions about what two people must want: what waits, what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, aliased

from app.database.console_tables import ApprovalAnswerRow, ApprovalRow, OfficeRow, PersonRow
from app.database.offices import kept_within
from app.errors import NotFound
from app.people.offices import EVERYWHERE, Scope

MOST_SHOWN = 100

_Columns = tuple[ApprovalRow, PersonRow, ApprovalAnswerRow, PersonRow]


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that was asked for, by whom, and the answer if there is one."""

    row: ApprovalRow
    asker: PersonRow
    answer: ApprovalAnswerRow | None
    answerer: PersonRow | None

    @property
    def waits(self) -> bool:
        """Whether nobody has answered it."""
        return self.answer is None


def find_asked(session: Session, number: int, *, within: Scope = EVERYWHERE) -> Asked:
    """What was asked for under a number, in a scope."""
    wanted = kept_within(_all(), within, ApprovalRow.office_id)
    found = session.execute(wanted.where(ApprovalRow.id == number)).one_or_none()
    if found is None:
        raise NotFound(f"Nothing was asked for under number {number}.")
    return _asked(found)


def list_asked(session: Session, *, within: Scope = EVERYWHERE) -> Sequence[Asked]:
    """The newest things that were asked for in a scope, the newest first."""
    wanted = kept_within(_all(), within, ApprovalRow.office_id)
    found = session.execute(wanted.order_by(ApprovalRow.id.desc()).limit(MOST_SHOWN))
    return [_asked(row) for row in found]


def office_paths(session: Session, found: Iterable[Asked]) -> dict[int, str]:
    """Office → where in the tree it is, for what was asked for."""
    wanted = {one.row.office_id for one in found}
    rows = select(OfficeRow.id, OfficeRow.path).where(OfficeRow.id.in_(wanted))
    return dict(session.execute(rows).all())


def find_waiting(session: Session, act: str, object_: str) -> Asked | None:
    """What was asked for and waits, of this act on this object."""
    about = (ApprovalRow.act == act, ApprovalRow.object == object_)
    wanted = _all().where(*about, ApprovalAnswerRow.approval_id.is_(None))
    found = session.execute(wanted.order_by(ApprovalRow.id.desc()).limit(1)).first()
    return _asked(found) if found is not None else None


def _asked(found: Row[*_Columns]) -> Asked:
    row, asker, answer, answerer = found
    return Asked(row, asker, answer, answerer)


def _all() -> Select[*_Columns]:
    answerer = aliased(PersonRow)
    return (
        select(ApprovalRow, PersonRow, ApprovalAnswerRow, answerer)
        .join(PersonRow, PersonRow.id == ApprovalRow.asked_by)
        .outerjoin(ApprovalAnswerRow, ApprovalAnswerRow.approval_id == ApprovalRow.id)
        .outerjoin(answerer, answerer.id == ApprovalAnswerRow.person_id)
    )
