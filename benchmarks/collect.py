"""How many answers are kept a second, at what cost, against the usual design in one run.

    .venv/bin/python benchmarks/collect.py                    everything, five rounds
    .venv/bin/python benchmarks/collect.py --quick            one short round, to try
    .venv/bin/python benchmarks/collect.py --variants a,b,d   some variants only
    .venv/bin/python benchmarks/collect.py --sustain 600 --rate 500 [--variants b]

It starts everything itself: databases, servers, PostgreSQL, and a load generator on a
processor of its own. Variants take turns within each round, so that what the machine does
besides falls on all of them. One-worker servers have processor 0 and the generator processor
1; two workers and PostgreSQL use both. After each sample the responses in the database are
counted against the receipts that were given.

Phases: `page` is the GET of the questionnaire; `submission` the POST of 26 items; `respondent`
the page and then the submission on one connection; `half` submissions falling due by the
clock at half the rate that the variant itself has just reached; `usual` and `slow`
submissions over 256 connections, without and with 10 ms added to every fsync.

It judges no time by itself: the last table says which of the project's promises were met.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from processes import Measured, Server, measure, served, slow_disk, uvicorn_program
from storage import Storage, kept_responses, prepared_storage
from sustained import sustain
from variants import FIRST_CPU, TARGETS, VARIANTS, Target, Variant

CONNECTIONS = 64
MANY_CONNECTIONS = 256
SLOW_DISK_MS = 10
SLOW_VARIANTS = ("a", "b")
WARM_UP = 1.0
SEPARATOR = "/"
LEAST = 1e-9
"""Stands for a rate of zero in a ratio."""

Samples = dict[tuple[str, str], list[Measured]]
"""(variant, phase) → one measurement for each round."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What every sample needs."""

    storage: Storage
    seconds: float
    slow: dict[str, str] | None

    def load(self, server: Server, variant: Variant, kind: str, **job: Any) -> Measured:
        """One measurement of a running server."""
        wanted = {"seconds": self.seconds, "connections": CONNECTIONS, "seed": 1, **job}
        place = self.storage.place[variant.database]
        return measure(server, kind=kind, place=place, **wanted)


def main() -> None:
    """Run the benchmark as the command line asks."""
    asked = arguments()
    names = (asked.variants or ("b" if asked.sustain else ",".join(VARIANTS))).split(",")
    variants = [VARIANTS[name] for name in names]
    with_postgres = any(variant.database == "postgres" for variant in variants)
    with (
        tempfile.TemporaryDirectory(prefix="minxin-collect-") as name,
        prepared_storage(Path(name), with_postgres=with_postgres) as storage,
    ):
        slow = None if asked.sustain else slow_disk(Path(name), SLOW_DISK_MS)
        bench = Bench(storage, asked.seconds, slow)
        if asked.sustain:
            for variant in variants:
                sustain(storage, variant, seconds=asked.sustain, rate=asked.rate)
            return
        if slow is None:
            print("There is no C compiler: the slow disk is left out.")
        show_ceiling(bench)
        samples = run_rounds(bench, variants, asked.rounds)
    show_medians(samples)
    show_targets(samples)


def arguments() -> argparse.Namespace:
    """What was asked for; `--quick` shortens everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--variants", help=f"among {', '.join(VARIANTS)}")
    parser.add_argument("--sustain", type=float, help="seconds of steady load instead")
    parser.add_argument("--rate", type=float, default=500.0, help="answers a second then")
    asked = parser.parse_args()
    if asked.quick:
        asked.rounds, asked.seconds = 1, 1.5
    return asked


def show_ceiling(bench: Bench) -> None:
    """What the generator can do: the same load on an application that does nothing."""
    variant = VARIANTS["d"]
    with served(uvicorn_program("load:nothing", FIRST_CPU)) as server:
        for kind in ("page", "submission"):
            show_generator(kind, bench.load(server, variant, kind))


def run_rounds(bench: Bench, variants: list[Variant], rounds: int) -> Samples:
    """All phases of all variants, in turns."""
    samples: Samples = {}
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}")
        for variant in variants:
            for phase, sample in measured_phases(bench, variant):
                show(variant.name, phase, sample)
                samples.setdefault((variant.name, phase), []).append(sample)
    return samples


def measured_phases(bench: Bench, variant: Variant) -> Iterator[tuple[str, Measured]]:
    """The phases of one variant on a fresh database, and the slow disk on fresh ones."""
    with Running(bench, variant) as running:
        yield "page", running.load("page")
        running.load("submission", seconds=WARM_UP)
        for kind in ("submission", "respondent"):
            sample = running.load(kind)
            yield kind, sample
            if kind == "submission":
                reached = sample.figures["rate"]
        yield "half", running.load("submission", rate=reached / 2)
    if variant.name not in SLOW_VARIANTS or bench.slow is None:
        return
    for phase, environment in (("usual", {}), ("slow", bench.slow)):
        with Running(bench, variant, **environment) as running:
            running.load("submission", seconds=WARM_UP)
            yield phase, running.load("submission", connections=MANY_CONNECTIONS)


class Running:
    """A variant served over a fresh database, warm; its receipts are counted at the end."""

    def __init__(self, bench: Bench, variant: Variant, **environment: str) -> None:
        self.bench, self.variant, self.environment = bench, variant, environment
        self.acknowledged, self.unsure = 0, 0
        self.seed = 0

    def __enter__(self) -> "Running":
        storage, database = self.bench.storage, self.variant.database
        self.copied = storage.copy(database)
        self.url = self.copied.__enter__()
        program = self.variant.program(self.url, **self.environment)
        postmaster = storage.postmaster if database == "postgres" else None
        self.serving = served(program, postmaster)
        self.server = self.serving.__enter__()
        # Every worker compiles each page once; which of them answers is chance.
        self.load("page", seconds=WARM_UP * 2 * self.variant.workers)
        return self

    def load(self, kind: str, **job: Any) -> Measured:
        """One measurement; the answers of each are others."""
        self.seed += 1
        sample = self.bench.load(self.server, self.variant, kind, seed=self.seed, **job)
        self.acknowledged += sample.figures["acknowledged"]
        self.unsure += sample.figures["broken"] + sample.figures["unanswered"]
        return sample

    def reconcile(self, kept: int) -> None:
        """Every receipt is a row, and every row a receipt or a reply that was lost."""
        if not self.acknowledged <= kept <= self.acknowledged + self.unsure:
            print(f"  {self.variant.name}: {self.acknowledged} receipts, but {kept} kept")

    def __exit__(self, *failure: object) -> None:
        self.serving.__exit__(None, None, None)
        if failure[0] is None and self.variant.stores:
            self.reconcile(kept_responses(self.url))
        self.copied.__exit__(None, None, None)


def show_generator(kind: str, sample: Measured) -> None:
    """What the generator itself costs: no figure above its own rate means anything."""
    show("generator", kind, sample)
    print(f"  {'':21}{sample.figures['own_micros']:9.0f} µs CPU of the generator itself")


def show(name: str, phase: str, sample: Measured) -> None:
    """One line for a measurement."""
    figures = sample.figures
    unwell = {k: figures[k] for k in ("broken", "unanswered") if figures[k]}
    print(
        f"  {name:10}{phase:11}{figures['rate']:9.0f}/s"
        f"  p50 {figures['p50']:7.2f}  p95 {figures['p95']:7.2f}  p99 {figures['p99']:8.2f}"
        f"  max {figures['max']:8.2f} ms  {sample.micros:6.0f} µs CPU"
        f"  foreign {sample.foreign:4.2f}  {figures['statuses']} {unwell or ''}",
        flush=True,
    )


def show_medians(samples: Samples) -> None:
    """The medians over the rounds as a table for the documentation."""
    print("\n| variant | phase | rate/s | p50 ms | p99 ms | CPU µs | foreign |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for (name, phase), found in samples.items():
        rate, p50, p99 = (median(s.figures[k] for s in found) for k in ("rate", "p50", "p99"))
        micros, foreign = median(s.micros for s in found), median(s.foreign for s in found)
        print(
            f"| {VARIANTS[name].title} | {phase} | {rate:,.0f} | {p50:.1f} | {p99:.1f} "
            f"| {micros:.0f} | {foreign:.2f} |"
        )


def show_targets(samples: Samples) -> None:
    """The promises beside what was found."""
    print("\n| promise | variant | target | found | |")
    print("|---|---|---:|---:|---|")
    for target in TARGETS:
        found = found_for(target, samples)
        if found is None:
            continue
        is_met = found >= target.bound if target.at_least else found <= target.bound
        sign = "≥" if target.at_least else "≤"
        print(
            f"| {target.words} | {VARIANTS[target.variant].title} | {sign} {target.bound:.3g} "
            f"| {found:.3g} | {'met' if is_met else 'MISSED'} |"
        )


def found_for(target: Target, samples: Samples) -> float | None:
    """The median over rounds of a figure or of its ratio within each round."""
    own = samples.get((target.variant, target.phase))
    if own is None:
        return None
    if target.against is None:
        return median(figure_of(sample, target.figure) for sample in own)
    name, _, phase = target.against.partition(SEPARATOR)
    other = samples.get((name, phase or target.phase))
    if other is None:
        return None
    return median(
        figure_of(mine, target.figure) / max(figure_of(theirs, target.figure), LEAST)
        for mine, theirs in zip(own, other, strict=True)
    )


def figure_of(sample: Measured, figure: str) -> float:
    """A figure of a measurement by its name."""
    return sample.micros if figure == "micros" else float(sample.figures[figure])


if __name__ == "__main__":
    sys.exit(main())
