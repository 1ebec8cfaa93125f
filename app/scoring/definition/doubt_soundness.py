"""Whether what a system says about doubt holds together: alternatives, best places, gaps.

An alternative takes the place of the system's own choice in every indicator or node, so it
must have a meaning in all of them.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import islice

from app.errors import Problem
from app.scoring.complaints.speech import listed, named, nearest
from app.scoring.complaints.table import complain
from app.scoring.definition.cards import IndicatorCard, Node
from app.scoring.definition.doubts import PerceptionGap, Uncertainty
from app.scoring.definition.method_soundness import Demand, called, fill_problems, method_faults
from app.scoring.definition.methods import Efficacy, Method, MinMax, Position, ZScore
from app.survey.text import Text

HERE = "uncertainty.alternatives"


def uncertainty_problems(
    uncertainty: Uncertainty, nodes: Sequence[Node], cards: Sequence[IndicatorCard]
) -> Iterator[Problem]:
    """Alternatives that contradict themselves (E105, E106), and numbers of best places."""
    yield from _top_problems(uncertainty.top)
    stated = uncertainty.alternatives
    for i, method in enumerate(stated.normalise):
        yield from _alternative_method_problems(i, method, cards)
    yield from _undefined_mean_problems(uncertainty, nodes, cards)
    for i, rule in enumerate(stated.missing):
        subject = Text(zh=f"第 {i + 1} 个备选缺失规则", en=f"alternative {i + 1}")
        yield from fill_problems(rule, subject, place=f"{HERE}.missing[{i}]")


def _top_problems(top: Sequence[int]) -> Iterator[Problem]:
    for i, places in enumerate(top):
        if places < 1:
            yield complain("top_impossible", f"uncertainty.top[{i}]", value=places)
        elif places in top[:i]:
            yield complain("top_twice", f"uncertainty.top[{i}]", value=places)


def _alternative_method_problems(
    i: int, method: Method, cards: Sequence[IndicatorCard]
) -> Iterator[Problem]:
    """Each fault of an alternative once, with all indicators that it meets in."""
    met: dict[str, list[IndicatorCard]] = {}
    facts = {}
    for card in cards:
        for key, found in method_faults(method, card.direction):
            met.setdefault(key, []).append(card)
            facts[key] = found
    for key, where in met.items():
        subject = _alternative(i, where)
        yield complain(key, f"{HERE}.normalise[{i}]", subject=subject, **facts[key])


def _undefined_mean_problems(
    uncertainty: Uncertainty, nodes: Sequence[Node], cards: Sequence[IndicatorCard]
) -> Iterator[Problem]:
    """E106 for an alternative mean or method that no values at all can be computed with.

    Told once for each, of the first indicator that it meets. What only some values forbid,
    and what two alternatives do together, is told when they are tried.
    """
    stated = uncertainty.alternatives
    tree = {node.code: node for node in nodes}
    below = [(card, tree[card.parent]) for card in cards if card.parent in tree]
    for k, mean in enumerate(stated.aggregate):
        place = f"{HERE}.aggregate[{k}]"
        refused = (
            problem
            for card, node in below
            for problem in Demand(node, mean).refused(
                _score_of_the_worst(card.normalise), called(card), place=place
            )
        )
        yield from islice(refused, 1)
    for i, method in enumerate(stated.normalise):
        place, worst = f"{HERE}.normalise[{i}]", _score_of_the_worst(method)
        refused = (
            problem
            for card, node in below
            for problem in Demand(node, node.aggregate).refused(
                worst, _alternative(i, [card]), place=place
            )
        )
        yield from islice(refused, 1)


def _score_of_the_worst(method: Method) -> float:
    """What the worst unit gets at most, whatever the values; infinite where they decide."""
    if isinstance(method, MinMax):
        return min(method.range)
    if isinstance(method, ZScore):
        return method.mean
    if isinstance(method, Position) and method.method != "rank":
        return 0.0
    if isinstance(method, Efficacy) and method.bounds == "data":
        return method.base
    return math.inf


def _alternative(i: int, cards: Sequence[IndicatorCard]) -> Text:
    """An alternative method where it stands in for those of indicators."""
    names = listed(map(named, cards))
    return Text(
        zh=f"第 {i + 1} 个备选归一方法用于指标{names.zh}时，该指标",
        en=f"alternative {i + 1} in the place of the method of {names.en}",
    )


def perception_gap_problems(
    gaps: Sequence[PerceptionGap], nodes: Sequence[Node], cards: Sequence[IndicatorCard]
) -> Iterator[Problem]:
    """E103: both ends of a perception gap are parts of the tree, and two different ones."""
    parts: list[Node | IndicatorCard] = [*nodes, *cards]
    known = [part.code for part in parts]
    for i, gap in enumerate(gaps):
        here, name = f"perception_gaps[{i}]", named(gap)
        for end in ("objective", "subjective"):
            code = getattr(gap, end)
            if code not in known:
                near = nearest(code, known)
                yield complain(
                    "gap_part_unknown", f"{here}.{end}", value=code, gap=name, near=near
                )
        if gap.objective == gap.subjective:
            place = f"{here}.subjective"
            yield complain("gap_with_itself", place, value=gap.subjective, gap=name)
