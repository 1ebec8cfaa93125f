"""Rare characters in what people write come back from the database as they were written."""

import asyncio
import unicodedata
from urllib.parse import urlencode

import pytest
from driver import Attempt, running, send
from junk import FORM
from product import fill_small, product_over
from sqlalchemy import text

from app.database.engine import make_engine

RARE = {
    "supplementary Chinese": "𠮷㐂䶮·㵘𬭸",
    "joined emoji": "👨‍👩‍👧‍👦👍🏽🏳️‍🌈",
    "private use": "\ue000\uf8ff\U000f0000\U0010fffd",
    "variants": "葛\U000e0100 葛\ufe00",
    "scripts": "བོད་ ئۇيغۇر ᠮᠣᠩᠭᠣᠯ ꆈꌠ ကခ",
    "noncharacters": "\ufffe\ufdd0\U0010ffff",
    "formulas and markup": "=1+1 @x <b>&amp;</b> ' \" \\ %00 {{7*7}}",
    "lines": "一\n二\n\n三",
}
CHANGED = {
    "composed": ("e\u0301", "\u00e9"),
    "line ends": ("一\r\n二\r三", "一\n二\n三"),
    "bidi and control": ("\u202e好\u2066\x1b[31m\x00", "好[31m"),
}


WAYS = {"plain": {}, "out of the ordinary": {"skip": "1", "l": "en"}}
"""The short way of most forms, and the long way of the others."""


def kept(url: str, written: str, way: str = "plain") -> str:
    """What the database holds after somebody wrote this."""
    fill_small(url)
    product = product_over(url)
    code = next(c for c, items in product.target.items.items() if "comment" in items)
    fields = {"once": product.target.new_key(code), "q-grade": "1", "q-comment": written}
    body = urlencode(fields | WAYS[way]).encode()
    path, kind = f"/s/{code}".encode(), (b"content-type", FORM)
    attempt = Attempt("rare", "POST", path, headers=(kind,), chunks=(body[:20], body[20:]))

    async def write() -> int:
        async with running(product.application):
            return (await send(product.application, attempt)).status

    assert asyncio.run(write()) == 303
    engine = make_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT text FROM response_text")).scalars().all()
    engine.dispose()
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", RARE)
def test_rare_characters_are_kept_exactly(database_url: str, name: str, way: str):
    assert unicodedata.is_normalized("NFC", RARE[name])
    assert kept(database_url, RARE[name], way) == RARE[name]


@pytest.mark.parametrize("name", CHANGED)
def test_what_is_changed_is_changed_on_purpose(database_url: str, name: str):
    written, stays = CHANGED[name]
    assert kept(database_url, written) == stays
