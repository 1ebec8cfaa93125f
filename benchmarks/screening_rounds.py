"""Made-up rounds of attackbench, written and scored: the half of the benchmark with pandas.

`screening.py` starts it with an interpreter that has pandas, which the project does not need:

    python screening_rounds.py check
    python screening_rounds.py make FOLDER SEED RATE HONEST [--kinds-module FILE] [--kinds ABC]
    python screening_rounds.py score FOLDER FLAGS.csv ...

`score` prints one JSON document: the scorer's own report for each file of flags
(response_id, weight), and what it says of every point.
"""

import argparse
import importlib.util
import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
from attackbench import (
    RoundConfig,
    load_round,
    make_round,
    public_suite,
    score_round,
    write_round,
)

PUBLIC = "ABCEGH"


def main() -> None:
    """Carry out one of the three acts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("check")
    maker = acts.add_parser("make")
    maker.add_argument("folder", type=Path)
    maker.add_argument("seed", type=int)
    maker.add_argument("rate", type=float)
    maker.add_argument("honest", type=int)
    maker.add_argument("--kinds-module", type=Path)
    maker.add_argument("--kinds")
    scorer = acts.add_parser("score")
    scorer.add_argument("folder", type=Path)
    scorer.add_argument("flags", type=Path, nargs="*")
    given = parser.parse_args()
    if given.act == "make":
        make(given)
    if given.act == "score":
        print(json.dumps({path.stem: report(given.folder, path) for path in given.flags}))


def make(given: argparse.Namespace) -> None:
    """A round in a folder, with the public kinds or with those of a module."""
    specs = []
    if given.kinds_module is not None:
        # Registering happens on import; at rate 0 nothing of it is needed.
        suite, kinds = load(given.kinds_module).private_suite, given.kinds
    else:
        suite, kinds = public_suite, given.kinds or PUBLIC
    if given.rate > 0:
        more = {"kinds": kinds} if kinds else {}
        specs = suite(given.honest, given.rate, seed=given.seed, **more)
    config = RoundConfig(seed=given.seed, n_honest=given.honest)
    write_round(make_round(config, specs), given.folder)


def load(path: Path) -> Any:
    """A module of further kinds, which registers them with attackbench."""
    spec = importlib.util.spec_from_file_location("further_kinds", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python module.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def report(folder: Path, path: Path) -> dict[str, Any]:
    """The scorer's report as plain values."""
    flags = pd.read_csv(path, dtype={"response_id": str}).set_index("response_id")
    column = "weight" if "weight" in flags.columns else "influence"
    found = score_round(load_round(folder), flags[column])
    points = found.bias.reset_index().to_dict("records")
    return {
        "printed": str(found),
        "recall": numbers(found.recall),
        "recall_weighted": numbers(found.recall_weighted),
        "campaign_recall": numbers(found.campaign_recall),
        "overall_recall": number(found.overall_recall),
        "precision": number(found.precision),
        "fpr": numbers(found.fpr),
        "summary": numbers(found.summary),
        "points": [{key: number(value) for key, value in point.items()} for point in points],
    }


def numbers(values: dict[str, float]) -> dict[str, Any]:
    """The same with plain numbers."""
    return {key: number(value) for key, value in values.items()}


def number(value: Any) -> Any:
    """A plain number; None where there is none; words as they are."""
    if isinstance(value, str):
        return value
    plain = float(value)
    return plain if math.isfinite(plain) else None


if __name__ == "__main__":
    main()
