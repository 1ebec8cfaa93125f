"""The demonstration: one region with real answers, and an open round to scan and answer.

Round `bloomington-2017` holds what 595 residents of a real city answered; it is closed,
processed and published. Round `demo-senses` is open: its codes can be scanned, and its
answers reach a composite score. Two assessments stand beside them, one year after the
other, whose scores are public. Making the demonstration again changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.database.assessments import (
    find_assessment,
    latest_published_scores,
    list_value_imports,
)
from app.database.engine import Sessions
from app.database.results import find_run
from app.database.rounds import active_codes, find_round, load_round
from app.database.snapshots import snapshot
from app.database.tables import RoundRow
from app.errors import NotFound
from app.workflow.admission import receive_response
from app.workflow.assessment.drafting import draft_assessment
from app.workflow.assessment.events import (
    EvidenceFile,
    Happening,
    Ruling,
    decide_event,
    record_event,
)
from app.workflow.assessment.importing import ValueFile, import_values
from app.workflow.assessment.running import publish_scores, run_scores
from app.workflow.fieldwork import close_round
from app.workflow.importing import import_answers
from app.workflow.places import open_place
from app.workflow.preparation import draft_round, open_round
from app.workflow.processing import process_now
from app.workflow.publication import publish
from app.workflow.registry import Registry, load_registry, read_text
from app.workflow.simulation import simulated_submissions

REAL_ROUND = "bloomington-2017"
OPEN_ROUND = "demo-senses"
REAL_PLAN = Path("plans") / "bloomington_2017.yaml"
OPEN_PLAN = Path("plans") / "demo_senses.yaml"
REAL_ANSWERS = Path("demo") / "bloomington_2017.csv"
ASSESSMENTS = {
    "demo-hqd-2024": ("demo_hqd_2024_statistics.csv", "demo_hqd_2024_surveys.csv"),
    "demo-hqd-2025": ("demo_hqd.csv",),
}
"""Assessment → its files of values, all invented; the later is compared with the earlier."""
EVENTS = {"demo-hqd-2025": (Happening("county-05", "overdue_replies", 12, "示例 Example"),)}
EVIDENCE = Path("demo") / "evidence_example.txt"
SIMULATED_PER_POINT = 40
SIMULATION_SEED = 20261122
MOODS = (0.9, 0.5, 0.3, 0.75)
"""How content the simulated people of each unit are, in plan order."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Where to look once the demonstration stands."""

    resident_code: str
    results_round: str
    open_round: str
    assessment: str


def make_demonstration(
    sessions: Sessions, definitions: Path, *, now: datetime, progress: Progress
) -> Demonstration:
    """Make what is not there yet, each part in one transaction.

    Unlike other acts this one commits: a part that stands is not made again.
    """
    made = make_rounds(sessions, definitions, now=now, progress=progress)
    registry = load_registry(definitions)
    for code in ASSESSMENTS:
        if not _is_assessed(sessions, code):
            progress(f"an assessment with invented values: {code}")
            _assess(sessions, registry, definitions / "assessments", code, now)
    return made


def make_rounds(
    sessions: Sessions, definitions: Path, *, now: datetime, progress: Progress
) -> Demonstration:
    """The rounds of the demonstration alone."""
    registry = load_registry(definitions)
    if not _exists(sessions, REAL_ROUND):
        progress("real answers: 595 residents of Bloomington, imported, weighted, published")
        _collect_real_round(sessions, registry, definitions, now)
    _publish_real_round(sessions, now)
    if not _exists(sessions, OPEN_ROUND):
        progress("an open round with simulated answers, marked as such")
        _make_open_round(sessions, registry, definitions, now)
    with sessions.begin() as session:
        codes = active_codes(session, find_round(session, OPEN_ROUND).id)
    *_, newest = ASSESSMENTS
    return Demonstration(sorted(codes.items())[0][1], REAL_ROUND, OPEN_ROUND, newest)


def _exists(sessions: Sessions, code: str) -> bool:
    with sessions.begin() as session:
        try:
            find_round(session, code)
        except NotFound:
            return False
    return True


def _collect_real_round(
    sessions: Sessions, registry: Registry, definitions: Path, now: datetime
) -> None:
    answers = definitions / REAL_ANSWERS
    with sessions.begin() as session:
        row = _opened(session, definitions / REAL_PLAN, registry, now)
        import_answers(session, row, answers.read_bytes(), name=answers.name, now=now)
        close_round(session, row, now=now)


def _publish_real_round(sessions: Sessions, now: datetime) -> None:
    """Process and publish it, once it is closed and unless that was done before."""
    with snapshot(sessions) as session:
        if find_round(session, REAL_ROUND).state not in {"closed", "processed"}:
            return
    number = process_now(sessions, REAL_ROUND, now=now).id
    with sessions.begin() as session:
        publish(session, find_run(session, number), now=now)


def _make_open_round(
    sessions: Sessions, registry: Registry, definitions: Path, now: datetime
) -> None:
    with sessions.begin() as session:
        row = _opened(session, definitions / OPEN_PLAN, registry, now)
        plan = load_round(session, row).plan
        units = [unit.code for unit in plan.units]
        for code in active_codes(session, row.id).values():
            place = open_place(session, code, now)
            submissions = simulated_submissions(
                place,
                count=SIMULATED_PER_POINT,
                mood=MOODS[units.index(place.unit.code) % len(MOODS)],
                seed=SIMULATION_SEED,
                before=now - timedelta(hours=1),
            )
            for submission in submissions:
                receive_response(session, place, submission, now)


def _is_assessed(sessions: Sessions, code: str) -> bool:
    with sessions.begin() as session:
        try:
            row = find_assessment(session, code)
        except NotFound:
            return False
        return latest_published_scores(session, row.id) is not None


def _assess(
    sessions: Sessions, registry: Registry, plans: Path, code: str, now: datetime
) -> None:
    """Draft an assessment, take in its values and events, score it, make it public."""
    path = plans / f"{code.replace('-', '_')}.yaml"
    demo = plans.parent / "demo"
    with sessions.begin() as session:
        row = draft_assessment(
            session, read_text(path), source=path.name, registry=registry, now=now
        )
        if not list_value_imports(session, row.id):
            for name in ASSESSMENTS[code]:
                file = ValueFile(name, (demo / name).read_bytes())
                import_values(session, row, file, now=now)
            proof = EvidenceFile(EVIDENCE.name, (plans.parent / EVIDENCE).read_bytes())
            for happening in EVENTS.get(code, ()):
                event = record_event(session, row, happening, proof=proof, now=now)
                ruling = Ruling(event.row.number, "upheld", "示例，并非事实。 No fact.")
                decide_event(session, row, ruling, now=now)
    number = run_scores(sessions, code, now=now).number
    with sessions.begin() as session:
        publish_scores(session, find_assessment(session, code), number, now=now)


def _opened(session: Session, path: Path, registry: Registry, now: datetime) -> RoundRow:
    row = draft_round(session, read_text(path), source=path.name, registry=registry, now=now)
    return open_round(session, row, now=now)
