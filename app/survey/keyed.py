"""HMAC-SHA-256 under a key that is used again and again."""

import hashlib
import hmac
from functools import lru_cache


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 of a message (RFC 2104), 32 bytes."""
    # The one-call function of the standard library lets go of the interpreter's lock each
    # time, and under load waits long to have it back.
    begun = _begun(key).copy()
    begun.update(message)
    return begun.digest()


@lru_cache(maxsize=64)
def _begun(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod=hashlib.sha256)
