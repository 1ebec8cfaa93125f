"""What strangers send becomes answers, or a list of what is missing and what is wrong."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survey_examples import project_survey, small_survey

from app.survey.answers import BIDI_CONTROLS, clean_text, read_answers
from app.survey.routing import asked_items

SURVEY = small_survey()
SURVEYS = [SURVEY, project_survey("service_review"), project_survey("three_senses")]
COMPLETE = {"speed": ["4"], "manner": ["5"], "alone": ["2"], "life": ["7"]}

TEXTS = st.one_of(
    st.sampled_from(
        ["1", "2", "5", "98", "99", "21", " 3 ", "-1", "１", "1.0", "0x1", "", " "]
    ),
    st.integers(-5, 600).map(str),
    st.text(max_size=30),
)


def forms(survey):
    names = st.one_of(st.sampled_from(list(survey.items)), st.text(max_size=8))
    return st.dictionaries(names, st.lists(TEXTS, max_size=4), max_size=20)


def test_a_complete_form_is_read_into_codes():
    reading = read_answers(SURVEY, COMPLETE)
    assert reading.answers == {"speed": 4, "manner": 5, "alone": 2, "life": 7}
    assert reading.missing == ()
    assert reading.problems == ()


def test_items_left_out_are_missing_and_optional_ones_are_not_mentioned():
    reading = read_answers(SURVEY, {"life": ["0"], "manner": [" "]})
    assert reading.answers == {"life": 0}
    assert reading.missing == ("speed", "manner", "alone")
    assert reading.problems == ()


def test_dont_know_not_applicable_and_not_answered_stay_three_things():
    reading = read_answers(SURVEY, {"speed": ["98"], "manner": ["99"]})
    assert reading.answers == {"speed": 98, "manner": 99}
    assert reading.missing == ("alone", "life")


@pytest.mark.parametrize(
    "wrong", ["6", "0", "-1", "１", "1.0", "0x1", "1e0", "五", "5 5", "1\x00"]
)
def test_a_code_the_scale_does_not_have_is_a_problem_with_a_cure(wrong):
    reading = read_answers(SURVEY, COMPLETE | {"speed": [wrong]})
    [problem] = reading.problems
    assert (problem.place, problem.value) == ("speed", wrong)
    assert "1, 2, 3, 4, 5, 98, 99" in problem.cure
    assert "speed" not in reading.answers
    assert "speed" not in reading.missing


def test_two_different_answers_to_one_choice_are_a_problem_and_one_given_twice_is_not():
    assert read_answers(SURVEY, COMPLETE | {"speed": ["4", "5"]}).problems[0].place == "speed"
    assert read_answers(SURVEY, COMPLETE | {"speed": ["4", "4"]}).answers["speed"] == 4


def test_several_choices_are_kept_once_each_in_the_order_of_their_codes():
    form = COMPLETE | {"speed": ["1"], "why": ["23", "21", "23"]}
    assert read_answers(SURVEY, form).answers["why"] == (21, 23)
    assert read_answers(SURVEY, form | {"why": ["21", "4"]}).problems[0].place == "why"


def test_answers_to_items_that_were_not_asked_are_dropped():
    reading = read_answers(SURVEY, COMPLETE | {"why": ["21"], "grown": ["1"], "child": ["9"]})
    assert reading.answers.keys() == COMPLETE.keys()
    assert reading.problems == ()


def test_a_faulty_answer_opens_no_further_item():
    reading = read_answers(SURVEY, COMPLETE | {"speed": ["1", "2"], "why": ["nonsense"]})
    assert [problem.place for problem in reading.problems] == ["speed"]


def test_a_text_may_be_as_long_as_the_item_says_in_characters():
    assert read_answers(SURVEY, {"wish": ["愿" * 20]}).answers["wish"] == "愿" * 20
    assert read_answers(SURVEY, {"wish": ["愿" * 20 + "  \n"]}).answers["wish"] == "愿" * 20
    [problem] = read_answers(SURVEY, {"wish": ["愿" * 21]}).problems
    assert problem.place == "wish"
    assert "20" in problem.cure


def test_a_text_of_nothing_visible_is_no_answer():
    for empty in ("", "  ", "\r\n\t", "\x00\x07", "\u202e", "\ud800"):
        assert "wish" not in read_answers(SURVEY, {"wish": [empty]}).answers


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey.key)
@settings(deadline=None)
@given(data=st.data())
def test_no_form_raises_and_every_problem_names_an_item_that_was_asked(survey, data):
    reading = read_answers(survey, data.draw(forms(survey)))
    asked = {item.code for item in asked_items(survey, reading.answers)}
    places = [problem.place for problem in reading.problems]
    assert asked >= reading.answers.keys() | set(reading.missing) | set(places)
    assert len(asked) >= len(reading.answers) + len(reading.missing) + len(places)
    assert all(problem.message for problem in reading.problems)


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey.key)
@settings(deadline=None)
@given(data=st.data())
def test_what_was_accepted_is_accepted_again_unchanged(survey, data):
    reading = read_answers(survey, data.draw(forms(survey)))
    form = {
        code: [str(part) for part in answer] if isinstance(answer, tuple) else [str(answer)]
        for code, answer in reading.answers.items()
    }
    again = read_answers(survey, form)
    assert again.answers == reading.answers
    assert again.problems == ()


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey.key)
@settings(deadline=None)
@given(data=st.data())
def test_every_choice_on_offer_is_accepted(survey, data):
    form: dict[str, list[str]] = {}
    for item in survey.items.values():
        scale = survey.scale_of(item)
        codes = sorted({option.code for option in scale.choices} | set(scale.codes))
        if codes:
            form[item.code] = [str(data.draw(st.sampled_from(codes)))]
    reading = read_answers(survey, form)
    assert reading.problems == ()
    assert reading.missing == ()


def test_clean_text_keeps_rare_names_and_drops_what_hides_or_reverses():
    assert clean_text(" 𠮷𬭸\ue000\r\n第二行\r第三行\t完 ") == "𠮷𬭸\ue000\n第二行\n第三行 完"
    assert clean_text("a\u202eb\u2066c\x00d\ud800e") == "abcde"
    assert clean_text("e\u0301") == "é"
    assert clean_text("e\x00\u0301") == "é"  # composed only once the control is gone
    assert clean_text("👨\u200d👩\u200d👧") == "👨\u200d👩\u200d👧"


@given(st.text())
def test_clean_text_is_stable_normal_and_can_be_stored(text):
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    cleaned.encode("utf-8")
    assert not BIDI_CONTROLS & set(cleaned)
    assert not {c for c in cleaned if unicodedata.category(c) == "Cc"} - {"\n"}
