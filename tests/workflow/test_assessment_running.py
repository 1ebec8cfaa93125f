"""An assessment from its draft to public scores: what may move, and what may not any more."""

import hashlib
import json

import pytest
from sqlalchemy import select

from app.database.assessments import (
    find_assessment,
    find_score_run,
    latest_published_scores,
    list_score_events,
    list_score_runs,
    load_assessment,
    published_at,
    shown_score_run,
)
from app.database.engine import make_engine, make_sessions
from app.database.results import latest_published, result_of
from app.database.rounds import find_round
from app.database.tables import AuditEventRow
from app.errors import InputRefused, MinxinError, NotFound, PlanFrozen, WrongState
from app.workflow.assessment.drafting import draft_assessment
from app.workflow.assessment.events import (
    EvidenceFile,
    Happening,
    Ruling,
    decide_event,
    record_event,
)
from app.workflow.assessment.gathering import gather
from app.workflow.assessment.importing import import_values
from app.workflow.assessment.inputs_document import read_inputs
from app.workflow.assessment.running import (
    hold_unmoved,
    publish_scores,
    recompute_scores,
    run_scores,
)
from app.workflow.fieldwork import close_round
from app.workflow.importing import import_answers
from app.workflow.preparation import draft_round, open_round
from app.workflow.processing import process_now
from app.workflow.publication import publish
from app.workflow.registry import read_text
from streets import PLAN, assessment, table
from world import DEFINITIONS, NOW, registry

CODE = "streets-2026"
VALUES = table("unit,jobs,jobs.se,air", "east,60,1,80", "west,70,1,50")
PROOF = EvidenceFile("notice.pdf", b"the notice")
OVERDUE = Happening("east", "overdue", 2, "Notice 7")


@pytest.fixture
def sessions(engine):
    return make_sessions(engine)


@pytest.fixture
def ready(sessions):
    """The assessment with its values."""
    with sessions.begin() as session:
        import_values(session, assessment(session), VALUES, now=NOW)
    return sessions


def event(session, **changes):
    row = find_assessment(session, CODE)
    happening = Happening(
        **{"unit": "east", "item": "overdue", "count": 2, "evidence": "N 7"} | changes
    )
    return record_event(session, row, happening, proof=PROOF, now=NOW)


def decide(session, number, decision, note="as the board found"):
    ruling = Ruling(number, decision, note)
    return decide_event(session, find_assessment(session, CODE), ruling, now=NOW)


def finals(run):
    units = json.loads(run.document)["composite"]["units"]
    return {unit["unit"]: unit["final"] for unit in units}


def published(sessions, number=1, code=CODE):
    with sessions.begin() as session:
        publish_scores(session, find_assessment(session, code), number, now=NOW)


def test_a_scoring_keeps_its_inputs_its_result_and_their_digests(ready):
    run = run_scores(ready, CODE, now=NOW)
    assert finals(run) == {"east": 68, "west": 62}
    assert hashlib.sha256(run.inputs.encode()).hexdigest() == run.inputs_digest
    assert hashlib.sha256(run.document.encode()).hexdigest() == run.document_digest
    assert (run.number, run.seed) == (1, 5)
    assert [one["name"] for one in run.sources["imports"]] == ["values.csv"]
    assert read_inputs(run.inputs).values[0].standard_error == 1
    with ready() as session:
        assert recompute_scores(session, find_assessment(session, CODE), 1)
        acts = session.scalars(select(AuditEventRow.act).where(AuditEventRow.object == CODE))
        assert list(acts) == ["draft assessment", "import values", "score"]


def test_runs_are_numbered_and_a_seed_may_be_chosen(ready):
    run_scores(ready, CODE, now=NOW)
    second = run_scores(ready, CODE, seed=99, now=NOW)
    assert (second.number, second.seed) == (2, 99)
    with ready() as session:
        row = find_assessment(session, CODE)
        assert [run.number for run in list_score_runs(session, row.id)] == [2, 1]
        assert shown_score_run(session, row).number == 2
        with pytest.raises(NotFound):
            find_score_run(session, row, 3)


def test_changed_inputs_are_not_computed_again(ready):
    run_scores(ready, CODE, now=NOW)
    with ready() as session:
        row = find_assessment(session, CODE)
        find_score_run(session, row, 1).inputs += " "
        with pytest.raises(MinxinError, match="digest differs"):
            recompute_scores(session, row, 1)


def test_a_changed_result_is_found(ready):
    run_scores(ready, CODE, now=NOW)
    with ready() as session:
        row = find_assessment(session, CODE)
        run = find_score_run(session, row, 1)
        run.document = run.document.replace("68", "69", 1)
        assert not recompute_scores(session, row, 1)


def test_a_forgotten_file_is_refused_by_indicator(sessions):
    with sessions.begin() as session:
        import_values(session, assessment(session), table("unit,jobs", "east,1"), now=NOW)
    with pytest.raises(InputRefused, match="indicator air: has no value of any unit"):
        run_scores(sessions, CODE, now=NOW)
    with sessions() as session:
        assert not list_score_runs(session, find_assessment(session, CODE).id)


def test_an_event_costs_nothing_until_it_is_upheld_and_nothing_once_overturned(ready):
    with ready.begin() as session:
        assert event(session).status == "pending"
    assert finals(run_scores(ready, CODE, now=NOW))["east"] == 68
    with ready.begin() as session:
        decide(session, 1, "upheld")
    assert finals(run_scores(ready, CODE, now=NOW))["east"] == 64
    with ready.begin() as session:
        decide(session, 1, "overturned", "on appeal")
    run = run_scores(ready, CODE, now=NOW)
    assert finals(run)["east"] == 68
    with ready() as session:
        (kept,) = list_score_events(session, find_assessment(session, CODE).id)
        said = [(one.status, one.note) for one in kept.decisions]
        assert said == [
            ("pending", ""),
            ("upheld", "as the board found"),
            ("overturned", "on appeal"),
        ]


def test_the_evidence_file_is_known_by_its_hash_and_goes_into_the_inputs(ready):
    with ready.begin() as session:
        kept = event(session)
        assert kept.row.evidence_digest == hashlib.sha256(PROOF.content).hexdigest()
    inputs = read_inputs(run_scores(ready, CODE, now=NOW).inputs)
    assert kept.row.evidence_digest in inputs.events[0].evidence


@pytest.mark.parametrize(
    ("before", "decision"),
    [
        (["upheld"], "upheld"),
        (["overturned"], "upheld"),
        (["overturned"], "overturned"),
        (["upheld", "overturned"], "upheld"),
    ],
)
def test_a_decision_goes_one_way(ready, before, decision):
    with ready.begin() as session:
        event(session)
        for one in before:
            decide(session, 1, one)
    with ready() as session, pytest.raises(WrongState, match=f"cannot be {decision}"):
        decide(session, 1, decision)


def test_a_decision_has_a_reason(ready):
    with ready() as session:
        event(session)
        with pytest.raises(InputRefused, match="Say why"):
            decide(session, 1, "upheld", " ")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unit": "eats"}, "east"),
        ({"item": "overdu"}, "overdue"),
        ({"count": 0}, "E301"),
        ({"evidence": " "}, "E301"),
    ],
)
def test_an_event_that_cannot_be_is_refused(ready, changes, said):
    with ready() as session, pytest.raises(InputRefused, match=said):
        event(session, **changes)


def test_one_file_proves_one_event_of_a_kind(ready):
    with ready() as session:
        event(session)
        with pytest.raises(WrongState, match="Event 1 of streets-2026 rests on this very file"):
            event(session, count=3)
        assert event(session, unit="west").row.number == 2
        decide(session, 1, "overturned")
        assert event(session, count=3).row.number == 3


def test_public_scores_freeze_the_plan_and_the_system(ready):
    run_scores(ready, CODE, now=NOW)
    published(ready)
    with ready.begin() as session:
        assert published_at(session, shown_score_run(session, find_assessment(session, CODE)))
        assessment(session, PLAN + "# a comment is no change\n")
        with pytest.raises(
            PlanFrozen, match=r"title.en \(frozen \"Streets 2026\", now \"Other"
        ):
            assessment(session, PLAN.replace("Streets 2026", "Other streets"))


def test_a_draft_may_be_replaced_and_its_old_scores_are_not_published(ready):
    run_scores(ready, CODE, now=NOW)
    with ready.begin() as session:
        assessment(session, PLAN.replace("Streets 2026", "Other streets"))
        row = find_assessment(session, CODE)
        assert load_assessment(session, row).plan.title.en == "Other streets"
    with pytest.raises(WrongState, match="the plan moved"):
        published(ready)
    run_scores(ready, CODE, now=NOW)
    published(ready, 2)


def test_a_new_draft_must_have_a_place_for_what_is_there(ready):
    with ready.begin() as session:
        event(session)
    gone = PLAN.replace("code: east,", "code: north,")
    with ready() as session, pytest.raises(InputRefused) as error:
        assessment(session, gone)
    assert [one.place for one in error.value.problems] == ["import 1", "event 1"]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda s, row: import_values(s, row, table("unit,air", "east,1"), now=NOW), "imports"),
        (lambda s, row: event(s), "the events"),
    ],
)
def test_scores_are_published_only_while_what_they_rest_on_stands(ready, act, said):
    run_scores(ready, CODE, now=NOW)
    with ready.begin() as session:
        act(session, find_assessment(session, CODE))
    with pytest.raises(WrongState, match=f"{said}.* moved. Score it again"):
        published(ready)


def test_what_moves_while_scores_are_computed_refuses_them(ready):
    with ready() as session:
        gathered = gather(session, find_assessment(session, CODE))
    with ready.begin() as session:
        event(session)
    with ready.begin() as session, pytest.raises(WrongState, match="While streets-2026 was"):
        hold_unmoved(session, gathered)


def test_a_corrected_run_is_published_beside_the_first(ready):
    run_scores(ready, CODE, now=NOW)
    published(ready)
    with ready.begin() as session:
        event(session)
        decide(session, 1, "upheld")
    run_scores(ready, CODE, now=NOW)
    published(ready, 2)
    with ready() as session:
        row = find_assessment(session, CODE)
        assert latest_published_scores(session, row.id)[1].number == 2
        assert published_at(session, find_score_run(session, row, 1)) is not None
    with pytest.raises(WrongState, match="is public already"):
        published(ready, 2)


def test_a_year_is_compared_with_the_public_scores_before_it(ready):
    plan = PLAN.replace("2026", "2027").replace("seed: 5", f"seed: 5\nfollows: {CODE}")
    with ready.begin() as session:
        row = assessment(session, plan)
        import_values(session, row, table("unit,jobs,air", "east,66,80", "west,70,50"), now=NOW)
    with pytest.raises(WrongState, match="whose scores are not public"):
        run_scores(ready, "streets-2027", now=NOW)
    run_scores(ready, CODE, now=NOW)
    published(ready)
    run = run_scores(ready, "streets-2027", now=NOW)
    assert read_inputs(run.inputs).before is not None
    assert json.loads(run.document)["analysis"]["change"] is not None
    assert run.sources["follows"]["run"] == 1


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("streets@1", "strets@1", "names no indicator system on file"),
        ("region_type: old}", "region_type: new}", "is not a region type of the system"),
        ("seed: 5", "follows: streets-2026", "is this assessment itself"),
        ("to: '2026-12-31'", "to: '2025-12-31'", "is before period.from"),
        ("min_effective_n_rank: 1", "min_effective_n_rank: 0.5", "min_effective_n_rank"),
    ],
)
def test_a_plan_that_does_not_agree_is_refused(sessions, written, instead, said):
    with sessions() as session, pytest.raises(InputRefused, match=said):
        assessment(session, PLAN.replace(written, instead))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{indicator: job, estimate: e, series: probability, round: r}", "no indicator of the"),
        ("{indicator: jobs, estimate: e, series: transaction, round: r}", "takes probability"),
        ("{indicator: jobs, estimate: e, series: opt_in, round: r}", "without a reason"),
    ],
)
def test_a_round_feeds_an_indicator_of_its_own_evidence_class(sessions, source, said):
    with sessions() as session, pytest.raises(InputRefused, match=said):
        assessment(session, f"{PLAN}from_rounds: [{source}]\n")


def test_an_unknown_assessment_is_said_with_those_that_are_there(ready):
    with ready() as session:
        with pytest.raises(NotFound, match="Assessments here: streets-2026"):
            find_assessment(session, "street")
        with pytest.raises(NotFound):
            find_assessment(session, "a\0b")


def test_a_round_must_be_public_before_its_numbers_are_taken(sessions):
    plan = (DEFINITIONS / "assessments" / "bloomington_2017.yaml").read_text(encoding="utf-8")
    with sessions.begin() as session:
        draft_assessment(session, plan, source="b.yaml", registry=registry(), now=NOW)
        path = DEFINITIONS / "plans" / "bloomington_2017.yaml"
        draft_round(session, read_text(path), source="b", registry=registry(), now=NOW)
    with pytest.raises(WrongState, match="bloomington-2017, which is not published"):
        run_scores(sessions, "bloomington-senses-2017", now=NOW)


def test_numbers_of_a_published_round_enter_as_in_its_own_composite_score(sqlite_url):
    sessions = make_sessions(make_engine(sqlite_url))
    number = published_bloomington(sessions)
    run = run_scores(sessions, "bloomington-senses-2017", now=NOW)
    inputs = read_inputs(run.inputs)
    assert len(inputs.covariances) == 12
    assert all(one.value > 0 for one in inputs.covariances)
    assert run.sources["rounds"]["bloomington-2017"]["run"] == number
    with sessions() as session:
        published = result_of(shown_run(session))
    own = {unit["unit"]: unit for unit in published["composite"]["units"]}
    for unit in json.loads(run.document)["composite"]["units"]:
        mine = own[unit["unit"]]
        assert unit["gross"] == pytest.approx(mine["gross"], rel=1e-10)
        error = unit["standard_error"]["value"]
        assert error == pytest.approx(mine["standard_error"]["value"], rel=1e-9)
        assert unit["unranked_because"] == mine["unranked_because"]


def published_bloomington(sessions):
    """The real round, public, and the assessment that takes its numbers; the run's number."""
    with sessions.begin() as session:
        path = DEFINITIONS / "plans" / "bloomington_2017.yaml"
        row = draft_round(session, read_text(path), source="b", registry=registry(), now=NOW)
        open_round(session, row, now=NOW)
        answers = (DEFINITIONS / "demo" / "bloomington_2017.csv").read_bytes()
        import_answers(session, row, answers, name="b.csv", now=NOW)
        close_round(session, row, now=NOW)
        path = DEFINITIONS / "assessments" / "bloomington_2017.yaml"
        draft_assessment(session, read_text(path), source="b", registry=registry(), now=NOW)
    run = process_now(sessions, "bloomington-2017", now=NOW)
    with sessions.begin() as session:
        publish(session, session.merge(run), now=NOW)
    return run.id


def shown_run(session):
    found = latest_published(session, find_round(session, "bloomington-2017").id)
    assert found is not None
    return found[1]
