"""`minxin screen` on made-up rounds with labelled attacks, beside what others do.

    .venv/bin/python benchmarks/screening.py [--python PY] [--seeds 101 102 …] [--json FILE]

Rounds come from attackbench, a simulator beside the project, which needs pandas. The project
does not: PY is an interpreter that has pandas (default: this one), and PYTHONPATH names the
folder that holds attackbench. Every round goes through the command itself, from its CSV
files to its CSV files, with the probability sample. The seeds were never used for tuning.

Beside it, on the same responses: scikit-learn's IsolationForest as it comes, on answers and
seconds, with its own threshold and with the one that flags as many honest responses as ours
did; and the rules of a usual survey tool (faster than a third of the median, all answers the
same, more than three a device). `--kinds-module FILE` makes the rounds with other kinds of
attack: the file registers them and offers `private_suite(n_honest, rate, kinds, seed)`.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import screening_peers as peers
from screening_targets import BLOOMINGTON_FALSE, MOST_SECONDS, Target, targets

PROJECT = Path(__file__).parent.parent
ROUNDS = Path(__file__).parent / "screening_rounds.py"
REAL = PROJECT / "tests" / "reference" / "bloomington2017" / "responses.csv"
SEEDS, RATES = (101, 102, 103, 104, 105), (0.0, 0.05, 0.2)
HONEST, TIMED_HONEST, TIMED = 20_000, 23_700, 25_000
BESIDE = ("raw", "score", "low", "high", "epsilon", "sample_mean", "shrunk")
PEERS = ("minxin", "forest_same_rate", "forest_auto", "rules")
NO_ROUNDS = """\
attackbench is not to be had with {python}:
  {said}
It is a folder `attackbench` beside the project; it needs numpy and pandas, which are no
dependencies of Minxin. Make an environment for it once:
  python3 -m venv ROUNDS && ROUNDS/bin/pip install numpy pandas
then name both:
  PYTHONPATH=FOLDER_THAT_HOLDS_IT .venv/bin/python benchmarks/screening.py \\
      --python ROUNDS/bin/python
"""


def main() -> None:
    """Print the scorer's table for each rate, then the targets; write all figures."""
    given = arguments()
    require_rounds(given.python)
    found: dict[str, Any] = {"seeds": given.seeds, "rates": given.rates, "rounds": []}
    with tempfile.TemporaryDirectory() as name:
        for rate in given.rates:
            for seed in given.seeds:
                found["rounds"].append(one_round(given, Path(name), seed=seed, rate=rate))
            print_table([one for one in found["rounds"] if one["rate"] == rate], rate)
        if not given.untimed:
            found["speed"] = speed(given, Path(name))
        found["bloomington"] = bloomington(Path(name))
    reached = [*targets(ours(found["rounds"])), *other_targets(found)]
    print("\nTargets (mean of the rounds)")
    for target in reached:
        print(f"  {target}")
    found["targets"] = [
        {"what": one.what, "limit": one.limit, "found": one.found, "reached": one.reached}
        for one in reached
    ]
    if given.json is not None:
        given.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def arguments() -> argparse.Namespace:
    """What the benchmark is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=sys.executable, help="an interpreter with pandas")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--rates", type=float, nargs="+", default=list(RATES))
    parser.add_argument("--honest", type=int, default=HONEST)
    parser.add_argument("--kinds-module", type=Path, help="a file that registers other kinds")
    parser.add_argument("--kinds", help="letters of the kinds; else all of the suite")
    parser.add_argument("--untimed", action="store_true", help="no round of 25,000 responses")
    parser.add_argument("--json", type=Path, help="a file for every figure")
    return parser.parse_args()


def require_rounds(python: str) -> None:
    """Say exactly what is missing where no rounds can be made."""
    try:
        done = subprocess.run([python, str(ROUNDS), "check"], capture_output=True, text=True)
        said = done.stderr.strip().splitlines()[-1:] if done.returncode else []
    except OSError as error:
        said = [str(error)]
    if said:
        raise SystemExit(NO_ROUNDS.format(python=python, said=said[0]))


def one_round(
    given: argparse.Namespace, folder: Path, *, seed: int, rate: float
) -> dict[str, Any]:
    """One round made, screened by all, and scored."""
    made = make_round(given, folder, seed, rate, given.honest)
    seconds, cpu = screen(made)
    honest_rate = write_peers(made)
    flags = [str(made / f"{name}.csv") for name in PEERS]
    answer = rounds_of(given.python, "score", str(made), *flags)
    reports = json.loads(answer)
    print(f"seed {seed}, rate {rate:g}: {seconds:.1f} s ({cpu:.1f} s CPU), ", end="")
    print(f"honest flagged {honest_rate:.4f}")
    return {
        "seed": seed,
        "rate": rate,
        "seconds": seconds,
        "cpu": cpu,
        "bounds": bounds(made, reports["minxin"]["points"]),
        "reports": {name: without_points(report) for name, report in reports.items()},
    }


def make_round(
    given: argparse.Namespace, folder: Path, seed: int, rate: float, honest: int
) -> Path:
    """The folder of a round with its CSV files."""
    made = folder / f"round-{seed}-{rate:g}-{honest}"
    more = ["--kinds", given.kinds] if given.kinds else []
    if given.kinds_module is not None:
        more += ["--kinds-module", str(given.kinds_module)]
    rounds_of(given.python, "make", str(made), str(seed), str(rate), str(honest), *more)
    return made


def rounds_of(python: str, *words: str) -> str:
    """What the half with pandas answers."""
    done = subprocess.run([python, str(ROUNDS), *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def screen(made: Path, *more: str) -> tuple[float, float]:
    """The command itself on a round's files; its seconds from start to end, and of CPU."""
    files = {"--responses": "responses", "--out": "minxin", "--scores": "scores"}
    if (made / "reference.csv").exists():
        files["--reference"] = "reference"
    options = [
        word for option, name in files.items() for word in (option, made / f"{name}.csv")
    ]
    before, started = cpu_of_children(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "app", "screen", *options, *more],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return time.perf_counter() - started, cpu_of_children() - before


def cpu_of_children() -> float:
    """Seconds of CPU of all the processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write_peers(made: Path) -> float:
    """The flags of the others beside ours; the share of honest responses that ours flags."""
    from app.workflow.screen_file.reading import read_responses

    submissions = read_responses(made / "responses.csv")
    names = submissions.identifier.tolist()
    attack = {row["response_id"]: row["is_attack"] == "1" for row in rows(made / "labels.csv")}
    influence = {
        row["response_id"]: float(row["influence"]) for row in rows(made / "minxin.csv")
    }
    honest = peers.np.array([not attack[name] for name in names])
    ours_flagged = peers.np.array([influence[name] < 0.5 for name in names])
    rate = float(ours_flagged[honest].mean())
    odd, auto, _ = peers.forest_scores(submissions)
    same = peers.at_honest_rate(odd, honest, rate)
    flagged = {"forest_same_rate": same, "forest_auto": auto, "rules": peers.rules(submissions)}
    for name, flags in flagged.items():
        peers.write_flags(made / f"{name}.csv", submissions, flags)
    return rate


def bounds(made: Path, points: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the command says of every point, beside the truth."""
    said = {row["point_id"]: row for row in rows(made / "scores.csv")}
    return [
        {key: float(said[point["point_id"]][key] or "nan") for key in BESIDE}
        | {key: point[key] for key in ("point_id", "honest_mean", "true_score")}
        | {"attacked": point["n_attack"] > 0.02 * point["n_honest"]}
        for point in points
    ]


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def without_points(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report without what it says of every point."""
    return {key: value for key, value in report.items() if key not in ("points", "printed")}


def ours(measured: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Our own reports alone."""
    return [{**one, "report": one["reports"]["minxin"]} for one in measured]


def print_table(measured: Sequence[Mapping[str, Any]], rate: float) -> None:
    """The scorer's figures, each the mean of the rounds, one column for each way."""
    print(f"\nrate {rate:g}, mean of {len(measured)} rounds")
    print(f"  {'':38}" + "".join(f"{name:>18}" for name in PEERS))
    for part in ("overall_recall", "precision", "recall", "campaign_recall", "fpr", "summary"):
        for key in keys(measured, part):
            cells = "".join(f"{cell(measured, name, part, key):>18}" for name in PEERS)
            print(f"  {f'{part} {key}'.strip():38}{cells}")
    print_bounds([point for one in measured for point in one["bounds"]])


def print_bounds(points: Sequence[Mapping[str, Any]]) -> None:
    """How far the scores beside their bounds are right, at attacked points and at others."""
    for attacked, name in ((True, "attacked"), (False, "other")):
        of_kind = [point for point in points if point["attacked"] == attacked]
        if not of_kind:
            continue
        width = mean(point["high"] - point["low"] for point in of_kind)
        print(f"  {name} points: mean width of [low, high] {width:.2f}", end="")
        for truth in ("honest_mean", "true_score"):
            holds = mean(p["low"] <= p[truth] <= p["high"] for p in of_kind)
            print(f"; {truth} in it {holds:.3f}", end="")
        print(f"; mean epsilon {mean(p['epsilon'] for p in of_kind):.3f}")
        for score in ("raw", "score", "shrunk"):
            off = mean(abs(p[score] - p["true_score"]) for p in of_kind)
            print(f"    `{score}` is off the whole population by {off:.2f} on average")


def keys(measured: Sequence[Mapping[str, Any]], part: str) -> list[str]:
    """The lines of one part of a report."""
    values = [one["reports"]["minxin"][part] for one in measured]
    if not isinstance(values[0], dict):
        return [""]
    return sorted({key for value in values for key in value})


def cell(measured: Sequence[Mapping[str, Any]], name: str, part: str, key: str) -> str:
    """The mean of the rounds; – where no round has the figure."""
    found = [one["reports"][name][part] for one in measured]
    values = [value.get(key) if key else value for value in found]
    there = [value for value in values if value is not None]
    return f"{mean(there):.4f}" if there else "–"


def speed(given: argparse.Namespace, folder: Path) -> dict[str, float]:
    """25,000 responses through the command, and through the forest in the same run."""
    from app.workflow.screen_file.reading import read_responses

    made = make_round(given, folder, given.seeds[0], 0.05, TIMED_HONEST)
    file = made / "responses.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[: TIMED + 1]), encoding="utf-8")
    started = time.perf_counter()
    submissions = read_responses(file)
    reading = time.perf_counter() - started
    seconds, cpu = min(screen(made) for _ in range(2))
    forest = min(peers.forest_scores(submissions)[2] for _ in range(2))
    found = {"responses": len(submissions), "seconds": seconds, "cpu": cpu, "reading": reading}
    ratio = seconds / forest
    found |= {"forest": forest, "ratio": ratio}
    print(f"\n{TIMED:,} responses: the command {seconds:.1f} s ({cpu:.1f} s CPU, ", end="")
    print(f"reading {reading:.2f} s); IsolationForest alone {forest:.2f} s: {ratio:.1f} times")
    return found


def bloomington(folder: Path) -> dict[str, Any]:
    """Real answers of 595 residents: the share that is believed less than half."""
    made = folder / "bloomington"
    made.mkdir()
    items = write_bloomington(made / "responses.csv")
    four, five = [i for i in items if i[:2] != "q4"], [i for i in items if i[:2] == "q4"]
    scales = ",".join([f"{i}=4-1" for i in four] + [f"{i}=5-1" for i in five])
    screen(made, "--items", ",".join(items), "--scale", scales)
    influence = [float(row["influence"]) for row in rows(made / "minxin.csv")]
    low = sum(value < 0.5 for value in influence)
    found = {"n": len(influence), "below_half": low, "share": low / len(influence)}
    found["mean_influence"] = mean(influence)
    print(f"\nBloomington: {low} of {found['n']} real responses below 0.5 ", end="")
    print(f"({found['share']:.2%}), mean influence {found['mean_influence']:.3f}")
    return found


def write_bloomington(path: Path) -> list[str]:
    """The answers alone, the areas as points, "don't know" left empty; the items' columns."""
    people = list(rows(REAL))
    items = [name for name in people[0] if name.startswith("q") and name not in NOT_ITEMS]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["response_id", "point_id", "channel", *items])
        for one in people:
            best = [one[i] if one[i] not in dont_know(i) else "" for i in items]
            writer.writerow(
                [f"b{one['id']}", f"area{one['area']}", f"mode{one['mode']}", *best]
            )
    return items


NOT_ITEMS = ("q8", "q9a", "q9b", "q9c", "q9d")
"""Asked of those only who had contact with the city's staff."""


def dont_know(item: str) -> tuple[str, ...]:
    """The codes that are no opinion."""
    return ("6",) if item.startswith("q4") else ("5",)


def other_targets(found: Mapping[str, Any]) -> Iterator[Target]:
    """Seconds and real answers."""
    if "speed" in found:
        yield Target("seconds for 25,000 responses", MOST_SECONDS, found["speed"]["seconds"])
    share = found["bloomington"]["share"]
    yield Target("Bloomington: real answers below 0.5", BLOOMINGTON_FALSE, share)


if __name__ == "__main__":
    main()
