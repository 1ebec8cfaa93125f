"""A round's numbers: the reference, the separate series, the same bytes again."""

import json

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.database.engine import make_sessions
from app.database.fieldwork import find_by_receipt, load_responses
from app.database.results import find_run, list_runs, request_run, result_of
from app.database.rounds import find_round, load_round
from app.database.tables import (
    ResponseRow,
    ResponseWeightRow,
    RunRow,
    ScorePublicationRow,
    ScoreRunRow,
)
from app.errors import PlanFrozen, WrongState
from app.workflow.admission import receive_response
from app.workflow.demonstration import OPEN_ROUND, REAL_ROUND, make_demonstration, make_rounds
from app.workflow.fieldwork import close_round, find_receipt
from app.workflow.processing import Material, compute, recompute
from app.workflow.publication import public_view, publish
from runs import processed, run_to_its_end
from world import DEFINITIONS, NOW, REFERENCE, a_place, a_round, a_submission

EXPECTED = json.loads(
    (REFERENCE / "bloomington2017" / "expected_all_modes.json").read_text(encoding="utf-8")
)


@pytest.fixture
def session(engine: Engine):
    with Session(engine) as session:
        yield session


@pytest.fixture
def demonstration(engine: Engine):
    make_rounds(make_sessions(engine), DEFINITIONS, now=NOW, progress=lambda _: None)
    with Session(engine) as session:
        yield session


def estimates(document, **wanted):
    return [
        entry
        for entry in document["estimates"]
        if all(entry[key] == value for key, value in wanted.items())
    ]


def real_result(session):
    return result_of(list_runs(session, find_round(session, REAL_ROUND).id)[0])


def processed_demo(session):
    row = find_round(session, OPEN_ROUND)
    close_round(session, row, now=NOW)
    run = request_run(session, row, seed=load_round(session, row).plan.seed, now=NOW)
    processed(session, run)
    return run


def test_every_number_of_the_real_round_equals_the_reference(demonstration):
    found = real_result(demonstration)
    assert len(EXPECTED) > 30
    for wanted in EXPECTED:
        domain = "overall" if wanted["domain"] is None else "unit"
        code = "" if wanted["domain"] is None else f"area-{wanted['level']}"
        (entry,) = [
            e
            for e in estimates(found, series="pooled", domain=domain, domain_code=code)
            if e["code"] == wanted["variable"] and e["measure"] in {"indicator", "item"}
        ]
        assert entry["n"] == wanted["n"]
        assert entry["value"] == pytest.approx(wanted["mean"], rel=1e-9)
        assert entry["standard_error"] == pytest.approx(wanted["se"], rel=1e-9)
        assert entry["design_effect"] == pytest.approx(wanted["deff"], rel=1e-9)


def test_opt_in_answers_have_their_own_series_without_any_margin_of_error(demonstration):
    entries = estimates(real_result(demonstration), series="opt_in")
    assert entries
    assert all(entry["kind"] == "band" for entry in entries)
    assert not {"standard_error", "df", "design_effect"} & {k for e in entries for k in e}


def test_a_run_computed_again_gives_the_same_bytes(demonstration):
    run = demonstration.scalars(select(RunRow)).one()
    assert recompute(demonstration, run.id)


def test_a_changed_answer_is_seen_by_a_recomputation(demonstration):
    run = demonstration.scalars(select(RunRow)).one()
    imported = select(ResponseRow).where(ResponseRow.channel == "import")
    response = demonstration.scalars(imported.limit(1)).one()
    response.answers = response.answers | {
        "q12a": 1 if response.answers.get("q12a") != 1 else 4
    }
    demonstration.flush()
    assert not recompute(demonstration, run.id)


def test_every_response_keeps_what_it_counted_for(demonstration):
    run = processed_demo(demonstration)
    kept = demonstration.scalars(
        select(ResponseWeightRow).where(ResponseWeightRow.run_id == run.id)
    ).all()
    assert len(kept) == result_of(run)["responses"]["total"]
    assert all(0 <= row.influence <= 1 and row.weight >= 0 for row in kept)
    assert {bool(row.signals["fired"]) for row in kept if row.influence < 1} == {True}


def test_a_scanned_answer_moves_the_composite_score_and_carries_a_band(demonstration):
    row = find_round(demonstration, OPEN_ROUND)
    before = _composite_with(demonstration, row, answers=0)
    after = _composite_with(demonstration, row, answers=40)
    assert after["final"] != before["final"]
    assert after["band"] is not None


def _composite_with(session, row, *, answers):
    place = a_place(session, row, "hall-1-1")
    worst = dict.fromkeys(("G2", "G3", "G4", "G5", "H3", "H4"), 1) | {"H1": 0}
    for number in range(answers):
        receive_response(session, place, a_submission(f"angry-{number}", worst), NOW)
    session.flush()
    sources = {REAL_ROUND: list_runs(session, find_round(session, REAL_ROUND).id)[0]}
    material = Material(load_round(session, row), load_responses(session, row.id), sources)
    computed = compute(material, seed=1, code_version="x")
    units = json.loads(computed.document)["composite"]["units"]
    return next(unit for unit in units if unit["unit"] == "area-1")


def test_a_composite_score_waits_for_the_rounds_it_takes(demonstration):
    row = find_round(demonstration, OPEN_ROUND)
    real = find_round(demonstration, REAL_ROUND)
    from app.database.tables import PublicationRow

    demonstration.delete(demonstration.scalars(select(PublicationRow)).one())
    demonstration.flush()
    close_round(demonstration, row, now=NOW)
    run = request_run(demonstration, row, seed=1, now=NOW)
    run_to_its_end(demonstration, run)
    assert run.state == "failed"
    assert real.code in (run.failure or "")


def test_an_open_round_cannot_be_processed(session):
    row = a_round(session)
    run = request_run(session, row, seed=1, now=NOW)
    with pytest.raises(WrongState, match="close it"):
        processed(session, run)


def test_a_round_without_a_single_answer_ends_in_a_reason_not_a_crash(session):
    row = a_round(session)
    close_round(session, row, now=NOW)
    run = request_run(session, row, seed=1, now=NOW)
    run_to_its_end(session, run)
    assert run.state in {"finished", "failed"}
    if run.state == "finished":
        assert result_of(run)["responses"]["total"] == 0


def test_cells_below_the_thresholds_are_withheld_from_the_public_view(session):
    row = a_round(session)
    for point, people in (("east-hall", 5), ("west-hall", 1)):
        place = a_place(session, row, point)
        for number in range(people):
            submission = a_submission(f"{point}-{number}", {"Q1": 5 - number % 2})
            receive_response(session, place, submission, NOW)
    close_round(session, row, now=NOW)
    run = request_run(session, row, seed=1, now=NOW)
    processed(session, run)
    full = result_of(run)
    west = estimates(full, domain_code="west", code="Q1", measure="item")[0]
    assert (west["withheld"], west["n"]) == ("too_few", 1)
    east = estimates(full, domain_code="east", code="Q1", measure="item")[0]
    assert east["withheld"] == "complementary", "the total would give the one answer away"
    for entry in estimates(public_view(full), code="Q1", domain="unit"):
        assert entry["value"] is None
        assert entry["n"] is None


def test_a_receipt_says_counted_only_where_a_run_gave_the_answer_weight(session):
    row = a_round(session)
    place = a_place(session, row)
    receipts = [
        receive_response(session, place, a_submission(key, {"Q1": 5}), NOW) for key in "ab"
    ]
    close_round(session, row, now=NOW)
    run = request_run(session, row, seed=1, now=NOW)
    processed(session, run)
    assert [find_receipt(session, number).state for number in receipts] == ["counted"] * 2
    left_out = find_by_receipt(session, receipts[0])
    kept = session.get_one(ResponseWeightRow, (run.id, left_out.id))
    kept.weight = 0.0
    session.flush()
    states = [find_receipt(session, number).state for number in receipts]
    assert states == ["not_counted", "counted"]


def test_a_run_is_published_once_and_only_when_finished(session):
    row = a_round(session)
    receive_response(session, a_place(session, row), a_submission("k", {"Q1": 5}), NOW)
    close_round(session, row, now=NOW)
    run = request_run(session, row, seed=1, now=NOW)
    with pytest.raises(WrongState):
        publish(session, run, now=NOW)
    processed(session, run)
    publish(session, run, now=NOW)
    assert row.state == "published"
    with pytest.raises(WrongState, match="public already"):
        publish(session, find_run(session, run.id), now=NOW)


def test_making_the_demonstration_again_changes_nothing(engine):
    sessions = make_sessions(engine)
    for _ in range(2):
        made = make_demonstration(sessions, DEFINITIONS, now=NOW, progress=lambda _: None)
    with Session(engine) as session:
        count = session.scalar(select(func.count()).select_from(ResponseRow))
        channels = set(session.scalars(select(ResponseRow.channel)))
        public = session.scalar(select(func.count()).select_from(ScorePublicationRow))
        scorings = session.scalar(select(func.count()).select_from(ScoreRunRow))
    assert count == 595 + 8 * 40
    assert (public, scorings) == (2, 2)
    assert channels == {"import", "simulated"}
    assert made.open_round == OPEN_ROUND


def test_a_plan_changed_in_the_database_is_noticed_before_anything_is_computed(demonstration):
    row = find_round(demonstration, REAL_ROUND)
    row.plan = row.plan.replace("min_cell: 5", "min_cell: 1")
    demonstration.flush()
    run = request_run(demonstration, row, seed=1, now=NOW)
    run_to_its_end(demonstration, run)
    assert "has changed since it opened" in (run.failure or "")
    with pytest.raises(PlanFrozen):
        recompute(demonstration, 1)


def test_a_run_of_an_older_version_is_compared_number_by_number(demonstration):
    run = demonstration.scalars(select(RunRow)).one()
    run.document = run.document.replace('"code_version":"0.1.0"', '"code_version":"0.0.9"')
    run.code_version = "0.0.9"
    demonstration.flush()
    assert recompute(demonstration, run.id)


def test_the_real_round_ends_in_a_composite_score_of_its_probability_sample(demonstration):
    for unit in real_result(demonstration)["composite"]["units"]:
        assert unit["final"] is not None
        assert unit["standard_error"]["value"] > 0
        assert {step["evidence"] for step in unit["indicators"]} == {"probability"}
        assert all(step["raw"] is not None for step in unit["indicators"])
