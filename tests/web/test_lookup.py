"""What is kept in memory of a code is out of date for no one who asks after an act."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database.engine import make_engine, make_reading_sessions, make_sessions
from app.database.rounds import active_codes, find_point_code, find_round, record
from app.errors import NotFound
from app.web.resident.lookup import TRUSTED_SECONDS, Lookup
from app.workflow.fieldwork import close_round
from app.workflow.preparation import issue_codes
from world import NOW, TOWN_PLAN, a_round

PATIENCE = 30.0


class Readings:
    """Sessions for questions, counted; the next ones may be held back at their end."""

    def __init__(self, engine: Engine) -> None:
        self.sessions = make_reading_sessions(engine)
        self.opened = 0
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self) -> object:
        return self._held()

    @contextmanager
    def _held(self) -> Iterator[Session]:
        self.opened += 1
        with self.sessions() as session:
            yield session
        assert self.gate.wait(PATIENCE)


@pytest.fixture
def code(engine: Engine) -> str:
    """The code of the east hall."""
    with make_sessions(engine).begin() as session:
        return active_codes(session, a_round(session).id)["east-hall"]


@pytest.fixture
def readings(engine: Engine) -> Readings:
    """How the lookup reads."""
    return Readings(engine)


@pytest.fixture
def lookup(readings: Readings) -> Iterator[Lookup]:
    """A lookup of one process."""
    lookup = Lookup(readings)  # type: ignore[arg-type]
    yield lookup
    lookup.close()


def act_elsewhere(url: str, act: Callable[[Session], object]) -> None:
    """Do an act as another process does, with an engine of its own."""
    engine = make_engine(url)
    with make_sessions(engine).begin() as session:
        act(session)
    engine.dispose()


def close(session: Session) -> None:
    close_round(session, find_round(session, "town-2026"), now=NOW)


async def a_moment() -> None:
    """Longer than anything is trusted."""
    await asyncio.sleep(2 * TRUSTED_SECONDS)


def test_a_close_by_another_process_is_seen_by_the_next_who_asks(
    lookup: Lookup, code: str, database_url: str
):
    async def ask() -> list[str]:
        before = await lookup.find(code)
        act_elsewhere(database_url, close)
        await a_moment()
        return [before.state, (await lookup.find(code)).state]

    assert asyncio.run(ask()) == ["open", "closed"]


def test_a_code_that_is_withdrawn_and_replaced_is_seen_too(
    lookup: Lookup, code: str, database_url: str
):
    new: list[str] = []

    def replace(session: Session) -> None:
        row = find_round(session, "town-2026")
        find_point_code(session, code).revoked_at = NOW
        session.flush()
        new.append(issue_codes(session, row, now=NOW)["east-hall"])
        record(session, "revoke", subject=row.code, now=NOW, detail={})

    async def ask() -> list[bool]:
        before = await lookup.find(code)
        act_elsewhere(database_url, replace)
        await a_moment()
        old, fresh = await lookup.find(code), await lookup.find(new[0])
        return [before.is_withdrawn, old.is_withdrawn, fresh.is_withdrawn]

    assert asyncio.run(ask()) == [False, True, False]


def test_a_round_that_opens_is_seen_by_those_who_came_too_early(
    lookup: Lookup, code: str, database_url: str
):
    async def ask() -> str:
        with pytest.raises(NotFound):
            await lookup.find("0000000")
        opened: list[str] = []

        def begin(session: Session) -> None:
            row = a_round(session, TOWN_PLAN.replace("town-2026", "second-2026"))
            opened.append(active_codes(session, row.id)["west-hall"])

        act_elsewhere(database_url, begin)
        await a_moment()
        return (await lookup.find(opened[0])).round_code

    assert asyncio.run(ask()) == "second-2026"


def test_a_load_that_began_before_an_act_does_not_stay(
    lookup: Lookup, readings: Readings, code: str, database_url: str
):
    async def ask() -> list[str]:
        with pytest.raises(NotFound):
            await lookup.find("0000000")  # the acts are counted; the code is not loaded yet
        readings.gate.clear()
        early = asyncio.ensure_future(lookup.find(code))
        while readings.opened < 3:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)  # it has read, and is held
        await asyncio.to_thread(act_elsewhere, database_url, close)
        await a_moment()
        late = asyncio.ensure_future(lookup.find(code))
        await a_moment()
        readings.gate.set()
        return [(await early).state, (await late).state, (await lookup.find(code)).state]

    assert asyncio.run(ask())[1:] == ["closed", "closed"]


def test_who_joins_a_look_that_began_before_an_act_waits_for_another(
    lookup: Lookup, readings: Readings, code: str, database_url: str
):
    async def ask() -> str:
        await lookup.find(code)
        await a_moment()
        readings.gate.clear()
        seen = readings.opened
        early = asyncio.ensure_future(lookup.find(code))
        while readings.opened == seen:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)  # it has counted the acts, and is held
        await asyncio.to_thread(act_elsewhere, database_url, close)
        await a_moment()
        late = asyncio.ensure_future(lookup.find(code))
        await a_moment()
        readings.gate.set()
        await early
        return (await late).state

    assert asyncio.run(ask()) == "closed"


def test_a_crowd_that_comes_at_one_moment_is_one_look_and_one_load(
    lookup: Lookup, readings: Readings, code: str
):
    async def ask() -> None:
        places = await asyncio.gather(*(lookup.find(code) for _ in range(200)))
        assert len({place.round_code for place in places}) == 1

    asyncio.run(ask())
    assert readings.opened == 2


def test_somebody_who_goes_away_does_not_take_the_answer_from_the_others(
    lookup: Lookup, readings: Readings, code: str
):
    async def ask() -> str:
        readings.gate.clear()
        first = asyncio.ensure_future(lookup.find(code))
        others = [asyncio.ensure_future(lookup.find(code)) for _ in range(3)]
        await asyncio.sleep(0.02)
        first.cancel()
        await asyncio.sleep(0.02)
        readings.gate.set()
        found = await asyncio.gather(*others)
        return found[0].state

    assert asyncio.run(ask()) == "open"


def test_what_the_database_raised_reaches_who_asked_and_is_not_kept(
    lookup: Lookup, readings: Readings, code: str
):
    sound = readings.sessions

    async def ask() -> str:
        readings.sessions = make_reading_sessions(make_engine("sqlite:///:memory:"))
        outcomes = await asyncio.gather(
            *(lookup.find(code) for _ in range(3)), return_exceptions=True
        )
        assert all(isinstance(one, Exception) for one in outcomes)
        readings.sessions = sound
        return (await lookup.find(code)).state

    assert asyncio.run(ask()) == "open"
