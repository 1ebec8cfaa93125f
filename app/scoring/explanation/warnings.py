"""What to look at before a score is published (W401 to W403): hints, which refuse nothing.

A hint says what the numbers show and leaves the judgement to people: an indicator that runs
against its class or doubles another, one that decides far more than its weight says, and
bounds that move when a unit comes or goes. How the numbers come about is in `coherence` and
`simulation.importance`.
"""

from collections.abc import Iterator, Mapping

from app.errors import Problem
from app.scoring.complaints.speech import Fact, listed, named, named_by
from app.scoring.complaints.table import complain
from app.scoring.definition.cards import IndicatorCard
from app.scoring.explanation.coherence import Correlation, coherence
from app.scoring.index import Scoring
from app.scoring.simulation.importance import GroupImportance, importance
from app.survey.text import Text

FEWEST_UNITS = 10
"""Units below which a correlation or an importance is mostly chance."""
TIMES = 2.0
"""An effective importance of more than this many times the nominal one is told."""


def warnings(scoring: Scoring) -> tuple[Problem, ...]:
    """Every hint about a score: W401, W402, W403, in the order of the system's file."""
    return (*_correlations(scoring), *_importances(scoring), *_moving_bounds(scoring))


def _correlations(scoring: Scoring) -> Iterator[Problem]:
    """W401: r < 0 with the class without the indicator, |r| > 0.92 with another of it."""
    found = coherence(scoring)
    for one in found.within:
        if one.r is not None and one.r < 0 and one.n >= FEWEST_UNITS:
            yield _tell(scoring, "against_its_class", one, node=one.other)
    cards = _cards(scoring)
    for pair in found.redundant:
        if pair.n >= FEWEST_UNITS:
            other = named(cards[pair.other])
            yield _tell(scoring, "twice_the_same", pair, cards[pair.one].parent, other=other)


def _tell(scoring: Scoring, key: str, found: Correlation, node: str, **facts: Fact) -> Problem:
    indicator = named(_cards(scoring)[found.one])
    facts |= {"indicator": indicator, "node": named_by(node, scoring.system.nodes)}
    place, r = f"indicator {found.one}, node {node}", round(found.r or 0.0, 2)
    return complain(key, place, r=r, n=found.n, **facts)


def _importances(scoring: Scoring) -> Iterator[Problem]:
    """W402: an indicator decides more than twice what its weight beside its siblings says."""
    cards = _cards(scoring)
    for group in importance(scoring):
        if group.units < FEWEST_UNITS:
            continue
        for part in group.parts:
            if part.part in cards and part.effective_share > TIMES * part.nominal_share > 0:
                where = f", type {group.region_type}" if group.region_type else ""
                yield complain(
                    "weighs_more_than_it_should",
                    f"indicator {part.part}{where}",
                    share=f"{part.effective_share:.0%}",
                    indicator=named(cards[part.part]),
                    node=named_by(part.parent, scoring.system.nodes),
                    nominal=f"{part.nominal_share:.0%}",
                    group=_group(scoring, group),
                )


def _group(scoring: Scoring, group: GroupImportance) -> Text:
    """The units that were looked at, as the end of a sentence."""
    if group.region_type is None:
        return Text(zh=f"全部 {group.units} 个单位", en=f"all {group.units} units")
    called = named_by(group.region_type, scoring.system.types or scoring.system.vectors)
    return Text(
        zh=f"类型{called.zh}的 {group.units} 个单位",
        en=f"the {group.units} units of type {called.en}",
    )


def _moving_bounds(scoring: Scoring) -> Iterator[Problem]:
    """W403: bounds from the values of the year, which one unit more or less can move."""
    weights = scoring.workings.aggregation.indicator_weights
    moving = [
        card
        for column, card in enumerate(scoring.system.indicators)
        if card.normalise.uses_data and (weights[:, column] > 0).any()
    ]
    if moving:
        place = f"indicators {', '.join(card.code for card in moving)}"
        names = listed(map(named, moving))
        yield complain("bounds_from_data", place, n=len(moving), indicators=names)


def _cards(scoring: Scoring) -> Mapping[str, IndicatorCard]:
    return {card.code: card for card in scoring.system.indicators}
