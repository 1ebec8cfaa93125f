"""Codes suggested from names, so that nobody has to think of one.

A name in Latin letters becomes its own code; any other gets the next free number.
"""

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 40


class CodeMaker:
    """Suggests codes one after the other; none twice, and none of those `taken`."""

    def __init__(self, prefix: str, taken: Iterable[str]) -> None:
        self.prefix = prefix
        self.taken = set(taken)
        self._last: dict[str, int] = {}

    def suggest(self, name: str) -> str:
        """A free code: ``old-town`` for "Old Town", ``unit-3`` for a Chinese name."""
        slug = _slug(name)
        code = slug
        if not slug or slug in self.taken:
            stem = slug or self.prefix
            number = self._last.get(stem, 1 if slug else 0) + 1
            while f"{stem}-{number}" in self.taken:
                number += 1
            self._last[stem] = number
            code = f"{stem}-{number}"
        self.taken.add(code)
        return code


def _slug(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    others = [sign for sign in name if not sign.isascii() and sign.isalpha()]
    if any(unicodedata.category(sign) == "Lo" for sign in others):
        return ""
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")[:LONGEST].strip("-")
