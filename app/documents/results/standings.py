"""Where units stand, in words: tiers and sets of places, never a bare rank.

An order by score would be read as a ranking, and most of it is chance. What can be said is
which places a unit may have, and from whom it cannot be told apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.documents.results.findings import listed, space_between
from app.documents.results.result import Document, Figure, Result
from app.documents.wording import count, percent, translator


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One unit: its tier, its places, and whom it cannot be told apart from."""

    name: str
    tier: str
    places: str
    alike: str


@dataclass(frozen=True, slots=True)
class StandingBlock:
    """The units of an indicator: what can be said, the rows, and how surely they hold."""

    sentence: str
    rows: tuple[StandingRow, ...]
    level: str


def standing_block(result: Result, series: str, indicator: str) -> StandingBlock | None:
    """What a page says of places; None where nothing is compared."""
    standing = result.standing(series, indicator)
    if standing is None:
        return None
    return StandingBlock(
        standing_sentence(result, series, indicator),
        standing_rows(result, series, indicator),
        percent(standing["confidence"], decimals=0),
    )


def standing_sentence(result: Result, series: str, indicator: str) -> str:
    """How many tiers the units form, and who is left out; empty without a comparison."""
    _, standing = translator(result.language), result.standing(series, indicator)
    if standing is None:
        return ""
    n = len(standing["places"])
    tiers = _tiers(result, standing)
    if len(tiers) == 1:
        said = _("比较了 {n} 个单位：分不出高下。").format(n=count(n))
    else:
        named = _("；").join(
            _("第 {tier} 档：{units}").format(tier=count(tier), units=listed(result, units))
            for tier, units in sorted(tiers.items())
        )
        said = _("比较了 {n} 个单位，分得出 {tiers} 档。{named}。").format(
            n=count(n), tiers=count(len(tiers)), named=named
        )
    if not standing["left_out"]:
        return said
    left_out = _("{units}样本不足，不参加；位次只在比较的单位里算。").format(
        units=listed(result, [result.unit_name(code) for code in standing["left_out"]])
    )
    return f"{said}{space_between(result)}{left_out}"


def standing_rows(result: Result, series: str, indicator: str) -> tuple[StandingRow, ...]:
    """The units compared, in the official order."""
    _, standing = translator(result.language), result.standing(series, indicator)
    if standing is None:
        return ()
    return tuple(
        StandingRow(
            result.unit_name(place["unit"]),
            _("第 {tier} 档").format(tier=count(place["tier"])),
            places_words(result, place),
            _alike(result, place["alike"], len(standing["places"]) - 1),
        )
        for place in standing["places"]
    )


def place_of(result: Result, figure: Figure) -> Mapping[str, Any] | None:
    """The place of a unit's indicator; None for everything else."""
    if (figure.measure, figure.domain) != ("indicator", "unit"):
        return None
    standing = result.standing(figure.series, figure.code)
    places = standing["places"] if standing else ()
    return next((place for place in places if place["unit"] == figure.domain_code), None)


def places_words(result: Result, place: Mapping[str, Any]) -> str:
    """The set of places of a unit, such as ``第 2–5 位之间``."""
    _, low, high = translator(result.language), place["low"], place["high"]
    if low == high:
        return _("第 {place} 位").format(place=count(low))
    return _("第 {low}–{high} 位之间").format(low=count(low), high=count(high))


def _tiers(result: Result, standing: Document) -> dict[int, list[str]]:
    tiers: dict[int, list[str]] = {}
    for place in standing["places"]:
        tiers.setdefault(place["tier"], []).append(result.unit_name(place["unit"]))
    return tiers


def _alike(result: Result, alike: Sequence[str], others: int) -> str:
    _ = translator(result.language)
    if not alike:
        return _("与各单位都分得开")
    if len(alike) == others > 1:
        return _("其余各单位")
    return listed(result, [result.unit_name(code) for code in alike])
