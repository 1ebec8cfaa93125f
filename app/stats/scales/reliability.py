"""Whether the items of a scale measure one thing: alpha, omega, and what each item adds.

Only people who answered every item count. Everything follows from the weighted covariance
of the items, so rows that stand for many equal answers give the same numbers as the answers
one by one. A high alpha does not say that there is one factor; the loadings help to see it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Integers
from app.stats.part import ROUNDING
from app.stats.scales.one_factor import OneFactor, is_singular, one_factor
from app.survey.sample import Flags, Floats

NoOmega = Literal["fewer_than_three_items", "items_repeat_one_another"]
"""Why there is no omega: one factor needs three items, none of them a sum of others."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """What is known of a scale of K items; NaN in an array where a number is undefined."""

    items: tuple[str, ...]
    """Their names, in the order of every array here."""
    n: int
    """Answers to all items with a positive weight."""
    alpha: float
    alpha_standardized: float | None
    """None where the standardised items sum to the same for everybody."""
    omega_standardized: float | None
    omega_unstandardized: float | None
    no_omega: NoOmega | None
    loadings_standardized: Floats | None
    """K; None where there is no omega."""
    heywood: tuple[str, ...]
    """Items whose own variance would be nil or negative: omega is then held at a bound."""
    item_variances: Floats
    total_variance: float
    """Of the sum of the items."""
    covariance: Floats
    """K by K."""
    alpha_if_item_dropped: Floats
    """K; NaN where one item is left, or the rest sums to the same for everybody."""
    item_rest_correlations: Floats
    """K; of each item with the sum of the others, which is the corrected correlation."""


def reliability(
    items: Mapping[str, Floats],
    weight: Floats,
    *,
    count: Floats | None = None,
    reverse: Collection[str] = (),
    ends: tuple[float, float] | None = None,
) -> Reliability:
    """Reliability of the scale made of `items` (name → n answers, NaN if missing).

    V_jk = n/(n−1) Σw(x_j − x̄_j)(x_k − x̄_k)/Σw over the rows without a missing answer;
    α = K/(K−1) (1 − Σ_j V_jj / Σ_jk V_jk) (Cronbach 1951), standardised K r̄/(1 + (K−1) r̄);
    ω = (Σl)²/((Σl)² + Σψ) with the loadings l of one factor (McDonald 1999).
    `weight` (n) is that of one response, `count` (n) the equal responses a row stands for.
    Items in `reverse` become low + high − x, with `ends` = (low, high) of the answer scale.
    Raises CannotEstimate, with every problem, where items do not vary or nobody is complete.
    """
    x = _turned(items, reverse, ends)
    complete = _complete(x, np.asarray(weight, float))
    w, n = _summed_weights(weight, count, complete)
    covariance = _covariance(x[complete], w, n=n, names=tuple(items))
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    no_omega = _no_omega(correlation)
    factor = None if no_omega else one_factor(correlation)
    return Reliability(
        items=tuple(items),
        n=n,
        alpha=_alpha(covariance),
        alpha_standardized=_alpha_standardized(correlation),
        omega_standardized=None if factor is None else _omega(factor, np.ones(len(spread))),
        omega_unstandardized=None if factor is None else _omega(factor, spread),
        no_omega=no_omega,
        loadings_standardized=None if factor is None else factor.loadings,
        heywood=() if factor is None else _named(tuple(items), factor.at_bound),
        item_variances=np.diag(covariance).copy(),
        total_variance=float(covariance.sum()),
        covariance=covariance,
        alpha_if_item_dropped=_alphas_without(covariance),
        item_rest_correlations=_item_rest(covariance),
    )


def alpha_under(
    items: Mapping[str, Floats],
    weights: Floats,
    *,
    count: Floats | None = None,
    reverse: Collection[str] = (),
    ends: tuple[float, float] | None = None,
) -> Floats:
    """Alpha under each of R columns of weights (n by R), for a replicate standard error.

    The same answers count in every column; those of weight 0 add nothing. Raises
    CannotEstimate naming the columns under which the answers do not vary.
    """
    x = _turned(items, reverse, ends)
    rows = ~np.isnan(x).any(axis=1)
    x, w = x[rows], np.asarray(weights, float)[rows]
    if count is not None:
        w = w * count[rows, None]
    x = x - x.mean(axis=0)  # near 0 the squares keep their digits
    size = w.sum(axis=0)
    held = np.where(size > 0, size, 1.0)
    means = (w.T @ x) / held[:, None]
    of_items = (w.T @ (x**2).sum(axis=1)) / held - (means**2).sum(axis=1)
    of_sum = (w.T @ x.sum(axis=1) ** 2) / held - means.sum(axis=1) ** 2
    flat = (size <= 0) | (of_sum <= ROUNDING * np.maximum(of_items, x.var()))
    if flat.any():
        raise CannotEstimate(
            f"replicates {_listed(np.flatnonzero(flat) + 1)}: the sum of {', '.join(items)} "
            "is the same for everybody. Use replicates that leave out fewer clusters."
        )
    k = x.shape[1]
    alphas: Floats = k / (k - 1) * (1 - of_items / of_sum)
    return alphas


def _turned(
    items: Mapping[str, Floats],
    reverse: Collection[str],
    ends: tuple[float, float] | None,
) -> Floats:
    """The answers as n by K, reversed items turned; refuses what cannot be a scale."""
    problems = list(_problems(items, reverse, ends))
    if problems:
        raise CannotEstimate("\n".join(problems))
    columns = [np.asarray(answers, float) for answers in items.values()]
    if ends is not None:
        turn = sum(ends)
        columns = [
            turn - answers if name in reverse else answers
            for name, answers in zip(items, columns, strict=True)
        ]
    return np.column_stack(columns)


def _problems(
    items: Mapping[str, Floats],
    reverse: Collection[str],
    ends: tuple[float, float] | None,
) -> Iterator[str]:
    if len(items) < 2:
        yield f"a scale needs two items or more; given: {', '.join(items) or 'none'}"
    for name in sorted(set(reverse) - set(items)):
        yield f"item {name} is to be reversed but is not among {', '.join(items)}"
    if reverse and ends is None:
        yield (
            f"items {', '.join(sorted(reverse))} are to be reversed: state the lowest and "
            "the highest answer of the scale"
        )
    for name, answers in items.items():
        if ends is None or np.isnan(answers).all():
            continue
        low, high = float(np.nanmin(answers)), float(np.nanmax(answers))
        if low < min(ends) or high > max(ends):
            yield (
                f"item {name} has answers from {low:g} to {high:g}, outside the scale from "
                f"{ends[0]:g} to {ends[1]:g}. Recode them or state the ends of the scale."
            )


def _complete(x: Floats, weight: Floats) -> Flags:
    """Rows with every item answered and a positive weight."""
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise CannotEstimate("a weight is negative or not finite")
    complete: Flags = ~np.isnan(x).any(axis=1) & (weight > 0)
    return complete


def _summed_weights(
    weight: Floats, count: Floats | None, complete: Flags
) -> tuple[Floats, int]:
    """Weight of each complete row over all its responses, and how many responses they are."""
    w = np.asarray(weight, float)[complete]
    if count is None:
        return w, len(w)
    responses = np.asarray(count)[complete]
    return w * responses, int(responses.sum())


def _covariance(x: Floats, w: Floats, *, n: int, names: tuple[str, ...]) -> Floats:
    """n/(n − 1) Σw(x_j − x̄_j)(x_k − x̄_k)/Σw; refuses items that do not vary."""
    if n < 2:
        raise CannotEstimate(
            f"{n} of the answers are complete on {', '.join(names)}; at least 2 are needed. "
            "Leave out the item that fewest people answered."
        )
    centred = x - (w @ x) / w.sum()
    flat = np.abs(centred).max(axis=0) <= ROUNDING * np.maximum(np.abs(x).max(axis=0), 1.0)
    if flat.any():
        raise CannotEstimate(
            "\n".join(
                f"item {name}: all {n} complete answers are {value:g}, so it has no variance. "
                "Leave it out of the scale."
                for name, value in zip(_named(names, flat), x[0, flat], strict=True)
            )
        )
    covariance: Floats = (centred * (w * (n / (n - 1) / w.sum()))[:, None]).T @ centred
    if covariance.sum() <= ROUNDING * np.trace(covariance):
        raise CannotEstimate(
            f"the items {', '.join(names)} sum to the same for everybody, so the scale tells "
            "nobody apart. Reverse the items that are worded the other way round."
        )
    return (covariance + covariance.T) / 2


def _alpha(covariance: Floats) -> float:
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def _alpha_standardized(correlation: Floats) -> float | None:
    k = len(correlation)
    r = (correlation.sum() - k) / (k * (k - 1))
    whole = 1 + (k - 1) * r
    return float(k * r / whole) if whole > ROUNDING else None


def _alphas_without(covariance: Floats) -> Floats:
    """Alpha of the K scales of K − 1 items."""
    k = len(covariance)
    variances = np.diag(covariance)
    rest = covariance.sum() - 2 * covariance.sum(axis=0) + variances
    sum_of_variances = variances.sum() - variances
    defined = (rest > ROUNDING * sum_of_variances) & (k > 2)
    ratio = np.divide(sum_of_variances, rest, out=np.full(k, np.nan), where=defined)
    return (k - 1) / max(k - 2, 1) * (1 - ratio)


def _item_rest(covariance: Floats) -> Floats:
    """(Σ_k V_jk − V_jj) / √(V_jj V_rest): the correlation corrected for the item itself."""
    variances = np.diag(covariance)
    across = covariance.sum(axis=0) - variances
    rest = covariance.sum() - 2 * across - variances
    defined = rest > ROUNDING * variances
    nothing = np.full(len(covariance), np.nan)
    return np.divide(
        across, np.sqrt(variances * np.maximum(rest, 0)), out=nothing, where=defined
    )


def _no_omega(correlation: Floats) -> NoOmega | None:
    if len(correlation) < 3:
        return "fewer_than_three_items"
    return "items_repeat_one_another" if is_singular(correlation) else None


def _omega(factor: OneFactor, spread: Floats) -> float:
    """(Σl s)² / ((Σl s)² + Σ(1 − l²) s²), s the items' standard deviations."""
    common = float(factor.loadings @ spread) ** 2
    return common / (common + float((1 - factor.loadings**2) @ spread**2))


def _named(names: tuple[str, ...], flags: Flags) -> tuple[str, ...]:
    return tuple(name for name, flag in zip(names, flags, strict=True) if flag)


def _listed(numbers: Integers) -> str:
    shown = ", ".join(str(number) for number in numbers[:5])
    return shown if len(numbers) <= 5 else f"{shown} and {len(numbers) - 5} more"
