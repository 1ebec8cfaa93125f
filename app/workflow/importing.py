"""Taking in answers that were collected elsewhere: all of a file or none of it."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database.fieldwork import find_import, known_submissions
from app.database.rounds import FrozenRound, hold_open, load_round, record, round_key
from app.database.tables import ImportFileRow, RoundRow
from app.errors import AlreadyImported, InputRefused, Problem, WrongState
from app.survey.importing import ImportedFile, ImportedRow, read_answer_file
from app.survey.paradata import Paradata
from app.workflow.admission import admit
from app.workflow.arrivals import Arrival, Imported, Submission, Verdict
from app.workflow.places import no_place

ROWS_AT_ONCE = 1000
STORED = Verdict("", "stored")
MEANWHILE = (
    "Some of these rows were imported by somebody else a moment ago. "
    "Nothing was added; import the file again to see which."
)
LONGEST_NAME = 200
"""So much of a file's name is kept."""


def import_answers(
    session: Session, row: RoundRow, content: bytes, *, name: str, now: datetime
) -> ImportedFile:
    """Import a CSV file into an open round; the same content a second time is refused."""
    if not hold_open(session, row.id):
        raise WrongState(f"Round {row.code} is {row.state}; answers go into an open round.")
    digest = hashlib.sha256(content).hexdigest()
    _refuse_known_file(session, row, digest)
    frozen = load_round(session, row)
    imported = read_answer_file(frozen.survey, content, source=name)
    key = round_key(session, row.id)
    keys = _submission_keys(imported, key, digest)
    known = known_submissions(session, row.id, keys.values())
    if known:
        # Perhaps they came with this very file, since the first look.
        _refuse_known_file(session, row, digest)
    problems = [
        *_unknown_units(frozen, imported, name),
        *_known_respondents(known, keys, name),
    ]
    if problems:
        raise InputRefused(problems)
    file = ImportFileRow(
        round_id=row.id,
        name=name[:LONGEST_NAME],
        digest=digest,
        rows=len(imported.rows),
        imported_at=now,
    )
    _keep_file(session, file, row.code)
    place = no_place(frozen, key)
    arrivals = [Arrival(place, _submission(file, line, keys)) for line in imported.rows]
    _admit_all(session, arrivals, name=name, now=now)
    detail: dict[str, object] = {"file": digest, "rows": len(imported.rows)}
    record(session, "import", subject=row.code, now=now, detail=detail)
    return imported


def _refuse_known_file(session: Session, row: RoundRow, digest: str) -> None:
    earlier = find_import(session, row.id, digest)
    if earlier is not None:
        day = earlier.imported_at.date().isoformat()
        raise AlreadyImported(
            f"This file was imported into {row.code} on {day} as {earlier.name} "
            f"({earlier.rows} rows). Nothing was added."
        )


def _keep_file(session: Session, file: ImportFileRow, round_code: str) -> None:
    # Two imports of one file at one moment both found nothing; the table lets one through.
    try:
        with session.begin_nested():
            session.add(file)
    except IntegrityError:
        raise AlreadyImported(
            f"This file was imported into {round_code} a moment ago. Nothing was added."
        ) from None


def _submission_keys(imported: ImportedFile, key: bytes, digest: str) -> dict[str, str]:
    """Respondent → the hash under which the row is kept.

    A respondent's own number stays the same in a corrected file, so that nobody is counted
    twice; it is hashed under the round's key and cannot be read back.
    """
    scope = "respondent" if imported.has_respondents else digest
    return {
        line.respondent: hmac.new(
            key, f"import\0{scope}\0{line.respondent}".encode(), hashlib.sha256
        ).hexdigest()
        for line in imported.rows
    }


def _unknown_units(frozen: FrozenRound, imported: ImportedFile, name: str) -> Iterator[Problem]:
    known = {unit.code for unit in frozen.plan.units}
    for unit in sorted({line.unit for line in imported.rows} - known):
        cure = f"Units of the plan: {', '.join(sorted(known))}."
        yield Problem("unit", "is not a unit of the plan", cure, unit, name)


def _known_respondents(
    known: Set[str], keys: Mapping[str, str], name: str
) -> Iterator[Problem]:
    for respondent, key in keys.items():
        if key in known:
            cure = "Leave the row out: its answers are already in the round."
            yield Problem("respondent", "was imported before", cure, respondent, name)


def _submission(file: ImportFileRow, line: ImportedRow, keys: Mapping[str, str]) -> Submission:
    return Submission(
        once="",
        body_digest=file.digest,
        answers=line.answers,
        paradata=Paradata(slot=""),
        channel="import",
        imported=Imported(
            file=file.id,
            key=keys[line.respondent],
            unit=line.unit,
            evidence=line.evidence,
            weight=line.weight,
            background=line.background,
        ),
    )


def _admit_all(
    session: Session, arrivals: Sequence[Arrival], *, name: str, now: datetime
) -> None:
    """All of a file comes in or none of it."""
    for start in range(0, len(arrivals), ROWS_AT_ONCE):
        group = arrivals[start : start + ROWS_AT_ONCE]
        try:
            outcomes = admit(session.connection(), group, now=now)
        except IntegrityError:
            raise AlreadyImported(MEANWHILE) from None
        if Verdict("", "repeated") in outcomes:
            raise AlreadyImported(MEANWHILE)
        refused = [one for one in outcomes if one != STORED]
        if refused:
            message = f"{len(refused)} of {len(group)} rows were not admitted: {refused[0]}"
            cure = "Raise the round's limits in a new plan, or leave the rows out."
            raise InputRefused([Problem("rows", message, cure, source=name)])
