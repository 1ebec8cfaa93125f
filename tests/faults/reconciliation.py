"""After a fault: is everything there that was acknowledged, once, and nothing else?

The database is opened as the product opens it, so that its own recovery has run, and is
compared with what the clients remember.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from app.database.engine import make_engine
from app.database.fieldwork import one_way, response_id
from app.database.tables import ResponseRow, ResponseTextRow, TallyRow
from tests.faults.clients import Records, coded_answers, written_answer
from tests.faults.town import Town

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Stored:
    """One response as the database has it."""

    identifier: str
    """It is made from the receipt."""
    answers: Mapping[str, object]
    words: str | None


@dataclass
class Findings:
    """What the comparison brought to light; answers are named by their numbers."""

    acknowledged: int
    stored: int = 0
    lost: list[int] = field(default_factory=list)
    """Acknowledged, and not there."""
    doubled: list[int] = field(default_factory=list)
    """There more than once."""
    altered: list[int] = field(default_factory=list)
    """There with another receipt or other answers than were acknowledged."""
    unknown: list[str] = field(default_factory=list)
    """There, and sent by nobody."""
    damage: list[str] = field(default_factory=list)
    """What is wrong with the database itself, or with its counters."""

    def __str__(self) -> str:
        found = "; ".join(self.problems()) or "nothing lost, nothing doubled"
        return f"acknowledged {self.acknowledged:7}  stored {self.stored:7}  {found}"

    def problems(self) -> list[str]:
        """One sentence for every kind of thing that is wrong; empty if all is well."""
        found = {
            f"{len(self.lost)} of {self.acknowledged} acknowledged answers are lost": self.lost,
            f"{len(self.doubled)} answers are there more than once": self.doubled,
            f"{len(self.altered)} answers are not what was acknowledged": self.altered,
            f"{len(self.unknown)} responses were sent by nobody": self.unknown,
            "the database is damaged": self.damage,
        }
        return [f"{what}: {some[:SHOWN]}" for what, some in found.items() if some]


def reconcile(town: Town, records: Records) -> Findings:
    """Compare the database with what the clients remember; they may go on meanwhile."""
    promised = records.copy()
    findings = Findings(len(promised.receipts))
    engine = make_engine(town.url)
    is_sqlite = engine.dialect.name == "sqlite"
    level = "SERIALIZABLE" if is_sqlite else "REPEATABLE READ"
    try:
        with engine.connect().execution_options(isolation_level=level) as connection:
            kept = _load(connection, town.round_id)
            findings.damage.extend(_damage(connection, town.round_id, len(kept)))
    except (DBAPIError, ValueError) as error:
        findings.damage.append(str(error))
        kept = {}
    finally:
        engine.dispose()
    findings.stored = len(kept)
    _compare(findings, town.round_id, promised, kept, records)
    return findings


def _load(connection: Connection, round_id: int) -> dict[str, Stored]:
    """Submission hash → response; the table's key sees to it that there is one."""
    rows = (
        select(
            ResponseRow.submission_hash,
            ResponseRow.id,
            ResponseRow.answers,
            ResponseTextRow.text,
        )
        .outerjoin(ResponseTextRow, ResponseTextRow.response_id == ResponseRow.id)
        .where(ResponseRow.round_id == round_id)
    )
    kept: dict[str, Stored] = {}
    for submission, identifier, answers, words in connection.execute(rows):
        if submission in kept:
            raise ValueError(f"submission {submission} is there twice")
        kept[submission] = Stored(identifier, answers, words)
    return kept


def _compare(
    findings: Findings,
    round_id: int,
    promised: Records,
    kept: Mapping[str, Stored],
    now: Records,
) -> None:
    for once, (number, receipt) in promised.receipts.items():
        stored = kept.get(one_way(once))
        if stored is None:
            findings.lost.append(number)
        elif stored != Stored(
            response_id(round_id, receipt), coded_answers(number), written_answer(number)
        ):
            findings.altered.append(number)
    times = Counter(stored.words for stored in kept.values())
    known = {written_answer(number): number for number in set(now.sent)}
    findings.unknown.extend(str(words) for words in times if words not in known)
    findings.doubled.extend(
        known[words] for words, n in times.items() if n > 1 and words in known
    )


def _damage(connection: Connection, round_id: int, rows: int) -> Iterator[str]:
    """What SQLite finds wrong with its file, and counters that do not fit the rows."""
    if connection.dialect.name == "sqlite":
        for (line,) in connection.execute(text("PRAGMA integrity_check")):
            if line != "ok":
                yield str(line)
    tally = select(func.sum(TallyRow.n)).where(
        TallyRow.round_id == round_id, TallyRow.counter == "stored"
    )
    counted = connection.scalar(tally) or 0
    if counted != rows:
        yield f"the tally counts {counted} stored, there are {rows}"
