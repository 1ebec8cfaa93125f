"""docs/composite.md says what the command does: its example, and every key."""

import json
import re
from pathlib import Path

import pytest
from small_case import EVENTS, HEADER, ROWS, changed, scored

from app.workflow.score_file.reading import KEYS

TEXT = (Path(__file__).parents[2] / "docs" / "composite.md").read_text(encoding="utf-8")
SYSTEM, VALUES, HAPPENED = re.findall(r"```(?:yaml|csv)\n(.*?)```", TEXT, re.DOTALL)


def test_the_example_gives_the_numbers_that_are_told_of_it(tmp_path):
    found = scored(tmp_path, SYSTEM, VALUES, events=HAPPENED)
    east = {key: found[key]["east"] for key in ("score", "deduction", "final", "score_se")}
    assert east == pytest.approx(
        {"score": 90.14, "deduction": 2, "final": 88.14, "score_se": 0.252}
    )
    assert (found["rank"]["east"], found["grade"]["east"]) == (1, "good")
    assert found["effective_weight"]["waste"]["south"] == pytest.approx(0.7)
    assert found["variants"]["geometric"]["score"]["east"] == pytest.approx(89.98, abs=0.005)


def test_every_key_of_a_case_is_described():
    missing = [key for key in KEYS if not re.search(rf"\b{key}\b", TEXT)]
    assert missing == []


def test_every_key_of_an_answer_is_described(tmp_path):
    rank_sets = {"methods": ["marginal_single_step", "simultaneous_single_step"], "draws": 100}
    treat = {"method": "percentile", "lower": 0.1, "upper": 0.9}
    defaults = {**changed()["defaults"], "treat": treat}
    case = changed(rank_sets=rank_sets, defaults=defaults, adjustments=None, grade=None)
    plain = [
        "unit,indicator,value,period",
        *(f"a,x,{year % 7},{year}" for year in (2024, 2025)),
    ]
    found = {
        **scored(tmp_path, changed(), events=EVENTS),
        **scored(tmp_path, json.dumps(case), [HEADER, *ROWS]),
        **scored(tmp_path, {"schema": "composite-case/1", "id": "x"}, plain),
    }
    missing = [key for key in found if f"`{key}`" not in TEXT]
    assert missing == []
