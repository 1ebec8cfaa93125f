"""A round with limits and rights, and the many who hand in at its door.

`Hall` is an open round with its points; it makes arrivals and counts what was kept of them.
`hand_in` sends groups of arrivals from several threads, each with an engine of its own, as
several processes do.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import repeat
from threading import Barrier, Thread

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.database.engine import make_sessions, make_writing_engine
from app.database.rights import keep_tokens
from app.database.rounds import active_codes, find_round
from app.database.tables import AllowanceRow, ResponseRow, TallyRow, TokenRow
from app.survey.answers import Answer
from app.survey.tokens import token_hash
from app.workflow.admission import fate
from app.workflow.arrivals import Arrival, Outcome
from app.workflow.collecting import keep_group
from app.workflow.fieldwork import close_round
from app.workflow.places import Place, find_place
from world import NOW, TOWN_PLAN, a_round, a_submission

EVERY_RIGHT = "admission: {rights: [open, invitation, ticket]}\n"
IN_TIME = NOW + timedelta(hours=1)
POINTS = ("east-hall", "west-hall")
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Hall:
    """An open round: where its points are, and what stands in its tables."""

    engine: Engine
    round_code: str
    places: Mapping[str, Place]

    @property
    def round_id(self) -> int:
        """The round."""
        return self.places["east-hall"].round_id

    def arrival(
        self,
        once: str,
        answers: Mapping[str, Answer] | None = None,
        *,
        token: str = "",
        point: str = "east-hall",
    ) -> Arrival:
        """Somebody's answers at the door of a point; `token` is the name of one."""
        submission = a_submission(once, answers or {"Q1": 5})
        if token:
            submission = replace(submission, token=token_hash(token))
        return Arrival(self.places[point], submission)

    def issue(
        self,
        tokens: Iterable[str],
        *,
        purpose: str = "ticket",
        point: str = "east-hall",
        expires_at: datetime = IN_TIME,
    ) -> None:
        """Make tokens of these names good at a point."""
        row = {
            "purpose": purpose,
            "batch": "batch",
            "point": point,
            "weight": None,
            "expires_at": expires_at,
        }
        with make_sessions(self.engine).begin() as session:
            keep_tokens(session, self.round_id, {token_hash(one): row for one in tokens})

    def close(self) -> None:
        """Close the round."""
        with make_sessions(self.engine).begin() as session:
            close_round(session, find_round(session, self.round_code), now=NOW)

    def keep(self, *arrivals: Arrival, now: datetime = NOW) -> list[str]:
        """Hand in one group; what became of each, in a word."""
        return words(keep_group(self.engine, arrivals, {}, now))

    def stored(self, **columns: object) -> int:
        """How many responses of the round are kept, with these values."""
        wanted = select(func.count()).select_from(ResponseRow)
        wanted = wanted.filter_by(round_id=self.round_id, **columns)
        with Session(self.engine) as session:
            return session.scalar(wanted) or 0

    def answers(self) -> list[Mapping[str, Answer]]:
        """The answers of every response that is kept."""
        wanted = select(ResponseRow.answers).where(ResponseRow.round_id == self.round_id)
        with Session(self.engine) as session:
            return list(session.scalars(wanted))

    def spent(self) -> set[str]:
        """The hashes of the tokens that were spent."""
        wanted = select(TokenRow.hash).where(TokenRow.spent, TokenRow.round_id == self.round_id)
        with Session(self.engine) as session:
            return set(session.scalars(wanted))

    def taken(self) -> dict[str, int]:
        """Allowance → what was taken of it."""
        wanted = select(AllowanceRow).where(AllowanceRow.round_id == self.round_id)
        with Session(self.engine) as session:
            return {row.name: row.taken for row in session.scalars(wanted)}

    def tally(self) -> dict[str, int]:
        """Counter → its number, over points and days."""
        total = func.sum(TallyRow.n)
        wanted = select(TallyRow.counter, total).where(TallyRow.round_id == self.round_id)
        with Session(self.engine) as session:
            rows = session.execute(wanted.group_by(TallyRow.counter)).all()
        return {counter: int(n) for counter, n in rows}


def a_hall(engine: Engine, admission: str = "", *, code: str = "town-2026") -> Hall:
    """An open round of the town's plan, with these lines about admission."""
    plan = TOWN_PLAN.replace("town-2026", code) + admission
    with make_sessions(engine).begin() as session:
        row = a_round(session, plan)
        codes = active_codes(session, row.id)
        places = {point: find_place(session, codes[point]) for point in POINTS}
    return Hall(engine, code, places)


def words(outcomes: Iterable[Outcome]) -> list[str]:
    """What became of arrivals: `stored`, `repeated`, or `refused_` and the reason."""
    return [fate(outcome) for outcome in outcomes]


def hand_in(url: str, groups: Sequence[Sequence[Arrival]], *, doors: int) -> list[Outcome]:
    """Hand in groups at once through several doors; the outcomes in the order of arrivals.

    Each door is a thread with an engine of its own; all of them begin at one moment.
    """
    together = Barrier(doors)

    def serve(door: int) -> list[tuple[int, Sequence[Outcome]]]:
        engine = make_writing_engine(url)
        mine = range(door, len(groups), doors)
        with engine.connect():
            together.wait(timeout=PATIENCE)
        done = [(place, keep_group(engine, groups[place], {}, NOW)) for place in mine]
        engine.dispose()
        return done

    with ThreadPoolExecutor(doors) as pool:
        done = sorted(one for served in pool.map(serve, range(doors)) for one in served)
    return [outcome for _, outcomes in done for outcome in outcomes]


def groups_of(arrivals: Sequence[Arrival], size: int) -> list[Sequence[Arrival]]:
    """The arrivals in groups of at most `size`."""
    return [arrivals[start : start + size] for start in range(0, len(arrivals), size)]


@contextmanager
def meanwhile(url: str, arrivals: Sequence[Arrival], outcomes: list[str]):
    """Hand in a group beside what the block does; the block holds what the group waits for.

    What became of the group stands in `outcomes` after the block.
    """

    def serve() -> None:
        engine = make_writing_engine(url)
        outcomes.extend(words(keep_group(engine, arrivals, {}, NOW)))
        engine.dispose()

    beside = Thread(target=serve)
    try:
        yield beside.start
    finally:
        if beside.ident is not None:
            beside.join(timeout=PATIENCE)
    assert not beside.is_alive()


def same(arrival: Arrival, times: int) -> list[Arrival]:
    """One arrival several times."""
    return list(repeat(arrival, times))
