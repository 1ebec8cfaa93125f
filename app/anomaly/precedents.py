"""Decided campaigns as a yardstick: the nearest ones, and whether one direction fares worse."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.anomaly.decisions import Case, Decision, Direction, Standing, is_same
from app.survey.text import Text

NO_SPREAD = 1e-9
ONE_SIDED = 0.05
"""A difference between the directions that chance gives less often than this is named."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A campaign and what stands about it."""

    case: Case
    standing: Standing
    decisions: tuple[Decision, ...] = ()

    @property
    def outcome(self) -> str:
        """``undecided``, ``keep``, ``down_weight``, ``exclude``; ``audit`` where only that."""
        if self.standing.verdict == "engine":
            return "audit" if self.standing.audit else "undecided"
        return self.standing.verdict


@dataclass(frozen=True, slots=True)
class Rate:
    """What became of the campaigns of one direction."""

    direction: Direction
    campaigns: Mapping[str, int]
    """Outcome → campaigns."""
    responses: Mapping[str, int]
    """Outcome → responses of those campaigns."""
    looks: int
    """First judgements, made before the direction was known."""
    changed: int
    """How many of them their author decided otherwise once it was known."""

    def share(self, outcome: str) -> float:
        """Share of the direction's campaigns; NaN without any."""
        return _share(self.campaigns, outcome)

    def response_share(self, outcome: str) -> float:
        """Share of the responses of the direction's campaigns; NaN without any."""
        return _share(self.responses, outcome)


@dataclass(frozen=True, slots=True)
class Rates:
    """Both directions beside each other."""

    raises: Rate
    lowers: Rate
    chance: float
    """How often chance alone makes such a difference; NaN where one side has no decision."""
    waiting: int = 0
    """Campaigns of either direction that are not counted, because they wait to be decided."""

    @property
    def warning(self) -> Text | None:
        """What to say where one direction loses its responses more often."""
        if not self.chance < ONE_SIDED:
            return None
        up, down = _lost(self.raises), _lost(self.lowers)
        counts = {
            "up": up[0], "all_up": sum(up), "down": down[0], "all_down": sum(down),
            "chance": f"{self.chance:.2g}",
        }  # fmt: skip
        return Text(
            zh=(
                "处理结果偏向一边：抬高得分的回答组中 {all_up} 个已决定，{up} 个被降权或排除；"
                "压低得分的回答组中 {all_down} 个已决定，{down} 个被降权或排除。"
                "若只凭偶然，这样大的差别出现的机会为 {chance}。请由另一单位复查已作的决定。"
            ).format(**counts),
            en=(
                "The decisions lean to one side: of {all_up} decided campaigns that raise a "
                "score {up} were down-weighted or excluded, of {all_down} that lower one "
                "{down}. By chance alone so large a difference has a probability of {chance}. "
                "Let another office go over the decisions."
            ).format(**counts),
        )


OUTCOMES = ("exclude", "down_weight", "keep", "audit", "undecided")


def nearest(
    case: Case, decided: Sequence[Decided], k: int = 3
) -> tuple[tuple[Decided, float], ...]:
    """The k decided campaigns of the same kind that are most like this one, nearest first.

    Distance is the root of the mean squared difference of the figures that both have, each
    in standard deviations over all campaigns compared; a figure without spread says nothing.
    An enumerator is never compared with a point.
    """
    others = [
        one
        for one in decided
        if one.case.kind == case.kind
        and one.case.code != case.code
        and one.outcome != "undecided"
    ]
    spread = _spreads([case, *(one.case for one in others)])
    measured = [(one, _distance(case, one.case, spread)) for one in others]
    comparable = [(one, far) for one, far in measured if not math.isnan(far)]
    return tuple(sorted(comparable, key=lambda pair: (pair[1], pair[0].case.code))[:k])


def rates_of_settled(decided: Sequence[Decided]) -> Rates:
    """The same of what is decided; of the others how many there are, and no direction.

    While there are few, a count by direction would tell it to whoever has yet to judge them.
    """
    settled = [one for one in decided if one.standing.verdict != "engine"]
    return replace(rates_by_direction(settled), waiting=len(decided) - len(settled))


def rates_by_direction(decided: Sequence[Decided]) -> Rates:
    """What became of campaigns that raise a score and of those that lower one.

    The chance is that of Fisher's exact test, two-sided (Fisher 1934), on decided campaigns:
    kept, or down-weighted or excluded.
    """
    raises, lowers = _rate("raises", decided), _rate("lowers", decided)
    table = [_lost(raises), _lost(lowers)]
    return Rates(raises, lowers, _fisher(table) if all(map(sum, table)) else math.nan)


def _rate(direction: Direction, decided: Sequence[Decided]) -> Rate:
    some = [one for one in decided if one.case.direction == direction]
    of = {name: [one for one in some if one.outcome == name] for name in OUTCOMES}
    return Rate(
        direction,
        {name: len(ones) for name, ones in of.items()},
        {name: sum(one.case.size for one in ones) for name, ones in of.items()},
        looks=sum(len(_looks(one)) for one in some),
        changed=sum(sum(_looks(one)) for one in some),
    )


def _looks(one: Decided) -> list[bool]:
    """Of each blind judgement: whether its author's last word is another."""
    own = [d for d in one.decisions if d.second_of is None and d.revokes is None]
    return [
        [d.verdict for d in own if is_same(d.author, first.author)][-1] != first.verdict
        for first in own
        if first.blind
    ]


def _lost(rate: Rate) -> tuple[int, int]:
    """Campaigns that lost influence, and campaigns that kept it, by a decision."""
    counts = rate.campaigns
    return counts["exclude"] + counts["down_weight"], counts["keep"]


def _fisher(table: Sequence[Sequence[int]]) -> float:
    """Share of all ways to fill the table, its margins given, that are no likelier than it."""
    (lost, kept), (other_lost, other_kept) = table
    first, second, all_lost = lost + kept, other_lost + other_kept, lost + other_lost
    ways = {
        n: math.comb(first, n) * math.comb(second, all_lost - n)
        for n in range(max(0, all_lost - second), min(first, all_lost) + 1)
    }
    return sum(many for many in ways.values() if many <= ways[lost]) / sum(ways.values())


def _share(counts: Mapping[str, int], outcome: str) -> float:
    total = sum(counts.values())
    return counts[outcome] / total if total else math.nan


def _spreads(cases: Sequence[Case]) -> dict[str, float]:
    names = sorted({name for case in cases for name in case.similarity})
    figures = {
        name: np.array([case.similarity.get(name, math.nan) for case in cases])
        for name in names
    }
    known = {name: some[np.isfinite(some)] for name, some in figures.items()}
    return {name: float(some.std()) for name, some in known.items() if len(some)}


def _distance(case: Case, other: Case, spread: Mapping[str, float]) -> float:
    steps = [
        (case.similarity.get(name, math.nan) - other.similarity.get(name, math.nan)) / width
        for name, width in spread.items()
        if width > NO_SPREAD
    ]
    known = [step * step for step in steps if math.isfinite(step)]
    if known:
        return math.sqrt(sum(known) / len(known))
    return math.nan if steps or not spread else 0.0
