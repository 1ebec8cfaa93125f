"""The description of the format against the format: every key, every word, and its example."""

import json
import re
import shutil
from pathlib import Path
from typing import get_args

import pytest

from app.stats.intervals import Method
from app.workflow.study.answers import ROWS
from app.workflow.study.definition import (
    LONELY_RULES,
    DesignPart,
    Pair,
    PopulationSize,
    Request,
    Step,
    Study,
    TableRequest,
    Term,
)
from app.workflow.study.interval_rows import INTERVALS
from app.workflow.study.report import estimate_study
from app.workflow.study.steps import STEPS

ROOT = Path(__file__).parents[2]
DESCRIBED = (ROOT / "docs" / "estimation.md").read_text(encoding="utf-8")
MODELS = (Study, DesignPart, PopulationSize, Step, Request, Pair, Term, TableRequest)
KEYS = {field.alias or name for model in MODELS for name, field in model.model_fields.items()}
WORDS = {*STEPS, *ROWS, *LONELY_RULES, *get_args(Method), *INTERVALS}


@pytest.mark.parametrize("word", sorted(KEYS | WORDS))
def test_every_key_and_word_of_the_format_is_described(word):
    assert re.search(rf'[`"]{re.escape(word)}[`"]', DESCRIBED)


def test_the_example_gives_what_its_text_says(tmp_path):
    (example,) = re.findall(r"```json\n(.*?)```", DESCRIBED, flags=re.DOTALL)
    (folder,) = re.findall(r"cp (tests/\S+)/\{data,margins\}\.csv", DESCRIBED)
    for name in ("data.csv", "margins.csv"):
        shutil.copy(ROOT / folder / name, tmp_path)
    (tmp_path / "design.json").write_text(example, encoding="utf-8")

    found = estimate_study(tmp_path / "design.json")

    means, by_type, _ = (one["rows"] for one in found["estimates"])
    (mean,) = means
    primary, high, _ = by_type
    numbers = [mean["estimate"], mean["se"], *mean["ci_t"], mean["deff"]]
    numbers += [primary["estimate"], high["estimate"]]
    text = DESCRIBED.split("```")[2].split("## Files")[0]
    for number in numbers:
        assert f"{number:.2f}" in text
    for whole in (f"`degf` {found['degf']}", f"`df_domain` {high['df_domain']}"):
        assert whole in text
    assert json.dumps(high["n"]) in text
