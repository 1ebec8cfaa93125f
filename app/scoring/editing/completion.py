"""A system in the making with its empty texts filled in, so that its sense can be judged.

The reader of the files says nothing about the sense of a system that lacks something it must
have. Most of what a draft lacks are words, which change no sum and no bound.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.scoring.editing.outline import Body, copied
from app.survey.text import LANGUAGES

ANY_WORDS = "…"
TEXTS = frozenset({"title", "name", "document", "unit", "source", "reason"})
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def completed(body: Mapping[str, Any], lacking: Iterable[str]) -> Body:
    """With any words at the places where texts are `lacking`, as ``indicators[0].unit.en``."""
    changed = copied(body)
    for place in lacking:
        *above, last = [
            int(number) if number else key for number, key in _STEP.findall(place)
        ] or [""]
        holder: Any = changed
        for step in above:
            holder = _inside(holder, step)
        if isinstance(holder, dict):
            if last in TEXTS:
                holder[last] = dict.fromkeys(LANGUAGES, ANY_WORDS)
            elif last in LANGUAGES:
                holder[last] = ANY_WORDS
    return changed


def _inside(holder: Any, step: int | str) -> Any:
    if isinstance(holder, list) and isinstance(step, int):
        return holder[step] if step < len(holder) else None
    return holder.get(step) if isinstance(holder, dict) else None
