"""Means of a family of disjoint domains at once: a country's areas for the price of one.

Everything a mean and its error need is in sums by (unit, domain) and by (calibration column,
domain): z_iD = (Y_iD − ȳ_D W_iD)/W_D − C_i b_D for unit i, with b_D from the regression on the
calibration columns. So the cost depends on units and domains, never on rows times domains.
The sums come from a design in memory (`family_design`) or from a stream (`reduction`).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array

from app.stats.design import Integers
from app.stats.variance import CENSUS
from app.survey.sample import Floats


@dataclass(frozen=True, slots=True)
class Frame:
    """What units and calibrations are, whatever is asked of them: U units, P columns."""

    stratum_of: Integers
    """Stratum of each unit (U)."""
    size: Floats
    """n_h, units of each stratum (H)."""
    factor: Floats
    """(1 − n_h/N_h) n_h/(n_h − 1) of each stratum (H)."""
    moved: Floats
    """C: Σ g d x over the responses of each unit (U by P), all calibrations side by side."""
    chain: Floats
    """P by P, from the moments Σ x z/(g q) of each calibration to its b, in their order."""

    @property
    def df(self) -> int:
        """Units less strata, of those that have any."""
        return int(self.size.sum()) - int((self.size > 0).sum())


@dataclass(frozen=True, slots=True)
class DomainSums:
    """The sums of one item over a family of D domains; y less `centre`."""

    unit: Integers
    """Unit of each occupied (unit, domain)."""
    domain: Integers
    total: Floats
    """Σ w y there."""
    weight: Floats
    """Σ w there."""
    squares: Floats
    """Σ w y² by domain (D)."""
    n: Floats
    """Responses by domain (D)."""
    moment: Floats
    """Σ x w y/(g q) by calibration column and domain (P by D)."""
    base: Floats
    """Σ x w/(g q) by calibration column and domain (P by D)."""
    centre: float = 0.0


@dataclass(frozen=True, slots=True)
class Family:
    """Means of D domains; NaN where nobody answered."""

    value: Floats
    standard_error: Floats
    n: Integers
    sum_of_weights: Floats
    design_effect: Floats
    """V over S²/n, drawn with replacement; NaN with one answer or without variation."""
    df: int


def means_of(frame: Frame, sums: DomainSums) -> Family:
    """Weighted means and standard errors of all domains of a family.

    V_D = Σ_h f_h [Σ_i z_iD² − (Σ_i z_iD)²/n_h], multiplied out, so that z is never stored
    outside the occupied (unit, domain).
    """
    domains = len(sums.n)
    weight = sums_by(sums.domain, sums.weight, domains)
    total = sums_by(sums.domain, sums.total, domains)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / weight
        a = (sums.total - mean[sums.domain] * sums.weight) / weight[sums.domain]
        b = frame.chain @ ((sums.moment - mean * sums.base) / weight)
        variance = _variances(frame, sums, a, np.nan_to_num(b))
        spread = (sums.squares / weight - mean**2) * sums.n / (sums.n - 1)
        effect = variance / (spread / sums.n)
    empty = weight <= 0
    return Family(
        value=np.where(empty, np.nan, mean + sums.centre),
        standard_error=np.where(empty, np.nan, np.sqrt(np.maximum(variance, 0.0))),
        n=sums.n.astype(np.intp),
        sum_of_weights=weight,
        design_effect=np.where(np.isfinite(effect), effect, np.nan),
        df=frame.df,
    )


def stratum_factor(size: Floats, population: Floats | None) -> Floats:
    """(1 − n_h/N_h) n_h/(n_h − 1) of strata with two units or more; 0 for a census."""
    uncovered = np.ones(len(size)) if population is None else 1 - size / population
    return np.where(uncovered < CENSUS, 0.0, uncovered) * size / np.maximum(size - 1, 1)


def _variances(frame: Frame, sums: DomainSums, a: Floats, b: Floats) -> Floats:
    domains, strata = len(sums.n), len(frame.size)
    factor = frame.factor[frame.stratum_of]
    squares = sums_by(sums.domain, factor[sums.unit] * a**2, domains)
    shape = (len(frame.stratum_of), domains)
    inside = coo_array((factor[sums.unit] * a, (sums.unit, sums.domain)), shape).tocsc()
    crossed = np.asarray(inside.T @ frame.moved)  # domains by P
    gram = frame.moved.T @ (factor[:, None] * frame.moved)
    place = frame.stratum_of[sums.unit] * domains + sums.domain
    of_stratum = sums_by(place, a, strata * domains).reshape(strata, domains)
    moved = [sums_by(frame.stratum_of, column, strata) for column in frame.moved.T]
    if moved:
        of_stratum = of_stratum - np.column_stack(moved) @ b
    of_means = (frame.factor / np.maximum(frame.size, 1)) @ of_stratum**2
    adjusted = -2 * np.einsum("dp,pd->d", crossed, b) + np.einsum("pd,pq,qd->d", b, gram, b)
    result: Floats = squares + adjusted - of_means
    return result


def sums_by(group: Integers, values: Floats, groups: int) -> Floats:
    """Sums of values by group (groups)."""
    return np.bincount(group, values, groups).astype(float)
