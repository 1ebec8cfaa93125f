"""Doing a job: read at one moment, make with nothing held, keep the files in one act.

A job that is refused says so to whoever asked. What breaks for another reason is for the
worker to catch.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from app.database.console_tables import JobRow
from app.database.engine import Sessions
from app.database.jobs import Claim, claim_job, fail_job, finish_job, forget_files, say_alive
from app.database.snapshots import snapshot
from app.errors import MinxinError
from app.workflow.jobs.kinds import KINDS
from app.workflow.jobs.making import Workshop, prepare

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


BROKEN = {
    "en": "The program failed: {broken}. Tell whoever runs the server.",
    "zh-Hans": "程序出错：{broken}。请告诉系统管理员。",
}


class JobLost(Exception):
    """Somebody else does this job by now: what is made here would not be kept."""


def take_job(sessions: Sessions, *, now: datetime) -> Claim | None:
    """Claim the oldest job that waits."""
    with sessions.begin() as session:
        return claim_job(session, kinds=KINDS.keys(), now=now)


def do_job(sessions: Sessions, claim: Claim, workshop: Workshop, clock: Clock) -> None:
    """Make the files of a claimed job and keep them; a refusal is kept with the job."""

    def say(done: int) -> None:
        with sessions.begin() as session:
            if not say_alive(session, claim, done=done, now=clock()):
                raise JobLost

    with snapshot(sessions) as session:
        language = session.get_one(JobRow, claim.number).language
    try:
        with snapshot(sessions) as session:
            make = prepare(session, session.get_one(JobRow, claim.number))
        say(10)
        files = make(workshop, say)
        say(95)
        with sessions.begin() as session:
            finish_job(session, claim, files, now=clock())
    except MinxinError as error:
        log.warning("job %s failed: %s", claim.number, type(error).__name__)
        said = str(error) if language == "en" else error.in_chinese
        with sessions.begin() as session:
            fail_job(session, claim, said, now=clock())
    except JobLost:
        log.warning("job %s was taken over", claim.number)


def give_up(sessions: Sessions, claim: Claim, broken: str, *, now: datetime) -> None:
    """Say in the job that the program failed, by the name of what broke it."""
    with sessions.begin() as session:
        language = session.get_one(JobRow, claim.number).language
        fail_job(session, claim, BROKEN[language].format(broken=broken), now=now)


def forget_old_files(sessions: Sessions, *, now: datetime) -> int:
    """Delete the files of jobs that were made long ago."""
    with sessions.begin() as session:
        return forget_files(session, now=now)
