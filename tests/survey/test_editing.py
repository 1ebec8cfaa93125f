"""A survey in the making: edits, hints about its wording, what changed, how long it takes."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import NotFound, WrongState
from app.survey.definition import Survey
from app.survey.editing.burden import estimated_minutes, estimated_seconds
from app.survey.editing.complaints import said
from app.survey.editing.differences import differences
from app.survey.editing.outline import (
    Spot,
    empty_survey,
    filled_from_chinese,
    find_item,
    items_of,
    moved_down,
    moved_section,
    moved_to,
    moved_to_number,
    moved_up,
    spot_of,
    unused_code,
    with_item,
    with_item_changed,
    with_scale,
    with_section,
    with_section_changed,
    with_values,
    without_item,
    without_scale,
    without_section,
)
from app.survey.editing.scale_bank import bank_of, find_banked
from app.survey.editing.showable import showable
from app.survey.editing.wording import hints_of, item_hints
from app.survey.yaml_tree import load_tree
from app.workflow.definitions.soundness import mistakes
from world import registry

GRADE = {
    "options": [
        {"code": 2, "label": {"zh-Hans": "好", "en": "Good"}},
        {"code": 1, "label": {"zh-Hans": "差", "en": "Bad"}},
    ],
    "dont_know": {"code": 98, "label": {"zh-Hans": "说不清", "en": "Cannot say"}},
    "score_map": "even_2@1",
}


def text(zh, en="words"):
    return {"zh-Hans": zh, "en": en}


def an_item(code, zh="等候的时间", **more):
    return {"code": code, "text": text(zh), "scale": "grade", **more}


def a_body(*sections):
    """Sections of items, given as lists of codes."""
    body = with_scale(empty_survey("hall", text("评价")), "grade", GRADE)
    made = [
        {"code": f"s{n}", "title": text("部分"), "items": [an_item(code) for code in codes]}
        for n, codes in enumerate(sections)
    ]
    return with_values(body, {"sections": made})


def order(body):
    return [[item["code"] for item in section["items"]] for section in body["sections"]]


def test_an_item_moves_within_and_over_the_ends_of_its_section():
    body = a_body(["a", "b"], [], ["c"])
    assert order(moved_up(body, "b")) == [["b", "a"], [], ["c"]]
    assert order(moved_up(body, "c")) == [["a", "b"], ["c"], []]
    assert order(moved_down(body, "b")) == [["a"], ["b"], ["c"]]
    assert order(moved_up(body, "a")) == order(body)
    assert order(moved_down(body, "c")) == order(body)
    assert order(moved_to(body, "a", Spot(2, 1))) == [["b"], [], ["c", "a"]]


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from("udn"), st.integers(0, 30)), max_size=12),
)
def test_no_move_loses_or_doubles_an_item(sizes, moves):
    codes = iter(f"q{n}" for n in range(99))
    body = a_body(*[[next(codes) for _ in range(size)] for size in sizes])
    every = sorted(item["code"] for item in items_of(body))
    for way, number in moves if every else ():
        before = copy.deepcopy(body)
        code = every[number % len(every)]
        kept = body
        if way == "n":
            body = moved_to_number(body, code, number)
            place = [item["code"] for item in items_of(body)].index(code) + 1
            assert place == min(max(number, 1), len(every))
        else:
            body = (moved_up if way == "u" else moved_down)(body, code)
        assert kept == before  # what was given is never changed
        assert sorted(item["code"] for item in items_of(body)) == every


def test_a_new_code_is_followed_by_routing_and_indicators():
    body = a_body(["a", "b"])
    body = with_item_changed(body, "b", an_item("b", ask_if={"item": "a", "in": [1]}))
    body = with_values(
        body, {"indicators": [{"code": "i", "name": text("分"), "items": ["a"]}]}
    )
    body = with_item_changed(body, "a", an_item("first"))
    assert find_item(body, "b")["ask_if"]["item"] == "first"
    assert body["indicators"][0]["items"] == ["first"]
    gone = without_item(body, "first")
    assert gone["indicators"][0]["items"] == []
    assert find_item(gone, "b")["ask_if"]["item"] == "first"  # to be seen, not lost in silence
    with pytest.raises(NotFound):
        spot_of(gone, "first")


def test_sections_come_go_and_move():
    body = with_section(a_body(["a"]), {"code": "new", "title": text("新")})
    assert order(body) == [["a"], []]
    assert order(moved_section(body, "new", by=-5)) == [[], ["a"]]
    body = with_section_changed(body, "new", {"note": text("说明")})
    assert body["sections"][1]["note"] == text("说明")
    assert "note" not in with_section_changed(body, "new", {"note": None})["sections"][1]
    assert order(without_section(body, "new")) == [["a"]]
    with pytest.raises(WrongState, match="holds items"):
        without_section(body, "s0")
    with pytest.raises(WrongState):
        without_section(without_section(with_values(body, {}), "new") | a_body([]), "s0")
    assert order(with_item(body, an_item("z"), section="new")) == [["a"], ["z"]]


def test_a_scale_in_use_stays():
    with pytest.raises(WrongState, match="a"):
        without_scale(a_body(["a"]), "grade")
    assert without_scale(a_body([]), "grade")["scales"] == {}


def test_a_free_code_is_found():
    assert unused_code(["q1", "q3"], "q") == "q2"


def test_missing_english_is_filled_from_chinese_and_nothing_else_is():
    body = a_body(["a"])
    body["sections"][0]["items"][0]["text"] = {"zh-Hans": "等候"}
    filled = filled_from_chinese(body)
    assert find_item(filled, "a")["text"] == text("等候", "等候")
    assert filled["title"] == text("评价")
    assert [hint.kind for hint in hints_of(filled)] == ["untranslated"]


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("排队等候的时间", []),
        ("工作人员的态度和效率", ["double"]),
        ("大厅的环境、设备", ["double"]),
        ("参与办事的机会", []),
        ("窗口热情的服务", ["leading"]),
        ("没有人催我打好评", ["negated"]),
        ("最近的服务", ["vague_time"]),
        ("最多跑一次的落实", ["jargon"]),
        ("您在过去一年里到政务服务大厅办事时排队等候的时间长短", ["long"]),
        ("您的姓名", ["personal"]),
    ],
)
def test_wording_is_looked_at(words, kinds):
    body = a_body([])
    assert [hint.kind for hint in item_hints(body, an_item("q", words))] == kinds


def test_the_answers_are_looked_at_too():
    body = with_scale(a_body([]), "bare", {**GRADE, "dont_know": None})
    assert [h.kind for h in item_hints(body, an_item("q", scale="bare"))] == ["no_way_out"]
    many = [{"code": n, "label": text("同样")} for n in range(10)]
    body = with_scale(body, "many", {"options": many})
    found = item_hints(body, an_item("q", scale="many"))
    assert [hint.kind for hint in found] == ["many_options", "same_option"]
    words = {"code": "t", "text": text("还有什么"), "kind": "text"}
    assert [hint.kind for hint in item_hints(body, words)] == ["text_not_optional"]


def test_the_whole_is_looked_at():
    body = a_body(["a", "b", "c"])
    for code, words in (("a", "时间"), ("b", "时间"), ("c", "总体情况")):
        body = with_item_changed(body, code, an_item(code, words))
    found = [(hint.item, hint.kind) for hint in hints_of(body)]
    assert found == [("c", "overall_late"), ("b", "same_text")]
    long = with_values(a_body([f"q{n}" for n in range(90)]), {"minutes": 1})
    assert {"too_long_survey", "minutes_differ"} <= {hint.kind for hint in hints_of(long)}


@pytest.mark.parametrize("key", sorted(registry().surveys))
def test_the_estimate_is_near_what_the_questionnaires_promise(key):
    written, survey = registry().surveys[key]
    if survey.import_ is None:  # 15 minutes on paper, of which 43 items were taken over
        assert abs(estimated_minutes(load_tree(written).value) - survey.minutes) <= 1


def test_what_few_are_asked_takes_less_time():
    body = a_body(["a", "b"])
    asked = with_item_changed(body, "b", an_item("b", ask_if={"item": "a", "in": [1]}))
    optional = with_item_changed(body, "b", an_item("b", optional=True))
    assert estimated_seconds(asked) < estimated_seconds(body)
    assert estimated_seconds(optional) < estimated_seconds(body)


def test_differences_are_said_thing_by_thing():
    old = a_body(["a", "b", "c", "d"])
    new = moved_to_number(old, "d", 1)
    new = without_item(new, "b")
    new = with_item(new, an_item("e"), section="s0")
    new = with_item_changed(new, "a", an_item("a", "别的话", ask_if={"item": "d", "in": [1]}))
    new = with_values(new, {"minutes": 3})
    changed = copy.deepcopy(GRADE)
    changed["options"][0]["label"]["zh-Hans"] = "很好"
    new = with_scale(new, "grade", changed)
    found = [(d.kind, d.thing, d.code, d.breaks_series) for d in differences(old, new)]
    assert found == [
        ("whole", "survey", "", False),
        ("removed", "item", "b", False),
        ("added", "item", "e", False),
        ("moved", "item", "d", False),
        ("text", "item", "a", True),
        ("routing", "item", "a", True),
        ("options", "scale", "grade", True),
    ]


@given(st.permutations([f"q{n}" for n in range(7)]))
def test_no_more_is_called_moved_than_has_to_be(shuffled):
    old = a_body([f"q{n}" for n in range(7)])
    moved = [d for d in differences(old, a_body(list(shuffled))) if d.kind == "moved"]
    stayed = [code for code in shuffled if code not in {d.code for d in moved}]
    assert stayed == sorted(stayed)
    assert bool(moved) == (list(shuffled) != sorted(shuffled))


@pytest.mark.parametrize("key", sorted(registry().surveys))
def test_a_questionnaire_differs_in_nothing_from_itself(key):
    body = load_tree(registry().surveys[key][0]).value
    assert differences(body, copy.deepcopy(body)) == []
    assert showable(body) is not None


def test_the_bank_holds_the_usual_scales_first_and_each_once():
    surveys = [survey for _, survey in registry().surveys.values()]
    bank = bank_of(surveys)
    assert [one.name for one in bank][:3] == ["grade", "satisfaction", "agreement"]
    assert all(one.is_usual for one in bank[:9])
    contents = [repr(one.values) for one in bank]
    assert len(contents) == len(set(contents))
    grade = find_banked(surveys, "service_review@1/grade")
    assert [one["label"]["zh-Hans"] for one in grade.values["options"]] == [
        "非常满意",
        "满意",
        "基本满意",
        "不满意",
        "非常不满意",
    ]
    assert find_banked(surveys, "nothing") is None


def test_a_preview_needs_only_one_item_with_any_words():
    body = empty_survey("hall", {})
    assert showable(body) is None
    body = with_item(body, {"code": "q1", "text": {"zh-Hans": "时间"}}, section="main")
    survey = showable(body)
    assert survey.items["q1"].kind == "text"  # its answers are still to be chosen
    assert survey.title.zh == "（还没有写）"
    lost = with_item(body, an_item("q2", ask_if={"item": "gone", "in": [1]}), section="main")
    assert showable(lost).items["q2"].ask_if is None


def spoilt(**changes):
    return with_values(a_body(["a", "b"]), changes)


@pytest.mark.parametrize(
    ("body", "chinese"),
    [
        (spoilt(lead={}), "中文导语：没有填写。"),
        (
            with_item_changed(spoilt(), "a", an_item("b")),
            "第 2 题“等候的时间”：代码：和别处重复了。",
        ),
        (
            with_item_changed(spoilt(), "b", an_item("b", scale="none")),
            "第 2 题“等候的时间”：量表：用了不存在的量表。",
        ),
        (
            with_item_changed(spoilt(), "a", an_item("a", ask_if={"item": "b", "in": [1]})),
            "第 1 题“等候的时间”：跳转：只能看前面的题，请把题目移到后面。",
        ),
        (
            with_item_changed(spoilt(), "b", an_item("b", ask_if={"item": "a", "in": [7]})),
            "第 2 题“等候的时间”：跳转：选项已经不在那道题里。",
        ),
        (
            with_scale(spoilt(), "empty", {"options": []}),
            "量表“empty”：要么是选项，要么是一段数字，只能选一种。",
        ),
    ],
)
def test_what_the_reader_of_files_says_is_said_in_words(body, chinese):
    found = mistakes(Survey, body)
    assert chinese in [said(body, problem, "zh-Hans") for problem in found]
    assert all(said(body, problem, "en") for problem in found)
