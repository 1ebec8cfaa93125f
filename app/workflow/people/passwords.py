"""Passwords at rest: Argon2id in its own notation, made and compared."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("what nobody has chosen")


def hash_password(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


def is_right(kept: str | None, given: str) -> bool:
    """Whether a password is the one; takes as long where none was kept."""
    try:
        return _HASHER.verify(kept or _NOBODY, given) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
