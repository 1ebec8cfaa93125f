"""The sentences as the assessed read them: only what the numbers say."""

from small_scorings import row, scoring_of_table

from app.scoring.explanation.change import change
from app.scoring.explanation.sentences import sentences
from app.scoring.explanation.shortfalls import shortfalls
from app.scoring.inputs import Event


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
        "56: 9 below the best of its type, of which work 6, life 3. "
        "Its largest shortfall is jobs: the best of the type is worth 6."
    )


def test_a_gap_that_would_win_a_place_says_which():
    scoring = scoring_of_table(TABLE | {"c": row(68, 50, 50)})
    assert "名次升至同类第 2。" in said(scoring, "a")
    assert "worth 6 and place 2 of the type." in said(scoring, "a", language="en")


def test_the_leader_reads_by_how_much():
    assert said(scoring_of_table(TABLE), "b") == "得 65 分，同类最高，比第二名高 9 分。"


def test_two_leaders_read_that_they_share_the_place():
    table = {"a": row(60, 50, 50), "b": row(60, 50, 50)}
    assert said(scoring_of_table(table), "a") == "得 56 分，同类并列最高。"


def test_the_only_unit_of_a_type_is_compared_with_nobody():
    assert said(scoring_of_table({"a": row(60, 50, 50)}), "a") == (
        "得 56 分，同类中只有这一个单位有总分。"
    )


def test_a_distance_within_the_survey_error_is_no_fact():
    scoring = scoring_of_table(TABLE, errors={"jobs": 9.0})
    assert "差距没有超出抽样误差（±14.97 分），暂不能认定" in said(scoring, "a")
    assert "10 分的差距没有超出抽样误差（±24.95 分）" in said(scoring, "a")


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
