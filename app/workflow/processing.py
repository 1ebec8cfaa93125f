"""From the responses of a round to its numbers: the one function that can be read aloud.

Everything it uses is frozen with the round or given to it: plan, definitions, responses,
seed. So the same run computed again gives the same bytes, and `recompute` says whether it
does.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from app import __version__
from app.anomaly.screening import ScreeningResult, screen
from app.database.canaries import count_arrived, count_given_up
from app.database.engine import Sessions
from app.database.fieldwork import load_responses
from app.database.results import (
    fail_run,
    find_run,
    keep_weights,
    newest_finished,
    request_run,
    result_of,
    with_document,
)
from app.database.rounds import FrozenRound, find_round, hold, load_round, record
from app.database.snapshots import snapshot
from app.database.tables import RoundRow, RunRow
from app.errors import MinxinError, WrongState
from app.scoring.index import score
from app.scoring.results import CompositeResult
from app.stats.ranks.standing import standings
from app.stats.scales.consistency import consistencies
from app.stats.tables.distribution import distributions
from app.stats.tables.domains import list_domains
from app.stats.tables.entries import Series, Tabulated
from app.stats.tables.tabulation import make_series, tabulate
from app.survey.sample import Floats, RawResponse, Sample, build_sample
from app.workflow.composite_inputs import find_sources, gather_inputs
from app.workflow.data_digest import data_digest
from app.workflow.freezing import require_unchanged
from app.workflow.repetition import Repetition, compare_rounds
from app.workflow.response_weights import counted_for
from app.workflow.result_document import Found, describe_score_maps, write_down
from app.workflow.review.keeping import keep_campaigns
from app.workflow.review.verdicts import (
    NOTHING_DECIDED,
    Verdicts,
    load_verdicts,
    require_unmoved,
    with_members,
)
from app.workflow.screening.company import Company, believed, judge_company

log = logging.getLogger(__name__)

FORGOTTEN = "telemetry_forgotten"
"""The part of a document that says since when it was not known how the responses came."""


@dataclass(frozen=True, slots=True)
class Material:
    """All that a round's numbers are made from, as it stood at one moment."""

    frozen: FrozenRound
    responses: Sequence[RawResponse]
    sources: Mapping[str, RunRow]
    """Round → the run of it that the score takes or that is compared with."""
    verdicts: Verdicts = NOTHING_DECIDED
    """What people decided about the campaigns of the round."""
    test_ratings: int = 0
    """So many of an auditor arrived; none of them is among the responses."""
    lost_ratings: int = 0
    """So many of an auditor were given up, their key lost: some may be among the responses."""
    forgotten_at: datetime | None = None
    """When it was forgotten how the responses came about; None while it is known."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The responses of a round, and how far each is believed."""

    sample: Sample
    screening: ScreeningResult
    company: Company | None
    influence: Floats


@dataclass(frozen=True, slots=True)
class Computed:
    """What one processing found: the document, and what each response counted for."""

    document: str
    data_digest: str
    counted: Sequence[Mapping[str, Any]]
    """The columns of each response's row beside the run."""
    company: Company | None
    """What was seen in company: its campaigns are kept for review."""


def process_round(sessions: Sessions, number: int, *, now: datetime) -> None:
    """Turn the responses of a closed round into numbers and keep them with the run.

    Reading sees one moment and computing holds nothing, so that answers of other rounds are
    kept meanwhile. Keeping is one short act, refused where what was read no longer stands.
    """
    with snapshot(sessions) as session:
        run = find_run(session, number)
        material = load_closed(session, session.get_one(RoundRow, run.round_id))

    computed = compute(material, seed=run.seed, code_version=__version__)

    with sessions.begin() as session:
        hold_unmoved(session, material)
        save_results(session, find_run(session, number), computed, now=now)


def process_now(
    sessions: Sessions, code: str, *, seed: int | None = None, now: datetime
) -> RunRow:
    """Process a round here and now; where that is refused nothing is left of the run.

    `seed` instead of the plan's own. No worker can take the run: it is kept with its result.
    """
    with snapshot(sessions) as session:
        material = load_closed(session, find_round(session, code))

    chosen = material.frozen.plan.seed if seed is None else seed
    computed = compute(material, seed=chosen, code_version=__version__)

    with sessions.begin() as session:
        run = request_run(session, hold_unmoved(session, material), seed=chosen, now=now)
        save_results(session, run, computed, now=now)
    return run


def compute(material: Material, *, seed: int, code_version: str) -> Computed:
    """Screen, weigh, estimate and score a round: from values to values.

    Refuses a round whose stored plan is not the one it was opened with. `code_version` is
    written into the result: that of this program, or of the run that is computed again.
    """
    frozen = material.frozen
    require_unchanged(frozen)
    judged = judge(material, seed=seed)
    found = find_numbers(material, judged, seed=seed)
    digest = data_digest(material.responses, frozen.plan.screening)
    run = {"seed": seed, "data_digest": digest, "code_version": code_version}
    document = write_down(frozen, found, run | _rests_on(material, judged.company))
    return Computed(document, digest, counted_for(found), judged.company)


def judge(material: Material, *, seed: int) -> Judged:
    """Screen the responses one by one and in company."""
    frozen = material.frozen
    sample = build_sample(frozen.survey, frozen.maps_by_scale, material.responses)
    screening = screen(sample, frozen.plan.screening, survey=frozen.survey, seed=seed)
    company = judge_company(sample, frozen, verdicts=material.verdicts, seed=seed)
    return Judged(sample, screening, company, believed(screening.influence, company))


def find_numbers(material: Material, judged: Judged, *, seed: int) -> Found:
    """Weigh, estimate and score what is believed: everything after screening."""
    frozen, sources = material.frozen, material.sources
    plan, survey = frozen.plan, frozen.survey
    series, impossible = make_series(judged.sample, plan, judged.influence)

    estimates = tabulate(series, survey, plan)
    spreads = tuple(distributions(series, survey, list_domains(plan), plan.release))
    composite = _score(frozen, series, estimates, sources)
    places = tuple(standings(series, estimates, survey=survey, plan=plan, seed=seed))
    scales = tuple(consistencies(series, survey, plan.release))
    repetition = _repetition(frozen, estimates, sources)

    return Found(
        judged.sample,
        judged.screening,
        judged.company,
        judged.influence,
        series,
        impossible,
        estimates,
        spreads,
        composite,
        places,
        scales,
        repetition,
    )


def recompute(session: Session, run_id: int) -> bool:
    """Whether computing a finished run again, from the responses, gives the same bytes.

    The result of an older version of the program is compared number by number too: only
    the name of the version is taken over.
    """
    run = find_run(session, run_id)
    material = material_of(session, run)
    again = compute(material, seed=run.seed, code_version=run.code_version or "")
    return again.document == run.document


def material_of(session: Session, run: RunRow) -> Material:
    """What a finished run was made from, as far as it is still there."""
    if run.document is None:
        raise WrongState(f"Run {run.id} is {run.state}; there is nothing to compare with.")
    used = result_of(run)["run"]
    sources = {
        name: with_document(session, find_run(session, number))
        for name, number in used["sources"].items()
    }
    row = session.get_one(RoundRow, run.round_id)
    frozen = load_round(session, row)
    decided = used.get("decisions", {"last": 0, "digest": NOTHING_DECIDED.digest})
    verdicts = load_verdicts(session, frozen.id, up_to=decided["last"])
    require_unmoved(verdicts, decided["digest"])
    verdicts = with_members(session, frozen.id, verdicts)
    tests = count_arrived(session, frozen.id), count_given_up(session, frozen.id)
    responses = load_responses(session, frozen.id)
    forgotten_at = row.telemetry_forgotten_at if FORGOTTEN in used else None
    return Material(frozen, responses, sources, verdicts, *tests, forgotten_at)


def run_to_the_end(sessions: Sessions, number: int, *, now: datetime) -> None:
    """Process a run and keep its failure, if it fails, in the run itself."""
    try:
        process_round(sessions, number, now=now)
    except MinxinError as error:
        log.warning("run %s failed: %s", number, type(error).__name__)
        with sessions.begin() as session:
            fail_run(session, number, str(error), now=now)


def load_closed(session: Session, row: RoundRow) -> Material:
    """All that the numbers of a round are made from; refuses one that still takes answers.

    Nor can a round be screened whose telemetry is forgotten. Where that was done before any
    run was finished the answers are not lost: they are processed with what is known, and the
    result says so.
    """
    _require_closed(row)
    _require_screenable(session, row)
    frozen = load_round(session, row)
    sources = find_sources(session, frozen)
    verdicts = with_members(session, row.id, load_verdicts(session, row.id))
    tests = count_arrived(session, row.id), count_given_up(session, row.id)
    responses = load_responses(session, row.id)
    forgotten_at = row.telemetry_forgotten_at
    return Material(frozen, responses, sources, verdicts, *tests, forgotten_at)


def hold_unmoved(session: Session, material: Material) -> RoundRow:
    """The round, held until the end of the act; refuses if it is not as it was read.

    A closed round takes no answers, so nothing else that was read can have moved.
    """
    frozen = material.frozen
    row = hold(session, session.get_one(RoundRow, frozen.id))
    _require_closed(row)
    if row.telemetry_forgotten_at != material.forgotten_at:
        raise WrongState(f"While {row.code} was computed its telemetry was forgotten.")
    newest = {name: run.id for name, run in find_sources(session, frozen).items()}
    if newest != {name: run.id for name, run in material.sources.items()}:
        raise WrongState(
            f"While {row.code} was computed another round whose numbers it takes was "
            "published anew. Process it again."
        )
    return row


def save_results(session: Session, run: RunRow, computed: Computed, *, now: datetime) -> None:
    """Keep what was found with a run of a round that is held; the round is processed now."""
    session.refresh(run)
    if run.state == "finished":
        raise WrongState(f"Run {run.id} was finished by another worker meanwhile.")
    run.document = computed.document
    run.document_digest = hashlib.sha256(computed.document.encode()).hexdigest()
    run.data_digest = computed.data_digest
    run.code_version = __version__
    run.state, run.finished_at, run.failure = "finished", now, None
    keep_weights(session, run.id, computed.counted)
    if (company := computed.company) is not None:
        columns = company.laid.submissions
        keep_campaigns(session, run, company.found, submissions=columns, now=now)
    row = session.get_one(RoundRow, run.round_id)
    if row.state == "closed":
        row.state = "processed"
    record(session, "process", subject=row.code, now=now, detail={"run": run.id})


def _require_closed(row: RoundRow) -> None:
    if row.state not in {"closed", "processed", "published"}:
        raise WrongState(f"Round {row.code} is {row.state}; close it before processing.")


def _require_screenable(session: Session, row: RoundRow) -> None:
    forgotten_at = row.telemetry_forgotten_at
    if forgotten_at is not None and newest_finished(session, row.id) is not None:
        raise WrongState(
            f"The telemetry of round {row.code} was forgotten on {forgotten_at:%Y-%m-%d}, as "
            "its residents were told: it can no longer be screened. Its finished runs stand, "
            "and may be published."
        )


def _score(
    frozen: FrozenRound,
    series: Sequence[Series],
    estimates: Sequence[Tabulated],
    sources: Mapping[str, RunRow],
) -> CompositeResult | None:
    if frozen.system is None or frozen.plan.composite is None:
        return None
    inputs = gather_inputs(frozen, series, estimates, sources)
    return score(
        frozen.system,
        units=inputs.units,
        values=inputs.values,
        events=inputs.events,
        covariances=inputs.covariances,
    )


def _repetition(
    frozen: FrozenRound, estimates: Sequence[Tabulated], sources: Mapping[str, RunRow]
) -> Repetition | None:
    if frozen.plan.repeats is None:
        return None
    before = result_of(sources[frozen.plan.repeats])
    return compare_rounds(
        frozen, estimates, score_maps=describe_score_maps(frozen), before=before
    )


def _rests_on(material: Material, company: Company | None) -> dict[str, Any]:
    """Plan, other rounds and, where there are campaigns, the decisions the numbers know."""
    rests: dict[str, Any] = {
        "plan_digest": material.frozen.plan_digest,
        "sources": {name: source.id for name, source in material.sources.items()},
    }
    if material.test_ratings:
        rests["test_ratings"] = material.test_ratings
    if material.lost_ratings:
        rests["lost_test_ratings"] = material.lost_ratings
    if material.forgotten_at is not None:
        rests[FORGOTTEN] = material.forgotten_at.astimezone(UTC).date().isoformat()
    if company is None:
        return rests
    names = ("last", "count", "digest")
    return rests | {"decisions": {name: getattr(material.verdicts, name) for name in names}}
