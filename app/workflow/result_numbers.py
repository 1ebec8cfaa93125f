"""The numbers of a result document: estimates, what changed, spreads of the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from app.database.rounds import FrozenRound
from app.stats.opt_in.bands import OptInEstimate
from app.stats.scales.consistency import Consistency
from app.stats.tables.distribution import Distribution
from app.stats.tables.entries import Tabulated
from app.workflow.repetition import Place, Repetition, Since, place_of
from app.workflow.screening.scores import Screened


def describe_estimates(
    entries: Sequence[Tabulated],
    repetition: Repetition | None = None,
    screened: Mapping[Place, Screened] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """Every number; no difference from a value for everybody that is withheld itself.

    Value and difference of a unit that is shown would give the withheld one away. A
    round that repeats another says of each number what changed, and a judged score what
    screening did to it.
    """
    closed = {
        (entry.series, entry.measure, entry.code)
        for entry in entries
        if entry.domain.kind == "overall" and entry.withheld is not None
    }
    described = []
    for entry in entries:
        record = describe_estimate(entry)
        if (entry.series, entry.measure, entry.code) in closed and "difference" in record:
            record["difference"] = None
        if repetition is not None:
            record["change"] = _change(repetition.numbers.get(place_of(entry)))
        if place_of(entry) in screened:
            record["screened"] = asdict(screened[place_of(entry)])
        described.append(record)
    return described


def describe_estimate(entry: Tabulated) -> dict[str, Any]:
    """One number with all that says how far it can be trusted."""
    estimate = entry.estimate
    record: dict[str, Any] = {
        "series": entry.series,
        "measure": entry.measure,
        "code": entry.code,
        "domain": entry.domain.kind,
        "domain_code": entry.domain.code,
        "n": estimate.n,
        "value": estimate.value,
        "effective_n": estimate.effective_n,
        "withheld": entry.withheld,
    }
    if isinstance(estimate, OptInEstimate):
        band = estimate.band
        return record | {
            "kind": "band",
            "low": band.low if band else None,
            "high": band.high if band else None,
            "correlations": list(band.correlations) if band else [],
            "worth_of_n": [point.effective_n for point in band.points] if band else [],
        }
    return record | {
        "kind": "interval",
        "low": estimate.low,
        "high": estimate.high,
        "standard_error": estimate.standard_error,
        "df": estimate.df,
        "design_effect": estimate.design_effect,
        "gap": estimate.gap,
        "difference": asdict(entry.difference) if entry.difference else None,
    }


def describe_consistency(entry: Consistency) -> dict[str, Any]:
    """How the items of an indicator hang together; four decimals, for ω is found by search."""
    found = entry.found
    record: dict[str, Any] = {
        "series": entry.series,
        "indicator": entry.indicator,
        "reason": entry.reason or None,
        "n": found.n if found else None,
        "alpha": None,
        "omega": None,
        "items": [],
    }
    if found is None:
        return record
    columns = (found.items, found.item_rest_correlations, found.alpha_if_item_dropped)
    return record | {
        "alpha": _four_decimals(found.alpha),
        "omega": None
        if found.omega_unstandardized is None
        else round(found.omega_unstandardized, 6),
        "items": [
            {
                "code": code,
                "item_rest": round(float(rest), 6),
                "alpha_without": round(float(alpha), 6),
            }
            for code, rest, alpha in zip(*columns, strict=True)
        ],
    }


def _four_decimals(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)


def _change(since: Since | None) -> dict[str, Any] | None:
    """What changed, or the reason why nobody can say; nothing for what is never compared."""
    if since is None:
        return None
    found = since.change
    return {
        "reason": since.reason,
        "before": since.before,
        "verdict": found.verdict if found else None,
        "value": found.value if found else None,
        "standard_error": found.standard_error if found else None,
        "df": found.df if found else None,
        "low": found.low if found else None,
        "high": found.high if found else None,
    }


def describe_distribution(entry: Distribution, frozen: FrozenRound) -> dict[str, Any]:
    """The spread of the answers to one item, with the words of every choice."""
    item = frozen.survey.items[entry.item]
    labels = {
        o.code: o.label.model_dump(mode="json", by_alias=True)
        for o in frozen.survey.scale_of(item).choices
    }
    return {
        "series": entry.series,
        "item": entry.item,
        "domain": entry.domain.kind,
        "domain_code": entry.domain.code,
        "choices": [
            {
                "code": choice.code,
                "label": labels.get(choice.code),
                "count": choice.count,
                "share": choice.share,
                "scored": choice.share is not None,
                "withheld": choice.withheld,
            }
            for choice in entry.choices
        ],
        "not_answered": entry.not_answered,
        "not_answered_withheld": entry.not_answered_withheld,
        "withheld": entry.withheld,
    }
