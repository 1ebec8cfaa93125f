"""What is wrong with units, values, covariances and events (E202 to E204, E301).

Everything is found here, all at once, before anything is computed; what only the methods
can tell (E201, E205) is found in `steps`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import get_args

from app.errors import Problem
from app.scoring.complaints.speech import (
    EVIDENCE,
    Fact,
    all_known,
    codes,
    named,
    named_by,
    nearest,
    written,
)
from app.scoring.complaints.table import complain
from app.scoring.definition.cards import IndicatorCard, Node
from app.scoring.definition.system import IndicatorSystem
from app.scoring.inputs import (
    Covariance,
    Event,
    EventStatus,
    IndicatorValue,
    ScoredUnit,
    ValueStatus,
)
from app.survey.text import Text

COMPARED = 40
"""Unknown codes for which the nearest known one is looked up; more is another file."""
VALUE_STATUSES = get_args(ValueStatus)
EVENT_STATUSES = get_args(EventStatus)
REGION_TYPE = Text(zh="区域类型", en="region type")
VECTOR = Text(zh="权重向量", en="weight vector")
STATUS = {
    "missing": Text(zh="缺失（missing）", en="missing"),
    "not_applicable": Text(zh="不适用（not_applicable）", en="not_applicable"),
}


def input_problems(
    system: IndicatorSystem,
    units: Sequence[ScoredUnit],
    values: Sequence[IndicatorValue],
    events: Sequence[Event],
) -> Iterator[Problem]:
    """Every mistake in what is to be scored, with the unit, the value and the cure."""
    yield from _unit_problems(system, units)
    yield from _cell_problems(system, units, values)
    cards = {card.code: card for card in system.indicators}
    types = {unit.code: unit.region_type for unit in units if unit.unranked_because is None}
    weighing = _weighing(system)
    for value in values:
        if value.indicator in cards:
            ranks = (value.indicator, types.get(value.unit)) in weighing
            yield from _value_problems(_Cell(value, cards[value.indicator], ranks))
    yield from _event_problems(system, list(dict.fromkeys(unit.code for unit in units)), events)


def covariance_problems(
    system: IndicatorSystem,
    values: Sequence[IndicatorValue],
    covariances: Sequence[Covariance],
) -> Iterator[Problem]:
    """E204: a covariance belongs to two different values that have a standard error.

    Two indicators of one unit, or any two of two units; each pair once, in either order; by
    Cauchy and Schwarz no larger than the product of the two standard errors.
    """
    errors = {(value.unit, value.indicator): value.standard_error for value in values}
    units = _Known(dict.fromkeys(value.unit for value in values))
    seen: set[frozenset[tuple[str, str]]] = set()
    for given in covariances:
        second = given.other_unit or given.unit, given.other
        pair = _Pair((given.unit, given.indicator), second, system)
        unknown = [unit for unit in dict.fromkeys(pair.units) if unit not in units.codes]
        if unknown:
            for unit in unknown:
                near = units.near(unit)
                yield pair.tell("covariance_of_unknown_unit", value=unit, near=near)
        elif pair.first == pair.second:
            yield pair.tell("covariance_with_itself")
        elif pair.both in seen:
            yield pair.tell("covariance_twice", value=given.value)
        else:
            yield from _size_problems(pair, given.value, errors)
        seen.add(pair.both)


def _size_problems(
    pair: "_Pair", value: float, errors: Mapping[tuple[str, str], float | None]
) -> Iterator[Problem]:
    first, second = errors.get(pair.first), errors.get(pair.second)
    if first is None or second is None:
        lacking = pair.first if first is None else pair.second
        which = Text(zh=f"“{lacking[0]}”的“{lacking[1]}”", en=" ".join(lacking))
        yield pair.tell("covariance_without_error", which=which, given=value)
    elif not _is_finite(value):
        yield pair.tell("covariance_not_finite", value=value)
    elif abs(value) > first * second * (1 + 1e-9):
        yield pair.tell("covariance_too_large", value=value, most=first * second)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two values that err together, and what they are called."""

    first: tuple[str, str]
    second: tuple[str, str]
    system: IndicatorSystem

    @property
    def units(self) -> tuple[str, str]:
        return self.first[0], self.second[0]

    @property
    def both(self) -> frozenset[tuple[str, str]]:
        return frozenset((self.first, self.second))

    def tell(self, key: str, *, value: object = None, **facts: Fact) -> Problem:
        """A complaint about this pair."""
        (unit, one), (other_unit, other) = self.first, self.second
        first, second = (named_by(code, self.system.indicators).zh for code in (one, other))
        place = f"unit {unit}, indicators {one} and {other}"
        zh = f"单位“{unit}”的指标{first}与指标{second}"
        if unit != other_unit:
            place = f"units {unit} and {other_unit}, indicators {one} and {other}"
            zh = f"单位“{unit}”的指标{first}与单位“{other_unit}”的指标{second}"
        return complain(key, place, value=value, pair=Text(zh=zh, en=place), **facts)


class _Known:
    """Codes that there are, and the nearest of them to those that there are not."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = dict.fromkeys(codes)
        self._found: dict[str, Text] = {}

    def near(self, code: str) -> Text:
        """What was meant, perhaps; looking it up is slow, so only for the first few."""
        if code not in self._found:
            look = nearest if len(self._found) < COMPARED else _listing
            self._found[code] = look(code, self.codes)
        return self._found[code]


def _listing(_: str, known: Iterable[str]) -> Text:
    return all_known(known)


def _weighing(system: IndicatorSystem) -> set[tuple[str, str | None]]:
    """Indicator and region type wherever the indicator has a weight in the score."""
    parts: list[Node | IndicatorCard] = [*system.nodes, *system.indicators]
    parent = {part.code: part.parent for part in parts}
    found: set[tuple[str, str | None]] = set()
    for card in system.indicators:
        path = [card.code]
        while (above := parent[path[-1]]) is not None:
            path.append(above)
        for region_type in system.type_codes:
            # The last is the root, which has no weight.
            if all(system.weight(code, region_type) > 0 for code in path[:-1]):
                found.add((card.code, region_type))
    return found


def _unit_problems(system: IndicatorSystem, units: Sequence[ScoredUnit]) -> Iterator[Problem]:
    if not units:
        yield complain("no_units", "units")
    for code, times in Counter(unit.code for unit in units).items():
        if times > 1:
            yield complain("unit_twice", f"unit {code}", unit=code, n=times)
    types = _Known(system.type_codes)
    kind = VECTOR if system.vectors else REGION_TYPE
    for unit in units:
        if unit.region_type not in types.codes:
            facts: dict[str, Fact] = {
                "unit": unit.code,
                "kind": kind,
                "near": types.near(unit.region_type),
            }
            place = f"unit {unit.code}"
            yield complain("unit_of_unknown_type", place, value=unit.region_type, **facts)


def _cell_problems(
    system: IndicatorSystem, units: Sequence[ScoredUnit], values: Sequence[IndicatorValue]
) -> Iterator[Problem]:
    known_units = _Known(unit.code for unit in units)
    known = _Known(card.code for card in system.indicators)
    cells: dict[tuple[str, str], list[IndicatorValue]] = {}
    for value in values:
        cells.setdefault((value.unit, value.indicator), []).append(value)
    for (unit, indicator), given in cells.items():
        here = f"unit {unit}, indicator {indicator}"
        if unit not in known_units.codes:
            whose = named_by(indicator, system.indicators)
            near = known_units.near(unit)
            yield complain("unknown_unit", here, value=unit, indicator=whose, near=near)
        if indicator not in known.codes:
            near = known.near(indicator)
            yield complain("unknown_indicator", here, value=indicator, unit=unit, near=near)
        if len(given) > 1:
            whose = named_by(indicator, system.indicators)
            said = codes("-" if one.value is None else written(one.value) for one in given)
            facts: dict[str, Fact] = {
                "unit": unit,
                "indicator": whose,
                "n": len(given),
                "values": said,
            }
            yield complain("cell_twice", here, **facts)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A value as it was given, its indicator's card, and whether it enters a ranking."""

    given: IndicatorValue
    card: IndicatorCard
    enters_a_ranking: bool

    def tell(self, key: str, *, value: object = None, **facts: Fact) -> Problem:
        """A complaint about this value."""
        here = f"unit {self.given.unit}, indicator {self.given.indicator}"
        facts |= {"unit": self.given.unit, "indicator": named(self.card)}
        return complain(key, here, value=value, **facts)


def _value_problems(cell: _Cell) -> Iterator[Problem]:
    given, card = cell.given, cell.card
    value = given.value
    if given.evidence is not None and given.evidence != card.evidence:
        names = {"given": EVIDENCE[given.evidence], "wanted": EVIDENCE[card.evidence]}
        yield cell.tell("other_evidence", value=given.evidence, **names)
    if given.status not in VALUE_STATUSES:
        yield cell.tell("status_unknown", value=given.status)
    elif given.status != "ok":
        if value is not None:
            yield cell.tell("value_beside_status", value=value, status=STATUS[given.status])
    elif value is None:
        yield cell.tell("no_value")
    elif not _is_number(value):
        yield cell.tell("no_number", value=value)
    elif not math.isfinite(value):
        yield cell.tell("not_finite", value=value)
    else:
        yield from _range_problems(cell, value)
        yield from _error_problems(cell, value)
        yield from _sample_problems(cell)
        yield from _band_problems(cell, value)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_finite(value: float) -> bool:
    return _is_number(value) and math.isfinite(value)


def _range_problems(cell: _Cell, value: float) -> Iterator[Problem]:
    likely = cell.card.plausible
    if likely is None or likely.lowest <= value <= likely.highest:
        return
    facts: dict[str, Fact] = {"low": likely.lowest, "high": likely.highest}
    facts["measure"] = cell.card.unit
    shifted = (value / by for by in (10, 100, 1000))
    meant = next((one for one in shifted if likely.lowest <= one <= likely.highest), None)
    if meant is None or abs(value) < abs(likely.highest):
        yield cell.tell("implausible", value=value, **facts)
    else:
        yield cell.tell("decimal_point_lost", value=value, meant=float(meant), **facts)


def _error_problems(cell: _Cell, value: float) -> Iterator[Problem]:
    error = cell.given.standard_error
    if error is None:
        if cell.card.standard_error == "required":
            yield cell.tell("error_absent", given=value)
    elif cell.card.evidence == "opt_in":
        yield cell.tell("error_of_opt_in", value=error)
    elif not (_is_finite(error) and error >= 0):
        yield cell.tell("error_impossible", value=error)


def _sample_problems(cell: _Cell) -> Iterator[Problem]:
    """What the effective sample size forbids: to be ranked by too few answers."""
    size, least = cell.given.effective_n, cell.card.min_effective_n
    if size is not None and not (_is_finite(size) and size > 0):
        yield cell.tell("effective_n_impossible", value=size)
    elif least is None or not cell.enters_a_ranking:
        return
    elif size is None:
        yield cell.tell("effective_n_absent", least=least)
    elif size < least:
        yield cell.tell("effective_n_too_small", value=size, least=least)


def _band_problems(cell: _Cell, value: float) -> Iterator[Problem]:
    if cell.given.band is None:
        return
    low, high = cell.given.band
    if not (_is_finite(low) and _is_finite(high) and low <= value <= high):
        yield cell.tell("band_without_value", value=value, low=low, high=high)


def _event_problems(
    system: IndicatorSystem, units: Sequence[str], events: Sequence[Event]
) -> Iterator[Problem]:
    items = system.adjustments.items if system.adjustments else ()
    known_units, known = _Known(units), _Known(item.code for item in items)
    for i, event in enumerate(events, start=1):
        here = f"event {i}, unit {event.unit}, item {event.item}"
        facts: dict[str, Fact] = {"n": i, "unit": event.unit}
        facts["item"] = named_by(event.item, items)
        if event.unit not in known_units.codes:
            facts["near"] = known_units.near(event.unit)
            yield complain("event_of_unknown_unit", here, value=event.unit, **facts)
        if event.item not in known.codes:
            facts["near"] = known.near(event.item)
            yield complain("event_of_unknown_item", here, value=event.item, **facts)
        if not _is_number(event.count) or event.count < 1 or event.count % 1 != 0:
            yield complain("event_count_impossible", here, value=event.count, **facts)
        if event.status not in EVENT_STATUSES:
            yield complain("event_status_unknown", here, value=event.status, **facts)
        if not event.evidence.strip():
            yield complain("event_without_evidence", here, count=event.count, **facts)
