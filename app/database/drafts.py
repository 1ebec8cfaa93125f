"""Definitions in the making, and those that were finished in the console.

Four kinds share the two tables: survey, system, plan, assessment. A draft is held as the
plain values that its file would hold and may be wrong in any way; `revision` rises with every
change, and whoever changes a draft says which revision they saw. A released version is
insert-only and lies beside the files of `survey_defs/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database.console_tables import DraftRow, OfficeRow, PersonRow, ReleasedDefinitionRow
from app.database.offices import kept_within
from app.database.tables import DefinitionRow
from app.errors import NotFound, WrongState
from app.people.offices import EVERYWHERE, Scope

Kind = Literal["survey", "system", "plan", "assessment"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ZONE = ZoneInfo("Asia/Shanghai")
"""In which a moment is named in a sentence."""


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A draft to begin: its kind, its code among the drafts of that kind, its values."""

    kind: Kind
    code: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who writes, for which office, and when."""

    person_id: int
    office_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """A draft as a list shows it, with who changed it last."""

    row: DraftRow
    author: str
    office: Mapping[str, Any]
    """The office's name by language."""


@dataclass(frozen=True, slots=True)
class Released:
    """A version that was finished in the console."""

    kind: str
    key: str
    text: str
    office: Mapping[str, Any]
    """The office's name by language."""
    released_by: str
    released_at: datetime


def find_draft(
    session: Session, kind: Kind, code: str, *, within: Scope = EVERYWHERE
) -> DraftRow:
    """The draft of that kind and code in a scope, or NotFound."""
    wanted = select(DraftRow).where(DraftRow.kind == kind, DraftRow.code == code)
    wanted = kept_within(wanted, within, DraftRow.office_id)
    # PostgreSQL refuses to compare with a text that holds a NUL.
    row = None if "\0" in code else session.scalar(wanted)
    if row is None:
        raise NotFound(f"There is no draft {code!r}.", chinese=f"没有草稿“{code}”。")
    return row


def list_drafts(
    session: Session, kind: Kind, *, within: Scope = EVERYWHERE
) -> Sequence[ListedDraft]:
    """The drafts of a kind in a scope, the one changed last first; one statement."""
    rows = (
        select(DraftRow, PersonRow.name, OfficeRow.name)
        .join(PersonRow, PersonRow.id == DraftRow.author_id)
        .join(OfficeRow, OfficeRow.id == DraftRow.office_id)
        .where(DraftRow.kind == kind)
        .order_by(DraftRow.changed_at.desc(), DraftRow.id.desc())
    )
    found = session.execute(kept_within(rows, within, DraftRow.office_id))
    return [ListedDraft(row, author, office) for row, author, office in found]


def add_draft(session: Session, draft: NewDraft, *, by: Signature) -> DraftRow:
    """Begin a draft at revision 1; WrongState where its code is taken."""
    row = DraftRow(
        kind=draft.kind,
        code=draft.code,
        office_id=by.office_id,
        body=dict(draft.body),
        revision=1,
        author_id=by.person_id,
        created_at=by.at,
        changed_at=by.at,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise WrongState(
            f"There is a draft {draft.code} already. Go on with it, or choose another code.",
            chinese=f"已有草稿“{draft.code}”。请接着编辑它，或换一个代码。",
        ) from None
    return row


def change_draft(
    session: Session,
    row: DraftRow,
    body: Mapping[str, Any],
    *,
    seen: int,
    by: Signature,
) -> DraftRow:
    """Replace the values of a draft that stands as it was `seen` (its revision).

    WrongState names who changed it in the meantime, and when; nothing is lost then.
    """
    values = {
        "body": dict(body),
        "revision": seen + 1,
        "author_id": by.person_id,
        "changed_at": by.at,
    }
    held = (DraftRow.id == row.id) & (DraftRow.revision == seen)
    # In the database, so that of two acts at one moment only one finds the revision it saw.
    changed = session.scalar(update(DraftRow).where(held).values(values).returning(DraftRow.id))
    session.refresh(row)
    if changed is None:
        raise _stale(session, row)
    return row


def hold_draft(session: Session, row: DraftRow, *, seen: int) -> DraftRow:
    """The draft, held until the end of the act, if it stands as it was `seen`."""
    session.refresh(row, with_for_update=True)
    if row.revision != seen:
        raise _stale(session, row)
    return row


def drop_draft(session: Session, row: DraftRow) -> None:
    """Remove a draft: it was finished, or given up."""
    session.delete(row)
    session.flush()


def add_released(
    session: Session, definition: DefinitionRow, *, by: Signature
) -> ReleasedDefinitionRow:
    """Keep a definition as a version finished here; WrongState where its key is taken."""
    row = ReleasedDefinitionRow(
        definition_id=definition.id,
        kind=definition.kind,
        key=definition.key,
        office_id=by.office_id,
        released_by=by.person_id,
        released_at=by.at,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise WrongState(
            f"{definition.key} was released already. Raise the version.",
            chinese=f"{definition.key} 已经定稿。请把版本号加一。",
        ) from None
    return row


def find_released(
    session: Session, kind: Kind, key: str, *, within: Scope = EVERYWHERE
) -> Released:
    """The version of that key that a scope sees, or NotFound."""
    wanted = _seen_from(within, _released(kind).where(ReleasedDefinitionRow.key == key))
    found = None if "\0" in key else session.execute(wanted).first()
    if found is None:
        raise NotFound(f"There is no version {key!r}.", chinese=f"没有版本“{key}”。")
    return Released(*found)


def list_released(
    session: Session, kind: Kind, *, within: Scope = EVERYWHERE
) -> Sequence[Released]:
    """The versions of a kind that a scope sees, newest first; one statement."""
    rows = _released(kind).order_by(
        ReleasedDefinitionRow.released_at.desc(), ReleasedDefinitionRow.definition_id.desc()
    )
    return [Released(*found) for found in session.execute(_seen_from(within, rows))]


def office_id_at(session: Session, path: str) -> int | None:
    """The number of the office at a path of a scope."""
    return session.scalar(select(OfficeRow.id).where(OfficeRow.path == path))


def _released(kind: Kind) -> Select[Any]:
    return (
        select(
            ReleasedDefinitionRow.kind,
            ReleasedDefinitionRow.key,
            DefinitionRow.text,
            OfficeRow.name,
            PersonRow.name,
            ReleasedDefinitionRow.released_at,
        )
        .join(DefinitionRow, DefinitionRow.id == ReleasedDefinitionRow.definition_id)
        .join(OfficeRow, OfficeRow.id == ReleasedDefinitionRow.office_id)
        .join(PersonRow, PersonRow.id == ReleasedDefinitionRow.released_by)
        .where(ReleasedDefinitionRow.kind == kind)
    )


def _seen_from(scope: Scope, rows: Select[Any]) -> Select[Any]:
    """A finished version serves the office it belongs to and is handed down to those below."""
    if scope == EVERYWHERE:
        return rows
    below = [OfficeRow.path.startswith(path, autoescape=True) for path in scope.paths]
    above = [OfficeRow.path == path for own in scope.paths for path in _paths_above(own)]
    return rows.where(or_(False, *below, *above))


def _paths_above(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return [f"/{'/'.join(parts[:length])}/" for length in range(1, len(parts))]


def _stale(session: Session, row: DraftRow) -> WrongState:
    name = session.get_one(PersonRow, row.author_id).name
    at = f"{row.changed_at.astimezone(ZONE):%Y-%m-%d %H:%M}"
    return WrongState(
        f"{name} changed this draft at {at}, after you opened it. Nothing was overwritten: "
        "open it again and repeat your change.",
        chinese=f"您打开之后，{name}于 {at} 改过这份草稿。没有覆盖任何内容，请重新打开再改。",
    )
