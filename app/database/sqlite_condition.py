"""The condition of an embedded database: its file, the disk below it, how SQLite runs on it."""

import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.database.engine import sqlite_library
from app.database.failures import ENOUGH_FREE_BYTES, LEAST_FREE_SHARE
from app.database.findings import Finding, ok, warning, wrong

MOUNTS = Path("/proc/mounts")
NETWORKED = frozenset(
    """
    9p afs beegfs ceph cifs davfs fuse.ceph fuse.glusterfs fuse.rclone fuse.s3fs fuse.sshfs
    fuse.vmhgfs-fuse glusterfs gpfs lustre ncpfs nfs nfs4 orangefs smb3 smbfs vboxsf
    """.split()  # noqa: SIM905 - read as prose
)
IN_MEMORY = {"tmpfs", "ramfs"}
TRIALS = 20
IMPOSSIBLY_FAST = 20e-6
"""Seconds; no disk and no flash answers sooner, only a cache that may lose it."""
SLOW = 50e-3
DAMAGED = "Stop the server, keep the file, and restore the newest backup that is whole."


def examine_place(file: Path) -> Iterator[Finding]:
    """The file, if it is there, its folder, and the disk that they are on."""
    folder = file.resolve().parent
    yield ok("SQLite library", f"{sqlite_library().sqlite_version}.")
    if not folder.is_dir():
        yield wrong("folder", f"{folder} is not there.", "Make it, or name another file.")
        return
    mounts = MOUNTS.read_text(encoding="utf-8") if MOUNTS.exists() else ""
    yield examine_file_system(folder, mounts)
    yield examine_access(file)
    yield examine_secrecy(file)
    disk = os.statvfs(folder)
    yield examine_room(disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize)
    try:
        yield examine_forcing(measure_forcing(folder))
    except OSError as error:
        cure = "Make room, and let the user of the server write there."
        yield wrong("forcing to disk", f"{folder} cannot be written: {error.strerror}.", cure)


def examine_file_system(folder: Path, mounts: str) -> Finding:
    """Whether the folder is on a disk of this machine; `mounts` is the text of /proc/mounts."""
    kind = _file_system(folder, mounts)
    if kind in NETWORKED:
        cure = "Put the file on a disk of this machine, or use PostgreSQL."
        found = f"{kind}, over a network: its locks and forced writes cannot be trusted."
        return wrong("file system", found, cure)
    if kind in IN_MEMORY:
        cure = "Put the file on a disk."
        return wrong("file system", f"{kind}: gone when the machine restarts.", cure)
    if kind == "overlay":
        cure = "Put the file on a volume."
        return warning("file system", "overlay: gone when the container is replaced.", cure)
    return ok("file system", f"{kind or 'unknown to this program'}.")


def _file_system(folder: Path, mounts: str) -> str:
    """The kind of the file system that was mounted last, nearest above the folder."""
    nearest, kind = -1, ""
    for line in mounts.splitlines():
        _, where, found, *_ = line.split(" ")
        point = Path(re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), where))
        if folder.is_relative_to(point) and len(point.parts) >= nearest:
            nearest, kind = len(point.parts), found
    return kind


def examine_access(file: Path) -> Finding:
    """Whether the file and its folder, where the log of writes lies, can be written."""
    closed = [path for path in (file, file.parent) if not _is_writable(path)]
    if not closed:
        return ok("access", f"{file} can be written.")
    found = f"{' and '.join(map(str, closed))} cannot be written by this user."
    return wrong("access", found, "Make the server's user their owner (chown).")


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) or not path.exists()


def examine_secrecy(path: Path, subject: str = "secrecy") -> Finding:
    """Whether other users of this machine can read a file or folder of answers."""
    place = path.resolve()
    is_open = all(_mode(folder) & stat.S_IXOTH for folder in place.parents)
    if is_open and _mode(place) & stat.S_IROTH:
        cure = f"chmod 700 {place if place.is_dir() else place.parent}"
        return warning(subject, f"Every user of this machine can read {place}.", cure)
    return ok(subject, f"No other user of this machine can read {place}.")


def _mode(path: Path) -> int:
    """What the owner, the group and others may do; nothing where that cannot be seen."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def examine_room(free: int, size: int) -> Finding:
    """Whether the disk has room, in bytes; below a limit the server takes in no answers."""
    least = min(LEAST_FREE_SHARE * size, ENOUGH_FREE_BYTES)
    found = f"{_megabytes(free)} of {_megabytes(size)} are free."
    cure = "Make room, or move the database to a larger disk."
    if free < least:
        return wrong("room", f"{found} Below {_megabytes(least)} no answer is taken in.", cure)
    if free < 2 * least:
        return warning("room", f"{found} Below {_megabytes(least)} answers are refused.", cure)
    return ok("room", found)


def _megabytes(count: float) -> str:
    return f"{count / 2**20:,.0f} MiB"


def measure_forcing(folder: Path) -> float:
    """Seconds that forcing a page to the disk takes: the median of a few trials."""
    took = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(TRIALS):
            file.write(bytes(4096))
            began = perf_counter()
            os.fsync(file.fileno())
            took.append(perf_counter() - began)
    return median(took)


def examine_forcing(seconds: float) -> Finding:
    """Whether a forced write can have reached a disk, and soon enough."""
    found = f"{seconds * 1000:.2f} ms each time (median of {TRIALS})."
    if seconds < IMPOSSIBLY_FAST:
        cure = "Make sure that neither the file system nor the host ignores forced writes."
        return warning("forcing to disk", f"{found} No disk is that fast.", cure)
    if seconds > SLOW:
        cure = "Use a faster disk: so long every group of answers waits."
        return warning("forcing to disk", f"{found} That is slow.", cure)
    return ok("forcing to disk", found)


def _keeping(connection: Connection) -> Finding:
    """How the connections that the program makes keep a commit."""
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    level = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    found = f"journal_mode={mode}, synchronous={level}."
    if (mode, level) == ("wal", 2):
        return ok("keeping", f"{found} A commit is on the disk before it is acknowledged.")
    cure = "Put the file where SQLite can use WAL: a disk of this machine that can be written."
    return wrong("keeping", f"{found} wal and 2 are needed.", cure)


def _soundness(connection: Connection) -> Finding:
    try:
        found = connection.exec_driver_sql("PRAGMA quick_check(10)").scalars().all()
    except DBAPIError:
        found = ["it cannot be read through"]
    if found == ["ok"]:
        return ok("soundness", "SQLite finds no damage in the file.")
    return wrong("soundness", f"The file is damaged: {'; '.join(found)}.", DAMAGED)


SQLITE_CHECKS: tuple[Callable[[Connection], Finding], ...] = (_keeping, _soundness)
