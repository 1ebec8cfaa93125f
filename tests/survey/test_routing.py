"""Which items are asked of whom."""

from hypothesis import given, settings
from hypothesis import strategies as st
from survey_examples import project_survey, small_survey

from app.survey.routing import applies, asked_items

SURVEY = small_survey()
REVIEW = project_survey("service_review")


def codes_asked(codes):
    return [item.code for item in asked_items(SURVEY, codes)]


def test_an_item_with_a_condition_is_asked_only_after_one_of_its_answers():
    assert "why" not in codes_asked({})
    assert "why" not in codes_asked({"speed": 5})
    assert "why" not in codes_asked({"speed": 98})
    assert "why" in codes_asked({"speed": 2})


def test_an_answer_to_an_item_that_was_not_asked_opens_nothing():
    assert "grown" in codes_asked({"gender": 2, "child": 1})
    assert "grown" not in codes_asked({"gender": 1, "child": 1})
    assert "grown" not in codes_asked({"child": 1})


def test_each_grade_of_a_service_review_opens_its_own_reasons():
    for grade in (5, 4, 3, 2, 1):
        asked = [item.code for item in asked_items(REVIEW, {"grade": grade})]
        assert asked == ["grade", f"why_{grade}", "comment"]
    for unscored in ({}, {"grade": 98}):
        assert [item.code for item in asked_items(REVIEW, unscored)] == ["grade", "comment"]


ANSWERS = st.dictionaries(
    st.sampled_from(list(SURVEY.items)),
    st.sampled_from([0, 1, 2, 3, 5, 21, 98, 99, (21, 22), "a text"]),
)


@settings(deadline=None)
@given(ANSWERS)
def test_asked_items_keep_the_order_and_agree_with_each_condition(codes):
    asked = asked_items(SURVEY, codes)
    order = list(SURVEY.items.values())
    assert sorted(asked, key=order.index) == list(asked)
    asked_codes = {item.code: codes.get(item.code) for item in asked}
    for item in order:
        assert applies(item, asked_codes) == (item in asked)
