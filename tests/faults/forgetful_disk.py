"""A disk whose power can be cut: `forgetful_folder` as a harness sees it."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from pathlib import Path
from typing import Literal

import pytest

from tests.world import PROJECT

MISSING = (
    "A file system in user space cannot be mounted here: {reason}. It needs Linux with"
    " /dev/fuse, and on Debian or Ubuntu: apt-get install fuse3. Or leave these tests out"
    " with -m 'not faults'."
)
PATIENCE = 30.0

CutMode = Literal["drop", "random"]


class ForgetfulDisk:
    """The file system's process, seen from outside."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def cut(self, mode: CutMode, *, seed: int) -> None:
        """Cut the power; has happened when this returns."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{mode} {seed}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "cut\n", "the file system has ended"


@contextmanager
def forgetful_disk(kept: Path, mount: Path) -> Iterator[ForgetfulDisk]:
    """Mount the folder `kept` at `mount`; fails with what is missing where it cannot be."""
    _require_fuse()
    mount.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.faults.forgetful_folder", str(kept), str(mount)]
    process = subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        _await_mount(process, mount)
        yield ForgetfulDisk(process)
    finally:
        _unmount(mount)
        process.communicate(timeout=PATIENCE)


def _require_fuse() -> None:
    reasons = {
        "/dev/fuse is missing": Path("/dev/fuse").exists(),
        "the program fusermount3 is missing": shutil.which("fusermount3") is not None,
        "the library libfuse3 is missing": find_library("fuse3") is not None,
    }
    if missing := [reason for reason, is_there in reasons.items() if not is_there]:
        pytest.fail(MISSING.format(reason=", ".join(missing)), pytrace=False)


def _await_mount(process: "subprocess.Popen[str]", mount: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not mount.is_mount():
        if process.poll() is not None or time.monotonic() > deadline:
            reason = "mounting was refused; the captured output says why"
            pytest.fail(MISSING.format(reason=reason), pytrace=False)
        time.sleep(0.01)


def _unmount(mount: Path) -> None:
    subprocess.run(
        ["fusermount3", "-u", "-z", str(mount)], check=False, stderr=subprocess.DEVNULL
    )
