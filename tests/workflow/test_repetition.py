"""A round that repeats another says what changed, or why nobody can say."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.database.engine import make_sessions
from app.database.fieldwork import load_responses
from app.database.results import list_runs, request_run, result_of
from app.database.rounds import find_round, load_round
from app.database.tables import PublicationRow
from app.workflow.demonstration import REAL_ROUND, make_demonstration
from app.workflow.fieldwork import close_round
from app.workflow.importing import import_answers
from app.workflow.preparation import draft_round, open_round
from app.workflow.processing import Material, compute, recompute
from app.workflow.publication import public_view
from runs import processed, run_to_its_end
from world import DEFINITIONS, NOW, REFERENCE, registry

PLAN = (DEFINITIONS / "plans" / "bloomington_2017.yaml").read_text(encoding="utf-8")
AGAIN = PLAN.replace("code: bloomington-2017", "code: again\nrepeats: bloomington-2017", 1)


@pytest.fixture
def session(engine: Engine):
    make_demonstration(make_sessions(engine), DEFINITIONS, now=NOW, progress=lambda _: None)
    with Session(engine) as session:
        yield session


def a_second_round(session, plan=AGAIN):
    row = draft_round(session, plan, source="again.yaml", registry=registry(), now=NOW)
    return open_round(session, row, now=NOW)


def found_again(session, *, plan=AGAIN, answer=lambda response: response, before=lambda d: d):
    """What a second round finds whose answers are those of the first, changed by `answer`."""
    row = a_second_round(session, plan)
    first = find_round(session, REAL_ROUND)
    run = list_runs(session, first.id)[0]
    run.document = json.dumps(before(json.loads(run.document)))
    responses = [answer(one) for one in load_responses(session, first.id)]
    material = Material(load_round(session, row), responses, {REAL_ROUND: run})
    return json.loads(compute(material, seed=1, code_version="x").document)


def change_of(document, code, domain_code="", series="pooled"):
    (entry,) = [
        e
        for e in document["estimates"]
        if (e["series"], e["code"], e["domain_code"]) == (series, code, domain_code)
        and e["measure"] in ("indicator", "item")
    ]
    return entry["change"]


def all_good(response):
    """The same person with the best answer to every question on safety."""
    best = dict.fromkeys(("q2a", "q4a", "q4b", "q4c", "q18d"), 1)
    return replace(response, answers=dict(response.answers) | best)


def test_the_same_answers_again_have_not_changed_and_the_errors_add_up(session):
    document = found_again(session)
    assert document["before"]["code"] == REAL_ROUND
    found = change_of(document, "gain")
    assert (found["verdict"], found["reason"]) == ("unclear", None)
    assert found["value"] == pytest.approx(0, abs=1e-9), "as far as a document is precise"
    assert found["df"] == pytest.approx(2 * 594)
    (now,) = [
        e for e in document["estimates"]
        if (e["series"], e["code"], e["domain"]) == ("pooled", "gain", "overall")
    ]  # fmt: skip
    assert found["standard_error"] == pytest.approx(2**0.5 * now["standard_error"])


def test_what_rose_is_said_to_have_risen_for_everybody_and_in_each_unit_large_enough(session):
    document = found_again(session, answer=all_good)
    overall, area = change_of(document, "security"), change_of(document, "security", "area-1")
    assert (overall["verdict"], area["verdict"]) == ("rose", "rose")
    assert overall["low"] < overall["value"] < overall["high"]
    assert change_of(document, "security", "area-2")["reason"] == "too_small"
    assert change_of(document, "q4d")["verdict"] == "unclear"


def test_what_has_no_error_is_not_compared(session):
    document = found_again(session, answer=all_good)
    assert change_of(document, "q4a")["reason"] == "unknown_uncertainty"


def test_opt_in_answers_and_groups_are_never_compared(session):
    document = found_again(session)
    for entry in document["estimates"]:
        if entry["series"] == "opt_in" or entry["domain"] == "group":
            assert entry["change"] is None


def test_another_score_map_or_questionnaire_makes_numbers_incomparable(session):
    other = found_again(session, plan=AGAIN + "score_maps: {safety: guangdong_5@1}\n")
    assert change_of(other, "q4a")["reason"] == "other_score_map"
    assert change_of(other, "security")["reason"] == "other_score_map"
    assert change_of(other, "gain")["reason"] is None


def test_another_version_of_the_questionnaire_makes_everything_incomparable(session):
    def renamed(document):
        return document | {"round": document["round"] | {"survey": "bloomington_2017@2"}}

    document = found_again(session, before=renamed)
    reasons = {e["change"]["reason"] for e in document["estimates"] if e["change"]}
    assert reasons == {"other_questionnaire"}


def test_a_number_withheld_before_is_not_told_by_its_change(session):
    def withheld(document):
        for entry in document["estimates"]:
            if (entry["code"], entry["domain_code"]) == ("gain", "area-1"):
                entry["withheld"] = "complementary"
        return document

    found = change_of(found_again(session, before=withheld), "gain", "area-1")
    assert found["reason"] == "not_shown_before"
    assert {found["before"], found["value"], found["low"]} == {None}


def test_a_withheld_number_keeps_its_change_to_itself(session):
    document = found_again(session)
    hidden = [e for e in public_view(document)["estimates"] if e["withheld"]]
    assert hidden
    assert {e["change"] for e in hidden} == {None}


def test_a_repeated_round_is_computed_again_with_the_run_it_was_compared_with(session):
    row = a_second_round(session)
    answers = (REFERENCE / "bloomington2017" / "responses.csv").read_bytes()
    import_answers(session, row, answers, name="responses.csv", now=NOW)
    close_round(session, row, now=NOW)
    run = processed(session, request_run(session, row, seed=1, now=NOW))
    first = list_runs(session, find_round(session, REAL_ROUND).id)[0]
    assert result_of(run)["run"]["sources"] == {REAL_ROUND: first.id}
    assert recompute(session, run.id)


def test_a_round_waits_until_the_one_it_repeats_is_published(session):
    row = a_second_round(session)
    session.delete(session.scalars(select(PublicationRow)).one())
    close_round(session, row, now=NOW)
    run = run_to_its_end(session, request_run(session, row, seed=1, now=NOW))
    assert "repeats round bloomington-2017, which is not published" in (run.failure or "")
