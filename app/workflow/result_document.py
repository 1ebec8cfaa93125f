"""A run's result as one document: every page, table and download is made from it alone.

The document explains itself: it carries the plan's rules and the words of the survey beside
the numbers, so that it can be read without the database years later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from app.anomaly.screening import ScreeningResult
from app.database.rounds import FrozenRound
from app.scoring.results import CompositeResult, as_document
from app.stats.design import Design
from app.stats.ranks.standing import Standing
from app.stats.scales.consistency import Consistency
from app.stats.tables.distribution import Distribution
from app.stats.tables.entries import ImpossibleSeries, Series, Tabulated
from app.survey.background import background_levels, background_name
from app.survey.plan import Plan
from app.survey.reading import Definition
from app.survey.sample import Floats, Sample, points_by_code
from app.workflow.canonical import canonical, plain_numbers
from app.workflow.repetition import Repetition
from app.workflow.result_numbers import (
    describe_consistency,
    describe_distribution,
    describe_estimates,
)
from app.workflow.screening.company import Company
from app.workflow.screening.description import describe_company
from app.workflow.screening.scores import screened_scores

SCHEMA = "minxin-result/1"


@dataclass(frozen=True, slots=True)
class Found:
    """Everything one processing found, before it is written down."""

    sample: Sample
    screening: ScreeningResult
    company: Company | None
    """The examination of responses in company; None where the plan asks for none."""
    influence: Floats
    """How far each response is believed, all things considered."""
    series: tuple[Series, ...]
    impossible: tuple[ImpossibleSeries, ...]
    estimates: tuple[Tabulated, ...]
    distributions: tuple[Distribution, ...]
    composite: CompositeResult | None
    standings: tuple[Standing, ...]
    consistencies: tuple[Consistency, ...]
    repetition: Repetition | None
    """What changed since the round that this one repeats; None if it repeats none."""


def write_down(frozen: FrozenRound, found: Found, run: Mapping[str, Any]) -> str:
    """The document of a run as canonical JSON; `run` says how it was computed."""
    return canonical(
        {
            "schema": SCHEMA,
            "round": describe_round(frozen),
            "run": run,
            "responses": describe_responses(found.sample),
            "screening": describe_screening(found, frozen.plan),
            "series": describe_series(found.series, found.impossible),
            "weights": [describe_weights(one) for one in found.series],
            "estimates": describe_estimates(
                found.estimates,
                found.repetition,
                screened_scores(found.series, frozen, found.company),
            ),
            "standings": [asdict(one) for one in found.standings],
            "reliability": [describe_consistency(one) for one in found.consistencies],
            "before": found.repetition.before if found.repetition else None,
            "distributions": [describe_distribution(d, frozen) for d in found.distributions],
            "system": _model(frozen.system),
            "composite": as_document(found.composite) if found.composite else None,
        }
    )


def describe_round(frozen: FrozenRound) -> dict[str, Any]:
    """The plan and the survey as far as a reader of the results needs them."""
    plan, survey = frozen.plan, frozen.survey
    composite = plan.composite
    return {
        "code": plan.code,
        "title": _model(plan.title),
        "survey": survey.key,
        "survey_title": _model(survey.title),
        "plan_digest": frozen.plan_digest,
        "evidence_class": plan.evidence_class,
        "window": _model(plan.window),
        "organiser": _model(plan.organiser),
        "population": _model(plan.population),
        "note": _model(plan.note),
        "confidence": plan.confidence,
        "units": [_model(unit) for unit in plan.units],
        "regions": [_model(region) for region in plan.regions],
        "indicators": [_model(indicator) for indicator in survey.indicators],
        "items": [
            {"code": item.code, "text": _model(item.text), "section": _model(section.title)}
            for section in survey.sections
            for item in section.items
        ],
        "groups": [_group(frozen, variable) for variable in plan.groups],
        "release": _model(plan.release),
        "score_maps": describe_score_maps(frozen),
        "weighting": [_model(step) for step in plan.weighting],
        "pooled": _model(plan.pooled),
        "screening_note": _model(plan.screening_note),
        "opt_in_accepted": _model(composite.opt_in_accepted) if composite else None,
        "values_source": _model(composite.values_source) if composite else None,
    }


def describe_responses(sample: Sample) -> dict[str, Any]:
    """How many responses there are, and how they came."""
    return {
        "total": len(sample),
        "by_evidence": _counts(sample.evidence),
        "by_channel": _counts(sample.channel),
        "by_unit": _counts(sample.unit),
    }


def describe_screening(found: Found, plan: Plan) -> dict[str, Any]:
    """Which signals fired how often, and how many responses count for less.

    A plan that does not ask for company has no such part, so that its runs stay the bytes
    they were.
    """
    screening = found.screening
    company = describe_company(found.company, found.influence, plan)
    described = {
        "responses": len(found.influence),
        "reduced": int((found.influence < 1).sum()),
        "signals": [
            {
                "signal": summary.signal,
                "version": summary.version,
                "name": _model(summary.name),
                "reason": _model(summary.reason),
                "note": _model(summary.note),
                "influence": summary.influence,
                "applicable": summary.applicable,
                "fired": summary.fired,
                "fired_above": summary.fired_above,
                "fired_below": summary.fired_below,
                "mean_score_fired": summary.mean_score_fired,
                "mean_score_others": summary.mean_score_others,
            }
            for summary in screening.summaries
        ],
    }
    return described if company is None else described | {"company": company}


def describe_weights(series: Series) -> dict[str, Any]:
    """The weights of one series: size, spread, what they cost."""
    weight = series.design.weight[series.design.weight > 0]
    squares = float((weight**2).sum())
    return {
        "series": series.code,
        "n": len(weight),
        "sum": float(weight.sum()),
        "smallest": float(weight.min()) if len(weight) else None,
        "largest": float(weight.max()) if len(weight) else None,
        "kish_effective_n": float(weight.sum()) ** 2 / squares if squares else None,
        "steps": [_step_effect(design) for design in series.steps],
        "calibration": [
            {
                "margins": list(step.margins),
                "not_stated": dict(step.not_stated),
                "margin_error": step.margin_error,
            }
            for step in series.design.adjustments
        ],
    }


def _step_effect(design: Design) -> dict[str, float | None]:
    """How uneven the weights are after a step: largest over mean, Kish's n Σw²/(Σw)²."""
    weight = design.weight[design.weight > 0]
    if not len(weight):
        return {"largest_over_mean": None, "kish_design_effect": None}
    share = weight / weight.mean()
    effect = float((share**2).mean())
    return {"largest_over_mean": float(share.max()), "kish_design_effect": effect}


def describe_series(
    series: Sequence[Series], impossible: Sequence[ImpossibleSeries]
) -> list[dict[str, Any]]:
    """Which series there are, how their uncertainty must be read, and which have no numbers."""
    described = [
        {
            "code": one.code,
            "kind": "band" if one.is_opt_in else "interval",
            "n": len(one.sample),
            "impossible": None,
        }
        for one in series
    ]
    return described + [
        {
            "code": one.code,
            "kind": "band" if one.code == "opt_in" else "interval",
            "n": one.n,
            "impossible": one.reason,
        }
        for one in impossible
    ]


def _group(frozen: FrozenRound, variable: str) -> dict[str, Any]:
    levels = background_levels(frozen.survey, variable)
    return {
        "code": variable,
        "name": _model(background_name(frozen.survey, variable)),
        "levels": [{"code": code, "label": _model(text)} for code, text in levels.items()],
    }


def describe_score_maps(frozen: FrozenRound) -> list[dict[str, Any]]:
    """Which map scores each scale, with the points of every choice as they are printed."""
    described = []
    for scale, score_map in sorted(frozen.maps_by_scale.items()):
        items = [i for i in frozen.survey.items.values() if i.scale == scale]
        if not items:
            continue
        forward = items[0].model_copy(update={"reversed": False})
        described.append(
            {
                "scale": scale,
                "key": score_map.key,
                "name": _model(score_map.name),
                "source": score_map.source,
                "points": plain_numbers(points_by_code(frozen.survey, forward, score_map)),
                "options": [_model(o) for o in frozen.survey.scales[scale].options],
                "reversed_items": [i.code for i in items if i.reversed],
            }
        )
    return described


def _counts(labels: Any) -> dict[str, int]:
    values, counts = np.unique(labels, return_counts=True)
    return {str(v): int(c) for v, c in zip(values, counts, strict=True)}


def _model(value: Definition | None) -> Any:
    return None if value is None else value.model_dump(mode="json", by_alias=True)
