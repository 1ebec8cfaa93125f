"""The estimation of benchmarks/estimate.py by other programs: R survey, and svy for Python.

    python benchmarks/estimate_peers.py FOLDER

FOLDER holds peers.csv, peers.parquet and totals.json as `export_for_peers` leaves them. Each
program rakes to the five margins and takes mean and standard error of y in each domain with
the calibration counted, in a process of its own; loading its libraries is not counted. svy
lives in an environment in the user's cache, made when it is first asked for: the project
depends on neither. A program that cannot be had is a sentence that says what to install.

Errors: R's are ours to rounding. svy's lie up to some thousandths away: after raking it
takes residuals from the means of one margin after the other (as R's `rake`), not from a
regression on all margins (as R's `calibrate`, and Deville and Särndal 1992). Told to regress
on the margins it gives our errors too, in far longer time.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# The release it was written for: svy's names change from one to the next.
SVY = "0.35"
REQUIREMENT = f"svy=={SVY}.*"
R_PACKAGES = "Debian: apt-get install r-base-core r-cran-survey r-cran-jsonlite"
STATUS = Path("/proc/self/status")


def main(folder: Path) -> None:
    """Print what each program took, and its first domain."""
    for name, run in (("R survey", run_r), ("svy", run_svy)):
        found = run(folder)
        if isinstance(found, str):
            print(f"{name}: {found}")
            continue
        seconds = ", ".join(f"{part} {taken:.2f} s" for part, taken in found["seconds"].items())
        print(f"{name} {found['version']}: {seconds}; peak {found['peak_mb']:.0f} MB")
        mean, error = found["domains"]["0"]
        print(f"  {len(found['domains'])} domains, the first {mean:.6f} (error {error:.6f})")


def run_r(folder: Path) -> dict[str, Any] | str:
    """Seconds, peak and domains by R survey; a sentence where R or a package is missing."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return f"there is no Rscript ({R_PACKAGES})"
    script = Path(__file__).with_suffix(".R")
    found = answer_of([rscript, "--vanilla", str(script)], folder / "peers.csv")
    return f"{found} ({R_PACKAGES})" if isinstance(found, str) else found


def run_svy(folder: Path) -> dict[str, Any] | str:
    """Seconds, peak and domains by svy; a sentence where it cannot be installed."""
    home = cache() / "minxin" / "svy"
    python = home / "bin" / "python"
    problem = install_svy(home, python)
    if problem:
        return f"{problem} (python -m venv {home} && {python} -m pip install '{REQUIREMENT}')"
    # Isolated, so that neither this folder nor PYTHONPATH stands before its libraries.
    words = [str(python), "-I", __file__, "--svy"]
    return answer_of(words, folder / "peers.parquet")


def answer_of(words: list[str], answers: Path) -> dict[str, Any] | str:
    """What a program finds in these answers and the totals beside them, or its complaint."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out.json"
        totals = answers.with_name("totals.json")
        problem = complaint([*words, str(answers), str(totals), str(out)])
        return problem or json.loads(out.read_text())


def complaint(command: list[str]) -> str:
    """The last words of a command that failed; nothing where it did not."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return ""
    said = (done.stderr or done.stdout).strip().splitlines()
    return " ".join(said[-2:]) or f"ended with {done.returncode}"


def cache() -> Path:
    """The user's folder for what can be made again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def install_svy(home: Path, python: Path) -> str:
    """Make the environment unless it is there; what went wrong, else nothing."""
    wanted = f"import svy; assert svy.__version__.startswith('{SVY}.')"
    if python.exists() and not complaint([str(python), "-I", "-c", wanted]):
        return ""
    problem = complaint([sys.executable, "-m", "venv", "--clear", str(home)])
    quiet = ["--quiet", "--no-input", "--disable-pip-version-check"]
    return problem or complaint(
        [str(python), "-I", "-m", "pip", "install", *quiet, REQUIREMENT]
    )


def by_svy(answers: str, totals_file: str, out: str) -> None:
    """Estimate in this process, which runs where svy is installed, and write what it took."""
    import polars
    import svy

    totals = json.loads(Path(totals_file).read_text())
    controls = {
        margin: {int(code): total for code, total in totals[margin].items()}
        for margin in totals
    }
    begun = time.perf_counter()
    design = svy.Design(stratum="stratum", psu="unit", wgt="w")
    sample = svy.Sample(polars.read_parquet(answers), design)
    held = time.perf_counter()
    # The default tolerance of 1e-4 would show in the comparison.
    raked = sample.weighting.rake(controls=controls, tol=1e-10, max_iter=1000)
    fitted = time.perf_counter()
    found = raked.estimation.mean("y", by="domain").estimates
    ended = time.perf_counter()
    told = {
        "version": svy.__version__,
        "seconds": {"read": held - begun, "rake": fitted - held, "domains": ended - fitted},
        "peak_mb": peak(),
        "domains": {str(one.by_level[0]): [float(one.est), float(one.se)] for one in found},
    }
    Path(out).write_text(json.dumps(told))


def peak() -> float:
    """The most memory this process has held, in MB."""
    # Not ru_maxrss where there is a choice: it starts at what the parent held at the fork.
    if STATUS.exists():
        line = next(one for one in STATUS.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--svy"]:
        by_svy(*sys.argv[2:5])
    else:
        main(Path(sys.argv[1]))
