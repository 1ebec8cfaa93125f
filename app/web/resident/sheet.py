"""A questionnaire compressed once: each visitor gets the same bytes and a key of their own.

Everything up to the key is compressed when the page is first asked for. The key and what
follows it are joined to it per request as an uncompressed block, which both gzip (RFC 1952)
and brotli (RFC 7932, section 9.2) provide for: a microsecond in place of milliseconds.
"""

import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
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
            length = len(tail)
            block = struct.pack("<BHH", 1, length, length ^ 0xFFFF)
            size = len(self.plain) + length & 0xFFFFFFFF
            end = struct.pack("<II", zlib.crc32(tail, self.checksum), size)
            return b"".join((GZIP_HEADER, self.deflated, block, tail, end))
        return self.plain + tail


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
