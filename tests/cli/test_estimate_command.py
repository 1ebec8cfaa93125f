"""`minxin estimate`: a file of estimates, or every problem on stderr and nothing written."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REFCASES = Path(__file__).parent.parent / "reference" / "refcases"


def run(design: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", "estimate", str(design), "--out", str(out)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def study(tmp_path):
    """A copy of a reference case whose design a test may change."""

    def copy(name: str, **changed) -> Path:
        folder = tmp_path / name
        shutil.copytree(REFCASES / name, folder)
        design = folder / "design.json"
        tree = json.loads(design.read_text(encoding="utf-8")) | changed
        design.write_text(json.dumps(tree), encoding="utf-8")
        return design

    return copy


def test_the_estimates_are_written_as_json(study, tmp_path):
    done = run(study("p03_cluster_poststrat"), tmp_path / "out.json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert found["degf"] == 14
    assert {row["df"] for one in found["estimates"] for row in one["rows"]} == {14}


@pytest.mark.parametrize(
    ("name", "refused", "said"),
    [
        ("p06_greg_bounded", "too_tight_linear", ["term is_H: 755 wanted", "narrowest bounds"]),
        ("p06_greg_bounded", "too_tight_logit", ["term api99", "widen them"]),
        ("p11_nonresponse_zero_cells", "no_collapse", ["age*sex", "65+|M", "Merge it with"]),
        (
            "p19_bounds_near_infeasible",
            "contradicting_totals",
            ["margin sex sums to 3388", "margin age to 3080"],
        ),
        (
            "p19_bounds_near_infeasible",
            "level_without_respondents",
            ["margin sex, level X: 25 people and no answer", "Merge it with the level M"],
        ),
    ],
)
def test_an_impossible_weighting_is_refused_by_name(study, tmp_path, name, refused, said):
    tree = json.loads((REFCASES / name / "design.json").read_text(encoding="utf-8"))
    (entry,) = [one for one in tree["must_fail"] if one["name"] == refused]
    steps = entry.get("steps") or [
        {"op": "rake"} | {k: entry[k] for k in ("margins", "totals")}
    ]
    own = {step["op"]: step for step in tree.get("steps", ())}
    steps = [own[step] if isinstance(step, str) else step for step in steps]
    out = tmp_path / "out.json"
    out.write_text("older")

    emptied = {"steps": steps, "must_fail": [], "variants": [], "grid": []}
    done = run(study(name, **emptied), out)

    assert done.returncode == 2
    assert done.stdout == ""
    for phrase in said:
        assert phrase in done.stderr
    assert out.read_text() == "older"


def test_a_lonely_cluster_without_a_rule_is_refused_by_its_stratum(study, tmp_path):
    estimates = [{"id": "mean", "estimand": "mean", "y": ["q1"]}]
    done = run(study("p09_lonely_psu", estimates=estimates), tmp_path / "out.json")
    assert done.returncode == 2
    assert "stratum C02.urban, C04.rural" in done.stderr
    assert not (tmp_path / "out.json").exists()


def test_all_mistakes_are_told_at_once(study, tmp_path):
    estimates = [
        {"id": "one", "estimand": "mean", "y": ["nothing"]},
        {"id": "two", "estimand": "quantile", "y": ["q1"], "p": [2]},
        {"id": "three", "estimand": "proportion", "y": "q1"},
    ]
    done = run(study("p08_satisfaction_two_stage", estimates=estimates), tmp_path / "o.json")
    assert done.returncode == 2
    for place in ("estimates.one", "estimates.two", "estimates.three"):
        assert place in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("out", "said"),
    [
        (".", "Name a file in it."),
        ("nowhere/out.json", "Make the folder first."),
        ("p01_srs_fpc/design.json", "is a file of the study"),
        ("p01_srs_fpc/data.csv", "Estimates are JSON"),
        ("x" * 300, "cannot be written"),
    ],
    ids=["folder", "nowhere", "design", "rows", "long"],
)
def test_a_file_that_cannot_be_written_is_said_so(study, tmp_path, out, said):
    design = study("p01_srs_fpc")
    before = {path: path.read_bytes() for path in design.parent.iterdir()}
    done = run(design, tmp_path / out)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == [design.parent]
    assert {path: path.read_bytes() for path in design.parent.iterdir()} == before


def test_a_design_that_is_not_there_is_said_so(tmp_path):
    done = run(tmp_path / "none.json", tmp_path / "out.json")
    assert done.returncode == 2
    assert "is not there" in done.stderr
