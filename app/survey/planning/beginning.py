"""How a plan begins: with values that are right for most, or as the last round once more.

The screening and the thresholds are those that the method notes argue for; whoever knows
better changes them in their step. Nothing is chosen for the reader's numbers in secret: all
of it stands in the plan, which is frozen and printed.
"""

import hashlib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from app.survey.definition import Survey

MOST_LINED = 12
"""Items answered alike before a person could be called a straight-liner."""
FEWEST_LINED = 5
USUAL_RELEASE: Mapping[str, int] = {
    "min_n": 30,
    "min_effective_n": 30,
    "min_effective_n_rank": 100,
    "min_cell": 5,
}
SCREENING_NOTE: Mapping[str, str] = {
    "zh-Hans": (
        "没有任何信号会删掉一份答案：答得快或每题选同一项，也可能是真心满意的人，所以折半；"
        "同一时段、同类设备、同一网络反复提交最像代填，折得最多；只是少见的答法折得最少。"
        "成组雷同、来历相同的回答在有人核定之前不算；谁来的都一样封顶。"
    ),
    "en": (
        "No signal deletes an answer. Quick or uniform answers may come from people who are "
        "truly content, so they count half; many answers from one kind of device and one "
        "network in one slot look most like filling in for others and lose most; a merely "
        "rare pattern loses least. Groups of copies that share an origin do not count until a "
        "person decides, and nobody counts for more than the published caps."
    ),
}


@dataclass(frozen=True, slots=True)
class Start:
    """What a plan is begun with; `opens` and `closes` are wall-clock times, ISO."""

    code: str
    title: Mapping[str, str]
    survey: str
    organiser: Mapping[str, str]
    place: Mapping[str, str]
    """What the round covers, as 青山县: the region above all others."""
    opens: str
    closes: str
    time_zone: str = "Asia/Shanghai"


def new_plan(start: Start, survey: Survey | None) -> dict[str, Any]:
    """A plan with everything that can be guessed, and nothing that only the author knows."""
    return {
        "schema": "minxin-plan/1",
        "code": start.code,
        "title": dict(start.title),
        "survey": start.survey,
        "organiser": {"name": dict(start.organiser), "hotline": "12345"},
        "population": _everybody(start.place),
        "evidence_class": "opt_in",
        "window": _window(start),
        "regions": [{"code": "all", "name": dict(start.place)}],
        "units": [],
        "points": [],
        "weighting": [{"kind": "base"}],
        "screening": usual_screening(survey),
        "screening_note": dict(SCREENING_NOTE),
        "release": dict(USUAL_RELEASE),
        "seed": _seed_of(start.code),
    }


def repeated_plan(last: Mapping[str, Any], start: Start) -> dict[str, Any]:
    """The last round once more, for comparison: the codes of units and points stay.

    Window, code and seed are new. What belonged to the last period is left out: events, and
    values of the composite score, which are marked as missing until they are known.
    """
    plan = deepcopy(dict(last))
    plan |= {
        "code": start.code,
        "title": dict(start.title),
        "survey": start.survey,
        "window": _window(start),
        "repeats": last["code"],
        "seed": _seed_of(start.code),
    }
    plan.pop("note", None)
    if plan.get("composite"):
        plan["composite"] = _emptied(plan["composite"])
    return plan


def usual_screening(survey: Survey | None) -> dict[str, Any]:
    """The signals and what each costs, as the methodology argues for."""
    return {
        "speed": {"share_of_median": 0.33, "influence": 0.5},
        "straight_lining": {"items": _lined(survey), "influence": 0.5},
        "device_repetition": {"allowed": 5, "influence": 0.2},
        "isolation_forest": {"share": 0.02, "trees": 200, "influence": 0.7},
        "company": {"version": 1},
    }


def reported_screening(survey: Survey | None) -> dict[str, Any]:
    """The same signals, each shown and none changing a number."""
    signals = usual_screening(survey)
    for signal in signals.values():
        signal["influence"] = 1.0
    signals["company"]["caps"] = "reported"
    return signals


def _lined(survey: Survey | None) -> int:
    """All scored items of a short questionnaire, twelve of a long one."""
    if survey is None:
        return MOST_LINED
    scored = sum(
        item.kind == "single" and survey.scale_of(item).score_map is not None
        for item in survey.items.values()
    )
    return max(min(MOST_LINED, scored), FEWEST_LINED)


def _everybody(place: Mapping[str, str]) -> dict[str, str]:
    return {"zh-Hans": f"{place['zh-Hans']}的成年居民", "en": f"Adults of {place['en']}"}


def _window(start: Start) -> dict[str, str]:
    return {"opens": start.opens, "closes": start.closes, "time_zone": start.time_zone}


def _seed_of(code: str) -> int:
    """A number that nobody chose: the first of the code's SHA-256."""
    return int(hashlib.sha256(code.encode()).hexdigest()[:7], 16)


def _emptied(composite: dict[str, Any]) -> dict[str, Any]:
    composite.pop("events", None)
    for given in composite.get("values", ()):
        given.pop("value", None)
        given.pop("standard_error", None)
        given["status"] = "missing"
    return composite
