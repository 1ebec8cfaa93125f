"""A round's sample as the examination wants it: ordered answers, and how they came.

The examination knows no surveys: here options become places counted from the worst, and
slots become minutes. A device is on the platform a class out of five, which many people
share, so it is the client and never the device.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from app.anomaly.submissions import Reference, Submissions
from app.stats.design import Integers
from app.survey.definition import Item, Survey
from app.survey.plan import Plan
from app.survey.sample import Flags, Floats, Labels, Sample, points_by_code
from app.survey.score_maps import ScoreMap


@dataclass(frozen=True, slots=True)
class Laid:
    """The judged responses of a sample, laid out for the examination."""

    rows: Integers
    """Row in the sample of each of them."""
    submissions: Submissions
    reference: Reference | None
    """The round's probability sample, where it is not judged itself."""
    midnight: datetime | None
    """Wall-clock moment from which minutes count; None where no times are known."""


def lay_out(
    sample: Sample, plan: Plan, survey: Survey, maps: Mapping[str, ScoreMap]
) -> Laid | None:
    """Everything the examination asks for; None where the plan asks for none, or of nobody."""
    chosen = judged(sample, plan)
    if not chosen.any():
        return None
    among = sample.restrict(chosen)
    return Laid(
        rows=np.flatnonzero(chosen),
        submissions=make_submissions(among, plan, survey, maps),
        reference=make_reference(sample, plan, survey, maps),
        midnight=first_midnight(among, plan),
    )


def judged(sample: Sample, plan: Plan) -> Flags:
    """Responses that are examined: of the plan's classes, with at least one scored answer."""
    rule = plan.screening.company
    if rule is None:
        return np.zeros(len(sample), bool)
    return np.isin(sample.evidence, list(rule.evidence)) & _is_scored(sample)


def make_submissions(
    sample: Sample, plan: Plan, survey: Survey, maps: Mapping[str, ScoreMap]
) -> Submissions:
    """The columns of every response of a sample; `maps` are its score maps by scale."""
    answers, highest = answer_places(sample, survey, maps)
    region = {unit.code: unit.region for unit in plan.units}
    blank = np.full(len(sample), "", np.str_)
    return Submissions(
        identifier=sample.identifier,
        point=points_of(sample),
        district=_labels([region.get(unit, unit) for unit in sample.unit.tolist()]),
        channel=sample.channel,
        enumerator=blank,
        minute=minutes(sample.slot, first_midnight(sample, plan), plan.window.time_zone),
        device=blank,
        network=sample.network,
        client=sample.device,
        dwell=_dwell(sample),
        comment=sample.comment,
        comment_length=sample.comment_length,
        answers=answers,
        highest=highest,
        score=own_scores(sample),
        assured=sample.assurance == "one_time",
    )


def make_reference(
    sample: Sample, plan: Plan, survey: Survey, maps: Mapping[str, ScoreMap]
) -> Reference | None:
    """The round's probability sample; None without one, or where it is examined itself.

    Sampled people are drawn for a unit. Where the unit has one point they are held against
    it; where it has several, no sampled person belongs to one of them.
    """
    rule = plan.screening.company
    if rule is None or "probability" in rule.evidence:
        return None
    drawn = sample.restrict((sample.evidence == "probability") & _is_scored(sample))
    if len(drawn) == 0:
        return None
    answers, highest = answer_places(drawn, survey, maps)
    points = [point.unit for point in plan.points]
    alone = {p.unit: p.code for p in plan.points if points.count(p.unit) == 1}
    place = [alone.get(point, point) for point in points_of(drawn).tolist()]
    return Reference(_labels(place), answers, highest, own_scores(drawn))


def answer_places(
    sample: Sample, survey: Survey, maps: Mapping[str, ScoreMap]
) -> tuple[Floats, Floats]:
    """Responses by scored items: place of the answer, 0 the worst; and each item's highest.

    A reversed item is read from the other end, as its points are. Whatever is not scored,
    don't know and not applicable among it, has no place.
    """
    items = [survey.items[code] for code in sample.scores]
    answers = np.full((len(sample), len(items)), np.nan)
    highest = np.ones(len(items))
    for column, item in enumerate(items):
        worst_first = _worst_first(survey, item, maps[item.scale or ""])
        highest[column] = max(len(worst_first) - 1, 1)
        for place, code in enumerate(worst_first):
            answers[sample.codes[item.code] == code, column] = place
    return answers, highest


def own_scores(sample: Sample) -> Floats:
    """Mean points of each response over its scored items; NaN without any."""
    scores = np.array(list(sample.scores.values())).reshape(len(sample.scores), len(sample))
    given = ~np.isnan(scores)
    count = given.sum(axis=0)
    total = np.where(given, scores, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def first_midnight(sample: Sample, plan: Plan) -> datetime | None:
    """Wall-clock midnight before the first response; None where no times are known."""
    known = sorted({slot for slot in sample.slot.tolist() if slot})
    if not known:
        return None
    first = _wall_clock(known[0], plan.window.time_zone)
    return first.replace(hour=0, minute=0)


def minutes(slot: Labels, midnight: datetime | None, time_zone: str) -> Floats:
    """Wall-clock minutes of each slot since `midnight`; NaN where there is no slot."""
    names, position = np.unique(slot, return_inverse=True)
    since = [
        np.nan
        if midnight is None or not name
        else (_wall_clock(name, time_zone) - midnight).total_seconds() / 60
        for name in names.tolist()
    ]
    return np.array(since, float)[position]


def points_of(sample: Sample) -> Labels:
    """The point of each response, or its unit where it did not come through a point."""
    return np.where(sample.point == "", sample.unit, sample.point)


def _is_scored(sample: Sample) -> Flags:
    return ~np.isnan(own_scores(sample))


def _worst_first(survey: Survey, item: Item, score_map: ScoreMap) -> list[int]:
    points = points_by_code(survey, item, score_map)
    codes = list(points)
    return codes if points[codes[0]] <= points[codes[-1]] else codes[::-1]


def _dwell(sample: Sample) -> Floats:
    """Seconds on each section where most were timed so, otherwise on the whole form."""
    timed = int((~np.isnan(sample.seconds)).sum())
    sections = list(sample.section_seconds.values())
    by_section = np.array(sections).reshape(len(sections), len(sample)).T
    if sections and 2 * int((~np.isnan(by_section)).any(axis=1).sum()) >= timed:
        return by_section
    return sample.seconds[:, None]


def _wall_clock(slot: str, time_zone: str) -> datetime:
    return datetime.fromisoformat(slot).astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)


def _labels(texts: list[str]) -> Labels:
    return np.array(texts, dtype=np.str_)
