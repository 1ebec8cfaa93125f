"""The key of a form: made by the server, good for one response, carrying when it was made.

The same key twice is the same response, whatever the network does. The key holds its time,
so that the seconds spent are known without a script, and a MAC under the round's key, so
that it cannot be made up.
"""

import hmac
import re
import secrets
from datetime import datetime

from app.survey import keyed
from app.survey.paradata import LONGEST_DWELL

FORM = re.compile(r"^([0-9a-f]{8,10})\.([0-9a-f]{32})\.([0-9a-f]{32})$")


def new_once(key: bytes, code: str, now: datetime) -> str:
    """A key for a form of the point with this code."""
    made = f"{int(now.timestamp()):08x}.{secrets.token_hex(16)}"
    return f"{made}.{_mac(key, code, made)}"


def is_genuine(once: str, key: bytes, code: str) -> bool:
    """Whether this server made the key, for this point."""
    made, _, mac = once.rpartition(".")
    known = FORM.match(once) is not None
    return known and hmac.compare_digest(mac, _mac(key, code, made))


def seconds_since(once: str, now: datetime) -> int:
    """Whole seconds from the making of the key to `now`, from 0 to the longest dwell."""
    spent = int(now.timestamp()) - int(once.partition(".")[0], 16)
    return min(max(spent, 0), LONGEST_DWELL)


def _mac(key: bytes, code: str, made: str) -> str:
    return keyed.mac(key, f"once\0{code}\0{made}".encode()).hex()[:32]
