"""Test ratings by command: through a healthy server, and through one that drops bad grades."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.cli import canaries
from app.database.alarms import list_alarms
from app.database.canaries import count_arrived
from app.database.engine import make_engine, make_sessions
from app.database.fieldwork import count_by, count_responses, load_responses
from app.database.results import find_run, result_of
from app.database.rights import count_token_states, keep_tokens
from app.database.rounds import active_codes, find_round
from app.database.tables import CanaryRow, ResponseRow
from app.database.tallies import reconcile, tallies_by_point
from app.errors import InputRefused, MinxinError, WrongState
from app.settings import Settings
from app.web.application import create_app
from app.workflow.admission import receive_response
from app.workflow.canaries.sending import prepare_errands
from app.workflow.fieldwork import close_round
from app.workflow.processing import process_now, recompute
from terminal import run_command
from world import NOW, TOWN_PLAN, a_place, a_round, a_submission

ADMITTED = TOWN_PLAN + "admission: {rights: [open, ticket], most: 500, most_per_point: 300}\n"
WAYS = 4
GRADES = 5


@pytest.fixture
def round_url(sqlite_url: str) -> str:
    """A database with an open round that took thirty answers."""
    engine = make_engine(sqlite_url)
    with Session(engine) as session, session.begin():
        row = a_round(session, ADMITTED)
        for number in range(30):
            point = ("east-hall", "west-hall")[number % 2]
            given = {"Q1": number % 5 + 1, "Q2": 4, "Q3": 5 - number % 3}
            receive_response(
                session, a_place(session, row, point), a_submission(f"p{number}", given), NOW
            )
    engine.dispose()
    return sqlite_url


@pytest.fixture
def minxin(round_url: str, monkeypatch: pytest.MonkeyPatch):
    """Run a command on the round at a time at which it is open; what it said."""
    monkeypatch.setenv("MINXIN_DATABASE_URL", round_url)
    monkeypatch.setattr(canaries, "_now", lambda: NOW)

    def run(*words: str | Path, fails: bool = False) -> str:
        result = run_command(*words)
        if fails:
            assert isinstance(result.exception, MinxinError), result.output
            return f"{result.output}{result.exception}"
        assert result.exception is None, result.output + repr(result.exception)
        return result.output

    return run


@pytest.fixture
def key(minxin, tmp_path: Path) -> Path:
    """The auditor's key."""
    file = tmp_path / "auditor.key"
    minxin("canary", "key", "--out", file)
    return file


@pytest.fixture
def send(minxin, key, serve, round_url) -> Callable[..., str]:
    """Send test ratings through a server, healthy or not, and give what was said."""

    def through(wrap=lambda application: application) -> str:
        server = serve(wrap(create_app(Settings(database_url=round_url), clock=lambda: NOW)))
        words = ("canary", "send", "--round", "town-2026", "--key", key, "--minutes", "0")
        said = minxin(*words, "--address", server.url)
        server.stop()
        return said

    return through


def dropping(grades: set[str]):
    """An application in front of which something swallows bad ratings with a friendly face."""

    def wrap(application):
        async def serve(scope, receive, send):
            if scope["type"] != "http" or scope["method"] != "POST":
                await application(scope, receive, send)
                return
            message = await receive()
            body = message["body"]
            rating = _rating(scope["path"], body)
            if rating in grades:
                headers = [(b"location", b"/r/0000-0000-000"), (b"content-length", b"0")]
                start = {"type": "http.response.start", "status": 303, "headers": headers}
                await send(start)
                await send({"type": "http.response.body", "body": b""})
                return

            async def again():
                return message

            await application(scope, again, send)

        return serve

    return wrap


def _rating(path: str, body: bytes) -> str:
    if path.startswith("/api"):
        return str(json.loads(body)["answers"]["Q1"])
    return parse_qs(body.decode()).get("q-Q1", [""])[0]


def raising(grade: str, to: str):
    """An application in front of which something turns one grade of the page into another."""

    def wrap(application):
        async def serve(scope, receive, send):
            async def read():
                message = await receive()
                old, new = f"q-Q1={grade}&".encode(), f"q-Q1={to}&".encode()
                return message | {"body": message.get("body", b"").replace(old, new)}

            await application(scope, read, send)

        return serve

    return wrap


def test_every_grade_arrives_through_every_way_of_a_healthy_server(
    send, minxin, key, round_url
):
    said = send()
    checked = minxin("canary", "check", "--round", "town-2026", "--key", key)

    assert f"{WAYS * GRADES} test ratings sent to town-2026, 0 not taken" in said
    assert f"All {WAYS * GRADES} test ratings of town-2026 arrived" in checked
    with Session(make_engine(round_url)) as session:
        row = find_round(session, "town-2026")
        assert list_alarms(session, row.id) == []
        assert count_arrived(session, row.id) == WAYS * GRADES


def test_a_server_that_swallows_low_grades_raises_the_alarm(send, minxin, key, round_url):
    said = send(dropping({"1", "2"}))
    checked = minxin("canary", "check", "--round", "town-2026", "--key", key, fails=True)

    assert "0 not taken" in said, "whoever swallows them says thank you"
    assert f"{WAYS * 2} of {WAYS * GRADES} test ratings are missing or altered" in checked
    with Session(make_engine(round_url)) as session:
        row = find_round(session, "town-2026")
        alarms = list_alarms(session, row.id)
        assert {one.row.code for one in alarms} == {"CANARY_MISSING"}
        assert len(alarms) == WAYS
        assert all("1, 2" in one.row.telling["seen"]["en"] for one in alarms)
        assert all(one.row.observed == GRADES - 2 for one in alarms)


def test_a_grade_that_is_changed_on_the_way_raises_the_alarm(send, minxin, key, round_url):
    send(raising("1", to="5"))
    checked = minxin("canary", "check", "--round", "town-2026", "--key", key, fails=True)

    assert "grade 1 altered" in checked
    with Session(make_engine(round_url)) as session:
        row = find_round(session, "town-2026")
        assert {one.row.code for one in list_alarms(session, row.id)} == {"CANARY_ALTERED"}


def numbers(url: str) -> list[object]:
    """Every number of an open round that anybody is shown."""
    with Session(make_engine(url)) as session:
        row = find_round(session, "town-2026")
        days = tallies_by_point(session, row.id)
        shown = {p: {k: c.get(k, 0) for k in ("received", "stored")} for p, c in days.items()}
        columns = ("unit", "point", "channel", "evidence")
        return [
            count_responses(session, row.id),
            *(count_by(session, row.id, column) for column in columns),
            shown,
        ]


def test_no_number_of_an_open_round_moves_before_and_after_the_check(
    send, minxin, key, round_url
):
    before = numbers(round_url)

    send()
    sent = numbers(round_url)
    minxin("canary", "check", "--round", "town-2026", "--key", key)

    assert sent == before
    assert numbers(round_url) == before


def test_no_row_is_handed_out_before_the_check(send, round_url):
    send()

    with Session(make_engine(round_url)) as session:
        row = find_round(session, "town-2026")
        with pytest.raises(WrongState, match="minxin canary check"):
            load_responses(session, row.id)


def test_published_numbers_are_the_same_bytes_with_and_without(
    send, minxin, key, round_url, sqlite_url
):
    without = _result(round_url, keep=False)
    send()
    minxin("canary", "check", "--round", "town-2026", "--key", key)

    with_them = _result(round_url, keep=True)

    assert with_them["run"].pop("test_ratings") == WAYS * GRADES
    assert "test_ratings" not in without["run"]
    assert json.dumps(with_them, sort_keys=True) == json.dumps(without, sort_keys=True)


def _result(url: str, *, keep: bool) -> dict:
    """The result of the round, closed and processed; undone again unless kept."""
    sessions = make_sessions(make_engine(url))
    with sessions.begin() as session:
        close_round(session, find_round(session, "town-2026"), now=NOW)
    run = process_now(sessions, "town-2026", now=NOW)
    document = json.loads(run.document or "")
    with sessions() as session:
        assert recompute(session, run.id)
    if not keep:
        with sessions.begin() as session:
            for table in ("response_weight", "run"):
                session.execute(text(f"DELETE FROM {table}"))
            row = find_round(session, "town-2026")
            row.state, row.closed_at = "open", None
    return document


def test_a_closed_round_is_not_processed_while_a_test_rating_is_not_looked_for(
    send, minxin, key, round_url
):
    send(dropping({"1"}))
    minxin("canary", "check", "--round", "town-2026", "--key", key, fails=True)
    sessions = make_sessions(make_engine(round_url))
    with sessions.begin() as session:
        later = NOW + timedelta(hours=1)
        close_round(session, find_round(session, "town-2026"), now=later)

    with pytest.raises(WrongState, match=f"{WAYS} test ratings"):
        process_now(sessions, "town-2026", now=NOW)

    canaries._now = lambda: NOW + timedelta(hours=2)
    minxin("canary", "check", "--round", "town-2026", "--key", key, fails=True)
    run = process_now(sessions, "town-2026", now=NOW)
    with sessions() as session:
        assert find_run(session, run.id).state == "finished"


def test_a_round_whose_key_is_lost_is_processed_and_its_result_says_so(send, minxin, round_url):
    send()
    sessions = make_sessions(make_engine(round_url))
    with sessions.begin() as session:
        close_round(session, find_round(session, "town-2026"), now=NOW)
    words = ("canary", "give-up", "--round", "town-2026", "--author", "An")
    said = minxin(*words, "--reason", "the laptop burnt")
    assert f"{WAYS * GRADES} test ratings of town-2026 were given up" in said
    run = process_now(sessions, "town-2026", now=NOW)
    with sessions() as session:
        document = result_of(find_run(session, run.id))
        assert recompute(session, run.id)
    assert document["run"]["lost_test_ratings"] == WAYS * GRADES
    assert document["responses"]["total"] == 30 + WAYS * GRADES


def test_every_test_rating_is_on_the_books_like_any_answer(send, minxin, key, round_url):
    send()
    minxin("canary", "check", "--round", "town-2026", "--key", key)

    with Session(make_engine(round_url)) as session:
        row = find_round(session, "town-2026")
        rows = session.scalars(select(ResponseRow)).all()
        assert len(rows) == 30 + WAYS * GRADES
        assert reconcile(session, row.id) == []


def test_nothing_that_is_kept_or_sent_tells_a_test_rating_from_others(send, key, round_url):
    send()

    with Session(make_engine(round_url)) as session:
        marks = {row.mark for row in session.scalars(select(CanaryRow))}
        kept = [
            json.dumps({c.name: str(getattr(one, c.name)) for c in one.__table__.columns})
            for one in session.scalars(select(ResponseRow))
        ]
        names = session.execute(text("SELECT DISTINCT batch FROM token")).scalars().all()
    assert len(marks) == WAYS * GRADES
    assert not any(mark in line for mark in marks for line in kept)
    assert all(re.fullmatch(r"tickets-\d{4}-\d\d-\d\d", name) for name in names)


def test_places_that_test_ratings_took_are_given_back(send, minxin, key, round_url):
    send()
    minxin("canary", "check", "--round", "town-2026", "--key", key)

    with Session(make_engine(round_url)) as session:
        taken = dict(session.execute(text("SELECT name, taken FROM allowance")).all())
    assert taken == {"round": 30, "point:east-hall": 15, "point:west-hall": 15}


def test_a_second_check_finds_the_same_and_keeps_nothing_twice(send, minxin, key, round_url):
    send()
    minxin("canary", "check", "--round", "town-2026", "--key", key)
    minxin("canary", "check", "--round", "town-2026", "--key", key)

    with Session(make_engine(round_url)) as session:
        kept = session.execute(text("SELECT count(*) FROM canary_found")).scalar_one()
    assert kept == WAYS * GRADES


def test_another_key_is_refused_instead_of_crying_wolf(send, minxin, tmp_path):
    send()
    other = tmp_path / "other.key"
    minxin("canary", "key", "--out", other)

    said = minxin("canary", "check", "--round", "town-2026", "--key", other, fails=True)

    assert "sealed with another key" in said


def test_a_file_that_is_no_key_is_refused(minxin, tmp_path):
    file = tmp_path / "no.key"
    file.write_text("secret", encoding="utf-8")

    with pytest.raises(InputRefused, match="64 hexadecimal digits"):
        canaries.read_key(file.read_bytes(), file.name)


def test_a_round_with_hardly_any_places_left_takes_no_test_ratings(sqlite_url):
    with Session(make_engine(sqlite_url)) as session:
        row = a_round(session, TOWN_PLAN + "admission: {rights: [open], most: 10}\n")
        with pytest.raises(WrongState, match="places left"):
            prepare_errands(session, row, now=NOW)


def test_a_server_that_does_not_answer_is_said_and_the_seals_stand(minxin, key, round_url):
    words = ("canary", "send", "--round", "town-2026", "--key", key, "--minutes", "0")
    said = minxin(*words, "--address", "http://127.0.0.1:9")

    assert "did not answer" in said
    assert f"{WAYS * GRADES} not taken" in said


def test_invitations_carry_test_ratings_once_somebody_was_invited(sqlite_url):
    with Session(make_engine(sqlite_url)) as session:
        row = a_round(session, TOWN_PLAN + "admission: {rights: [invitation]}\n")
        assert prepare_errands(session, row, now=NOW) == []
        fields = {
            "purpose": "invitation", "batch": "spring", "point": "east-hall", "weight": 2.5,
            "expires_at": NOW + timedelta(days=1),
        }  # fmt: skip
        keep_tokens(session, row.id, {"a" * 64: fields})
        errands = prepare_errands(session, row, now=NOW)

        assert len(errands) == 3 * GRADES
        assert all(errand.token for errand in errands)
        assert {errand.code for errand in errands} <= set(
            active_codes(session, row.id).values()
        )


HALL = TOWN_PLAN.replace("three_senses_short@1", "service_review@1")


@pytest.fixture
def closed_doors(sqlite_url: str) -> str:
    """A round of the service review that only invitations and tickets open."""
    engine = make_engine(sqlite_url)
    with Session(engine) as session, session.begin():
        row = a_round(session, HALL + "admission: {rights: [invitation, ticket]}\n")
        fields = {
            "purpose": "invitation", "batch": "spring", "point": "east-hall", "weight": 2.5,
            "expires_at": NOW + timedelta(days=1),
        }  # fmt: skip
        keep_tokens(session, row.id, {"a" * 64: fields})
    engine.dispose()
    return sqlite_url


def test_invitations_and_tickets_carry_grades_of_a_routed_survey(
    closed_doors, serve, monkeypatch, tmp_path
):
    monkeypatch.setenv("MINXIN_DATABASE_URL", closed_doors)
    monkeypatch.setattr(canaries, "_now", lambda: NOW)
    server = serve(create_app(Settings(database_url=closed_doors), clock=lambda: NOW))
    key = tmp_path / "auditor.key"
    run_command("canary", "key", "--out", key)
    where = ["--round", "town-2026", "--key", str(key)]

    sent = run_command("canary", "send", *where, "--address", server.url, "--minutes", "0")
    checked = run_command("canary", "check", *where)

    assert "20 test ratings sent to town-2026, 0 not taken" in sent.output
    assert "All 20 test ratings of town-2026 arrived" in checked.output
    with Session(make_engine(closed_doors)) as session:
        row = find_round(session, "town-2026")
        kept = session.scalars(select(ResponseRow)).all()
        assert {one.evidence for one in kept} == {"probability", "transaction"}
        assert {one.assurance for one in kept} == {"one_time"}
        tokens = count_token_states(session, row.id, NOW)
        assert {purpose: states["issued"] for purpose, states in tokens.items()} == {
            "invitation": 1,
            "ticket": 0,
        }
