"""How an answer came about, reduced to what may be kept."""

import re
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import ip_address, ip_network
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.survey.paradata import (
    LONGEST_DWELL,
    bounded_seconds,
    device_class,
    five_minute_slot,
    keyed_hash,
    network_prefix,
    plain_text,
    told_of_comment,
)


def test_a_slot_is_the_start_of_five_minutes_in_utc():
    shanghai = ZoneInfo("Asia/Shanghai")
    assert five_minute_slot(datetime(2026, 11, 22, 16, 39, 59, tzinfo=shanghai)) == (
        "2026-11-22T08:35Z"
    )
    assert five_minute_slot(datetime(2026, 1, 1, 0, 0, tzinfo=UTC)) == "2026-01-01T00:00Z"


def test_the_hour_that_a_clock_shows_twice_is_two_slots():
    zone = ZoneInfo("America/Indiana/Indianapolis")
    first = datetime(2017, 11, 5, 1, 30, tzinfo=zone, fold=0)
    second = datetime(2017, 11, 5, 1, 30, tzinfo=zone, fold=1)
    assert five_minute_slot(first) == "2017-11-05T05:30Z"
    assert five_minute_slot(second) == "2017-11-05T06:30Z"


@given(
    st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1900 < moment.year < 9999),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_a_slot_holds_its_moment_whatever_the_zone(moment, zone):
    moment = moment.astimezone(zone)
    start = datetime.fromisoformat(five_minute_slot(moment))
    assert timedelta() <= moment - start < timedelta(minutes=5)
    assert start.minute % 5 == 0
    assert five_minute_slot(moment.astimezone(UTC)) == five_minute_slot(moment)


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("::FFFF:cb00:714d", "203.0.113.0/24"),
        ("2001:db8:1234:5678::9", "2001:db8:1234::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
        ("203.0.113", ""),
        ("203.0.113.077", ""),
        ("203.0.113.77:80", ""),
        ("localhost", ""),
    ],
)
def test_a_network_is_kept_as_a_prefix_and_an_address_never(address, prefix):
    assert network_prefix(address) == prefix


@given(st.ip_addresses(v=4))
def test_an_address_and_its_ipv6_mapped_form_have_one_prefix(address):
    assert network_prefix(f"::ffff:{address}") == network_prefix(str(address))


@given(st.ip_addresses())
def test_a_prefix_holds_the_address_and_at_least_255_others(address):
    network = ip_network(network_prefix(str(address)))
    mapped = getattr(address, "ipv4_mapped", None)
    assert (mapped or address) in network
    assert network.num_addresses >= 256
    assert network_prefix(str(network.network_address)) == str(network)


@given(st.text(max_size=50))
def test_no_text_makes_the_prefix_raise(text):
    prefix = network_prefix(text)
    if prefix:
        ip_address(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("59", 59), ("600", 600), ("601", 600), ("99999999999", None), ("-1", None),
     ("1.5", None), ("٣", None), ("²", None), ("", None), (" 5", None)],
)  # fmt: skip
def test_seconds_are_whole_capped_and_never_guessed(text, seconds):
    assert bounded_seconds(text) == seconds


@given(st.text(max_size=12))
def test_no_text_makes_the_seconds_leave_their_bounds(text):
    seconds = bounded_seconds(text)
    assert seconds is None or 0 <= seconds <= LONGEST_DWELL


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Linux; Android 13; V2148A) MicroMessenger/8.0.42", "app"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AlipayClient/10.5", "app"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1", "ios"),
        ("Mozilla/5.0 (Linux; Android 13; V2148A) Chrome/117 Mobile", "android"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4.1 Mobile", "android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120", "computer"),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/120", "computer"),
        ("curl/8.0", "other"),
        ("", "other"),
    ],
)
def test_a_device_is_one_of_five_words(agent, device):
    assert device_class(agent) == device


def test_a_keyed_hash_depends_on_key_purpose_and_value_and_shows_none_of_them():
    given_hash = keyed_hash(b"k" * 32, "network", "203.0.113.0/24")
    assert re.fullmatch("[0-9a-f]{16}", given_hash)
    others = {
        keyed_hash(b"l" * 32, "network", "203.0.113.0/24"),
        keyed_hash(b"k" * 32, "device", "203.0.113.0/24"),
        keyed_hash(b"k" * 32, "network", "203.0.114.0/24"),
    }
    assert len(others | {given_hash}) == 4
    assert keyed_hash(b"k" * 32, "network", "") == ""


@given(st.text(), st.text(), st.text(), st.text())
def test_purpose_and_value_cannot_be_shifted_into_each_other(purpose, value, other, second):
    if value and second and (purpose, value) != (other, second) and "\0" not in purpose + other:
        assert keyed_hash(b"k", purpose, value) != keyed_hash(b"k", other, second)


def test_copies_of_a_remark_have_one_hash_however_they_are_typed():
    key = b"k" * 32
    typed = ("排队太久，路灯坏了！", " 排队太久 路灯坏了", "排队太久。\n路灯坏了…")
    hashes = {told_of_comment(key, [text])[0] for text in typed}
    assert len(hashes) == 1
    assert re.fullmatch("[0-9a-f]{16}", hashes.pop())
    assert told_of_comment(key, ["ＧＯＯＤ"])[0] == told_of_comment(key, ["good."])[0]
    assert told_of_comment(b"l" * 32, typed)[0] != told_of_comment(key, typed)[0]
    assert told_of_comment(key, ["排队太久"])[0] != told_of_comment(key, typed)[0]


def test_of_several_remarks_the_longest_is_told_and_of_none_nothing():
    key = b"k" * 32
    assert told_of_comment(key, ["好", "排队太久"]) == told_of_comment(key, ["排队太久"])
    assert told_of_comment(key, ["排队太久"])[1] == 4
    assert told_of_comment(key, []) == ("", None)
    assert told_of_comment(key, ["👍👍"]) == ("", 2)


@given(st.text(max_size=60))
def test_a_plain_text_stays_itself_and_holds_no_mark(text):
    plain = plain_text(text)
    assert all(letter.isalnum() for letter in plain)
    assert plain_text(f" {text}！\n") == plain
