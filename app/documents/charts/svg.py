"""Writing SVG by hand: elements, and how wide a text will be.

Only presentation attributes and class names are written, never ``style``: pages carry a
strict content policy, and a style sheet may still recolour everything by class.
"""

import re
from functools import lru_cache
from html import escape

from app.documents.wording import rounded

WIDTHS = (
    ("mwMW@%—…", 0.95),
    ("ABCDEFGHIJKLNOPQRSTUVXYZ&+=<>~−#", 0.74),
    ('abcdeghknopqsuvxyz0123456789$–?"', 0.61),
    (" .,:;'|!ijlft()[]/r-·", 0.40),
)
"""Upper bounds of advance widths in em, over Noto Sans, PingFang and YaHei."""

ADVANCE = {character: width for characters, width in WIDTHS for character in characters}
UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TOKENS = re.compile(r"[\u0021-\u024f]+\s*|\s+|.")
ELLIPSIS = "…"


def element(name: str, *children: str, **attributes: str | float | None) -> str:
    """Write one element; ``text_anchor`` becomes ``text-anchor``, ``class_`` ``class``.

    Children are markup already; words go through `words` first. None leaves a name out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return (
        f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"
    )


def words(text: str) -> str:
    """Escape a text for use between tags; characters XML cannot hold become U+FFFD."""
    return escape(UNSPEAKABLE.sub("\ufffd", text), quote=False)


def text_width(text: str, size: float) -> float:
    """Bound the width of `text` at font size `size` from above, in the unit of `size`."""
    return size * _advance(text)


@lru_cache(maxsize=2**14)
def _advance(text: str) -> float:
    return sum(ADVANCE.get(character, 1.0) for character in text)


def wrapped(text: str, width: float, size: float, *, lines: int = 2) -> list[str]:
    """Break `text` into at most `lines` lines of `width`; an ellipsis marks what is cut."""
    if text_width(text, size) <= width:
        return [text.strip()]
    result, current = [], ""
    for token in _tokens(text, width, size):
        if current and text_width((current + token).rstrip(), size) > width:
            result.append(current.rstrip())
            current = ""
        current += token if current else token.lstrip()
    result.append(current.rstrip())
    if len(result) <= lines:
        return result
    return [*result[: lines - 1], _shortened(result[lines - 1], width, size)]


def _tokens(text: str, width: float, size: float) -> list[str]:
    """Words, and single characters where a line may break anywhere or a word is too long."""
    tokens: list[str] = []
    for token in TOKENS.findall(text):
        tokens += [token] if text_width(token.rstrip(), size) <= width else list(token)
    return tokens


def _shortened(line: str, width: float, size: float) -> str:
    while line and text_width(line + ELLIPSIS, size) > width:
        line = line[:-1]
    return line.rstrip() + ELLIPSIS


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return escape(UNSPEAKABLE.sub("\ufffd", value))
    return rounded(value, decimals=1).removesuffix(".0")
