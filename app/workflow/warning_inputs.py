"""A round as each early warning wants to see it: columns and counts, made from its sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from app.anomaly.warnings.bursts import Times
from app.anomaly.warnings.channels import Contentment
from app.anomaly.warnings.clones import Crowd
from app.anomaly.warnings.opinions import DONT_KNOW, Opinions
from app.anomaly.warnings.refusals import Refused
from app.anomaly.warnings.silence import Visits
from app.anomaly.warnings.suppression import Grades
from app.database.rounds import FrozenRound
from app.database.tallies import Counts, refused
from app.survey.alarm_files import VisitCount
from app.survey.canaries import rated_item
from app.survey.plan import Plan
from app.survey.sample import Flags, Floats, Labels, RawResponse, Sample, build_sample
from app.survey.text import Text
from app.workflow.screening.submissions import answer_places, first_midnight, minutes

CONTENT = 0.75
"""Of the way from the worst to the best option: the best two of five."""
CHANNELS = {
    "qr": Text(zh="页面", en="page"),
    "kiosk": Text(zh="自助机", en="kiosk"),
    "api": Text(zh="接口", en="interface"),
    "import": Text(zh="导入", en="import"),
    "simulated": Text(zh="模拟", en="simulated"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A round's responses and the places of their answers, 0 the worst."""

    frozen: FrozenRound
    sample: Sample
    places: Mapping[str, Floats]
    """Scored item → place of the answer; NaN without an opinion."""
    highest: Mapping[str, float]

    @classmethod
    def of(cls, frozen: FrozenRound, responses: Sequence[RawResponse]) -> Self:
        """What there is to see of these responses."""
        sample = build_sample(frozen.survey, frozen.maps_by_scale, responses)
        answers, highest = answer_places(sample, frozen.survey, frozen.maps_by_scale)
        items = list(sample.scores)
        return cls(
            frozen,
            sample,
            {item: answers[:, at] for at, item in enumerate(items)},
            {item: float(highest[at]) for at, item in enumerate(items)},
        )

    @property
    def at_points(self) -> Flags:
        """Responses that came through a point's code."""
        return self.sample.point != ""


def shared_items(seen: Seen, before: Seen | None) -> tuple[str, ...]:
    """Scored items with the same options in both rounds; all of them without an earlier one."""
    if before is None:
        return tuple(seen.places)
    return tuple(
        item for item, highest in seen.highest.items() if before.highest.get(item) == highest
    )


def opinions(seen: Seen, items: Sequence[str]) -> Opinions:
    """What was said to these items, don't knows included, by unit."""
    survey, sample = seen.frozen.survey, seen.sample
    choices = np.full((len(sample), len(items)), np.nan)
    for column, item in enumerate(items):
        choices[:, column] = seen.places[item]
        unsure = survey.scale_of(survey.items[item]).dont_know
        if unsure is not None:
            choices[sample.codes[item] == unsure.code, column] = DONT_KNOW
    kinds = {unit.code: unit.region_type for unit in seen.frozen.plan.units}
    kind = np.array([kinds.get(unit, "") for unit in sample.unit.tolist()], dtype=np.str_)
    highest = np.array([seen.highest[item] for item in items])
    return Opinions(sample.unit, kind, choices, highest)


def times(seen: Seen) -> Times:
    """When the responses of each point came."""
    sample, plan, kept = seen.sample, seen.frozen.plan, seen.at_points
    since = minutes(sample.slot, first_midnight(sample, plan), plan.window.time_zone)
    return Times(sample.point[kept], since[kept])


def crowd(seen: Seen) -> Crowd:
    """Where the responses of each point came from; its district is its unit's region.

    In a round of one region the units are the districts.
    """
    plan, kept = seen.frozen.plan, seen.at_points
    region = {unit.code: unit.region for unit in plan.units}
    is_one = len(set(region.values())) < 2
    units = seen.sample.unit[kept].tolist()
    home = [unit if is_one else region.get(unit, unit) for unit in units]
    return Crowd(
        seen.sample.point[kept], np.array(home, dtype=np.str_), seen.sample.network[kept]
    )


def grades_by_point(seen: Seen) -> Grades:
    """How often each grade of the rated item was given at each point."""
    return _grades(seen, seen.sample.point)


def grades_by_channel(seen: Seen) -> Grades:
    """The same by point and channel; nothing where all came through one channel."""
    sample = seen.sample
    if len(np.unique(sample.channel[seen.at_points])) < 2:
        return Grades(np.array([], dtype=np.str_), np.zeros((0, 0)))
    both = np.char.add(np.char.add(sample.point, "/"), sample.channel)
    return _grades(seen, both)


def contentment(seen: Seen) -> Contentment:
    """How many are content with the rated item, by point and by open code or right."""
    kept, place, highest = _rated(seen)
    content = place >= CONTENT * highest
    assured = seen.sample.assurance == "one_time"
    points, at = np.unique(seen.sample.point[kept], return_inverse=True)
    columns = (~assured, ~assured & content, assured, assured & content)
    counted = [np.bincount(at[one[kept]], minlength=len(points)) for one in columns]
    return Contentment(points, *(one.astype(np.float64) for one in counted))


def refused_numbers(tallies: Mapping[str, Counts]) -> Refused:
    """What was received at each point and what of it was turned away."""
    points = sorted(point for point in tallies if point)
    return Refused(
        np.array(points, dtype=np.str_),
        np.array([tallies[point].get("received", 0) for point in points], dtype=np.float64),
        np.array([sum(refused(tallies[p]).values()) for p in points], dtype=np.float64),
    )


def visit_numbers(
    counts: Sequence[VisitCount], tallies: Mapping[str, Mapping[str, Counts]]
) -> Visits:
    """Scans and visits of each point over the days that a file counts."""
    points = sorted({count.point for count in counts})
    scans, visits = dict.fromkeys(points, 0), dict.fromkeys(points, 0)
    for count in counts:
        visits[count.point] += count.visits
        scans[count.point] += tallies[count.day].get(count.point, {}).get("served", 0)
    return Visits(
        np.array(points, dtype=np.str_),
        np.array([scans[point] for point in points], dtype=np.float64),
        np.array([visits[point] for point in points], dtype=np.float64),
    )


def place_names(plan: Plan) -> dict[str, Text]:
    """What units, points, and points with a channel are called."""
    names = {unit.code: unit.name for unit in plan.units}
    for point in plan.points:
        names[point.code] = point.name
        for channel, word in CHANNELS.items():
            names[f"{point.code}/{channel}"] = Text(
                zh=f"{point.name.zh}（{word.zh}）", en=f"{point.name.en} ({word.en})"
            )
    return names


def _rated(seen: Seen) -> tuple[Flags, Floats, float]:
    """Responses at points that rated, the place of the grade, and the highest place."""
    item = rated_item(seen.frozen.survey)
    if item is None or item.code not in seen.places:
        return np.zeros(len(seen.sample), dtype=bool), np.full(len(seen.sample), np.nan), 1.0
    place = seen.places[item.code]
    return seen.at_points & ~np.isnan(place), place, seen.highest[item.code]


def _grades(seen: Seen, where: Labels) -> Grades:
    kept, place, highest = _rated(seen)
    places, at = np.unique(where[kept], return_inverse=True)
    counts = np.zeros((len(places), int(highest) + 1))
    np.add.at(counts, (at, place[kept].astype(np.int64)), 1)
    return Grades(places, counts)
