"""Raked means with their errors for a hundred areas, beside R survey and svy.

    .venv/bin/python benchmarks/estimate.py [--rows 1000000 10000000] [--peers 100000]

Made-up answers (fixed seed) in 2,000 units of 50 strata with five margins (100 x 6 x 2 x 2 x 5
levels), a hundred areas and five-point items, in a Parquet file in a temporary folder. Each
size is reduced and estimated in a process of its own: raking to the five margins, then mean
and standard error of one item in each area, calibration counted. Making the file is not
counted; reading it is. `--items` asks how much each further item costs after the reduction.
The peers get the same rows in the same run; what is not installed is said.
"""

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import estimate_peers as peers
import numpy as np

UNITS, STRATA, AREAS, SEED = 2000, 50, 100, 20261122
SIZES = {"m1": AREAS, "m2": 6, "m3": 2, "m4": 2, "m5": 5}
CODES = [*SIZES, "unit", "domain"]


def main() -> None:
    """Print a line for each size, then the comparison with the peers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--items", type=int, default=10)
    parser.add_argument("--peers", type=int, nargs="*", default=[100_000])
    given = parser.parse_args()
    # As the platform starts: one thread for sums whose order must not vary.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{'answers':>12} {'seconds':>8} {'means':>7} {'peak MB':>8} {'µs/answer':>10}")
        for rows in given.rows:
            make_answers(folder, rows, items=1)
            found = alone(ours, folder, 1)
            show(rows, found)
        if given.items > 1:
            each_further_item(folder, min(given.rows or [1_000_000]), given.items)
        for rows in given.peers:
            beside_peers(folder, rows)


def each_further_item(folder: Path, rows: int, items: int) -> None:
    """How much one more item costs once the answers are reduced, and in the scan."""
    make_answers(folder, rows, items=items)
    one, many = alone(ours, folder, 1), alone(ours, folder, items)
    after = (many["means"] - one["means"]) / (items - 1)
    scan = (many["reduce"] - one["reduce"]) / (items - 1)
    print(f"each further item of {rows:,}: {after:.3f} s after the reduction", end="; ")
    print(f"{scan:.2f} s in its second pass, peak {many['peak_mb']:.0f} MB with {items}")


def beside_peers(folder: Path, rows: int) -> None:
    """The same answers through R survey and svy, where they can be had."""
    make_answers(folder, rows, items=1)
    mine = alone(ours, folder, 1)
    show(rows, mine)
    export_for_peers(folder)
    for name, run in (("R survey", peers.run_r), ("svy", peers.run_svy)):
        found = run(folder)
        if isinstance(found, str):
            print(f"{name}: {found}")
            continue
        seconds = sum(found["seconds"].values())
        ratio, memory = seconds / mine["total"], found["peak_mb"] / mine["peak_mb"]
        memory_text = f"{found['peak_mb']:.0f} MB ({memory:.1f} x)"
        print(f"{name}: {seconds:.1f} s ({ratio:.0f} x), {memory_text}")
        print(f"  largest relative distance from ours: {distances(mine, found)}")


def distances(mine: dict[str, Any], found: dict[str, Any]) -> str:
    """How far means and errors lie apart, at most."""
    pairs = [(mine["domains"][area], found["domains"][area]) for area in mine["domains"]]
    apart = [max(abs(b[k] / a[k] - 1) for a, b in pairs) for k in (0, 1)]
    return f"means {apart[0]:.1e}, errors {apart[1]:.1e}"


def show(rows: int, found: dict[str, Any]) -> None:
    """One line for one size."""
    per_answer = found["total"] / rows * 1e6
    print(
        f"{rows:12,} {found['total']:7.2f}s {found['means']:6.3f}s {found['peak_mb']:8.0f} "
        f"{per_answer:10.3f}"
    )


def alone(act: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
    """What an act finds in a fresh process, so that its peak of memory is its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(act, given)


def ours(folder: Path, items: int) -> dict[str, Any]:
    """The platform's own way, from the Parquet file to means and errors."""
    from app.documents.chunk_reader import read_chunks
    from app.stats.coding import CodedMargin, Coding
    from app.stats.families import means_of
    from app.stats.reduction import reduce_stream

    totals = json.loads((folder / "totals.json").read_text())
    names = [f"y{i}" for i in range(items)]
    coding = Coding(
        np.arange(UNITS) * STRATA // UNITS,
        tuple(CodedMargin(margin, totals[margin]) for margin in SIZES),
        AREAS,
        tuple(names),
        centre=dict.fromkeys(names, 3.0),
    )

    def stream() -> Iterator[dict[str, Any]]:
        yield from read_chunks(folder / "answers.parquet", [*CODES, "weight", *names])

    started = time.perf_counter()
    reduced = reduce_stream(stream, coding)
    reached = time.perf_counter()
    families = [means_of(reduced.frame, reduced.sums[name]) for name in names]
    ended = time.perf_counter()
    first = families[0]
    return {
        "reduce": reached - started,
        "means": ended - reached,
        "total": ended - started,
        "peak_mb": peers.peak(),
        "domains": {
            str(d): [float(first.value[d]), float(first.standard_error[d])]
            for d in range(AREAS)
        },
    }


def make_answers(folder: Path, rows: int, *, items: int) -> None:
    """Answers as Parquet, and population totals a little off their own weights."""

    def code(salt: int, size: int) -> str:
        return f"(hash(i * 31 + {SEED + salt}) % {size})"

    columns = [f"{code(1, UNITS)}::usmallint as unit", f"{code(2, AREAS)}::utinyint as domain"]
    columns += [
        f"{code(10 + k, size)}::utinyint as {name}"
        for k, (name, size) in enumerate(SIZES.items())
    ]
    columns.append(f"(1 + {code(3, 1000)} / 500.0)::float as weight")
    columns += [f"(1 + {code(100 + k, 5)})::utinyint as y{k}" for k in range(items)]
    file = folder / "answers.parquet"
    with duckdb.connect() as connection:
        question = f"select {', '.join(columns)} from range({rows}) t(i)"
        connection.execute(f"copy ({question}) to '{file}' (format parquet)")
    # Uneven by up to a tenth, so that raking has something to do.
    shares = {
        m: 1 + np.sin(np.arange(size) + k) / 10 for k, (m, size) in enumerate(SIZES.items())
    }
    totals = {
        name: {str(code): float(2 * rows * one / share.sum()) for code, one in enumerate(share)}
        for name, share in shares.items()
    }
    (folder / "totals.json").write_text(json.dumps(totals))


def export_for_peers(folder: Path) -> None:
    """The same rows as CSV and Parquet under the names that the peers read."""
    question = (
        f"select unit::integer * {STRATA} // {UNITS} as stratum, unit, {', '.join(SIZES)}, "
        f"domain, y0 as y, weight::double as w from '{folder / 'answers.parquet'}'"
    )
    with duckdb.connect() as connection:
        connection.execute(f"copy ({question}) to '{folder / 'peers.csv'}' (header)")
        connection.execute(
            f"copy ({question}) to '{folder / 'peers.parquet'}' (format parquet)"
        )


if __name__ == "__main__":
    main()
