"""Servers as processes of their own: started, kept to their processors, and watched.

Processor time is what the kernel counted for every process of a server, PostgreSQL's
included; the load of others is what the machine worked beyond that and beyond the generator.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage import PATIENCE, free_port

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
GENERATOR_CPU = 1
BUSY_COLUMNS = (0, 1, 2, 5, 6, 7)
"""user, nice, system, irq, softirq, steal of the first line of /proc/stat."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the processes whose time it costs."""

    port: int
    roots: tuple[int, ...]
    """Its own first process and, for PostgreSQL, the database's."""

    def cpu_seconds(self) -> float:
        """Processor seconds of all its processes so far, those that ended included."""
        return sum(tree_seconds(root) for root in self.roots)

    def resident_bytes(self) -> int:
        """Memory of the server's own processes, without the database's."""
        pages = 0
        for pid in descendants(self.roots[0]):
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * PAGE_BYTES


@dataclass(frozen=True, slots=True)
class Program:
    """What is started: a command with {port} in it, on these processors."""

    command: tuple[str, ...]
    cpus: frozenset[int]
    environment: dict[str, str]


def uvicorn_program(application: str, cpus: frozenset[int], **environment: str) -> Program:
    """A module of this folder under the server that the platform itself uses."""
    command = (
        *(sys.executable, "-m", "uvicorn", application, "--app-dir", str(HERE)),
        *("--port", "{port}", "--no-access-log", "--no-server-header"),
        *("--log-level", "warning"),
    )
    if application.endswith(":from_environment"):
        command = (*command, "--factory")
    return Program(command, cpus, environment)


def minxin_program(workers: int, cpus: frozenset[int], **environment: str) -> Program:
    """The platform as an operator starts it."""
    command = (
        *(sys.executable, "-m", "app", "serve", "--port", "{port}"),
        *("--workers", str(workers)),
    )
    return Program(command, cpus, environment)


@contextmanager
def served(program: Program, postmaster: int | None = None) -> Iterator[Server]:
    """The program as a running server that answers; stopped afterwards."""
    port = free_port()
    command = [part.format(port=port) for part in program.command]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command],
            env={**os.environ, "PYTHONPATH": str(HERE.parent), **program.environment},
            stdout=log,
            stderr=log,
            cwd=HERE.parent,
            preexec_fn=lambda: os.sched_setaffinity(0, program.cpus),
        )
        try:
            await_answer(port, process, log)
            roots = (process.pid,) if postmaster is None else (process.pid, postmaster)
            yield Server(port, roots)
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_answer(port: int, process: "subprocess.Popen[bytes]", log: Any) -> None:
    """Wait until the server answers anything."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                told = log.read().decode(errors="replace")[-3000:]
                raise SystemExit(f"A server did not start:\n{told}") from None
            time.sleep(0.05)
        else:
            return


@dataclass(frozen=True, slots=True)
class Measured:
    """What a load did and what it cost."""

    figures: dict[str, Any]
    """The generator's report."""
    micros: float
    """Processor microseconds of the server for each visit."""
    foreign: float
    """Processors that others kept busy meanwhile."""


def measure(server: Server, **job: Any) -> Measured:
    """Load a server from a process of its own; the words of a job are those of `load.Job`."""
    told = {"port": server.port, "cpu": GENERATOR_CPU, "rate": None, **job}
    cpu, busy, own = server.cpu_seconds(), busy_seconds(), time.process_time()
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, HERE / "load.py"],
        input=json.dumps(told).encode(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=told["seconds"] + PATIENCE,
    )
    figures = json.loads(done.stdout)
    spent = server.cpu_seconds() - cpu
    known = spent + figures["own_cpu"] + time.process_time() - own
    foreign = (busy_seconds() - busy - known) / (time.monotonic() - started)
    visits = figures["replies"] / (2 if told["kind"] == "respondent" else 1)
    return Measured(figures, spent / max(visits, 1) * 1e6, max(foreign, 0.0))


def busy_seconds() -> float:
    """Seconds that all processors of the machine have worked, or were taken away."""
    columns = Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    return sum(int(columns[i]) for i in BUSY_COLUMNS) / TICKS


def tree_seconds(root: int) -> float:
    """Processor seconds of a process and all below it."""
    total = 0.0
    for pid in descendants(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += sum(int(ticks) for ticks in fields[11:15]) / TICKS
    return total


def descendants(root: int) -> list[int]:
    """A process and all below it."""
    found = [root]
    for pid in found:
        try:
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
        except FileNotFoundError:
            continue
        for task in tasks:
            try:
                found += [int(child) for child in (task / "children").read_text().split()]
            except FileNotFoundError:
                continue
    return found


SLOW_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
static void linger(void) {
    const char *told = getenv("SLOW_DISK_MS");
    long ms = told ? atol(told) : 0;
    struct timespec pause = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&pause, NULL);
}
int fsync(int file) {
    linger();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}
int fdatasync(int file) {
    linger();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file);
}
"""


def slow_disk(folder: Path, milliseconds: int) -> dict[str, str] | None:
    """Variables under which every fsync of a process takes longer; None without a compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    source, library = folder / "slow_disk.c", folder / "slow_disk.so"
    source.write_text(SLOW_DISK)
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", source, "-o", library, "-ldl"], check=True
    )
    return {"LD_PRELOAD": str(library), "SLOW_DISK_MS": str(milliseconds)}
