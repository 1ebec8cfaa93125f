"""Reading of definition files: every mistake at once, each with its line, value and cure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survey_examples import SMALL_TEXT, read_survey

from app.errors import InputRefused, Problem
from app.survey.yaml_tree import MAX_BYTES


def problems_found(text: str) -> tuple[Problem, ...]:
    try:
        read_survey(text)
    except InputRefused as refused:
        return refused.problems
    return ()


def problems_of(text: str) -> tuple[Problem, ...]:
    problems = problems_found(text)
    assert problems
    return problems


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


MISTAKES = [
    # what stands there, what replaces it, place, value found, part of the cure
    ("satisfied_strict: [5, 4]", "satisfied_strickt: [5, 4]",
     "scales.satisfaction.satisfied_strickt", None, "spelling"),
    ("code: 23, label: {zh-Hans: 其他", "code: 22, label: {zh-Hans: 其他",
     "scales.reasons.options[2].code", 22, "unique"),
    ("code: manner, scale: satisfaction", "code: manner, scale: satisfction",
     "sections[0].items[2].scale", "satisfction", "'satisfaction'"),
    ("kind: number", "kind: numbr", "sections[0].items[4].kind", "numbr", "'number'"),
    ("max_length: 20", "max_length: '20'", "sections[1].items[0].max_length", "20", "quotes"),
    ("{code: gender, scale: gender", "{code: wish, scale: gender",
     "sections[1].items[1].code", "wish", "unique"),
    ("ask_if: {item: child, in: [1]}", "ask_if: {item: child, in: [7]}",
     "sections[1].items[3].ask_if.in", 7, "1, 2, 98"),
    ("min_share: 0.6", "min_share: 6", "indicators[0].min_share", 6, ""),
]  # fmt: skip


def test_eight_mistakes_in_one_file_are_all_reported_with_line_value_and_cure():
    text = SMALL_TEXT
    for old, new, *_ in MISTAKES:
        assert old in text
        text = text.replace(old, new, 1)
    problems = {problem.place: problem for problem in problems_of(text)}
    for _, new, place, found, cure in MISTAKES:
        assert place in problems, (place, sorted(problems))
        problem = problems[place]
        assert problem.source == "survey.yaml"
        assert problem.line == line_of(text, new)
        assert problem.value == found
        assert cure in problem.cure
    # With its code, an item lost the condition that named it: that is a ninth.
    ninth = problems.keys() - {mistake[2] for mistake in MISTAKES}
    assert ninth == {"sections[1].items[2].ask_if.item"}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake[2])
def test_each_mistake_is_found_alone(mistake):
    old, new, place, found, cure = mistake
    text = SMALL_TEXT.replace(old, new, 1)
    problem = next(p for p in problems_of(text) if p.place == place)
    assert (problem.line, problem.value) == (line_of(text, new), found)
    assert cure in problem.cure


def test_what_is_required_and_absent_is_named_with_the_line_of_its_holder():
    text = SMALL_TEXT.replace(
        "lead: {zh-Hans: 每题选一个, en: Choose one each}", "lead: {zh-Hans: 题}"
    )
    [problem] = problems_of(text)
    assert (problem.place, problem.message) == ("lead.en", "is required and absent")
    assert problem.line == line_of(text, "lead:")


def test_problems_stand_in_the_order_of_the_file():
    text = SMALL_TEXT.replace("minutes: 1", "minutes: 0").replace("kind: text", "kind: txt")
    lines = [problem.line for problem in problems_of(text)]
    assert lines == sorted(lines)
    assert len(lines) >= 2


def test_a_misspelt_key_does_not_hide_mistakes_of_sense():
    text = SMALL_TEXT.replace("optional: true", "optinal: true", 1)
    text = text.replace("ask_if: {item: gender, in: [2]}", "ask_if: {item: grown, in: [2]}")
    places = {problem.place: problem.message for problem in problems_of(text)}
    assert places["sections[0].items[1].optinal"] == "is not a known key"
    assert places["sections[1].items[2].ask_if.item"] == "is asked later"


def test_a_misspelt_key_is_not_complained_about_twice():
    text = SMALL_TEXT.replace("    lowest: 0", "    lowst: 0")
    assert [problem.place for problem in problems_of(text)] == ["scales.life.lowst"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a mapping of keys"),
        ("- 1\n- 2", "must be a mapping of keys"),
        ("a: 1\n---\nb: 2", "is not valid YAML"),
        ("a: [1", "is not valid YAML"),
        ("a: \x00", "is not valid YAML"),
        ("[" * 20_000, "is nested too deeply"),
        ("a: " + "[" * 300 + "]" * 300, "is nested too deeply"),
        ("a: " + "x" * MAX_BYTES, f"is larger than {MAX_BYTES} bytes"),
        ("a: 1\na: 2", "is given twice"),
        ("1: 1\n'1': 2", "is given twice"),
        ("true: 1", "has a key that is neither text nor a number"),
        ("? [a]\n: 1", "has a key that is neither text nor a number"),
        ("a: &x [1]\nb: *x", "is an alias"),
        ("a: &x word\nb: *x", "is an alias"),
        ("a: &x [*x]", "is an alias"),
        ("a: !!python/object:os.system x", "carries a tag"),
        ("a: !secret x", "carries a tag"),
        ("a: !!set {x, y}", "carries a tag"),
        ("a: .inf", "cannot be read: .inf"),
        ("a: .nan", "cannot be read: .nan"),
        ('a: "\\ud800"', "cannot be read"),
        (f"a: 0x{'f' * 5000}", "cannot be read"),
        (f"a: {'9' * 5000}", "cannot be read"),
    ],
)
def test_what_yaml_allows_and_we_do_not_is_refused_in_words(text, message):
    problems = problems_of(text)
    assert any(message in problem.message for problem in problems), problems
    assert all(problem.line for problem in problems)
    str(InputRefused(problems)).encode()  # can be printed


def test_a_date_stays_text_so_that_a_definition_says_what_it_means():
    assert read_survey(SMALL_TEXT.replace("source: made up for the tests", "source: '2026'"))
    problem = problems_of(SMALL_TEXT.replace("minutes: 1", "minutes: 2026-01-01"))[0]
    assert (problem.place, problem.value) == ("minutes", "2026-01-01")


def test_a_list_of_faulty_entries_is_not_called_too_short():
    problems = problems_of(SMALL_TEXT.replace("kind: text", "kind: txt"))
    assert [problem.place for problem in problems] == ["sections[1].items[0].kind"]


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_raises_anything_but_a_list_of_problems(text):
    assert problems_of(text)


@settings(deadline=None)
@given(st.data())
def test_a_file_cut_or_changed_anywhere_is_read_or_refused(data):
    start = data.draw(st.integers(0, len(SMALL_TEXT)))
    end = data.draw(st.integers(start, min(len(SMALL_TEXT), start + 40)))
    inserted = data.draw(st.text(alphabet="ab: {}[]-\n'\"#&*!|>%@0.1é中", max_size=8))
    problems = problems_found(SMALL_TEXT[:start] + inserted + SMALL_TEXT[end:])
    assert all(problem.line and problem.message for problem in problems)
