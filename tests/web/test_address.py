"""Whose address a request has: no header moves it further than our own proxies reach."""

import time
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import MinxinError
from app.settings import Settings
from app.survey.paradata import network_prefix
from app.web.resident.address import client_address

OWN = "10.0.0.9"
HOPS = st.integers(0, 5)
ADDRESSES = st.ip_addresses().map(str)
HOSTILE = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [
            b"",
            b",",
            b",,,,,,,,",
            b"unknown",
            b"_hidden",
            b"*",
            b"1.2.3.4.5",
            b"1.2.3.4:99999999",
            b"[::1",
            b"::1]:80",
            b"[]:80",
            b"fe80::1%eth0",
            b"1.2.3.4\x00",
            b"1.2.3.4\r\nx: y",
            b"\xef\xbc\x91.2.3.4",
            b"\xd9\xa1.2.3.4",
            b"1" * 70_000,
            b":" * 70_000,
            b"1.2.3.4," * 9_000,
        ]
    ),
)


def scope(*forwarded: bytes, client: tuple[str, int] | None = (OWN, 5)) -> dict[str, object]:
    """An ASGI request with these X-Forwarded-For headers."""
    headers = [(b"host", b"example"), *((b"x-forwarded-for", value) for value in forwarded)]
    return {"type": "http", "client": client, "headers": headers}


def test_without_a_proxy_the_header_is_ignored():
    assert client_address(scope(b"203.0.113.7"), 0) == OWN


@pytest.mark.parametrize(
    ("hops", "expected"), [(1, "192.0.2.2"), (2, "192.0.2.1"), (3, "203.0.113.7"), (4, OWN)]
)
def test_the_entry_that_the_outermost_proxy_wrote_counts(hops: int, expected: str):
    said = b"203.0.113.7, 192.0.2.1,192.0.2.2"
    assert client_address(scope(said), hops) == expected


def test_several_headers_are_one_list():
    assert client_address(scope(b"203.0.113.7", b"192.0.2.1", b"192.0.2.2"), 2) == "192.0.2.1"


def test_a_request_around_the_proxies_has_its_own_address():
    assert client_address(scope(), 1) == OWN
    assert client_address(scope(b"203.0.113.7"), 2) == OWN


def test_a_connection_without_an_address_has_none():
    assert client_address(scope(client=None), 0) == ""
    assert client_address(scope(client=None), 3) == ""


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        (b"203.0.113.7:567", "203.0.113.7"),
        (b"[2001:db8::1]:80", "2001:db8::1"),
        (b"[2001:db8::1]", "2001:db8::1"),
        (b"2001:db8::1", "2001:db8::1"),
        (b"::", "::"),
        (b"::ffff:203.0.113.7", "::ffff:203.0.113.7"),
        (b"\t 203.0.113.7 ", "203.0.113.7"),
    ],
)
def test_a_port_and_brackets_are_left_behind(entry: bytes, address: str):
    assert client_address(scope(entry), 1) == address
    assert network_prefix(address)


@pytest.mark.parametrize(
    "entry", [b"unknown", b"", b"1.2.3", b"fe80::1%eth0", b"1.2.3.4\x00", "１.2.3.4".encode()]
)
def test_what_is_no_address_gives_none(entry: bytes):
    assert client_address(scope(entry), 1) == ""


@given(st.lists(HOSTILE, max_size=4), st.lists(ADDRESSES, min_size=1, max_size=5))
def test_nothing_a_stranger_writes_hides_what_our_proxies_saw(
    written: list[bytes], seen: list[str]
):
    said = [*written, b", ".join(address.encode() for address in seen)]
    assert client_address(scope(*said), len(seen)) == seen[0]


@given(st.lists(HOSTILE, max_size=4), HOPS)
def test_any_header_gives_a_short_address_or_none(written: list[bytes], hops: int):
    address = client_address(scope(*written), hops)
    assert address.isascii()
    assert len(address) <= 46
    network_prefix(address)


@given(ADDRESSES, st.integers(0, 65535))
def test_every_address_is_understood_with_and_without_a_port(address: str, port: int):
    bracketed = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    for entry in (address, bracketed):
        assert ip_address(client_address(scope(entry.encode()), 1)) == ip_address(address)


def test_the_longest_header_takes_no_time():
    long = scope(b"1.2.3.4, " * 7_000 + b"[" + b"0" * 1_000 + b":" * 1_000)
    started = time.perf_counter()
    for _ in range(1_000):
        client_address(long, 1)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("hops", ["*", "-1", "6", "127.0.0.1", "1.5"])
def test_trusting_everybody_is_no_setting(hops: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MINXIN_PROXY_HOPS", hops)
    with pytest.raises(MinxinError, match="MINXIN_PROXY_HOPS"):
        Settings()


def test_no_proxy_is_trusted_unless_it_is_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MINXIN_PROXY_HOPS", raising=False)
    assert Settings().proxy_hops == 0
    monkeypatch.setenv("MINXIN_PROXY_HOPS", "2")
    assert Settings().proxy_hops == 2
