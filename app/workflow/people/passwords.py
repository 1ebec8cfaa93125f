"""Passwords at rest: Argon2id in its own notation, made and compared."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("what nobody has chosen")
# Each takes 64 MiB and a core: a flood of guesses must not take the server's memory.
_TURNS = BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """What is kept of a password."""
    with _TURNS:
        return _HASHER.hash(password)


def is_right(kept: str | None, given: str) -> bool:
    """Whether a password is the one; takes as long where none was kept."""
    try:
        with _TURNS:
            return _HASHER.verify(kept or _NOBODY, given) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether a password was kept with less care than is taken today."""
    return _HASHER.check_needs_rehash(kept)
