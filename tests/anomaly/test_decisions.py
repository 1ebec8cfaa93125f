"""What stands about a campaign, in whatever order its rows are read."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.anomaly.decisions import (
    UNDECIDED,
    Case,
    Decision,
    Standing,
    apply_decisions,
    is_same,
    no_longer_found,
    settle,
    standing,
)
from app.anomaly.examination import Campaign, Examination, Reason

LIGHT, HEAVY = 0.5, 2.0
PEOPLE = [("An", "audit"), ("Bo", "audit"), ("Cui", "statistics"), ("an ", "statistics")]


def a_decision(number, verdict="exclude", *, by=0, **more):
    author, office = PEOPLE[by]
    return Decision(number, verdict, author, office, reason="HASTE", **more)


def a_case(code="C-1", effects=None, *, effect=None, **more):
    effects = {"east-hall": 0.5} if effects is None else effects
    given = {"kind": "point", "size": 12, "signals": frozenset({"HASTE"}), "similarity": {}}
    pooled = max(effects.values(), key=abs, default=0.0) if effect is None else effect
    return Case(code, effects=effects, effect=pooled, **(given | more))


@st.composite
def histories(draw):
    """Rows about one campaign: decisions, confirmations and revocations of earlier rows."""
    rows = []
    for number in range(1, draw(st.integers(0, 9)) + 1):
        verdict = draw(st.sampled_from(["keep", "down_weight", "exclude", "audit"]))
        earlier = st.integers(1, number - 1) if number > 1 else st.none()
        link = draw(st.sampled_from(["decision", "second_of", "revokes"]))
        more = {} if link == "decision" or number == 1 else {link: draw(earlier)}
        rows.append(a_decision(number, verdict, by=draw(st.integers(0, 3)), **more))
    return rows


effects = st.sampled_from([0.0, LIGHT, 1.0, HEAVY, math.inf])


def test_before_anybody_decides_the_examination_stands():
    assert standing([], effect=HEAVY) == UNDECIDED


def test_one_person_decides_where_a_score_moves_by_less_than_a_point():
    found = standing([a_decision(1), a_decision(2, "keep")], effect=0.99)
    assert (found.verdict, found.by, found.waiting) == ("keep", 2, ())


def test_from_one_point_on_a_decision_waits_for_a_second_person():
    alone = standing([a_decision(1)], effect=1.0)
    assert (alone.verdict, alone.by, alone.waiting) == ("engine", None, (1,))
    both = standing([a_decision(1), a_decision(2, by=2, second_of=1)], effect=1.0)
    assert (both.verdict, both.by, both.waiting, both.alone) == ("exclude", 1, (), False)


@pytest.mark.parametrize("second", [0, 1, 3])
def test_the_same_person_or_the_same_office_is_no_second(second):
    rows = [a_decision(1), a_decision(2, by=second, second_of=1)]
    assert standing(rows, effect=HEAVY).verdict == "engine"


def test_without_anything_left_at_a_point_two_people_are_needed():
    assert standing([a_decision(1)], effect=math.nan).waiting == (1,)


def test_what_is_taken_back_falls_back_to_what_stood_before():
    rows = [a_decision(1), a_decision(2, "keep"), a_decision(3, "keep", revokes=2)]
    assert standing(rows, effect=LIGHT).by == 1
    assert standing([*rows, a_decision(4, revokes=1)], effect=LIGHT) == UNDECIDED


def test_without_its_confirmation_a_decision_waits_again():
    rows = [a_decision(1), a_decision(2, by=2, second_of=1), a_decision(3, by=2, revokes=2)]
    assert standing(rows, effect=HEAVY).waiting == (1,)


def test_a_decision_counts_from_its_confirmation_on():
    rows = [
        a_decision(1),
        a_decision(2, "keep"),
        a_decision(3, "keep", by=2, second_of=2),
        a_decision(4, by=2, second_of=1),
    ]
    assert standing(rows, effect=HEAVY).verdict == "exclude"


def test_an_audit_marks_and_moves_nothing_until_something_is_decided():
    rows = [a_decision(1), a_decision(2, "audit", by=2)]
    found = standing(rows, effect=LIGHT)
    assert (found.verdict, found.audit) == ("exclude", True)
    assert not standing([*rows, a_decision(3, "keep")], effect=LIGHT).audit


@given(histories(), effects, st.randoms())
def test_the_order_of_reading_does_not_matter(rows, effect, dice):
    shuffled = list(rows)
    dice.shuffle(shuffled)
    assert standing(shuffled, effect=effect) == standing(rows, effect=effect)


@given(histories(), effects)
def test_a_revoked_decision_leaves_no_trace(rows, effect):
    number = len(rows) + 1
    added = [a_decision(number, "keep"), a_decision(number + 1, "keep", revokes=number)]
    assert standing([*rows, *added], effect=effect) == standing(rows, effect=effect)


@given(histories(), st.sampled_from([1.0, HEAVY, math.inf]))
def test_nothing_heavy_stands_by_one_person(rows, effect):
    found = standing(rows, effect=effect)
    assert not found.alone
    if found.by is not None:
        [first] = [row for row in rows if row.number == found.by]
        seconds = [row for row in rows if row.second_of == found.by]
        assert any(
            not is_same(row.author, first.author) and not is_same(row.office, first.office)
            for row in seconds
        )


@given(histories(), effects)
def test_adding_rows_never_makes_a_revoked_decision_stand(rows, effect):
    revoked = {row.revokes for row in rows}
    for upto in range(len(rows) + 1):
        found = standing(rows[:upto], effect=effect)
        taken = {row.revokes for row in rows[:upto]}
        assert found.by is None or found.by not in taken
    assert standing(rows, effect=effect).by not in revoked - {None}


@pytest.mark.parametrize(
    "other",
    [
        "Audit Office",
        "audit_office",
        " AUDIT–OFFICE.",
        "Ａｕｄｉｔ　Ｏｆｆｉｃｅ",
        "audit\u200boffice",
    ],
)
def test_an_office_stays_itself_however_it_is_typed(other):
    assert is_same("audit-office", other)
    rows = [a_decision(1)]
    rows.append(Decision(2, "exclude", "Cui", other, "HASTE", second_of=1))
    rows[0] = replace(rows[0], office="audit-office")
    assert standing(rows, effect=HEAVY).verdict == "engine"


def test_different_offices_stay_different():
    for one, other in [("审计局", "审计处"), ("hall-1", "hall-2"), ("—", "…"), ("é", "e")]:
        assert not is_same(one, other)


def test_many_small_campaigns_at_one_point_wait_together():
    cases = {c: a_case(c, {"east-hall": 0.6}) for c in ("C-1", "C-2")}
    one = settle(cases, {"C-1": [a_decision(1)]})
    assert one["C-1"].verdict == "exclude"
    both = settle(cases, {"C-1": [a_decision(1)], "C-2": [a_decision(2)]})
    assert {found.verdict for found in both.values()} == {"engine"}
    assert both["C-2"].waiting == (2,)
    confirmed = [a_decision(2), a_decision(3, by=2, second_of=2)]
    again = settle(cases, {"C-1": [a_decision(1)], "C-2": confirmed})
    assert {found.verdict for found in again.values()} == {"exclude"}


def test_small_campaigns_of_different_points_do_not_add_up():
    cases = {"C-1": a_case("C-1", {"east": 0.6}), "C-2": a_case("C-2", {"west": -0.6})}
    found = settle(cases, {code: [a_decision(1)] for code in cases})
    assert {one.verdict for one in found.values()} == {"exclude"}


def an_examination():
    reason = Reason("HASTE", 1, 9, 1, 0.001)
    campaigns = tuple(
        Campaign(
            code=f"C-{n}", kind="point", place="hall", rows=rows, points=("hall",),
            first=0.0, last=5.0, reasons=(reason,), score_with=90.0, score_without=88.0,
            similarity={},
        )
        for n, rows in ((1, (0, 1)), (2, (2,)))
    )  # fmt: skip
    return Examination(
        influence=np.array([0.2, 0.1, 0.3, 1.0]),
        capped=np.array([1.0, 0.5, 1.0, 1.0]),
        flagged=np.array([True, True, True, False]),
        campaign=(0, 0, 1, -1),
        reasons=dict.fromkeys(range(3), (reason,)),
        campaigns=campaigns,
        points=(),
    )


def stood(verdict):
    return replace(UNDECIDED, verdict=verdict, by=1)


def test_each_verdict_does_to_influence_what_it_says():
    before = an_examination()
    kept = apply_decisions(before, {"C-1": stood("keep")})
    assert kept.influence.tolist() == [1.0, 0.5, 0.3, 1.0]
    assert kept.flagged.tolist() == [False, False, True, False]
    assert sorted(kept.reasons) == [1, 2]
    out = apply_decisions(before, {"C-1": stood("exclude"), "C-2": stood("down_weight")})
    assert out.influence.tolist() == [0.0, 0.0, 0.3, 1.0]
    assert before.influence.tolist() == [0.2, 0.1, 0.3, 1.0]


VERDICTS = st.sampled_from(["engine", "keep", "down_weight", "exclude"])


@given(st.dictionaries(st.sampled_from(["C-1", "C-2", "C-3"]), VERDICTS))
def test_applied_twice_is_applied_once(chosen):
    standings = {code: stood(verdict) for code, verdict in chosen.items()}
    once = apply_decisions(an_examination(), standings)
    twice = apply_decisions(once, standings)
    assert twice.influence.tolist() == once.influence.tolist()
    assert twice.flagged.tolist() == once.flagged.tolist()
    assert twice.reasons == once.reasons
    assert (once.influence >= 0).all()
    assert (once.influence <= once.capped).all()


def test_decided_campaigns_that_are_found_no_more_are_named():
    standings: dict[str, Standing] = {
        "C-1": stood("keep"),
        "C-9": stood("exclude"),
        "C-8": UNDECIDED,
    }
    assert no_longer_found(an_examination(), standings) == ("C-9",)


def test_a_case_tells_its_direction_and_its_largest_move():
    assert a_case(effects={"a": 0.4, "b": -1.5}, effect=0.2).largest == 1.5
    assert a_case(effects={"a": 0.4, "b": -1.5}, effect=0.2).lowers_any
    assert a_case(effects={"a": 0.4, "b": -1.5}, effect=0.2).direction == "raises"
    assert a_case(effects={"a": math.nan}, effect=-3.0).largest == math.inf
    assert a_case(effects={}, effect=0.0).direction == "neither"
