"""Questions about rounds, the definitions they froze, and the codes of their points."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database.offices import kept_within
from app.database.tables import (
    ActCounterRow,
    AuditEventRow,
    DefinitionRow,
    PointCodeRow,
    RoundKeyRow,
    RoundRow,
)
from app.errors import NotFound
from app.people.offices import EVERYWHERE, Scope
from app.scoring.definition.system import IndicatorSystem
from app.survey.definition import Survey
from app.survey.plan import Plan
from app.survey.reading import read_definition
from app.survey.score_maps import ScoreMap, ScoreMaps, maps_in_force

AUTHOR = "author"
TERMINAL = "terminal"
"""Who acts where nobody signed in: the operator of the server."""

_OFFICE = RoundRow.office_id


@dataclass(frozen=True, slots=True)
class FrozenRound:
    """A round as it was opened: the plan and every definition it names, read and checked."""

    id: int
    code: str
    state: str
    plan: Plan
    plan_digest: str
    survey: Survey
    survey_digest: str
    score_maps: ScoreMaps
    system: IndicatorSystem | None

    @property
    def maps_by_scale(self) -> dict[str, ScoreMap]:
        """Scale → the score map in force: the plan's choice, else the survey's."""
        return maps_in_force(self.plan, self.survey, self.score_maps)


def text_digest(text: str) -> str:
    """SHA-256 of a definition's text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def find_round(session: Session, code: str, *, within: Scope = EVERYWHERE) -> RoundRow:
    """The round of that code in a scope; NotFound names those that exist there."""
    # PostgreSQL refuses to compare with a text that holds a NUL.
    wanted = kept_within(select(RoundRow).where(RoundRow.code == code), within, _OFFICE)
    row = None if "\0" in code else session.scalar(wanted)
    if row is None:
        codes = kept_within(select(RoundRow.code).order_by(RoundRow.id), within, _OFFICE)
        known = ", ".join(session.scalars(codes))
        raise NotFound(
            f"There is no round {code!r}. Rounds here: {known or 'none yet'}.",
            chinese=f"没有调查“{code}”。现有：{known or '无'}。",
        )
    return row


def list_rounds(session: Session, *, within: Scope = EVERYWHERE) -> Sequence[RoundRow]:
    """Every round of a scope, newest first."""
    rows = select(RoundRow).order_by(RoundRow.id.desc())
    return session.scalars(kept_within(rows, within, _OFFICE)).all()


def load_round(session: Session, row: RoundRow) -> FrozenRound:
    """A round with its definitions; they never change, so each is read once a process."""
    survey = session.get_one(DefinitionRow, row.survey_id)
    score_maps = session.get_one(DefinitionRow, row.score_maps_id)
    system = session.get_one(DefinitionRow, row.system_id) if row.system_id else None
    return FrozenRound(
        id=row.id,
        code=row.code,
        state=row.state,
        plan=read_plan(row.plan, row.code),
        plan_digest=row.plan_digest,
        survey=_read_survey(survey.text, survey.key),
        survey_digest=survey.digest,
        score_maps=_read_score_maps(score_maps.text),
        system=_read_system(system.text, system.key) if system else None,
    )


@lru_cache(maxsize=256)
def read_plan(text: str, source: str) -> Plan:
    """The plan of a round from its text, which never changes once the round is open."""
    return read_definition(Plan, text, source=source)


def register_definition(
    session: Session, kind: str, *, key: str, text: str, now: datetime
) -> DefinitionRow:
    """Keep a definition's text; the same text is kept once."""
    digest = text_digest(text)
    known = select(DefinitionRow).where(
        DefinitionRow.kind == kind, DefinitionRow.key == key, DefinitionRow.digest == digest
    )
    row = session.scalar(known)
    if row is None:
        row = DefinitionRow(kind=kind, key=key, text=text, digest=digest, registered_at=now)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            # Another act kept the same text at the same moment: that row serves both.
            row = session.scalars(known).one()
    return row


def hold(session: Session, row: RoundRow) -> RoundRow:
    """The round as it stands now, held until the end of the act: nobody else changes it."""
    session.refresh(row, with_for_update=True)
    return row


def hold_open(session: Session, round_id: int) -> bool:
    """Whether the round is open, and cannot be closed before the end of this act."""
    held = select(RoundRow.state).where(RoundRow.id == round_id).with_for_update(read=True)
    return session.scalar(held) == "open"


def round_key(session: Session, round_id: int) -> bytes:
    """The key of a round's paradata; NotFound once it has been destroyed."""
    row = session.get(RoundKeyRow, round_id)
    if row is None:
        raise NotFound("The key of this round has been destroyed.")
    return row.key


def active_codes(session: Session, round_id: int) -> dict[str, str]:
    """Point → its code in force."""
    rows = select(PointCodeRow).where(
        PointCodeRow.round_id == round_id, PointCodeRow.revoked_at.is_(None)
    )
    return {row.point: row.code for row in session.scalars(rows)}


def find_point_code(session: Session, code: str) -> PointCodeRow:
    """The row of a public code; NotFound says nothing about what exists."""
    row = session.get(PointCodeRow, code)
    if row is None:
        raise NotFound("This code is not one of ours.")
    return row


def act_as(session: Session, *, login: str, office: str) -> None:
    """Say who acts in this session: every line of the audit trail names them."""
    session.info[AUTHOR] = (login, office)


def record(
    session: Session, act: str, *, subject: str, now: datetime, detail: dict[str, object]
) -> None:
    """Add a line to the audit trail; whoever keeps pages in memory sees that it moved.

    Who acts is known to the session: the console says so with `act_as`. The counter comes
    first: until the act is over nobody else adds a line, so lines are numbered as they appear.
    """
    session.execute(update(ActCounterRow).values(acts=ActCounterRow.acts + 1))
    session.add(signed_line(session, act, subject=subject, now=now, detail=detail))


def signed_line(
    session: Session, act: str, *, subject: str, now: datetime, detail: dict[str, object]
) -> AuditEventRow:
    """A line of the audit trail with who acts in this session."""
    author, office = session.info.get(AUTHOR, (TERMINAL, ""))
    return AuditEventRow(
        at=now, act=act, object=subject, author=author, office=office, detail=detail
    )


def acts_so_far(session: Session) -> int:
    """How many acts were recorded; what was looked up before it moved may be out of date."""
    return session.connection().exec_driver_sql("SELECT acts FROM act_counter").scalar_one()


@lru_cache(maxsize=64)
def _read_survey(text: str, source: str) -> Survey:
    return read_definition(Survey, text, source=source)


@lru_cache(maxsize=16)
def _read_score_maps(text: str) -> ScoreMaps:
    return read_definition(ScoreMaps, text, source="score maps")


@lru_cache(maxsize=16)
def _read_system(text: str, source: str) -> IndicatorSystem:
    return read_definition(IndicatorSystem, text, source=source)
