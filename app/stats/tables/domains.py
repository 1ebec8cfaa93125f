"""The sub-populations of a round for which numbers are wanted: places, and groups of people.

Places lie inside one another: everybody, regions, units. The groups of one background
variable divide those who stated it; who did not is in no group of it and still in everybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.stats.design import Integers
from app.survey.background import background_levels
from app.survey.definition import Survey
from app.survey.plan import Plan
from app.survey.sample import Flags, Labels, Sample

DomainKind = Literal["overall", "region", "unit", "group"]
NOT_STATED = ""


@dataclass(frozen=True, slots=True)
class Domain:
    """A sub-population: everybody of its units, or only those of one level among them."""

    kind: DomainKind
    code: str
    """Of the region or unit; of a group ``variable=level``; empty for everybody."""
    units: tuple[str, ...]
    population: int | None
    variable: str = ""
    level: str = ""


def list_domains(plan: Plan) -> tuple[Domain, ...]:
    """Everybody, each region that is a real part, and each unit."""
    every = [unit.code for unit in plan.units]
    domains = [_place(plan, "overall", "", every)]
    for region in plan.regions:
        inside = [unit.code for unit in plan.units if region.code in _chain(plan, unit.region)]
        if 1 < len(inside) < len(every):
            domains.append(_place(plan, "region", region.code, inside))
    return (*domains, *(_place(plan, "unit", code, [code]) for code in every))


def list_groups(plan: Plan, survey: Survey) -> tuple[Domain, ...]:
    """Each level of each background variable that the plan names, over all units."""
    every = tuple(unit.code for unit in plan.units)
    totals = {margin.variable: margin.totals for margin in plan.margins}
    return tuple(
        Domain(
            "group",
            f"{variable}={level}",
            every,
            _whole(totals.get(variable, {}).get(level)),
            variable,
            level,
        )
        for variable in plan.groups
        for level in background_levels(survey, variable)
    )


def members(sample: Sample, domain: Domain) -> Flags:
    """Which responses belong to the domain."""
    if domain.kind == "group":
        return levels_of(sample, domain.variable) == domain.level
    return np.isin(sample.unit, list(domain.units))


def disjoint_families(domains: Sequence[Domain]) -> list[list[Domain]]:
    """The parts of everybody, put together so that no two of a family share people."""
    families: list[tuple[str, set[str], list[Domain]]] = []
    for domain in domains:
        if domain.kind == "overall":
            continue
        own = {domain.level} if domain.kind == "group" else set(domain.units)
        for variable, taken, family in families:
            if variable == domain.variable and taken.isdisjoint(own):
                taken |= own
                family.append(domain)
                break
        else:
            families.append((domain.variable, own, [domain]))
    return [family for _, _, family in families]


def codes_of(sample: Sample, family: Sequence[Domain]) -> Integers:
    """The place in a family of disjoint domains of each response; −1 in none of them."""
    variable = family[0].variable
    label = levels_of(sample, variable) if variable else sample.unit
    place = {
        part: k
        for k, domain in enumerate(family)
        for part in ((domain.level,) if variable else domain.units)
    }
    names, code = np.unique(label, return_inverse=True)
    return np.array([place.get(str(name), -1) for name in names], np.intp)[code]


def levels_of(sample: Sample, variable: str) -> Labels:
    """The level of each response; `NOT_STATED` where it has none."""
    return sample.background.get(variable, np.full(len(sample), NOT_STATED))


def _whole(total: float | None) -> int | None:
    return None if total is None else round(total)


def _place(plan: Plan, kind: DomainKind, code: str, units: Sequence[str]) -> Domain:
    populations = [unit.population for unit in plan.units if unit.code in units]
    known = [p for p in populations if p is not None]
    population = sum(known) if len(known) == len(populations) else None
    return Domain(kind, code, tuple(units), population)


def _chain(plan: Plan, region: str) -> set[str]:
    """A region and everything above it."""
    parents: Mapping[str, str | None] = {r.code: r.parent for r in plan.regions}
    chain: set[str] = set()
    above: str | None = region
    while above is not None and above not in chain:
        chain.add(above)
        above = parents.get(above)
    return chain
