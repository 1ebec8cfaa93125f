"""The door of one process: what every way in does with a submission before it is admitted.

Page, kiosk and interface all hand in here, so that no way is without the limits of another.
Of the sender only keyed hashes go on from here, the key being the round's.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Self

import msgspec

from app.errors import TooMany
from app.survey.answers import Answer
from app.survey.keyed import mac
from app.survey.paradata import (
    Paradata,
    device_class,
    five_minute_slot,
    keyed_hash,
    network_prefix,
    told_of_comment,
)
from app.survey.text import Language
from app.survey.tokens import read_token, token_hash
from app.web.resident.address import client_address
from app.web.resident.once import seconds_since
from app.web.resident.pressure import Pressure
from app.web.resident.work import is_solved
from app.workflow.arrivals import Arrival, Submission, Verdict
from app.workflow.collecting import Collector
from app.workflow.places import Place

CHANNELS = {"kiosk": "kiosk", "api": "api"}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, while the request lasts; empty where nothing is known."""

    address: str = ""
    agent: str = ""

    @classmethod
    def of(cls, scope: Mapping[str, Any], hops: int) -> Self:
        """The sender of an ASGI request that came through `hops` proxies of ours."""
        agent = next((v for name, v in scope["headers"] if name == b"user-agent"), b"")
        return cls(client_address(scope, hops), agent.decode("latin-1"))


@dataclass(frozen=True, slots=True)
class Filled:
    """A questionnaire that was filled in and read."""

    once: str
    answers: Mapping[str, Answer]
    language: Language
    mode: str
    """`page`, `step`, `kiosk` or `api`."""
    section_seconds: Mapping[str, int]
    token: str = ""
    """As it was typed or came with the link."""
    work: str = ""
    """A solution of the page's challenge, where it had one."""


class Door:
    """Counts how hard places are pressed, and hands in to the writer."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.pressure = Pressure()

    async def hand_in(
        self, place: Place, filled: Filled, sender: Sender, now: datetime
    ) -> Verdict:
        """Admit what was filled in; returns after the commit, or raises the refusal."""
        network = keyed_hash(place.key, "network", network_prefix(sender.address))
        standing = self.pressure.arrive(place.code, network, time.monotonic())
        if standing.level == "refused":
            self.collector.count(place, "received", "refused_too_many")
            raise TooMany(standing.wait)
        is_pressed = standing.level == "pressed" and not is_solved(
            place.key, filled.once, filled.work, now=now
        )
        submission = Submission(
            once=filled.once,
            body_digest=_digest(place.key, filled.answers),
            answers=filled.answers,
            paradata=_paradata(place.key, filled, sender, network, now),
            channel=CHANNELS.get(filled.mode, "qr"),
            token=_token_hash(filled.token),
            assurance="pressed" if is_pressed else "open",
        )
        return await self.collector.keep(Arrival(place, submission))


def _paradata(
    key: bytes, filled: Filled, sender: Sender, network: str, now: datetime
) -> Paradata:
    is_ours = filled.mode != "api"
    texts = [answer for answer in filled.answers.values() if isinstance(answer, str)]
    comment, length = told_of_comment(key, texts) if texts else ("", None)
    return Paradata(
        slot=five_minute_slot(now),
        seconds=seconds_since(filled.once, now) if is_ours else None,
        section_seconds=filled.section_seconds,
        device=_device_hash(key, device_class(sender.agent)) if is_ours else "",
        network=network if is_ours else "",
        comment=comment,
        comment_length=length,
        mode=filled.mode,
    )


@lru_cache(maxsize=256)
def _device_hash(key: bytes, device: str) -> str:
    return keyed_hash(key, "device", device)


def _token_hash(typed: str) -> str:
    """The hash of a token; of what cannot be one too, which no token has."""
    return token_hash(read_token(typed) or typed) if typed.strip() else ""


def _digest(key: bytes, answers: Mapping[str, Answer]) -> str:
    """Tell two bodies apart; keyed, for a short text could be guessed from a plain hash."""
    # Whoever reads a form or a document gives the answers in the order of the survey.
    return mac(key, b"body\0" + msgspec.json.encode(answers)).hex()
