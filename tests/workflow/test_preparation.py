"""Plans are frozen when their round opens."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database.rounds import active_codes, find_round
from app.errors import InputRefused, NotFound, PlanFrozen, WrongState
from app.survey.codes import read_code
from app.survey.reading import read_definition
from app.survey.score_maps import ScoreMaps
from app.workflow.preparation import draft_round, issue_codes, open_round
from world import NOW, TOWN_PLAN, a_round, registry


@pytest.fixture
def session(engine: Engine):
    with Session(engine) as session:
        yield session


def draft(session, text):
    return draft_round(session, text, source="town.yaml", registry=registry(), now=NOW)


def test_a_draft_may_be_replaced_until_the_round_opens(session):
    first = draft(session, TOWN_PLAN).plan_digest
    second = draft(session, TOWN_PLAN.replace("seed: 1", "seed: 2"))
    assert second.plan_digest != first
    assert second.state == "draft"


def test_a_comment_does_not_change_what_a_plan_means(session):
    first = draft(session, TOWN_PLAN).plan_digest
    assert draft(session, "# a comment\n" + TOWN_PLAN).plan_digest == first


def test_a_changed_plan_is_refused_after_opening_with_the_place_that_differs(session):
    a_round(session)
    with pytest.raises(PlanFrozen, match=r"release\.min_n \(frozen 3, now 30\)"):
        draft(session, TOWN_PLAN.replace("min_n: 3", "min_n: 30"))


def test_the_same_plan_again_is_no_change(session):
    row = a_round(session)
    assert draft(session, TOWN_PLAN) is row
    assert row.state == "open"


def test_a_round_opens_once(session):
    row = a_round(session)
    with pytest.raises(WrongState, match="is open"):
        open_round(session, row, now=NOW)


def test_every_point_has_one_sound_code_and_keeps_it(session):
    row = a_round(session)
    codes = active_codes(session, row.id)
    assert list(issue_codes(session, row, now=NOW)) == ["east-hall", "west-hall"]
    assert active_codes(session, row.id) == codes
    assert all(read_code(code) == code for code in codes.values())


def test_an_unknown_round_is_answered_with_the_ones_there_are(session):
    a_round(session)
    with pytest.raises(NotFound, match="town-2026"):
        find_round(session, "town-2062")


def test_every_disagreement_with_the_definitions_is_reported_at_once(session):
    text = (
        TOWN_PLAN.replace("three_senses_short@1", "three_senses_short@9")
        + "composite: {system: nowhere@1}\n"
    )
    with pytest.raises(InputRefused) as refused:
        draft(session, text)
    places = {problem.place for problem in refused.value.problems}
    assert places == {"survey", "composite.system"}


def test_margins_must_speak_of_what_can_be_answered(session):
    text = TOWN_PLAN + "margins:\n  - {variable: shoe_size, totals: {'1': 5}}\n"
    with pytest.raises(InputRefused, match="shoe_size"):
        draft(session, text)


def test_a_comment_in_the_score_maps_is_no_change_and_a_changed_map_is_named(session):
    a_round(session)
    text, maps = registry().score_maps
    commented = replace(registry(), score_maps=("# a comment\n" + text, maps))
    again = draft_round(session, TOWN_PLAN, source="", registry=commented, now=NOW)
    assert again.state == "open"
    changed = text.replace("points: [100, 75, 50, 25, 0]", "points: [100, 80, 50, 25, 0]", 1)
    moved = replace(
        registry(), score_maps=(changed, read_definition(ScoreMaps, changed, source=""))
    )
    with pytest.raises(PlanFrozen, match=r"score_maps\.\w+\.points"):
        draft_round(session, TOWN_PLAN, source="", registry=moved, now=NOW)


def test_groups_must_be_levels_of_something_and_a_round_repeats_another(session):
    text = TOWN_PLAN.replace("weighting:", "groups: [Q1, nobody]\nweighting:")
    with pytest.raises(InputRefused) as refused:
        draft(session, text)
    assert [problem.place for problem in refused.value.problems] == ["groups[0]", "groups[1]"]
    with pytest.raises(InputRefused, match="is this round itself"):
        draft(session, TOWN_PLAN + "repeats: town-2026\n")
    with pytest.raises(InputRefused, match="unique"):
        draft(session, text.replace("[Q1, nobody]", "[age, age]"))
