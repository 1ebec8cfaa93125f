"""The places of units: sets that cover, tiers, and nobody who is too small."""

import numpy as np

from app.stats.ranks.standing import standings
from app.stats.tables.tabulation import make_series, tabulate
from app.survey.plan import Plan
from app.survey.reading import read_definition
from app.survey.sample import RawResponse, build_sample
from world import TOWN_PLAN, registry

REGISTRY = registry()
SURVEY = REGISTRY.surveys["three_senses_short@1"][1]
MAPS = {
    name: REGISTRY.score_maps[1].find(scale.score_map)
    for name, scale in SURVEY.scales.items()
    if scale.score_map
}
INDICATOR = SURVEY.indicators[-1]
LARGE = TOWN_PLAN.replace(
    "min_effective_n: 3, min_effective_n_rank: 100",
    "min_effective_n: 3, min_effective_n_rank: 20",
)
WEST = "  - code: west\n    name: {zh-Hans: 西街, en: West}\n"
UNITS = ("east", "west", "north", "south")


def county() -> Plan:
    """The town with two more units, all of one size."""
    head, _, tail = LARGE.partition("  - code: west")
    block = tail.partition("points:")[0]
    more = "".join(f"  - code: {code}" + block for code in UNITS[1:])
    return read_definition(
        Plan, head + more + "points:" + tail.partition("points:")[2], source="t"
    )


def found(moods: dict[str, float], *, people=120, evidence="probability", seed=3):
    """The standing of the last indicator where each unit's answers lie around its mood."""
    chance, raw = np.random.default_rng(seed), []
    items = [item.code for item in SURVEY.items.values() if item.scale in MAPS]
    for unit, mood in moods.items():
        for i in range(people if unit != "south" else 12):
            codes = {code: int(np.clip(round(chance.normal(mood, 1)), 1, 5)) for code in items}
            raw.append(RawResponse(f"{unit}{i:06d}", unit, "", evidence, "qr", codes))
    sample, plan = build_sample(SURVEY, MAPS, raw), county()
    series, _ = make_series(sample, plan, np.ones(len(sample)))
    table = tabulate(series, SURVEY, plan)
    all_of_them = standings(series, table, survey=SURVEY, plan=plan, seed=seed)
    return {one.indicator: one for one in all_of_them}


def test_units_far_apart_have_places_of_their_own_and_near_ones_share_theirs():
    standing = next(iter(found({"east": 4.5, "west": 2.0, "north": 2.05}).values()))
    places = {place.unit: (place.low, place.high, place.tier) for place in standing.places}
    assert places == {"east": (1, 1, 1), "west": (2, 3, 2), "north": (2, 3, 2)}
    alike = {place.unit: place.alike for place in standing.places}
    assert alike == {"east": (), "west": ("north",), "north": ("west",)}


def test_a_unit_too_small_for_a_place_is_left_out_by_name():
    standing = next(iter(found({"east": 4.0, "west": 3.0, "south": 3.5}).values()))
    assert [place.unit for place in standing.places] == ["east", "west"]
    assert standing.left_out == ("south",)


def test_opt_in_answers_have_no_places():
    assert found({"east": 4.5, "west": 2.0}, evidence="opt_in") == {}


def test_one_unit_alone_has_no_place():
    assert found({"east": 4.5, "south": 2.0}) == {}


def test_the_same_seed_gives_the_same_places():
    moods = {"east": 3.2, "west": 3.0, "north": 3.1}
    assert found(moods) == found(moods)


def test_equal_units_are_rarely_told_apart():
    equal = dict.fromkeys(("east", "west", "north"), 3.0)
    told = 0
    for seed in range(100, 120):
        standing = found(equal, seed=seed)["senses"]
        told += {(place.low, place.high) for place in standing.places} != {(1, 3)}
    assert told <= 4, "binomial(20, 0.05) lies above but once in 400"
