"""Making segments: the responses of a round become one file of typed columns, rebuilt whole.

While a round is open a file follows only when enough new responses have come together, so
that comparing two files never shows the few who answered in between. Collecting never waits:
the responses are read beside the writers, and only the change of names is an act.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from app.database.engine import Sessions
from app.database.fieldwork import count_responses
from app.database.rounds import FrozenRound, find_round, load_round
from app.database.segments import (
    find_segment,
    forget_segments,
    hold_segment,
    list_aged,
    only_read,
    stream_lines,
)
from app.database.tables import RoundRow, SegmentRow
from app.documents.segments import (
    count_rows,
    file_digest,
    force_to_disk,
    write_segment,
)
from app.errors import DocumentFailed, MinxinError

FEWEST_NEW = 20
"""So many responses come together into the file of an open round, or none."""
SHORTEST_PAUSE = timedelta(minutes=10)
LONGEST_MAKING = timedelta(hours=6)
LONGEST_NAME = 90


def compact(sessions: Sessions, code: str, folder: Path, *, now: datetime) -> SegmentRow | None:
    """Make the segment of a round anew from all of its responses, and keep its row.

    None where the round is open and fewer than `FEWEST_NEW` would be added.
    """
    with reading(sessions) as session:
        row = find_round(session, code)
        frozen = load_round(session, row)
        earlier = find_segment(session, row.id, frozen.survey.key)
        count = count_responses(session, row.id)
    place = folder / segment_file(frozen)
    if row.state == "draft" or _too_few(row, earlier, count, place):
        return None
    _make_folder(place.parent, now)
    with TemporaryDirectory(dir=place.parent, prefix=".making-") as making:
        part = Path(making) / place.name
        fresh = _write(sessions, frozen, part, now)
        return _keep(sessions, fresh, part, place, forgotten_at=row.telemetry_forgotten_at)


def drop_segments(session: Session, row: RoundRow, folder: Path) -> None:
    """Take the files of a round away, with their rows; the worker makes them anew.

    Also what is just being made or was left by a crash: it holds what they held.
    """
    forget_segments(session, row.id)
    place = folder / row.code
    for left in (*place.glob("*.parquet"), *place.glob(".making-*")):
        _remove(left)


def rounds_due(sessions: Sessions, folder: Path, *, now: datetime) -> tuple[str, ...]:
    """Codes of the rounds whose segment may be behind; `compact` decides for each."""
    with reading(sessions) as session:
        aged = list_aged(session, before=now - SHORTEST_PAUSE)
        return tuple(row.code for row, segment in aged if _is_behind(row, segment, folder))


def is_sound(segment: SegmentRow, folder: Path) -> bool:
    """Whether the file of a segment is there, and is the one its row tells of."""
    place = folder / segment.file
    return place.exists() and file_digest(place) == segment.digest


def segment_file(frozen: FrozenRound) -> str:
    """Where in the folder of segments a round's file lies."""
    name = frozen.survey.key.replace("@", "-")[:LONGEST_NAME]
    return f"{frozen.code}/{name}.parquet"


@contextmanager
def reading(sessions: Sessions) -> Iterator[Session]:
    """A session that waits for no writer and keeps none waiting."""
    with sessions() as session:
        only_read(session)
        yield session


def _too_few(row: RoundRow, earlier: SegmentRow | None, count: int, place: Path) -> bool:
    """Whether a new file could be compared with the last one to show who came between.

    What lies there counts, not what its row says: they differ after an act was cut off.
    """
    if row.state != "open":
        return False
    try:
        known = count_rows(place) if place.exists() else 0
    except DocumentFailed:
        known = 0
    # Somebody may have kept a copy of a file that is lost here.
    return count - max(known, earlier.rows if earlier else 0) < FEWEST_NEW


def _is_behind(row: RoundRow, segment: SegmentRow | None, folder: Path) -> bool:
    if segment is None or row.state == "open":
        return True
    # A file made before telemetry was forgotten still remembers it.
    settled = row.telemetry_forgotten_at or row.closed_at
    is_final = settled is not None and segment.made_at >= settled
    return not is_final or not (folder / segment.file).exists()


def _write(sessions: Sessions, frozen: FrozenRound, part: Path, now: datetime) -> SegmentRow:
    """Write every response of a round; refuses if any was lost on the way."""
    survey = frozen.survey
    with reading(sessions) as session:
        count = count_responses(session, frozen.id)
        lines = stream_lines(session, frozen.id)
        written = write_segment(part, survey, lines, survey_digest=frozen.survey_digest)
    if written.rows < count:
        raise MinxinError(
            f"Round {frozen.code} has {count} responses and only {written.rows} were read; "
            "the segment stays as it was."
        )
    return SegmentRow(
        round_id=frozen.id,
        survey=survey.key,
        file=segment_file(frozen),
        rows=written.rows,
        digest=written.digest,
        made_at=now,
    )


def _keep(
    sessions: Sessions,
    fresh: SegmentRow,
    part: Path,
    place: Path,
    *,
    forgotten_at: datetime | None,
) -> SegmentRow | None:
    """Put the file in its place and keep its row: one act, decided again while it is held.

    A file that remembers what the round has forgotten meanwhile is none.
    """
    with sessions.begin() as session:
        row = session.get_one(RoundRow, fresh.round_id, with_for_update={"read": True})
        if row.telemetry_forgotten_at != forgotten_at:
            return None
        wanted = {name: getattr(fresh, name) for name in ("file", "rows", "digest", "made_at")}
        held = hold_segment(session, fresh)
        if held is None:
            return None
        earlier = None if held is fresh else held
        if _too_few(row, earlier, wanted["rows"], place):
            session.rollback()
            return None
        for name, value in wanted.items():
            setattr(held, name, value)
        session.flush()
        part.replace(place)
        force_to_disk(place.parent)
    return held


def _make_folder(folder: Path, now: datetime) -> None:
    """The folder of a round, readable by the platform alone, without what a crash left."""
    for one in (folder.parent, folder):  # the mode is that of the last one made
        one.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob(".making-*"):
        if now - datetime.fromtimestamp(left.stat().st_mtime, UTC) > LONGEST_MAKING:
            _remove(left)


def _remove(left: Path) -> None:
    if not left.is_dir():
        left.unlink(missing_ok=True)
        return
    for path in sorted(left.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    left.rmdir()
