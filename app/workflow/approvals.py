"""What two people must want: one asks, another approves, and only then it is done.

What is approved is a digest of the thing as it stood when it was asked for. Whoever approves
carries it out in the same transaction, and only if the thing still is what it was. The
terminal does such acts directly: whoever has the server could do anything, and the audit
trail says that it was the terminal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database.approvals import Asked, find_asked, find_waiting
from app.database.assessments import find_assessment, find_score_run
from app.database.console_tables import ApprovalAnswerRow, ApprovalRow
from app.database.drafts import Signature
from app.database.offices import path_of
from app.database.results import find_run, latest_published
from app.database.rounds import find_round, hold, record
from app.database.tables import RoundRow, RunRow
from app.errors import NotAllowed, NotFound, WrongState
from app.people.colleague import Colleague
from app.people.offices import EVERYWHERE, Scope
from app.people.roles import Permission
from app.workflow.assessment.running import publish_scores
from app.workflow.definitions.weights import change_digest, find_change, release_change
from app.workflow.fieldwork import close_round
from app.workflow.preparation import open_round
from app.workflow.publication import publish

LONGEST_NOTE = 1000
ABOUT = {"publish_scores": " of scores", "change_weights": " of weights"}
"""Acts on an assessment or a system; the others are on a round."""
OBJECTIONS_UNTIL = "objections_until"
"""In the detail: before this moment (ISO 8601) nobody may approve."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What an act is about, as it stands now."""

    office_id: int
    digest: str
    """SHA-256 or a state: it changes with whatever an approver has to have seen."""


@dataclass(frozen=True, slots=True)
class Act:
    """An act that two people must want."""

    permission: Permission
    """What both of them need where the thing belongs."""
    find: Callable[[Session, str, Scope], Thing]
    """The thing of an object's name in a scope; NotFound outside, WrongState if too late."""
    carry_out: Callable[[Session, ApprovalRow, datetime], None]
    """Does what was asked for, and says so in the trail."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for."""

    act: str
    object: str
    note: str = ""
    objections_until: datetime | None = None


def ask(session: Session, person: Colleague, wish: Wish, *, now: datetime) -> ApprovalRow:
    """Ask for an act that somebody else has to approve; one at a time for an object."""
    act = ACTS[wish.act]
    thing = act.find(session, wish.object, person.scope(act.permission))
    waiting = find_waiting(session, wish.act, wish.object)
    if waiting is not None:
        raise WrongState(
            f"{waiting.asker.name} has asked for this already (number {waiting.row.id}). "
            "Approve it, refuse it, or have it withdrawn first.",
            chinese=f"{waiting.asker.name}已经提出过（第 {waiting.row.id} 号），"
            "请先批准、退回，或者请提出的人撤回。",
        )
    until = wish.objections_until
    row = ApprovalRow(
        act=wish.act,
        object=wish.object,
        office_id=thing.office_id,
        digest=thing.digest,
        detail={OBJECTIONS_UNTIL: until.isoformat()} if until else {},
        asked_by=person.id,
        note=wish.note.strip()[:LONGEST_NOTE],
        asked_at=now,
    )
    session.add(row)
    session.flush()
    detail: dict[str, object] = {"act": wish.act, "number": row.id, "digest": thing.digest}
    _record(session, "ask", row, now=now, detail=detail)
    return row


def approve(session: Session, person: Colleague, number: int, *, now: datetime) -> Asked:
    """Approve what somebody else asked for, and carry it out."""
    asked = _find_waiting(session, person, number)
    act = ACTS[asked.row.act]
    if asked.asker.id == person.id:
        raise NotAllowed(
            "You asked for this yourself; somebody else has to approve it.",
            chinese="这是您自己提出的，要由另一个人批准。",
        )
    _require_objections_over(asked, now)
    thing = act.find(session, asked.row.object, person.scope(act.permission))
    if thing.digest != asked.row.digest:
        raise WrongState(
            "What was asked for has changed since. Refuse this, and let it be asked for again.",
            chinese="提出以后内容已经变了。请退回，让提出的人重新提。",
        )
    _answer(session, asked, person, "approve", now=now)
    act.carry_out(session, asked.row, now)
    return asked


def refuse(
    session: Session, person: Colleague, number: int, *, note: str, now: datetime
) -> Asked:
    """Refuse what somebody else asked for, with the reason; withdraw it if it is one's own."""
    asked = _find_waiting(session, person, number)
    is_own = asked.asker.id == person.id
    if not is_own and not note.strip():
        raise WrongState("Say why it is refused.", chinese="请写明退回的理由。")
    _answer(session, asked, person, "withdraw" if is_own else "refuse", note=note, now=now)
    return asked


def may_answer(person: Colleague, act: str) -> bool:
    """Whether somebody may approve or refuse acts of this kind at all."""
    return person.may(ACTS[act].permission)


def _find_waiting(session: Session, person: Colleague, number: int) -> Asked:
    asked = find_asked(session, number)
    reach = person.scope(ACTS[asked.row.act].permission)
    if not reach.reaches(path_of(session, asked.row.office_id)):
        raise NotFound(f"Nothing was asked for under number {number}.")
    if not asked.waits:
        raise WrongState("This was answered before.", chinese="这件事已经有人答复过了。")
    return asked


def _require_objections_over(asked: Asked, now: datetime) -> None:
    until = asked.row.detail.get(OBJECTIONS_UNTIL)
    if until and now < datetime.fromisoformat(until):
        raise WrongState(
            f"Units may object until {until}; it can be approved from then on.",
            chinese=f"在 {until} 之前各单位可以提出异议，到时才能批准。",
        )


def _answer(  # noqa: PLR0913 - a line with all that it says
    session: Session,
    asked: Asked,
    person: Colleague,
    answer: str,
    *,
    now: datetime,
    note: str = "",
) -> None:
    row = ApprovalAnswerRow(
        approval_id=asked.row.id,
        answer=answer,
        person_id=person.id,
        note=note.strip()[:LONGEST_NOTE],
        at=now,
    )
    # Two answers at one moment: the table lets one through.
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise WrongState(
            "This was answered before.", chinese="这件事已经有人答复过了。"
        ) from None
    detail: dict[str, object] = {"act": asked.row.act, "number": asked.row.id}
    _record(session, answer, asked.row, now=now, detail=detail)


def _record(
    session: Session, what: str, row: ApprovalRow, *, now: datetime, detail: dict[str, object]
) -> None:
    # The trail names what a line is about by its code alone: a round, an assessment, a system.
    about = ABOUT.get(row.act, "")
    code = row.object.partition("/")[0]
    record(session, f"{what} approval{about}", subject=code, now=now, detail=detail)


def _round_in(state: str) -> Callable[[Session, str, Scope], Thing]:
    def find(session: Session, code: str, within: Scope) -> Thing:
        row = hold(session, find_round(session, code, within=within))
        if row.state != state:
            raise WrongState(f"Round {code} is {row.state}, not {state} any more.")
        return Thing(row.office_id, row.plan_digest)

    return find


def run_object(code: str, run_id: int) -> str:
    """How the object of publishing a run is named: its round, then its number."""
    return f"{code}/{run_id}"


def _find_finished_run(session: Session, object_: str, within: Scope) -> Thing:
    row, run = _run_of(session, object_, within)
    if run.state != "finished" or run.document_digest is None:
        raise WrongState(f"Run {run.id} is {run.state}; only a finished run can be published.")
    published = latest_published(session, row.id)
    if published is not None and published[1].id == run.id:
        raise WrongState(f"Run {run.id} is public already.")
    return Thing(row.office_id, run.document_digest)


def _run_of(session: Session, object_: str, within: Scope) -> tuple[RoundRow, RunRow]:
    code, _, number = object_.rpartition("/")
    row = find_round(session, code, within=within)
    run = find_run(session, int(number))
    if run.round_id != row.id:
        raise NotFound(f"Round {code} has no run {number}.")
    return row, run


def _find_scores(session: Session, object_: str, within: Scope) -> Thing:
    code, _, number = object_.rpartition("/")
    row = find_assessment(session, code, within=within)
    return Thing(row.office_id, find_score_run(session, row, int(number)).document_digest)


def _find_weights(session: Session, key: str, within: Scope) -> Thing:
    row = find_change(session, key, within=within)
    return Thing(row.office_id, change_digest(row))


def _open(session: Session, asked: ApprovalRow, now: datetime) -> None:
    open_round(session, find_round(session, asked.object), now=now)


def _close(session: Session, asked: ApprovalRow, now: datetime) -> None:
    close_round(session, find_round(session, asked.object), now=now)


def _publish(session: Session, asked: ApprovalRow, now: datetime) -> None:
    publish(session, _run_of(session, asked.object, EVERYWHERE)[1], now=now)


def _publish_scores(session: Session, asked: ApprovalRow, now: datetime) -> None:
    code, _, number = asked.object.rpartition("/")
    publish_scores(session, find_assessment(session, code), int(number), now=now)


def _change_weights(session: Session, asked: ApprovalRow, now: datetime) -> None:
    by = Signature(asked.asked_by, asked.office_id, now)
    release_change(session, asked.object, by=by)


ACTS: Mapping[str, Act] = {
    "open_round": Act(Permission.RUN_FIELDWORK, _round_in("draft"), _open),
    "close_round": Act(Permission.RUN_FIELDWORK, _round_in("open"), _close),
    "publish_run": Act(Permission.PUBLISH, _find_finished_run, _publish),
    "publish_scores": Act(Permission.PUBLISH, _find_scores, _publish_scores),
    "change_weights": Act(Permission.SCORE, _find_weights, _change_weights),
}
"""Everything that two people must want; excluding answers has rules of its own (`review`)."""
