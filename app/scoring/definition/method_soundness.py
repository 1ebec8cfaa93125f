"""Whether the methods of an indicator system hold together (E105, E106), and missing rules.

What a mean can take: an arithmetic one, a Copeland comparison and the Mazziotta-Pareto means
take any score that the file can promise (a mean of 0, which the latter cannot, is found
when scores are known); a power mean with a power above 0 takes 0, but nothing below it; a
geometric, a harmonic and every other power mean needs scores above 0.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from app.errors import Problem
from app.scoring.complaints.speech import Fact, mean_named, named, written
from app.scoring.complaints.table import complain
from app.scoring.definition.cards import (
    Aggregate,
    IndicatorCard,
    MissingRule,
    Node,
    needs_positive,
)
from app.scoring.definition.curves import curve_of, extent, zero_range
from app.scoring.definition.methods import (
    AdjustedMazziottaPareto,
    Efficacy,
    FixedBounds,
    Goalposts,
    MazziottaPareto,
    Method,
    MinMax,
    Piecewise,
    Position,
    ZScore,
)
from app.survey.text import Text

Fault = tuple[str, Mapping[str, Fact]]
"""The name of a complaint and its facts, without its subject and its place."""

ABOVE_ZERO = Text(zh="大于 0", en="above 0")
NOT_BELOW_ZERO = Text(zh="不小于 0", en="of 0 or more")


def bound_problems(cards: Sequence[IndicatorCard]) -> Iterator[Problem]:
    """E105: bounds that coincide, or that contradict the direction of the indicator."""
    for i, card in enumerate(cards):
        subject = called(card)
        for key, facts in method_faults(card.normalise, card.direction):
            yield complain(key, f"indicators[{i}].normalise", subject=subject, **facts)
        likely = card.plausible
        if likely and likely.lowest >= likely.highest:
            ends = {"low": likely.lowest, "high": likely.highest}
            yield complain(
                "plausible_is_empty", f"indicators[{i}].plausible", subject=subject, **ends
            )


def method_faults(method: Method, direction: int) -> Iterator[Fault]:
    """What in a method contradicts itself, or a direction."""
    if isinstance(method, Efficacy):
        yield from _efficacy_faults(method, direction)
    elif isinstance(method, MinMax) and method.range[0] >= method.range[1]:
        yield "range_does_not_rise", {"low": method.range[0], "high": method.range[1]}
    elif isinstance(method, Goalposts):
        yield from _goalpost_faults(method.lower, method.upper)
        if method.log and method.lower <= 0:
            yield "goalpost_without_logarithm", {"low": method.lower}
    elif isinstance(method, AdjustedMazziottaPareto):
        yield from _goalpost_faults(method.goalposts.lower, method.goalposts.upper)
    elif isinstance(method, Piecewise):
        yield from _piecewise_faults(method, direction)


def _goalpost_faults(lower: float, upper: float) -> Iterator[Fault]:
    if lower >= upper:
        yield "goalposts_do_not_rise", {"low": lower, "high": upper}


def _efficacy_faults(method: Efficacy, direction: int) -> Iterator[Fault]:
    if method.base >= method.top:
        yield "base_not_below_top", {"base": method.base, "top": method.top}
    if method.method == "efficacy_exp" and method.base <= 0:
        yield "base_not_positive", {"base": method.base}
    if not isinstance(method.bounds, FixedBounds):
        return
    worst, best = method.bounds.unacceptable, method.bounds.satisfactory
    if worst == best:
        yield "bounds_coincide", {"both": best}
    elif (best - worst) * direction < 0:
        key = "bounds_against_more" if direction > 0 else "bounds_against_less"
        yield key, {"best": best, "worst": worst}


def _piecewise_faults(method: Piecewise, direction: int) -> Iterator[Fault]:
    """Scores may rise and fall again around a best value, but not all against the direction."""
    for (one, _), (other, _) in pairwise(method.points):
        if other <= one:
            yield "points_do_not_rise", {"first": one, "then": other}
            return
    steps = np.diff([score for _, score in method.points]) * direction
    if (steps <= 0).all() and (steps < 0).any():
        up, down = Text(zh="上升", en="rise"), Text(zh="下降", en="fall")
        more, less = Text(zh="正向", en="more"), Text(zh="逆向", en="less")
        facts = (more, down) if direction > 0 else (less, up)
        yield "points_against_direction", dict(zip(("direction", "course"), facts, strict=True))


def positivity_problems(
    nodes: Sequence[Node], cards: Sequence[IndicatorCard], missing: MissingRule
) -> Iterator[Problem]:
    """E106: no score stands right below a mean that may not be able to take it.

    Higher up the scores of a class are mixed with others, which is looked at when they are
    known (`steps.definedness`).
    """
    tree = {node.code: node for node in nodes}
    for i, below in enumerate(nodes):
        above = tree.get(below.parent or "")
        if above is not None and below.if_empty is not None:
            mean = Demand(above, above.aggregate)
            subject = Text(zh=f"节点{named(below).zh}", en=named(below).en)
            yield from mean.refused_fill(
                below.if_empty.value, subject, place=f"nodes[{i}].if_empty"
            )
    for i, card in enumerate(cards):
        above = tree.get(card.parent)
        if above is not None:
            mean, here = Demand(above, above.aggregate), f"indicators[{i}]"
            lowest = _lowest_score(card, card.normalise)
            yield from mean.refused(lowest, called(card), place=f"{here}.normalise")
            rule = card.missing or missing
            place = "missing" if card.missing is None else f"{here}.missing"
            if rule.rule == "fixed" and rule.value is not None:
                yield from mean.refused_fill(rule.value, called(card), place=place)


@dataclass(frozen=True, slots=True)
class Demand:
    """A mean of a node, and what it asks of the scores right below."""

    node: Node
    mean: Aggregate

    def takes(self, lowest: float | None) -> bool:
        """Whether the mean is defined for scores down to `lowest` (None: no lower limit)."""
        if needs_positive(self.mean):
            return lowest is not None and lowest > 0
        if isinstance(self.mean, str) or self.mean.power == 1:
            return True
        return lowest is not None and lowest >= 0

    def refused(self, lowest: float | None, subject: Text, *, place: str) -> Iterator[Problem]:
        """E106 where scores may fall to `lowest` (None: no lower limit)."""
        if not self.takes(lowest):
            reach = Text(zh="没有下限", en="has no lower limit")
            if lowest is not None:
                low = written(lowest)
                reach = Text(zh=f"可低至 {low}", en=f"can fall to {low}")
            facts = self._facts()
            yield complain("mean_needs_positive", place, subject=subject, reach=reach, **facts)

    def refused_fill(self, value: float, subject: Text, *, place: str) -> Iterator[Problem]:
        """E106 where a rule may put a score in place that the mean cannot take."""
        if not self.takes(value):
            yield complain(
                "fill_not_positive", place, value=value, subject=subject, **self._facts()
            )

    def _facts(self) -> dict[str, Text]:
        limit = ABOVE_ZERO if needs_positive(self.mean) else NOT_BELOW_ZERO
        return {"node": named(self.node), "mean": mean_named(self.mean), "limit": limit}


def _lowest_score(card: IndicatorCard, method: Method) -> float | None:
    """The least score a method can give; over the plausible range where it is fixed."""
    where_equal = zero_range(method)
    found = _lowest_with_a_range(card, method)
    return found if where_equal is None or found is None else min(found, where_equal)


def _lowest_with_a_range(card: IndicatorCard, method: Method) -> float | None:
    if isinstance(method, MinMax):
        return min(method.range)
    if isinstance(method, Position):
        return 1.0 if method.method == "rank" else 0.0
    if isinstance(method, ZScore | MazziottaPareto):
        return None
    if isinstance(method, Efficacy) and (method.clip or method.bounds == "data"):
        return method.base
    if isinstance(method, Piecewise):
        return min(y for _, y in method.points)
    if method.uses_data:
        return 0.0
    if card.plausible is None or list(method_faults(method, card.direction)):
        return 0.0 if isinstance(method, Goalposts) and method.clip else None
    low, high = card.plausible.lowest, card.plausible.highest
    if low <= 0 and isinstance(method, Goalposts) and method.log:
        return None
    curve = curve_of(method, card.direction, np.empty(0))
    with np.errstate(all="ignore"):
        lowest = extent(method, curve, low, high)[0]
    return lowest if np.isfinite(lowest) else None


def missing_rule_problems(
    rule: MissingRule, cards: Sequence[IndicatorCard]
) -> Iterator[Problem]:
    """A fixed score for a missing value needs the score, and only that rule has one."""
    yield from fill_problems(rule, Text(zh="体系", en="the system"), place="missing")
    for i, card in enumerate(cards):
        if card.missing is not None:
            place = f"indicators[{i}].missing"
            yield from fill_problems(card.missing, called(card), place=place)


def fill_problems(rule: MissingRule, subject: Text, *, place: str) -> Iterator[Problem]:
    """Where a missing rule lacks its score, or has one that it does not use."""
    if rule.rule == "fixed" and rule.value is None:
        yield complain("fixed_without_value", place, subject=subject)
    elif rule.rule != "fixed" and rule.value is not None:
        facts: dict[str, Fact] = {"subject": subject, "rule": rule.rule}
        yield complain("rule_with_value", place, value=rule.value, **facts)


def called(card: IndicatorCard) -> Text:
    """An indicator as the subject of a sentence."""
    name = named(card)
    return Text(zh=f"指标{name.zh}", en=name.en)
