"""Whose turn it is to write to an embedded database, among all processes of a machine.

SQLite has one writer too, but lets the others ask again and again with growing pauses: under
load some wait a hundred times longer than others. Here they wait in the system's queue for
a lock on a file beside the database, and the next one is woken at once. A process that dies
gives its turn back.
"""

import os
from typing import Any

try:
    import fcntl
except ImportError:  # not a Unix: SQLite's own waiting has to do
    fcntl = None  # type: ignore[assignment]


def one_writer(connection: type[Any], file: str) -> type[Any]:
    """The driver's connection class, with turns taken by a lock on `file`."""

    class Turned(connection):  # type: ignore[misc]
        """A connection that gives its turn back when its transaction ends."""

        _turn: int | None = None

        def take_turn(self) -> None:
            """Wait until no other transaction writes; held until commit or rollback."""
            if fcntl is not None and self._turn is None:
                turn = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    fcntl.flock(turn, fcntl.LOCK_EX)
                except OSError:
                    os.close(turn)
                    raise
                self._turn = turn

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
