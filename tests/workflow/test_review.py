"""Campaigns of a round under review: kept, looked at, decided, read by the next run."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.anomaly.decisions import apply_decisions
from app.database.campaigns import (
    find_campaign,
    forget_campaign_responses,
    list_campaign_responses,
)
from app.database.engine import make_sessions
from app.database.tables import (
    AuditEventRow,
    CampaignDecisionRow,
    CampaignRow,
    PublicationRow,
    RoundRow,
)
from app.errors import InputRefused, NotAllowed, NotFound, WrongState
from app.workflow.review.deciding import Judgement, Ruling, confirm, decide, revoke
from app.workflow.review.impartiality import Reviewer
from app.workflow.review.keeping import keep_campaigns
from app.workflow.review.shown import CountsOnly, FirstLook, Whole
from app.workflow.review.verdicts import (
    NOTHING_DECIDED,
    case_of,
    load_verdicts,
    require_unmoved,
)
from app.workflow.review.viewing import (
    list_entries,
    review_rates,
    show_campaign,
    view_responses,
)
from reviews import (
    AN,
    BO,
    CUI,
    DOWN,
    EAST,
    SMALL,
    UP,
    a_campaign,
    a_reviewed_round,
    a_run,
    an_examination,
    columns_of,
)
from world import NOW, TOWN_PLAN


@pytest.fixture
def session(engine):
    with make_sessions(engine)() as session:
        yield session


@pytest.fixture
def row(session):
    return a_reviewed_round(session)[0]


def judge(session, row, reviewer, verdict="exclude", *, code=UP, reason=None):
    usual = {"keep": "NOT_BORNE_OUT", "audit": "UNCLEAR"}.get(verdict, "HASTE")
    judgement = Judgement(code, verdict, reason or usual, "looked through the log of the hall")
    return decide(session, row, reviewer, judgement, now=NOW)


def second(session, row, reviewer, number):
    return confirm(session, row, reviewer, Ruling(number, "I agree"), now=NOW)


def take_back(session, row, reviewer, number):
    return revoke(session, row, reviewer, Ruling(number, "was mistaken"), now=NOW)


def look(session, row, reviewer, code=UP):
    return show_campaign(session, row, reviewer, code, now=NOW)


def the_list(session, row, reviewer):
    return list_entries(session, row, reviewer, now=NOW)


def agreed(session, row, verdict="exclude", code=UP):
    """An and Cui each judge, and Cui confirms; the number of the decision."""
    number = judge(session, row, AN, verdict, code=code).number
    judge(session, row, CUI, "audit", code=code)
    second(session, row, CUI, number)
    return number


# Keeping


def test_a_run_keeps_its_campaigns_with_their_responses_and_effects(session, row):
    up = find_campaign(session, row, UP)
    case = case_of(up)
    assert (case.size, case.direction) == (12, "raises")
    assert case.effects["east-hall"] == pytest.approx((12 * 100 + 18 * 60) / 30 - 60)
    assert len(list_campaign_responses(session, up.row.id)) == 12
    assert up.row.detail["reasons"][2]["rarity"] is None
    assert case_of(find_campaign(session, row, DOWN)).direction == "lowers"
    assert case_of(find_campaign(session, row, SMALL)).largest < 1


def test_the_same_campaign_of_a_second_run_is_kept_once(session, row):
    run, columns = a_run(session, row), columns_of(row)
    assert keep_campaigns(session, run, an_examination(), submissions=columns, now=NOW) == 0
    assert session.scalar(select(func.count()).select_from(CampaignRow)) == 3
    first = find_campaign(session, row, UP).row.run_id
    assert first != run.id


def test_a_campaign_that_leaves_nothing_at_its_point_takes_two_people(session, row):
    run, columns = a_run(session, row), columns_of(row)
    whole = a_campaign("C-whole", "east-hall", range(30))
    found = replace(an_examination(), campaigns=(replace(whole, score_without=math.nan),))
    assert keep_campaigns(session, run, found, submissions=columns, now=NOW) == 1
    kept = find_campaign(session, row, "C-whole")
    assert kept.row.score_without is None
    assert case_of(kept).largest == math.inf
    assert case_of(kept).direction == "raises"
    assert look(session, row, AN, "C-whole").takes_two


def test_a_campaign_is_found_by_a_beginning_that_only_it_has(session, row):
    assert find_campaign(session, row, "C-aaaa").row.code == UP
    with pytest.raises(NotFound, match="minxin review list town-2026"):
        find_campaign(session, row, "C-z0000")
    with pytest.raises(NotFound):
        find_campaign(session, row, "C-")


# Looking


def test_the_first_look_hides_the_direction_and_everything_that_tells_it(session, row):
    shown = look(session, row, AN)
    assert isinstance(shown, FirstLook)
    assert (shown.code, shown.size, shown.points, shown.takes_two) == (
        UP, 12, {"east-hall": 12}, True,
    )  # fmt: skip
    assert [reason.signal for reason in shown.reasons] == ["LOCK_3H", "HASTE"]
    assert shown.withheld == 1
    with pytest.raises(WrongState, match="first judgement"):
        view_responses(session, row, AN, UP, now=NOW)


def test_after_a_first_judgement_the_whole_is_shown_to_its_author_only(session, row):
    assert judge(session, row, AN).blind
    shown = look(session, row, AN)
    assert isinstance(shown, Whole)
    assert shown.case.direction == "raises"
    assert len(shown.reasons) == 3
    assert [one.author for one in shown.history] == ["An"]
    assert isinstance(look(session, row, BO), FirstLook)
    assert isinstance(look(session, row, AN, DOWN), FirstLook)
    assert not judge(session, row, AN, "keep").blind


def test_the_answers_are_shown_without_what_could_find_a_person(session, row):
    judge(session, row, AN)
    seen = view_responses(session, row, AN, UP, now=NOW)
    assert len(seen) == 12
    assert (seen[0].answers["Q1"], seen[0].seconds) == (5, 12)
    assert "secret-network" not in repr(seen)


@pytest.mark.parametrize(
    "office", ["east", "EAST ", "东街", "east-hall", "East hall", "east-side", "东片"]
)
def test_the_assessed_see_a_count_and_nothing_else(session, row, office):
    reviewer = Reviewer("Dong", office)
    assert look(session, row, reviewer) == CountsOnly(12)
    with pytest.raises(NotAllowed, match="no response of it"):
        view_responses(session, row, reviewer, UP, now=NOW)
    with pytest.raises(NotAllowed):
        judge(session, row, reviewer)


def test_counts_below_ten_are_not_told_to_the_assessed(session, row):
    west = Reviewer("Xi", "west")
    assert look(session, row, west, SMALL) == CountsOnly(None)
    sizes = {entry.size for entry in the_list(session, row, west) if entry.look is None}
    assert sizes == {11, None}


def test_a_unit_of_the_same_region_is_assessed_too(session):
    row = a_reviewed_round(session, TOWN_PLAN)[0]
    assert look(session, row, Reviewer("Xi", "west")) == CountsOnly(12)
    assert isinstance(look(session, row, Reviewer("Shi", "town")), FirstLook)


def test_the_list_tells_the_direction_of_what_one_has_judged(session, row):
    judge(session, row, AN)
    by_code = {entry.look.code: entry for entry in the_list(session, row, AN)}
    assert by_code[UP].decided.case.direction == "raises"
    assert by_code[UP].waits
    assert by_code[DOWN].decided is None


def test_the_list_does_not_tell_before_a_judgement_that_somebody_decided(session, row):
    judge(session, row, AN)
    assert find_campaign(session, row, UP).decisions
    assert not any(entry.waits for entry in the_list(session, row, CUI))


def test_who_saw_the_list_and_how_far_is_on_the_audit_trail(session, row):
    judge(session, row, AN)
    the_list(session, row, AN)
    the_list(session, row, Reviewer("Xi", "west"))
    listed = select(AuditEventRow).where(AuditEventRow.act == "list campaigns")
    details = [event.detail for event in session.scalars(listed.order_by(AuditEventRow.id))]
    assert details == [
        {"author": "An", "office": "audit-bureau", "shown": {"first look": 2, "whole": 1}},
        {"author": "Xi", "office": "west", "shown": {"counts": 2, "first look": 1}},
    ]


def test_the_nearest_decided_campaigns_are_shown_but_none_of_the_own_unit(session, row):
    agreed(session, row)
    judge(session, row, AN, "audit", code=DOWN)
    assert [one.case.code for one, _ in look(session, row, AN, DOWN).similar] == [UP]
    judge(session, row, EAST, "audit", code=DOWN)
    assert look(session, row, EAST, DOWN).similar == ()


# Deciding


def test_two_people_of_two_offices_decide_what_moves_a_score_by_a_point(session, row):
    first = judge(session, row, AN)
    assert (first.standing.verdict, first.standing.waiting) == ("engine", (first.number,))
    with pytest.raises(NotAllowed, match="another office"):
        second(session, row, AN, first.number)
    judge(session, row, BO)
    with pytest.raises(NotAllowed, match="another office"):
        second(session, row, BO, first.number)
    with pytest.raises(WrongState, match="first judgement"):
        second(session, row, CUI, first.number)
    judge(session, row, CUI, "keep")
    done = second(session, row, CUI, first.number)
    assert (done.standing.verdict, done.standing.by) == ("exclude", first.number)
    with pytest.raises(WrongState, match="confirmed already"):
        second(session, row, CUI, first.number)


def test_a_small_campaign_is_decided_by_one_person(session, row):
    assert judge(session, row, AN, code=SMALL).standing.verdict == "exclude"


def test_low_scores_are_not_excluded_for_copied_answers(session, row):
    judge(session, row, AN, "audit", code=DOWN)
    with pytest.raises(InputRefused, match="lower a score") as refusal:
        judge(session, row, AN, code=DOWN, reason="COPIED_ANSWERS")
    assert "压低得分" in refusal.value.in_chinese
    assert judge(session, row, AN, code=DOWN, reason="NO_INCIDENT").number


def test_what_a_first_look_is_refused_does_not_tell_the_direction(session, row):
    said = []
    for code in (UP, DOWN):
        with pytest.raises(InputRefused) as refusal:
            judge(session, row, AN, code=code, reason="COACHED")
        said.append(str(refusal.value))
    assert said[0] == said[1]


def test_every_mistake_of_a_decision_is_named_at_once(session, row):
    with pytest.raises(InputRefused) as refusal:
        decide(session, row, AN, Judgement(UP, "exclude", "COPIED_TEXT", ""), now=NOW)
    assert [problem.place for problem in refusal.value.problems] == ["reason", "note"]
    with pytest.raises(InputRefused, match="verdict"):
        decide(session, row, AN, Judgement(UP, "delete", "HASTE", "x"), now=NOW)
    with pytest.raises(InputRefused) as refusal:
        judge(session, row, Reviewer(" ", "x" * 101))
    assert [problem.place for problem in refusal.value.problems] == ["author", "office"]
    with pytest.raises(InputRefused, match="note"):
        decide(session, row, AN, Judgement(UP, "exclude", "HASTE", "x" * 2001), now=NOW)


def test_what_is_taken_back_stays_on_record_and_counts_no_more(session, row):
    number = agreed(session, row)
    with pytest.raises(NotAllowed, match="audit-bureau"):
        take_back(session, row, CUI, number)
    done = take_back(session, row, BO, number)
    assert (done.standing.verdict, done.standing.by) == ("engine", None)
    with pytest.raises(WrongState, match="taken back already"):
        take_back(session, row, AN, number)
    with pytest.raises(WrongState, match="decide anew"):
        take_back(session, row, BO, done.number)
    with pytest.raises(WrongState, match="taken back already"):
        second(session, row, CUI, number)
    acts = [one.revokes for one in find_campaign(session, row, UP).decisions]
    assert acts == [None, None, None, number]


def test_an_audit_needs_no_second_person_and_a_confirmation_none_either(session, row):
    number = agreed(session, row)
    audit = judge(session, row, BO, "audit").number
    with pytest.raises(WrongState, match="no second person"):
        second(session, row, CUI, audit)
    confirmation = number + 2
    with pytest.raises(WrongState, match=f"confirm.* {number}"):
        second(session, row, BO, confirmation)
    assert look(session, row, AN).standing.audit


def test_a_decision_of_another_round_is_not_found(session, row):
    with pytest.raises(NotFound, match="no decision"):
        second(session, row, CUI, 99)
    with pytest.raises(NotFound, match="no decision"):
        second(session, row, CUI, 2**40)


def test_a_decision_about_a_public_result_needs_a_new_run(session, row):
    assert judge(session, row, AN).public_run is None
    run = find_campaign(session, row, UP).row.run_id
    session.add(PublicationRow(run_id=run, published_at=NOW))
    assert judge(session, row, AN, "keep").public_run == run
    session.flush()
    newest = select(AuditEventRow).order_by(AuditEventRow.id.desc()).limit(1)
    assert session.scalar(newest).detail["public_run"] == run


def test_every_act_and_every_look_is_on_the_audit_trail(session, row):
    look(session, row, EAST)
    agreed(session, row)
    view_responses(session, row, AN, UP, now=NOW)
    session.flush()
    acts = session.scalars(select(AuditEventRow).order_by(AuditEventRow.id)).all()
    told = [(one.act, one.detail.get("shown")) for one in acts][-6:]
    assert told == [
        ("keep campaigns", None),
        ("view campaign", "counts"),
        ("decide campaign", None),
        ("decide campaign", None),
        ("confirm decision", None),
        ("view campaign", "responses"),
    ]
    assert acts[-1].detail["author"] == "An"


# What the next run reads


def test_before_any_decision_nothing_is_applied(session, row):
    assert load_verdicts(session, row.id) == NOTHING_DECIDED
    judge(session, row, AN)
    assert load_verdicts(session, row.id, up_to=0) == NOTHING_DECIDED


def test_a_run_applies_what_stands(session, row):
    agreed(session, row)
    judge(session, row, AN, "keep", code=SMALL)
    found = load_verdicts(session, row.id)
    influence = apply_decisions(an_examination(), found.standings).influence
    assert influence[:12].tolist() == [0.0] * 12
    assert influence[30:41].tolist() == [0.1] * 11
    assert influence[41:44].tolist() == [1.0] * 3


def test_a_run_can_be_computed_again_after_later_decisions(session, row):
    number = agreed(session, row)
    used = load_verdicts(session, row.id)
    take_back(session, row, AN, number)
    judge(session, row, AN, "keep", code=SMALL)
    assert load_verdicts(session, row.id).digest != used.digest
    again = load_verdicts(session, row.id, up_to=used.last)
    assert again == used
    require_unmoved(again, used.digest)
    with pytest.raises(WrongState, match="only ever added"):
        require_unmoved(load_verdicts(session, row.id), used.digest)


def test_the_digest_is_the_same_after_a_journey_through_the_database(session, row):
    judge(session, row, AN)
    before = load_verdicts(session, row.id)
    session.commit()
    session.expire_all()
    assert load_verdicts(session, row.id) == before


@pytest.mark.parametrize("seed", range(4))
def test_whatever_people_do_what_earlier_runs_read_stays(session, row, seed):
    dice, read, n = Random(seed), [], 0
    for _ in range(25):
        try:
            do_anything(session, row, dice)
        except (InputRefused, NotAllowed, NotFound, WrongState):
            continue
        read.append(load_verdicts(session, row.id))
        assert read[-1].count == n + 1
        n = read[-1].count
    assert len(read) > 5
    for verdicts in read:
        assert load_verdicts(session, row.id, up_to=verdicts.last) == verdicts
        for code, found in verdicts.standings.items():
            assert code == SMALL or not found.alone


def do_anything(session, row, dice):
    who, code = dice.choice([AN, BO, CUI, EAST]), dice.choice([UP, DOWN, SMALL])
    number = dice.randint(1, 30)
    act = dice.choice([judge, judge, second, take_back])
    if act is judge:
        verdict = dice.choice(["keep", "down_weight", "exclude", "audit"])
        return judge(session, row, who, verdict, code=code)
    return act(session, row, who, number)


def test_decisions_made_at_the_same_time_are_numbered_as_they_are_kept(engine):
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        row_id = a_reviewed_round(session)[0].id

    def decide_and_read(number):
        with sessions.begin() as session:
            row = session.get_one(RoundRow, row_id)
            judge(session, row, Reviewer(f"person {number}", "audit"), "keep", code=SMALL)
            return load_verdicts(session, row_id)

    with ThreadPoolExecutor(6) as people:
        read = list(people.map(decide_and_read, range(12)))
    assert sorted(verdicts.count for verdicts in read) == list(range(1, 13))
    with sessions() as session:
        for verdicts in read:
            assert load_verdicts(session, row_id, up_to=verdicts.last) == verdicts


def test_which_responses_they_held_can_be_forgotten_and_decisions_stay(session, row):
    number = agreed(session, row)
    before = load_verdicts(session, row.id)
    assert forget_campaign_responses(session, row.id) == 26
    assert forget_campaign_responses(session, row.id) == 0
    assert load_verdicts(session, row.id) == before
    assert before.standings[UP].by == number
    with pytest.raises(WrongState, match="deleted"):
        view_responses(session, row, AN, UP, now=NOW)


def test_rates_are_counted_by_direction(session, row):
    agreed(session, row)
    rates = review_rates(session, row)
    assert (rates.raises.campaigns["exclude"], rates.raises.responses["exclude"]) == (1, 12)
    assert (rates.waiting, rates.lowers.campaigns["undecided"]) == (2, 0)
    assert rates.warning is None
    row.telemetry_forgotten_at = NOW
    rates = review_rates(session, row)
    assert (rates.waiting, rates.lowers.campaigns["undecided"]) == (0, 1)


def test_rates_do_not_tell_the_direction_of_what_somebody_has_yet_to_judge(session, row):
    judge(session, row, AN)  # moves a point's score by far: it waits for a second person
    rates = review_rates(session, row)
    assert rates.waiting == 3
    for rate in (rates.raises, rates.lowers):
        assert set(rate.campaigns.values()) == {0}
        assert (rate.looks, rate.changed) == (0, 0)


# What the tables let in


@pytest.mark.parametrize(
    "wrong", [{"verdict": "delete"}, {"second_of": 1, "revokes": 1}, {"campaign_id": 99}]
)
def test_a_decision_that_is_none_is_refused_by_the_database(session, row, wrong):
    judge(session, row, AN)
    [known] = find_campaign(session, row, UP).decisions
    given = {
        "campaign_id": known.campaign_id, "verdict": "keep", "author": "An",
        "office": "audit", "reason": "HASTE", "note": "", "blind": False,
        "decided_at": NOW,
    } | wrong  # fmt: skip
    given = {k: known.id if v == 1 and k != "blind" else v for k, v in given.items()}
    session.add(CampaignDecisionRow(**given))
    with pytest.raises(DBAPIError):
        session.flush()
