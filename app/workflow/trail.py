"""The chain of the audit trail: written down from time to time, and computed anew.

A checkpoint is a line of the trail that holds the digest over every line before it. It says
nothing to whoever can rewrite the database; the digests that people copied elsewhere do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.database.audit import (
    CHECKPOINT,
    Search,
    hold_trail,
    list_lines,
    newest_checkpoint,
    newest_number,
    note,
    walk_lines,
)
from app.people.trail import FIRST, Link, linked

EVERY_LINES = 500
EVERY = timedelta(days=1)
TRAIL = "audit"
"""What a checkpoint and a download are about."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What computing the chain anew has shown."""

    lines: int
    end: Link
    checkpoints: int
    broken: tuple[int, ...]
    """Checkpoints whose digest is not the one that the lines before them give."""
    known_holds: bool | None
    """Whether the digest that was asked about is still that of its line; None if none was."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing speaks against the trail."""
        return not self.broken and self.known_holds is not False


def seal(session: Session, *, now: datetime) -> Link:
    """Write down the digest over every line so far, as a line of the trail."""
    hold_trail(session)
    link = newest_checkpoint(session, through=newest_number(session))
    for line in walk_lines(session, after=link.number):
        link = linked(link, line)
    detail: dict[str, object] = {"through": link.number, "digest": link.digest}
    note(session, CHECKPOINT, subject=TRAIL, now=now, detail=detail)
    return link


def seal_if_due(session: Session, *, now: datetime) -> Link | None:
    """The same once many lines came, or a day is over in which any came."""
    newest = newest_number(session)
    last = list_lines(session, Search(act=CHECKPOINT), most=1)
    before = last[0].number if last else 0
    is_old = not last or now - last[0].at >= EVERY
    if newest - before >= EVERY_LINES or (newest > before and is_old):
        return seal(session, now=now)
    return None


def verify(session: Session, known: Link | None = None) -> Verdict:
    """Compute the chain from the first line, and compare with every checkpoint and `known`."""
    link, lines, checkpoints, broken = FIRST, 0, 0, []
    held = None if known is None else False
    for line in walk_lines(session):
        if line.act == CHECKPOINT:
            checkpoints += 1
            if line.detail != {"through": link.number, "digest": link.digest}:
                broken.append(line.number)
        link, lines = linked(link, line), lines + 1
        if link == known:
            held = True
    return Verdict(lines, link, checkpoints, tuple(broken), held)
