"""Where codes lead, kept in memory for as long as no act was recorded since.

Opening, closing, withdrawing: every act moves one counter in its own transaction. Before
what is kept is trusted, the counter is asked, at most every few milliseconds and once for
everybody who asks at that time. So a close is seen by every process at once, and under load
hardly anybody waits for the database. That an answer is still admitted is decided elsewhere,
in the transaction that keeps it.
"""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from app.database.engine import Sessions
from app.database.rounds import acts_so_far
from app.workflow.fieldwork import ReceiptState, find_uncounted, uncounted_rounds
from app.workflow.places import Place, find_place

TRUSTED_SECONDS = 0.02
"""So long nobody asks again."""
MOST_PLACES = 10_000


class Lookup:
    """The places of one process; used by one event loop at a time."""

    def __init__(self, reading: Sessions) -> None:
        self._reading = reading
        self._asking = ThreadPoolExecutor(1, "lookup")
        self._places: dict[str, Place] = {}
        self._acts = -1
        self._asked_at = float("-inf")
        self._look: asyncio.Future[None] | None = None
        self._uncounted: Mapping[int, ReceiptState] | None = None
        self._loads: dict[str, asyncio.Future[Place]] = {}
        """What is being looked up at this moment, once for everybody who asks for it."""

    async def find(self, code: str) -> Place:
        """The place a sound code leads to; NotFound, or what the database raised."""
        await self._trust()
        place = self._places.get(code)
        return place if place is not None else await self._load(code)

    async def receipt(self, number: str) -> ReceiptState | None:
        """What a receipt says while nothing was computed of its round; None otherwise."""
        await self._trust()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._asking, self._find_receipt, number)

    def has(self, code: str) -> bool:
        """Whether it is a code that was looked up before."""
        return code in self._places

    def close(self) -> None:
        """End its thread."""
        self._asking.shutdown()

    async def _trust(self) -> None:
        arrived = time.monotonic()
        # A look that began long before does not know what happened since.
        while self._asked_at < arrived - TRUSTED_SECONDS:
            await self._refresh()

    async def _refresh(self) -> None:
        if self._look is None or self._look.get_loop() is not asyncio.get_running_loop():
            self._look = asyncio.ensure_future(self._ask())
        # Somebody who goes away does not take the answer from the others.
        await asyncio.shield(self._look)

    async def _ask(self) -> None:
        began, loop = time.monotonic(), asyncio.get_running_loop()
        try:
            acts = await loop.run_in_executor(self._asking, self._count_acts)
        finally:
            self._look = None
        if acts != self._acts:
            self._places.clear()
            self._loads.clear()
            self._uncounted = None
            self._acts = acts
        self._asked_at = began

    async def _load(self, code: str) -> Place:
        loop, acts = asyncio.get_running_loop(), self._acts
        load = self._loads.get(code)
        if load is None or load.done() or load.get_loop() is not loop:
            load = loop.run_in_executor(self._asking, self._find, code)
            self._loads[code] = load
        try:
            place = await asyncio.shield(load)
        finally:
            self._loads.pop(code, None)
        # An act that came meanwhile may have made it out of date.
        if acts == self._acts and len(self._places) < MOST_PLACES:
            self._places[code] = place
        return place

    def _count_acts(self) -> int:
        with self._reading() as session:
            return acts_so_far(session)

    def _find_receipt(self, number: str) -> ReceiptState | None:
        with self._reading() as session:
            rounds = self._uncounted
            if rounds is None:
                rounds = self._uncounted = uncounted_rounds(session)
            return find_uncounted(session, number, rounds)

    def _find(self, code: str) -> Place:
        with self._reading() as session:
            return find_place(session, code)
