"""What a survey file may not say although every key of it is sound."""

import pytest
from survey_examples import SMALL_TEXT, read_survey, small_survey

from app.errors import InputRefused

IMPORT = """\
import:
  columns:
    - {column: id, role: respondent}
    - {column: place, role: unit, values: {'1': east}}
    - {column: how, role: mode, values: {'1': probability}}
    - {column: group, role: background, labels: {'1': {zh-Hans: 甲, en: A}}}
"""


def places_of(text: str) -> dict[str, str]:
    with pytest.raises(InputRefused) as refused:
        read_survey(text)
    return {problem.place: problem.message for problem in refused.value.problems}


def complaint(old: str, new: str) -> dict[str, str]:
    assert old in SMALL_TEXT
    return places_of(SMALL_TEXT.replace(old, new, 1))


def test_a_sound_survey_knows_its_items_in_order():
    survey = small_survey()
    assert survey.key == "small@1"
    assert list(survey.items) == [
        "speed", "why", "manner", "alone", "life", "wish", "gender", "child", "grown",
    ]  # fmt: skip


def test_the_codes_of_a_scale_are_the_scored_ones_only():
    scales = small_survey().scales
    assert scales["satisfaction"].codes == (5, 4, 3, 2, 1)
    assert [o.code for o in scales["satisfaction"].choices] == [5, 4, 3, 2, 1, 98, 99]
    assert scales["life"].codes == tuple(range(11))
    assert [o.code for o in scales["life"].unscored] == [98]


def test_a_definition_cannot_be_changed():
    survey = small_survey()
    with pytest.raises(ValueError, match="frozen"):
        survey.version = 2


def test_a_text_needs_both_languages():
    assert "title.en" in complaint(", en: Please rate}", "}")
    assert "title.zh-Hans" in complaint("zh-Hans: 请您打分, ", "")


def test_a_scale_is_either_options_or_a_range():
    assert "scales.life" in complaint("    lowest: 0\n    highest: 10\n", "")
    places = complaint(
        "    options:\n      - {code: 21", "    lowest: 1\n    options:\n      - {code: 21"
    )
    assert "scales.reasons" in places


def test_a_range_has_two_ends_in_the_right_order_and_no_more_than_101_numbers():
    assert "scales.life" in complaint("    highest: 10\n", "")
    assert "scales.life" in complaint("highest: 10", "highest: 0")
    assert "scales.life" in complaint("highest: 10", "highest: 101")
    assert "scales.life" in complaint("highest: 10", "highest: 1000000000000000000")


def test_one_code_cannot_stand_for_two_choices():
    assert "scales.satisfaction.options[1].code" in complaint("{code: 4,", "{code: 5,")
    assert "scales.satisfaction.dont_know.code" in complaint("{code: 98,", "{code: 3,")
    assert "scales.satisfaction.not_applicable.code" in complaint("{code: 99,", "{code: 98,")
    life = SMALL_TEXT.index("  life:")
    text = SMALL_TEXT[:life] + SMALL_TEXT[life:].replace("{code: 98,", "{code: 10,", 1)
    assert "scales.life.dont_know.code" in places_of(text)


def test_only_scored_codes_count_as_satisfied_and_strictly_implies_broadly():
    place = "scales.satisfaction.satisfied_broad"
    assert place in complaint("satisfied_broad: [5, 4, 3]", "satisfied_broad: [5, 4, 98]")
    assert place in complaint("satisfied_broad: [5, 4, 3]", "satisfied_broad: [5]")


def test_an_item_needs_a_scale_that_fits_its_kind():
    assert "sections[0].items[4].scale" in complaint("scale: life", "scale: satisfaction")
    assert "sections[0].items[0].scale" in complaint(
        "{code: speed, scale: satisfaction", "{code: speed, scale: life"
    )
    assert "sections[0].items[2].scale" in complaint("manner, scale: satisfaction", "manner")
    assert "sections[1].items[0].scale" in complaint(
        "kind: text", "kind: text\n        scale: life"
    )


def test_routing_looks_back_on_a_single_choice_only():
    old = "ask_if: {item: speed, in: [1, 2]}"
    for item, message in [
        ("manner", "is asked later"),
        ("why", "is asked later"),
        ("nobody", "names a item that is not defined"),
    ]:
        places = complaint(old, f"ask_if: {{item: {item}, in: [1]}}")
        assert places["sections[0].items[1].ask_if.item"] == message
    places = complaint("ask_if: {item: gender, in: [2]}", "ask_if: {item: life, in: [2]}")
    assert places["sections[1].items[2].ask_if.item"] == "is not a single choice"


def test_routing_on_a_code_nobody_can_choose_is_a_mistake():
    assert "sections[0].items[1].ask_if.in" in complaint("in: [1, 2]}", "in: [1, 7]}")
    assert read_survey(SMALL_TEXT.replace("in: [1, 2]}", "in: [1, 98]}"))


def test_an_unknown_scale_is_said_once_although_routing_needs_it():
    places = complaint("{code: speed, scale: satisfaction", "{code: speed, scale: none")
    assert list(places) == ["sections[0].items[0].scale"]


def test_an_indicator_is_made_from_scored_items_or_from_indicators_above():
    items = "items: [speed, manner, alone, life]"
    assert "indicators[0].items" in complaint(items, "items: [gender]")
    assert "indicators[0].items" in complaint(items, "items: [why]")
    assert "indicators[0].items" in complaint(items, "items: [wish]")
    assert "indicators[0].items[0]" in complaint(items, "items: [nothing]")
    assert "indicators[0]" in complaint(items, "items: []")
    both = "items: [speed]\n    indicators: [overall]"
    assert {"indicators[0]", "indicators[0].indicators"} <= complaint(items, both).keys()
    assert "indicators[1].indicators" in complaint(
        "indicators: [service]", "indicators: [overall]"
    )


def test_every_column_of_an_import_has_one_role_and_says_what_it_means():
    assert read_survey(SMALL_TEXT + IMPORT).import_ is not None
    for old, new, place in [
        ("{column: place, role: unit, values: {'1': east}}", "{column: place, role: ignored}",
         "import.columns"),
        ("{column: id, role: respondent}", "{column: id, role: unit}", "import.columns"),
        ("column: group", "column: speed", "import.columns[3].column"),
        ("column: group", "column: place", "import.columns[3].column"),
        ("probability", "probable", "import.columns[2].values.1"),
        (", values: {'1': probability}", "", "import.columns[2].values"),
        ("role: background, labels", "role: ignored, labels", "import.columns[3].labels"),
        ("role: respondent", "role: respondent, values: {'1': x}", "import.columns[0].values"),
    ]:  # fmt: skip
        assert old in IMPORT
        assert place in places_of(SMALL_TEXT + IMPORT.replace(old, new, 1)), place


def test_a_score_map_and_a_label_set_are_named_with_their_version():
    assert "scales.satisfaction.score_map" in complaint("even_5@1", "even_5")
    assert "sections[0].items[1].label_set" in complaint(
        "        optional: true", "        label_set: national\n        optional: true"
    )
