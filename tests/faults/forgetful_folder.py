"""A file system in user space that keeps for certain only what was forced to it.

It stands over a folder. What programs write is read back by them at once, as from the memory
of an operating system, but reaches the folder only by fsync. At a cut the rest is lost
(`drop`), or a random part of its pages has happened to be written (`random`), in any order,
as disks do. The folder is then what a machine finds when the power is back.

Runs in a process of its own, started by `forgetful_disk`: orders come on the standard input.
"""

import errno
import os
import random
import stat
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mfusepy import FUSE

PAGE = 4096
ROOM = 1 << 30


@dataclass
class MemoryFile:
    """A file as programs see it, and which of its pages the disk does not have yet."""

    kept: Path
    content: bytearray
    pages: set[int] = field(default_factory=set)

    def write(self, piece: bytes, offset: int) -> None:
        """Take a piece into memory."""
        end = offset + len(piece)
        if end > len(self.content):
            self._touch(len(self.content), end)
            self.content.extend(bytes(end - len(self.content)))
        self.content[offset:end] = piece
        self._touch(offset, end)

    def truncate(self, length: int) -> None:
        """Change the length in memory."""
        before = len(self.content)
        self.content = self.content[:length].ljust(length, b"\0")
        self._touch(min(before, length), max(before, length))

    def keep(self) -> None:
        """Force everything to the disk."""
        if self.pages or not self.kept.exists():
            self._write_back(self.pages)
            os.truncate(self.kept, len(self.content))
            self.pages.clear()

    def keep_some(self, dice: random.Random) -> None:
        """Let some pages have reached the disk before the power went."""
        self._write_back({page for page in sorted(self.pages) if dice.random() < 0.5})

    def _touch(self, start: int, end: int) -> None:
        self.pages.update(range(start // PAGE, -(-end // PAGE)))

    def _write_back(self, pages: set[int]) -> None:
        self.kept.touch()
        with self.kept.open("r+b", buffering=0) as file:
            for page in sorted(pages):
                piece = self.content[page * PAGE : (page + 1) * PAGE]
                file.seek(page * PAGE)
                file.write(piece)


class ForgetfulFolder:
    """What the kernel asks of a file system, for one flat folder."""

    use_ns = True

    def __init__(self, folder: Path) -> None:
        self.turn = threading.RLock()
        self.is_cut = False
        self.folder = folder
        self.files = {
            path.name: MemoryFile(path, bytearray(path.read_bytes()))
            for path in folder.iterdir()
        }

    def cut(self, mode: str, seed: int) -> None:
        """From now on nothing reaches the folder any more."""
        dice = random.Random(seed)
        with self.turn:
            self.is_cut = True
            if mode == "random":
                for name in sorted(self.files):
                    self.files[name].keep_some(dice)

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        """Kind, size and owner."""
        whole = {"st_uid": os.getuid(), "st_gid": os.getgid(), "st_nlink": 1}
        if path == "/":
            return {**whole, "st_mode": stat.S_IFDIR | 0o700}
        size = len(self._file(path).content)
        return {**whole, "st_mode": stat.S_IFREG | 0o600, "st_size": size}

    def readdir(self, path: str, fh: int) -> list[str]:
        """The names in the folder."""
        return [".", "..", *self.files]

    def statfs(self, path: str) -> dict[str, int]:
        """Plenty of room."""
        blocks = ROOM // PAGE
        sizes = dict.fromkeys(("f_blocks", "f_bfree", "f_bavail"), blocks)
        return {"f_bsize": PAGE, "f_frsize": PAGE, "f_namemax": 255, **sizes}

    def create(self, path: str, mode: int, fi: object = None) -> int:
        """A new file, in memory only."""
        with self.turn:
            name = path.removeprefix("/")
            self.files[name] = MemoryFile(self.folder / name, bytearray())
        return 0

    def open(self, path: str, flags: int) -> int:
        """Nothing to do but to look whether it is there."""
        self._file(path)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """From memory."""
        with self.turn:
            return bytes(self._file(path).content[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        """Into memory."""
        with self.turn:
            self._file(path).write(data, offset)
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        """In memory."""
        with self.turn:
            self._file(path).truncate(length)
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        """What this returns from has happened; after a cut nothing does."""
        with self.turn:
            if self.is_cut:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            self._file(path).keep()
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        """Names are kept with their files."""
        return 0

    def unlink(self, path: str) -> int:
        """Forget a file, on the disk too unless the power is gone."""
        with self.turn:
            self._file(path)
            file = self.files.pop(path.removeprefix("/"))
            if not self.is_cut:
                file.kept.unlink(missing_ok=True)
        return 0

    def _file(self, path: str) -> MemoryFile:
        try:
            return self.files[path.removeprefix("/")]
        except KeyError:
            raise OSError(errno.ENOENT, path) from None


def _obey(folder: ForgetfulFolder, mount: str) -> None:
    """Cut the power when told to; the mount does not outlive whoever asked for it."""
    for line in sys.stdin:
        mode, seed = line.split()
        folder.cut(mode, int(seed))
        sys.stdout.write("cut\n")
        sys.stdout.flush()
    subprocess.run(["fusermount3", "-u", "-z", mount], check=False, stderr=subprocess.DEVNULL)


def main(kept: Path, mount: str) -> None:
    """Serve the file system until it is unmounted."""
    folder = ForgetfulFolder(kept)
    threading.Thread(target=_obey, args=(folder, mount), daemon=True).start()
    # One request at a time; the kernel remembers no names and sizes.
    fresh = {"attr_timeout": 0, "entry_timeout": 0, "negative_timeout": 0}
    FUSE(folder, mount, foreground=True, nothreads=True, **fresh)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
