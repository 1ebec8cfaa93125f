"""A composite score drawn a thousand times, beside scoring it anew each time.

    .venv/bin/python benchmarks/composite.py [--units 3000] [--draws 1000]

Made-up values (fixed seed): a tree of three levels with 60 indicators, four region types with
weights of their own, weights shaken by ±25 %, min-max or standard scores with bounds taken
from the data in every draw; then the same with standard errors on six indicators. Each runs
in a process of its own, from the scored values to intervals, ranks and probabilities. The
baselines go once a draw through the public `score`, or through its steps alone up to the score
of the root, with the values and weights of that draw, for `--naive` draws; the rest is
extrapolated. CPU is what a machine with other work is compared by.
"""

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

SEED, TYPES, CLASSES = 20261122, ("north", "east", "south", "west"), 12


def main() -> None:
    """Print a line for each simulation, then what the baseline took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=3000)
    parser.add_argument("--indicators", type=int, default=60)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--naive", type=int, default=5)
    given = parser.parse_args()
    # As the platform starts: one thread for sums whose order must not vary.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    print(f"{given.units:,} units x {given.indicators} indicators x {given.draws:,} draws")
    print(f"{'':32} {'seconds':>8} {'CPU':>8} {'peak MB':>8} {'before':>8} {'width':>7}")
    for name, surveyed in (("weights and methods", 0), ("and errors of six indicators", 6)):
        found = alone(ours, given, surveyed)
        print(
            f"{name:32} {found['seconds']:7.2f}s {found['cpu']:7.2f}s {found['peak_mb']:8.0f} "
            f"{found['before_mb']:8.0f} {found['width']:7.1f}"
        )
        naive = alone(baseline, given, surveyed)
        for label, each in (("score", naive["score"]), ("its steps", naive["steps"])):
            whole = each * given.draws
            print(
                f"{f'  {label} anew each time':32} {'':8} {whole:7.0f}s "
                f"{naive['peak_mb']:8.0f} {'':8} {whole / found['cpu']:6.0f}x "
                f" (extrapolated from {given.naive} draws of {each:.2f} s)"
            )


def alone(act: Callable[..., dict[str, float]], *given: Any) -> dict[str, float]:
    """What an act finds in a fresh process, so that its peak of memory is its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(act, given)


def ours(given: argparse.Namespace, surveyed: int) -> dict[str, float]:
    """The simulation, once: seconds from the scored values, and the peak of its memory."""
    from app.scoring.index import carry_out
    from app.scoring.simulation.monte_carlo import simulate

    system, units, values = made_up(given, surveyed)
    scoring = carry_out(system, units=units, values=values)
    del values
    before = peak()
    started = time.perf_counter()
    spent = time.process_time()
    doubts = ("survey_error", "weights", "normalise")
    simulation = simulate(scoring, seed=SEED, draws=given.draws, doubts=doubts)
    seconds, cpu = time.perf_counter() - started, time.process_time() - spent
    widths = [unit.in_type.high - unit.in_type.low + 1 for unit in simulation.units]
    return {
        "seconds": seconds,
        "cpu": cpu,
        "peak_mb": peak(),
        "before_mb": before,
        "width": float(np.mean(widths)),
    }


def baseline(given: argparse.Namespace, surveyed: int) -> dict[str, float]:
    """A scoring for each draw, the plain way: seconds of the whole, and of its steps alone."""
    from app.scoring.index import score, work_out
    from app.scoring.simulation.choices import changed_system

    rng = np.random.default_rng(SEED)
    system, units, values = made_up(given, surveyed)
    whole = steps = 0.0
    for _ in range(given.naive):
        started = time.process_time()
        drawn = [with_error(value, rng) for value in values]
        cards = tuple(shaken_card(card, rng) for card in system.indicators)
        shaken = changed_system(system, {"indicators": cards})
        made = time.process_time()
        work_out(shaken, units, drawn)
        worked_out = time.process_time()
        score(shaken, units=units, values=drawn)
        whole += made - started + time.process_time() - worked_out
        steps += worked_out - started
    return {"score": whole / given.naive, "steps": steps / given.naive, "peak_mb": peak()}


def with_error(value: Any, rng: np.random.Generator) -> Any:
    """A value drawn with its standard error; without one, as it is."""
    if not value.standard_error:
        return value
    return replace(value, value=value.value + value.standard_error * rng.standard_normal())


def shaken_card(card: Any, rng: np.random.Generator) -> Any:
    """An indicator whose weights are shaken by up to a quarter."""
    factor = rng.uniform(0.75, 1.25)
    return card.model_copy(update={"weight": {t: w * factor for t, w in card.weight.items()}})


def made_up(given: argparse.Namespace, surveyed: int) -> tuple[Any, list[Any], list[Any]]:
    """A system, its units and their values, the first `surveyed` indicators with errors."""
    from app.scoring.definition.system import IndicatorSystem
    from app.scoring.inputs import IndicatorValue, ScoredUnit
    from app.survey.reading import read_definition

    rng = np.random.default_rng(SEED)
    found = json.dumps(system_file(given.indicators, rng))
    system = read_definition(IndicatorSystem, found, source="made up")
    units = [ScoredUnit(f"u{i:04}", TYPES[i % len(TYPES)]) for i in range(given.units)]
    quality = rng.normal(size=given.units)
    values = []
    for j in range(given.indicators):
        column = 50 + 5 * quality + 8 * rng.normal(size=given.units)
        error = 2.0 if j < surveyed else None
        values += [
            IndicatorValue(unit.code, f"i{j:02}", float(value), standard_error=error)
            for unit, value in zip(units, column, strict=True)
        ]
    return system, units, values


def system_file(indicators: int, rng: np.random.Generator) -> dict[str, Any]:
    """Root, four pillars, twelve classes, and the indicators spread over the classes."""

    def weights() -> dict[str, float]:
        return {t: float(w) for t, w in zip(TYPES, rng.uniform(1, 5, 4).round(2), strict=True)}

    pillars = [
        {"code": f"p{k}", "name": text(f"p{k}"), "parent": "all", "weight": weights()}
        for k in range(4)
    ]
    classes = [
        {"code": f"c{k}", "name": text(f"c{k}"), "parent": f"p{k % 4}", "weight": weights()}
        for k in range(CLASSES)
    ]
    cards = [
        {
            "code": f"i{j:02}",
            "name": text(f"i{j}"),
            "parent": f"c{j % CLASSES}",
            "weight": weights(),
            "direction": 1,
            "unit": text("points"),
            "source": text("made up"),
            "evidence": "probability",
            "normalise": {"method": "minmax", "range": [0, 100]},
        }
        for j in range(indicators)
    ]
    return {
        "schema": "minxin-system/1",
        "code": "made_up",
        "version": 1,
        "title": text("made up"),
        "effective": {"from": "2026-01-01", "document": text("none")},
        "types": [{"code": code, "name": text(code)} for code in TYPES],
        "missing": {"rule": "redistribute"},
        "nodes": [{"code": "all", "name": text("all"), "parent": None}, *pillars, *classes],
        "indicators": cards,
        "rank": {"scope": "type", "decimals": 2},
        "uncertainty": {
            "alternatives": {"normalise": [{"method": "zscore", "mean": 50, "sd": 10}]}
        },
    }


def text(words: str) -> dict[str, str]:
    """The same words in both languages."""
    return {"zh-Hans": words, "en": words}


def peak() -> float:
    """The most memory this process has held, in MB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
