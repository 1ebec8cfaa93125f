"""XLSForm: what can be kept comes back the same, what cannot is named row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputRefused
from app.survey.definition import Survey
from app.survey.reading import check_tree
from app.survey.xlsform.reading import read_form
from app.survey.xlsform.relevance import NotUnderstood, read_relevance, written_relevance
from app.survey.xlsform.writing import survey_sheets
from app.survey.yaml_tree import Tree, load_tree
from world import registry

SURVEY = [
    ["type", "name", "label::中文 (zh)", "label::English (en)", "required", "relevant"],
    ["begin_group", "part", "服务", "Service", "", ""],
    ["select_one grade", "q1", "总体情况", "Overall", "yes", ""],
    ["text", "q2", "原因", "Why", "", "${q1} <= 2"],
    ["end_group", "", "", "", "", ""],
]
CHOICES = [
    ["list_name", "name", "label::中文 (zh)", "label::English (en)"],
    ["grade", "3", "满意", "Satisfied"],
    ["grade", "2", "一般", "So so"],
    ["grade", "1", "不满意", "Dissatisfied"],
    ["grade", "98", "说不清", "Don't know"],
]
SETTINGS = [["form_title", "form_id"], ["请您评价", "hall"]]


def sheets(**changed):
    return {"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS, **changed}


def refused(**changed):
    with pytest.raises(InputRefused) as error:
        read_form(sheets(**changed), source="form.xlsx")
    return error.value


def places(error):
    return [problem.place for problem in error.problems]


def with_rows(*rows):
    return [*SURVEY[:-1], *rows, SURVEY[-1]]


@pytest.mark.parametrize("key", sorted(registry().surveys))
def test_every_questionnaire_of_the_platform_comes_back_the_same(key):
    text, survey = registry().surveys[key]
    body = load_tree(text).value
    again = read_form(survey_sheets(body), source="form.xlsx")
    assert check_tree(Survey, Tree(again), source="") == survey


def test_a_form_that_others_wrote_becomes_a_survey_in_the_making():
    body = read_form(sheets(), source="form.xlsx")
    assert body["code"] == "hall"
    assert body["title"] == {"zh-Hans": "请您评价"}
    grade = body["scales"]["grade"]
    assert [option["code"] for option in grade["options"]] == [3, 2, 1]
    assert grade["dont_know"]["code"] == 98
    (section,) = body["sections"]
    assert section["items"][0] == {
        "code": "q1",
        "text": {"zh-Hans": "总体情况", "en": "Overall"},
        "scale": "grade",
    }
    assert section["items"][1]["ask_if"] == {"item": "q1", "in": [2, 1]}
    assert section["items"][1]["optional"]


def test_a_form_in_chinese_alone_is_taken_in():
    survey = [["type", "name", "label"], ["select_one grade", "q1", "总体情况"]]
    choices = [["list_name", "name", "label"], ["grade", "2", "好"], ["grade", "1", "差"]]
    body = read_form(sheets(survey=survey, choices=choices), source="form.xlsx")
    assert body["sections"][0]["items"][0]["text"] == {"zh-Hans": "总体情况"}


def test_every_row_that_cannot_be_kept_is_named_at_once():
    error = refused(
        survey=with_rows(
            ["geopoint", "where", "在哪里", "Where", "", ""],
            ["select_one colours", "q3", "颜色", "Colour", "", ""],
            ["text", "q1", "又是它", "Again", "", ""],
            ["text", "q4", "四", "Four", "", "${q1} = 1 and ${q2} = 2"],
            ["integer", "q5", "几分", "Points", "", ""],
        ),
        choices=[*CHOICES, ["grade", "good", "好", "Good"]],
    )
    assert places(error) == [
        "sheet choices, row 6",
        "sheet survey, row 5",
        "sheet survey, row 6",
        "sheet survey, row 7",
        "sheet survey, row 8",
        "sheet survey, row 9",
    ]
    assert "工作表 survey 第 5 行：这种题型这里没有（geopoint）" in error.in_chinese
    assert all(problem.cure and problem.chinese for problem in error.problems)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("calculation", "1 + 1"),
        ("choice_filter", "a = 1"),
        ("default", "5"),
        ("label::བོད་ཡིག (bo)", "དྲི་བ"),
        ("trigger", "${q1}"),
    ],
)
def test_a_column_that_cannot_be_kept_is_named_where_it_says_something(column, value):
    survey = [[*SURVEY[0], column], *SURVEY[1:2], [*SURVEY[2], value], *SURVEY[3:]]
    error = refused(survey=survey)
    assert places(error) == ["sheet survey, row 3"]
    assert error.problems[0].value == column


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        ([["begin_group", "inner", "里", "Inner", "", ""]], 5),
        ([["note", "n", "说明", "Note", "", ""]], 5),
        ([["begin_repeat", "r", "", "", "", ""]], 5),
        ([["select_one grade or_other", "q3", "三", "Three", "", ""]], 5),
        ([["text", "3q", "三", "Three", "", ""]], 5),
        ([["text", "q3", "三", "Three", "", "${later} = 1"]], 5),
        ([["text", "q3", "三", "Three", "", "${q1} = 77"]], 5),
        ([["calculate", "q3", "", "", "", ""]], 5),
        ([["select_one grade", "q3", "三", "Three", "", "string-length(${q1}) > 1"]], 5),
    ],
)
def test_a_row_beyond_the_subset_is_refused_with_its_number(rows, row):
    assert f"sheet survey, row {row}" in places(refused(survey=with_rows(*rows)))


def test_a_group_without_end_and_an_end_without_group_are_refused():
    assert places(refused(survey=SURVEY[:-1])) == ["sheet survey, row 2"]
    assert "sheet survey, row 6" in places(refused(survey=[*SURVEY, SURVEY[-1]]))


def test_a_strange_sheet_and_a_strange_setting_are_refused():
    error = refused(
        entities=[["dataset"], ["x"]],
        settings=[[*SETTINGS[0], "public_key"], [*SETTINGS[1], "abc"]],
    )
    assert places(error) == ["sheet entities, row 1", "sheet settings, row 2"]


def test_codes_that_stand_for_two_choices_are_refused_with_their_row():
    error = refused(choices=[*CHOICES, ["grade", "3", "很好", "Great"]])
    assert places(error) == ["sheet choices, row 6"]


def test_our_own_sheet_is_read_as_strictly():
    own = [
        ["belongs_to", "name", "key", "value"],
        ["scale", "grade", "score_map", '"even_3@1"'],
        ["scale", "grade", "colour", '"red"'],
        ["scale", "grade", "more", "[1"],
    ]
    assert places(refused(minxin=own)) == ["sheet minxin, row 3", "sheet minxin, row 4"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("${q1} = 5", [5]),
        ("${q1} <= 2", [2, 1]),
        ("${q1} = 4 or ${q1} = 5", [4, 5]),
        ("selected(${q1}, '98')", [98]),
        ("not(${q1} = 98) and ${q1} != 1", [5, 4, 3, 2]),
        ("(${q1} > 2 and ${q1} < 5) or ${q1} = '1'", [4, 3, 1]),
        ("${ q1 }>=5", [5, 98]),
    ],
)
def test_relevance_becomes_the_codes_after_which_an_item_is_asked(text, codes):
    found = read_relevance(text)
    assert found.item == "q1"
    assert sorted(found.codes([5, 4, 3, 2, 1, 98])) == sorted(codes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "${q1}",
        "${q1} = ",
        "${q1} = 1 or",
        "${q1} = 1 ${q1} = 2",
        "${q1} = ${q2}",
        "${q1} = 1 and ${q2} = 2",
        "1 = ${q1}",
        "__import__('os').system('true')",
        "${q1} = 1; drop table round",
        "count-selected(${q1}) > 2",
        "(" * 30 + "${q1} = 1" + ")" * 30,
        "${q1} = 1" + " or ${q1} = 1" * 300,
        "${q1} = 99999999999999999999",
        "today() > 3",
    ],
)
def test_an_expression_beyond_the_subset_is_not_understood(text):
    with pytest.raises(NotUnderstood):
        read_relevance(text)


@given(st.lists(st.integers(-9, 99), min_size=1, max_size=9, unique=True), st.data())
def test_written_relevance_reads_back(codes, data):
    wanted = data.draw(st.lists(st.sampled_from(codes), min_size=1, unique=True))
    found = read_relevance(written_relevance("q_1", wanted))
    assert (found.item, found.codes(codes)) == ("q_1", wanted)


@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_not_understood(text):
    try:
        read_relevance(text)
    except NotUnderstood:
        return


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cf"]),
    min_size=1,
    max_size=12,
).filter(lambda text: text == text.strip())
TEXTS = st.fixed_dictionaries({"zh-Hans": WORDS, "en": WORDS})


def mappings(needed, optional):
    return st.fixed_dictionaries(needed, optional=optional)


def options(codes):
    return st.tuples(*(mappings({"code": st.just(code), "label": TEXTS}, {}) for code in codes))


@st.composite
def items(draw, code, codes):
    """An item of any kind, asked of everybody or after some answers to q1."""
    kind = draw(st.sampled_from(["single", "multiple", "number", "text"]))
    scale = {"number": {"scale": "points"}, "text": {}}.get(kind, {"scale": "grade"})
    condition = mappings(
        {
            "item": st.just("q1"),
            "in": st.lists(st.sampled_from(codes), min_size=1, unique=True),
        },
        {},
    )
    rules = {rule: st.just(True) for rule in ("optional", "reversed", "sensitive")}
    needed = {"code": st.just(code), "text": TEXTS, "kind": st.just(kind)}
    return scale | draw(mappings(needed, {"hint": TEXTS, "ask_if": condition, **rules}))


@st.composite
def bodies(draw):
    """A survey as the editor could have made it."""
    codes = draw(st.lists(st.integers(1, 60), min_size=2, max_size=5, unique=True))
    unscored = mappings({"code": st.just(98), "label": TEXTS}, {})
    grade = {"options": list(draw(options(codes))), "score_map": f"even_{len(codes)}@1"}
    grade |= draw(mappings({}, {"dont_know": unscored}))
    points = {"lowest": 0, "highest": draw(st.integers(1, 10)), "score_map": "even_11@1"}
    first = {"code": "q1", "text": draw(TEXTS), "scale": "grade"}
    others = [draw(items(f"q{number}", codes)) for number in range(2, draw(st.integers(2, 6)))]
    section = draw(mappings({"code": st.just("part"), "title": TEXTS}, {"note": TEXTS}))
    return {
        "schema": "minxin-survey/1",
        "code": "made",
        "version": draw(st.integers(1, 20)),
        "title": draw(TEXTS),
        "lead": draw(TEXTS),
        "minutes": draw(st.integers(1, 60)),
        "source": draw(WORDS),
        "scales": {"grade": grade, "points": points},
        "sections": [{**section, "items": [first, *others]}],
        "indicators": [{"code": "score", "name": draw(TEXTS), "items": ["q1"]}],
    }


@given(bodies())
def test_what_the_editor_makes_comes_back_the_same(body):
    before = check_tree(Survey, Tree(body), source="")
    again = read_form(survey_sheets(body), source="form.xlsx")
    assert check_tree(Survey, Tree(again), source="") == before
