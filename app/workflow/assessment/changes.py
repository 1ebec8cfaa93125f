"""What a scenario changes, read strictly from a file (`minxin-scenario/1`), and applied.

A scenario asks what the scores would be under other weights, values, events or rules. What
it changes goes through the same checks as the system and the inputs did: weights that do not
add up are refused in a scenario as they are in a system.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from app.errors import InputRefused, Problem
from app.scoring.definition.cards import Aggregate, MissingRule, Weight
from app.scoring.definition.system import IndicatorSystem
from app.scoring.inputs import Event, EventStatus, IndicatorValue, ValueStatus
from app.survey.reading import CheckedDefinition, Definition, read_definition
from app.survey.text import Text
from app.workflow.assessment.inputs_document import ScoreInputs


class ChangedValue(Definition):
    """Another value of one indicator of one unit; without a value it is missing."""

    unit: str
    indicator: str
    value: float | None = None
    standard_error: float | None = Field(default=None, ge=0)
    status: ValueStatus | None = None


class AddedEvent(Definition):
    """An event that did not happen, or not yet."""

    unit: str
    item: str
    count: int = Field(default=1, ge=1)
    status: EventStatus = "upheld"


class RuledEvent(Definition):
    """All events of one item of one unit, decided otherwise."""

    unit: str
    item: str
    status: EventStatus


class Changes(CheckedDefinition):
    """All that a scenario changes; what it does not name stays."""

    schema_: Literal["minxin-scenario/1"] = Field(alias="schema")
    name: str = Field(min_length=1, max_length=100)
    note: Text | None = None
    weights: Mapping[str, Weight] = {}
    """Node or indicator → its new weight, for every region type."""
    aggregate: Mapping[str, Aggregate] = {}
    """Node → another mean."""
    missing: MissingRule | None = None
    values: tuple[ChangedValue, ...] = ()
    events: tuple[AddedEvent, ...] = ()
    rulings: tuple[RuledEvent, ...] = ()
    without_units: tuple[str, ...] = ()

    def problems(self) -> Iterator[Problem]:
        """What the scenario says twice, so that nobody knows which of the two is meant."""
        cells = Counter((one.unit, one.indicator) for one in self.values)
        decided = Counter((one.unit, one.item) for one in self.rulings)
        for place, named in (("values", cells), ("rulings", decided)):
            for (unit, code), times in named.items():
                if times > 1:
                    said = f"{place}：{unit} 的“{code}”写了 {times} 次。请只保留一次。"
                    message = f"names {code} of {unit} {times} times"
                    yield Problem(place, message, "Keep one of them.", chinese=said)


def read_changes(text: str, source: str) -> Changes:
    """A scenario's file; InputRefused with every mistake and its line."""
    return read_definition(Changes, text, source=source)


def read_changes_of(body: Mapping[str, Any]) -> Changes:
    """A scenario from a form or from where it was kept; InputRefused with every mistake."""
    return read_changes(json.dumps(body, ensure_ascii=False), "scenario")


def applied(inputs: ScoreInputs, changes: Changes) -> ScoreInputs:
    """The inputs under a scenario. Raises InputRefused with all that cannot be changed so."""
    system = read_definition(IndicatorSystem, inputs.system, source="system.yaml")
    problems = list(_unknown_names(system, inputs, changes))
    text = inputs.system
    if not problems and (changes.weights or changes.aggregate or changes.missing):
        text = _changed_system(system, changes)
    try:
        read_definition(IndicatorSystem, text, source=f"scenario {changes.name}")
    except InputRefused as refused:
        problems += refused.problems
    if problems:
        raise InputRefused(problems)
    kept = [unit for unit in inputs.units if unit.code not in changes.without_units]
    staying = {unit.code for unit in kept}
    changed = {(one.unit, one.indicator): one for one in changes.values}
    values = [
        _value(one, changed.pop((one.unit, one.indicator), None)) for one in inputs.values
    ]
    values += [
        _value(IndicatorValue(one.unit, one.indicator, None), one) for one in changed.values()
    ]
    return replace(
        inputs,
        system=text,
        units=tuple(kept),
        values=tuple(value for value in values if value.unit in staying),
        events=tuple(one for one in _events(inputs, changes) if one.unit in staying),
        covariances=tuple(
            one
            for one in inputs.covariances
            if {one.unit, one.other_unit or one.unit} <= staying
            and not {(one.unit, one.indicator), (one.other_unit or one.unit, one.other)}
            & {(value.unit, value.indicator) for value in changes.values}
        ),
    )


def _changed_system(system: IndicatorSystem, changes: Changes) -> str:
    """The system's text with other weights, means and missing rule, as JSON, which is YAML."""
    tree = system.model_dump(mode="json", by_alias=True)
    for part in (*tree["nodes"], *tree["indicators"]):
        if part["code"] in changes.weights:
            part["weight"] = _plain(changes.weights[part["code"]])
    for node in tree["nodes"]:
        if node["code"] in changes.aggregate:
            mean = changes.aggregate[node["code"]]
            node["aggregate"] = mean if isinstance(mean, str) else mean.model_dump()
    if changes.missing is not None:
        tree["missing"] = changes.missing.model_dump()
    return json.dumps(tree, ensure_ascii=False)


def _plain(weight: Any) -> Any:
    return dict(weight) if isinstance(weight, Mapping) else weight


def _value(given: IndicatorValue, changed: ChangedValue | None) -> IndicatorValue:
    if changed is None:
        return given
    usual: ValueStatus = "missing" if changed.value is None else "ok"
    return replace(
        given,
        value=changed.value,
        status=changed.status or usual,
        standard_error=changed.standard_error,
        band=None,
        missing_because=None,
    )


def _events(inputs: ScoreInputs, changes: Changes) -> Iterator[Event]:
    rulings = {(one.unit, one.item): one.status for one in changes.rulings}
    for event in inputs.events:
        yield replace(event, status=rulings.get((event.unit, event.item), event.status))
    for one in changes.events:
        yield Event(one.unit, one.item, one.count, one.status, f"scenario {changes.name}")


def _unknown_names(
    system: IndicatorSystem, inputs: ScoreInputs, changes: Changes
) -> Iterator[Problem]:
    """Everything that a scenario names and that is not there."""
    nodes = {node.code for node in system.nodes}
    cards = {card.code for card in system.indicators}
    units = {unit.code for unit in inputs.units}
    items = {item.code for item in system.adjustments.items} if system.adjustments else set()
    happened = {(event.unit, event.item) for event in inputs.events}
    named = [
        *(("weights", "part", code, nodes | cards) for code in changes.weights),
        *(("aggregate", "node", code, nodes) for code in changes.aggregate),
        *(("values", "unit", one.unit, units) for one in changes.values),
        *(("values", "indicator", one.indicator, cards) for one in changes.values),
        *(("events", "unit", one.unit, units) for one in changes.events),
        *(("events", "item", one.item, items) for one in changes.events),
        *(("without_units", "unit", code, units) for code in changes.without_units),
    ]
    for place, what, code, known in named:
        if code not in known:
            yield _unknown(place, what, code, sorted(known))
    for one in changes.rulings:
        if (one.unit, one.item) not in happened:
            message = f"{one.unit} has no event of {one.item}"
            cure = "Name one of its events, or add one under `events`."
            said = f"rulings：{one.unit} 没有“{one.item}”事项。"
            said += "请改为已有事项，或在 events 中添加。"
            yield Problem("rulings", message, cure, chinese=said)


def _unknown(place: str, what: str, code: str, known: list[str]) -> Problem:
    shown = ", ".join(known[:12]) or "none"
    return Problem(
        place,
        f"names an unknown {what}",
        f"Known: {shown}.",
        code,
        chinese=f"{place}：没有“{code}”。已有：{'、'.join(known[:12]) or '无'}。",
    )
