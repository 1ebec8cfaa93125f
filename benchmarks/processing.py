"""How long a round takes to compute, against reading its responses once.

    .venv/bin/python benchmarks/processing.py [RESPONSES …]

Simulated answers to the three-senses survey in a temporary SQLite file. The ratio says how
many times the cost of loading the responses each stage takes, in the same run; seconds are
of this machine. Memory is the peak of the process so far.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from app.anomaly.screening import screen
from app.database.engine import open_database
from app.database.fieldwork import load_responses
from app.database.rounds import active_codes, find_round, load_round
from app.settings import HOME
from app.stats.tables.tabulation import make_series, tabulate
from app.survey.sample import build_sample
from app.workflow.admission import receive_response
from app.workflow.places import open_place
from app.workflow.preparation import draft_round, open_round
from app.workflow.registry import load_registry, read_text
from app.workflow.simulation import simulated_submissions

Result = TypeVar("Result")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
DEFINITIONS = HOME / "survey_defs"


def main(sizes: list[int]) -> None:
    """Print one line for each number of responses."""
    stages = ("store", "load", "sample", "screen", "weigh", "table")
    print(f"{'n':>7} " + " ".join(f"{stage:>8}" for stage in stages))
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(f"sqlite:///{Path(folder) / 'bench.sqlite3'}", size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


def measure(url: str, size: int) -> None:
    """Store `size` answers, then time each stage of the computation."""
    sessions = open_database(url)
    seconds: dict[str, float] = {}
    with sessions.begin() as session:
        plan = DEFINITIONS / "plans" / "demo_senses.yaml"
        registry = load_registry(DEFINITIONS)
        row = draft_round(session, read_text(plan), source="", registry=registry, now=NOW)
        open_round(session, row, now=NOW)
        seconds["store"] = timed(lambda: store(session, row.id, size))[1]
    with sessions.begin() as session:
        frozen = load_round(session, find_round(session, "demo-senses"))
        responses, seconds["load"] = timed(lambda: load_responses(session, frozen.id))
    sample, seconds["sample"] = timed(
        lambda: build_sample(frozen.survey, frozen.maps_by_scale, responses)
    )
    found, seconds["screen"] = timed(
        lambda: screen(sample, frozen.plan.screening, survey=frozen.survey, seed=1)
    )
    series, seconds["weigh"] = timed(
        lambda: make_series(sample, frozen.plan, found.influence)[0]
    )
    seconds["table"] = timed(lambda: tabulate(series, frozen.survey, frozen.plan))[1]
    shown = " ".join(f"{value:7.3f}s" for value in seconds.values())
    ratios = " ".join(f"{value / seconds['load']:7.2f}x" for value in seconds.values())
    print(f"{size:7d} {shown}\n{'':7} {ratios}")


def store(session: object, round_id: int, size: int) -> None:
    """Send simulated answers through the door of everybody's answers."""
    codes = active_codes(session, round_id)
    for code in codes.values():
        place = open_place(session, code, NOW)
        for submission in simulated_submissions(
            place, count=size // len(codes), mood=0.5, seed=1, before=NOW
        ):
            receive_response(session, place, submission, NOW)


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What `work` gives, and the seconds it took."""
    started = time.perf_counter()
    return work(), time.perf_counter() - started


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [400, 4000])
