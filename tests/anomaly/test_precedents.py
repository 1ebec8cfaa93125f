"""The nearest decided campaigns, grounds of decisions, and rates by direction."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.anomaly.decisions import UNDECIDED, Case, Decision
from app.anomaly.ground_rules import ground_problems
from app.anomaly.grounds import GROUNDS, TAKES_AWAY
from app.anomaly.precedents import Decided, nearest, rates_by_direction


def a_case(code="C-1", effect=0.5, *, kind="point", size=12, **similarity):
    signals = frozenset({"HASTE", "DEV_REPEAT"})
    return Case(code, kind, size, {"hall": effect}, effect, signals, similarity)


def decided(case, verdict="exclude", *, decisions=()):
    by = None if verdict == "engine" else 1
    return Decided(case, replace(UNDECIDED, verdict=verdict, by=by), decisions)


def test_the_nearest_cases_come_first_and_only_of_the_same_kind():
    others = [
        decided(a_case("far", log_size=9.0, spread=1.0)),
        decided(a_case("near", log_size=3.1, spread=1.0)),
        decided(a_case("other", kind="enumerator", log_size=3.0, spread=1.0)),
        decided(a_case("open", log_size=3.0, spread=1.0), "engine"),
    ]
    found = nearest(a_case("new", log_size=3.0, spread=1.0), others)
    assert [one.case.code for one, _ in found] == ["near", "far"]
    assert found[0][1] < found[1][1]


def test_a_figure_that_is_not_known_is_left_out():
    others = [decided(a_case("b", log_size=math.nan, spread=2.0)), decided(a_case("c"))]
    found = nearest(a_case("a", log_size=1.0, spread=1.0), others)
    assert [one.case.code for one, _ in found] == ["b"]


def test_a_campaign_is_no_precedent_of_itself():
    case = a_case("a", log_size=1.0)
    assert nearest(case, [decided(case)]) == ()


FIGURES = st.floats(-100, 100)


@given(
    st.lists(st.tuples(FIGURES, FIGURES), min_size=1, max_size=6),
    st.floats(0.01, 100),
    st.floats(-50, 50),
)
def test_the_scale_of_a_figure_does_not_matter(figures, factor, shift):
    def found(transform):
        cases = [a_case(f"C-{i}", x=transform(x), y=y) for i, (x, y) in enumerate(figures)]
        new = a_case("new", x=transform(0.0), y=0.0)
        return [far for _, far in nearest(new, [decided(case) for case in cases], k=10)]

    assert found(lambda x: factor * x + shift) == pytest.approx(found(lambda x: x), abs=1e-3)


def test_rates_warn_when_only_bad_ratings_are_excluded():
    lowering = [decided(a_case(f"L{i}", -0.5), "exclude") for i in range(8)]
    raising = [decided(a_case(f"R{i}", 0.5), "keep") for i in range(8)]
    rates = rates_by_direction([*lowering, *raising, decided(a_case("open"), "engine")])
    assert rates.lowers.share("exclude") == 1
    assert rates.raises.share("keep") == pytest.approx(8 / 9)
    assert rates.lowers.responses["exclude"] == 96
    # Two tables of C(16, 8) = 12,870 are as extreme.
    assert rates.chance == pytest.approx(2 / 12870)
    assert rates.warning is not None
    assert "8" in rates.warning.zh


def test_rates_do_not_warn_of_what_chance_does_or_of_one_side_alone():
    one = [decided(a_case("L", -0.5)), decided(a_case("R", 0.5), "keep")]
    assert rates_by_direction(one).warning is None
    assert math.isnan(rates_by_direction(one[:1]).chance)
    assert rates_by_direction([]).warning is None


@given(st.lists(st.tuples(st.sampled_from([-0.5, 0.5]), st.sampled_from(["keep", "exclude"]))))
def test_swapping_the_directions_swaps_the_rates(some):
    def rates(sign):
        return rates_by_direction(
            [decided(a_case(f"C-{i}", sign * e), v) for i, (e, v) in enumerate(some)]
        )

    straight, mirrored = rates(1), rates(-1)
    assert straight.raises.campaigns == mirrored.lowers.campaigns
    assert straight.chance == pytest.approx(mirrored.chance, nan_ok=True)


def test_first_looks_that_were_changed_are_counted():
    rows = (
        Decision(1, "keep", "An", "audit", "NOT_BORNE_OUT", blind=True),
        Decision(2, "exclude", "an", "audit", "HASTE"),
        Decision(3, "exclude", "Bo", "audit", "HASTE", blind=True),
    )
    rates = rates_by_direction([decided(a_case(effect=-0.5), decisions=rows)])
    assert (rates.lowers.looks, rates.lowers.changed) == (2, 1)
    assert rates.raises.looks == 0


def refused(code, verdict="exclude", *, effect=0.5, note="checked", blind=False, kind="point"):
    case = a_case(effect=effect, kind=kind)
    return [p.place for p in ground_problems(code, verdict, case=case, note=note, blind=blind)]


@pytest.mark.parametrize("verdict", sorted(TAKES_AWAY))
def test_low_scores_lose_influence_for_four_reasons_only(verdict):
    open_to_low = {
        ground.code
        for ground in GROUNDS
        for kind in ground.kinds
        if verdict in ground.verdicts
        and not ground_problems(
            ground.code,
            verdict,
            case=replace(
                a_case(effect=-2.0, kind=kind),
                signals=frozenset(s for one in GROUNDS for s in one.signals),
            ),
            note="checked",
            blind=False,
        )
    }
    assert open_to_low == {"HASTE", "COPIED_TEXT", "CONCENTRATION", "NO_INCIDENT"}


def test_a_point_that_is_lowered_is_enough():
    case = Case("C", "point", 9, {"a": 3.0, "b": -0.1}, 2.0, frozenset({"LOCK_3H"}), {})
    ask = {"case": case, "note": "x", "blind": False}
    assert ground_problems("COPIED_ANSWERS", "exclude", **ask)


def test_high_scores_may_lose_influence_for_coaching():
    assert refused("COACHED") == []
    assert refused("COACHED", effect=-0.5) == ["reason"]


@pytest.mark.parametrize("ground", GROUNDS, ids=lambda ground: ground.code)
@pytest.mark.parametrize("verdict", ["keep", "down_weight", "exclude", "audit"])
def test_what_a_first_look_may_cite_does_not_tell_the_direction(ground, verdict):
    up, down = (refused(ground.code, verdict, effect=e, blind=True) for e in (2.0, -2.0))
    assert up == down


def test_a_first_look_can_always_be_recorded():
    assert refused("UNCLEAR", "audit", blind=True) == []
    assert refused("HASTE", blind=True) == []


def test_a_reason_must_be_what_was_seen():
    assert refused("COPIED_TEXT") == ["reason"]
    assert refused("CONCENTRATION") == []


def test_enumerators_are_judged_as_enumerators():
    assert refused("BACK_CHECK_FAILED", kind="enumerator") == []
    assert refused("BACK_CHECK_FAILED") == ["reason"]
    assert refused("COACHED", kind="enumerator") == ["reason"]


def test_a_reason_needs_a_note_and_a_known_code():
    assert refused("HASTE", note=" ") == ["note"]
    assert refused("COPIED_TEXT", note="") == ["reason", "note"]
    assert refused("ANGER") == ["reason"]
    assert refused("HASTE", "keep") == ["reason"]


def test_every_ground_says_its_innocent_side_in_both_languages():
    for ground in GROUNDS:
        texts = (ground.name, ground.meaning, ground.innocent)
        assert all(text.zh.strip() and text.en.strip() for text in texts)
    assert len({ground.code for ground in GROUNDS}) == len(GROUNDS)
