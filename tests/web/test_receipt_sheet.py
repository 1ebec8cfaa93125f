"""A receipt's page with its number put in is what the template makes, in every coding."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from residents import ALL_BEST, Town, a_town, open_rounds

from app.database.engine import make_sessions
from app.database.rounds import find_round
from app.web.resident.sheet import GapSheet
from app.workflow.fieldwork import close_round
from world import NOW

MARKS = ("#1#1", "#2#2", "#3#")


@given(
    st.lists(st.sampled_from(["中文", "a" * 300, "", "<p>"]), min_size=1, max_size=9),
    st.lists(st.binary(max_size=70), min_size=3, max_size=3),
)
def test_every_gap_is_filled(parts: list[str], words: list[bytes]):
    text = "".join(part + MARKS[i % 3] for i, part in enumerate(parts)) + "end"
    sheet = GapSheet.of(text, MARKS)
    given_words = dict(zip(MARKS, words, strict=True))
    expected = text.encode()
    for mark in given_words:
        expected = expected.replace(mark.encode(), b"\0" + mark.encode() + b"\0")
    for mark, word in given_words.items():
        expected = expected.replace(b"\0" + mark.encode() + b"\0", word)
    assert sheet.with_words(given_words, is_gzip=False) == expected
    assert gzip.decompress(sheet.with_words(given_words, is_gzip=True)) == expected


@pytest.fixture
def town(engine, database_url):
    with a_town(database_url, open_rounds(engine)) as town:
        yield town


def test_the_front_shows_the_receipt_that_the_application_shows(town: Town):
    where = town.press(town.look(), ALL_BEST).headers["location"]
    for query in ("", "?l=en", "?big=1&dk=1"):
        quick = town.client.get(where + query)
        full = town.client.get(where + (query + "&" if query else "?") + "kiosk=")
        assert (quick.status_code, quick.text) == (200, full.text)
        assert quick.headers["cache-control"] == full.headers["cache-control"] == "no-store"
        assert (
            quick.headers["content-security-policy"] == full.headers["content-security-policy"]
        )


def test_a_receipt_is_found_after_its_round_closed_and_a_stranger_is_not(town: Town):
    where = town.press(town.look(), ALL_BEST).headers["location"]
    with make_sessions(town.engine).begin() as session:
        close_round(session, find_round(session, "town-2026"), now=NOW)
    assert town.client.get(where).status_code == 200
    assert town.client.get("/r/0000-0000-000").status_code == 404
