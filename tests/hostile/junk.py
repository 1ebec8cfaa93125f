"""Bad values: what people, programs and attackers put where a sound value belongs.

Values are bytes as they stand in a form or an address, percent signs included. `Dice` picks
among them by a seed, so that every run sends the same; each pick can carry a mark, a word
that is found again if it comes back.
"""

import random
from collections.abc import Sequence
from urllib.parse import quote_plus

SMALL = [
    b"", b" ", b"+", b"0", b"-1", b"-0", b"5.0", b"1e3", b"1e999", b"0x5", b"0b1", b"1_0",
    b"NaN",
    b"Infinity", b"null", b"None", b"undefined", b"true", b"[]", b"{}", b"[1,2]",
    b"2147483648", b"-2147483649", b"9223372036854775808", b"99999999999999999999",
    b"%2B5", b"5%20", b"%205", b"5,1", b"5;1", b"zh-Hans", b"en", b"step", b"Q1", b"__class__",
]  # fmt: skip
BROKEN = [
    b"%00", b"5%00", b"%00%00%00%00", b"%0d%0a", b"%0d%0aSet-Cookie:%20a=b", b"%09",
    b"%1b%5b31m",
    b"%7f", b"%c2%85", b"%ff%fe", b"%ed%a0%80", b"%ed%bf%bf", b"%ed%a0%80%ed%b0%80", b"%c0%af",
    b"%c0%80", b"%e0%80%af", b"%f0%80%80%af", b"%f4%90%80%80", b"%f8%88%80%80%80", b"%80",
    b"%",
    b"%zz", b"%4", b"%%", b"%25%30%30", b"%2500", b"%u0035", b"%u{35}", b"\xff\xfe\x00",
    b"\xc3",
    b"&#53;", b"&amp;", b"%26", b"%3d",
]  # fmt: skip
LETTERS = [
    quote_plus(text).encode()
    for text in (
        "５", "٥", "५", "五", "²", "Ⅴ", "⑤", "¼", "𝟓", "𠮷㐂䶮·", "👨‍👩‍👧‍👦🏽",
        "\ue000\U000f0000",
        "\u202e5\u2066", "\ufeff5", "\u200b", "\u2028", "\u2029", "\ufffe", "\ufffd",
        "e\u0301",
        "e" + "\u0301" * 400, "ﷺ" * 50, "İ", "ß", "ｏ０ｌ１", "оО0", "\u3164", "\U000e0001",
    )
]  # fmt: skip
CODE = [
    b"<script>alert(1)</script>", b"\"><img src=x onerror=alert(1)>", b"</textarea><script>",
    b"javascript:alert(1)", b"' or 1=1--", b"'; DROP TABLE response;--", b"1 UNION SELECT 1",
    b"{{7*7}}", b"{%25 raw %25}", b"${jndi:ldap://x}", b"#{7*7}", b"<%25= 7*7 %25>",
    b"%25s%25n",
    b"{0.__class__}", b"{x}", b"$(id)", b"`id`", b"|id", b"../../etc/passwd", b"..%5c..%5c",
    b"%2e%2e%2f%2e%2e%2f", b"file:etc", b"=cmd|' /C calc'!A0", b"@SUM(1)", b"%EF%BC%9D1",
    b"-2+3",
    b"*)(uid=*", b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a>%26b;</a>",
]  # fmt: skip
LONG = [
    b"5" * 5000,
    quote_plus("长").encode() * 1500,
    b"a" * 20_000,
    b"%00" * 2000,
    b"[" * 9000,
]
ALL = [*SMALL, *BROKEN, *LETTERS, *CODE]

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]
ODD_METHODS = ["BREW", "get", "", "G" * 5000, "PROPFIND", "*", "GET ", "\u0130"]
FORM = b"application/x-www-form-urlencoded"
TYPES = [
    b"", b"application/json", b"text/plain", b"text/xml", b"application/gzip", b";;;=,", b"/",
    b"multipart/form-data", b"multipart/form-data; boundary=",
    b"multipart/form-data; boundary=b",
    b"multipart/form-data; boundary=" + b"b" * 5000, b"multipart/mixed; boundary=b",
    FORM + b"; charset=utf-16", FORM + b"; charset=utf-7", FORM + b"; charset=\x01",
    FORM + b"; charset=idna", FORM + b"; charset=zip", FORM + b"; charset=", FORM + b"; ; ;",
    FORM.upper(), FORM + b"," + FORM, FORM + b"\x00", b"\xff\xfe", b"application/problem+json",
    b"application/json; charset=utf-16", b"application/json;charset=rot13", b"text/json",
]  # fmt: skip
ADDRESSES = [
    b"", b",", b", ,", b"junk", b"127.0.0.1", b"999.1.1.1", b"::1", b"::ffff:1.2.3.4",
    b"fe80::1%eth0",
    b"[2001:db8::1]:80", b"1.2.3.4:80", b"1.2.3.4, 5.6.7.8", b"0x7f.1", b"2130706433",
    b"unknown",
    b"_hidden", b"' or 1=1--", b"\xff\xfe", b"1.2.3.4\x00", b"1.2.3.4," * 2000, b"*",
    b"0.0.0.0/0",
    "１.２.３.４".encode(), b"127.0.0.1, <b>",
]  # fmt: skip
HEADERS: list[tuple[bytes, Sequence[bytes]]] = [
    (b"x-forwarded-for", ADDRESSES),
    (b"x-real-ip", ADDRESSES),
    (b"forwarded", [b"for=junk", b"for=\"[::1]\";by=_x;host=evil", b";;;",
    b"for=" + b"a" * 9000]),
    (b"x-forwarded-proto", [b"https", b"javascript", b"", b"\xff", b"https,http"]),
    (b"x-forwarded-host", [b"evil.example", b"\xff", b"a" * 9000]),
    (b"host", [b"", b"evil.example", b"a:b:c", b"\xff", b"[", b"[::1", b"a" * 9000, b"a b",
    b"a@b", b"a/b"]),
    (b"user-agent", [b"", b"\xff\xfe", b"MicroMessenger" * 900, b"<b>", "微信".encode(),
    b"%00", b"\x00"]),
    (b"accept-encoding", [b"gzip", b"br", b"gzip;q=0", b"*", b"zip", b"gzip, br;q=1.0.0",
    b"\xff", b"," * 5000]),
    (b"accept-language", [b"en", b"zh;q=nan", b"*", b"\xff", b"en," * 3000, b"x" * 9000]),
    (b"accept", [b"*/*", b"application/json", b"\xff", b"text/html;q=nan"]),
    (b"cookie", [b"minxin_console=a.b.c", b"minxin_console=" + b"9" * 5000, b"=;=",
    b"\xff=\xff", b"a=b;" * 2000,
                 b"minxin_console=a.\xb2.c", b"minxin_console=\"\\777\"",
                 b"minxin_console=.1.", b"minxin_console"]),
    (b"origin", [b"null", b"http://[", b"https://evil.example", b"\xff", b"http://a:b:c"]),
    (b"sec-fetch-site", [b"cross-site", b"same-origin", b"none", b"\xff"]),
    (b"referer", [b"http://[", b"\xff", b"x" * 9000]),
    (b"if-none-match", [b"*", b"W/\"a\"", b"\"", b"\xff", b"\"a\"," * 2000]),
    (b"if-modified-since", [b"now", b"Sun, 99 Nov 9999 99:99:99 GMT", b"\xff"]),
    (b"range", [b"bytes=0-", b"bytes=-1", b"bytes=9-1", b"bytes=" + b"0-1," * 2000, b"x"]),
    (b"content-length", [b"0", b"5", b"-1", b"junk", b"1" * 5000, b"1000000000000000000",
    b"+5", b"\xb2", b"5, 6"]),
    (b"transfer-encoding", [b"chunked", b"gzip, chunked", b"junk", b"chunked, identity"]),
    (b"content-encoding", [b"gzip", b"br", b"junk", b"gzip, gzip"]),
    (b"content-type", TYPES),
    (b"expect", [b"100-continue", b"junk"]),
    (b"upgrade", [b"websocket", b"h2c"]),
    (b"x-http-method-override", [b"DELETE"]),
    (b"authorization", [b"Basic !!!", b"Bearer x", b"\xff", b"Token " + b"a" * 9000]),
    (b"idempotency-key", [b"", b"\xff", b"a" * 9000]),
    (b"", [b"", b"x"]),
    (b"x" * 5000, [b"y"]),
    (b"\xff", [b"\xff"]),
]  # fmt: skip


class Dice(random.Random):
    """Picks by a seed; every pick of `mark` is another word."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.seed_text, self.marks = f"{seed:x}", 0

    def mark(self) -> str:
        """A word that stands nowhere in the product."""
        self.marks += 1
        return f"zq{self.seed_text}x{self.marks:x}qz"

    def value(self, mark: str) -> bytes:
        """Something bad, usually with the mark in it."""
        chance = self.random()
        if chance < 0.02:
            return self.choice(LONG) + mark.encode()
        bad = self.choice(ALL)
        if chance < 0.35:
            return bad
        if chance < 0.5:
            return b"%3Cb+id=" + mark.encode() + b"%3E" + bad
        return bad + mark.encode() if chance < 0.8 else mark.encode() + bad

    def in_path(self, mark: str) -> bytes:
        """The same as it can stand in the path of an address."""
        return (
            quote_plus(self.value(mark)[:3000], safe="%+/;=@:$!'()*,")
            .encode()
            .replace(b"+", b"%20")
        )

    def headers(self, mark: str) -> tuple[tuple[bytes, bytes], ...]:
        """A few bad headers, often one twice."""
        chosen: list[tuple[bytes, bytes]] = []
        for _ in range(self.randint(1, 5)):
            name, values = self.choice(HEADERS)
            for _ in range(self.choice([1, 1, 1, 2, 3])):
                value = self.choice(values)
                chosen.append((name, value + mark.encode() if self.random() < 0.3 else value))
        return tuple(chosen)

    def damage(self, body: bytes, times: int = 3) -> bytes:
        """The same bytes with a few cut out, doubled or replaced."""
        damaged = bytearray(body)
        for _ in range(self.randint(1, times)):
            start = self.randrange(len(damaged) + 1)
            end = start + self.choice([0, 0, 1, 2, 5, 40])
            damaged[start:end] = self.choice(
                [b"", b"&", b"=", b"%", b"+", b"%00", b"\x00", b"\xff", b";", b'"', b"\\",
                b"{", b"]",
                 b"\r\n", bytes(damaged[start:end]) * 2, self.randbytes(3)]
            )  # fmt: skip
        return bytes(damaged)

    def chunks(self, body: bytes) -> tuple[tuple[bytes, ...], bool]:
        """The body as it comes in: whole, in pieces, with empty ones, or without its end."""
        chance = self.random()
        if chance < 0.8:
            return (body,), True
        size = max(1, len(body) // self.randint(1, 20))
        pieces = tuple(body[at : at + size] for at in range(0, len(body), size)) or (b"",)
        if chance < 0.9:
            return (b"", *pieces, b""), True
        return pieces, False
