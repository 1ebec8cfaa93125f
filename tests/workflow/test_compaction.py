"""A segment is rebuilt whole, in batches while its round is open, and matches its row."""

import json
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, select

from app.database.engine import Sessions, make_sessions
from app.database.rounds import find_round, load_round
from app.database.segments import find_segment, stream_lines
from app.database.tables import AuditEventRow, ResponseRow, ResponseTextRow, SegmentRow
from app.documents.segments import count_rows, file_digest, read_rows
from app.errors import DocumentFailed, MinxinError, NotFound, WrongState
from app.workflow.answer_export import export_answers
from app.workflow.compaction import (
    FEWEST_NEW,
    SHORTEST_PAUSE,
    _keep,
    _write,
    compact,
    is_sound,
    reading,
    rounds_due,
)
from app.workflow.fieldwork import close_round
from world import NOW, a_round

CODE = "town-2026"
SURVEY = "three_senses_short@1"
LATER = NOW + SHORTEST_PAUSE


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        a_round(session)
    return sessions


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "segments"


def answer(sessions: Sessions, count: int, **changed) -> list[str]:
    """So many responses, without the door: what is tested begins behind it."""
    with sessions.begin() as session:
        row = find_round(session, CODE)
        responses = [
            ResponseRow(
                **{
                    "id": f"{row.id:08x}{secrets.token_hex(12)}",
                    "round_id": row.id,
                    "unit": "east",
                    "point": "east-hall",
                    "evidence": "opt_in",
                    "survey": SURVEY,
                    "channel": "qr",
                    "assurance": "open",
                    "answers": {"Q1": 5},
                    "background": {},
                    "paradata": {"slot": "2026-11-22T08:30Z"},
                    "submission_hash": secrets.token_hex(32),
                    "body_digest": "0" * 64,
                }
                | changed
            )
            for _ in range(count)
        ]
        session.add_all(responses)
        return [response.id for response in responses]


def close(sessions: Sessions, *, now=NOW) -> None:
    with sessions.begin() as session:
        close_round(session, find_round(session, CODE), now=now)


def ids_in(path) -> list[str]:
    return [row[0] for chunk in read_rows(path, 1000) for row in chunk]


def kept(sessions: Sessions) -> SegmentRow | None:
    with sessions() as session:
        return find_segment(session, find_round(session, CODE).id, SURVEY)


def test_a_segment_holds_every_response_and_its_row_tells_of_it(sessions, folder):
    ids = answer(sessions, 25)
    made = compact(sessions, CODE, folder, now=NOW)
    path = folder / made.file
    assert made.file == "town-2026/three_senses_short-1.parquet"
    assert ids_in(path) == sorted(ids)
    row = kept(sessions)
    assert (row.rows, row.digest, row.made_at) == (25, file_digest(path), NOW)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_an_open_round_is_shown_only_in_batches(sessions, folder):
    answer(sessions, FEWEST_NEW - 1)
    assert compact(sessions, CODE, folder, now=NOW) is None
    assert not folder.exists()
    answer(sessions, 1)
    first = compact(sessions, CODE, folder, now=NOW)
    answer(sessions, FEWEST_NEW - 1)
    assert compact(sessions, CODE, folder, now=LATER) is None
    assert count_rows(folder / first.file) == first.rows == FEWEST_NEW
    answer(sessions, 1)
    assert compact(sessions, CODE, folder, now=LATER).rows == 2 * FEWEST_NEW


def test_what_came_last_is_added_when_the_round_closes(sessions, folder):
    answer(sessions, 20)
    compact(sessions, CODE, folder, now=NOW)
    answer(sessions, 1)
    close(sessions, now=LATER)
    assert rounds_due(sessions, folder, now=LATER) == (CODE,)
    assert compact(sessions, CODE, folder, now=LATER).rows == 21
    assert rounds_due(sessions, folder, now=LATER + timedelta(days=9)) == ()


def test_a_round_is_looked_at_every_ten_minutes(sessions, folder):
    assert rounds_due(sessions, folder, now=NOW) == (CODE,)
    answer(sessions, 20)
    compact(sessions, CODE, folder, now=NOW)
    assert rounds_due(sessions, folder, now=LATER - timedelta(seconds=1)) == ()
    assert rounds_due(sessions, folder, now=LATER) == (CODE,)


def test_a_response_that_was_erased_is_in_no_later_file(sessions, folder):
    ids = answer(sessions, 30)
    close(sessions)
    before = compact(sessions, CODE, folder, now=NOW)
    with sessions.begin() as session:
        session.execute(delete(ResponseRow).where(ResponseRow.id == ids[7]))
    after = compact(sessions, CODE, folder, now=LATER)
    assert after.id == before.id
    assert ids_in(folder / after.file) == sorted(set(ids) - {ids[7]})
    assert ids[7].encode() not in (folder / after.file).read_bytes()


def test_erasing_in_an_open_round_lets_nobody_in_by_ones(sessions, folder):
    ids = answer(sessions, 30)
    compact(sessions, CODE, folder, now=NOW)
    with sessions.begin() as session:
        session.execute(delete(ResponseRow).where(ResponseRow.id.in_(ids[:25])))
    answer(sessions, 1)
    assert compact(sessions, CODE, folder, now=LATER) is None


def test_words_are_in_no_segment(sessions, folder):
    (identifier, *_) = answer(sessions, 20)
    with sessions.begin() as session:
        text = ResponseTextRow(response_id=identifier, item="comment", text="canary-words")
        session.add(text)
    made = compact(sessions, CODE, folder, now=NOW)
    told = json.dumps([list(chunk) for chunk in read_rows(folder / made.file, 100)])
    assert "canary" not in told


def test_an_act_cut_off_between_file_and_row_is_noticed_and_mended(sessions, folder):
    answer(sessions, 20)
    made = compact(sessions, CODE, folder, now=NOW)
    assert is_sound(made, folder)
    with sessions.begin() as session:  # the row as it was before the file got its name
        row = session.get_one(SegmentRow, made.id)
        row.digest, row.rows = "0" * 64, 3
    answer(sessions, 1)
    assert not is_sound(kept(sessions), folder)
    # The file that lies there counts: a new one would show who came in between.
    assert compact(sessions, CODE, folder, now=LATER) is None
    close(sessions)
    export_answers(sessions, CODE, folder / "a.csv", folder=folder, now=LATER)
    assert is_sound(kept(sessions), folder)


def test_a_lost_or_damaged_file_is_made_again(sessions, folder):
    answer(sessions, 20)
    close(sessions)
    made = compact(sessions, CODE, folder, now=NOW)
    path = folder / made.file
    path.unlink()
    assert rounds_due(sessions, folder, now=NOW) == (CODE,)
    compact(sessions, CODE, folder, now=NOW)
    assert file_digest(path) == made.digest
    path.write_bytes(b"torn")
    assert not is_sound(kept(sessions), folder)
    compact(sessions, CODE, folder, now=NOW)
    assert file_digest(path) == made.digest


def test_a_failure_leaves_the_segment_as_it_was(sessions, folder):
    answer(sessions, 20)
    made = compact(sessions, CODE, folder, now=NOW)
    answer(sessions, 20, answers={"Q77": 1})
    with pytest.raises(DocumentFailed, match="20 responses hold answers"):
        compact(sessions, CODE, folder, now=LATER)
    assert is_sound(kept(sessions), folder)
    assert [path.name for path in (folder / CODE).iterdir()] == [(folder / made.file).name]


def test_collecting_goes_on_while_a_segment_is_read(sessions, folder):
    answer(sessions, 20)
    with reading(sessions) as session:
        lines = stream_lines(session, find_round(session, CODE).id)
        first = next(lines)
        answer(sessions, 1)  # a writer takes its place while the reader still has its own
        assert len(first) + sum(len(chunk) for chunk in lines) == 20


def test_two_workers_never_show_fewer_than_a_batch_between_them(sessions, folder, tmp_path):
    answer(sessions, 20)
    with reading(sessions) as session:
        frozen = load_round(session, find_round(session, CODE))
    slow = _write(sessions, frozen, tmp_path / "slow.parquet", NOW)
    answer(sessions, 1)
    overtaking = compact(sessions, CODE, folder, now=NOW)
    place = folder / overtaking.file
    made = tmp_path / "slow.parquet"
    assert _keep(sessions, slow, made, place, forgotten_at=None) is None
    assert (overtaking.rows, count_rows(place)) == (21, 21)
    assert is_sound(kept(sessions), folder)


def test_a_round_that_does_not_exist_makes_no_folder(sessions, folder):
    with pytest.raises(NotFound):
        compact(sessions, "../elsewhere", folder, now=NOW)
    assert not folder.exists()


def test_what_a_crash_left_is_swept_away(sessions, folder):
    left = folder / CODE / ".making-old" / ".columns-x"
    left.mkdir(parents=True)
    (left / "columns.duckdb").write_bytes(b"x")
    answer(sessions, 20)
    compact(sessions, CODE, folder, now=NOW + timedelta(days=36500))
    assert len(list((folder / CODE).iterdir())) == 1


def test_rows_of_an_open_round_are_handed_to_nobody(sessions, folder, tmp_path):
    answer(sessions, 40)
    compact(sessions, CODE, folder, now=NOW)
    with pytest.raises(WrongState, match="handed out once it is closed"):
        export_answers(sessions, CODE, tmp_path / "a.csv", folder=folder, now=NOW)
    assert not (tmp_path / "a.csv").exists()


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_a_closed_round_is_handed_out_whole_with_a_manifest(sessions, folder, tmp_path, form):
    answer(sessions, 7)
    close(sessions)
    out = tmp_path / f"a.{form}"
    export_answers(sessions, CODE, out, folder=folder, now=NOW)
    manifest = json.loads((tmp_path / f"a.{form}.manifest.json").read_text(encoding="utf-8"))
    assert (manifest["rows"], manifest["digest"]) == (7, file_digest(out))
    assert out.stat().st_mode & 0o777 == 0o600
    assert manifest["made_at"] == "2026-11-22T08:33:20+00:00"
    assert [column["name"] for column in manifest["codebook"]["columns"]][:2] == ["id", "unit"]
    with sessions() as session:
        assert manifest["plan_digest"] == find_round(session, CODE).plan_digest
        acts = session.scalars(select(AuditEventRow.act).order_by(AuditEventRow.id)).all()
    assert acts[-1] == "hand_out_answers"
    assert {path.name for path in tmp_path.glob("a.*")} == {
        out.name,
        f"{out.name}.manifest.json",
    }
    assert not list(tmp_path.glob(".answers-*"))


def test_a_file_with_fewer_rows_than_the_database_is_not_kept(sessions, folder, tmp_path):
    answer(sessions, 6)
    close(sessions)
    made = compact(sessions, CODE, folder, now=NOW)
    answer(sessions, 1)
    with sessions.begin() as session:  # a row that says more than its file holds
        session.get_one(SegmentRow, made.id).rows = 7
    with pytest.raises(MinxinError, match="7 responses, but 6 rows"):
        export_answers(sessions, CODE, tmp_path / "a.csv", folder=folder, now=NOW)
    assert list(tmp_path.glob("a.*")) == []


def test_a_file_that_cannot_be_written_is_said(sessions, folder, tmp_path):
    answer(sessions, 1)
    close(sessions)
    with pytest.raises(MinxinError, match="cannot be written"):
        export_answers(sessions, CODE, tmp_path / "no" / "a.csv", folder=folder, now=NOW)
