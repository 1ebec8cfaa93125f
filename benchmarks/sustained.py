"""A long steady load: latency, errors, and what it does to the server's memory."""

import threading

from processes import Measured, Server, measure, served
from storage import Storage, kept_responses
from variants import Variant

CONNECTIONS = 64
WATCH_EVERY = 60.0
MEGABYTE = 1024 * 1024


def sustain(storage: Storage, variant: Variant, *, seconds: float, rate: float) -> None:
    """Submissions at a fixed rate for a long time; memory is told from the first minute on."""
    postmaster = storage.postmaster if variant.database == "postgres" else None
    print(f"{variant.title}: {rate:.0f}/s for {seconds:.0f} s")
    with storage.copy(variant.database) as url:
        with served(variant.program(url), postmaster) as server:
            watch = MemoryWatch(server, min(WATCH_EVERY, seconds / 10))
            sample = measure(
                server,
                kind="submission",
                connections=CONNECTIONS,
                seconds=seconds,
                rate=rate,
                seed=1,
                place=storage.place[variant.database],
            )
            watch.stop()
        show(sample, watch.seen, kept_responses(url))


class MemoryWatch:
    """Notes the server's resident memory again and again, from the first pause on."""

    def __init__(self, server: Server, pause: float) -> None:
        self.server, self.pause = server, pause
        self.seen: list[int] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stopped.wait(self.pause):
            self.seen.append(self.server.resident_bytes())

    def stop(self) -> None:
        """Take a last note and end."""
        self._stopped.set()
        self._thread.join()
        self.seen.append(self.server.resident_bytes())


def show(sample: Measured, seen: list[int], kept: int) -> None:
    """Figures of the whole time."""
    figures = sample.figures
    print(
        f"  {figures['rate']:.1f}/s  p50 {figures['p50']:.2f}  p95 {figures['p95']:.2f}"
        f"  p99 {figures['p99']:.2f}  max {figures['max']:.1f} ms"
        f"  {sample.micros:.0f} µs CPU  foreign {sample.foreign:.2f}"
    )
    print(
        f"  statuses {figures['statuses']}, broken {figures['broken']},"
        f" unanswered {figures['unanswered']},"
        f" receipts {figures['acknowledged']}, kept {kept}"
    )
    shown = " ".join(f"{n / MEGABYTE:.1f}" for n in seen)
    growth = (seen[-1] - seen[0]) / MEGABYTE
    print(f"  resident MB by the minute: {shown}; growth {growth:+.1f}")
    wanted = {
        "p99 below 100 ms": figures["p99"] < 100,
        "no error": set(figures["statuses"]) == {"303"} and not figures["broken"],
        "every receipt kept": figures["acknowledged"] == kept,
        "growth below 50 MB": growth < 50,
    }
    for words, is_met in wanted.items():
        print(f"  {words}: {'met' if is_met else 'MISSED'}")
