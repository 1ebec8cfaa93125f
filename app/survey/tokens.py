"""Tokens: one-time rights to answer, on paper, in a symbol, or behind the # of an address.

A token is 26 characters of chance (130 bits: nobody guesses one) and a check character by
the scheme of `codes`. It is known to whoever holds the paper; the platform keeps its hash
only. Entropy comes in as bytes; this module throws no dice.
"""

import hashlib

from app.survey.codes import grouped, new_characters, read_characters

TOKEN_LENGTH = 27
TOKEN_ENTROPY = 17
"""Bytes of entropy that make a token."""
TOKEN_GROUPS = (4, 4, 4, 4, 4, 4, 3)
HASH_PREFIX = "minxin-token\0"


def new_token(entropy: bytes) -> str:
    """Make a token in its canonical form, 27 characters in lower case, from 17 bytes."""
    return new_characters(entropy, length=TOKEN_LENGTH)


def read_token(text: str) -> str | None:
    """Read a token as generously as `read_code`, into its canonical form; None if it is none.

    Only form and check character are judged, not whether the token was ever issued.
    """
    return read_characters(text, length=TOKEN_LENGTH)


def write_token(token: str) -> str:
    """Group a canonical token for reading from paper, in upper case: ``K3M9-XQ4T-…-7B2``."""
    return grouped(token, TOKEN_GROUPS)


def token_hash(token: str) -> str:
    """SHA-256 of a canonical token, hex: what the database knows of it."""
    return hashlib.sha256(f"{HASH_PREFIX}{token}".encode()).hexdigest()
