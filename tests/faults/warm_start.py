"""Starts servers in a moment: a process that has imported everything and only forks.

Importing takes a second or two, and a harness kills a server many times. What is started
here are real processes with the product in them, each born by a fork and killed as a whole.
Run by `server_process`, which says `start` and `kill` on the standard input.
"""

import gc
import importlib
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn


def main(application: str, workers: int, port: int, log: Path) -> None:
    """Obey until the input ends; the servers do not outlive this process."""
    importlib.import_module(application.partition(":")[0])
    gc.freeze()
    running: list[int] = []
    for line in sys.stdin:
        if line == "start\n":
            running = _start(application, workers, port, log)
        else:
            _kill(running)
            running = []
        sys.stdout.write("done\n")
        sys.stdout.flush()
    _kill(running)


def _start(application: str, workers: int, port: int, log: Path) -> list[int]:
    """Fork `workers` servers on one socket, as uvicorn does with several workers."""
    listener = socket.create_server(("127.0.0.1", port), backlog=2048)
    pids: list[int] = []
    for _ in range(workers):
        pid = os.fork()
        if pid == 0:
            _become_server(application, listener, log)
        pids.append(pid)
    listener.close()
    return pids


def _become_server(application: str, listener: socket.socket, log: Path) -> None:
    with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
        for number, file in ((0, nothing), (1, output), (2, output)):
            os.dup2(file.fileno(), number)
    # As in `minxin serve`.
    config = uvicorn.Config(
        application,
        factory=True,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="warning",
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        os._exit(1)  # nothing of the parent may run here


def _kill(pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid in pids:
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
