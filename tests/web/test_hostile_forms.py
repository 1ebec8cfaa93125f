"""Whatever is sent: a kind page, no failure, and the sound answers beside it are not lost."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus, urlencode

import pytest
from residents import Town, a_copy, a_town, open_rounds, other_code, read

from app.database.engine import make_engine
from app.web.protection import MOST_BODY_BYTES

KIND = {200, 303, 400, 404, 405, 409, 413, 415, 422}
SOUND = {"q-Q2": "4", "q-Q3": "98"}
VALUES = [
    b"", b" ", b"+", b"0", b"-1", b"5.0", b"1e3", b"0x5", b"NaN", b"null", b"true", b"[]",
    b"99999999999999999999", b"-" * 50, b"%00", b"5%00", b"%0d%0a", b"%09", b"%1b%5b31m",
    b"%ff%fe", b"%ed%a0%80", b"%c0%af", b"%f4%90%80%80", b"%", b"%zz", b"%25%30%30",
    b"\xff\xfe\x00", "５".encode(), "٥".encode(), "五".encode(), "²".encode(),
    "𠮷𬭸👍🏽".encode(),
    "\u202e5\u2066".encode(), "\ufeff5".encode(), "e\u0301".encode(),
    ("e" + "\u0301" * 400).encode(),
    b"<script>alert(1)</script>", b"\"><img src=x onerror=alert(1)>", b"' or 1=1--",
    b"{{7*7}}", b"{% raw %}", b"${jndi:ldap://x}", b"%s%n{0}{x}", b"../../etc/passwd",
    b"=cmd|' /C calc'!A0", b"</textarea><script>", b"\r\nSet-Cookie: a=b", b"5" * 5000,
    "长".encode() * 3000, b"Q1", b"__class__", b"zh-Hans", b"en", b"step",
]  # fmt: skip
NAMES = [
    "q-Q1", "q-why", "q-", "q-nothing", "q-Q1[]", "q-Q1\x00", "once", "l", "mode", "at", "to",
    "big", "dk", "skip", "back", "next", "t-senses", "t-", "", "\u202e", "__proto__",
    "长" * 500,
]  # fmt: skip
READ = {"q-Q1", "q-why", "once", "at"}
ODD_BODIES = {
    "nothing": (b"", "application/x-www-form-urlencoded"),
    "no type": (b"q-Q1=5", None),
    "ampersands": (b"&" * 1000, "application/x-www-form-urlencoded"),
    "equals signs": (b"=" * 1000, "application/x-www-form-urlencoded"),
    "too many fields": (b"q-Q1=5&" * 600, "application/x-www-form-urlencoded"),
    "another character set": (b"q-Q1=5", "application/x-www-form-urlencoded; charset=utf-16"),
    "capital letters": (b"q-Q1=5", "Application/X-WWW-Form-URLEncoded"),
    "json": (b'{"q-Q1": 5}', "application/json"),
    "deep json": (b"[" * 20_000, "application/json"),
    "text": (b"q-Q1=5", "text/plain"),
    "xml": (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'passwords.txt'>]><a>&b;</a>", "text/xml"),
    "gzip that is none": (b"\x1f\x8b\x08", "application/gzip"),
    "a type that is none": (b"q-Q1=5", ";;;=,"),
    "a megabyte": (b"q-why=" + b"x" * 1_000_000, "application/x-www-form-urlencoded"),
    "a megabyte of fields": (b"a=b&" * 250_000, "application/x-www-form-urlencoded"),
}
PART = '--b\r\nContent-Disposition: form-data; name="q-Q1"{more}\r\n\r\n5\r\n--b--\r\n'
MULTIPARTS = {
    "a field": (PART.format(more=""), "b"),
    "a file": (PART.format(more='; filename="a.exe"'), "b"),
    "no boundary": (PART.format(more=""), ""),
    "an open end": (PART.format(more="")[:40], "b"),
    **{
        charset: (PART.format(more="").replace("5", r"\ud800"), f"b; charset={charset}")
        for charset in ("utf-16", "utf-7", "unicode_escape", "punycode", "idna", "zip", "\x01")
    },
}


@pytest.fixture(scope="module")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The product over open rounds; one for all of these tests, whose rows do not matter."""
    url = a_copy(sqlite_template, tmp_path_factory.mktemp("hostile"))
    engine = make_engine(url)
    codes = open_rounds(engine)
    engine.dispose()
    with a_town(url, codes) as town:
        yield town


def send(town: Town, body: bytes, kind: str | None = "application/x-www-form-urlencoded"):
    """The reply to a body, sent to the town's code."""
    headers = {"content-type": kind} if kind is not None else {}
    return town.client.post(f"/s/{town.codes['town']}", content=body, headers=headers)


def require_kind(town: Town, reply) -> None:
    """No failure, no echo that a browser would run, and every sound answer still there."""
    assert reply.status_code in KIND
    assert "<script>alert" not in reply.text
    assert "<img" not in reply.text
    assert "set-cookie" not in reply.headers
    if reply.status_code in {200, 422}:
        page = read(reply)
        kept = {name: page.fields.get(name) for name in SOUND}
        assert kept == {name: [value] for name, value in SOUND.items()}
    if reply.status_code == 303:
        assert town.client.get(reply.headers["location"]).status_code == 200


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", ["page", "step"])
def test_a_strange_field_costs_no_other_answer(town: Town, name: str, mode: str):
    values = VALUES if name in READ else VALUES[NAMES.index(name) % 4 :: 4]
    for value in values:
        page = town.look(query=f"?mode={mode}")
        sent = page.filled(SOUND)
        sent.pop(name, None)
        fields = [
            urlencode(sent, doseq=True).encode(),
            quote_plus(name, safe="[]").encode() + b"=" + value,
        ]
        # The first of two fields of one name is read: once the strange one stands last.
        ordered = fields if mode == "page" else fields[::-1]
        require_kind(town, send(town, b"&".join(ordered)))


def test_an_answer_given_twice_is_asked_again(town: Town):
    page = town.look()
    reply = town.press(page, {**SOUND, "q-Q1": ["5", "1"]})
    require_kind(town, reply)
    assert "这题的回答没有看懂" in reply.text


def test_a_form_of_another_point_loses_no_answer(town: Town):
    page = read(town.client.get(f"/s/{other_code(town.engine)}"))
    sent = page.filled({**SOUND, "q-Q1": "5"})
    reply = send(town, urlencode(sent, doseq=True).encode())
    require_kind(town, reply)
    assert reply.status_code == 422


@pytest.mark.parametrize("name", ODD_BODIES)
def test_an_odd_body_gets_a_kind_page(town: Town, name: str):
    body, kind = ODD_BODIES[name]
    reply = send(town, body, kind)
    assert reply.status_code in KIND
    assert "<h1>" in reply.text
    if len(body) > MOST_BODY_BYTES:
        assert reply.status_code == 413


@pytest.mark.parametrize("name", MULTIPARTS)
@pytest.mark.parametrize("suffix", ["", "/report"])
def test_the_other_encoding_of_forms_is_refused(town: Town, name: str, suffix: str):
    body, boundary = MULTIPARTS[name]
    kind = f"multipart/form-data; boundary={boundary}"
    reply = town.client.post(
        f"/s/{town.codes['town']}{suffix}",
        content=body.encode(),
        headers=[("content-type", kind.encode())],
    )
    assert reply.status_code == 415
    assert "<h1>" in reply.text


@pytest.mark.parametrize("value", [value for value in VALUES if len(value) < 3000])
def test_strange_words_in_an_address_get_a_kind_page(town: Town, value: bytes):
    word = quote_plus(value, safe="%+")
    for path in (f"/?code={word}", f"/r?number={word}", f"/privacy?l={word}", f"/?{word}"):
        assert town.client.get(path).status_code in KIND
    for path in (f"/s/{word}", f"/r/{word}", f"/s/{word}/report", f"/{word}", f"/p/{word}"):
        assert town.client.get(path).status_code in KIND | {307}
    code = town.codes["town"]
    assert town.client.get(f"/s/{code}?l={word}&mode={word}&big={word}").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_another_method_says_which_there_are(town: Town, method: str):
    reply = town.client.request(method, f"/s/{town.codes['town']}")
    assert reply.status_code == 405
    assert "GET" in reply.headers["allow"]
    assert "<h1>" in reply.text
