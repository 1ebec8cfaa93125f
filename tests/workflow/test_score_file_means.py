"""Means, normalisations and treatments of a case against formulas written out by hand."""

import numpy as np
import pytest
from small_case import scored

from app.errors import InputRefused

X = np.array(
    [[2.5, 7.1, 3.3], [4.0, 1.2, 8.8], [6.4, 5.5, 5.1], [1.3, 3.9, 7.7], [8.2, 2.6, 1.9]]
)
DIRECTION, W = np.array([1, -1, 1]), np.array([1, 2, 3]) / 6
Z = DIRECTION * X
MINMAX = 1 + 99 * (Z - Z.min(axis=0)) / np.ptp(Z, axis=0)
MPI = 100 + 10 * DIRECTION * (X - X.mean(axis=0)) / X.std(axis=0)
M, V = MPI.mean(axis=1), MPI.var(axis=1)
ROWS = [f"u{i},x{j},{x}" for (i, j), x in np.ndenumerate(X)]


def outranking(y):
    above = (y[:, None, :] > y) + 0.5 * (y[:, None, :] == y)
    share = (W * above).sum(axis=2)
    np.fill_diagonal(share, 0.5)
    return (share > 0.5).sum(axis=1) - (share < 0.5).sum(axis=1)


def answer(folder, aggregate, normalise, **defaults):
    case = {
        "schema": "composite-case/1",
        "id": "means",
        "defaults": {"aggregate": aggregate, "normalise": normalise, **defaults},
        "nodes": [{"id": "S", "parent": None}],
        "indicators": [
            {"id": f"x{j}", "parent": "S", "weight": j + 1, "direction": d}
            for j, d in enumerate(DIRECTION.tolist())
        ],
    }
    return scored(folder, case, ["unit,indicator,value", *ROWS])


@pytest.mark.parametrize(
    ("aggregate", "want"),
    [
        ("arithmetic", (W * MINMAX).sum(axis=1)),
        ("geometric", np.exp((W * np.log(MINMAX)).sum(axis=1))),
        ("harmonic", 1 / (W / MINMAX).sum(axis=1)),
        ({"power": 2}, np.sqrt((W * MINMAX**2).sum(axis=1))),
        ({"power": 0}, np.exp((W * np.log(MINMAX)).sum(axis=1))),
        ("copeland", outranking(MINMAX)),
    ],
    ids=str,
)
def test_a_mean_is_the_formula(tmp_path, aggregate, want):
    found = answer(tmp_path, aggregate, {"method": "minmax", "range": [1, 100]})
    assert [*found["score"].values()] == pytest.approx(want.tolist(), rel=1e-12)


@pytest.mark.parametrize(
    ("aggregate", "want"), [("mpi_minus", M - V / M), ("mpi_plus", M + V / M)]
)
def test_the_mazziotta_pareto_index_is_the_formula(tmp_path, aggregate, want):
    found = answer(tmp_path, aggregate, "mpi")
    assert [*found["score"].values()] == pytest.approx(want.tolist(), rel=1e-12)


def test_treatment_comes_before_direction_and_is_shown(tmp_path):
    treat = {"method": "percentile", "lower": 0.1, "upper": 0.9}
    found = answer(tmp_path, "arithmetic", {"method": "zscore"}, treat=treat)
    want = np.clip(X, *np.quantile(X, [0.1, 0.9], axis=0))
    got = np.array([[*found["treated"][f"x{j}"].values()] for j in range(3)]).T
    assert got == pytest.approx(want)
    assert found["treatment"]["x0"]["moved"]["u4"][0] == 8.2


def test_a_geometric_mean_of_a_score_that_is_0_is_refused_by_unit(tmp_path):
    with pytest.raises(InputRefused) as refused:
        answer(tmp_path, "geometric", {"method": "minmax", "range": [0, 100]})
    assert "E106" in str(refused.value)
    assert "u0" in str(refused.value)
    assert "几何平均" in refused.value.in_chinese
