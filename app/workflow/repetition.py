"""What changed since the round that this one repeats, number by number, or why nobody can say.

Two numbers are compared where the same item was asked and scored alike, of a sample of the
same evidence class, and both may be shown. A new version of the questionnaire or another
score map makes them incomparable: then a change of the answers cannot be told from a change
of the question. Opt-in answers are never compared.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.database.results import ResultDocument
from app.database.rounds import FrozenRound
from app.stats.change import Change, Measurement, change
from app.stats.estimation import Estimate
from app.stats.tables.entries import Tabulated
from app.survey.definition import Survey

COMPARED_MEASURES = ("indicator", "item")
COMPARED_DOMAINS = ("overall", "region", "unit")

Reason = Literal[
    "other_questionnaire",
    "other_score_map",
    "not_measured_before",
    "not_shown_before",
    "unknown_uncertainty",
    "too_small",
]
"""Why a number is not compared: in the round before it was another question, scored by
another map, not asked or not there, withheld, without an error, or one of the two rests on
too small an effective sample to be compared."""

Place = tuple[str, str, str, str, str]
"""Series, measure, code, kind of domain, code of the domain."""


@dataclass(frozen=True, slots=True)
class Since:
    """A number of the round before and what changed since, or the reason why not."""

    before: float | None
    change: Change | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Repetition:
    """The round before as its result describes it, and every number held against it."""

    before: Mapping[str, Any]
    """Code, title and window of the round, and its version of the questionnaire."""
    numbers: Mapping[Place, Since]


def compare_rounds(
    frozen: FrozenRound,
    estimates: Sequence[Tabulated],
    *,
    score_maps: Sequence[Mapping[str, Any]],
    before: ResultDocument,
) -> Repetition:
    """Say of every number that may be shown now what changed since the round before.

    `score_maps` are those of this round as its own document describes them.
    """
    earlier = {_place_of(entry): entry for entry in before["estimates"]}
    altered = _altered_items(frozen.survey, score_maps, before)
    numbers = {
        place: _since(frozen, entry, earlier.get(place), altered)
        for entry in estimates
        if _is_compared(entry)
        for place in [place_of(entry)]
    }
    described = {name: before["round"][name] for name in ("code", "title", "window", "survey")}
    return Repetition(described, numbers)


def place_of(entry: Tabulated) -> Place:
    """Where in the table a number stands."""
    return (entry.series, entry.measure, entry.code, entry.domain.kind, entry.domain.code)


def _is_compared(entry: Tabulated) -> bool:
    return (
        isinstance(entry.estimate, Estimate)
        and entry.withheld is None
        and entry.estimate.value is not None
        and entry.measure in COMPARED_MEASURES
        and entry.domain.kind in COMPARED_DOMAINS
    )


def _since(
    frozen: FrozenRound,
    entry: Tabulated,
    earlier: Mapping[str, Any] | None,
    altered: Mapping[str, Reason],
) -> Since:
    reasons = [altered[item] for item in _items(frozen.survey, entry) if item in altered]
    if reasons:
        return Since(None, None, min(reasons))
    if earlier is None or (earlier["value"] is None and earlier["withheld"] is None):
        return Since(None, None, "not_measured_before")
    if earlier["withheld"] is not None:
        return Since(None, None, "not_shown_before")
    now, before = _measured(entry.estimate), _measured_before(earlier)
    if now is None or before is None:
        return Since(earlier["value"], None, "unknown_uncertainty")
    least = frozen.plan.release.min_effective_n_rank * (1 - 1e-9)
    sizes = (entry.estimate.effective_n, earlier["effective_n"])
    if any(size is None or size < least for size in sizes):
        return Since(before.value, None, "too_small")
    found = change(before, now, confidence=frozen.plan.confidence)
    return Since(before.value, found, None)


def _items(survey: Survey, entry: Tabulated) -> Iterator[str]:
    """The items that a number is made of."""
    made_of = {indicator.code: indicator for indicator in survey.indicators}
    waiting = [entry.code] if entry.measure == "indicator" else []
    if entry.measure == "item":
        yield entry.code
    while waiting:
        indicator = made_of[waiting.pop()]
        yield from indicator.items
        waiting += indicator.indicators


def _altered_items(
    survey: Survey, score_maps: Sequence[Mapping[str, Any]], before: ResultDocument
) -> dict[str, Reason]:
    """Items that were another question in the round before, or were scored by another map."""
    if before["round"]["survey"] != survey.key:
        return dict.fromkeys(survey.items, "other_questionnaire")
    then = {one["scale"]: _scoring(one) for one in before["round"]["score_maps"]}
    altered = {one["scale"] for one in score_maps if then.get(one["scale"]) != _scoring(one)}
    return {
        item.code: "other_score_map" for item in survey.items.values() if item.scale in altered
    }


def _scoring(score_map: Mapping[str, Any]) -> tuple[str, dict[str, float]]:
    return score_map["key"], {str(code): p for code, p in score_map["points"].items()}


def _measured(estimate: Any) -> Measurement | None:
    return _measurement(estimate.value, estimate.standard_error, estimate.df, estimate.gap)


def _measured_before(entry: Mapping[str, Any]) -> Measurement | None:
    return _measurement(entry["value"], entry["standard_error"], entry["df"], entry["gap"])


def _measurement(
    value: float, error: float | None, df: float, gap: str | None
) -> Measurement | None:
    """A number that can be compared; None where its error is unknown or says nothing."""
    known = error is not None and error > 0 and df > 0 and gap is None
    return Measurement(value, error, df) if known and error is not None else None


def _place_of(entry: Mapping[str, Any]) -> Place:
    return (
        entry["series"],
        entry["measure"],
        entry["code"],
        entry["domain"],
        entry["domain_code"],
    )
