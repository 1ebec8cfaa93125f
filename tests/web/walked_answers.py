"""Residents of a walk: some hold a phone, most send the same form without looking at it.

More and less content people answer over ten days; one afternoon thirty copies of the best
answer come from one network.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import numpy as np
from numpy.random import Generator
from residents import read
from walked_office import Installation

from browser import PHONE

SEED = 20261122
DAYS = 10
COPIES = 30
AGENTS = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile MicroMessenger/8.0",
    "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120 Mobile",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Mobile",
)
HELD = (0.6, 0.3, 0.1)
"""The shares in which people hold them."""
NAMES = "all => [...new Set(all.map(one => one.name))].filter(name => name.startsWith('q-'))"


@dataclass(frozen=True, slots=True)
class Sitting:
    """One person with the form before them: when, with what, how long, how content."""

    code: str
    at: datetime
    agent: str
    network: str
    seconds: int
    mood: float
    """0 to 1; the share of the way from the worst answer to the best."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status_code: int
    text: str


def answer_on_a_phone(place: Installation, code: str, *, comment: str) -> str:
    """Somebody scans, answers the best and sends; where their receipt is."""
    page = place.open_page(PHONE)
    page.goto(f"{place.url}/s/{code}")
    assert "不用写姓名和电话" in page.inner_text("body")
    for name in page.locator("#f input[type=radio]").evaluate_all(NAMES):
        page.locator(f"[name={name}]").first.check(force=True)
    page.locator("#f textarea").first.fill(comment)
    place.later(seconds=70)
    page.locator("form#f button[name=send]").click()
    page.wait_for_url("**/r/*")
    assert "收到了，谢谢您" in page.inner_text("h1")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    return page.url


def answer_for_days(place: Installation, moods: Mapping[str, float], *, each: int) -> None:
    """So many people at each code, in the hours of work of the next days."""
    chance, begin = np.random.default_rng(SEED), place.clock.now
    usual = [one for code in moods for one in _usual(code, moods[code], each, begin, chance)]
    _send(place, [*usual, *_copies(list(moods)[-1], begin)], chance)


def _usual(code: str, mood: float, n: int, begin: datetime, chance: Generator) -> list[Sitting]:
    return [
        Sitting(
            code,
            begin
            + timedelta(days=int(chance.integers(DAYS)), minutes=int(chance.integers(480))),
            str(chance.choice(AGENTS, p=HELD)),
            f"198.51.{chance.integers(250)}.7",
            int(np.clip(chance.lognormal(4.2, 0.4), 25, 400)),
            mood,
        )
        for _ in range(n)
    ]


def _copies(code: str, begin: datetime) -> list[Sitting]:
    start = begin + timedelta(days=6, hours=5)
    moments = [start + timedelta(seconds=20 * n) for n in range(COPIES)]
    return [Sitting(code, at, AGENTS[1], "203.0.113.9", 9, 1.0) for at in moments]


def _send(place: Installation, sittings: list[Sitting], chance: Generator) -> None:
    with closing(HTTPConnection(urlsplit(place.url).netloc)) as line:
        for one in sorted(sittings, key=lambda sitting: sitting.at):
            place.clock.now = one.at
            paper = read(_ask(line, one, "GET", f"/s/{one.code}"))
            place.later(seconds=one.seconds)
            answers = {
                name: _choice(offered, one.mood, chance)
                for name, offered in paper.offered.items()
                if name.startswith("q-")
            }
            sent = paper.filled(answers) | {"send": ["1"]}
            reply = _ask(line, one, "POST", paper.action, urlencode(sent, doseq=True))
            assert reply.status_code == 303, reply.text


def _ask(
    line: HTTPConnection, one: Sitting, method: str, address: str, body: str = ""
) -> Reply:
    headers = {"User-Agent": one.agent, "X-Forwarded-For": one.network}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    line.request(method, address, body or None, headers)
    reply = line.getresponse()
    return Reply(reply.status, reply.read().decode())


def _choice(offered: list[str], mood: float, chance: Generator) -> str:
    if mood == 1:
        return offered[0]
    if len(offered) < 5:
        return str(chance.choice(offered))
    return offered[int(np.clip(round(4 * (1 - mood) + chance.normal(0, 0.9)), 0, 4))]
