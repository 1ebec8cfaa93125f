"""What a score is made of: units, their indicator values, and events with evidence.

Everything that can be wrong with them is found here, all at once (E202-E204, E301), before
anything is computed.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from app.errors import Problem
from app.scoring.definition.cards import Evidence, IndicatorCard
from app.scoring.definition.system import IndicatorSystem
from app.survey.text import Text

ValueStatus = Literal["ok", "missing", "not_applicable"]
EventStatus = Literal["pending", "upheld", "overturned"]


@dataclass(frozen=True, slots=True)
class ScoredUnit:
    """A unit to be scored and the region type whose weights it gets."""

    code: str
    region_type: str
    unranked_because: Text | None = None
    """Why the unit gets a score and a grade but no rank, such as too few answers."""


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """One indicator of one unit in its own unit of measure.

    `standard_error` is the sampling error of a survey estimate; `band` is how far an opt-in
    value could lie off (lower, upper), which is not a sampling error and never becomes one.
    `evidence` None means: as the indicator's card says. `missing_because` says why a value
    that somebody looked for is missing.
    """

    unit: str
    indicator: str
    value: float | None
    status: ValueStatus = "ok"
    standard_error: float | None = None
    band: tuple[float, float] | None = None
    effective_n: float | None = None
    """Effective sample size behind a survey value, where the giver says it."""
    evidence: Evidence | None = None
    missing_because: Text | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened `count` times; only an upheld event counts."""

    unit: str
    item: str
    count: int
    status: EventStatus
    evidence: str


@dataclass(frozen=True, slots=True)
class Covariance:
    """The sampling covariance of two values: measured on the same people, or sharing strata."""

    unit: str
    indicator: str
    other: str
    """The other indicator; the same one where `other_unit` is another unit."""
    value: float
    other_unit: str | None = None
    """None where both values are of one unit."""


def input_problems(
    system: IndicatorSystem,
    units: Sequence[ScoredUnit],
    values: Sequence[IndicatorValue],
    events: Sequence[Event],
) -> Iterator[Problem]:
    """Every mistake in what is to be scored, with the unit, the value and the cure."""
    yield from _unit_problems(system, units)
    codes = [unit.code for unit in units]
    yield from _cell_problems(system, codes, values)
    cards = {card.code: card for card in system.indicators}
    for value in values:
        if value.indicator in cards:
            yield from _value_problems(value, cards[value.indicator])
    yield from _event_problems(system, codes, events)


def covariance_problems(
    values: Sequence[IndicatorValue], covariances: Sequence[Covariance]
) -> Iterator[Problem]:
    """E204: a covariance belongs to two different values that have a standard error."""
    errors = {(v.unit, v.indicator): v.standard_error for v in values}
    seen: set[tuple[str, frozenset[str]]] = set()
    for given in covariances:
        here = f"unit {given.unit}, indicators {given.indicator} and {given.other}"
        pair = (given.unit, frozenset((given.indicator, given.other)))
        first = errors.get((given.unit, given.indicator))
        second = errors.get((given.unit, given.other))
        if given.indicator == given.other or pair in seen:
            message = "E204 is given twice, or is the covariance of an indicator with itself"
            yield Problem(here, message, "Give each pair of two indicators once.")
        elif first is None or second is None:
            message = "E204 is the covariance of a value without a standard error"
            yield Problem(here, message, "Give both standard errors, or leave it out.")
        elif not abs(given.value) <= first * second * (1 + 1e-9):
            message = f"E204 exceeds the product of the standard errors, {first * second:g}"
            yield Problem(here, message, "Check the covariance.", given.value)
        seen.add(pair)


def _unit_problems(system: IndicatorSystem, units: Sequence[ScoredUnit]) -> Iterator[Problem]:
    if not units:
        yield Problem("units", "E202 there is no unit to score", "Give at least one.")
    for code, times in Counter(unit.code for unit in units).items():
        if times > 1:
            yield Problem(f"unit {code}", f"E202 is given {times} times", "Give it once.")
    for unit in units:
        if unit.region_type not in system.type_codes:
            message = "E202 has a region type that the system does not know"
            cure = _did_you_mean(unit.region_type, system.type_codes)
            yield Problem(f"unit {unit.code}", message, cure, unit.region_type)


def _cell_problems(
    system: IndicatorSystem, units: Sequence[str], values: Sequence[IndicatorValue]
) -> Iterator[Problem]:
    known_units, known = set(units), {card.code for card in system.indicators}
    cells = Counter((value.unit, value.indicator) for value in values)
    for (unit, indicator), times in cells.items():
        here = f"unit {unit}, indicator {indicator}"
        if unit not in known_units:
            yield Problem(here, "E202 names an unknown unit", _did_you_mean(unit, units), unit)
        if indicator not in known:
            cure = _did_you_mean(indicator, sorted(known))
            yield Problem(here, "E202 names an unknown indicator", cure, indicator)
        if times > 1:
            yield Problem(here, f"E202 has {times} values", "Keep one.")


def _value_problems(given: IndicatorValue, card: IndicatorCard) -> Iterator[Problem]:
    here = f"unit {given.unit}, indicator {given.indicator}"
    if given.evidence is not None and given.evidence != card.evidence:
        message = f"E202 is {given.evidence} evidence, and the indicator takes {card.evidence}"
        yield Problem(here, message, "Give it to an indicator of its own evidence class.")
    if given.status != "ok":
        if given.value is not None:
            message = f"E202 has a value although it is {given.status}"
            yield Problem(here, message, "Drop the value, or correct the status.", given.value)
        return
    if given.value is None:
        cure = "Give the value, or the status `missing`."
        yield Problem(here, "E202 has no value although its status is ok", cure)
        return
    if not math.isfinite(given.value):
        message = "E202 is not a finite number"
        yield Problem(here, message, "Give a number, or the status `missing`.", given.value)
        return
    yield from _range_problems(given.value, card, here)
    yield from _error_problems(given, card, here)
    yield from _band_problems(given, given.value, here)


def _range_problems(value: float, card: IndicatorCard, here: str) -> Iterator[Problem]:
    if card.plausible is None or card.plausible.lowest <= value <= card.plausible.highest:
        return
    low, high = card.plausible.lowest, card.plausible.highest
    message = f"E203 is outside the plausible range {low:g} to {high:g} ({card.unit.en})"
    yield Problem(here, message, "Is the decimal point in its place?", value)


def _error_problems(given: IndicatorValue, card: IndicatorCard, here: str) -> Iterator[Problem]:
    error = given.standard_error
    if error is None:
        if card.standard_error == "required":
            yield Problem(here, "E204 has no standard error, which is required", "Give it.")
    elif card.evidence == "opt_in":
        message = "E204 rests on opt-in answers, which have no standard error"
        yield Problem(here, message, "Give a sensitivity band instead.", error)
    elif not (math.isfinite(error) and error >= 0):
        yield Problem(here, "E204 has an impossible standard error", "Check it.", error)


def _band_problems(given: IndicatorValue, value: float, here: str) -> Iterator[Problem]:
    if given.band is None:
        return
    low, high = given.band
    if not (math.isfinite(low) and math.isfinite(high) and low <= value <= high):
        message = f"E204 has a band from {low:g} to {high:g} that does not contain it"
        yield Problem(here, message, "Give the lower end first.", value)


def _event_problems(
    system: IndicatorSystem, units: Sequence[str], events: Sequence[Event]
) -> Iterator[Problem]:
    items = [item.code for item in system.adjustments.items] if system.adjustments else []
    for i, event in enumerate(events, start=1):
        here = f"event {i}, unit {event.unit}, item {event.item}"
        if event.unit not in units:
            cure = _did_you_mean(event.unit, units)
            yield Problem(here, "E301 names an unknown unit", cure, event.unit)
        if event.item not in items:
            cure = _did_you_mean(event.item, items)
            yield Problem(here, "E301 names an unknown item", cure, event.item)
        if event.count < 1:
            cure = "An event happened once or more often."
            yield Problem(here, "E301 has an impossible count", cure, event.count)
        if not event.evidence.strip():
            cure = "Name the document it rests on."
            yield Problem(here, "E301 has no evidence", cure)


def _did_you_mean(code: str, known: Sequence[str]) -> str:
    close = get_close_matches(code, list(known), n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known: {', '.join(list(known)[:12]) or 'none'}."
