"""Means of many disjoint domains and what they differ from everybody, at the price of a few.

The same numbers as `estimation.mean` and `comparison.difference`, domain by domain, for
designs whose responses are drawn one by one. With e = z − M f, z the linearised variable, M
the calibrations' g d at their cells and f the regression of the domain, the variance
Σ_h s_h [Σ e² − (Σ e)²/n_h] is multiplied out: what concerns all responses is found once, and
each domain needs its own only. So the cost is responses plus domains, not their product.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.special import stdtrit

from app.stats.comparison import Difference
from app.stats.design import Adjustment, Design, Integers
from app.stats.estimation import EXACT, Estimate, Gap
from app.stats.families import sums_by
from app.stats.part import ROUNDING
from app.survey.sample import Floats

NOBODY = Estimate(None, None, None, None, 0.95, 0, 0, None, None, 0.0, "no_answers")


@dataclass(frozen=True, slots=True)
class ManyMeans:
    """D means; NaN where nobody answered, errors NaN where they cannot be had."""

    n: Integers
    value: Floats
    sum_of_weights: Floats
    squared_weights: Floats
    """Σw² by domain."""
    spread: Floats
    """S² of `part.Part`; 0 with one answer."""
    standard_error: Floats
    difference: Floats
    """Mean less the mean of everybody."""
    difference_error: Floats


def knows(design: Design) -> bool:
    """Whether the responses are drawn one by one, with replacement, alone by `adjust` only."""
    stage, *more = design.stages
    if not stage.is_response or more or stage.fpc is not None or design.replicates is not None:
        return False
    alone = np.bincount(stage.stratum, design.times(np.ones(len(design)))) == 1
    return design.lonely == "adjust" or not alone.any()


def many_means(design: Design, y: Floats, domain: Integers, *, domains: int) -> ManyMeans:
    """Means of `y` over the domains 0 … D − 1; −1 in `domain` (n) is in none of them."""
    counted = (design.weight > 0) & ~np.isnan(y)
    count = design.times(np.ones(len(y)))
    inside = counted & (domain >= 0)
    code = np.where(inside, domain, 0)
    mass = np.where(inside, design.weight * count, 0.0)
    n = sums_by(code, np.where(inside, count, 0.0), domains)
    weight = sums_by(code, mass, domains)
    answer = np.where(counted, y, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = sums_by(code, mass * answer, domains) / weight
    deviation = np.where(inside, answer - np.where(n > 0, value, 0.0)[code], 0.0)
    furthest = np.zeros(domains)
    np.maximum.at(furthest, code, np.abs(deviation))
    flat = furthest <= ROUNDING * np.maximum(np.abs(np.nan_to_num(value)), 1.0)
    deviation = np.where(flat[code], 0.0, deviation)
    per_weight = np.divide(1.0, weight, np.zeros(domains), where=weight > 0)
    z = np.where(inside, design.weight * deviation * per_weight[code], 0.0)
    everybody = design.weight * counted
    total = float((everybody * count).sum())
    mean = float((everybody * count) @ answer) / total if total else np.nan
    of_all = everybody * (answer - mean) / total if total else np.zeros(len(y))
    form = _Form.of(design, count)
    own, crossed, whole = form.variances(z, code, of_all, domains=domains)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = sums_by(code, mass * deviation**2, domains) * per_weight * n / (n - 1)
    return ManyMeans(
        n=n.astype(np.intp),
        value=value,
        sum_of_weights=weight,
        squared_weights=sums_by(code, mass * design.weight, domains),
        spread=np.where(n > 1, spread, 0.0),
        standard_error=np.where(flat, 0.0, np.sqrt(np.maximum(own, 0.0))),
        difference=value - mean,
        difference_error=np.sqrt(np.maximum(own + whole - 2 * crossed, 0.0)),
    )


def entry_of(
    means: ManyMeans, k: int, *, df: int, confidence: float
) -> tuple[Estimate, Difference | None]:
    """Domain k as it is published, and what it differs from everybody."""
    n, weight = int(means.n[k]), float(means.sum_of_weights[k])
    if n == 0:
        nothing = Estimate(
            None, None, None, None, confidence, df, 0, None, None, 0.0, "no_answers"
        )
        return nothing, None
    value, kish = float(means.value[k]), weight**2 / float(means.squared_weights[k])
    if n == 1 or df <= 0:
        gap: Gap = "one_answer" if n == 1 else "no_degrees_of_freedom"
        return Estimate(
            value, None, None, None, confidence, df, n, kish, None, weight, gap
        ), None
    error, spread = float(means.standard_error[k]), float(means.spread[k])
    effect = error**2 / (spread / n) if spread > 0 else None
    t = float(stdtrit(df, (1 + confidence) / 2))
    estimate = Estimate(
        value=value,
        standard_error=error,
        low=value - t * error,
        high=value + t * error,
        confidence=confidence,
        df=df,
        n=n,
        effective_n=n / effect if effect and effect > EXACT else kish,
        design_effect=effect,
        sum_of_weights=weight,
        gap="no_variation" if error == 0.0 else None,
    )
    gap_to_all, its_error = float(means.difference[k]), float(means.difference_error[k])
    reach = t * its_error
    return estimate, Difference(gap_to_all, its_error, gap_to_all - reach, gap_to_all + reach)


@dataclass(frozen=True, slots=True)
class _Form:
    """The variance as a quadratic form in z, with what concerns all responses summed up."""

    design: Design
    count: Floats
    stratum: Integers
    size: Floats
    scale: Floats
    """n_h/(n_h − 1); 1 where a response is alone."""
    alone: Floats
    """1 for a response alone in its stratum, which is held against the mean of all."""
    moved: csr_array
    """M: g d of each calibration at its cell (rows by P)."""

    @classmethod
    def of(cls, design: Design, count: Floats) -> "_Form":
        """Sum up a design that `knows` accepts."""
        stratum = design.stages[0].stratum
        size = sums_by(stratum, count, len(design.stages[0].names))
        single = size == 1
        rows = np.arange(len(count))
        starts = np.cumsum([0, *(len(step.basis) for step in design.adjustments)])
        values = [step.factor * step.before for step in design.adjustments]
        places = [
            step.cell + start for step, start in zip(design.adjustments, starts, strict=False)
        ]
        many = len(values)
        moved = csr_array(
            (
                np.concatenate([np.zeros(0), *values]),
                (np.tile(rows, many), np.concatenate([np.zeros(0, np.intp), *places])),
            ),
            shape=(len(count), int(starts[-1])),
        )
        scale = np.where(single, 1.0, size / np.maximum(size - 1, 1))
        return cls(design, count, stratum, size, scale, single[stratum] * 1.0, moved)

    def variances(
        self, z: Floats, code: Integers, of_all: Floats, *, domains: int
    ) -> tuple[Floats, Floats, float]:
        """V of each domain, its covariance with everybody, and V of everybody."""
        f = self._fits(z, code, domains)
        whole = np.zeros(len(z), np.intp)
        e = of_all - self.moved @ self._fits(of_all, whole, 1)[:, 0]
        e_mean = float(self.count @ e) / self.count.sum()
        held = self._held(e, e_mean)
        # Those alone are held against the mean of the domain's e too, which all share.
        rest = float(self.alone @ (e - e_mean))
        z_mean = (sums_by(code, self.count * z, domains) - (self.count @ self.moved) @ f) / (
            self.count.sum()
        )
        crossed = sums_by(code, z * held, domains) - (held @ self.moved) @ f - rest * z_mean
        return self._own(z, code, f, z_mean), crossed, float(e @ held) - rest * e_mean

    def _held(self, e: Floats, e_mean: float) -> Floats:
        """Q e: each response's distance from the centre of its stratum, scaled."""
        centre = sums_by(self.stratum, self.count * e, len(self.size)) / self.size
        from_centre = self.scale[self.stratum] * (e - centre[self.stratum])
        return self.count * np.where(self.alone > 0, e - e_mean, from_centre)

    def _own(self, z: Floats, code: Integers, f: Floats, z_mean: Floats) -> Floats:
        domains, strata = f.shape[1], len(self.size)
        factor = self.count * self.scale[self.stratum]
        over = np.where(self.size == 1, 0.0, self.scale / self.size)
        fitted = self._at(f, code)
        own = sums_by(code, factor * (z**2 - 2 * z * fitted), domains)
        sums = csr_array((self.count, (self.stratum, np.arange(len(z)))), (strata, len(z)))
        of_stratum = (sums @ self.moved).toarray()
        weighted = self.moved.multiply(factor[:, None]).tocsr()
        gram = (self.moved.T @ weighted).toarray()
        gram -= of_stratum.T @ (over[:, None] * of_stratum)
        own += np.einsum("pd,pq,qd->d", f, gram, f)
        pair, place = np.unique(self.stratum * domains + code, return_inverse=True)
        in_pair = sums_by(place, self.count * z, len(pair))
        h, d = np.divmod(pair, domains)
        shared = np.einsum("kp,pk->k", of_stratum[h], f[:, d])
        own -= sums_by(d, over[h] * (in_pair**2 - 2 * in_pair * shared), domains)
        e_alone = sums_by(code, self.alone * z, domains) - (self.alone @ self.moved) @ f
        result: Floats = own - 2 * z_mean * e_alone + self.alone.sum() * z_mean**2
        return result

    def _at(self, f: Floats, code: Integers) -> Floats:
        """M f of each row, for the domain of the row."""
        fitted = np.zeros(len(code))
        for step, part in self._parts(f):
            fitted += step.factor * step.before * part[step.cell, code]
        return fitted

    def _parts(self, f: Floats) -> Iterator[tuple[Adjustment, Floats]]:
        start = 0
        for step in self.design.adjustments:
            yield step, f[start : start + len(step.basis)]
            start += len(step.basis)

    def _fits(self, z: Floats, code: Integers, domains: int) -> Floats:
        """Find f of each calibration and domain (P by D), each step on what the last left."""
        found: list[Floats] = [np.zeros((0, domains))]
        for k, step in enumerate(self.design.adjustments):
            cells = len(step.basis)
            q = 1.0 if step.scale is None else step.scale
            inverse = np.divide(1.0, step.factor * q, np.zeros(len(z)), where=step.factor > 0)
            root = np.sqrt(sums_by(step.cell, self.count * step.before / q, cells))
            over_root = np.divide(1.0, root, np.zeros(cells), where=root > 0)[:, None]
            u = sums_by(step.cell * domains + code, self.count * z * inverse, cells * domains)
            u = u.reshape(cells, domains)
            for earlier, f in zip(self.design.adjustments[:k], found[1:], strict=True):
                mass = self.count * inverse * earlier.factor * earlier.before
                shape = (cells, len(earlier.basis))
                u = u - csr_array((mass, (step.cell, earlier.cell)), shape) @ f
            found.append(step.basis @ (step.basis.T @ (u * over_root)) * over_root)
        return np.vstack(found)
