"""Whose turn it is to write to an embedded database, among all processes of a machine.

SQLite has one writer too, but lets the others ask again and again with growing pauses: under
load some wait a hundred times longer than others. Here they ask for a lock on a file beside
the database every millisecond, all alike. A process that dies gives its turn back, and nobody
waits for ever for one that does not go on.
"""

import os
import time
from typing import Any

try:
    import fcntl
except ImportError:  # not a Unix: SQLite's own waiting has to do
    fcntl = None  # type: ignore[assignment]

PAUSE_SECONDS = 0.001


def one_writer(connection: type[Any], file: str) -> type[Any]:
    """The driver's connection class, with turns taken by a lock on `file`."""

    class Turned(connection):  # type: ignore[misc]
        """A connection that gives its turn back when its transaction ends."""

        _turn: int | None = None

        def take_turn(self, patience: float) -> None:
            """Wait until no other transaction writes; held until commit or rollback.

            Raises TimeoutError after `patience` seconds: somebody holds it and does not go on.
            """
            if fcntl is not None and self._turn is None:
                self._turn = _wait_for(file, patience)

        def commit(self) -> None:
            super().commit()
            self._give_back()

        def rollback(self) -> None:
            try:
                super().rollback()
            finally:
                self._give_back()

        def close(self) -> None:
            try:
                super().close()
            finally:
                self._give_back()

        def _give_back(self) -> None:
            if self._turn is not None:
                os.close(self._turn)
                self._turn = None

    return Turned


def _wait_for(path: str, patience: float) -> int:
    """The open file, once its lock was had."""
    turn = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience
    while not _is_locked(turn):
        if time.monotonic() > deadline:
            os.close(turn)
            raise TimeoutError("the turn to write did not come")
        time.sleep(PAUSE_SECONDS)
    return turn


def _is_locked(file: int) -> bool:
    """Take the lock of an open file, if nobody has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
