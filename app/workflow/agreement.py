"""Whether a plan agrees with the definitions it names: every disagreement, before it opens.

A plan read alone can be sound and still name a survey that is not on file, a margin level
nobody can answer, or a region type the indicator system has no weights for.
"""

from collections.abc import Iterator, Mapping

from app.errors import Problem
from app.scoring.definition.system import IndicatorSystem
from app.survey.background import background_levels
from app.survey.definition import Survey
from app.survey.plan import Plan
from app.survey.recipe import Composite
from app.workflow.registry import Registry


def disagreements(plan: Plan, registry: Registry) -> Iterator[Problem]:
    """Problems between the plan and the registry, each at a place of the plan."""
    entry = registry.surveys.get(plan.survey)
    if entry is None:
        yield _unknown("survey", "survey version", plan.survey, registry.surveys)
    else:
        yield from _score_map_problems(plan, entry[1], registry)
        yield from _margin_problems(plan, entry[1])
        yield from _group_problems(plan, entry[1])
        yield from _import_problems(plan, entry[1])
        yield from _quota_problems(plan, entry[1])
    if plan.composite is None:
        return
    system = registry.systems.get(plan.composite.system)
    if system is None:
        systems = registry.systems
        yield _unknown("composite.system", "indicator system", plan.composite.system, systems)
        return
    yield from _type_problems(plan, system[1])
    yield from _evidence_problems(plan, system[1], entry[1] if entry else None)
    yield from _composite_problems(plan.composite, system[1], entry[1] if entry else None)


def _unknown(place: str, what: str, value: str, known: Mapping[str, object]) -> Problem:
    cure = f"On file: {', '.join(sorted(known)) or 'none'}."
    return Problem(place, f"names no {what} on file", cure, value)


def _score_map_problems(plan: Plan, survey: Survey, registry: Registry) -> Iterator[Problem]:
    for name in plan.score_maps:
        if name not in survey.scales:
            cure = f"Scales of {survey.key}: {', '.join(survey.scales)}."
            yield Problem(f"score_maps.{name}", "is not a scale of the survey", cure)
    for name, scale in survey.scales.items():
        key = plan.score_maps.get(name, scale.score_map)
        if key is None:
            continue
        place = f"score_maps.{name}"
        score_map = registry.score_maps[1].find(key)
        if score_map is None:
            known = {m.key: m for m in registry.score_maps[1].maps}
            yield _unknown(place, "score map", key, known)
        elif score_map.kind == "options" and len(score_map.points) != len(scale.codes):
            message = f"has {len(score_map.points)} points for {len(scale.codes)} options"
            yield Problem(place, message, "Choose a map of that many points.", key)
        elif score_map.kind == "line" and scale.options:
            yield Problem(place, "is a line and the scale has options", "Choose another.", key)


def _quota_problems(plan: Plan, survey: Survey) -> Iterator[Problem]:
    for i, quota in enumerate(plan.admits.quotas):
        place = f"admission.quotas[{i}]"
        item = survey.items.get(quota.item)
        if item is None or item.kind != "single":
            cure = f"Name a single-choice item of {survey.key}."
            yield Problem(f"{place}.item", "cannot have a quota", cure, quota.item)
            continue
        levels = sorted(option.code for option in survey.scale_of(item).choices)
        if quota.code not in levels:
            cure = f"{quota.item} has {', '.join(map(str, levels))}."
            yield Problem(f"{place}.code", "is not a choice of the item", cure, quota.code)


def _margin_problems(plan: Plan, survey: Survey) -> Iterator[Problem]:
    columns = survey.import_.columns if survey.import_ else ()
    imported = {c.column for c in columns if c.role == "background"}
    for i, margin in enumerate(plan.margins):
        item = survey.items.get(margin.variable)
        if item is None:
            if margin.variable not in imported:
                cure = "Use a single-choice item or a background column of the import."
                yield Problem(f"margins[{i}].variable", "is unknown", cure, margin.variable)
            continue
        if item.kind != "single":
            cure = "A margin needs a single choice."
            yield Problem(f"margins[{i}].variable", "cannot be a margin", cure, item.code)
            continue
        levels = {str(option.code) for option in survey.scale_of(item).options}
        for level in sorted(levels ^ set(margin.totals)):
            known = level in levels
            message = "has no total" if known else "is not a choice of the item"
            cure = "Every choice needs a total; write 1 for none." if known else ""
            yield Problem(f"margins[{i}].totals.{level}", message, cure)


def _group_problems(plan: Plan, survey: Survey) -> Iterator[Problem]:
    for i, variable in enumerate(plan.groups):
        if not background_levels(survey, variable):
            cure = (
                "Name a single-choice item that is not scored, or an import column with labels."
            )
            yield Problem(f"groups[{i}]", "divides nobody into groups", cure, variable)


def _import_problems(plan: Plan, survey: Survey) -> Iterator[Problem]:
    units = {unit.code for unit in plan.units}
    for column in survey.import_.columns if survey.import_ else ():
        for value, unit in column.values.items() if column.role == "unit" else ():
            if unit not in units:
                cure = f"{survey.key} maps {column.column} = {value} to it."
                yield Problem("units", "lacks a unit the import needs", cure, unit)
    if plan.evidence_class == "opt_in" and not plan.points and survey.import_ is None:
        cure = f"Name a service point, or give {survey.key} an import mapping."
        yield Problem("points", "are absent, so nobody can answer", cure)


def _type_problems(plan: Plan, system: IndicatorSystem) -> Iterator[Problem]:
    types = {region_type.code for region_type in system.types}
    for i, unit in enumerate(plan.units):
        if unit.region_type not in types:
            cure = f"Types of the system: {', '.join(sorted(types))}."
            place = f"units[{i}].region_type"
            yield Problem(place, "is not a region type of the system", cure, unit.region_type)


def _evidence_problems(
    plan: Plan, system: IndicatorSystem, survey: Survey | None
) -> Iterator[Problem]:
    """A series the round can have, given to an indicator of the same evidence class."""
    composite = plan.composite
    if composite is None:
        return
    evidence = {card.code: card.evidence for card in system.indicators}
    possible = _possible_series(plan, survey) if survey else None
    for i, source in enumerate(composite.from_survey):
        place = f"composite.from_survey[{i}].series"
        if possible is not None and source.series not in possible:
            cure = f"The round can have: {', '.join(sorted(possible))}."
            yield Problem(place, "is a series the round cannot have", cure, source.series)
        yield from _class_problems(place, source.series, evidence.get(source.indicator))
    for i, other in enumerate(composite.from_rounds):
        place = f"composite.from_rounds[{i}].series"
        yield from _class_problems(place, other.series, evidence.get(other.indicator))


def _possible_series(plan: Plan, survey: Survey) -> set[str]:
    possible: set[str] = {plan.evidence_class}
    possible.update(plan.pooled.classes if plan.pooled else ())
    for column in survey.import_.columns if survey.import_ else ():
        possible.update(column.values.values() if column.role == "mode" else ())
    return possible


def _class_problems(place: str, series: str, evidence: str | None) -> Iterator[Problem]:
    if evidence is not None and series != evidence:
        cure = "Take a series of that class, or give it to another indicator."
        yield Problem(place, f"feeds an indicator that takes {evidence} evidence", cure, series)


def _composite_problems(
    composite: Composite, system: IndicatorSystem, survey: Survey | None
) -> Iterator[Problem]:
    known = {indicator.code: indicator for indicator in system.indicators}
    sources = {
        "from_survey": [s.indicator for s in composite.from_survey],
        "from_rounds": [s.indicator for s in composite.from_rounds],
        "values": [v.indicator for v in composite.values],
    }
    for field, codes in sources.items():
        for i, code in enumerate(codes):
            if code not in known:
                yield _unknown(f"composite.{field}[{i}].indicator", "indicator", code, known)
    given = {code for codes in sources.values() for code in codes}
    for code in sorted(known.keys() - given):
        cure = "Give its values, or say `status: missing` for each unit."
        yield Problem("composite", f"gives no value for the indicator {code}", cure)
    estimates = {i.code for i in survey.indicators} if survey else set()
    for i, source in enumerate(composite.from_survey):
        if survey and source.estimate not in estimates:
            place = f"composite.from_survey[{i}].estimate"
            yield _unknown(
                place, "indicator of the survey", source.estimate, dict.fromkeys(estimates)
            )
    items = {item.code: item for item in system.adjustments.items} if system.adjustments else {}
    for i, event in enumerate(composite.events):
        if event.item not in items:
            yield _unknown(f"composite.events[{i}].item", "adjustment item", event.item, items)
