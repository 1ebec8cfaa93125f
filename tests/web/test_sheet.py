"""A page compressed once and joined to its end decompresses to exactly head and tail."""

import gzip
import zlib

import brotli
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.web.resident.sheet import LONGEST_TAIL, Coding, Sheet, chosen_coding

CODINGS: tuple[Coding, ...] = ("br", "gzip", "identity")
heads = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
tails = st.binary(min_size=1, max_size=400) | st.integers(1, LONGEST_TAIL).map(
    lambda length: (b"<p>\x00\xff" * (length // 5 + 1))[:length]
)


def unpacked(body: bytes, coding: Coding) -> bytes:
    """What a strict reader makes of a body: one member, complete, and nothing behind it."""
    if coding == "identity":
        return body
    if coding == "br":
        reader = brotli.Decompressor()
        text: bytes = reader.process(body)
        assert reader.is_finished()
        assert brotli.decompress(body) == text
        return text
    strict = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    text = strict.decompress(body)
    assert strict.eof
    assert not strict.unused_data
    assert not strict.unconsumed_tail
    assert gzip.decompress(body) == text
    return text


@given(heads, tails)
@example("", b"x")
@example("民心尺" * 5000, b"x" * LONGEST_TAIL)
@example("a", b"\0" * LONGEST_TAIL)
def test_every_coding_decodes_to_head_and_tail(head: str, tail: bytes):
    sheet = Sheet.of(head)
    for coding in CODINGS:
        assert unpacked(sheet.with_end(tail, coding), coding) == head.encode() + tail


@pytest.mark.parametrize("length", [1, 2, 255, 256, 4095, 4096, 65_534, LONGEST_TAIL])
def test_tails_of_every_length_fit_one_block(length: int):
    sheet = Sheet.of("民心尺 <!doctype html>" * 50)
    for coding in CODINGS:
        for byte in (b"\0", b"\xff", b"a"):
            body = sheet.with_end(byte * length, coding)
            assert unpacked(body, coding) == sheet.plain + byte * length


@given(st.lists(tails, min_size=2, max_size=4))
def test_one_visitor_leaves_no_trace_in_the_page_of_the_next(visitors: list[bytes]):
    sheet = Sheet.of("<p>" * 100)
    for tail in visitors:
        for coding in CODINGS:
            assert unpacked(sheet.with_end(tail, coding), coding) == sheet.plain + tail


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_a_broken_end_is_noticed_by_the_reader_of_these_tests(coding: Coding):
    body = Sheet.of("民心尺" * 100).with_end(b"key", coding)
    for broken in (body[:-1], body + b"x"):
        with pytest.raises((AssertionError, brotli.error, zlib.error)):
            unpacked(broken, coding)


def test_the_size_is_that_of_everything_that_is_kept():
    sheet = Sheet.of("民心尺" * 1000)
    assert sheet.size == len(sheet.plain) + len(sheet.deflated) + len(sheet.brotlied)
    assert len(sheet.deflated) < len(sheet.plain) / 10


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (b"", "identity"),
        (b"identity", "identity"),
        (b"gzip", "gzip"),
        (b"gzip, deflate", "gzip"),
        (b"gzip, deflate, br", "br"),
        (b"gzip, deflate, br, zstd", "br"),
        (b"br;q=1.0, gzip;q=0.8, *;q=0.1", "br"),
        (b"deflate", "identity"),
        (b"br;q=0", "identity"),
        (b"br; q=0, gzip", "gzip"),
        (b"gzip;q=0.000", "identity"),
        (b"gzip;Q=0", "identity"),
        (b"BR", "br"),
        (b"GZIP;q=0.5", "gzip"),
        (b"identity;q=0, gzip", "gzip"),
        (b"gzip;q=0, br", "br"),
        (b"\xff\xfe", "identity"),
        (b"vibrations", "identity"),
    ],
)
def test_the_coding_is_one_that_the_reader_accepts(accepted: bytes, coding: Coding):
    assert chosen_coding(accepted) == coding
