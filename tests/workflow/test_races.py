"""Two acts at one moment: one goes through, the other is told so in a sentence."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database.engine import make_engine, make_sessions
from app.database.fieldwork import count_responses, list_imports
from app.database.rounds import find_round
from app.errors import AlreadyImported, MinxinError, WrongState
from app.workflow.importing import LONGEST_NAME, import_answers
from world import DEFINITIONS, NOW, a_round

ANSWERS = (DEFINITIONS / "demo" / "bloomington_2017.csv").read_bytes()
PLAN = (DEFINITIONS / "plans" / "bloomington_2017.yaml").read_text(encoding="utf-8")


def at_one_moment(engine: Engine, act: Callable[[Session], object]) -> list[MinxinError]:
    """Do one act four times at once; what was refused. Any other error is raised."""
    together = Barrier(4)

    def attempt(_: int) -> MinxinError | None:
        together.wait(timeout=30)
        try:
            with make_sessions(engine).begin() as session:
                act(session)
        except MinxinError as refusal:
            return refusal
        return None

    with ThreadPoolExecutor(4) as pool:
        return [refusal for refusal in pool.map(attempt, range(4)) if refusal is not None]


def test_a_round_is_opened_once(engine):
    refusals = at_one_moment(engine, lambda session: a_round(session))
    assert [type(refusal) for refusal in refusals] == [WrongState] * 3


def test_one_file_is_imported_once(engine):
    with make_sessions(engine).begin() as session:
        a_round(session, PLAN)

    def act(session: Session) -> None:
        row = find_round(session, "bloomington-2017")
        import_answers(session, row, ANSWERS, name="answers.csv", now=NOW)

    refusals = at_one_moment(engine, act)
    assert [type(refusal) for refusal in refusals] == [AlreadyImported] * 3
    with Session(engine) as session:
        assert count_responses(session, find_round(session, "bloomington-2017").id) == 595


def test_a_very_long_file_name_is_cut_when_it_is_kept(sqlite_url):
    engine = make_engine(sqlite_url)
    with make_sessions(engine).begin() as session:
        row = a_round(session, PLAN)
        import_answers(session, row, ANSWERS, name="n" * 5000, now=NOW)
        (kept,) = list_imports(session, row.id)
        assert len(kept.name) == LONGEST_NAME
    engine.dispose()
