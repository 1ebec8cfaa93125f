"""The writer keeps what comes, says so after the commit, and outlives whatever goes wrong."""

import asyncio
import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pytest
from crowd import Hall, a_hall
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from app.database.admission import Tally
from app.database.engine import make_sessions, make_writing_engine
from app.errors import Overloaded
from app.workflow import collecting
from app.workflow.arrivals import Arrival, Outcome, Verdict
from app.workflow.collecting import Act, Collector
from app.workflow.places import Place, find_place
from world import NOW, a_submission

PATIENCE = 60.0
ENOUGH = 150


@pytest.fixture
def hall(engine: Engine) -> Hall:
    """An open round."""
    return a_hall(engine)


@pytest.fixture
def collector(database_url: str, hall: Hall) -> Iterator[Collector]:
    """A writer on the same database, as a server has it."""
    engine = make_writing_engine(database_url)
    collector = Collector(engine, lambda: NOW)
    yield collector
    collector.stop()
    engine.dispose()


class Failing:
    """An act that fails so many times before it does what it should."""

    def __init__(self, act: Act, error: Exception, times: int) -> None:
        self.act, self.error, self.left = act, error, times

    def __call__(
        self, arrivals: Sequence[Arrival], counted: Mapping[Tally, int]
    ) -> Sequence[Outcome]:
        """Keep a group, or fail."""
        if arrivals and self.left:
            self.left -= 1
            raise self.error
        return self.act(arrivals, counted)


class Held:
    """An act that waits for a gate before it does what it should."""

    def __init__(self, act: Act) -> None:
        self.act, self.gate = act, threading.Event()

    def __call__(
        self, arrivals: Sequence[Arrival], counted: Mapping[Tally, int]
    ) -> Sequence[Outcome]:
        """Keep a group once the gate is open."""
        assert self.gate.wait(PATIENCE)
        return self.act(arrivals, counted)


async def send(collector: Collector, arrivals: Sequence[Arrival]) -> list[object]:
    """Hand in at one moment; what each heard."""
    waiting = (collector.keep(arrival) for arrival in arrivals)
    return await asyncio.gather(*waiting, return_exceptions=True)


def some(hall: Hall, count: int, first: int = 0) -> list[Arrival]:
    """So many arrivals, each with a key of its own."""
    return [hall.arrival(f"k{number}") for number in range(first, first + count)]


@pytest.mark.parametrize(
    "error",
    [RuntimeError("unforeseen"), OperationalError("INSERT", {}, Exception("disk full"))],
    ids=["unforeseen", "from the database"],
)
def test_a_group_that_fails_is_asked_to_come_again_and_the_next_is_kept(
    collector: Collector, hall: Hall, error: Exception
):
    collector.act = Failing(collector.act, error, times=1)
    collector.count(hall.places["east-hall"], "served", "served", "started")
    heard = asyncio.run(send(collector, some(hall, 20)))
    failed = [one for one in heard if isinstance(one, Overloaded)]
    kept = [one for one in heard if isinstance(one, Verdict)]
    assert failed
    assert len(failed) + len(kept) == 20
    again = asyncio.run(send(collector, some(hall, 20)))
    assert Counter(one.outcome for one in again) == Counter(
        {"stored": len(failed), "repeated": len(kept)}
    )
    collector.stop()
    tally = hall.tally()
    assert (tally["served"], tally["started"]) == (2, 1)
    assert tally["received"] == 40
    assert tally["refused_overloaded"] == len(failed)
    assert tally["stored"] == hall.stored() == 20


def test_what_it_logs_of_a_failure_quotes_nothing(
    collector: Collector, hall: Hall, caplog: pytest.LogCaptureFixture
):
    collector.act = Failing(collector.act, RuntimeError("路灯 secret"), times=1)
    asyncio.run(send(collector, some(hall, 1)))
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_numbers_of_the_day_are_kept_where_no_answer_takes_them_along(
    collector: Collector, hall: Hall
):
    collector.count(hall.places["east-hall"], "served")
    deadline = time.monotonic() + PATIENCE
    while hall.tally() != {"served": 1}:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_stopping_keeps_what_waits(collector: Collector, hall: Hall):
    held = Held(collector.act)
    collector.act = held

    async def stop_meanwhile() -> list[object]:
        waiting = asyncio.ensure_future(send(collector, some(hall, 700)))
        while collector.waiting < 100:
            await asyncio.sleep(0.01)
        collector.count(hall.places["east-hall"], "served")
        stopping = asyncio.ensure_future(asyncio.to_thread(collector.stop))
        await asyncio.sleep(0.05)
        held.gate.set()
        await stopping
        return await waiting

    heard = asyncio.run(stop_meanwhile())
    assert Counter(one.outcome for one in heard) == {"stored": 700}  # type: ignore[attr-defined]
    assert hall.stored() == 700
    assert hall.tally() == {"served": 1, "received": 700, "stored": 700}


def test_a_stopped_writer_begins_again_where_somebody_comes(collector: Collector, hall: Hall):
    asyncio.run(send(collector, some(hall, 1)))
    collector.stop()
    collector.stop()
    (heard,) = asyncio.run(send(collector, some(hall, 1, first=1)))
    assert isinstance(heard, Verdict)
    assert hall.stored() == 2


def test_where_too_many_wait_the_next_is_asked_to_come_again(
    collector: Collector, hall: Hall, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(collecting, "MOST_WAITING", 10)
    held = Held(collector.act)
    collector.act = held

    async def crowd() -> list[object]:
        waiting = asyncio.ensure_future(send(collector, some(hall, 100)))
        await asyncio.sleep(0.1)
        assert collector.waiting <= 10
        held.gate.set()
        return await waiting

    heard = asyncio.run(crowd())
    refused = [one for one in heard if isinstance(one, Overloaded)]
    assert len(refused) >= 100 - 2 * 10
    assert all(one.retry_after > 0 for one in refused)
    collector.stop()
    assert hall.stored() == 100 - len(refused)
    assert hall.tally() == {
        "received": 100,
        "stored": 100 - len(refused),
        "refused_overloaded": len(refused),
    }


def test_somebody_who_goes_away_is_kept_and_disturbs_nobody(collector: Collector, hall: Hall):
    held = Held(collector.act)
    collector.act = held

    async def leave() -> list[object]:
        everybody = [asyncio.ensure_future(collector.keep(one)) for one in some(hall, 10)]
        await asyncio.sleep(0.05)
        everybody[3].cancel()
        held.gate.set()
        return await asyncio.gather(*everybody, return_exceptions=True)

    heard = asyncio.run(leave())
    assert isinstance(heard[3], asyncio.CancelledError)
    assert sum(isinstance(one, Verdict) for one in heard) == 9
    collector.stop()
    assert hall.stored() == 10


def test_a_loop_that_ended_meanwhile_does_not_end_the_writer(collector: Collector, hall: Hall):
    held = Held(collector.act)
    collector.act = held
    loop = asyncio.new_event_loop()
    task = loop.create_task(collector.keep(hall.arrival("gone")))
    loop.run_until_complete(asyncio.sleep(0.05))
    task.cancel()
    loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
    loop.close()
    held.gate.set()
    (heard,) = asyncio.run(send(collector, some(hall, 1)))
    assert isinstance(heard, Verdict)
    assert hall.stored() == 2


# Two processes on one file


def work(url: str, code: str, name: str, kept: "Mapping[str, object]", done: object) -> None:
    """A process that hands in, eight people at a time, until everybody has enough."""
    engine = make_writing_engine(url)
    with make_sessions(engine)() as session:
        place = find_place(session, code)
    collector = Collector(engine, lambda: NOW)

    async def person(number: int) -> None:
        sent = 0
        while not done.is_set():  # type: ignore[attr-defined]
            submission = a_submission(f"{name} {number} {sent}", {"Q1": 5})
            await collector.keep(Arrival(place, submission))
            sent += 1
            with kept[name].get_lock():  # type: ignore[attr-defined]
                kept[name].value += 1  # type: ignore[attr-defined]

    async def everybody() -> None:
        await asyncio.gather(*(person(number) for number in range(8)))

    asyncio.run(everybody())
    collector.stop()
    engine.dispose()


def test_two_processes_on_one_file_both_get_their_turn(sqlite_url: str):
    engine = make_writing_engine(sqlite_url)
    hall = a_hall(engine)
    place: Place = hall.places["east-hall"]
    fresh = multiprocessing.get_context("spawn")
    kept = {"first": fresh.Value("i", 0), "second": fresh.Value("i", 0)}
    done = fresh.Event()
    processes = [
        fresh.Process(target=work, args=(sqlite_url, place.code, name, kept, done))
        for name in kept
    ]
    for process in processes:
        process.start()
    deadline = time.monotonic() + PATIENCE
    while min(count.value for count in kept.values()) < ENOUGH:
        assert time.monotonic() < deadline, {name: n.value for name, n in kept.items()}
        time.sleep(0.02)
    done.set()
    for process in processes:
        process.join(PATIENCE)
        assert process.exitcode == 0
    total = sum(count.value for count in kept.values())
    assert hall.stored() == total
    assert hall.tally() == {"received": total, "stored": total}
    engine.dispose()
