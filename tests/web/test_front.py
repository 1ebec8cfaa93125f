"""What the front answers by itself is what the application behind it would have answered."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from residents import ALL_BEST, Town, a_copy, a_town, open_rounds
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.database.engine import make_engine, make_sessions
from app.database.rights import keep_tokens
from app.database.rounds import find_round
from app.database.tables import TallyRow, TokenRow
from app.survey.tokens import token_hash
from app.web import front
from app.web.front import Front
from app.web.protection import HEADERS, MOST_BODY_BYTES
from app.workflow import collecting
from app.workflow.fieldwork import close_round
from world import NOW

SOON = 2.0
"""Seconds after which the numbers of the day are in the table."""
ONCE = re.compile(r"[0-9a-f]{8,10}\.[0-9a-f]{32}\.[0-9a-f]{32}")
FORM = {"content-type": "application/x-www-form-urlencoded"}
LOOKS = [
    "", "?l=en", "?mode=kiosk", "?mode=step", "?big=1", "?dk=1&l=en", "?l=en&mode=kiosk&big&dk",
    "?l=en&l=zh-Hans", "?l=&l=en", "?mode=%6biosk", "?mode=nonsense&l=fr", "?%6c=en", "?a;l=en",
    "?l=%ff", "?l=en%00", "?&&=", "?mode=kiosk;l=en",
]  # fmt: skip


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Iterator[Town]:
    """The product over open rounds."""
    url = a_copy(sqlite_template, tmp_path)
    engine = make_engine(url)
    codes = open_rounds(engine)
    engine.dispose()
    with a_town(url, codes) as town:
        yield town


def front_of(town: Town) -> Front:
    """The front of the served product."""
    served = town.client.app
    assert isinstance(served, Front)
    return served


def address(town: Town, which: str = "town") -> str:
    """The address of a questionnaire."""
    return f"/s/{town.codes[which]}"


def tally(town: Town) -> dict[str, int]:
    """Counter → its number, over all rounds."""
    wanted = select(TallyRow.counter, func.sum(TallyRow.n)).group_by(TallyRow.counter)
    with Session(town.engine) as session:
        return {counter: int(n) for counter, n in session.execute(wanted).all()}


def await_tally(town: Town, expected: dict[str, int], patience: float = 10 * SOON) -> float:
    """Wait until the numbers of the day are these; the seconds that took."""
    began = time.monotonic()
    while tally(town) != expected:
        assert time.monotonic() - began < patience, tally(town)
        time.sleep(0.02)
    return time.monotonic() - began


@pytest.mark.parametrize("query", LOOKS)
def test_a_page_of_the_front_is_the_page_of_the_route_but_for_its_key(town: Town, query: str):
    behind = TestClient(front_of(town).application)
    plain = {"accept-encoding": "identity"}
    for which in town.codes:
        ours = town.client.get(address(town, which) + query, headers=plain)
        route = behind.get(address(town, which) + query, headers=plain)
        assert (ours.status_code, route.status_code) == (200, 200)
        keys = ONCE.findall(ours.text), ONCE.findall(route.text)
        assert [len(found) for found in keys] == [1, 1]
        assert keys[0] != keys[1]
        assert ONCE.sub("", ours.text) == ONCE.sub("", route.text)
        own = {name: value for name, value in ours.headers.items() if name != "vary"}
        other = {name: value for name, value in route.headers.items() if name != "vary"}
        assert own == other


def test_security_headers_are_on_every_reply_of_the_front(town: Town):
    page = town.client.get(address(town))
    paper = town.look()
    kept = town.client.post(paper.action, data=paper.filled(ALL_BEST))
    beacon = town.client.post(address(town) + "/started")
    refused = town.client.post(
        address(town), content=b"x" * (MOST_BODY_BYTES + 1), headers=FORM
    )
    for reply in (page, kept, beacon, refused):
        for name, value in HEADERS.items():
            shown = reply.headers[name]
            assert shown == value or (name == "Content-Security-Policy" and "sha256-" in shown)
    assert kept.status_code == 303
    assert kept.headers["cache-control"] == "no-store"


def test_what_is_fetched_before_a_person_looks_consumes_nothing(town: Town):
    with make_sessions(town.engine).begin() as session:
        right = {
            "purpose": "ticket",
            "batch": "b",
            "point": "east-hall",
            "weight": None,
            "expires_at": NOW.replace(year=2027),
        }
        row = find_round(session, "town-2026")
        keep_tokens(session, row.id, {token_hash("t"): right})
    before = town.row_counts()
    for query in (
        "",
        "?token=t",
        f"?{'&'.join(f'{n}={v}' for n, v in ALL_BEST.items())}&send=",
    ):
        assert town.client.get(address(town) + query).status_code == 200
        assert town.client.head(address(town) + query).status_code == 200
    await_tally(town, {"served": 3})  # a look for the head alone is nobody's
    after = town.row_counts()
    assert after.pop("tally") == 1
    assert before.pop("tally") == 0
    assert after == before
    with Session(town.engine) as session:
        assert not session.scalars(select(TokenRow.spent)).one()


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_a_head_is_the_page_without_its_body(town: Town, coding: str):
    accepted = {"accept-encoding": coding}
    page = town.client.get(address(town), headers=accepted)
    head = town.client.head(address(town), headers=accepted)
    assert head.content == b""
    assert head.headers == page.headers
    assert page.headers.get("content-encoding", "identity") == coding


def test_a_form_of_64_kilobytes_is_read_and_one_byte_more_is_not(town: Town):
    paper = town.look()
    start = "&".join(
        f"{name}={value}" for name, values in paper.filled(ALL_BEST).items() for value in values
    ).encode()
    for length, status in ((MOST_BODY_BYTES, 303), (MOST_BODY_BYTES + 1, 413)):
        body = start + b"&filling=" + b"x" * (length - len(start) - len(b"&filling="))
        reply = town.client.post(paper.action, content=body, headers=FORM)
        assert reply.status_code == status
        pieces = (body[at : at + 1000] for at in range(0, length, 1000))
        streamed = town.client.post(paper.action, content=pieces, headers=FORM)
        assert streamed.status_code == status
    assert len(town.responses()) == 1


def test_the_numbers_of_the_day_are_in_the_table_within_two_seconds(town: Town):
    paper = town.look()
    assert town.client.post(address(town) + "/started").status_code == 204
    assert town.press(paper, ALL_BEST).status_code == 303
    assert town.press(paper, ALL_BEST).status_code == 303
    expected = {"served": 1, "started": 1, "received": 2, "stored": 1, "repeated": 1}
    assert await_tally(town, expected) < SOON
    town.client.post(address(town) + "/started")
    assert await_tally(town, {**expected, "started": 2}) < SOON


def test_a_beacon_for_a_code_that_leads_nowhere_is_not_counted(town: Town):
    assert town.client.post("/s/00000000/started").status_code == 404
    assert town.client.get(address(town) + "/started").status_code in {404, 405}
    assert tally(town) == {}


def test_under_overload_a_form_is_asked_for_again_and_then_kept(
    town: Town, monkeypatch: pytest.MonkeyPatch
):
    paper = town.look()
    with monkeypatch.context() as full:
        full.setattr(collecting, "MOST_WAITING", 0)
        reply = town.press(paper, ALL_BEST)
        assert reply.status_code == 503
        assert int(reply.headers["retry-after"]) > 0
        assert town.responses() == []
    assert town.press(paper, ALL_BEST).status_code == 303
    assert len(town.responses()) == 1
    await_tally(town, {"served": 1, "received": 2, "refused_overloaded": 1, "stored": 1})


def test_a_close_is_seen_by_the_next_visitor_and_by_who_sends(town: Town):
    paper = town.look()
    with make_sessions(town.engine).begin() as session:
        close_round(session, find_round(session, "town-2026"), now=NOW)
    time.sleep(0.02)
    assert town.client.get(address(town)).status_code == 410
    assert town.press(paper, ALL_BEST).status_code == 410
    assert town.responses() == []


def test_compiled_pages_take_no_more_memory_than_they_may(
    town: Town, monkeypatch: pytest.MonkeyPatch
):
    ours = front_of(town)
    town.look()
    (first,) = ours.sheets.values()
    monkeypatch.setattr(front, "MOST_SHEET_BYTES", 3 * first.size)
    for _ in range(2):
        for query in LOOKS:
            for which in ("town", "hall"):
                reply = town.client.get(address(town, which) + query)
                assert ONCE.search(reply.text)
                assert ours.sheet_bytes <= 3 * first.size
    assert ours.sheet_bytes == sum(sheet.size for sheet in ours.sheets.values())


def test_words_nobody_knows_make_no_page_of_their_own(town: Town):
    for number in range(50):
        query = f"?mode=m{number}&l=l{number}&x={number}"
        assert town.client.get(address(town) + query).status_code == 200
    assert len(front_of(town).sheets) == 1
