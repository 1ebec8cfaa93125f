"""What an error of the database means for the act it broke, and whether there is room."""

import os
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

LEAST_FREE_SHARE = 0.05
ENOUGH_FREE_BYTES = 256 * 1024 * 1024
"""Nothing is taken in below a twentieth of the disk or this much, whichever is less."""

CONTENTION = {"40001", "40P01"}
"""PostgreSQL: undone in favour of another transaction."""
HELD = "55P03"
"""PostgreSQL: somebody else has the table."""
STOPPED = {"57P01", "57P02", "57P03"}
"""PostgreSQL: shut down, crashed, or starting."""


def has_room(engine: Engine) -> bool:
    """Whether the disk of an embedded database has room; a server looks after its own."""
    file = database_file(engine)
    if file is None:
        return True
    disk = os.statvfs(file.parent)
    free, size = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    return free >= min(LEAST_FREE_SHARE * size, ENOUGH_FREE_BYTES)


def database_file(engine: Engine) -> Path | None:
    """The file of an embedded database; None for a server or a database in memory."""
    if engine.dialect.name != "sqlite" or engine.url.database in {None, "", ":memory:"}:
        return None
    return Path(engine.url.database or "")


def is_contention(error: DBAPIError) -> bool:
    """Whether another act came between: the same again may well succeed."""
    return isinstance(error, IntegrityError) or _state(error) in CONTENTION


def is_held(error: Exception) -> bool:
    """Whether, as the driver says, somebody had it for longer than one could wait."""
    locked = "database is locked" in str(error) or "database table is locked" in str(error)
    return isinstance(error, TimeoutError) or _reported(error) == HELD or locked


def is_gone(error: DBAPIError) -> bool:
    """Whether the server went away; what it was doing may be done or not."""
    return error.connection_invalidated or _state(error) in STOPPED


def is_beyond_trust(error: DBAPIError) -> bool:
    """Whether the disk failed under an embedded database.

    What the system still holds in memory after that need not be what is on the disk: the
    process has to end, and the next one reads what is really there.
    """
    return "disk I/O error" in str(error.orig)


def _state(error: DBAPIError) -> str:
    """The five-character code by which PostgreSQL names what happened; empty on SQLite."""
    return _reported(error.orig)


def _reported(error: BaseException | None) -> str:
    report = next(iter(getattr(error, "args", ())), None)
    return str(report.get("C", "")) if isinstance(report, dict) else ""
