"""What people wrote in their own words, for whoever reads results: scrubbed, in batches.

Nothing leads from a text to its response: no score stands beside it, and the order is another
one than that of the identifiers. Fewer than ten texts of one place are not shown as that
place's, and fewer than ten of all are not shown at all.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.database.canaries import require_known_canaries
from app.database.open_answers import Written, list_written
from app.database.rounds import FrozenRound
from app.errors import WrongState
from app.survey.definition import Item
from app.survey.scrubbing import scrubbed

LEAST = 10
"""Fewer texts than these are nobody's batch."""
AT_ONCE = 40
ELSEWHERE = ""
"""Stands for the units that have too few texts to be shown by themselves."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts to one item from one unit, or from all that have few."""

    item: str
    unit: str | None
    """None: of everybody; ELSEWHERE: of the units with too few texts."""
    texts: tuple[str, ...]
    total: int
    part: int
    parts: int
    sizes: Mapping[str, int]
    """Unit → texts, of those that can be asked for; ELSEWHERE where there are enough."""


def text_items(frozen: FrozenRound) -> Sequence[Item]:
    """The items that are answered in words, in the order asked."""
    return [item for item in frozen.survey.items.values() if item.kind == "text"]


def read_batch(
    session: Session, frozen: FrozenRound, *, item: str, unit: str | None, part: int
) -> Batch:
    """A part of the texts to an item; an unknown unit or part gives those of everybody."""
    if frozen.state in {"draft", "open"}:
        raise WrongState(
            f"Round {frozen.code} is {frozen.state}; texts are read once it is closed.",
            chinese="收集结束以后才能看开放意见。",
        )
    require_known_canaries(session, frozen.id)
    written = list_written(session, frozen.id, item=item)
    sizes = _sizes(written)
    chosen = unit if unit in sizes else None
    shown = [one for one in written if _belongs(one, chosen, sizes)]
    if len(shown) < LEAST:
        return Batch(item, chosen, (), len(shown), 1, 1, sizes)
    ordered = sorted(shown, key=lambda one: _another_order(frozen, one))
    parts = max(1, len(ordered) // AT_ONCE)
    number = part if 1 <= part <= parts else 1
    ends = [len(ordered) * n // parts for n in (number - 1, number)]
    texts = tuple(scrubbed(one.text) for one in ordered[ends[0] : ends[1]])
    return Batch(item, chosen, texts, len(ordered), number, parts, sizes)


def _sizes(written: Sequence[Written]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in written:
        counts[one.unit] = counts.get(one.unit, 0) + 1
    large = {unit: n for unit, n in counts.items() if n >= LEAST}
    small = len(written) - sum(large.values())
    # Everybody less the large ones would be the small ones: they are told only where they
    # are enough themselves, and else the smallest large one is told with them.
    if 0 < small < LEAST and large:
        smallest = min(large, key=lambda unit: (large[unit], unit))
        small += large.pop(smallest)
    return {**large, ELSEWHERE: small} if large and small >= LEAST else large


def _belongs(one: Written, unit: str | None, sizes: Mapping[str, int]) -> bool:
    if unit is None:
        return True
    return one.unit not in sizes if unit == ELSEWHERE else one.unit == unit


def _another_order(frozen: FrozenRound, one: Written) -> str:
    """By a digest that neither the identifier nor the time of the response tells."""
    words = f"{frozen.plan_digest} {one.response_id} {one.text}"
    return hashlib.sha256(words.encode()).hexdigest()
