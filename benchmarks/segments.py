"""What a segment costs to make, and how much faster it answers than the rows it is made from.

    .venv/bin/python benchmarks/segments.py [RESPONSES]

Simulated answers to the three-senses survey in a temporary SQLite file. The same questions
are asked of the JSON rows in SQLite and of the segment in the same run, by turns, median of
five: how many answered in each unit, and the sums of every rated item there. Seconds are
those of the processor, so that other work on the machine does not count. Memory is the peak
of a process that does nothing but make the segment.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, insert, text

from app.database.engine import make_engine, make_sessions, open_database
from app.database.rounds import FrozenRound, load_round
from app.database.tables import ResponseRow
from app.documents.segments import cells
from app.settings import HOME
from app.workflow.answer_export import export_answers
from app.workflow.compaction import compact
from app.workflow.fieldwork import close_round
from app.workflow.preparation import draft_round, open_round
from app.workflow.registry import load_registry, read_text

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
DEFINITIONS = HOME / "survey_defs"
CODE = "demo-senses"
REPEATS = 5
BATCH = 10_000
MOST_TO_EXPORT = 200_000


def main(size: int) -> None:
    """Print what making takes, and the two ways of asking beside each other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bench.sqlite3'}"
        frozen = fill(url, size)
        words = [sys.executable, __file__, "--make", url, str(folder / "segments")]
        made = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
        path = folder / "segments" / made["file"]
        print(f"{size:,} responses, {path.stat().st_size / size:.0f} bytes each in the segment")
        print(f"made in {made['seconds']:.2f} s: {size / made['seconds']:,.0f} rows/s")
        print(f"peak memory {made['peak']:.0f} MB, {made['before']:.0f} MB of it the program")
        compare(make_engine(url), path, frozen)
        if size <= MOST_TO_EXPORT:
            export(url, folder)


def fill(url: str, size: int) -> FrozenRound:
    """A round with so many random answers, written past the door for the sake of time."""
    chance = np.random.default_rng(1)
    with open_database(url).begin() as session:
        plan = read_text(DEFINITIONS / "plans" / "demo_senses.yaml")
        registry = load_registry(DEFINITIONS)
        row = open_round(
            session, draft_round(session, plan, source="", registry=registry, now=NOW), now=NOW
        )
        frozen = load_round(session, row)
        for start in range(0, size, BATCH):
            count = min(BATCH, size - start)
            session.execute(insert(ResponseRow), simulated(frozen, count, chance))
        close_round(session, row, now=NOW)
    return frozen


def simulated(
    frozen: FrozenRound, count: int, chance: np.random.Generator
) -> list[dict[str, object]]:
    """Rows of the response table, every item answered at random."""
    scales = {
        item.code: [option.code for option in scale.choices] or list(scale.codes)
        for item in frozen.survey.items.values()
        if item.kind in {"single", "number"} and (scale := frozen.survey.scale_of(item))
    }
    chosen = {code: chance.choice(codes, count).tolist() for code, codes in scales.items()}
    return [
        {
            "id": f"{frozen.id:08x}{chance.bytes(12).hex()}",
            "round_id": frozen.id,
            "unit": point.unit,
            "point": point.code,
            "evidence": "opt_in",
            "survey": frozen.survey.key,
            "channel": "simulated",
            "assurance": "open",
            "answers": {code: codes[i] for code, codes in chosen.items()},
            "background": {},
            "weight": None,
            "paradata": {
                "slot": "2026-11-22T08:35Z",
                "seconds": i % 600,
                "device": f"{i % 5:016x}",
                "network": chance.bytes(8).hex(),
            },
            "submission_hash": chance.bytes(32).hex(),
            "body_digest": "0" * 64,
        }
        for i in range(count)
        if (point := frozen.plan.points[i % len(frozen.plan.points)])
    ]


def make(url: str, folder: str) -> None:
    """Make the segment in this process and say what it took."""
    sessions = make_sessions(make_engine(url))
    before, started = peak(), time.process_time()
    made = compact(sessions, CODE, Path(folder), now=NOW)
    seconds = time.process_time() - started
    assert made is not None
    told = {"file": made.file, "seconds": seconds, "before": before, "peak": peak()}
    print(json.dumps(told))


def compare(engine: Engine, path: Path, frozen: FrozenRound) -> None:
    """Counts, and sums of every rated item, by unit: from JSON rows and from the segment."""
    rated = [
        item.code
        for item in frozen.survey.items.values()
        if item.kind == "single" and frozen.survey.scale_of(item).score_map
    ]
    print(f"{'':28} {'JSON rows':>10} {'segment':>10} {'ratio':>7}")
    for name, items in (("counts", []), (f"counts and {len(rated)} sums", rated)):
        sums = "".join(f", sum(answers ->> '{item}')" for item in items)
        question = text(f"SELECT unit, count(*){sums} FROM response GROUP BY unit")
        slow, fast = [], []
        for _ in range(REPEATS):
            with engine.connect() as connection:
                slow.append(timed(lambda: connection.execute(question).all()))  # noqa: B023
            fast.append(timed(lambda: cells(path, by=["unit"], items=items)))  # noqa: B023
        rows, segment = statistics.median(slow), statistics.median(fast)
        print(f"{name:28} {rows:9.3f}s {segment:9.3f}s {rows / segment:6.0f}x")


def export(url: str, folder: Path) -> None:
    """Each kind of file for analysts."""
    sessions = make_sessions(make_engine(url))
    for form in ("parquet", "csv", "xlsx"):
        out = folder / f"answers.{form}"
        seconds = timed(
            lambda: export_answers(sessions, CODE, out, folder=folder / "segments", now=NOW)  # noqa: B023
        )
        print(f"answers as {form:8} {seconds:6.1f} s {out.stat().st_size / 1e6:8.1f} MB")
    print(f"peak memory of this process {peak():.0f} MB")


def timed(work: Callable[[], object]) -> float:
    """Seconds of the processor that `work` takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def peak() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(*sys.argv[2:4])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 200_000)
