"""Every rule of an indicator system's file: its mistake is named, with place and cure."""

import pytest
import yaml
from small_systems import card, complaints, read, small, text

from app.errors import InputRefused
from app.scoring.definition.system import IndicatorSystem
from app.survey.reading import read_definition

NOTHING = []


def one(found, code):
    told = [line for line in complaints(found) if code in line]
    assert len(told) == 1, complaints(found)
    return told[0]


def test_a_sound_system_is_read_without_complaint():
    assert complaints(small()) == NOTHING
    assert read(small()).key == "small@1"


def test_weights_that_miss_their_total_are_named_one_by_one_with_what_to_add():
    found = small()
    found["nodes"][2]["weight"]["village"] = 53
    assert one(found, "E101") == (
        "nodes[0].weights_sum_to: E101 the weights below all sum to 98 for type village, "
        "and should be 100: work 45, life 53 Add 2."
    )


def test_weights_below_a_class_may_be_asked_to_sum_to_its_own_weight():
    found = small()
    found["nodes"][2]["weights_sum_to"] = "own_weight"
    told = [line for line in complaints(found) if "E101" in line]
    assert sorted(line.rpartition(" ")[2] for line in told) == ["36.", "51."]


def test_a_class_that_weighs_something_with_nothing_in_it_is_a_mistake():
    found = small()
    found["indicators"][0]["weight"]["town"] = 0
    assert "everything below work weighs 0 for type town" in one(found, "E101")


def test_a_weight_must_be_written_for_every_region_type_zero_too():
    found = small()
    del found["indicators"][1]["weight"]["village"]
    assert one(found, "E102") == (
        "indicators[1].weight: E102 clean has no weight for the type village "
        "Write 0 if it does not count."
    )


def test_one_number_for_several_region_types_is_refused():
    found = small()
    found["indicators"][1]["weight"] = 3
    assert "clean has one weight for 2 types" in one(found, "E102")


def test_a_weight_for_an_unknown_region_type_is_refused():
    found = small()
    found["indicators"][1]["weight"]["city"] = 3
    assert "Known: town, village." in one(found, "E102")


def test_the_root_has_no_weight():
    found = small()
    found["nodes"][0]["weight"] = {"town": 1, "village": 1}
    assert "the root has none" in one(found, "E102")


def test_an_unknown_parent_is_named_with_the_nearest_known_one():
    found = small()
    found["indicators"][2]["parent"] = "lfie"
    assert one(found, "E103") == (
        "indicators[2].parent: E103 the parent of calm does not exist Did you mean 'life'?"
    )


def test_two_roots_a_circle_and_a_leafless_node_are_all_reported_at_once():
    found = small()
    found["nodes"][1]["parent"] = "life"
    found["nodes"][2]["parent"] = "work"
    found["nodes"].append({"code": "empty", "name": text("empty"), "parent": None})
    told = " ".join(complaints(found))
    assert "E103 the tree has 2 roots: all, empty" in told
    assert "E103 the parents of work lead in a circle: work → life → work" in told
    assert told.count("lead in a circle") == 1
    assert "E103 empty has nothing below it" in told


def test_a_node_and_an_indicator_cannot_share_a_code():
    found = small()
    found["indicators"][0]["code"] = "life"
    assert "jobs (life) has the code of a node" in one(found, "E103")


def test_an_opt_in_indicator_with_a_weight_needs_a_reason():
    found = small()
    found["indicators"][2]["evidence"] = "opt_in"
    assert one(found, "E104") == (
        "indicators[2].weight: E104 calm rests on opt-in answers, which are for diagnosis "
        "only, and has a weight: town 3, village 2 "
        "Write weight 0, or state opt_in_accepted with its reason."
    )
    found["opt_in_accepted"] = {"reason": text("a demonstration")}
    assert complaints(found) == NOTHING


def test_an_opt_in_indicator_of_weight_zero_needs_no_reason():
    found = small()
    found["indicators"].append(
        card("codes", "life", {"town": 0, "village": 0}, evidence="opt_in")
    )
    assert complaints(found) == NOTHING


def efficacy(unacceptable, satisfactory, method="efficacy", base=60):
    bounds = {"unacceptable": unacceptable, "satisfactory": satisfactory}
    return {"method": method, "base": base, "top": 100, "bounds": bounds}


@pytest.mark.parametrize(
    ("direction", "method", "message"),
    [
        (1, efficacy(80, 80), "satisfactory and unacceptable are both 80"),
        (1, efficacy(80, 20), "satisfactory 20 is below unacceptable 80, but more is better"),
        (-1, efficacy(20, 80), "satisfactory 80 is above unacceptable 20, but less is better"),
        (1, efficacy(20, 80, base=100), "base 100 is not below top 100"),
        (1, efficacy(20, 80, "efficacy_exp", 0), "base 0 is not positive"),
        (1, {"method": "minmax", "range": [100, 1]}, "the range [100, 1] does not rise"),
        (1, {"method": "goalposts", "lower": 9, "upper": 2}, "lower 9 is not below upper 2"),
        (1, {"method": "goalposts", "lower": 0, "upper": 2, "log": True}, "has no logarithm"),
        (1, {"method": "piecewise", "points": [[0, 0], [0, 9]]}, "points do not rise"),
    ],
)
def test_bounds_that_contradict_themselves_or_the_direction_are_refused(
    direction, method, message
):
    found = small()
    found["indicators"][0] |= {"direction": direction, "normalise": method}
    assert message in " ".join(line for line in complaints(found) if "E105 jobs" in line)


def test_an_empty_plausible_range_is_refused():
    found = small()
    found["indicators"][0]["plausible"] = {"from": 5, "to": 5}
    assert "the plausible range is empty" in one(found, "E105")


@pytest.mark.parametrize(
    ("method", "reach"),
    [
        ({"method": "goalposts", "lower": 0, "upper": 100}, "can fall to 0"),
        ({"method": "minmax", "range": [0, 100]}, "can fall to 0"),
        ({"method": "zscore"}, "has no lower limit"),
        ({"method": "borda"}, "can fall to 0"),
        ({"method": "ratio_best"}, "can fall to 0"),
        ({"method": "piecewise", "points": [[0, 0], [9, 9]]}, "can fall to 0"),
        ({"method": "target", "target": 9}, "can fall to 0"),
        (efficacy(60, 90, base=40), "can fall to -80"),
    ],
)
def test_no_score_that_can_reach_zero_stands_below_a_geometric_mean(method, reach):
    found = small()
    found["nodes"][1]["aggregate"] = "geometric"
    found["indicators"][0]["normalise"] = method
    said = f"E106 work is a geometric mean, which takes scores above 0, but jobs {reach}"
    assert said in one(found, "E106")


@pytest.mark.parametrize(
    "method",
    [
        {"method": "minmax", "range": [1, 100]},
        {"method": "rank"},
        {**efficacy(60, 90), "clip": True},
        {"method": "goalposts", "lower": -1, "upper": 100},
    ],
)
def test_scores_that_stay_positive_may_stand_below_a_geometric_mean(method):
    found = small()
    found["nodes"][1]["aggregate"] = "geometric"
    found["indicators"][0]["normalise"] = method
    assert complaints(found) == NOTHING


def test_a_node_below_a_geometric_mean_cannot_be_filled_with_zero():
    found = small()
    found["nodes"][0]["aggregate"] = "geometric"
    found["nodes"][1]["if_empty"] = {"rule": "fixed", "value": 0}
    for i in range(3):
        found["indicators"][i]["normalise"] = {"method": "rank"}
    assert "work may be filled below the geometric mean all" in one(found, "E106")


def test_a_fixed_missing_rule_needs_its_value_and_the_others_take_none():
    found = small()
    found["missing"] = {"rule": "fixed"}
    found["indicators"][0]["missing"] = {"rule": "redistribute", "value": 60}
    told = complaints(found)
    assert "missing: the system: the rule fixed needs a `value` Add it." in told
    assert (
        "indicators[0].missing: jobs: the rule redistribute takes no `value` "
        "Remove it, or use the rule fixed."
    ) in told


def test_sharing_over_the_whole_system_needs_summed_weights_in_equal_shares():
    found = small()
    found["not_applicable"] = {"share": "proportional", "scope": "system"}
    told = " ".join(complaints(found))
    assert "whose node weights are stated" in told
    assert "is only possible inside a parent" in told


def test_nodes_have_no_weights_where_those_of_indicators_are_summed():
    found = small()
    found["node_weights"] = "sum_of_indicators"
    found["nodes"][0].pop("weights_sum_to")
    assert sum("its indicators' weights are summed" in line for line in complaints(found)) == 2


def test_a_system_cannot_end_before_it_begins():
    found = small()
    found["effective"]["to"] = "2025-12-31"
    assert complaints(found) == [
        "effective.to: is before effective.from, 2026-01-01 Correct one of them."
    ]


def items(found):
    return found["adjustments"]["items"]


@pytest.mark.parametrize(
    ("bend", "message"),
    [
        (lambda f: items(f)[0].pop("points"), "late needs either `points` or `steps`"),
        (lambda f: items(f)[0].update(steps=[1]), "late needs either `points` or `steps`"),
        (
            lambda f: items(f)[0].update(family="cure"),
            "belongs to a family that is not defined",
        ),
        (lambda f: items(f)[1].update(veto_max_grade="ok"), "Grades: good, fair, poor."),
        (lambda f: items(f)[2].update(veto_max_grade="fair"), "cannot veto a grade"),
        (lambda f: f["adjustments"].update(floor=100), "the floor is not below the ceiling"),
        (lambda f: f["grade"]["scale"][1].pop("min"), "fair: by threshold a grade has `min`"),
        (
            lambda f: f["grade"]["scale"][2].update(min=9),
            "is the last grade and takes the rest",
        ),
        (lambda f: f["grade"]["scale"][1].update(min=80), "fair begins at 80, not below good"),
    ],
)
def test_rules_after_the_sum_must_fit_together(bend, message):
    found = small()
    bend(found)
    assert message in one(found, "E302")


def test_a_veto_without_grades_is_a_mistake():
    found = small()
    del found["grade"]
    assert "State `grade`, or remove the veto." in one(found, "E302")


def test_quota_shares_cannot_exceed_all_places():
    found = small()
    found["grade"] = {
        "rule": "quota",
        "scale": [
            {"grade": "good", "name": text("good"), "share": 0.6},
            {"grade": "fair", "name": text("fair"), "share": 0.5},
            {"grade": "poor", "name": text("poor")},
        ],
    }
    assert "the shares sum to 1.1" in one(found, "E302")


def test_a_code_used_twice_is_refused():
    found = small()
    found["indicators"][1]["code"] = "jobs"
    assert any("is already used at indicators[0].code" in line for line in complaints(found))


def test_every_mistake_of_a_file_comes_at_once_with_its_line():
    found = small()
    found["nodes"][2]["weight"]["village"] = 53
    found["indicators"][2]["evidence"] = "opt_in"
    found["indicators"][0]["normalise"] = efficacy(80, 20)
    written = yaml.safe_dump(found, sort_keys=False)
    with pytest.raises(InputRefused) as refused:
        read_definition(IndicatorSystem, written, source="small.yaml")
    lines = written.splitlines()
    told = {p.message[:4]: lines[(p.line or 0) - 1] for p in refused.value.problems}
    assert told == {
        "E101": "  weights_sum_to: 100",
        "E104": "  weight:",
        "E105": "  normalise:",
    }
