"""What a case may also say: spellings that mean no more than what can be left out."""

import pytest
from small_case import CASE, EVENTS, HEADER, ROWS, changed, scored

from app.errors import InputRefused


def rules(**keys):
    return CASE["adjustments"] | keys


def with_zero_range(rule):
    normalise = CASE["defaults"]["normalise"] | {"zero_range": rule}
    return CASE["defaults"] | {"normalise": normalise}


QUOTA = {
    "rule": "quota",
    "within": "all",
    "scale": [
        {"grade": "good", "share": 0.3},
        {"grade": "fair", "share": 0.2},
        {"grade": "poor"},
    ],
}
THRESHOLD = {
    "rule": "threshold",
    "scale": [{"grade": "good", "min": 80}, {"grade": "fair", "min": 60}, {"grade": "poor"}],
}


def with_last(rule, **limit):
    *upper, last = rule["scale"]
    return rule | {"scale": [*upper, last | limit]}


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [
        ({"grade": with_last(QUOTA, share=0.5)}, {"grade": QUOTA}),
        ({"grade": with_last(THRESHOLD, min=0)}, {"grade": THRESHOLD}),
        (
            {"adjustments": rules(family_caps={"safety": None})},
            {"adjustments": rules(family_caps={})},
        ),
        ({"not_applicable": "equal"}, {"not_applicable": {"share": "equal"}}),
        ({"version": 1, "effective": {"from": "2025-01-01"}, "document": "第 8 号"}, {}),
    ],
)
def test_two_spellings_give_one_answer(tmp_path, longer, shorter):
    one, other = (
        scored(tmp_path, changed(**says), events=EVENTS) for says in (longer, shorter)
    )
    assert one == other


@pytest.mark.parametrize("rule", ["error", {"rule": "error"}])
def test_a_zero_range_may_be_called_the_error_that_it_is(tmp_path, rule):
    case = changed(defaults=with_zero_range(rule))
    assert scored(tmp_path, case)["score"] == scored(tmp_path)["score"]
    rows = ["unit,indicator,value", *(f"u{i},income,4" for i in range(9))]
    with pytest.raises(InputRefused, match="E201 income has the same value in all 9 units"):
        scored(tmp_path, case, rows)


@pytest.mark.parametrize("rule", [with_last(QUOTA, share=0.4), with_last(THRESHOLD, min=40)])
def test_a_last_grade_that_would_leave_somebody_without_one_is_refused(tmp_path, rule):
    with pytest.raises(InputRefused, match="E302"):
        scored(tmp_path, changed(grade=rule))


def test_a_key_at_the_wrong_place_is_not_answered_with_itself(tmp_path):
    with pytest.raises(InputRefused) as refused:
        scored(tmp_path, changed(missing="redistribute"))
    assert "missing: is not a known key. The format knows it, but not" in str(refused.value)
    assert "有这个键，但不写在这里。" in refused.value.in_chinese


def test_errors_go_together_by_whatever_name_they_are_said_to(tmp_path):
    cards = [one for one in CASE["indicators"] if one["id"] != "waste"]
    fixed = {"normalise": {"method": "goalposts", "lower": 0, "upper": 100}}
    bare = changed(
        defaults=fixed, indicators=cards, variants=None, weights=None, adjustments=None
    )
    bare |= {"grade": None, "change": {}, "sobol": {"n": 8192}}
    rows = [row + "2" if ",income," in row else row for row in ROWS if "waste" not in row]
    table = ["unit,ind_a,ind_b,cov", "u0,income,trust,1.2"]
    errors = [
        scored(tmp_path, bare | {"uncertainty": said}, [HEADER, *rows], covariance=table)
        for said in (
            {"inputs": "multivariate_normal", "covariance": "covariance.csv"},
            {"inputs": "independent", "weights": {"noise": 0.25}},
        )
    ]
    assert errors[0]["score_se"]["u0"] > errors[1]["score_se"]["u0"]


def test_a_class_of_which_nothing_weighs_anything_is_weighted_away(tmp_path):
    cards = [
        card | ({"weight": {"city": 1, "county": 0}} if card["id"] == "trust" else {})
        for card in CASE["indicators"]
    ]
    found = scored(tmp_path, changed(indicators=cards, variants=None), [HEADER, *ROWS])
    assert found["levels"]["view"]["u8"] is None
    assert found["score"]["u8"] == found["levels"]["means"]["u8"]
