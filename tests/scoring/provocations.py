"""For every complaint of the table, a way to provoke it: mistakes as people make them."""

import math
from collections.abc import Callable, Iterable
from typing import Any

from small_systems import read, small, text

from app.errors import InputRefused, Problem
from app.scoring.explanation.warnings import warnings
from app.scoring.index import carry_out
from app.scoring.inputs import Covariance, Event, IndicatorValue, ScoredUnit

NAMES = {
    "all": ("总分", "Total"),
    "work": ("就业", "Work"),
    "life": ("生活", "Life"),
    "jobs": ("就业率", "Employment"),
    "clean": ("环境满意度", "Clean streets"),
    "calm": ("安静程度", "Calm nights"),
    "town": ("城市主城区", "Town"),
    "village": ("生态功能区", "Village"),
    "care": ("作风", "Care"),
    "late": ("逾期未答复", "Late reply"),
    "fraud": ("弄虚作假", "Fraud"),
    "prize": ("表彰", "Prize"),
    "good": ("优秀", "Good"),
    "fair": ("合格", "Fair"),
    "poor": ("较差", "Poor"),
}
Bend = Callable[[dict[str, Any]], object]


def named() -> dict[str, Any]:
    """The small system with the names that people give."""
    found = small()
    rules = found["adjustments"]
    for parts in (
        *(found[name] for name in ("types", "nodes", "indicators")),
        *(rules["items"], rules["families"], found["grade"]["scale"]),
    ):
        for part in parts:
            zh, en = NAMES[part.get("code") or part["grade"]]
            part["name"] = {"zh-Hans": zh, "en": en}
    return found


def told(bends: Iterable[Bend]) -> list[Problem]:
    """Everything that is said of a file with these mistakes."""
    found = named()
    for bend in bends:
        bend(found)
    try:
        read(found)
    except InputRefused as refused:
        return list(refused.problems)
    return []


def told_of_inputs(
    values: Iterable[IndicatorValue] = (), bend: Bend = lambda found: None, **others: Any
) -> list[Problem]:
    """Everything that is said of these values, events and covariances."""
    found = named()
    bend(found)
    units = others.pop("units", [ScoredUnit("A县", "town"), ScoredUnit("B县", "village")])
    try:
        carry_out(read(found), units=units, values=list(values), **others)
    except InputRefused as refused:
        return list(refused.problems)
    return []


def hints(rows: list[tuple[float, float, float]], bend: Bend) -> list[Problem]:
    """The warnings about units with these values of jobs, clean and calm."""
    found = named()
    bend(found)
    units = [ScoredUnit(f"u{i}", "town") for i in range(len(rows))]
    values = [
        IndicatorValue(unit.code, code, value)
        for unit, row in zip(units, rows, strict=True)
        for code, value in zip(("jobs", "clean", "calm"), row, strict=True)
    ]
    return list(warnings(carry_out(read(found), units=units, values=values)))


def value(given: Any = 50.0, unit: str = "A县", code: str = "jobs", **others: Any) -> Any:
    return IndicatorValue(unit, code, given, **others)


def event(**changed: Any) -> Event:
    right = {"unit": "A县", "item": "late", "count": 1, "status": "upheld", "evidence": "7 号"}
    return Event(**{**right, **changed})


def covariance(unit="A县", one="jobs", other="clean", given=1.0, other_unit=None) -> Covariance:
    return Covariance(unit, one, other, given, other_unit)


def node(i: int, **said: Any) -> Bend:
    return lambda found: found["nodes"][i].update(said)


def indicator(i: int, **said: Any) -> Bend:
    return lambda found: found["indicators"][i].update(said)


def weight(where: str, i: int, **said: Any) -> Bend:
    return lambda found: found[where][i]["weight"].update(said)


def said(**said: Any) -> Bend:
    return lambda found: found.update(said)


def item(i: int, **changed: Any) -> Bend:
    return lambda found: found["adjustments"]["items"][i].update(changed)


def grade(i: int, **changed: Any) -> Bend:
    return lambda found: found["grade"]["scale"][i].update(changed)


def normalise(method: str, i: int = 0, direction: int = 1, **keys: Any) -> Bend:
    return indicator(i, direction=direction, normalise={"method": method, **keys})


def efficacy(
    worst: float, best: float, direction: int = 1, base: float = 60, method: str = "efficacy"
) -> Bend:
    bounds = {"unacceptable": worst, "satisfactory": best}
    return normalise(method, direction=direction, base=base, top=100, bounds=bounds)


def gap(objective: str, subjective: str) -> Bend:
    name = {"zh-Hans": "就业感受", "en": "Feel of work"}
    ends = {"objective": objective, "subjective": subjective}
    return said(perception_gaps=[{"code": "felt", "name": name, **ends}])


def doubts(**keys: Any) -> Bend:
    return said(uncertainty=keys)


WITH_ERRORS = [
    value(standard_error=2.0),
    value(code="clean", standard_error=3.0),
    value(code="calm"),
    value(unit="B县", standard_error=2.0),
]
SURVEYED = indicator(0, evidence="probability", standard_error="required", min_effective_n=100)
RISING = [(40.0 + i, 40.0 + i, 41.0 + 1.1 * i) for i in range(12)]
AGAINST = [(40.0 + i * i % 7, 40.0 + i, 60.0 - i - i % 3) for i in range(12)]
UNEVEN = [(50.0 + 0.1 * (i * 7 % 12), 10.0 + 7 * (i * 5 % 12), 50.0) for i in range(12)]

SYSTEMS: dict[str, list[Bend]] = {
    "weights_fall_short": [weight("nodes", 2, village=53)],
    "weights_exceed": [weight("nodes", 2, village=57.5)],
    "nothing_weighs": [weight("indicators", 0, town=0)],
    "root_has_no_own_weight": [node(0, weights_sum_to="own_weight")],
    "neither_types_nor_vectors": [said(types=[])],
    "types_and_vectors": [
        said(vectors=[{"code": "equal", "name": {"zh-Hans": "等权", "en": "Equal weights"}}])
    ],
    "root_weighs": [node(0, weight={"town": 1, "village": 1})],
    "summed_node_weighs": [said(node_weights="sum_of_indicators")],
    "weight_absent": [lambda found: found["nodes"][1].pop("weight")],
    "one_weight_for_several": [indicator(1, weight=3)],
    "weight_lacks_type": [lambda found: found["indicators"][1]["weight"].pop("village")],
    "weight_for_unknown_type": [weight("indicators", 1, vilage=3)],
    "number_of_roots": [node(2, parent=None)],
    "parent_unknown": [indicator(2, parent="lfie")],
    "parent_is_indicator": [indicator(2, parent="clean")],
    "code_of_a_node": [indicator(0, code="life")],
    "nothing_below": [indicator(0, parent="life")],
    "circle": [node(1, parent="life"), node(2, parent="work")],
    "gap_part_unknown": [gap("works", "calm")],
    "gap_with_itself": [gap("work", "work")],
    "opt_in_weighs": [indicator(2, evidence="opt_in")],
    "opt_in_without_reason": [said(opt_in_accepted={"reason": text(" ")})],
    "bounds_coincide": [efficacy(80, 80)],
    "bounds_against_more": [efficacy(80, 20)],
    "bounds_against_less": [efficacy(20, 80, direction=-1)],
    "base_not_below_top": [efficacy(20, 80, base=100)],
    "base_not_positive": [efficacy(20, 80, base=0, method="efficacy_exp")],
    "range_does_not_rise": [normalise("minmax", range=[100, 1])],
    "goalposts_do_not_rise": [normalise("ampi", goalposts={"lower": 9, "upper": 2})],
    "goalpost_without_logarithm": [normalise("goalposts", lower=0, upper=2, log=True)],
    "points_do_not_rise": [normalise("piecewise", points=[[5, 0], [2, 9]])],
    "points_against_direction": [normalise("piecewise", points=[[0, 100], [9, 0]])],
    "plausible_is_empty": [indicator(0, plausible={"from": 5, "to": 5})],
    "mean_needs_positive": [node(1, aggregate="geometric")],
    "fill_not_positive": [
        node(1, aggregate={"power": 0.5}),
        indicator(0, missing={"rule": "fixed", "value": -1}),
    ],
    "item_without_price": [lambda found: found["adjustments"]["items"][0].pop("points")],
    "item_with_two_prices": [item(0, steps=[1])],
    "family_unknown": [item(0, family="car")],
    "bonus_with_veto": [item(2, veto_max_grade="fair")],
    "veto_without_grades": [lambda found: found.pop("grade")],
    "veto_grade_unknown": [item(1, veto_max_grade="ok")],
    "no_veto_to_lose_bonus": [
        lambda found: found["adjustments"].update(no_bonus_when_veto=True),
        lambda found: found["adjustments"]["items"][1].pop("veto_max_grade"),
    ],
    "floor_above_ceiling": [lambda found: found["adjustments"].update(floor=100)],
    "grade_lacks_threshold": [lambda found: found["grade"]["scale"][1].pop("min")],
    "grade_lacks_share": [lambda found: found["grade"].update(rule="quota")],
    "last_grade_limited": [grade(2, min=9)],
    "thresholds_do_not_fall": [grade(1, min=80)],
    "shares_exceed_places": [
        lambda found: found["grade"].update(rule="quota"),
        lambda found: found["grade"]["scale"].__setitem__(
            slice(0, 2),
            [
                {"grade": "good", "name": {"zh-Hans": "优秀", "en": "Good"}, "share": 0.6},
                {"grade": "fair", "name": {"zh-Hans": "合格", "en": "Fair"}, "share": 0.5},
            ],
        ),
    ],
    "fixed_without_value": [said(missing={"rule": "fixed"})],
    "rule_with_value": [indicator(0, missing={"rule": "redistribute", "value": 60})],
    "ends_before_it_begins": [lambda found: found["effective"].update(to="2025-12-31")],
    "system_scope_of_stated_weights": [
        said(not_applicable={"share": "equal", "scope": "system"})
    ],
    "system_scope_in_proportion": [
        said(not_applicable={"share": "proportional", "scope": "system"})
    ],
    "top_impossible": [doubts(top=[3, 0])],
    "top_twice": [doubts(top=[3, 3])],
}

INPUTS: dict[str, Callable[[], list[Problem]]] = {
    "no_range": lambda: told_of_inputs(
        [value(), value(unit="B县")], normalise("minmax", range=[0, 100])
    ),
    "one_value_has_no_place": lambda: told_of_inputs(
        [value()], normalise("percentile_rank", reference="type")
    ),
    "not_positive": lambda: told_of_inputs(
        [value(0.0), value(unit="B县")], normalise("goalposts", lower=1, upper=9, log=True)
    ),
    "no_ratio_to_best": lambda: told_of_inputs(
        [value(-3.0), value(unit="B县")],
        lambda found: found["indicators"][0].update(
            normalise={"method": "ratio_best"}, plausible=None
        ),
    ),
    "score_not_finite": lambda: told_of_inputs(
        [value(1e6)],
        lambda found: found["indicators"][0].update(
            plausible=None,
            normalise={
                **{"method": "efficacy_exp", "base": 1, "top": 100},
                "bounds": {"unacceptable": 0, "satisfactory": 1},
            },
        ),
    ),
    "no_units": lambda: told_of_inputs(units=[]),
    "unit_twice": lambda: told_of_inputs(units=[ScoredUnit("A县", "town")] * 2),
    "unit_of_unknown_type": lambda: told_of_inputs(units=[ScoredUnit("A县", "towm")]),
    "unknown_unit": lambda: told_of_inputs([value(unit="A 县")]),
    "unknown_indicator": lambda: told_of_inputs([value(code="job")]),
    "cell_twice": lambda: told_of_inputs([value(), value(51.0)]),
    "status_unknown": lambda: told_of_inputs([value(status="n/a")]),
    "other_evidence": lambda: told_of_inputs([value(evidence="opt_in")]),
    "value_beside_status": lambda: told_of_inputs([value(status="not_applicable")]),
    "no_value": lambda: told_of_inputs([value(None)]),
    "no_number": lambda: told_of_inputs([value("五十")]),
    "not_finite": lambda: told_of_inputs([value(math.inf)]),
    "implausible": lambda: told_of_inputs([value(-7.0)]),
    "decimal_point_lost": lambda: told_of_inputs([value(952.0)]),
    "error_absent": lambda: told_of_inputs([value(effective_n=400.0)], SURVEYED),
    "error_of_opt_in": lambda: told_of_inputs(
        [value(standard_error=1.0)],
        lambda found: (
            indicator(0, evidence="opt_in")(found),
            said(opt_in_accepted={"reason": text("演示")})(found),
        ),
    ),
    "error_impossible": lambda: told_of_inputs([value(standard_error=-1.0)]),
    "effective_n_absent": lambda: told_of_inputs([value(standard_error=2.0)], SURVEYED),
    "effective_n_impossible": lambda: told_of_inputs([value(effective_n=0.0)]),
    "effective_n_too_small": lambda: told_of_inputs(
        [value(standard_error=2.0, effective_n=64.0)], SURVEYED
    ),
    "band_without_value": lambda: told_of_inputs([value(band=(60.0, 70.0))]),
    "covariance_of_unknown_unit": lambda: told_of_inputs(
        WITH_ERRORS, covariances=[covariance(other_unit="C县")]
    ),
    "covariance_with_itself": lambda: told_of_inputs(
        WITH_ERRORS, covariances=[covariance(other="jobs")]
    ),
    "covariance_twice": lambda: told_of_inputs(
        WITH_ERRORS, covariances=[covariance(), covariance(one="clean", other="jobs")]
    ),
    "covariance_without_error": lambda: told_of_inputs(
        WITH_ERRORS, covariances=[covariance(other="calm")]
    ),
    "covariance_not_finite": lambda: told_of_inputs(
        WITH_ERRORS, covariances=[covariance(given=math.nan)]
    ),
    "covariance_too_large": lambda: told_of_inputs(
        WITH_ERRORS, covariances=[covariance(other="jobs", other_unit="B县", given=-4.5)]
    ),
    "gap_not_allowed": lambda: told_of_inputs(
        [value(), value(None, unit="B县", status="missing")],
        indicator(0, missing={"rule": "error"}),
    ),
    "no_lowest_value": lambda: told_of_inputs(
        [value(), value(code="clean")], said(missing={"rule": "min_observed"})
    ),
    "event_of_unknown_unit": lambda: told_of_inputs(events=[event(unit="C县")]),
    "event_of_unknown_item": lambda: told_of_inputs(events=[event(), event(item="lat")]),
    "event_count_impossible": lambda: told_of_inputs(events=[event(count=-2)]),
    "event_status_unknown": lambda: told_of_inputs(events=[event(status="done")]),
    "event_without_evidence": lambda: told_of_inputs(events=[event(evidence="  ")]),
    "against_its_class": lambda: hints(AGAINST, lambda found: None),
    "twice_the_same": lambda: hints(RISING, lambda found: None),
    "weighs_more_than_it_should": lambda: hints(UNEVEN, lambda found: None),
    "bounds_from_data": lambda: hints(RISING, normalise("minmax", range=[0, 100])),
}

PROVOCATIONS: dict[str, Callable[[], list[Problem]]] = {
    **{key: (lambda bends=bends: told(bends)) for key, bends in SYSTEMS.items()},
    **INPUTS,
}
