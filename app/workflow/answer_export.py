"""Handing out the rows of a round to analysts, from its segment and only once it is closed.

While answers still come in, whoever is assessed must not be able to watch them arrive.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.database.engine import Sessions
from app.database.fieldwork import count_responses
from app.database.rounds import find_round, load_round, record
from app.database.segments import find_segment
from app.documents.answer_files import form_of, write_answers
from app.documents.segments import file_digest, read_codebook
from app.documents.workbooks import results_json
from app.errors import MinxinError, WrongState
from app.workflow.compaction import compact, is_sound, reading

OWNER_ONLY = 0o600
"""Rows of people: whoever else is to read them is given them on purpose."""


def export_answers(
    sessions: Sessions, code: str, out: Path, *, folder: Path, now: datetime
) -> Mapping[str, Any]:
    """Write the answers of a closed round to `out` and a manifest beside it; gives the latter.

    The kind of file follows from its name. WrongState while the round is open; MinxinError if
    the rows are not as many as the database holds: then there is no file.
    """
    form_of(out)
    with reading(sessions) as session:
        row = find_round(session, code)
        if row.state in {"draft", "open"}:
            raise WrongState(
                f"Round {code} is {row.state}; its answers are handed out once it is closed."
            )
        frozen = load_round(session, row)
        count = count_responses(session, row.id)
        segment = find_segment(session, row.id, frozen.survey.key)
    if segment is None or segment.rows != count or not is_sound(segment, folder):
        segment = compact(sessions, code, folder, now=now)
    if segment is None or segment.rows != count:
        raise MinxinError(f"The segment of {code} is being made at this moment. Try again.")
    manifest = {
        "round": code,
        "survey": frozen.survey.key,
        "plan_digest": frozen.plan_digest,
        "segment_digest": segment.digest,
        "made_at": now.isoformat(timespec="seconds"),
        "codebook": read_codebook(folder / segment.file),
    }
    try:
        written = _write(folder / segment.file, out, manifest, count)
    except OSError as error:
        raise MinxinError(f"{out} cannot be written: {error.strerror}.") from None
    with sessions.begin() as session:
        detail = {"file": written["file"], "rows": count, "digest": written["digest"]}
        record(session, "hand_out_answers", subject=code, now=now, detail=detail)
    return written


def _write(
    segment: Path, out: Path, manifest: Mapping[str, Any], count: int
) -> Mapping[str, Any]:
    """Write beside, count, and only then give the files their names."""
    with TemporaryDirectory(dir=out.parent, prefix=".answers-") as making:
        part = Path(making) / out.name
        rows = write_answers(segment, part)
        if rows != count:
            raise MinxinError(
                f"The round has {count} responses, but {rows} rows were written: "
                "the file is not kept."
            )
        whole = {**manifest, "file": out.name, "rows": rows, "digest": file_digest(part)}
        note = part.with_name(f"{out.name}.manifest.json")
        note.write_bytes(results_json(whole))
        part.chmod(OWNER_ONLY)
        part.replace(out)
        note.replace(out.with_name(note.name))
    return whole
