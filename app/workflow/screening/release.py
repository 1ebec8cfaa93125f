"""What the public may see of the examination: effects and sizes, and nobody in a small group.

Beside a score with and without a few answers those answers could be worked out, so scores
are given to one decimal, groups of fewer than ten without a number, and a window by the hour.
"""

from collections.abc import Mapping
from typing import Any

SMALLEST_GROUP = 10
"""Fewer responses than these are not told as a number, unless there are none."""
COUNTS = ("kept", "reduced", "excluded")
NAMES_OF_A_POINT = ("point", "unit", "name", "withheld")
SCORES_OF_A_POINT = ("raw", "capped", "decided", "low", "high", "sample_mean", "drawn")
SCORES_OF_A_CAMPAIGN = ("score_with", "score_without", "effect")
NOT_FOR_THE_PUBLIC = ("code", "points")


def public_company(company: Mapping[str, Any], least: int) -> dict[str, Any]:
    """The examination without small groups, and without what only reviewers need.

    `least` is the plan's fewest answers behind a published mean. A group whose points are
    withheld, or leave fewer than that without it, keeps its size and tells no score; so does
    one that waits to be decided, for whoever has yet to judge it may read this too.
    """
    sizes = {one["point"]: one["n"] for one in company["points"] if not one["withheld"]}
    large = [one for one in company["campaigns"] if one["n"] >= SMALLEST_GROUP]
    return {
        **company,
        **without_small_counts({name: company[name] for name in COUNTS}),
        "directions": _without_small_sides(company["directions"]),
        "campaigns": [_public_campaign(one, sizes, least) for one in large],
        "small_campaigns": len(company["campaigns"]) - len(large),
        "waiting_campaigns": count_waiting(company),
        "points": [_public_point(one) for one in company["points"]],
        **_without_codes(company),
    }


def count_waiting(company: Mapping[str, Any]) -> int:
    """Campaigns of an examination about which nothing was decided that counts."""
    return sum("verdict" not in one for one in company["campaigns"])


def public_screened(screened: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What screening did to one score, to one decimal."""
    if screened is None:
        return None
    told = {name: _rounded(value) for name, value in screened.items()}
    return told | {"epsilon": screened["epsilon"]}


def without_small_counts(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Counts that add up to a known total: a small one goes, and never one alone."""
    ordered = sorted((name for name in counts if counts[name]), key=lambda name: counts[name])
    small = [name for name in ordered if counts[name] < SMALLEST_GROUP]
    if len(small) == 1:
        small = ordered[:2]
    return {name: None if name in small else n for name, n in counts.items()}


def _public_campaign(
    campaign: Mapping[str, Any], sizes: Mapping[str, int], least: int
) -> dict[str, Any]:
    """One group; `sizes` are those of the points whose scores are public."""
    told = {name: value for name, value in campaign.items() if name not in NOT_FOR_THE_PUBLIC}
    points = campaign["points"]
    others = sum(sizes.get(point, 0) for point in points) - campaign["n"]
    is_large = all(point in sizes for point in points) and others >= least
    is_shown = is_large and "verdict" in campaign
    told |= {
        name: _rounded(campaign[name]) if is_shown else None for name in SCORES_OF_A_CAMPAIGN
    }
    return told | {name: _hour(campaign[name]) for name in ("first", "last")}


def _public_point(point: Mapping[str, Any]) -> dict[str, Any]:
    if point["withheld"] is not None:
        return {
            name: value if name in NAMES_OF_A_POINT else None for name, value in point.items()
        }
    scores = {name: _rounded(point[name]) for name in SCORES_OF_A_POINT}
    return {**point, **scores, **without_small_counts({name: point[name] for name in COUNTS})}


def _without_codes(company: Mapping[str, Any]) -> dict[str, Any]:
    """How decided groups that were not found again were decided; nothing without any."""
    lapsed = company.get("no_longer_found")
    if lapsed is None:
        return {}
    return {"no_longer_found": [{"verdict": one["verdict"]} for one in lapsed]}


def _without_small_sides(sides: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    told: dict[str, Any] = {side: dict(counts) for side, counts in sides.items()}
    for name in ("reduced", "excluded"):
        if any(0 < counts[name] < SMALLEST_GROUP for counts in sides.values()):
            for counts in told.values():
                counts[name] = None
    return told


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 1)


def _hour(moment: str | None) -> str | None:
    """The hour of ``2026-11-22T16:35``, as ``2026-11-22T16``."""
    return None if moment is None else moment[:13]
