"""After a thousand answers nothing remains that points to a person: every byte is searched.

The product runs as `minxin serve` runs it, with its real log, its temporary files and its
database in folders of this test. Every submission carries words of its own where a person
could be found by them: address, user agent, cookie, referrer, token, key of the form. The
folders are searched while the server runs and again when it has ended.
"""

import hashlib
import http.client
import json
import os
import resource
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from app.database.engine import make_engine, make_sessions
from app.database.fieldwork import count_responses
from app.database.rounds import find_round
from app.survey.tokens import write_token
from app.web.resident.once import new_once
from app.workflow.places import Place
from app.workflow.rights import TicketOrder, keep_issue, prepare_tickets, stand_on
from databases import free_port
from world import PROJECT, TOWN_PLAN, a_place, a_round

SUBMISSIONS = 1_000
BY_PROGRAM = 4
"""Every so many submissions one comes through the interface for programs."""
PEOPLE = 40
"""So many addresses and user agents, each of which comes again and again."""
SEARCHED = 10
"""Of every so many keys and receipts, each its own, one is searched for."""
TICKETS = 40
HALL = "hall-2026"
PLAN = (
    TOWN_PLAN.replace("town-2026", HALL)
    .replace("three_senses_short@1", "service_review@1")
    .replace("closes: '2027-", "closes: '2100-")
    + "admission: {rights: [open, ticket]}\n"
)
PATIENCE = 60.0
LONG_ENOUGH = 8
"""Bytes of a pattern that no chance makes; of shorter ones a few hits are chance."""
MOST_BY_CHANCE = 3
WORD = "zqperson"
"""Begins every word that points to somebody."""
WRITTEN = "zqwrittenqz"
"""Stands in every free text, so that the search can be seen to look in the right place."""


@dataclass(slots=True)
class Trace:
    """What may not be found, by what it is, and what must be."""

    inside: tuple[str, ...]
    """What may stand in the database and nowhere else."""
    forbidden: dict[str, set[bytes]] = field(default_factory=dict)
    kept: set[bytes] = field(default_factory=set)

    def forbid(self, what: str, *patterns: bytes | str) -> None:
        found = self.forbidden.setdefault(what, set())
        found |= {one.encode() if isinstance(one, str) else one for one in patterns}


@dataclass(frozen=True, slots=True)
class Ground:
    """The folders, the served product, the place that answers go to."""

    folder: Path
    port: int
    url: str
    place: Place
    tokens: tuple[str, ...]


@pytest.fixture
def ground(sqlite_url: str, tmp_path: Path) -> Iterator[Ground]:
    """The product, served from a process of its own, with an open round."""
    place, tokens = _open(sqlite_url)
    folder, port = tmp_path / "served", free_port()
    for name in ("run", "tmp", "segments"):
        (folder / name).mkdir(parents=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(folder / "tmp"),
        "MINXIN_DATABASE_URL": sqlite_url,
        "MINXIN_DATA_DIRECTORY": str(folder / "segments"),
        "MINXIN_LOG_LEVEL": "debug",
        "MINXIN_PROXY_HOPS": "1",
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", f"--port={port}"],
            cwd=folder / "run",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=_allow_core_files,
        )
    try:
        _await(port, server, folder / "log")
        yield Ground(tmp_path, port, sqlite_url, place, tokens)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE)


def _allow_core_files() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def _open(url: str) -> tuple[Place, tuple[str, ...]]:
    now, engine = datetime.now(UTC), make_engine(url)
    with make_sessions(engine).begin() as session:
        row = a_round(session, PLAN, now=now)
        order = TicketOrder("east-hall", TICKETS, "canaries")
        issue = prepare_tickets(stand_on(session, row, "ticket", now), order)
        keep_issue(session, row, issue, now=now)
        place = a_place(session, row)
    engine.dispose()
    return place, tuple(right.token for right in issue.rights)


def _await(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        with suppress(OSError, http.client.HTTPException):
            if _ask(port, "GET", "/readyz")[0] == 200:
                return
        if server.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the server did not start:\n{log.read_text()[-2000:]}", pytrace=False)
        time.sleep(0.05)


def _ask(
    port: int, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Status, where it leads, and body of a reply."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body.encode() or None, dict(headers or {}))
        reply = connection.getresponse()
        return reply.status, reply.getheader("location", ""), reply.read().decode()
    finally:
        connection.close()


def address_of(n: int) -> str:
    """Twenty addresses of each kind, from the ranges that documents may use."""
    person = n % PEOPLE
    return f"198.51.100.{100 + person}" if n % 2 else f"2001:db8:{person:x}:c0de::{person:x}"


def _forms_of(address: str) -> Iterator[bytes]:
    """How an address could lie about: as text, as bytes, as its plain hash."""
    ip = ip_address(address)
    bits = 24 if ip.version == 4 else 48
    network = ip_network((address, bits), strict=False)
    yield from (ip.packed, ip.packed[::-1], ip.exploded.encode(), str(int(ip)).encode())
    for text in (address, str(network), ip.exploded, f"{address}:0"):
        yield text.encode()
        for hashed in _plain_hashes(text):
            yield from (hashed.digest(), hashed.hexdigest().encode())


def _plain_hashes(text: str) -> list[Any]:
    return [hashlib.new(kind, text.encode()) for kind in ("md5", "sha1", "sha256")]


def submit(ground: Ground, n: int, trace: Trace) -> None:
    """One person's answers, with a trace of her in every corner of the request."""
    word = f"{WORD}{n % PEOPLE}qz"
    address, agent = address_of(n), f"Mozilla/5.0 (Android) Canary/{word}"
    trace.forbid("address", *_forms_of(address))
    trace.forbid("word", WORD, *(hashed.hexdigest() for hashed in _plain_hashes(agent)))
    headers = {
        "X-Forwarded-For": f"203.0.113.9, {address}",
        "User-Agent": agent,
        "Cookie": f"who={word}",
        "Referer": f"https://{word}.example/",
        "Accept-Language": f"zh, x-{word}",
        "Via": word,
        "X-Real-IP": address,
        "Forwarded": f"for={address}",
        "X-Device-Id": word,
    }
    token = ground.tokens[n] if n < len(ground.tokens) else ""
    if token:
        trace.forbid("token", token, token.upper(), write_token(token))
    send = _by_program if n % BY_PROGRAM == 0 else _by_page
    receipt, once = send(ground, token, headers)
    if n % SEARCHED == 0:
        trace.forbid("key of a form", once)
        trace.forbid("receipt", receipt, receipt.lower(), receipt.replace("-", "").lower())
    if send is _by_page:
        trace.kept.add(hashlib.sha256(once.encode()).hexdigest().encode())
    else:
        # A program's keys may be numbers of people: no plain hash of them stays.
        full = f"api:{ground.place.code}:{once}"
        trace.forbid("hash of a program's key", hashlib.sha256(full.encode()).hexdigest())
    assert _ask(ground.port, "GET", f"/r/{receipt}?{word}", headers=headers)[0] == 200


def _by_page(ground: Ground, token: str, headers: Mapping[str, str]) -> tuple[str, str]:
    once = new_once(ground.place.key, ground.place.code, datetime.now(UTC))
    fields = {"once": once, "q-grade": "5", "q-comment": WRITTEN, "skip": "1", "token": token}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    path = f"/s/{ground.place.code}"
    status, location, _ = _ask(
        ground.port, "POST", path, urlencode(fields), kind | dict(headers)
    )
    assert status == 303
    return location.removeprefix("/r/").partition("?")[0], once


def _by_program(ground: Ground, token: str, headers: Mapping[str, str]) -> tuple[str, str]:
    once = secrets.token_hex(16)
    document = {
        "code": ground.place.code,
        "once": once,
        "answers": {"grade": 5, "comment": WRITTEN},
        "accept_missing": True,
    } | ({"token": token} if token else {})
    kind = {"Content-Type": "application/json"}
    body = json.dumps(document)
    status, _, text = _ask(ground.port, "POST", "/api/v1/responses", body, kind | dict(headers))
    assert status == 201, text
    return json.loads(text)["receipt"], once


def offend(ground: Ground, trace: Trace) -> None:
    """Requests that fail, for a failure talks more than a success."""
    word = "zqoffenderqz"
    trace.forbid("word", word)
    code, headers = ground.place.code, {"User-Agent": word, "X-Forwarded-For": word}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for method, path, body, kind in (
        ("GET", f"/{word}", "", {}),
        ("GET", f"/s/{word}?{word}", "", {}),
        ("GET", f"/r/{word}", "", {}),
        ("PUT", f"/s/{code}?{word}", word, {}),
        ("POST", f"/s/{code}", word, form),
        ("POST", f"/s/{code}", word * 10_000, form),
        ("POST", f"/s/{code}", word, {"Content-Type": word}),
        ("POST", f"/s/{code}", f"once={word}&q-grade={word}&token={word}", form),
        ("POST", "/console/sign-in", f"login={word}&password={word}", form),
        ("POST", "/console/welcome", f"token={word}", form),
        ("POST", "/api/v1/responses", word, {"Content-Type": "application/json"}),
        (
            "POST",
            "/api/v1/responses",
            f'{{"code": "{word}"}}',
            {"Content-Type": "application/json"},
        ),
    ):
        assert _ask(ground.port, method, path, body, headers | kind)[0] >= 400


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its name within it, without those that just went away."""
    found = {}
    for path in sorted(folder.rglob("*")):
        with suppress(FileNotFoundError):
            if path.is_file():
                found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def hits(files: Mapping[str, bytes], trace: Trace) -> list[str]:
    """Every forbidden thing that stands in a file."""
    found = []
    for name, content in files.items():
        for what, patterns in trace.forbidden.items():
            for pattern in patterns:
                count = content.count(pattern)
                if count > (0 if len(pattern) >= LONG_ENOUGH else MOST_BY_CHANCE):
                    found.append(f"{name}: {what} {pattern!r} × {count}")
        if not name.endswith((".sqlite3", "-wal")):
            found += [f"{name}: {what!r}" for what in trace.inside if what.encode() in content]
    return found


@pytest.mark.hostile
def test_nothing_points_to_a_person_after_a_thousand_answers(ground: Ground):
    trace = Trace((WRITTEN, ground.place.code))
    for n in range(SUBMISSIONS):
        submit(ground, n, trace)
    offend(ground, trace)
    engine = make_engine(ground.url)
    with make_sessions(engine).begin() as session:
        assert count_responses(session, find_round(session, HALL).id) == SUBMISSIONS
    engine.dispose()
    files = files_in(ground.folder)
    assert {"minxin.sqlite3", "minxin.sqlite3-wal", "served/log"} <= files.keys()
    assert hits(files, trace) == []
    assert [name for name in files if "core" in Path(name).name] == []

    # The search looks where the answers are, and finds what is there.
    stored = files["minxin.sqlite3"] + files["minxin.sqlite3-wal"]
    assert WRITTEN.encode() in stored
    assert all(digest in stored for digest in trace.kept)
    assert b'"route"' in files["served/log"]
    for what, patterns in trace.forbidden.items():
        planted = max(patterns, key=len)
        (ground.folder / "served" / "tmp" / "planted").write_bytes(b"\0" + planted + b"\0")
        found = hits(files_in(ground.folder / "served" / "tmp"), trace)
        assert any(f"planted: {what} " in hit for hit in found), what
    (ground.folder / "served" / "tmp" / "planted").unlink()
