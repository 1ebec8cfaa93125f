"""Who may review a campaign: nobody whose own score it moves, nor whoever stands beside them.

An office is what the reviewer's account, or the operator at the terminal, says it is. It is
held against codes and names of the plan, however they are typed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.anomaly.decisions import is_same
from app.database.campaigns import KeptCampaign
from app.errors import InputRefused, NotAllowed, Problem
from app.people.offices import EVERYWHERE, Scope
from app.survey.plan import Plan, Region, Unit

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A person who reviews, and the office they do it for."""

    author: str
    office: str
    also_called: tuple[str, ...] = ()
    """Other names of the office, and those of the offices that it belongs to."""
    reach: Scope = EVERYWHERE
    """Of whose rounds they are shown earlier campaigns."""


def require_named(reviewer: Reviewer) -> None:
    """Refuses a reviewer without a name or an office, or with one that cannot be kept."""
    problems = list(_naming_problems(reviewer))
    if problems:
        raise InputRefused(problems)


def has_interest(plan: Plan, kept: KeptCampaign, reviewer: Reviewer) -> bool:
    """Whether their office is assessed by a score that it moves, or stands beside who is.

    That is the unit of each of its points, every unit in a region above, below or the same,
    their points, and those regions themselves but the topmost: that one orders the round.
    """
    own = (reviewer.office, *reviewer.also_called)
    interested = tuple(_interested(plan, kept.points))
    return any(is_same(one, name) for one in own for name in interested)


def require_impartial(plan: Plan, kept: KeptCampaign, reviewer: Reviewer) -> None:
    """Refuses the act of somebody whose office has an interest in the campaign."""
    if has_interest(plan, kept, reviewer):
        raise NotAllowed(
            f"{reviewer.office} is assessed by a score that campaign {kept.row.code} moves, or "
            "stands in one region with who is. It decides nothing about it and sees no "
            "response of it; let another office do that.",
            chinese=f"{reviewer.office}的得分受 {kept.row.code} 影响，"
            "或与受影响的单位同在一个地区，因此不得对其作决定，也看不到其中的回答，请由另一单位办理。",
        )


def _naming_problems(reviewer: Reviewer) -> Iterator[Problem]:
    for place, chinese, name in (
        ("author", "评审人", reviewer.author),
        ("office", "评审单位", reviewer.office),
    ):
        if not name.strip():
            yield Problem(place, "is empty", "Give it.", chinese=f"{chinese}为空，请填写。")
        elif len(name) > LONGEST_NAME or not name.isprintable():
            yield Problem(
                place,
                f"is longer than {LONGEST_NAME} characters or holds unprintable ones",
                "Shorten or correct it.",
                name,
                chinese=f"{chinese}超过 {LONGEST_NAME} 字或含有不可见字符，请改正。",
            )


def _interested(plan: Plan, places: Iterable[str]) -> Iterator[str]:
    unit_of = {point.code: point.unit for point in plan.points}
    assessed = {unit_of.get(place, place) for place in places}
    chains = {
        region
        for unit in plan.units
        if unit.code in assessed
        for region in _chain(plan, unit.region)
    }
    beside = [unit for unit in plan.units if unit.code in assessed or unit.region in chains]
    for unit in beside:
        yield from _names(unit)
    for point in plan.points:
        if point.unit in {unit.code for unit in beside}:
            yield from (point.code, point.name.zh, point.name.en)
    for region in plan.regions:
        if region.code in chains and region.parent is not None:
            yield from _names(region)
    yield from assessed


def _chain(plan: Plan, region: str) -> set[str]:
    """A region, all it lies in, and all that lies in it."""
    return {
        other.code
        for other in plan.regions
        if other.code in _upwards(plan, region) or region in _upwards(plan, other.code)
    }


def _upwards(plan: Plan, region: str) -> set[str]:
    parents = {one.code: one.parent for one in plan.regions}
    above: set[str] = set()
    current: str | None = region
    while current is not None and current not in above:
        above.add(current)
        current = parents.get(current)
    return above


def _names(named: Unit | Region) -> tuple[str, str, str]:
    return named.code, named.name.zh, named.name.en
