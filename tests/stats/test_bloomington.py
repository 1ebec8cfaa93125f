"""The real answers of 595 residents, against R and against a formula of a few lines."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from app.stats.design import simple_design
from app.stats.estimation import mean

FOLDER = Path(__file__).parents[1] / "reference" / "bloomington2017"
EXPECTED = json.loads((FOLDER / "expected_all_modes.json").read_text())

# The source writes 66.67; the expected means need the fraction itself.
FOUR_POINTS = {"1": 100.0, "2": 200 / 3, "3": 100 / 3, "4": 0.0}
FIVE_POINTS = {"1": 100.0, "2": 75.0, "3": 50.0, "4": 25.0, "5": 0.0}
DIMENSIONS = {
    "gain": "q12a q13a q13b q13d q13f q13g q13h q18a q18b q18c q18g q18h q18j q18k q18p q18q "
    "q18r q18t q18u q18jj",
    "happiness": "q1a q1b q1d q1g q2c q2e q2h q5i q5j q6f q6i q6r",
    "security": "q2a q4a q4b q4c q4d q18d",
}


def read_columns() -> dict[str, np.ndarray]:
    with (FOLDER / "responses.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


COLUMNS = read_columns()


def points(item: str) -> np.ndarray:
    score_map = FIVE_POINTS if item.startswith("q4") else FOUR_POINTS
    return np.array([score_map.get(code, np.nan) for code in COLUMNS[item]])


def values(variable: str) -> np.ndarray:
    if variable == "senses":
        return np.vstack([values(name) for name in DIMENSIONS]).mean(axis=0)
    if variable not in DIMENSIONS:
        return points(variable)
    parts = np.vstack([points(item) for item in DIMENSIONS[variable].split()])
    count = (~np.isnan(parts)).sum(axis=0)
    enough = count >= math.ceil(0.6 * len(parts) - 1e-9)
    return np.where(enough, np.nansum(parts, axis=0) / np.maximum(count, 1), np.nan)


@pytest.mark.parametrize("row", EXPECTED, ids=lambda r: f"{r['variable']}-{r['level']}")
def test_every_mean_error_count_and_design_effect_agrees(row):
    design = simple_design(COLUMNS["wt"].astype(float))
    domain = None if row["level"] is None else COLUMNS["area"] == str(row["level"])
    got = mean(design, values(row["variable"]), domain=domain)
    assert got.n == row["n"]
    assert got.value == pytest.approx(row["mean"], rel=1e-9)
    assert got.standard_error == pytest.approx(row["se"], rel=1e-9)
    assert got.design_effect == pytest.approx(row["deff"], rel=1e-9)


ITEMS = sorted({item for parts in DIMENSIONS.values() for item in parts.split()})
AREAS, MODES = ("1", "2", "3", "4"), ("1", "2")
PARTS = [
    ("everybody", {}),
    *((f"area {a}", {"area": a}) for a in AREAS),
    *((f"mode {m}", {"mode": m}) for m in MODES),
    *((f"area {a}, mode {m}", {"area": a, "mode": m}) for a in AREAS for m in MODES),
]


def members(levels: dict[str, str]) -> np.ndarray:
    inside = np.ones(len(COLUMNS["wt"]), bool)
    for column, level in levels.items():
        inside &= COLUMNS[column] == level
    return inside


def by_the_book(y: np.ndarray, inside: np.ndarray) -> tuple[int, float, float, float]:
    """n, ȳ = Σwy/Σw, √(n/(n−1) Σ(z − z̄)²) over all rows, and the effect; nothing of app."""
    weight = COLUMNS["wt"].astype(float)
    rows = len(weight)
    part = inside & ~np.isnan(y)
    n, w, given = int(part.sum()), weight[part], y[part]
    mean_of_part = (w * given).sum() / w.sum()
    z = np.zeros(rows)
    z[part] = w * (given - mean_of_part) / w.sum()
    variance = rows / (rows - 1) * ((z - z.mean()) ** 2).sum()
    spread = n / (n - 1) * (w * (given - mean_of_part) ** 2).sum() / w.sum()
    return n, mean_of_part, math.sqrt(variance), variance / (spread / n)


def test_every_item_and_indicator_agrees_in_every_area_mode_and_area_by_mode():
    design = simple_design(COLUMNS["wt"].astype(float))
    compared = 0
    for variable in [*ITEMS, *DIMENSIONS, "senses"]:
        y = values(variable)
        for name, levels in PARTS:
            inside = members(levels)
            n, value, error, effect = by_the_book(y, inside)
            got = mean(design, y, domain=inside)
            where = f"{variable}, {name}"
            assert (got.n, got.df) == (n, 594), where
            assert got.value == pytest.approx(value, rel=1e-9), where
            assert got.standard_error == pytest.approx(error, rel=1e-9), where
            assert got.design_effect == pytest.approx(effect, rel=1e-9), where
            compared += 1
    assert compared == (38 + 4) * 15


def test_the_short_formula_of_this_test_gives_what_r_gave():
    for row in EXPECTED:
        levels = {} if row["level"] is None else {"area": str(row["level"])}
        n, value, error, effect = by_the_book(values(row["variable"]), members(levels))
        assert (n, value) == (row["n"], pytest.approx(row["mean"], rel=1e-9))
        assert (error, effect) == pytest.approx((row["se"], row["deff"]), rel=1e-9)
