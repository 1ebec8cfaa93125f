"""How many people to ask: the size for a wanted margin, and the margin of a given size.

Planning comes before the data, so the spread, the design effect and the response rate are
assumptions that somebody makes and a document states. How a size is divided over strata is
in `allocation`. With n answers, S the standard deviation in the population, N its size:
V = deff (1 − n/N) S²/n, and a margin is z √V (Cochran 1977, ch. 4; Lohr 2022, § 2.6).
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scipy.special import ndtri

from app.errors import CannotEstimate

ROUNDING = 1e-9
"""A size above a whole number by less than this share of it is that number."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a plan takes for granted."""

    confidence: float = 0.95
    design_effect: float = 1.0
    """Variance of the design over that of a simple random sample of as many answers."""
    response_rate: float = 1.0
    """Answers over people asked."""
    population: int | None = None
    """People the estimate is about; None if so many that a sample is nothing of them."""

    @property
    def z(self) -> float:
        """The normal quantile of the two-sided confidence."""
        return float(ndtri(0.5 + self.confidence / 2))

    def problems(self) -> Iterator[str]:
        """What cannot be assumed, one sentence each."""
        yield from outside("confidence", self.confidence, 0, 1)
        yield from outside("design_effect", self.design_effect, 0, math.inf)
        if self.response_rate != 1:
            yield from outside("response_rate", self.response_rate, 0, 1)
        if self.population is not None and self.population < 1:
            yield f"population is {self.population:g}; it must be 1 or more, or left out"


@dataclass(frozen=True, slots=True)
class SampleSize:
    """How many answers and invitations a margin needs, and how it came about."""

    answers: int
    invitations: int
    """People to ask so that as many answer: answers / response rate, rounded up."""
    margin: float
    """Achieved by `answers`; at most the wanted one."""
    simple: float
    """z² S² / margin²: the answers of a simple random sample of a large population."""
    assumptions: Assumptions


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change between two rounds that would most likely be seen."""

    value: float
    standard_error: float
    """Of the difference of the two means."""
    power: float


@dataclass(frozen=True, slots=True)
class Rounds:
    """Two rounds about the same population."""

    first: int
    """Answers in the first round."""
    second: int
    overlap: int = 0
    """People who answer in both."""
    correlation: float = 0.0
    """Of the two answers of one person; leave 0 for independent rounds."""
    power: float = 0.8
    """Probability that a change of the detectable size comes out significant."""

    def problems(self) -> Iterator[str]:
        """What two rounds cannot be, one sentence each."""
        for name, n in (("first", self.first), ("second", self.second)):
            if n < 1:
                yield f"{name} is {n:g} answers; it must be 1 or more"
        yield from outside("power", self.power, 0, 1)
        if not 0 <= self.overlap <= min(self.first, self.second):
            yield (
                f"overlap is {self.overlap:g} people, who cannot be part of "
                f"{self.first:g} and of {self.second:g} answers"
            )
        if not -1 <= self.correlation <= 1:
            yield f"correlation is {self.correlation:g}; it must lie between -1 and 1"


def size_for_mean(
    margin: float, *, standard_deviation: float, assumptions: Assumptions
) -> SampleSize:
    """Answers needed so that a mean's interval is ± `margin` or less.

    n₀ = deff z² S²/margin², n = n₀/(1 + n₀/N) (Cochran 1977, § 4.6). Raises CannotEstimate
    with every wrong input, or if more people than there are would have to be asked.
    """
    refuse(
        *assumptions.problems(),
        *outside("margin", margin, 0, math.inf),
        *_not_a_spread(standard_deviation),
    )
    a = assumptions
    simple = (a.z * standard_deviation / margin) ** 2
    needed = a.design_effect * simple
    if a.population is not None:
        needed = needed / (1 + needed / a.population)
    answers = max(round_up(needed), 1)
    invitations = round_up(answers / a.response_rate)
    if a.population is not None and invitations > a.population:
        refuse(
            f"{answers} answers need {invitations} people to be asked at a response rate of "
            f"{a.response_rate:g}, but the population is {a.population}. Accept a margin "
            f"wider than {margin:g} or raise the response rate."
        )
    got = margin_of_mean(answers, standard_deviation=standard_deviation, assumptions=a)
    return SampleSize(answers, invitations, got, simple, a)


def size_for_share(
    margin: float, *, share: float = 0.5, assumptions: Assumptions
) -> SampleSize:
    """Answers needed so that a share's interval is ± `margin` or less.

    n = n₀/(1 + (n₀ − 1)/N), n₀ = z² p(1 − p)/margin² (Cochran 1977, § 4.4), which is the
    size for a mean with S² = p(1 − p) N/(N − 1). A share of 0.5 needs most.
    """
    refuse(
        *assumptions.problems(),
        *outside("margin", margin, 0, math.inf),
        *_not_a_share(share),
    )
    spread = spread_of_share(share, assumptions.population)
    return size_for_mean(margin, standard_deviation=spread, assumptions=assumptions)


def margin_of_mean(
    answers: int, *, standard_deviation: float, assumptions: Assumptions
) -> float:
    """± of the interval of a mean from `answers` answers: z √(deff (1 − n/N) S²/n)."""
    refuse(
        *assumptions.problems(),
        *_not_a_size("answers", answers, assumptions.population),
        *_not_a_spread(standard_deviation),
    )
    return assumptions.z * math.sqrt(_variance(answers, standard_deviation, assumptions))


def margin_of_share(answers: int, *, share: float = 0.5, assumptions: Assumptions) -> float:
    """± of the interval of a share from `answers` answers, by the normal distribution."""
    refuse(
        *assumptions.problems(),
        *_not_a_size("answers", answers, assumptions.population),
        *_not_a_share(share),
    )
    spread = spread_of_share(share, assumptions.population)
    return margin_of_mean(answers, standard_deviation=spread, assumptions=assumptions)


def detectable_change(
    rounds: Rounds, *, standard_deviation: float, assumptions: Assumptions
) -> Change:
    """The change of a mean that two rounds show with the given power.

    δ = (z_{1−α/2} + z_power) √(V₁ + V₂ − 2C) (Cohen 1988, ch. 2), with the covariance of
    overlapping samples C = deff ρ S² (n₁₂/(n₁ n₂) − 1/N) (Tam 1984); C is 0 without overlap,
    as independent rounds share people by chance only.
    """
    refuse(
        *assumptions.problems(),
        *rounds.problems(),
        *_too_many("first", rounds.first, assumptions.population),
        *_too_many("second", rounds.second, assumptions.population),
        *_not_a_spread(standard_deviation),
    )
    shared = 0.0
    if rounds.overlap:
        shared = rounds.overlap / (rounds.first * rounds.second)
        shared -= 1 / assumptions.population if assumptions.population else 0.0
    covariance = assumptions.design_effect * rounds.correlation * standard_deviation**2 * shared
    first = _variance(rounds.first, standard_deviation, assumptions)
    second = _variance(rounds.second, standard_deviation, assumptions)
    error = math.sqrt(max(first + second - 2 * covariance, 0.0))
    value = (assumptions.z + float(ndtri(rounds.power))) * error
    return Change(value, error, rounds.power)


def spread_of_share(share: float, population: int | None) -> float:
    """S of an indicator with mean `share`: √(p(1 − p)), times √(N/(N − 1)) in a population."""
    finite = 1.0 if population is None or population < 2 else population / (population - 1)
    return math.sqrt(share * (1 - share) * finite)


def round_up(size: float) -> int:
    """The whole number of people that is enough, whatever rounding did to `size`."""
    return math.ceil(size - min(ROUNDING * max(size, 1.0), 1e-3))


def refuse(*problems: str) -> None:
    """Raise CannotEstimate with all problems, one a line; nothing if there is none."""
    if problems:
        raise CannotEstimate("\n".join(problems))


def outside(name: str, value: float, low: float, high: float) -> Iterator[str]:
    """The sentence that says that a number does not lie between two others, both excluded."""
    if not low < value < high:
        between = "above 0" if high == math.inf else f"between {low:g} and {high:g}"
        yield f"{name} is {value:g}; it must be {between}"


def _variance(n: int, standard_deviation: float, a: Assumptions) -> float:
    left_out = 1.0 if a.population is None else 1 - n / a.population
    return a.design_effect * left_out * standard_deviation**2 / n


def _not_a_spread(standard_deviation: float) -> Iterable[str]:
    if not 0 <= standard_deviation < math.inf:
        yield f"standard_deviation is {standard_deviation:g}; it must be 0 or more"


def _not_a_share(share: float) -> Iterable[str]:
    if not 0 <= share <= 1:
        yield f"share is {share:g}; it must lie between 0 and 1"


def _not_a_size(name: str, n: int, population: int | None) -> Iterable[str]:
    if n < 1:
        yield f"{name} is {n:g}; it must be 1 or more"
    yield from _too_many(name, n, population)


def _too_many(name: str, n: int, population: int | None) -> Iterable[str]:
    if population is not None and n > population:
        yield f"{name} is {n:g}, more than the population of {population:g}"
