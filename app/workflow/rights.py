"""One-time rights to answer: invitations of a drawn sample, tickets of served cases.

Making is apart from keeping: `prepare_tickets` here and `prepare_sample` in `sampling` throw
the dice and touch no database, so that lists and slips can be printed while answers keep
coming in; `keep_issue` then keeps hashes, links and the draw in one short act. The tokens
themselves stand in the `Issue` and nowhere else, and are gone with it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.database.rights import (
    count_tokens,
    invited_before,
    is_issued,
    keep_invitees,
    keep_tokens,
    list_draws,
    revoke_batch,
    revoke_token,
)
from app.database.rounds import active_codes, hold, load_round, record
from app.database.tables import RoundRow, SampleDrawRow
from app.errors import InputRefused, NotFound, Problem, WrongState
from app.survey.admission import Right
from app.survey.csv_files import with_source
from app.survey.drawing import Draw
from app.survey.plan import Plan
from app.survey.sampling_frame import FramePerson
from app.survey.tokens import TOKEN_ENTROPY, new_token, read_token, token_hash

LONGEST_BATCH = 100
MOST_TICKETS = 100_000
USUAL_VALIDITY = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Ground:
    """An open round on which rights of one purpose may be issued, as it stood at `now`."""

    round_id: int
    plan: Plan
    codes: Mapping[str, str]
    """Point → its code in force."""
    purpose: Right
    now: datetime


@dataclass(frozen=True, slots=True)
class TicketOrder:
    """Tickets asked for at a point, each good for `valid_for`, at most to the round's end."""

    point: str
    count: int
    batch: str
    valid_for: timedelta = USUAL_VALIDITY


@dataclass(frozen=True, slots=True)
class IssuedRight:
    """A token with what it is good for, and who was drawn; no person for a ticket."""

    token: str = field(repr=False)
    point: str
    code: str
    """The public code of the point, which the token goes with."""
    weight: float | None = None
    person: FramePerson | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Issue:
    """Rights made together and not kept yet, in the order of their list."""

    purpose: Right
    batch: str
    expires_at: datetime
    rights: tuple[IssuedRight, ...]
    columns: tuple[str, ...] = ()
    """The columns of the frame, for the cells of each person."""
    frame_digest: str = ""
    drawn: Draw | None = None
    source: str = ""


def stand_on(session: Session, row: RoundRow, purpose: Right, now: datetime) -> Ground:
    """The ground for issuing rights; WrongState with its cure where the round has none."""
    plan = load_round(session, row).plan
    _require_open(row)
    if now >= plan.window.end:
        raise WrongState(f"The window of round {row.code} is over: nobody could answer.")
    if purpose not in plan.admits.rights:
        raise WrongState(
            f"The plan of round {row.code} gives nobody the right to answer by {purpose}. "
            f"Write {purpose} into admission.rights of a plan before its round is opened."
        )
    return Ground(row.id, plan, active_codes(session, row.id), purpose, now)


def prepare_tickets(ground: Ground, order: TicketOrder) -> Issue:
    """Make tickets for a point; InputRefused with every mistake of the order."""
    refuse([*batch_problems(order.batch), *_ticket_problems(ground.plan, order)], "")
    window = ground.plan.window
    expires_at = ground.now + min(order.valid_for, window.end - ground.now)
    if expires_at <= window.start:
        cure = "Give more hours, or issue them when the window is open."
        refuse([Problem("hours", "end before answers are taken", cure)], "")
    code = code_of(ground, order.point)
    rights = tuple(
        IssuedRight(new_token(secrets.token_bytes(TOKEN_ENTROPY)), order.point, code)
        for _ in range(order.count)
    )
    return Issue(ground.purpose, order.batch, expires_at, rights)


def keep_issue(session: Session, row: RoundRow, issue: Issue, *, now: datetime) -> None:
    """Keep the hashes of an issue, its links and its draw; a used batch name is refused."""
    _require_open(hold(session, row))
    _require_unused(session, row, issue)
    hashes = {right.token: token_hash(right.token) for right in issue.rights}
    fields = {
        hashes[right.token]: {
            "purpose": issue.purpose,
            "batch": issue.batch,
            "point": right.point,
            "weight": right.weight,
            "expires_at": issue.expires_at,
        }
        for right in issue.rights
    }
    keep_tokens(session, row.id, fields)
    detail: dict[str, object] = {"batch": issue.batch, "count": len(issue.rights)}
    if issue.drawn is not None:
        links = {r.person.person: hashes[r.token] for r in issue.rights if r.person is not None}
        detail |= _keep_draw(session, row, issue, links, now)
    act = "draw_sample" if issue.purpose == "invitation" else "issue_tickets"
    record(session, act, subject=row.code, now=now, detail=detail)


def issue_tickets(
    session: Session, row: RoundRow, order: TicketOrder, *, now: datetime
) -> Issue:
    """Make tickets for a point and keep them, in one act."""
    issue = prepare_tickets(stand_on(session, row, "ticket", now), order)
    keep_issue(session, row, issue, now=now)
    return issue


def revoke(
    session: Session,
    row: RoundRow,
    *,
    batch: str | None = None,
    token: str | None = None,
    now: datetime,
) -> int:
    """Make the unspent tokens of a batch, or one token, worthless; how many there were.

    What was answered with a spent one stands. Whoever held one may be drawn again.
    """
    if (batch is None) == (token is None):
        raise InputRefused([Problem("batch", "or token is needed", "Name one of the two.")])
    _require_open(hold(session, row))
    if batch is not None:
        if batch not in count_tokens(session, row.id):
            known = ", ".join(sorted(count_tokens(session, row.id))) or "none yet"
            raise NotFound(f"Round {row.code} has no batch {batch!r}. Batches: {known}.")
        count = revoke_batch(session, row.id, batch)
    else:
        found = read_token(token or "")
        if found is None or not is_issued(session, row.id, token_hash(found)):
            raise NotFound(f"Round {row.code} has no such token. Look for a slip of the pen.")
        count = revoke_token(session, row.id, token_hash(found))
    detail: dict[str, object] = {"batch": batch or "", "count": count}
    record(session, "revoke_tokens", subject=row.code, now=now, detail=detail)
    return count


def _require_open(row: RoundRow) -> None:
    if row.state != "open":
        cure = "Open it first." if row.state == "draft" else "Its tokens open nothing any more."
        raise WrongState(
            f"Round {row.code} is {row.state}; rights to answer belong to an open round. {cure}"
        )


def _require_unused(session: Session, row: RoundRow, issue: Issue) -> None:
    is_draw = issue.drawn is not None
    draws = list_draws(session, row.id)
    if issue.batch in draws or (is_draw and issue.batch in count_tokens(session, row.id)):
        raise WrongState(
            f"Round {row.code} has a batch {issue.batch!r} already; nothing was drawn or "
            "issued. Choose another name."
        )
    people = {r.person.person: r.person for r in issue.rights if r.person is not None}
    cure = "One person has one invitation: leave them out of the frame, or revoke the other."
    refuse(
        [
            Problem(f"row {people[name].row}, person", "was invited before", cure, name)
            for name in sorted(invited_before(session, row.id, people))
        ],
        issue.source,
    )


def _keep_draw(
    session: Session, row: RoundRow, issue: Issue, links: Mapping[str, str], now: datetime
) -> dict[str, object]:
    """Keep who was drawn and how; what the audit trail says of it."""
    sample = issue.drawn
    if sample is None:
        return {}
    keep_invitees(session, row.id, links)
    sizes = {stratum: list(pair) for stratum, pair in sample.sizes.items()}
    kept = SampleDrawRow(
        round_id=row.id,
        batch=issue.batch,
        frame_digest=issue.frame_digest,
        frame_size=sum(people for people, _ in sample.sizes.values()),
        seed=sample.seed,
        sizes=sizes,
        sample_digest=sample.digest,
        drawn_at=now,
    )
    session.add(kept)
    return {"frame": kept.frame_digest, "seed": kept.seed, "sample": kept.sample_digest}


def code_of(ground: Ground, point: str) -> str:
    """The code in force of a point; WrongState where it has none."""
    code = ground.codes.get(point)
    if code is None:
        raise WrongState(
            f"Point {point} has no code in force. Give it one: minxin codes {ground.plan.code}."
        )
    return code


def batch_problems(batch: str) -> list[Problem]:
    """What is wrong with the name of a batch."""
    if batch.strip() == batch and 1 <= len(batch) <= LONGEST_BATCH and batch.isprintable():
        return []
    cure = f"Give it a name of at most {LONGEST_BATCH} characters, such as 2026-spring."
    return [Problem("batch", "is empty, too long or not one line", cure, batch)]


def _ticket_problems(plan: Plan, order: TicketOrder) -> list[Problem]:
    problems = []
    points = [point.code for point in plan.points]
    if order.point not in points:
        cure = f"Points: {', '.join(points) or 'none'}."
        problems.append(Problem("point", "is no point of the plan", cure, order.point))
    if not 1 <= order.count <= MOST_TICKETS:
        cure = f"Issue 1 to {MOST_TICKETS:,} at a time."
        problems.append(Problem("count", "is out of range", cure, order.count))
    if order.valid_for <= timedelta():
        cure = "A ticket must be good for some time."
        problems.append(Problem("hours", "is not positive", cure))
    return problems


def refuse(problems: list[Problem], source: str) -> None:
    """Raise InputRefused if there are problems."""
    if problems:
        raise InputRefused(with_source(problems, source))
