"""How a questionnaire was answered, reduced to what may be kept.

Whole seconds a section, a slot of five minutes, and hashes under a key that is made for one
round and destroyed with it: of a device class out of five, of a network prefix, and of what
was written. The address and the user agent themselves exist only while a request lasts;
nothing here can point to a person or join two rounds. `KEPT` says what each field is.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from app.survey.keyed import mac

KEPT: Mapping[str, str] = {
    "slot": "time in slots of five minutes: enough to see a burst, too coarse for a face",
    "seconds": "whole seconds on the form, capped at ten minutes",
    "section_seconds": "whole seconds on each section, capped at ten minutes",
    "device": "one of five classes of device, under the round's key",
    "network": "a truncated prefix, under the round's key; the address only in memory",
    "comment": "a hash of what was written without spaces and marks, under the round's key",
    "comment_length": "how many characters were written",
    "order": "the order of the options, which the survey version says anyhow",
    "mode": "whether the form was one page or steps",
}
"""Everything that is kept of how a response came about, and why it may be; nothing else is."""
LONGEST_DWELL = 600
SLOT = timedelta(minutes=5)
OCTETS = frozenset(str(octet) for octet in range(256))


@dataclass(frozen=True, slots=True)
class Paradata:
    """What is kept of how one response came about."""

    slot: str
    """Start of the five-minute slot, UTC, as ``2026-11-22T08:35Z``."""
    seconds: int | None = None
    """Whole seconds from the page to the submission, at most 600; None if not known."""
    section_seconds: Mapping[str, int] = field(default_factory=dict)
    device: str = ""
    network: str = ""
    """Keyed hashes; empty for answers that did not come through a page."""
    comment: str = ""
    """Keyed hash of what was written, as `plain_text` leaves it; empty without words."""
    comment_length: int | None = None
    """Characters of it as it was written; None where nothing was."""
    order: str = "as_defined"
    """The order in which options were shown: that of the survey version."""
    mode: str = ""
    """`page` or `step`; empty for imported answers."""


def five_minute_slot(moment: datetime) -> str:
    """The slot in which `moment` (with a time zone) lies, as kept in paradata."""
    return _slot(int(moment.timestamp() // SLOT.total_seconds()))


@lru_cache(maxsize=16)
def _slot(number: int) -> str:
    start = datetime.fromtimestamp(number * SLOT.total_seconds(), UTC)
    return start.strftime("%Y-%m-%dT%H:%MZ")


def bounded_seconds(text: str) -> int | None:
    """Whole seconds from what a page sent, capped; None for anything that is no number."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return min(int(text), LONGEST_DWELL)


def device_class(user_agent: str) -> str:
    """One of five words for the kind of device; the user agent itself is never kept."""
    agent = user_agent.lower()
    if "micromessenger" in agent or "alipay" in agent:
        return "app"
    if "iphone" in agent or "ipad" in agent:
        return "ios"
    if "android" in agent or "harmony" in agent:
        return "android"
    if "windows" in agent or "macintosh" in agent or "linux" in agent:
        return "computer"
    return "other"


def network_prefix(address: str) -> str:
    """The first 24 bits of an IPv4 address, the first 48 of an IPv6 one; empty if neither."""
    parts = address.split(".")
    if len(parts) == 4 and OCTETS.issuperset(parts):
        return f"{'.'.join(parts[:3])}.0/24"
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if isinstance(ip, IPv6Address):
        return f"{IPv6Address(int(ip) >> 80 << 80)}/48"
    first, second, third, _ = ip.packed
    return f"{first}.{second}.{third}.0/24"


def keyed_hash(key: bytes, purpose: str, value: str) -> str:
    """HMAC-SHA-256 under the round's key, first 64 bits as hex; empty for an empty value."""
    if not value:
        return ""
    message = f"{purpose}\0{value}".encode()
    return mac(key, message).hex()[:16]


def plain_text(text: str) -> str:
    """The text without case, width (NFKC), spaces and marks: copies of a text have one."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def told_of_comment(key: bytes, texts: Iterable[str]) -> tuple[str, int | None]:
    """Keyed hash and length of the longest of the texts; nothing of none.

    One of them, because a copied remark stays a copy beside another one that is not.
    """
    longest = max(texts, key=len, default="")
    if not longest:
        return "", None
    return keyed_hash(key, "comment", plain_text(longest)), len(longest)
