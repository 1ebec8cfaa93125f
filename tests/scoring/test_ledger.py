"""Deductions and bonuses: three caps, what each swallowed, vetoes, floor and ceiling."""

import pytest
from small_systems import read, small, values_of

from app.scoring.index import score
from app.scoring.inputs import Event, ScoredUnit

FULL = {"jobs": 90.0, "clean": 90.0, "calm": 90.0}


def scored(*events, found=None, row=FULL):
    given = [Event("a", *event) for event in events]
    values = values_of({"a": row})
    units = [ScoredUnit("a", "town")]
    return score(read(found or small()), units=units, values=values, events=given).units[0]


def test_each_cap_shows_what_it_swallowed():
    unit = scored(("late", 9, "upheld", "e1"), ("fraud", 1, "upheld", "e2"))
    late, fraud = unit.ledger.items
    assert (late.total.points, late.total.counted, late.total.swallowed) == (4.5, 3, 1.5)
    assert (fraud.total.points, fraud.total.counted) == (2, 2)
    (family,) = unit.ledger.deduction.families
    assert (family.code, family.points, family.counted, family.swallowed) == ("care", 5, 4, 1)
    assert (unit.deduction, unit.final) == (4, pytest.approx(86))


def test_a_total_cap_comes_last():
    found = small()
    found["adjustments"]["total_cap"] = {"deduct": 1}
    unit = scored(("late", 9, "upheld", "e1"), found=found)
    total = unit.ledger.deduction.total
    assert (total.points, total.counted, total.swallowed) == (3, 1, 2)


def test_steps_cost_more_each_time_and_the_last_step_repeats():
    found = small()
    found["adjustments"]["families"][0].pop("cap")
    assert scored(("fraud", 1, "upheld", "e"), found=found).deduction == 2
    assert scored(("fraud", 2, "upheld", "e"), found=found).deduction == 7
    assert scored(("fraud", 4, "upheld", "e"), found=found).deduction == 17


def test_events_of_one_item_add_up_with_all_their_evidence():
    unit = scored(("late", 1, "upheld", "paper 1"), ("late", 2, "upheld", "paper 2"))
    assert unit.ledger.items[0].count == 3
    assert unit.ledger.items[0].evidence == ("paper 1", "paper 2")


def test_pending_and_overturned_events_cost_nothing_and_are_shown():
    unit = scored(("late", 1, "pending", "e1"), ("fraud", 1, "overturned", "e2"))
    assert (unit.deduction, unit.ledger.vetoes, unit.grade.grade) == (0, (), "good")
    assert [event.status for event in unit.ledger.not_counted] == ["pending", "overturned"]


def test_a_bonus_stops_at_the_ceiling_and_a_deduction_at_the_floor():
    best = dict.fromkeys(FULL, 100.0)
    worst = dict.fromkeys(FULL, 1.0)
    assert scored(("prize", 2, "upheld", "e"), row=best).final == 100
    assert scored(("late", 9, "upheld", "e"), row=worst).final == 0


def test_a_veto_lowers_the_grade_and_says_why():
    unit = scored(("fraud", 1, "upheld", "e"))
    assert (unit.grade.grade, unit.grade.without_veto) == ("fair", "good")
    assert unit.grade.vetoed_by == "fraud"
    assert unit.grade.reason.en == "80 points or more, but vetoed by fraud: fair at best"
    assert unit.grade.reason.zh == "达到 80 分，但触发否决项 fraud，最高为“fair”"


def test_a_veto_does_not_lift_a_grade_that_is_lower_anyway():
    unit = scored(("fraud", 1, "upheld", "e"), row=dict.fromkeys(FULL, 30.0))
    assert (unit.grade.grade, unit.grade.vetoed_by) == ("poor", None)
    assert unit.grade.reason.en == "below 60 points"


def test_a_veto_can_cost_the_bonus_where_the_rules_say_so():
    found = small()
    found["adjustments"]["no_bonus_when_veto"] = True
    unit = scored(("fraud", 1, "upheld", "e"), ("prize", 1, "upheld", "e"), found=found)
    assert (unit.bonus, unit.ledger.bonus_lost_to_veto) == (0, 1)
    assert unit.final == pytest.approx(88)
