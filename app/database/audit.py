"""Questions about the audit trail, and the lines that say somebody looked.

An act writes its line with `rounds.record`, in its own transaction. A look has none: `saw`
writes one line and nothing else, and moves no counter, so that no page in memory is made anew
because somebody read another.

A line belongs to a scope if its author's office lies there, or what it is about. Whatever
concerns the whole installation is seen from its first office only.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.database.console_tables import (
    DraftRow,
    OfficeRow,
    PersonRow,
    ReleasedDefinitionRow,
)
from app.database.offices import ROOT_OFFICE, lies_in
from app.database.rounds import signed_line
from app.database.tables import ActCounterRow, AssessmentRow, AuditEventRow, RoundRow
from app.people.acts import LOOKS, Subject, acts_about
from app.people.offices import EVERYWHERE, Scope
from app.people.trail import FIRST, Line, Link, linked

CHECKPOINT = "checkpoint"
MOST_LINKED = 2000
"""So many lines a page may hash; beyond that it names the checkpoint before them."""
AT_ONCE = 1000

_WHERE_IT_LIES: Mapping[Subject, tuple[InstrumentedAttribute[str], InstrumentedAttribute[int]]]
_WHERE_IT_LIES = {
    Subject.ROUND: (RoundRow.code, RoundRow.office_id),
    Subject.ASSESSMENT: (AssessmentRow.code, AssessmentRow.office_id),
    Subject.PERSON: (PersonRow.login, PersonRow.office_id),
    Subject.OFFICE: (OfficeRow.code, OfficeRow.id),
    Subject.DRAFT: (DraftRow.code, DraftRow.office_id),
    Subject.DEFINITION: (ReleasedDefinitionRow.key, ReleasedDefinitionRow.office_id),
}


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for in the trail; what is empty asks for nothing."""

    author: str = ""
    act: str = ""
    object: str = ""
    text: str = ""
    """Stands anywhere in the detail."""
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that is too late."""


EVERYTHING = Search()


def saw(
    session: Session, what: str, *, subject: str, now: datetime, detail: dict[str, object]
) -> None:
    """Write down that somebody looked; `what` is one of the looks of `people/acts`."""
    if what not in LOOKS:
        raise ValueError(f"{what!r} is no look: an act is recorded with the act")
    note(session, what, subject=subject, now=now, detail=detail)


def note(
    session: Session, act: str, *, subject: str, now: datetime, detail: dict[str, object]
) -> None:
    """Add a line about something that changed nothing: no page has to be made anew."""
    hold_trail(session)
    session.add(signed_line(session, act, subject=subject, now=now, detail=detail))


def hold_trail(session: Session) -> None:
    """Let nobody else add a line before this transaction is over."""
    session.execute(update(ActCounterRow).values(acts=ActCounterRow.acts))


def list_lines(
    session: Session,
    search: Search,
    *,
    within: Scope = EVERYWHERE,
    before: int | None = None,
    most: int,
) -> list[Line]:
    """Lines of a scope that are looked for, the newest first; those before a number."""
    rows = _lines().where(_seen_from(within), *_conditions(search))
    if before is not None:
        rows = rows.where(AuditEventRow.id < before)
    found = session.execute(rows.order_by(AuditEventRow.id.desc()).limit(most))
    return [Line(*row) for row in found]


def walk_lines(
    session: Session, *, after: int = 0, through: int | None = None
) -> Iterator[Line]:
    """Every line in the order of the chain, a thousand at a time."""
    while True:
        rows = _lines().where(AuditEventRow.id > after).order_by(AuditEventRow.id)
        if through is not None:
            rows = rows.where(AuditEventRow.id <= through)
        found = [Line(*row) for row in session.execute(rows.limit(AT_ONCE))]
        if not found:
            return
        yield from found
        after = found[-1].number


def newest_number(session: Session) -> int:
    """The number of the last line; 0 before the first."""
    return session.scalar(select(func.max(AuditEventRow.id))) or 0


def newest_checkpoint(session: Session, *, through: int) -> Link:
    """The last place in the chain that was written down at or before that line."""
    rows = select(AuditEventRow.detail).where(
        AuditEventRow.act == CHECKPOINT, AuditEventRow.id <= through
    )
    detail = session.scalar(rows.order_by(AuditEventRow.id.desc()).limit(1))
    return Link(int(detail["through"]), str(detail["digest"])) if detail else FIRST


def link_near(session: Session, number: int) -> Link:
    """The place in the chain at that line, or the checkpoint before it where it lies far."""
    link = newest_checkpoint(session, through=number)
    between = select(AuditEventRow.id).where(
        AuditEventRow.id > link.number, AuditEventRow.id <= number
    )
    far = session.scalar(
        select(func.count()).select_from(between.limit(MOST_LINKED + 1).subquery())
    )
    if (far or 0) > MOST_LINKED:
        return link
    for line in walk_lines(session, after=link.number, through=number):
        link = linked(link, line)
    return link


def names_of(session: Session, logins: Sequence[str]) -> dict[str, str]:
    """Login → name of those who work here."""
    rows = select(PersonRow.login, PersonRow.name).where(PersonRow.login.in_(set(logins)))
    return dict(session.execute(rows).all())


def _lines() -> Select[int, datetime, str, str, str, str, dict[str, Any]]:
    row = AuditEventRow
    return select(row.id, row.at, row.act, row.object, row.author, row.office, row.detail)


def _conditions(search: Search) -> Iterator[ColumnElement[bool]]:
    row = AuditEventRow
    for column, wanted in (
        (row.author, search.author),
        (row.act, search.act),
        (row.object, search.object),
    ):
        if wanted:
            yield column == wanted
    if search.text:
        # As it is kept: letters beyond ASCII are escaped.
        kept = json.dumps(search.text)[1:-1]
        yield cast(row.detail, Text).icontains(kept, autoescape=True)
    if search.since is not None:
        yield row.at >= search.since
    if search.until is not None:
        yield row.at < search.until


def _seen_from(within: Scope) -> ColumnElement[bool]:
    if within.reaches(f"/{ROOT_OFFICE}/"):
        return true()
    own = select(OfficeRow.code).where(lies_in(within, OfficeRow.id))
    about = (
        AuditEventRow.act.in_(acts_about(subject))
        & AuditEventRow.object.in_(select(code).where(lies_in(within, office_id)))
        for subject, (code, office_id) in _WHERE_IT_LIES.items()
    )
    return or_(AuditEventRow.office.in_(own), *about)
