"""A disk of its own, small enough to be filled up in a moment, and emptied again."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

MISSING = (
    "A small disk of its own (tmpfs) cannot be mounted here: {reason}. Mounting needs root:"
    " run these tests as root, or leave them out with -m 'not faults'."
)
CHUNK = b"\0" * 65536


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A mounted disk of a few megabytes."""

    folder: Path

    def fill(self) -> None:
        """Take every byte that is left, and go on until nothing is."""
        with self._ballast.open("ab", buffering=0) as ballast:
            for size in (len(CHUNK), 4096, 1):
                _write_until_refused(ballast.fileno(), CHUNK[:size])

    def make_room(self) -> None:
        """Give back what `fill` took."""
        self._ballast.unlink()

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


def _write_until_refused(file: int, chunk: bytes) -> None:
    try:
        while os.write(file, chunk):
            pass
    except OSError:
        return


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a disk at `folder`; fails with what is missing where that cannot be done."""
    folder.mkdir()
    program = shutil.which("mount")
    if os.geteuid() != 0 or program is None:
        reason = "the user is not root" if program else "the program mount is missing"
        pytest.fail(MISSING.format(reason=reason), pytrace=False)
    options = f"size={megabytes}m,mode=0700"
    mounted = subprocess.run(
        [program, "-t", "tmpfs", "-o", options, "minxin-small-disk", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.fail(MISSING.format(reason=mounted.stderr.strip()), pytrace=False)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
