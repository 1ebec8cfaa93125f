"""Means and totals of a family of disjoint domains at once: a country's areas for one price.

Everything a mean and its error need is in sums by (unit, domain) and by (calibration column,
domain): z_iD = (Y_iD − ȳ_D W_iD)/W_D − C_i b_D for unit i, with b_D from the regression on the
calibration columns. So the cost depends on units and domains, never on rows times domains.
The sums come from a design in memory (`family_design`) or from a stream (`reduction`).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array

from app.stats.design import Integers
from app.stats.variance import CENSUS
from app.survey.sample import Flags, Floats


@dataclass(frozen=True, slots=True)
class Units:
    """The first-stage units of a design: U entries, each one cluster or some alike."""

    stratum_of: Integers
    """Stratum of each entry (U)."""
    count: Floats
    """Units that each entry stands for (U); sums are those of one of them."""
    factor: Floats
    """(1 − n_h/N_h) n_h/(n_h − 1) of each stratum (H); see `stratum_factor`."""
    df: int

    @property
    def size(self) -> Floats:
        """n_h, units of each stratum (H)."""
        return sums_by(self.stratum_of, self.count, len(self.factor))


@dataclass(frozen=True, slots=True)
class Calibrations:
    """What all calibrations move: C = `moved` · `columns` (U by P), side by side."""

    moved: Floats | csr_array
    """Σ g d of each unit, by calibration cell or by what `columns` is over."""
    columns: Floats
    chain: Floats
    """P by P, from the moments Σ x z/(g q) of each calibration to its b, in their order."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What units and calibrations are, whatever is asked of them."""

    units: Units
    calibrations: Calibrations
    size: Floats
    """n_h (H)."""
    gram: Floats
    """Σ_i f_h C_i C_i' (P by P)."""
    of_stratum: Floats
    """Σ_i C_i in each stratum (H by P)."""

    @classmethod
    def of(cls, units: Units, calibrations: Calibrations) -> "Frame":
        """Sum up what no item changes, once for all items."""
        moved, columns = calibrations.moved, calibrations.columns
        by_stratum = csr_array(
            (units.count, (units.stratum_of, np.arange(len(units.count)))),
            (len(units.factor), len(units.count)),
        )
        scale = (units.factor[units.stratum_of] * units.count)[:, None]
        scaled = moved.multiply(scale) if isinstance(moved, csr_array) else moved * scale
        crossed = np.asarray(moved.T @ (scaled @ columns))
        return cls(
            units,
            calibrations,
            units.size,
            gram=columns.T @ crossed,
            of_stratum=np.asarray((by_stratum @ moved) @ columns),
        )


@dataclass(frozen=True, slots=True)
class DomainSums:
    """The sums of one item over a family of D domains; y less `centre`."""

    unit: Integers
    """Unit of each occupied (unit, domain)."""
    domain: Integers
    total: Floats
    """Σ w y there, of one unit."""
    weight: Floats
    """Σ w there, of one unit."""
    squares: Floats
    """Σ w y² by domain (D)."""
    n: Floats
    """Responses by domain (D)."""
    varies: Flags
    """Whether the answers of a domain differ (D)."""
    moment: Floats
    """Σ x w y/(g q) by calibration column and domain (P by D)."""
    base: Floats
    """Σ x w/(g q) by calibration column and domain (P by D)."""
    centre: float = 0.0


@dataclass(frozen=True, slots=True)
class Family:
    """Means, shares or totals of D domains."""

    value: Floats
    """NaN for the mean of nobody, 0 for their total."""
    standard_error: Floats
    """As the value where nobody answered; 0 for a mean where all said the same."""
    n: Integers
    sum_of_weights: Floats
    design_effect: Floats
    """V over S²/n, drawn with replacement, for a total times (Σw)²; NaN where all, or the
    one who answered, said the same."""
    df: int


def means_of(frame: Frame, sums: DomainSums) -> Family:
    """Weighted means and standard errors of all domains; of an indicator: shares.

    V_D = Σ_h f_h [Σ_i z_iD² − (Σ_i z_iD)²/n_h], multiplied out, so that z is never stored
    outside the occupied (unit, domain).
    """
    weight, mean = _weight_and_mean(frame, sums)
    empty = sums.n == 0
    over = np.divide(1.0, weight, np.zeros(len(weight)), where=weight > 0)
    a = (sums.total - mean[sums.domain] * sums.weight) * over[sums.domain]
    variance = _variances(frame, sums, a, (sums.moment - mean * sums.base) * over)
    variance = np.where(sums.varies, variance, 0.0)
    return Family(
        value=np.where(empty, np.nan, mean + sums.centre),
        standard_error=np.where(empty, np.nan, np.sqrt(variance)),
        n=sums.n.astype(np.intp),
        sum_of_weights=weight,
        design_effect=_effects(sums, variance, weight=weight, mean=mean),
        df=frame.units.df,
    )


def totals_of(frame: Frame, sums: DomainSums) -> Family:
    """Weighted totals Σwy and standard errors of all domains; z_iD = Y_iD − C_i b_D."""
    weight, mean = _weight_and_mean(frame, sums)
    y = sums.total + sums.centre * sums.weight
    variance = _variances(frame, sums, y, sums.moment + sums.centre * sums.base)
    squared = np.divide(variance, weight**2, np.zeros(len(weight)), where=weight > 0)
    return Family(
        value=(mean + sums.centre) * weight,
        standard_error=np.sqrt(variance),
        n=sums.n.astype(np.intp),
        sum_of_weights=weight,
        design_effect=_effects(sums, squared, weight=weight, mean=mean),
        df=frame.units.df,
    )


def stratum_factor(size: Floats, population: Floats | None) -> Floats:
    """(1 − n_h/N_h) n_h/(n_h − 1) of strata; 0 for a census and a unit alone."""
    uncovered = np.ones(len(size)) if population is None else 1 - size / population
    factor = np.where(uncovered < CENSUS, 0.0, uncovered) * size / np.maximum(size - 1, 1)
    return np.where(size > 1, factor, 0.0)


def sums_by(group: Integers, values: Floats, groups: int) -> Floats:
    """Sums of values by group (groups)."""
    return np.bincount(group, values, groups).astype(float)


def _weight_and_mean(frame: Frame, sums: DomainSums) -> tuple[Floats, Floats]:
    """Σw and the mean less `centre` by domain; a mean of 0 where nobody answered."""
    count, domains = frame.units.count[sums.unit], len(sums.n)
    weight = sums_by(sums.domain, count * sums.weight, domains)
    total = sums_by(sums.domain, count * sums.total, domains)
    return weight, np.divide(total, weight, np.zeros(domains), where=weight > 0)


def _variances(frame: Frame, sums: DomainSums, a: Floats, moment: Floats) -> Floats:
    """Variances by domain of z, whose part inside the domain is `a` by (unit, domain)."""
    units, calibrations = frame.units, frame.calibrations
    domains, strata = len(sums.n), len(frame.size)
    b = calibrations.chain @ moment
    stratum, count = units.stratum_of[sums.unit], units.count[sums.unit]
    scaled = units.factor[stratum] * count * a
    shape = (len(units.count), domains)
    inside = csc_array(coo_array((scaled, (sums.unit, sums.domain)), shape))
    crossed = np.asarray((inside.T @ calibrations.moved) @ calibrations.columns)
    by_stratum = sums_by(stratum * domains + sums.domain, count * a, strata * domains)
    of_stratum = by_stratum.reshape(strata, domains) - frame.of_stratum @ b
    variance = sums_by(sums.domain, scaled * a, domains)
    variance += np.einsum("pd,pd->d", frame.gram @ b, b) - 2 * np.einsum("dp,pd->d", crossed, b)
    variance -= (units.factor / np.maximum(frame.size, 1)) @ of_stratum**2
    return np.maximum(variance, 0.0)


def _effects(sums: DomainSums, variance: Floats, *, weight: Floats, mean: Floats) -> Floats:
    """Design effects by domain of means with these variances."""
    answered = sums.varies & (sums.n > 1)
    safe_weight, n = np.where(answered, weight, 1.0), np.where(answered, sums.n, 2.0)
    spread = np.where(answered, sums.squares / safe_weight - mean**2, 1.0) * n / (n - 1)
    return np.where(answered, variance / (spread / n), np.nan)
