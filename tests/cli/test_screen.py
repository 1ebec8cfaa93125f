"""`minxin screen`: two tables and the campaigns, or every mistake and nothing written."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.workflow.screen_file.columns import NAMES
from app.workflow.screen_file.tables import INFLUENCE, SCORES

MANUAL = Path(__file__).parents[2] / "docs" / "screening.md"
PLAIN = "response_id,point_id,g1,g2\na,P1,5,1\nb,P1,2,3\nc,P2,3,\n"


def run(
    folder: Path, *more: str, out: str = "influence.csv", language: str = "C.UTF-8"
) -> subprocess.CompletedProcess[str]:
    files = ("--responses", str(folder / "responses.csv"), "--out", str(folder / out))
    return subprocess.run(
        [sys.executable, "-m", "app", "screen", *files, *more],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ | {"LANG": language, "LC_ALL": ""},
    )


def write(folder: Path, content: str) -> Path:
    (folder / "responses.csv").write_text(content, encoding="utf-8")
    return folder


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def crowd(n: int) -> list[str]:
    """Honest people at four points, each with a device of their own."""
    dice = np.random.default_rng(20261123)
    level = dice.normal(3.8, 0.8, n)
    answers = np.clip(np.rint(level[:, None] + dice.normal(0, 0.7, (n, 6))), 1, 5).astype(int)
    seconds = dice.lognormal(3.2, 0.4, (n, 2)).round(1)
    made = []
    for k in range(n):
        day, hour, minute = dice.integers(1, 29), dice.integers(8, 20), dice.integers(0, 60)
        time = f"2026-03-{day:02d}T{hour:02d}:{minute:02d}"
        place = f"h{k},P{k % 4},D{k % 2},qr,,{time},d{k},n{dice.integers(0, n)},wx-ios"
        made.append(f"{place},{seconds[k, 0]},{seconds[k, 1]},{','.join(map(str, answers[k]))}")
    return made


HEADER = (
    "response_id,point_id,district_id,channel,enumerator_id,submitted_slot,device_hash,"
    "network_hash,client_class,page1_s,page2_s,g1,g2,h1,h2,s1,s2"
)
STUFFED = [
    f"x{k},P1,D1,qr,,2026-03-09T10:{k:02d},phone,wifi,wx-ios,2.1,2.4,5,5,5,5,5,{4 + (k > 3)}"
    for k in range(45)
]


@pytest.fixture(scope="module")
def stuffed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stuffed")
    write(folder, "\n".join([HEADER, *crowd(600), *STUFFED]) + "\n")
    more = ("--scores", str(folder / "scores.csv"), "--campaigns", str(folder / "c.json"))
    return folder, run(folder, *more)


def test_one_phone_that_stuffs_its_own_point_is_found_and_told(stuffed):
    folder, done = stuffed
    assert done.returncode == 0, done.stderr
    found = {line["response_id"]: line for line in lines(folder / "influence.csv")}
    assert list(found) == [*(f"h{k}" for k in range(600)), *(f"x{k}" for k in range(45))]
    fake = [found[f"x{k}"] for k in range(45)]
    honest = [found[f"h{k}"] for k in range(600)]
    assert all(float(line["influence"]) < 0.5 and line["reasons"] for line in fake)
    assert sum(float(line["influence"]) < 0.5 for line in honest) <= 9
    campaigns = json.loads((folder / "c.json").read_text(encoding="utf-8"))["campaigns"]
    (its,) = [one for one in campaigns if "x0" in one["responses"]]
    assert fake[0]["campaign"] == its["campaign"]
    assert its["points"] == ["P1"]
    assert "2026-03-09" < its["first"] <= "2026-03-09T10:00"
    assert "2026-03-09T10:40" <= its["last"] < "2026-03-10"
    assert len(set(its["responses"]) - {f"x{k}" for k in range(45)}) <= 6
    assert its["effect"] > 0
    assert "DEV_REPEAT" in fake[0]["reasons"].split(";")


def test_the_score_of_the_stuffed_point_goes_back(stuffed):
    folder, _ = stuffed
    point = {line["point_id"]: line for line in lines(folder / "scores.csv")}["P1"]
    honest = [line for line in crowd(600) if ",P1," in line]
    truth = np.mean([(np.mean([int(a) for a in o.split(",")[-6:]]) - 1) * 25 for o in honest])
    assert abs(float(point["raw"]) - truth) > 3
    assert abs(float(point["score"]) - truth) < 1
    assert float(point["low"]) <= truth <= float(point["high"])
    assert point["n"] == "195"


def test_the_same_seed_and_another_order_give_the_same_result(stuffed, tmp_path):
    folder, _ = stuffed
    write(tmp_path, "\n".join([HEADER, *STUFFED, *crowd(600)]) + "\n")
    assert run(tmp_path, "--seed", "1").returncode == 0
    before = {line["response_id"]: line for line in lines(folder / "influence.csv")}
    after = {line["response_id"]: line for line in lines(tmp_path / "influence.csv")}
    assert before == after


def test_answers_and_points_alone_are_examined_too(tmp_path):
    rows = [",".join([*line.split(",")[:2], *line.split(",")[-6:]]) for line in crowd(200)]
    write(tmp_path, "\n".join(["response_id,point_id,g1,g2,h1,h2,s1,s2", *rows]) + "\n")
    done = run(tmp_path, "--scores", str(tmp_path / "scores.csv"))
    assert done.returncode == 0, done.stderr
    assert "without times, devices, networks, seconds" in done.stderr
    assert len(lines(tmp_path / "influence.csv")) == 200
    assert {line["point_id"] for line in lines(tmp_path / "scores.csv")} == set(POINTS)


POINTS = ("P0", "P1", "P2", "P3")


def test_a_sample_is_counted_at_its_points(tmp_path):
    write(tmp_path, "\n".join([HEADER, *crowd(200)]) + "\n")
    sample = "\n".join(
        ["point_id,g1,g2,h1,h2,s1,s2", *(f"P0,4,4,{3 + k % 2},4,4,4" for k in range(20))]
    )
    (tmp_path / "reference.csv").write_text(sample, encoding="utf-8")
    files = ("--reference", str(tmp_path / "reference.csv"))
    done = run(tmp_path, *files, "--scores", str(tmp_path / "scores.csv"))
    assert done.returncode == 0, done.stderr
    first, second, *_ = sorted(lines(tmp_path / "scores.csv"), key=lambda one: one["point_id"])
    assert (first["sample_n"], second["sample_n"], second["sample_mean"]) == ("20", "0", "")


def test_a_file_with_mistakes_is_refused_and_nothing_is_written(tmp_path):
    write(tmp_path, PLAIN + "a,,9,2\n")
    (tmp_path / "influence.csv").write_text("as it was", encoding="utf-8")
    scores = tmp_path / "scores.csv"
    done = run(tmp_path, "--scores", str(scores), "--scale", "1-5")
    assert (done.returncode, done.stdout) == (2, "")
    assert "3 problems" in done.stderr
    assert "responses.csv:5: column g1: lies outside the scale 1-5 (found '9')" in done.stderr
    assert (tmp_path / "influence.csv").read_text(encoding="utf-8") == "as it was"
    assert not scores.exists()


@pytest.mark.parametrize("how", ["environment", "option"])
def test_mistakes_are_said_in_chinese(tmp_path, how):
    write(tmp_path, PLAIN + "a,,9,2\n")
    if how == "environment":
        done = run(tmp_path, "--scale", "1-5", language="zh_CN.UTF-8")
    else:
        done = run(tmp_path, "--scale", "1-5", "--language", "zh-Hans")
    assert done.returncode == 2
    assert "共 3 处问题" in done.stderr
    assert "responses.csv:5: “g1”列的“9”：不在量表 1-5 内" in done.stderr
    assert "responses.csv:5: “response_id”列的“a”：与第 2 行编号相同" in done.stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--scores", "{}/influence.csv"), "--scores: is named for another result too"),
        (("--scores", "{}/responses.csv"), "--scores: is a file that is read"),
        (("--campaigns", "{}"), "--campaigns: is a folder"),
        (("--campaigns", "{}/none/c.json"), "--campaigns: has no folder"),
        (("--scale", "good"), "--scale: is no scale"),
        (("--items", "g1,g3"), "column g3: is named in --items"),
        (("--reference", "{}/none.csv"), "none.csv: file: is not there"),
    ],
)
def test_an_option_that_cannot_be_is_refused_before_anything_is_written(tmp_path, more, said):
    write(tmp_path, PLAIN)
    done = run(tmp_path, *(word.format(tmp_path) for word in more))
    assert done.returncode == 2
    assert said in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["responses.csv"]


def test_the_manual_names_every_option_column_and_key():
    manual = MANUAL.read_text(encoding="utf-8")
    for names in NAMES.values():
        assert all(f"`{name}`" in manual for name in names if name not in SPOKEN_OF)
    assert all(f"`{column}`" in manual for column in (*INFLUENCE, *SCORES))
    from app.cli.screen import screen

    options = [
        "--" + name.replace("_", "-") for name in screen.__annotations__ if name != "return"
    ]
    assert all(option in manual for option in options)


SPOKEN_OF = ("response", "comment_length")
"""Other headings that are understood without being worth a word."""


def test_the_example_of_the_manual_works(tmp_path):
    manual = MANUAL.read_text(encoding="utf-8")
    example = re.search(r"```csv\n(.*?)```", manual, re.DOTALL)
    write(tmp_path, example[1])
    done = run(tmp_path, "--scores", str(tmp_path / "scores.csv"))
    assert done.returncode == 0, done.stderr
    assert [line["influence"] for line in lines(tmp_path / "influence.csv")] == ["1"] * 4
