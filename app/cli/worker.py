"""The worker: takes requested runs one after another and computes them.

The one place where every exception is caught: a run that breaks must not stop the next.
"""

import logging
import time
from datetime import UTC, datetime

from app.database.engine import Sessions
from app.database.results import claim_run, find_run
from app.workflow.processing import run_to_the_end

log = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0


def work(sessions: Sessions) -> None:
    """Compute whatever is requested, for ever."""
    while True:
        if not work_once(sessions):
            time.sleep(PAUSE_SECONDS)


def work_once(sessions: Sessions) -> bool:
    """Take one requested run and compute it; False if there was none."""
    with sessions.begin() as session:
        claimed = claim_run(session, now=datetime.now(UTC))
        if claimed is None:
            return False
        number = claimed.id
    try:
        with sessions.begin() as session:
            run_to_the_end(session, find_run(session, number), now=datetime.now(UTC))
        log.info("run done", extra={"run": number})
    except Exception as error:
        log.exception("run broke", extra={"run": number})
        with sessions.begin() as session:
            run = find_run(session, number)
            run.state, run.failure = "failed", f"The program failed: {type(error).__name__}."
    return True
