"""Weights from pairwise judgements (analytic hierarchy process): advice, never a default.

Saaty, "The Analytic Hierarchy Process" (1980): a_ij says how many times indicator i matters
as much as j; the weights are the principal eigenvector; judgements that contradict each
other too much are refused.
"""

import numpy as np

from app.errors import InputRefused, Problem
from app.survey.sample import Floats

RANDOM_INDEX = (
    *(0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49),
    *(1.51, 1.48, 1.56, 1.57, 1.59),
)
"""Mean consistency index of random judgements on 1, 2, … indicators (Saaty 1980)."""
ACCEPTABLE = 0.1
"""A consistency ratio must stay below."""
RECIPROCAL = 0.01
"""a_ij · a_ji may differ from 1 by this much: a third is often written 0.33."""


def ahp_weights(judgements: Floats) -> Floats:
    """The principal eigenvector of `judgements` (square, a_ji = 1 / a_ij), summing to 1.

    Raises InputRefused where the matrix is none of judgements, or where its consistency
    ratio is 0.1 or more.
    """
    matrix = _checked(judgements)
    ratio = consistency_ratio(matrix)
    if not ratio < ACCEPTABLE:
        raise InputRefused([_inconsistent(ratio)])
    values, vectors = np.linalg.eig(matrix)
    principal = np.abs(vectors[:, np.argmax(values.real)].real)
    weights: Floats = principal / principal.sum()
    return weights


def consistency_ratio(judgements: Floats) -> float:
    """CR = CI / RI with CI = (λ_max - n) / (n - 1); 0 for two indicators or one."""
    matrix = _checked(judgements)
    n = matrix.shape[0]
    if n <= 2:
        return 0.0
    largest = float(np.linalg.eigvals(matrix).real.max())
    return max(largest - n, 0.0) / (n - 1) / RANDOM_INDEX[n - 1]


def _checked(judgements: Floats) -> Floats:
    matrix = np.array(judgements, dtype=np.float64)
    most = len(RANDOM_INDEX)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not 1 <= len(matrix) <= most:
        message = f"must be square, for {most} indicators at most"
        chinese = f"判断矩阵须为方阵，且不超过 {most} 个指标。"
        raise InputRefused([Problem("judgements", message, "Correct it.", chinese=chinese)])
    positive = np.isfinite(matrix) & (matrix > 0)
    with np.errstate(invalid="ignore", over="ignore"):
        reciprocal = np.abs(matrix * matrix.T - 1) <= RECIPROCAL
    wrong = np.argwhere(np.triu(~positive | ~positive.T | ~reciprocal))
    if wrong.size:
        raise InputRefused(
            [_not_reciprocal(int(i), int(j), float(matrix[i, j])) for i, j in wrong]
        )
    return matrix


def _not_reciprocal(i: int, j: int, found: float) -> Problem:
    return Problem(
        f"judgements, row {i + 1}, column {j + 1}",
        "must be positive, and 1 over the one across the diagonal",
        "Write 3 here and 1/3 there; 1 on the diagonal.",
        found,
        chinese=f"判断矩阵第 {i + 1} 行第 {j + 1} 列须为正数，且与对称位置互为倒数；"
        "对角线须为 1。",
    )


def _inconsistent(ratio: float) -> Problem:
    return Problem(
        "judgements",
        f"contradict each other: the consistency ratio is {ratio:.3f}, and must be below 0.1",
        "Judge again the pairs that do not fit.",
        chinese=f"判断矩阵的一致性比率为 {ratio:.3f}，须小于 0.1。"
        "请重新比较相互矛盾的各对指标。",
    )
