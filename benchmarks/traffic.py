"""What respondents send: the bytes of requests for pages and of filled-in questionnaires.

Every form has a genuine key of its own, made under the key of the round as the server makes
it; addresses, browsers, points and answers vary as they do on the day. All that can be built
before the clock runs is built before.
"""

import hashlib
import hmac
import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import count
from typing import Any
from urllib.parse import urlencode

AGENTS = (
    "Mozilla/5.0 (Linux; Android 13; V2243A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
    " Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MicroMessenger/8.0.49",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Mobile/15E148 MicroMessenger/8.0.49",
    "Mozilla/5.0 (Linux; Android 10; HarmonyOS; ELS-AN00) AppleWebKit/537.36 (KHTML, like"
    " Gecko) Chrome/114.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/126.0.0.0 Safari/537.36",
)
WISHES = ("希望修好村口的路", "看病报销再方便一些", "多建一个公园", "公交车晚上也有")
ADDRESSES = 4096
FILLED_FORMS = 1024
SHARE_WITH_WISH = 0.1
SHARE_LEFT_OUT = 0.1
ONCE_LENGTH = 8 + 1 + 32 + 1 + 32
DWELL = 180
"""Seconds between the making of a form's key and its coming back."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a generator must know of a round: its codes, its key, and what may be answered."""

    host: str
    codes: tuple[str, ...]
    key: bytes
    choices: dict[str, list[int]]
    """Item → the codes of its choices; empty for a text."""
    optional: frozenset[str]
    sections: tuple[str, ...]


def read_place(host: str, told: dict[str, Any]) -> Place:
    """The round as the collector describes it in JSON."""
    return Place(
        host=host,
        codes=tuple(told["codes"]),
        key=bytes.fromhex(told["key"]),
        choices=told["choices"],
        optional=frozenset(told["optional"]),
        sections=tuple(told["sections"]),
    )


def page_requests(place: Place, seed: int) -> Iterator[bytes]:
    """Requests for the questionnaire, for ever."""
    chance = random.Random(seed)
    addresses = forwarded_addresses(chance)
    starts = [
        f"GET /s/{code} HTTP/1.1\r\n{_browser(place, agent)}X-Forwarded-For: ".encode()
        for code in place.codes
        for agent in AGENTS
    ]
    choose = chance.choice
    return (b"%b%b\r\n\r\n" % (choose(starts), choose(addresses)) for _ in count())


def submissions(place: Place, seed: int) -> Iterator[bytes]:
    """Filled-in questionnaires, each under a fresh genuine key, for ever."""
    chance = random.Random(seed)
    addresses = forwarded_addresses(chance)
    starts = [
        (code.encode(), _submission_start(place, code, agent))
        for code in place.codes
        for agent in AGENTS
    ]
    forms = [filled_form(place, chance) for _ in range(FILLED_FORMS)]
    endings = [(form, b"%d" % (len(b"once=") + ONCE_LENGTH + len(form))) for form in forms]
    choose, key = chance.choice, place.key
    made = f"{int(time.time()) - DWELL:08x}.{secrets.token_hex(8)}".encode()

    def submission(number: int) -> bytes:
        (code, start), (form, length) = choose(starts), choose(endings)
        once = b"%b%016x" % (made, number)
        mac = hmac.digest(key, b"once\0%b\0%b" % (code, once), hashlib.sha256).hex()
        shown = once, mac[:32].encode(), form
        head = start, choose(addresses), length
        return b"%b%b\r\nContent-Length: %b\r\n\r\nonce=%b.%b%b" % (head + shown)

    return map(submission, count())


def forwarded_addresses(chance: random.Random) -> list[bytes]:
    """Addresses of many networks, as a reverse proxy would pass them on."""
    found = (IPv4Address("10.0.0.0") + chance.randrange(2**24) for _ in range(ADDRESSES))
    return [str(address).encode() for address in found]


def filled_form(place: Place, chance: random.Random) -> bytes:
    """All fields of a form after its key, as a browser with a script sends them."""
    fields = {"l": "zh-Hans", "mode": "page"}
    for section in place.sections:
        fields[f"t-{section}"] = str(chance.randrange(5, 60))
    for item, codes in place.choices.items():
        if not codes:
            has_wish = chance.random() < SHARE_WITH_WISH
            fields[f"q-{item}"] = chance.choice(WISHES) if has_wish else ""
        elif item not in place.optional or chance.random() >= SHARE_LEFT_OUT:
            fields[f"q-{item}"] = str(chance.choice(codes))
    return f"&{urlencode(fields)}&send=1".encode()


def _submission_start(place: Place, code: str, agent: str) -> bytes:
    return (
        f"POST /s/{code}?sent=1 HTTP/1.1\r\n{_browser(place, agent)}"
        f"Origin: http://{place.host}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nX-Forwarded-For: "
    ).encode()


def _browser(place: Place, agent: str) -> str:
    return (
        f"Host: {place.host}\r\nUser-Agent: {agent}\r\n"
        "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"
        "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: zh-CN,zh;q=0.9\r\n"
    )
