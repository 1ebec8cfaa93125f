"""The sentences as the assessed read them: only what the numbers say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scorings import row, scoring_of_table
from small_systems import read, small, values_of

from app.scoring.explanation.change import change
from app.scoring.explanation.distance import lost_parts
from app.scoring.explanation.sentences import sentences
from app.scoring.explanation.shortfalls import shortfalls
from app.scoring.index import carry_out
from app.scoring.inputs import Event, ScoredUnit
from app.survey.text import Text


def said(scoring, unit, *, before=None, language="zh-Hans"):
    gaps = shortfalls(scoring, before=before)
    changes = change(before, scoring) if before else None
    found = {one.unit: one.sentences for one in sentences(scoring, gaps, changes)}
    return " ".join(text[language] for text in found[unit])


TABLE = {"a": row(60, 50, 50), "b": row(70, 80, 50)}


def test_who_is_behind_reads_how_far_and_by_which_classes():
    scoring = scoring_of_table(TABLE)
    assert said(scoring, "a") == (
        "得 56 分，比同类最高低 9 分，其中work 6 分、life 3 分。 "
        "最大短板是“jobs”：补到同类最好可增 6 分。"
    )
    assert said(scoring, "a", language="en") == (
        "It scores 56, 9 below the best of its type, of which work 6 and life 3. "
        "Its largest shortfall is jobs: reaching the best of the type would add 6."
    )


def test_a_gap_that_would_win_a_place_says_which():
    scoring = scoring_of_table(TABLE | {"c": row(68, 50, 50)})
    assert "名次升至同类第 2。" in said(scoring, "a")
    assert "would add 6 and give place 2 of the type." in said(scoring, "a", language="en")


def test_the_leader_reads_by_how_much():
    assert said(scoring_of_table(TABLE), "b") == "得 65 分，同类最高，比第二名高 9 分。"


def test_two_leaders_read_that_they_share_the_place():
    table = {"a": row(60, 50, 50), "b": row(60, 50, 50)}
    assert said(scoring_of_table(table), "a") == "得 56 分，同类并列第一。"


def test_the_only_unit_of_a_type_is_compared_with_nobody():
    assert said(scoring_of_table({"a": row(60, 50, 50)}), "a") == (
        "得 56 分，同类中只有这一个单位参加排名。"
    )


def test_of_equal_leaders_the_first_by_code_is_the_yardstick():
    table = {"a": row(40, 40, 40), "c": row(50, 80, 80), "b": row(80, 35, 35)}
    turned = {unit: table[unit] for unit in ("b", "c", "a")}
    one, other = (said(scoring_of_table(rows), "a") for rows in (table, turned))
    assert one == other
    assert one.startswith("得 40 分，比同类最高低 22 分：work少得 24 分，其余合计多得 2 分。")


def test_who_is_ahead_in_some_classes_can_still_add_up_what_is_printed():
    scoring = scoring_of_table({"a": row(60, 90, 50), "b": row(70, 80, 50)})
    assert said(scoring, "a").startswith(
        "得 60 分，比同类最高低 5 分：work少得 6 分，其余合计多得 1 分。"
    )
    assert said(scoring, "a", language="en").startswith(
        "It scores 60, 5 below the best of its type: 6 less for work, 1 more for the rest."
    )


@given(
    st.lists(st.tuples(*[st.integers(0, 100)] * 3), min_size=2, max_size=5), st.integers(1, 9)
)
@settings(max_examples=60, deadline=None)
def test_the_parts_of_a_distance_sum_to_it_with_deductions_and_floor(rows, late):
    table = {f"u{i}": row(*map(float, one)) for i, one in enumerate(rows)}
    events = [
        Event("u0", "late", late, "upheld", "x"),
        Event("u1", "fraud", 2, "upheld", "y"),
    ]
    scoring = scoring_of_table(table, events=events)
    for one in range(len(rows)):
        parts = lost_parts(scoring, 0, one)
        distance = scoring.finals[one] - scoring.finals[0]
        assert sum(part.points for part in parts) == pytest.approx(distance, abs=1e-9)


def test_the_place_is_the_official_one_where_scores_are_rounded():
    found = small() | {"rank": {"decimals": 0}}
    scoring = scoring_of_table(TABLE | {"a": row(70, 78, 50)}, found=found)
    assert said(scoring, "a").startswith("得 64.8 分，同类并列第一。")
    close = scoring_of_table({"a": row(70, 80, 50), "b": row(70.001, 80, 50)})
    assert said(close, "a").startswith("得 65 分，比同类最高低不到 0.01 分。")
    assert said(close, "b").startswith("得 65 分，同类最高，比第二名高不到 0.01 分。")


def test_a_distance_within_the_survey_error_is_no_fact():
    scoring = scoring_of_table(TABLE, errors={"jobs": 9.0})
    assert "差距没有超出抽样误差（±14.97 分），暂不能认定" in said(scoring, "a")
    assert "10 分的差距没有超出抽样误差（±24.95 分）" in said(scoring, "a")
    assert said(scoring, "a").endswith("能认定的最大短板是“clean”：补到同类最好可增 3 分。")


def test_a_lead_within_the_survey_error_is_no_fact_either():
    scoring = scoring_of_table(TABLE, errors={"jobs": 9.0})
    assert said(scoring, "b") == (
        "得 65 分，同类最高，比第二名高 9 分；领先没有超出抽样误差（±14.97 分），暂不能认定。"
    )
    assert "the lead is within the survey's error (±14.97)" in said(scoring, "b", language="en")


def test_a_veto_is_told_with_the_grade_that_it_cost():
    events = [Event("a", "fraud", 1, "upheld", "x")]
    table = {"a": row(95, 90, 90), "b": row(90, 90, 90)}
    scoring = scoring_of_table(table, events=events)
    assert "触发否决项“fraud”，等级最高为“fair”，原应为“good”。" in said(scoring, "a")
    told = said(scoring, "a", language="en")
    assert "Fraud vetoes any grade above fair; it would have been good." in told
    low = scoring_of_table(TABLE, events=events)
    assert "触发否决项“fraud”，等级最高为“fair”。" in said(low, "a")


def test_a_bonus_that_a_veto_took_and_caps_kept_are_told():
    found = small()
    found["adjustments"]["no_bonus_when_veto"] = True
    events = [
        Event("a", "fraud", 1, "upheld", "x"),
        Event("a", "prize", 2, "upheld", "y"),
        Event("b", "prize", 5, "upheld", "z"),
    ]
    scoring = scoring_of_table(TABLE, found=found, events=events)
    assert "扣 2 分，因否决不计加分 2 分。" in said(scoring, "a")
    assert "加 4 分，另有 1 分因封顶未加。" in said(scoring, "b")


def test_a_score_that_the_floor_holds_says_so():
    events = [Event("a", "fraud", 2, "upheld", "x")]
    scoring = scoring_of_table({"a": row(1, 1, 1), "b": row(1, 2, 2)}, events=events)
    assert "扣 4 分，另有 3 分因封顶未扣，低于下限，按下限计分。" in said(scoring, "a")


def test_who_has_a_score_but_no_place_reads_why():
    few = Text(zh="样本不足", en="too few answers")
    units = [ScoredUnit("a", "town", few), ScoredUnit("b", "town")]
    scoring = carry_out(read(small()), units=units, values=values_of(TABLE))
    assert said(scoring, "a").startswith("得 56 分，不参加排名：样本不足。")
    assert said(scoring, "b") == "得 65 分，同类中只有这一个单位参加排名。"


def test_who_was_not_there_last_year_reads_that_there_is_no_comparison():
    now = scoring_of_table(TABLE)
    before = scoring_of_table({"b": row(70, 80, 50)})
    assert said(now, "a", before=before).endswith("不与上年比较：上年没有该单位的得分。")


def test_what_changed_without_moving_the_score_is_told():
    before = scoring_of_table({"a": row(50, 50, 50)})
    now = scoring_of_table(
        {"a": row(55, 50, 50)}, events=[Event("a", "late", 6, "upheld", "x")]
    )
    assert "与上年持平：指标值 +3、扣分 −3。" in said(now, "a", before=before)


def test_deductions_and_what_a_cap_swallowed_are_told():
    events = [Event("a", "fraud", 1, "upheld", "x"), Event("a", "late", 9, "upheld", "y")]
    scoring = scoring_of_table(TABLE, events=events)
    assert "低 13 分，其中work 6 分、扣分加分 4 分。" in said(scoring, "a")
    assert "扣 4 分，另有 2.5 分因封顶未扣。" in said(scoring, "a")
    assert "4 deducted, caps spared it 2.5 more." in said(scoring, "a", language="en")


def test_who_has_no_score_reads_why():
    scoring = scoring_of_table({"a": row(None, None, None), "b": row(60, 50, 50)})
    assert said(scoring, "a") == "没有总分：数据不足，不计总分（缺：work、life）。"


def test_the_change_is_told_with_its_causes_and_signs():
    before = scoring_of_table(TABLE)
    now = scoring_of_table(
        {"a": row(55, 50, 50), "b": row(70, 80, 50)},
        events=[Event("a", "late", 2, "upheld", "x")],
    )
    assert "比上年低 4 分：指标值 −3、扣分 −1。" in said(now, "a", before=before)
    assert "与上年持平。" in said(now, "b", before=before)
