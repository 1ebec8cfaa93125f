"""Systems in the making: weights that add up to the last digit, edits, what changed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import NotFound, WrongState
from app.scoring.definition.system import IndicatorSystem
from app.scoring.editing.complaints import said
from app.scoring.editing.completion import completed
from app.scoring.editing.differences import differences
from app.scoring.editing.outline import (
    branches_of,
    find_card,
    possible_parents,
    with_keys,
    with_part_changed,
    without_part,
)
from app.scoring.editing.weighing import (
    columns_of,
    even,
    scaled,
    shares_of,
    types_of,
    weight_of,
    with_types,
    with_weights,
)
from app.survey.reading import check_tree
from app.survey.yaml_tree import Tree, load_tree
from app.workflow.definitions.soundness import mistakes
from app.workflow.definitions.system_soundness import system_mistakes
from world import DEFINITIONS

SYSTEMS = sorted((DEFINITIONS / "systems").glob("*.yaml"))
WEIGHT = st.decimals(0, 1000, places=2)


def body_of(path):
    return load_tree(path.read_text("utf-8")).value


@pytest.fixture
def hqd():
    return body_of(DEFINITIONS / "systems" / "demo_hqd.yaml")


@given(st.decimals(1, 1000, places=1), st.integers(1, 60))
def test_equal_parts_add_up_exactly_and_differ_by_one_step(due, count):
    parts = even(due, count)
    assert sum(parts) == due
    assert max(parts) - min(parts) <= Decimal("0.1")


@given(st.lists(WEIGHT, min_size=1, max_size=40), st.integers(1, 1000))
def test_scaled_weights_add_up_exactly_and_keep_their_order(weights, due):
    parts = scaled(weights, Decimal(due))
    if not sum(weights):
        assert not any(parts)
        return
    assert sum(parts) == due
    assert all(new == 0 for old, new in zip(weights, parts, strict=True) if old == 0)
    exact = [weight * due / sum(weights) for weight in weights]
    near = zip(parts, exact, strict=True)
    assert all(abs(part - true) <= Decimal("0.1") for part, true in near)


def test_as_few_decimals_are_used_as_it_takes():
    assert [str(one) for one in even(Decimal(100), 5)] == ["20"] * 5
    assert [str(one) for one in even(Decimal(10), 3)] == ["3.4", "3.3", "3.3"]
    tens = [Decimal(10), Decimal(20), Decimal(30)]
    assert [str(one) for one in scaled(tens, Decimal(100))] == ["16.7", "33.3", "50"]


@pytest.mark.parametrize("path", SYSTEMS, ids=lambda path: path.stem)
def test_the_sums_and_shares_agree_with_the_reader_of_the_files(path):
    body = body_of(path)
    system = check_tree(IndicatorSystem, Tree(body), source="")
    shares = shares_of(body)
    for one in types_of(body):
        leaves = [shares[card["code"], one["code"]] for card in body["indicators"]]
        assert sum(leaves) == pytest.approx(1)
        for node in body["nodes"]:
            assert all(column.adds_up for column in columns_of(body, node["code"]))
        for part in (*body["nodes"][1:], *body["indicators"]):
            weight = float(weight_of(body, part, one["code"]))
            assert weight == pytest.approx(system.weight(part["code"], one["code"]))
    assert len(branches_of(body)) == len(body["nodes"]) + len(body["indicators"])


def test_types_come_and_go_and_every_weight_is_written_out():
    body = body_of(DEFINITIONS / "systems" / "hdi_2021.yaml")
    two = [*types_of(body), {"code": "other", "name": {"zh-Hans": "别的", "en": "Other"}}]
    changed = with_types(body, two)
    assert find_card(changed, "le")["weight"] == {"country": 1, "other": 1}
    assert not mistakes(IndicatorSystem, changed)
    back = with_types(changed, two[:1])
    assert differences(body, back).nothing


def test_nothing_is_its_own_parent_and_full_classes_stay(hqd):
    above = [node["code"] for node in possible_parents(hqd, "total")]
    assert above == []
    assert "green" not in [node["code"] for node in possible_parents(hqd, "green")]
    with pytest.raises(WrongState):
        without_part(hqd, "green")
    with pytest.raises(NotFound):
        find_card(hqd, "green")
    left = without_part(hqd, "ecology_satisfaction")
    assert [gap["code"] for gap in left["perception_gaps"]] == ["public_services"]


def test_differences_tell_weights_from_the_rest(hqd):
    assert differences(hqd, hqd).nothing
    card = find_card(hqd, "clean_air_days")
    bounds = {"unacceptable": 70, "satisfactory": 95}
    method = {**card["normalise"], "bounds": bounds}
    changed = with_part_changed(hqd, "clean_air_days", {**card, "normalise": method})
    heavier = {"clean_air_days": {"urban_core": Decimal(9)}}
    changed = with_weights(changed, heavier | {"energy_intensity": {"urban_core": Decimal(6)}})
    found = differences(hqd, without_part(changed, "patents"))
    (gone,) = [row for row in found.weights if row.code == "patents"]
    assert all(cell.after is None for cell in gone.cells)
    (heavy,) = [row for row in found.weights if row.code == "clean_air_days"]
    assert (heavy.cells[0].before, heavy.cells[0].after) == (8, 9)
    assert heavy.cells[0].share_after == pytest.approx(0.09)
    told = {(one.kind, one.thing, one.code, one.field) for one in found.changes}
    assert told == {
        ("removed", "indicator", "patents", ""),
        ("changed", "indicator", "clean_air_days", "normalise.bounds.unacceptable"),
    }


def test_a_weight_that_stands_while_its_share_moves_is_told_too():
    body = body_of(DEFINITIONS / "systems" / "hdi_2021.yaml")
    found = differences(body, with_weights(body, {"health": {"country": Decimal(2)}}))
    assert [row.code for row in found.weights] == ["health"]
    assert [row.code for row in found.shifted] == [
        "le",
        "education",
        "eys",
        "mys",
        "income",
        "gnipc",
    ]
    assert found.shifted[0].cells[0].share_after == pytest.approx(0.5)
    assert found.weights_changed == 1


def test_what_lacks_words_is_judged_all_the_same(hqd):
    card = {**find_card(hqd, "clean_air_days"), "name": {}, "unit": {"zh-Hans": "%"}}
    spoilt = with_part_changed(hqd, "clean_air_days", {**card, "direction": -1})
    found = {problem.place for problem in system_mistakes(spoilt)}
    here = "indicators[6]"
    assert found == {
        f"{here}.name.zh-Hans",
        f"{here}.name.en",
        f"{here}.unit.en",
        f"{here}.normalise",
    }
    assert completed(hqd, ["effective.document", "none[3].name"])["effective"]["document"]
    assert not system_mistakes(hqd)


def test_mistakes_are_said_by_the_names_of_things(hqd):
    items = {"adjustments": {"items": [], "families": [{"code": "a", "name": {"en": "A"}}]}}
    spoilt = with_keys(hqd, {**items, "title": {"zh-Hans": "题"}})
    chinese = [said(spoilt, one, "zh-Hans") for one in system_mistakes(spoilt)]
    assert "名称英文：没有填写。" in chinese
    assert "加减分类别“a”：名称中文：没有填写。" in chinese
    english = [said(spoilt, one, "en") for one in system_mistakes(spoilt)]
    assert "Family “A”: name in Chinese: is required and absent. Add it." in english
