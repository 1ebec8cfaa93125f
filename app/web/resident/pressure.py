"""How hard a place is pressed: counts in the memory of one process, for an hour at most.

Kept for each code, and for each network at a code under the hash that the caller made with
the round's key: no address comes in here. Both are leaky buckets: every submission fills
them, time drains them. A pressed place asks for proof of work (`work.py`) and nobody is
turned away; only what no hall of people can do is refused for a moment.

Each process counts for itself: behind several workers a place is pressed, and a network
refused, at up to as many times these figures. Not thread-safe: one event loop calls it.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

PRESSED_PER_MINUTE = 60
"""Submissions a minute at one code before it is pressed. Thirty windows behind one code, each
with somebody new every three minutes, make ten."""

NETWORK_PRESSED_PER_MINUTE = 20
"""The same for one network at one code. Somebody who is alone at it makes a few; a hall full
of people right after an announcement makes more, solves the work unseen, and loses nothing."""

REFUSED_PER_MINUTE = 600
"""Submissions a minute from one network at one code, and at once after a quiet minute, before
the next is refused. Two hundred people within two minutes make a hundred a minute, and a
gateway of a telephone company, behind which a whole town answers one code, a few hundred."""

CHALLENGED = 600.0
"""Seconds for which pages carry a challenge after a place was half way to being pressed:
somebody may look at a page for ten minutes, and must have been able to solve it by then."""

FORGOTTEN = 3600.0
"""Seconds without a submission after which nothing is known of a code or a network."""

SWEEP = 1.0
"""Seconds between two moments in which the old is dropped, while anybody comes: so often
that there is never much to drop at once."""

MOST_CODES = 10_000
MOST_NETWORKS = 40_000
"""Codes, and networks at a code, of which anything is known; the oldest give way."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one submission meets a place; `wait` is for a refused one, in whole seconds."""

    level: Literal["calm", "pressed", "refused"]
    wait: int = 0


CALM = Standing("calm")
PRESSED = Standing("pressed")


class _Bucket:
    """Leaks `a_minute` drops a minute, holds `most`; what does not fit is not poured."""

    __slots__ = ("_a_second", "_level", "_most", "at")

    def __init__(self, a_minute: int, most: int, now: float) -> None:
        self._a_second = a_minute / 60
        self._most = most
        self._level = 0.0
        self.at = now

    def pour(self, now: float) -> float:
        """The level with one drop more, in drops, whether that fits or not."""
        left = self._level - (now - self.at) * self._a_second
        level = left + 1.0 if left > 0.0 else 1.0
        self._level = level if level <= self._most else left
        self.at = now
        return level


class _Place:
    """A code: its bucket, and until when its pages carry a challenge."""

    __slots__ = ("bucket", "challenged")

    def __init__(self, now: float) -> None:
        # Twice the bound: pressure is over a minute after the last of a flood.
        self.bucket = _Bucket(PRESSED_PER_MINUTE, 2 * PRESSED_PER_MINUTE, now)
        self.challenged = -math.inf


class _Source:
    """A network at a code: one bucket tells pressed from calm, the other one refuses."""

    __slots__ = ("bucket", "flood")

    def __init__(self, now: float) -> None:
        most = 2 * NETWORK_PRESSED_PER_MINUTE
        self.bucket = _Bucket(NETWORK_PRESSED_PER_MINUTE, most, now)
        self.flood = _Bucket(REFUSED_PER_MINUTE, REFUSED_PER_MINUTE, now)


class Pressure:
    """What one process knows of the last hour; each `now` is of one monotonic clock."""

    def __init__(self) -> None:
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._sources: OrderedDict[tuple[str, str], _Source] = OrderedDict()
        self._swept = -math.inf

    def __len__(self) -> int:
        return len(self._places) + len(self._sources)

    def arrive(self, code: str, network: str, now: float) -> Standing:
        """Count one submission at a `code` that exists, from the keyed hash of a network.

        The hash is empty where the network is unknown: all those share one bucket.
        """
        if now - self._swept >= SWEEP:
            self.forget(now)
        place, source = self._place(code, now), self._source((code, network), now)
        crowd, share = place.bucket.pour(now), source.bucket.pour(now)
        if crowd > PRESSED_PER_MINUTE / 2 or share > NETWORK_PRESSED_PER_MINUTE / 2:
            place.challenged = now + CHALLENGED
        excess = source.flood.pour(now) - REFUSED_PER_MINUTE
        if excess > 0.0:
            return Standing("refused", math.ceil(excess / (REFUSED_PER_MINUTE / 60)))
        is_calm = crowd <= PRESSED_PER_MINUTE and share <= NETWORK_PRESSED_PER_MINUTE
        return CALM if is_calm else PRESSED

    def is_pressed(self, code: str, now: float) -> bool:
        """Whether a page of this code is to carry a challenge.

        It says so earlier and longer than `arrive`: who has the page must be able to have
        solved it when the place is pressed at the time of sending.
        """
        place = self._places.get(code)
        return place is not None and now < place.challenged

    def forget(self, now: float) -> None:
        """Drop what is older than an hour; `arrive` does so too, while anybody comes."""
        before = now - FORGOTTEN
        while self._places and next(iter(self._places.values())).bucket.at < before:
            self._places.popitem(last=False)
        while self._sources and next(iter(self._sources.values())).bucket.at < before:
            self._sources.popitem(last=False)
        self._swept = now

    def _place(self, code: str, now: float) -> _Place:
        place = self._places.get(code)
        if place is not None:
            self._places.move_to_end(code)
            return place
        if len(self._places) >= MOST_CODES:
            self._places.popitem(last=False)
        place = self._places[code] = _Place(now)
        return place

    def _source(self, key: tuple[str, str], now: float) -> _Source:
        source = self._sources.get(key)
        if source is not None:
            self._sources.move_to_end(key)
            return source
        if len(self._sources) >= MOST_NETWORKS:
            self._sources.popitem(last=False)
        source = self._sources[key] = _Source(now)
        return source
