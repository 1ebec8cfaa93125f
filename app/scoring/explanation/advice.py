"""Weights that data or pairwise judgements would suggest: advice, and never a default.

Whoever decides on weights may want to see them beside their own. None of them knows what an
indicator is worth: they measure how far it tells units apart (entropy, variation, Gini), how
little it repeats others (CRITIC), or how much it shares with them (components). They take a
matrix of units × indicators without gaps; a constant indicator weighs exactly 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import InputRefused, Problem
from app.survey.sample import Flags, Floats

NOISE = 1e-12
"""What is left of a sum that should be 0, relative to its terms."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the rows and columns of a matrix are called, for whoever reads a refusal."""

    units: Sequence[str]
    indicators: Sequence[str]


def entropy_weights(
    matrix: Floats, directions: Sequence[int] | None = None, *, names: Names | None = None
) -> Floats:
    """Entropy weights (熵权法; Shannon 1948, Zeleny 1982): w_j ∝ 1 - e_j.

    e_j = -Σ_i p_ij ln p_ij / ln n with p_ij = x_ij / Σ_i x_ij and 0 · ln 0 = 0. Without
    `directions` the values are taken as they are and must not be negative; with them (1 or
    -1) they are first normalised to 0 … 1, min-max, by direction.
    """
    values, varies = _checked(matrix, names)
    if directions is None:
        _refuse(_negatives(values, names))
    else:
        values = _minmax(values, varies, _signs(directions, values))
    ratios = values / np.where(varies, values.mean(axis=0), 1.0)
    # 1 - e_j = Σ (r ln r - r + 1) / (n ln n) with r = x / mean: no two nearly equal numbers
    # are subtracted, so twelve digits stand where values hardly differ.
    with np.errstate(divide="ignore"):
        logarithms = np.where(ratios > 0, np.log1p(ratios - 1), 0.0)
    parts = (ratios * logarithms - (ratios - 1)).sum(axis=0)
    return _shares(np.where(varies, parts, 0.0))


def variation_weights(matrix: Floats, *, names: Names | None = None) -> Floats:
    """Weights by coefficients of variation (变异系数法): w_j ∝ sd_j / mean_j.

    Values must not be negative: a coefficient of variation has a meaning on ratio scales
    only. Whether n or n - 1 stands in the deviation makes no difference.
    """
    values, varies = _checked(matrix, names)
    _refuse(_negatives(values, names))
    means = np.where(varies, values.mean(axis=0), 1.0)
    return _shares(np.where(varies, values.std(axis=0, ddof=1) / means, 0.0))


def gini_weights(matrix: Floats, *, names: Names | None = None) -> Floats:
    """Weights by Gini coefficients: w_j ∝ Σ_i Σ_k |x_ij - x_kj| / (2 n² mean_j).

    Values must not be negative.
    """
    values, varies = _checked(matrix, names)
    _refuse(_negatives(values, names))
    n = values.shape[0]
    # Σ Σ |x_i - x_k| = 2 Σ (2 i - n - 1) x_(i) over ordered values, i from 1.
    places = 2 * np.arange(1, n + 1) - n - 1
    differences = 2 * (places[:, None] * np.sort(values, axis=0)).sum(axis=0)
    means = np.where(varies, values.mean(axis=0), 1.0)
    return _shares(np.where(varies, differences / (2 * n**2 * means), 0.0))


def critic_weights(
    matrix: Floats, directions: Sequence[int] | None = None, *, names: Names | None = None
) -> Floats:
    """CRITIC weights (Diakoulaki, Mavrotas and Papayannakis 1995): w_j ∝ σ_j Σ_k (1 - r_jk).

    σ_j is the standard deviation of the min-max normalised indicator, r the correlations of
    the normalised indicators; `directions` (1 or -1, all 1 without them) turn their signs.
    """
    values, varies = _checked(matrix, names)
    signs = _signs(directions or [1] * values.shape[1], values)
    kept = _minmax(values, varies, signs)[:, varies]
    conflict = (1 - _correlations(kept)).sum(axis=0)
    conflict[np.abs(conflict) <= NOISE * kept.shape[1]] = 0.0
    weights = np.zeros(values.shape[1])
    weights[varies] = kept.std(axis=0, ddof=1) * conflict
    return _shares(weights)


def first_component_weights(matrix: Floats, *, names: Names | None = None) -> Floats:
    """Weights by the first principal component of the correlations: w_j = a_j², Σ a_j² = 1.

    a is its unit eigenvector, so a_j² is the part of indicator j in it; turning an indicator
    round changes nothing. Refused where a second component explains just as much.
    """
    values, varies = _checked(matrix, names)
    explained, vectors = _components(values[:, varies])
    if explained.size > 1 and explained[0] - explained[1] <= NOISE * explained.size:
        _refuse([_no_first_component()])
    weights = np.zeros(values.shape[1])
    weights[varies] = vectors[:, 0] ** 2
    return _shares(weights)


def communality_weights(matrix: Floats, *, names: Names | None = None) -> Floats:
    """Weights by explained variance (OECD and JRC 2008, §6.1): w_j ∝ Σ_k λ_k a_jk².

    The sum runs over the principal components of the correlations that explain more than
    one indicator alone, λ_k > 1 (Kaiser 1960), and over the first one in any case. It is the
    part of an indicator's variance that these components explain; they are not rotated.
    """
    values, varies = _checked(matrix, names)
    explained, vectors = _components(values[:, varies])
    kept = explained > 1 + NOISE * explained.size
    kept[0] = True
    weights = np.zeros(values.shape[1])
    weights[varies] = (vectors[:, kept] ** 2 * explained[kept]).sum(axis=1)
    return _shares(weights)


def _components(values: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues of the correlations, largest first, and their unit vectors as columns."""
    explained, vectors = np.linalg.eigh(_correlations(values))
    return explained[::-1], vectors[:, ::-1]


def _correlations(values: Floats) -> Floats:
    deviations = values - values.mean(axis=0)
    standard = deviations / np.sqrt((deviations**2).sum(axis=0))
    correlations: Floats = standard.T @ standard
    return correlations


def _minmax(values: Floats, varies: Flags, signs: Floats) -> Floats:
    """Values by direction from 0 to 1; a constant column is 0."""
    turned = values * signs
    low = turned.min(axis=0)
    spread = np.where(varies, turned.max(axis=0) - low, 1.0)
    return np.where(varies, (turned - low) / spread, 0.0)


def _shares(parts: Floats) -> Floats:
    """Parts as shares of their sum."""
    total = parts.sum()
    if total <= NOISE:
        _refuse([_nothing_to_weigh_by()])
    return parts / total


def _signs(directions: Sequence[int], values: Floats) -> Floats:
    signs = np.array(directions, dtype=np.float64)
    if signs.shape != values.shape[1:] or not np.isin(signs, [1, -1]).all():
        message = "must be 1 or -1, one for each indicator"
        chinese = "指标方向须为每个指标各给一个 1 或 -1。"
        _refuse([Problem("directions", message, "Correct them.", chinese=chinese)])
    return signs


def _checked(matrix: Floats, names: Names | None) -> tuple[Floats, Flags]:
    """The matrix without anything wrong in it, and which of its columns vary."""
    values = np.array(matrix, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] < 2 or values.shape[1] < 1:
        message = "needs two units and one indicator at least"
        chinese = "计算建议权重至少需要两个单位和一个指标。"
        _refuse([Problem("matrix", message, "Give more.", chinese=chinese)])
    _refuse(_gaps(values, names))
    varies = np.ptp(values, axis=0) > NOISE * np.abs(values).max(axis=0)
    if not varies.any():
        _refuse([_nothing_to_weigh_by()])
    return values, varies


def _gaps(values: Floats, names: Names | None) -> Iterator[Problem]:
    for row, column in np.argwhere(~np.isfinite(values)):
        unit, indicator = _named(names, int(row), int(column))
        yield Problem(
            f"unit {unit}, indicator {indicator}",
            "has no finite number",
            "Leave the unit or the indicator out, or give the value.",
            chinese=f"单位 {unit}、指标 {indicator} 没有有限数值。请补上，或剔除该单位或指标。",
        )


def _negatives(values: Floats, names: Names | None) -> Iterator[Problem]:
    for row, column in np.argwhere(values < 0):
        unit, indicator = _named(names, int(row), int(column))
        yield Problem(
            f"unit {unit}, indicator {indicator}",
            "is negative, so it is no part of a whole",
            "Give normalised scores from 0 upwards.",
            float(values[row, column]),
            chinese=f"单位 {unit}、指标 {indicator} 的值 {values[row, column]:g} 为负。"
            "请改用不小于 0 的归一化得分。",
        )


def _named(names: Names | None, row: int, column: int) -> tuple[str, str]:
    if names is None:
        return str(row + 1), str(column + 1)
    return names.units[row], names.indicators[column]


def _nothing_to_weigh_by() -> Problem:
    message = "tells no unit from another, or repeats one indicator only"
    chinese = "各指标都无法区分单位，或只是重复同一指标，不能据此给出权重。"
    cure = "Weights cannot come from these values."
    return Problem("matrix", message, cure, chinese=chinese)


def _no_first_component() -> Problem:
    message = "has two first components that explain the same"
    cure = "Use communality_weights."
    chinese = "前两个主成分解释的方差相同，第一主成分不唯一。请改用共同度权重。"
    return Problem("matrix", message, cure, chinese=chinese)


def _refuse(problems: Iterator[Problem] | Sequence[Problem]) -> None:
    found = tuple(problems)
    if found:
        raise InputRefused(found)
