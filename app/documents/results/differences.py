"""Two results of one round held against each other: what a reader would find changed.

Both are what the public may see. Numbers are compared as they are printed, to one decimal: what
nobody could see has not changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.documents.results.result import Figure, Result
from app.documents.results.tables import measure_word
from app.documents.wording import difference, points, translator

Key = tuple[str, str, str, str, str]
FIRST = ("overall", "region", "unit", "group")
MOST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One number then and now, in words."""

    name: str
    place: str
    before: str
    now: str
    change: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What would change for the public."""

    numbers: int
    """How many numbers are shown now or would be."""
    changed: int
    appear: int
    vanish: int
    rows: tuple[DifferenceRow, ...]
    """The first of them: everybody, then regions, units, groups."""

    @property
    def are_any(self) -> bool:
        """Whether anything would change."""
        return bool(self.changed or self.appear or self.vanish)


def differences(now: Result, before: Result) -> Differences:
    """What a reader of `before` would find changed in `now`."""
    new, old = _by_key(now), _by_key(before)
    keys = sorted({*new, *old}, key=_order)
    moved = [key for key in keys if _printed(new.get(key)) != _printed(old.get(key))]
    shown = [key for key in keys if _is_shown(new.get(key)) or _is_shown(old.get(key))]
    return Differences(
        numbers=len(shown),
        changed=sum(_is_shown(new.get(k)) and _is_shown(old.get(k)) for k in moved),
        appear=sum(_is_shown(new.get(k)) and not _is_shown(old.get(k)) for k in moved),
        vanish=sum(_is_shown(old.get(k)) and not _is_shown(new.get(k)) for k in moved),
        rows=tuple(_rows(now, moved[:MOST_SHOWN], new, old)),
    )


def _by_key(result: Result) -> Mapping[Key, Figure]:
    return {
        (one.series, one.measure, one.code, one.domain, one.domain_code): one
        for figures in result.rows.values()
        for one in figures
    }


def _order(key: Key) -> tuple[int, Key]:
    return FIRST.index(key[3]), key


def _is_shown(figure: Figure | None) -> bool:
    return figure is not None and figure.is_shown


def _printed(figure: Figure | None) -> str:
    return points(figure.value) if figure is not None and figure.is_shown else ""


def _rows(
    result: Result, keys: list[Key], new: Mapping[Key, Figure], old: Mapping[Key, Figure]
) -> Iterator[DifferenceRow]:
    _ = translator(result.language)
    for key in keys:
        _series, measure, code, domain, domain_code = key
        was, now = old.get(key), new.get(key)
        kind = "indicator" if measure == "indicator" else "item"
        yield DifferenceRow(
            name=f"{result.measure_name(kind, code)}{_('：')}{measure_word(result, measure)}",
            place=result.place(domain, domain_code),
            before=_printed(was) or _("不公布"),
            now=_printed(now) or _("不公布"),
            change=difference(_change(was, now)),
        )


def _change(was: Figure | None, now: Figure | None) -> float | None:
    if was is None or now is None or not (was.is_shown and now.is_shown):
        return None
    return (now.value or 0.0) - (was.value or 0.0)
