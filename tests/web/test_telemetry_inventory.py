"""Nothing is known of a person beyond what is declared: every trace of an answer is walked.

Section 3.3 of the design note on screening says what may be kept. What a response leaves in
tables, JSON, segments and logs, and what a page asks of a browser, is held against lists
here: whoever wants to keep more has to add it to one of them, with its ground.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from residents import ALL_BEST, Clock, Town, open_rounds
from sqlalchemy import DateTime, Engine, select
from starlette.testclient import TestClient

from app.cli.logs import EXTRA, JsonLines
from app.database.engine import make_engine
from app.database.tables import Moment, Table
from app.documents.codebook import segment_columns
from app.settings import Settings
from app.survey.definition import Survey
from app.survey.paradata import KEPT, LONGEST_DWELL
from app.web.api.documents import MEMBERS
from app.web.application import create_app
from app.web.resident.pages import SCRIPTS, minified
from world import NOW, registry

RESPONSE = {
    "id": "hash of the receipt: says nothing of arrival",
    "round_id": "which round",
    "import_id": "which imported file, of answers collected elsewhere",
    "unit": "who is assessed",
    "point": "3.3: point",
    "evidence": "3.3: channel",
    "survey": "what the answers mean",
    "channel": "3.3: channel",
    "assurance": "3.3: token valid yes or no",
    "answers": "what the person came to say",
    "background": "columns of an imported file",
    "weight": "of a drawn sample",
    "paradata": "3.3: only the keys of `KEPT`",
    "submission_hash": "once: the same form is one response",
    "body_digest": "once, under the round's key",
}
"""Every column of a stored response, and its ground."""
BESIDE = {
    "response_text": {"response_id", "item", "text"},
    "response_weight": {"run_id", "response_id", "influence", "weight", "signals"},
    "campaign_response": {"campaign_id", "response_id"},
    "canary_found": {"id", "mark", "response_id", "outcome", "found_at"},
}
"""Every table that names a response; the last only names an auditor's own test ratings."""
SEGMENT = {"id", "unit", "point", "evidence", "channel", "assurance", "weight"}
ASKED = {"once", "mode", "l", "token", "big", "dk", "to", "send", "skip", "next", "back", "at"}
"""Fields of a page besides answers (`q-`) and seconds of a section (`t-`)."""
SENSES_OF_A_BROWSER = re.compile(
    r"cookie|localStorage|indexedDB|caches\b|serviceWorker|canvas|toDataURL|WebGL|AudioContext"
    r"|userAgent|platform|plugins|languages|screen\.|devicePixelRatio|hardwareConcurrency"
    r"|deviceMemory|connection|getBattery|geolocation|getTimezoneOffset|Intl|fonts|mouse|touch"
    r"|pointer|key(down|up|press)|scroll|fetch\(|XMLHttpRequest|WebSocket|EventSource|Image\("
    r"|referrer|history\.length"
)
STRANGE = {
    "user-agent": "Mozilla/5.0 (Linux; Android 9; zqagent) MicroMessenger/8.0",
    "x-forwarded-for": "198.51.100.77",
    "cookie": "who=zqcookie",
    "referer": "https://zqreferrer.example/",
    "accept-language": "zh, x-zqlanguage",
    "x-device-id": "zqdevice",
}
EXTRA_FIELDS = {
    "canvas": "zqcanvas", "fingerprint": "zqprint", "openid": "zqopenid", "t-other": "7",
    "q-other": "5", "screen": "1170x2532", "time": "2026-11-22T08:33:20.123Z",
    "device": "zqdevice", "network": "198.51.100.77", "slot": "2026-11-22T08:33Z",
}  # fmt: skip
COMMENT = "zqwritten 路灯坏了"
ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
SLOT = re.compile(r"2026-11-22T\d\d:[0-5][05]Z")
MARK = re.compile(r"[0-9a-f]{16}")


@contextmanager
def behind_a_proxy(url: str, codes: Mapping[str, str]) -> Iterator[Town]:
    """The product as it is served: it knows the address of everybody who answers."""
    clock, engine = Clock(), make_engine(url)
    application = create_app(Settings(database_url=url, proxy_hops=1), clock=clock)
    with TestClient(application, follow_redirects=False) as client:
        yield Town(client, engine, codes, clock)
    engine.dispose()


@pytest.fixture
def any_town(engine: Engine, database_url: str) -> Iterator[Town]:
    """The product over three open rounds, on either database."""
    with behind_a_proxy(database_url, open_rounds(engine)) as town:
        yield town


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Town]:
    """The product over three open rounds, on SQLite."""
    engine = make_engine(sqlite_url)
    codes = open_rounds(engine)
    engine.dispose()
    with behind_a_proxy(sqlite_url, codes) as town:
        yield town


def rows(town: Town, table: str) -> list[Mapping[str, Any]]:
    """Every row of a table, as stored."""
    with town.engine.connect() as connection:
        return list(connection.execute(select(Table.metadata.tables[table])).mappings())


def answer_in_every_way(town: Town) -> None:
    """Plain, with a mistake, on a kiosk, one by one, and through the interface."""
    town.clock.now = NOW + timedelta(seconds=17, microseconds=345678)
    page = town.look()
    town.clock.now += timedelta(seconds=83, microseconds=1)
    said = {**ALL_BEST, "q-why": COMMENT, "t-senses": "99999"}
    for which, (query, extra) in enumerate(product(("", "?mode=kiosk"), ({}, EXTRA_FIELDS))):
        page = town.look(query=query)
        sent = page.filled({**said, **extra}) | {"send": ["1"], "x": [str(which)]}
        assert town.client.post(page.action, data=sent, headers=STRANGE).status_code == 303
    page = town.look(query="?mode=step&l=en")
    for item in ("q-Q1", "q-Q2", "q-Q3"):
        page = town.turn(page, {item: "3"})
    assert town.press(page, {"q-why": COMMENT}, "next").status_code == 303
    document = {"code": town.codes["town"], "once": "zqprogram-0123456789", "language": "en"}
    document |= {"answers": {"Q1": 5, "Q2": 5, "Q3": 5, "why": COMMENT}}
    reply = town.client.post("/api/v1/responses", json=document, headers=STRANGE)
    assert reply.status_code == 201


# What a response leaves in the database


def test_a_response_has_the_columns_that_are_declared_and_no_moment():
    columns = Table.metadata.tables["response"].columns
    assert {column.name for column in columns} == set(RESPONSE)
    assert not [c.name for c in columns if isinstance(c.type, Moment | DateTime)]


def test_no_other_table_says_anything_of_a_response():
    naming = {
        table.name: {column.name for column in table.columns}
        for table in Table.metadata.tables.values()
        if any(key.column.table.name == "response" for key in table.foreign_keys)
    }
    assert naming == BESIDE


def test_on_every_way_in_only_what_is_declared_is_kept(any_town: Town):
    answer_in_every_way(any_town)
    kept = any_town.responses()
    assert len(kept) == 6
    for response in kept:
        assert set(response.paradata) <= set(KEPT)
        assert list(undeclared(response.paradata)) == []
    assert {name for one in kept for name in one.paradata} == set(KEPT)
    assert {one.paradata["mode"] for one in kept} == {"page", "kiosk", "step", "api"}


def undeclared(paradata: Mapping[str, Any]) -> Iterator[str]:
    """What in the paradata of a response has another shape than its field was declared with."""
    if not SLOT.fullmatch(paradata["slot"]):
        yield "a slot that is no start of five minutes"
    dwells = [paradata.get("seconds"), *paradata.get("section_seconds", {}).values()]
    for dwell in dwells:
        if dwell is not None and not (type(dwell) is int and 0 <= dwell <= LONGEST_DWELL):
            yield f"a dwell of {dwell!r}"
    if not set(paradata.get("section_seconds", {})) <= {"senses", "more"}:
        yield "a section that the survey does not have"
    for name in ("device", "network", "comment"):
        if name in paradata and not MARK.fullmatch(paradata[name]):
            yield f"{name} that is no keyed hash"
    if paradata.get("comment_length", len(COMMENT)) != len(COMMENT):
        yield "a length of something else"
    if paradata["order"] != "as_defined":
        yield "an order of its own"


def test_nothing_of_the_request_is_anywhere_in_the_database(any_town: Town):
    answer_in_every_way(any_town)
    everything = {name: repr(rows(any_town, name)) for name in Table.metadata.tables}
    for name, content in everything.items():
        assert not ADDRESS.search(content.replace("127.0.0.1", "")), name
        found = set(re.findall(r"zq\w+", content)) - {"zqwritten"}
        assert not found, name
        assert "1170x2532" not in content
    holding = [name for name, content in everything.items() if "zqwritten" in content]
    assert holding == ["response_text"]


def test_no_moment_of_an_answer_is_kept_in_any_table(any_town: Town):
    before = {name: rows(any_town, name) for name in Table.metadata.tables}
    answer_in_every_way(any_town)
    for name in Table.metadata.tables:
        for row in (row for row in rows(any_town, name) if row not in before[name]):
            assert not [v for v in row.values() if isinstance(v, datetime)], name
            # 08:33:37 to 08:35:00 of that day, in any of the usual spellings
            assert not re.search(r"08:3[34]|17953\d{5}\b", repr(dict(row))), name


# What goes on from there


def test_a_segment_has_no_column_that_is_not_declared():
    for _, survey in registry().surveys.values():
        for column in segment_columns(survey):
            if column.origin == "paradata":
                assert column.key in KEPT
            elif column.origin == "response":
                assert column.key in SEGMENT
            else:
                assert column.origin in {"answers", "background"}


def test_the_pages_after_an_answer_show_nothing_of_how_it_came(town: Town):
    receipt = town.press(town.look(), {**ALL_BEST, "q-why": COMMENT}).headers["location"]
    [kept] = town.responses()
    for path in (receipt, f"{receipt}?l=en", f"{receipt}?kiosk={town.codes['town']}"):
        text = town.client.get(path, headers=STRANGE).text
        assert "zq" not in text
        for name in ("slot", "device", "comment"):
            assert kept.paradata[name] not in text


def test_a_log_line_knows_route_status_and_how_long_it_took(
    town: Town, caplog: pytest.LogCaptureFixture
):
    usual = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
    with caplog.at_level(logging.DEBUG):
        answer_in_every_way(town)
        town.client.get("/r/zqnumber", headers=STRANGE)
        town.client.get("/zqpath?zqquery", headers=STRANGE)
    ours = [record for record in caplog.records if record.name.startswith(("app", "uvicorn"))]
    assert ours
    for record in ours:
        assert set(vars(record)) - usual <= set(EXTRA)
        line = JsonLines().format(record)
        assert "zq" not in line
        assert town.codes["town"] not in line
        assert not ADDRESS.search(line)
        assert json.loads(line).keys() <= {*EXTRA, "time", "level", "logger", "message"}


# What a page asks of the browser


@pytest.mark.parametrize("which", ["town", "hall", "senses"])
@pytest.mark.parametrize("query", ["", "?mode=step", "?mode=kiosk&l=en"])
def test_a_page_asks_for_answers_and_nothing_about_the_phone(
    town: Town, which: str, query: str
):
    page = town.look(which, query)
    names = {*page.fields, *page.offered, *(name for name, _ in page.buttons)}
    items = {f"q-{code}" for code in survey_of(which).items}
    assert {name for name in names - ASKED if not name.startswith("t-")} <= items
    reply = town.client.get(f"/s/{town.codes[which]}{query}")
    # Neither is a number for the phone that it would send again.
    assert not {"set-cookie", "etag", "last-modified"} & set(reply.headers)
    assert "http://" not in page.text.replace("http://www.w3.org", "")


def survey_of(which: str) -> Survey:
    """The survey behind a code of the town."""
    keys = {"town": "three_senses_short@1", "hall": "service_review@1"}
    return registry().surveys[keys.get(which, "three_senses@1")][1]


def test_two_visits_of_one_phone_have_nothing_in_common(town: Town):
    first, second = town.look(), town.look()
    assert first.fields["once"] != second.fields["once"]
    assert {n: v for n, v in first.fields.items() if n != "once"} == {
        n: v for n, v in second.fields.items() if n != "once"
    }


@pytest.mark.parametrize("name", ["answering", "working"])
def test_a_script_looks_at_the_form_and_never_at_the_phone(name: str):
    text = minified(SCRIPTS / f"{name}.js").decode()
    assert SENSES_OF_A_BROWSER.findall(text) == []
    assert set(re.findall(r"navigator\.(\w+)", text)) <= {"sendBeacon"}
    # A beacon carries an address and no content.
    assert all("," not in given for given in re.findall(r"sendBeacon\((.*?)\);", text))


def test_the_search_in_the_scripts_finds_what_it_is_for():
    for bad in ("d.cookie='x'", "navigator.userAgent", "localStorage.id", "c.toDataURL()"):
        assert SENSES_OF_A_BROWSER.search(bad)


def test_a_program_can_hand_in_nothing_more():
    known = {"code", "once", "answers", "language", "token", "accept_missing"}
    assert set(MEMBERS) == known


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("slot", "2026-11-22T08:33Z"),
        ("slot", "2026-11-22T08:35:20Z"),
        ("seconds", 601),
        ("seconds", 41.5),
        ("section_seconds", {"senses": 3600}),
        ("section_seconds", {"pointer": 3}),
        ("device", "VOG-AL00"),
        ("network", "198.51.100.0/24"),
        ("comment", COMMENT),
        ("order", "shuffled by 17"),
    ],
)
def test_the_walk_notices_what_is_finer_or_other_than_declared(name: str, bad: object):
    sound = {"slot": "2026-11-22T08:35Z", "seconds": 40, "order": "as_defined", "mode": "page"}
    assert list(undeclared(sound)) == []
    assert list(undeclared(sound | {name: bad}))
