"""The writer: one thread that keeps what arrives, in groups, and answers after the commit.

While one group is being forced to disk the next gathers; nobody waits for a timer. A group
is one transaction: an acknowledged answer is on disk, and where the commit fails, everyone
in it is told to send the same again, which is safe because the same is never kept twice.
The numbers of the day go into the same transaction and so agree with what is kept.
"""

import asyncio
import logging
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from queue import Empty, SimpleQueue

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from app.database.admission import Tally
from app.database.failures import has_room, is_beyond_trust, is_contention, is_gone
from app.errors import MinxinError, Overloaded
from app.workflow.admission import admit, day_of
from app.workflow.arrivals import Arrival, Outcome, Verdict
from app.workflow.places import Place

log = logging.getLogger(__name__)

MOST_WAITING = 4000
"""About a second of work: whoever comes then is asked to come again."""
MOST_AT_ONCE = 512
PAUSE_SECONDS = 1.0
"""So long the numbers of the day wait where no answer takes them along."""
RETRY_SECONDS = 5
ATTEMPTS_ALONE = 5
UNFIT = (MinxinError, ValueError, TypeError)
"""What one arrival may raise that cannot be kept; the others of its group can."""

Waiting = tuple[Arrival, "asyncio.Future[Outcome]"]
Act = Callable[[Sequence[Arrival], Mapping[Tally, int]], Sequence[Outcome]]


class Collector:
    """Keeps arrivals in groups, from the first one until `stop`."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self.act: Act = lambda arrivals, counted: keep_group(engine, arrivals, counted, clock())
        self.groups = 0
        """How many groups of arrivals were committed."""
        self.last_size, self.last_seconds = 0, 0.0
        """Of the group that was committed last."""
        self._clock = clock
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._counted: Counter[Tally] = Counter()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to take arrivals; a second call changes nothing."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="collector", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """Keep what is waiting, then end; waits for it."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    async def keep(self, arrival: Arrival) -> Verdict:
        """Admit one arrival; returns after the commit, or raises why it was refused."""
        if self._thread is None:
            self.start()
        if self._queue.qsize() >= MOST_WAITING:
            self.count(arrival.place, "received", "refused_overloaded")
            raise Overloaded(RETRY_SECONDS)
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.put((arrival, future))
        outcome = await future
        if isinstance(outcome, MinxinError):
            raise outcome
        return outcome

    def count(self, place: Place, *counters: str) -> None:
        """Add one to numbers of the day; they are kept with the next group."""
        here = place.round_id, place.point.code, day_of(place, self._clock())
        if self._thread is None:
            self.start()
        with self._lock:
            for counter in counters:
                self._counted[*here, counter] += 1

    @property
    def waiting(self) -> int:
        """How many arrivals wait for their commit."""
        return self._queue.qsize()

    def _work(self) -> None:
        is_last = False
        while not is_last:
            group, is_last = self._gather()
            with self._lock:
                counted, self._counted = self._counted, Counter()
            if group or counted:
                self._keep(group, counted)

    def _gather(self) -> tuple[list[Waiting], bool]:
        """Everything that has come in meanwhile, and whether it is time to end."""
        group: list[Waiting] = []
        try:
            one = self._queue.get(timeout=PAUSE_SECONDS)
            while one is not None:
                group.append(one)
                if len(group) == MOST_AT_ONCE:
                    return group, False
                one = self._queue.get_nowait()
        except Empty:
            return group, False
        return group, True

    def _keep(self, group: Sequence[Waiting], counted: Counter[Tally]) -> None:
        arrivals = [arrival for arrival, _ in group]
        began = time.perf_counter()
        try:
            outcomes = self.act(arrivals, counted)
            if group:
                self.groups += 1
                self.last_size = len(group)
                self.last_seconds = time.perf_counter() - began
        except Exception as error:  # noqa: BLE001 - the loop of a worker
            # Whatever it was: nobody may wait for ever, and the next group must be kept.
            with self._lock:
                self._counted.update(counted)
            outcomes = [Overloaded(RETRY_SECONDS)] * len(group)
            _report(error)
        for arrival, outcome in zip(arrivals, outcomes, strict=True):
            if isinstance(outcome, Overloaded):
                self.count(arrival.place, "received", "refused_overloaded")
        _deliver(group, outcomes)


def keep_group(
    engine: Engine, arrivals: Sequence[Arrival], counted: Mapping[Tally, int], now: datetime
) -> Sequence[Outcome]:
    """Admit a group in one transaction; one outcome for each.

    Where another group took the same key at the same moment, or one of them cannot be kept,
    each comes again by itself.
    Where the database went away, before or after the commit, all come again: the same is
    never kept twice. Raises Overloaded without room, and what the database raised.
    """
    if not has_room(engine):
        raise Overloaded(RETRY_SECONDS)
    try:
        return _keep(engine, arrivals, counted, now)
    except DBAPIError as error:
        if is_gone(error):
            engine.dispose()
            return _keep(engine, arrivals, counted, now)
        # Held by somebody, or full: nothing of it would go better one by one.
        if isinstance(error, OperationalError):
            raise
    except UNFIT:
        pass
    _keep(engine, [], counted, now)
    return [_keep_alone(engine, arrival, now) for arrival in arrivals]


def _keep(
    engine: Engine, arrivals: Sequence[Arrival], counted: Mapping[Tally, int], now: datetime
) -> Sequence[Outcome]:
    with engine.begin() as connection:
        return admit(connection, arrivals, now=now, counted=counted)


def _keep_alone(engine: Engine, arrival: Arrival, now: datetime) -> Outcome:
    for _ in range(ATTEMPTS_ALONE):
        try:
            return _keep(engine, [arrival], {}, now)[0]
        except DBAPIError as error:
            if not is_contention(error):
                _report(error)
                break
        except UNFIT as error:
            _report(error)
            break
    return Overloaded(RETRY_SECONDS)


def _report(error: Exception) -> None:
    # What it says may quote an answer: only its kind is logged.
    log.error("answers were not kept: %s", type(error).__name__)
    if isinstance(error, DBAPIError) and is_beyond_trust(error):
        log.critical("the disk failed; this process ends so that the next reads what is there")
        os.kill(os.getpid(), signal.SIGTERM)


def _deliver(group: Sequence[Waiting], outcomes: Sequence[Outcome]) -> None:
    """Wake everybody who waits; once for each event loop, which is one in a server."""
    decided = list(zip((future for _, future in group), outcomes, strict=True))
    for loop in {future.get_loop() for future, _ in decided}:
        here = [(future, one) for future, one in decided if future.get_loop() is loop]
        # A loop that was closed meanwhile has nobody left who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_answer, here)


def _answer(decided: Sequence[tuple["asyncio.Future[Outcome]", Outcome]]) -> None:
    for future, outcome in decided:
        if not future.done():
            future.set_result(outcome)
