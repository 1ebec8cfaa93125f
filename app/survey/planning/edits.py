"""One step of a plan written anew: the plan before, what was chosen, the plan after.

Plans in the making are plain values, as their file would hold them, and may be wrong in any
way; no edit touches the plan it was given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Plan = Mapping[str, Any]
Ways = Literal["open", "invitation", "ticket", "open+ticket", "open+invitation", "imported"]

WAYS: tuple[Ways, ...] = (
    "open", "invitation", "ticket", "open+ticket", "open+invitation", "imported",
)  # fmt: skip
_EVIDENCE: Mapping[str, str] = {
    "invitation": "probability",
    "ticket": "transaction",
    "imported": "probability",
}
"""Evidence of answers by these ways; through an open code everybody chooses to answer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a round is full; None is without a limit. `quotas` as the plan writes them."""

    most: int | None = None
    most_per_point: int | None = None
    quotas: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """How weights are made: where they start, margins to meet, largest over the mean."""

    start: Literal["base", "given"] = "base"
    source: str = ""
    """Where given weights come from, in words."""
    margins: Sequence[Mapping[str, Any]] = ()
    limit: float | None = None


def with_answers(plan: Plan, ways: Ways, limits: Limits) -> dict[str, Any]:
    """Who may answer and how many; what an answer is evidence of follows from it."""
    made = {**plan, "evidence_class": _EVIDENCE.get(ways, "opt_in")}
    rights = [] if ways == "imported" else ways.split("+")
    quotas = [dict(quota) for quota in limits.quotas]
    given: dict[str, Any] = {"rights": rights or ["open"]}
    given |= {"most": limits.most, "most_per_point": limits.most_per_point, "quotas": quotas}
    admission = {name: value for name, value in given.items() if value}
    if admission == {"rights": ["open"]}:
        made.pop("admission", None)
    else:
        made["admission"] = admission
    if made["evidence_class"] != plan.get("evidence_class"):
        made.pop("pooled", None)
    return made


def ways_of(plan: Plan) -> Ways:
    """How people come to answer by a plan."""
    admission = plan.get("admission") or {}
    rights = set(admission.get("rights") or ["open"])
    if rights == {"open"} and plan.get("evidence_class") != "opt_in":
        return "imported"
    return next((ways for ways in WAYS if set(ways.split("+")) == rights), "open")


def with_weights(plan: Plan, weights: Weights, groups: Sequence[str]) -> dict[str, Any]:
    """The weighting steps that margins ask for, and the groups numbers are given for.

    One margin is met by post-stratification, several by raking; a limit trims afterwards.
    """
    start: dict[str, Any] = {"kind": weights.start}
    if weights.start == "given":
        start["source"] = weights.source
    steps: list[dict[str, Any]] = [start]
    names = [margin["variable"] for margin in weights.margins]
    if len(names) == 1:
        steps.append({"kind": "post_stratify", "margin": names[0]})
    elif names:
        steps.append({"kind": "rake", "margins": names})
    if names and weights.limit is not None:
        steps.append({"kind": "trim", "highest": weights.limit})
    made = {**plan, "weighting": steps}
    return _with_lists(made, margins=[dict(m) for m in weights.margins], groups=list(groups))


def with_places(plan: Plan, **lists: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Regions, units or points as given, in the order given."""
    return {**plan, **{name: [dict(one) for one in entries] for name, entries in lists.items()}}


def with_composite(plan: Plan, composite: Mapping[str, Any] | None) -> dict[str, Any]:
    """How the round's numbers enter a composite score, or that they do not."""
    made = {name: value for name, value in plan.items() if name != "composite"}
    return made if composite is None else {**made, "composite": dict(composite)}


def composite_of(
    system: str, sources: Mapping[str, str], *, series: str, units: Sequence[str]
) -> dict[str, Any]:
    """A composite from the round's own estimates; indicators without one are missing.

    `sources` gives every indicator of the system its estimate, or an empty text.
    """
    taken = [
        {"indicator": indicator, "estimate": estimate, "series": series}
        for indicator, estimate in sources.items()
        if estimate
    ]
    absent = [
        {"unit": unit, "indicator": indicator, "status": "missing"}
        for indicator, estimate in sources.items()
        if not estimate
        for unit in units
    ]
    made: dict[str, Any] = {"system": system, "from_survey": taken}
    if absent:
        made["values"] = absent
        made["values_source"] = {
            "zh-Hans": "本轮没有这些指标的数值，均记为缺失。",
            "en": "This round has no values of these indicators; all are marked as missing.",
        }
    return made


def _with_lists(plan: dict[str, Any], **lists: list[Any]) -> dict[str, Any]:
    """Lists under their keys; an empty one is left out, as a file would."""
    made = {name: value for name, value in plan.items() if name not in lists}
    return made | {name: entries for name, entries in lists.items() if entries}
