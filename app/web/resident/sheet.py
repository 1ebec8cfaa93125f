"""A questionnaire compressed once: each visitor gets the same bytes and a key of their own.

Everything up to the key is compressed when the page is first asked for. The key and what
follows it are joined to it per request as an uncompressed block, which both gzip (RFC 1952)
and brotli (RFC 7932, section 9.2) provide for: a microsecond in place of milliseconds.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Literal, Self

import brotli

Coding = Literal["br", "gzip", "identity"]

BROTLI_QUALITY = 9
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
BROTLI_END = b"\x03"
LONGEST_TAIL = 65_535
"""Bytes that fit one uncompressed block."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page without its end, in every coding it is sent in."""

    plain: bytes
    deflated: bytes
    checksum: int
    """CRC-32 of `plain`: that of the whole page goes on from it."""
    brotlied: bytes

    @classmethod
    def of(cls, text: str) -> Self:
        """Compress a page up to where the visitor's key begins."""
        plain = text.encode()
        gzip = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        br = brotli.Compressor(quality=BROTLI_QUALITY)
        return cls(
            plain=plain,
            deflated=gzip.compress(plain) + gzip.flush(zlib.Z_FULL_FLUSH),
            checksum=zlib.crc32(plain),
            brotlied=br.process(plain) + br.flush(),
        )

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return len(self.plain) + len(self.deflated) + len(self.brotlied)

    def with_end(self, tail: bytes, coding: Coding) -> bytes:
        """The whole page, ending in `tail` (1 to 65,535 bytes), in one coding."""
        if coding == "br":
            # Not last, four nibbles of length less one, uncompressed; then the empty last one.
            header = (len(tail) - 1 << 3 | 1 << 19).to_bytes(3, "little")
            return b"".join((self.brotlied, header, tail, BROTLI_END))
        if coding == "gzip":
            block = _stored(tail, is_last=True)
            size = len(self.plain) + len(tail) & 0xFFFFFFFF
            end = struct.pack("<II", zlib.crc32(tail, self.checksum), size)
            return b"".join((GZIP_HEADER, self.deflated, block, end))
        return self.plain + tail


@dataclass(frozen=True, slots=True)
class GapSheet:
    """A page with gaps for a few words: plain or gzip, whose pieces can stand alone."""

    pieces: tuple[bytes, ...]
    deflated: tuple[bytes, ...]
    gaps: tuple[str, ...]
    """The mark of the gap after each piece but the last."""

    @classmethod
    def of(cls, text: str, marks: Sequence[str]) -> Self:
        """Compress what stands between the marks of the gaps, each of which may come often."""
        parts = re.split(f"({'|'.join(map(re.escape, marks))})", text)
        pieces = tuple(part.encode() for part in parts[::2])
        gzip = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        deflated = tuple(gzip.compress(one) + gzip.flush(zlib.Z_FULL_FLUSH) for one in pieces)
        return cls(pieces, deflated, tuple(parts[1::2]))

    def with_words(self, words: Mapping[str, bytes], *, is_gzip: bool) -> bytes:
        """The whole page, with the word of each mark in its gaps."""
        filled = [words[gap] for gap in self.gaps]
        plain = b"".join(_alternate(self.pieces, filled))
        if not is_gzip:
            return plain
        blocks = [_stored(word, is_last=False) for word in filled]
        stream = b"".join(_alternate(self.deflated, blocks)) + _stored(b"", is_last=True)
        end = struct.pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)
        return GZIP_HEADER + stream + end


def _alternate(pieces: Sequence[bytes], between: Sequence[bytes]) -> Iterator[bytes]:
    for piece, other in zip_longest(pieces, between, fillvalue=b""):
        yield piece
        yield other


def _stored(content: bytes, *, is_last: bool) -> bytes:
    """An uncompressed block of at most 65,535 bytes."""
    length = len(content)
    return struct.pack("<BHH", is_last, length, length ^ 0xFFFF) + content


@lru_cache(maxsize=256)
def chosen_coding(accepted: bytes) -> Coding:
    """The coding to answer an Accept-Encoding header in: brotli, gzip, or none.

    What a header refuses with ``q=0`` is not sent; beyond that nobody minds the weights.
    """
    welcome = {_name_unless_refused(part) for part in accepted.lower().split(b",")}
    if b"br" in welcome:
        return "br"
    return "gzip" if b"gzip" in welcome else "identity"


def _name_unless_refused(part: bytes) -> bytes:
    name, *parameters = b"".join(part.split()).split(b";")
    is_refused = any(p.startswith(b"q=") and not p.strip(b"q=0.") for p in parameters)
    return b"" if is_refused else name
