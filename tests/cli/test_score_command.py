"""`minxin score`: a file of scores, or every problem on stderr and nothing written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).parent.parent / "reference" / "compcases"
SYSTEMS = Path(__file__).parent.parent.parent / "survey_defs" / "systems"
LEDGER = CASES / "p08_deduction_caps_veto"


def run(
    system: Path, values: Path, out: Path, *more: str, language: str = "C.UTF-8"
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", "score", str(system), "--values", str(values)]
    return subprocess.run(
        [*command, "--out", str(out), *more],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"LANG": language, "LC_ALL": ""},
    )


def test_scores_deductions_and_grades_are_written_as_json(tmp_path):
    out = tmp_path / "out.json"
    events = ("--events", str(LEDGER / "events.csv"))
    done = run(LEDGER / "system.yaml", LEDGER / "values.csv", out, *events)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["final"]["县1"] == pytest.approx(86.7)
    assert found["grade"]["县1"] == "良好"
    assert found["ledger"]["县1"]["swallowed"] == pytest.approx({"督察": 1.2, "生态环境": 0.5})


def test_a_system_of_the_platform_is_scored_too(tmp_path):
    values, units = tmp_path / "values.csv", tmp_path / "units.csv"
    rows = [f"{u},{i},{60 + k},1" for k, u in enumerate("ABC") for i in SENSES]
    values.write_text("\n".join(["unit,indicator,value,se", *rows]), encoding="utf-8")
    units.write_text("unit,region_type,name\nA,core,a\nB,core,b\nC,outer,c\n", encoding="utf-8")
    out = tmp_path / "out.json"
    system = SYSTEMS / "bloomington_senses.yaml"
    done = run(system, values, out, "--units", str(units))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["case"] == "bloomington_senses@1"
    assert found["score"] == pytest.approx({"A": 60, "B": 61, "C": 62})
    assert found["rank"] == {"A": 2, "B": 1, "C": 1}


def test_a_system_of_the_platform_and_its_values_are_judged_at_once(tmp_path):
    values, system = tmp_path / "values.csv", tmp_path / "system.yaml"
    values.write_text(
        "unit,indicator,value,se,region_type\nA,gain,952,1,core\nB,gain,x,1,outr\n",
        encoding="utf-8",
    )
    done = run(SYSTEMS / "bloomington_senses.yaml", values, tmp_path / "out.json")
    assert done.returncode == 2
    assert "values.csv:3: column value: is not a number (found 'x')" in done.stderr
    assert "values.csv:2: unit A, indicator gain: E203" in done.stderr
    assert "Did you mean 'outer'?" in done.stderr
    text = (SYSTEMS / "bloomington_senses.yaml").read_text(encoding="utf-8")
    system.write_text(text.replace("plausible", "plausble"), encoding="utf-8")
    done = run(system, values, tmp_path / "out.json", "--language", "zh-Hans")
    assert "不认识这个键。是否应为 plausible？" in done.stderr


SENSES = ("gain", "happiness", "security")


def test_a_refusal_leaves_the_older_file_and_ends_with_status_2(tmp_path):
    values, out = tmp_path / "values.csv", tmp_path / "out.json"
    values.write_text("unit,indicator,value\n县1,a,x\n县1,c,1\n", encoding="utf-8")
    out.write_text("older")
    done = run(LEDGER / "system.yaml", values, out)
    assert (done.returncode, done.stdout) == (2, "")
    assert "2 problems:" in done.stderr
    assert "values.csv:2: column value: is not a number (found 'x')" in done.stderr
    assert out.read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json", "values.csv"]


@pytest.mark.parametrize(
    ("language", "more", "said"),
    [
        ("zh_CN.UTF-8", (), "共 1 处问题"),
        ("en_GB.UTF-8", (), "1 problem:"),
        ("en_GB.UTF-8", ("--language", "zh-Hans"), "共 1 处问题"),
        ("zh_CN.UTF-8", ("--language", "en"), "1 problem:"),
    ],
)
def test_a_refusal_is_in_the_language_asked_for_or_of_the_terminal(
    tmp_path, language, more, said
):
    values = tmp_path / "values.csv"
    values.write_text("unit,indicator,value\n县1,a,x\n", encoding="utf-8")
    out = tmp_path / "out.json"
    done = run(LEDGER / "system.yaml", values, out, *more, language=language)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    ("out", "said"),
    [
        (".", "Name a file in it."),
        ("nowhere/out.json", "Make the folder first."),
        ("values.csv", "The result is JSON"),
        ("x" * 300, "cannot be written"),
    ],
    ids=["folder", "nowhere", "values", "long"],
)
def test_a_place_where_nothing_can_be_written_is_said_so(tmp_path, out, said):
    values = tmp_path / "values.csv"
    values.write_bytes((LEDGER / "values.csv").read_bytes())
    done = run(LEDGER / "system.yaml", values, tmp_path / out)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == [values]


def test_files_that_are_not_there_are_said_so(tmp_path):
    done = run(tmp_path / "none.yaml", tmp_path / "none.csv", tmp_path / "out.json")
    assert done.returncode == 2
    assert "none.yaml: file: is not there" in done.stderr
