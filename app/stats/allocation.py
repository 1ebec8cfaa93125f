"""How a sample is divided over strata, and how precise each and the whole become.

Every rule gives each stratum a measure q_h, and the best sizes for it are n_h ∝ q_h: they
make Σ q_h²/n_h smallest for the given Σ n_h. A least size and the stratum's population hold
as bounds on each n_h, found together and exactly, not by clipping what came out.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.stats.precision import Assumptions, margin_of_mean, outside, refuse, round_up
from app.survey.sample import Floats

Rule = Literal["equal", "proportional", "neyman", "cost", "power"]
"""q_h is 1, N_h, N_h S_h (Neyman 1934), N_h S_h/√c_h (Cochran 1977, § 5.5), or
X_h^a S_h/|Ȳ_h| (Bankier 1988): equal precision where a = 0, of the whole where a = 1."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """What is known or assumed of one part of the population."""

    name: str
    population: int
    standard_deviation: float = 1.0
    cost: float = 1.0
    """Of one answer, in any unit that is the same for all strata."""
    mean: float | None = None
    """Of the answers; the rule `power` needs it for the coefficient of variation."""
    importance: float | None = None
    """X_h of the rule `power`; the population if None."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a size must keep to in every stratum."""

    least: int = 2
    """Answers of each stratum, or all its people if they are fewer; 2 have a variance."""
    exponent: float = 0.5
    """a of the rule `power`, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one stratum gets."""

    name: str
    answers: int
    invitations: int
    margin: float | None
    """± of the stratum's mean; None without an answer."""
    at: Literal["least", "population"] | None
    """The bound that decided, where one did."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Sizes of all strata, in the order given."""

    rule: Rule
    strata: tuple[Share, ...]
    answers: int
    invitations: int
    cost: float
    """Σ c_h n_h."""
    margin: float | None
    """± of the mean of the whole population; None where a stratum is left out."""


NO_BOUNDS = Bounds()


def allocate(
    strata: Sequence[Stratum],
    answers: int,
    *,
    rule: Rule,
    assumptions: Assumptions,
    bounds: Bounds = NO_BOUNDS,
) -> Allocation:
    """Divide `answers` over the strata by a rule; each stratum keeps to its bounds.

    n_h = λ q_h held between the least and N_h (times the response rate), λ such that they
    add up (Gabler, Ganninger and Münnich 2012); whole numbers by largest remainder, ties in
    the order given. Margins as in `precision`, of the whole
    z √(deff Σ (N_h/N)² (1 − n_h/N_h) S_h²/n_h) (Cochran 1977, § 5.3).
    `assumptions.population` is not used: the strata say it. Raises CannotEstimate with
    every problem.
    """
    refuse(*assumptions.problems(), *_problems(strata, rule, bounds))
    measure = _measure(strata, rule, exponent=bounds.exponent)
    most = np.array([_reachable(stratum, assumptions) for stratum in strata])
    least = np.minimum(float(bounds.least), most)
    refuse(*_no_room(answers, measure, least=least, most=most))
    sizes = whole_numbers(held_sizes(measure, answers, least=least, most=most))
    shares = tuple(
        _share(stratum, int(n), assumptions, bounds=bounds)
        for stratum, n in zip(strata, sizes, strict=True)
    )
    return Allocation(
        rule=rule,
        strata=shares,
        answers=sum(share.answers for share in shares),
        invitations=sum(share.invitations for share in shares),
        cost=math.fsum(s.cost * int(n) for s, n in zip(strata, sizes, strict=True)),
        margin=_overall_margin(strata, sizes, assumptions),
    )


def held_sizes(measure: Floats, total: float, *, least: Floats, most: Floats) -> Floats:
    """n_h = λ q_h held between `least` and `most`, with Σ n_h = total.

    The sum grows with λ along straight lines that bend where a stratum meets a bound, so
    the λ between two bends is exact. Bounds must leave room for the total.
    """
    moving = measure > 0
    if not moving.any() or total <= least.sum():
        return least.copy()
    bends = np.unique(np.concatenate([(b[moving] / measure[moving]) for b in (least, most)]))
    sums = np.array([np.clip(bend * measure, least, most).sum() for bend in bends])
    at = int(np.searchsorted(sums, total))
    if at >= len(bends):
        return np.clip(bends[-1] * measure, least, most)
    if sums[at] == total or at == 0:
        return np.clip(bends[at] * measure, least, most)
    rise = (total - sums[at - 1]) / (sums[at] - sums[at - 1])
    return np.clip((bends[at - 1] + rise * (bends[at] - bends[at - 1])) * measure, least, most)


def whole_numbers(sizes: Floats) -> Floats:
    """Sizes rounded down, then one more for the largest remainders until the sum is kept."""
    down = np.floor(sizes + 1e-9)
    remainders = sizes - down
    missing = round(float(sizes.sum() - down.sum()))
    order = np.argsort(-np.round(remainders, 9), kind="stable")
    down[order[:missing]] += 1
    return down


def _measure(strata: Sequence[Stratum], rule: Rule, *, exponent: float) -> Floats:
    match rule:
        case "equal":
            q = [1.0 for s in strata]
        case "proportional":
            q = [float(s.population) for s in strata]
        case "neyman":
            q = [s.population * s.standard_deviation for s in strata]
        case "cost":
            q = [s.population * s.standard_deviation / math.sqrt(s.cost) for s in strata]
        case "power":
            q = [_powered(s, exponent) for s in strata]
    return np.array(q)


def _powered(stratum: Stratum, exponent: float) -> float:
    x = stratum.population if stratum.importance is None else stratum.importance
    return x**exponent * stratum.standard_deviation / abs(stratum.mean or math.nan)


def _reachable(stratum: Stratum, assumptions: Assumptions) -> float:
    """Answers that a stratum can give at most: of those asked, a part only answers."""
    return max(math.floor(stratum.population * assumptions.response_rate + 1e-9), 1.0)


def _share(stratum: Stratum, n: int, assumptions: Assumptions, *, bounds: Bounds) -> Share:
    invitations = min(round_up(n / assumptions.response_rate), stratum.population)
    at: Literal["least", "population"] | None = None
    if n == _reachable(stratum, assumptions):
        at = "population"
    elif n == bounds.least:
        at = "least"
    margin = None
    if n:
        inside = Assumptions(
            confidence=assumptions.confidence,
            design_effect=assumptions.design_effect,
            population=stratum.population,
        )
        margin = margin_of_mean(
            n, standard_deviation=stratum.standard_deviation, assumptions=inside
        )
    return Share(stratum.name, n, invitations, margin, at)


def _overall_margin(
    strata: Sequence[Stratum], sizes: Floats, assumptions: Assumptions
) -> float | None:
    if (sizes == 0).any():
        return None
    population = np.array([stratum.population for stratum in strata], float)
    spread = np.array([stratum.standard_deviation for stratum in strata])
    of_stratum = (1 - sizes / population) * spread**2 / sizes
    share = population / population.sum()
    variance = assumptions.design_effect * float(share**2 @ of_stratum)
    return assumptions.z * math.sqrt(variance)


def _problems(strata: Sequence[Stratum], rule: Rule, bounds: Bounds) -> Iterator[str]:
    if not strata:
        yield "there is no stratum to divide the answers over"
    names = [stratum.name for stratum in strata]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"stratum {name} is given {names.count(name)} times"
    for stratum in strata:
        for problem in _stratum_problems(stratum, rule):
            yield f"stratum {stratum.name}: {problem}"
    if bounds.least < 0:
        yield f"the least size is {bounds.least}; it must be 0 or more"
    if not 0 <= bounds.exponent <= 1:
        yield f"exponent is {bounds.exponent:g}; it must lie between 0 and 1"


def _stratum_problems(stratum: Stratum, rule: Rule) -> Iterator[str]:
    if stratum.population < 1:
        yield f"population is {stratum.population:g}; it must be 1 or more"
    if not 0 <= stratum.standard_deviation < math.inf:
        yield f"standard_deviation is {stratum.standard_deviation:g}; it must be 0 or more"
    yield from outside("cost", stratum.cost, 0, math.inf)
    if stratum.importance is not None:
        yield from outside("importance", stratum.importance, 0, math.inf)
    if rule == "power" and not stratum.mean:
        yield "the rule power needs a mean that is not 0"


def _no_room(answers: int, measure: Floats, *, least: Floats, most: Floats) -> Iterator[str]:
    """Why the bounds cannot add up to the answers wanted."""
    if answers < 1:
        yield f"answers is {answers:g}; it must be 1 or more"
    elif answers < least.sum():
        yield (
            f"{answers} answers are too few for the least sizes of {len(least)} strata: "
            f"{least.sum():g} are needed. Ask more, merge strata, or lower the least size."
        )
    elif answers > most.sum():
        yield (
            f"{answers} answers are more than the {most.sum():g} people of all strata who "
            "can be expected to answer. Ask fewer."
        )
    elif answers > (reach := float(np.where(measure > 0, most, least).sum())):
        yield (
            f"strata without spread get their least size only, so {reach:g} answers can be "
            f"used, not {answers}. Ask fewer or state the spread of every stratum."
        )
