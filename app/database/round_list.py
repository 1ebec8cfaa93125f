"""Questions about many rounds at once: the list of rounds, with few statements however long."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.database.canaries import counted_canaries
from app.database.offices import kept_within
from app.database.tables import CanaryRow, RoundRow, TallyRow
from app.people.offices import EVERYWHERE, Scope


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rounds a list shows; an empty text asks for all."""

    state: str = ""
    words: str = ""
    """Part of the code, or of the plan's text, which holds the title."""


def code_is_taken(session: Session, code: str) -> bool:
    """Whether any round, of whatever office, has the code."""
    return session.scalar(select(RoundRow.id).where(RoundRow.code == code)) is not None


def count_states(session: Session, *, within: Scope = EVERYWHERE) -> Mapping[str, int]:
    """State → rounds of a scope in it."""
    rows = select(RoundRow.state, func.count()).group_by(RoundRow.state)
    found = session.execute(kept_within(rows, within, RoundRow.office_id))
    return dict(found.all())


def list_wanted(
    session: Session, wanted: Wanted, *, start: int, most: int, within: Scope = EVERYWHERE
) -> Sequence[RoundRow]:
    """Rounds of a scope, newest first, from the `start`-th on."""
    rows = _filtered(select(RoundRow), wanted).order_by(RoundRow.id.desc())
    rows = kept_within(rows, within, RoundRow.office_id).offset(start).limit(most)
    return session.scalars(rows).all()


def count_stored(session: Session, round_ids: Sequence[int]) -> Mapping[int, int]:
    """Round → responses kept, by the numbers of the day; test ratings are not among them."""
    stored = (
        select(TallyRow.round_id, func.sum(TallyRow.n))
        .where(TallyRow.round_id.in_(round_ids), TallyRow.counter == "stored")
        .group_by(TallyRow.round_id)
    )
    sealed = (
        select(CanaryRow.round_id, func.count())
        .select_from(CanaryRow, RoundRow)
        .where(CanaryRow.round_id.in_(round_ids), counted_canaries())
        .group_by(CanaryRow.round_id)
    )
    counts = Counter({round_id: int(n) for round_id, n in session.execute(stored)})
    counts.subtract(dict(session.execute(sealed).all()))
    return {round_id: max(n, 0) for round_id, n in counts.items()}


def _filtered(rows: Select[RoundRow], wanted: Wanted) -> Select[RoundRow]:
    if wanted.state:
        rows = rows.where(RoundRow.state == wanted.state)
    if wanted.words and "\0" not in wanted.words:
        words = wanted.words
        found = (
            RoundRow.code.contains(words, autoescape=True),
            RoundRow.plan.contains(words, autoescape=True),
        )
        rows = rows.where(or_(*found))
    return rows
