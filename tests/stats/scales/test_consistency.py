"""The reliability of indicators: those of several items, answered by enough people."""

import numpy as np
import pytest

from app.stats.design import simple_design
from app.stats.scales.consistency import consistencies
from app.stats.scales.reliability import reliability
from app.stats.tables.entries import Series
from app.survey.plan import Plan
from app.survey.reading import read_definition
from app.survey.sample import RawResponse, build_sample
from world import TOWN_PLAN, registry

REGISTRY = registry()
SURVEY = REGISTRY.surveys["three_senses@1"][1]
MAPS = {
    name: REGISTRY.score_maps[1].find(scale.score_map)
    for name, scale in SURVEY.scales.items()
    if scale.score_map
}
RELEASE = read_definition(Plan, TOWN_PLAN, source="t").release
SEVERAL = [indicator for indicator in SURVEY.indicators if len(indicator.items) > 1]


def series(people, *, alike=False):
    chance, raw = np.random.default_rng(2), []
    for i in range(people):
        mood = chance.normal(3.2, 1)
        codes = {
            item.code: int(np.clip(round(mood + (0 if alike else chance.normal())), 1, 5))
            for item in SURVEY.items.values()
            if item.scale in MAPS
        }
        raw.append(RawResponse(f"{i:06d}", "east", "", "probability", "qr", codes))
    sample = build_sample(SURVEY, MAPS, raw)
    weight = chance.uniform(1, 3, people)
    return Series("probability", sample, simple_design(weight), np.ones(people, bool))


def test_every_indicator_of_several_items_has_its_reliability():
    one = series(200)
    found = {entry.indicator: entry.found for entry in consistencies([one], SURVEY, RELEASE)}
    assert list(found) == [indicator.code for indicator in SEVERAL]
    first = SEVERAL[0]
    scores = {code: one.sample.scores[code] for code in first.items}
    direct = reliability(scores, one.design.weight)
    assert found[first.code].alpha == pytest.approx(direct.alpha)
    assert 0.5 < direct.alpha < 1


def test_too_few_who_answered_everything_have_none():
    entries = list(consistencies([series(2)], SURVEY, RELEASE))
    assert {(entry.found, entry.reason) for entry in entries} == {(None, "too_few")}


def test_items_that_nobody_answered_differently_say_why_there_is_none():
    one = series(60)
    same = np.full(60, 75.0)
    sample = one.sample.restrict(np.ones(60, bool))
    sample.scores.update(dict.fromkeys(SEVERAL[0].items, same))
    flat = Series("probability", sample, one.design, one.positions)
    entry = next(iter(consistencies([flat], SURVEY, RELEASE)))
    assert entry.found is None
    assert entry.reason
