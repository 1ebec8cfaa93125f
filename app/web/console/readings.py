"""Results of runs, read for pages of the console; one never changes, so it is read once."""

from dataclasses import dataclass, field
from functools import lru_cache

from app.database.engine import Session
from app.database.results import find_run, result_of
from app.database.rounds import FrozenRound, find_round, load_round
from app.database.tables import RunRow
from app.database.today import public_runs
from app.documents.results.result import Result, read_result
from app.documents.results.unit_window import through_window
from app.errors import NotFound, WrongState
from app.people.offices import Scope
from app.survey.text import Language
from app.web.console.pages import Desk
from app.workflow.publication import public_view

KEPT = 8


@dataclass(frozen=True, slots=True)
class RunReading:
    """A finished run and the language it is read in; equal if the document is."""

    digest: str | None
    language: Language
    run: RunRow = field(compare=False)
    frozen: FrozenRound = field(compare=False)
    is_public: bool = field(compare=False)

    @property
    def has_result(self) -> bool:
        """Whether it was computed to the end."""
        return self.run.state == "finished"

    @property
    def address(self) -> str:
        """Where its pages stand."""
        return f"/console/rounds/{self.frozen.code}/runs/{self.run.id}"

    @property
    def whole(self) -> Result:
        """Every number, those withheld from the public too."""
        return _whole(self)

    @property
    def public(self) -> Result:
        """What the public would read."""
        return _public(self)

    @property
    def to_take(self) -> Result:
        """Every number; of groups of responses what the public may know, and no more."""
        screening = self.public.document["screening"]
        return read_result({**self.whole.document, "screening": screening}, self.language)

    def window(self, part: int) -> Result:
        """Every number, of some of the units at a time."""
        return _window(self, part)


def open_run(session: Session, desk: Desk, code: str, run_id: int) -> RunReading:
    """The run of that number, if it belongs to a round of the desk's scope."""
    run = find_run_of(session, code, run_id, within=desk.scope)
    frozen = load_round(session, find_round(session, code, within=desk.scope))
    is_public = public_runs(session, [run.round_id]).get(run.round_id) == run.id
    return RunReading(run.document_digest, desk.language, run, frozen, is_public)


def open_finished(session: Session, desk: Desk, code: str, run_id: int) -> RunReading:
    """The same; WrongState while it has no result."""
    reading = open_run(session, desk, code, run_id)
    if not reading.has_result:
        raise WrongState(
            f"Run {run_id} is {reading.run.state}; it has no result to look at.",
            chinese=f"第 {run_id} 号计算还没有结果。",
        )
    return reading


def find_run_of(session: Session, code: str, run_id: int, *, within: Scope) -> RunRow:
    """The run of that number, if it belongs to a round of the scope."""
    run = find_run(session, run_id)
    if run.round_id != find_round(session, code, within=within).id:
        raise NotFound(f"Round {code} has no run {run_id}.")
    return run


@lru_cache(maxsize=KEPT)
def _whole(reading: RunReading) -> Result:
    return read_result(result_of(reading.run), reading.language)


@lru_cache(maxsize=KEPT)
def _public(reading: RunReading) -> Result:
    return read_result(public_view(result_of(reading.run)), reading.language)


@lru_cache(maxsize=2 * KEPT)
def _window(reading: RunReading, part: int) -> Result:
    return through_window(reading.whole, part)
