"""The worker: computes requested runs, makes documents, keeps segments, forgets in time.

The one place where every exception is caught: what breaks must not stop what comes next.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from app.database.engine import Sessions
from app.database.results import claim_run, fail_run
from app.documents.printing.fonts import find_fonts
from app.workflow.assessment.queue import do_scoring, take_scoring
from app.workflow.compaction import compact, rounds_due
from app.workflow.early_warning import Beside, raise_alarms, rounds_to_watch
from app.workflow.forgetting import forget_and_sweep, rounds_to_forget, sweep_files
from app.workflow.jobs.making import Workshop
from app.workflow.jobs.running import do_job, forget_old_files, give_up, take_job
from app.workflow.processing import run_to_the_end
from app.workflow.trail import seal_if_due

log = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
SECONDS_BETWEEN_SEGMENTS = 60.0
SECONDS_BETWEEN_WARNINGS = 3600.0


Clock = Callable[[], datetime]


def _clock() -> datetime:
    return datetime.now(UTC)


def work(sessions: Sessions, folder: Path, fonts: Path | None = None) -> None:
    """Compute whatever is requested, keep the segments in a folder, watch open rounds.

    `fonts`: the folder of fonts for documents, where it is not the usual one.
    """
    next_look = next_warning = time.monotonic()
    while True:
        if time.monotonic() >= next_look:
            compact_due(sessions, folder)
            next_look = time.monotonic() + SECONDS_BETWEEN_SEGMENTS
        if time.monotonic() >= next_warning:
            warn_due(sessions)
            forget_due(sessions, folder)
            seal_due(sessions)
            forget_files_due(sessions)
            next_warning = time.monotonic() + SECONDS_BETWEEN_WARNINGS
        if not any((work_once(sessions), score_once(sessions), make_once(sessions, fonts))):
            time.sleep(PAUSE_SECONDS)


def work_once(sessions: Sessions) -> bool:
    """Take one requested run and compute it; False if there was none."""
    with sessions.begin() as session:
        claimed = claim_run(session, now=datetime.now(UTC))
        if claimed is None:
            return False
        number = claimed.id

    def compute() -> None:
        run_to_the_end(sessions, number, now=datetime.now(UTC))
        log.info("run done", extra={"run": number})

    failure = _outlive(compute, "run", number)
    if failure:
        with sessions.begin() as session:
            said = f"The program failed: {failure}."
            fail_run(session, number, said, now=datetime.now(UTC))
    return True


def make_once(sessions: Sessions, fonts: Path | None = None, clock: Clock = _clock) -> bool:
    """Take one job and make its document; False if there was none."""
    claim = take_job(sessions, now=clock())
    if claim is None:
        return False

    def make() -> None:
        do_job(sessions, claim, Workshop(find_fonts(fonts)), clock)
        log.info("job done", extra={"job": claim.number})

    broken = _outlive(make, "job", claim.number)
    if broken:
        give_up(sessions, claim, broken, now=clock())
    return True


def score_once(sessions: Sessions, clock: Clock = _clock) -> bool:
    """Take one scoring or scenario and compute it; False if there was none."""
    claim = take_scoring(sessions, now=clock())
    if claim is None:
        return False

    def score() -> None:
        do_scoring(sessions, claim, now=clock())
        log.info("scoring done", extra={"job": claim.number})

    broken = _outlive(score, "scoring", claim.number)
    if broken:
        give_up(sessions, claim, broken, now=clock())
    return True


def forget_files_due(sessions: Sessions, clock: Clock = _clock) -> None:
    """Delete the files of documents that were made long ago."""

    def forget() -> None:
        if forgotten := forget_old_files(sessions, now=clock()):
            log.info("files forgotten", extra={"files": forgotten})

    _outlive(forget, "files", "documents")


def compact_due(sessions: Sessions, folder: Path) -> None:
    """Make anew every segment that is behind."""
    for code in rounds_due(sessions, folder, now=datetime.now(UTC)):

        def make(code: str = code) -> None:
            if compact(sessions, code, folder, now=datetime.now(UTC)):
                log.info("segment done", extra={"segment": code})

        _outlive(make, "segment", code)


def warn_due(sessions: Sessions) -> None:
    """Raise what alarms there are in every open round."""
    for code in rounds_to_watch(sessions):

        def warn(code: str = code) -> None:
            _, new = raise_alarms(sessions, code, beside=Beside(), now=datetime.now(UTC))
            if new:
                log.info("alarms raised", extra={"alarms": code})

        _outlive(warn, "alarms", code)


def forget_due(sessions: Sessions, folder: Path, clock: Clock = _clock) -> None:
    """Forget the telemetry of every round whose day has come, and sweep what was left."""
    for code in rounds_to_forget(sessions, now=clock()):

        def forget(code: str = code) -> None:
            forget_and_sweep(sessions, code, folder, now=clock())
            log.info("telemetry forgotten", extra={"telemetry": code})

        _outlive(forget, "telemetry", code)

    def sweep() -> None:
        sweep_files(sessions, now=clock())

    _outlive(sweep, "sweep", "files")


def seal_due(sessions: Sessions, clock: Clock = _clock) -> None:
    """Write the digest over the audit trail into it, once a day or after many lines."""

    def seal() -> None:
        with sessions.begin() as session:
            link = seal_if_due(session, now=clock())
        if link:
            log.info("trail sealed", extra={"line": link.number})

    _outlive(seal, "seal", "trail")


def _outlive(task: Callable[[], None], kind: str, name: int | str) -> str:
    """Do a task; the name of the exception that broke it, or an empty text."""
    try:
        task()
    except Exception as error:
        log.exception("%s broke", kind, extra={kind: name})
        return type(error).__name__
    return ""
