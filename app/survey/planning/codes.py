"""Codes suggested from names, so that nobody has to think of one.

A name in Latin letters becomes its own code; any other gets the next free number.
"""

import re
import unicodedata
from collections.abc import Container

LONGEST = 40


def suggested_code(name: str, *, prefix: str, taken: Container[str]) -> str:
    """A free code for a name: ``old-town`` for "Old Town", ``unit-3`` for a Chinese name."""
    slug = _slug(name)
    if slug and slug not in taken:
        return slug
    stem, number = slug or prefix, 2 if slug else 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def _slug(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    others = [sign for sign in name if not sign.isascii() and sign.isalpha()]
    if any(unicodedata.category(sign) == "Lo" for sign in others):
        return ""
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")[:LONGEST].strip("-")
