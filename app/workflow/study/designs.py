"""From the design part of a study to a Design: stages, first weights, replicate weights."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Design, LonelyRule, Stage, first_stage, next_stage
from app.stats.replication import (
    Centre,
    Multipliers,
    balanced,
    bootstrap,
    given_replicates,
    jackknife_one,
    jackknife_stratified,
    with_replicates,
)
from app.survey.sample import Floats
from app.workflow.study.definition import DesignPart, PopulationSize
from app.workflow.study.replicate_phrases import ReplicatePhrase, read_phrase
from app.workflow.study.table import Table

ReadTable = Callable[[str], Table]
DEFAULT_REPLICATES = 200
MOST_REPLICATES = 10_000


@dataclass(frozen=True, slots=True)
class Scales:
    """How the spread of replicates is read."""

    scale: float
    rscales: Floats


def make_design(
    part: DesignPart, table: Table, read: ReadTable, *, count: Floats | None = None
) -> Design:
    """The design of a table's rows. Raises CannotEstimate naming column, row or stratum."""
    if part.method == "replicate" and part.weights is None:
        raise CannotEstimate(
            "replicate weights need the column of the full weights: `weights`."
        )
    stages = _stages(part, table, count)
    design = Design(
        _weights(part, table, stages, count),
        stages,
        lonely=lonely_rule(part.lonely_psu, part.adjust_domain_lonely),
        count=count,
    )
    if part.method == "taylor":
        return design
    weight = _replicate_weights(part, table, design, read)
    scales = _scales(part, weight.shape[1], read)
    centre: Centre = "estimate" if part.mse else "mean"
    made = given_replicates(weight, scales.scale, scales.rscales, centre=centre)
    return replace(design, replicates=made)


def lonely_rule(rule: LonelyRule | None, adjusts_domains: bool | None) -> LonelyRule:
    """The rule for strata with one cluster; a refusal where none is stated."""
    if rule == "adjust" and adjusts_domains:
        return "adjust_domains"
    return rule or "fail"


def replicated(design: Design, phrase: str) -> Design:
    """The design with replicate weights made by a method: `JKn`, `JK1`, `BRR`, `Fay 0.5`, …"""
    said = read_phrase(phrase)
    return with_replicates(design, _multipliers(design, said), centre=said.centre)


def _multipliers(design: Design, said: ReplicatePhrase) -> Multipliers:
    match said.method.lower():
        case "jkn":
            return jackknife_stratified(design)
        case "jk1":
            return jackknife_one(design)
        case "brr":
            return balanced(design)
        case "fay":
            return balanced(design, rho=0.5 if said.rho is None else said.rho)
        case "bootstrap":
            wanted = int(said.replicates or DEFAULT_REPLICATES)
            if wanted > MOST_REPLICATES:
                raise CannotEstimate(
                    f"{wanted} bootstrap replicates. Ask for {MOST_REPLICATES} or fewer."
                )
            seed = 1 if said.seed is None else int(said.seed)
            return bootstrap(design, replicates=wanted, seed=seed)
    raise CannotEstimate(
        f"replicate method {said.method} is not known. Choose JK1, JKn, BRR, Fay or bootstrap."
    )


def _stages(part: DesignPart, table: Table, count: Floats | None) -> tuple[Stage, ...]:
    clusters = part.clusters or (None,)
    strata = part.strata or ()
    sizes = part.fpc or (None,) * len(clusters)
    if len(sizes) > len(clusters):
        raise CannotEstimate(
            f"fpc has {len(sizes)} entries for {len(clusters)} stages. Give one for each, or "
            "null for a stage drawn with replacement."
        )
    sizes = (*sizes, *(None for _ in clusters[len(sizes) :]))
    stages: list[Stage] = []
    for i, cluster in enumerate(clusters):
        name = strata[i] if i < len(strata) else None
        stratum = None if name is None else _complete(table, name)
        codes = None if cluster is None else _complete(table, cluster)
        if stages:
            stage = next_stage(stages[-1].cluster, stratum=stratum, cluster=codes)
        else:
            stage = first_stage(len(table), stratum, codes)
        stages.append(_with_population(stage, sizes[i], table, count))
    return tuple(stages)


def _complete(table: Table, name: str) -> np.ndarray:
    labels = table.labels(name)
    absent = np.flatnonzero(labels == "")
    if len(absent):
        raise CannotEstimate(
            f"{table.source}, column {name}: {len(absent)} rows say nothing, the first is row "
            f"{absent[0] + 2}. Every row belongs to a stratum and a cluster."
        )
    return labels


def _with_population(
    stage: Stage, size: PopulationSize | None, table: Table, count: Floats | None
) -> Stage:
    if size is None:
        return stage
    values = table.numbers(size.column)
    nothing = np.flatnonzero(~(values > 0))
    if len(nothing):
        raise CannotEstimate(
            f"{table.source}, column {size.column}: {len(nothing)} rows have no number above "
            f"0, the first is row {nothing[0] + 2} ({_cell(values[nothing[0]])}). Complete the "
            "column."
        )
    n_h = _clusters_by_stratum(stage, count)[stage.stratum]
    is_share = size.kind == "sampling_fraction" or (size.kind is None and (values <= 1).all())
    population = n_h / values if is_share else values
    wrong = ~(population >= n_h * (1 - 1e-9))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise CannotEstimate(
            f"{table.source}, column {size.column}, row {row + 2}: {values[row]:g} gives a "
            f"population of {population[row]:g}, fewer than the {n_h[row]:g} units drawn in "
            f"stratum {stage.names[stage.stratum[row]]}. Correct the column."
        )
    first = np.zeros(len(stage.names))
    first[stage.stratum] = population
    unlike = np.abs(first[stage.stratum] - population) > 1e-9 * population
    if unlike.any():
        row = int(np.flatnonzero(unlike)[0])
        raise CannotEstimate(
            f"{table.source}, column {size.column}, row {row + 2}: {values[row]:g}, but "
            f"another row of stratum {stage.names[stage.stratum[row]]} says otherwise. A "
            "stratum has one population."
        )
    return replace(stage, fpc=population)


def _cell(value: float) -> str:
    return "empty" if np.isnan(value) else f"{value:g}"


def _clusters_by_stratum(stage: Stage, count: Floats | None) -> Floats:
    if stage.is_response and count is not None:
        return np.bincount(stage.stratum, count, len(stage.names)).astype(float)
    stratum_of = np.zeros(int(stage.cluster.max(initial=-1)) + 1, np.intp)
    stratum_of[stage.cluster] = stage.stratum
    return np.bincount(stratum_of, minlength=len(stage.names)).astype(float)


def _weights(
    part: DesignPart, table: Table, stages: tuple[Stage, ...], count: Floats | None
) -> Floats:
    if part.weights is not None:
        weight = table.numbers(part.weights)
        wrong = ~(np.isfinite(weight) & (weight >= 0))
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise CannotEstimate(
                f"{table.source}, column {part.weights}: {int(wrong.sum())} rows have no "
                f"weight of 0 or more, the first is row {row + 2} ({_cell(weight[row])}). "
                "Complete the column."
            )
        return weight
    weight = np.ones(len(table))
    for stage in stages:
        if stage.fpc is None:
            raise CannotEstimate(
                "no column of weights is named and a stage has no fpc to make them from. Name "
                "`weights`, or give fpc for every stage."
            )
        weight = weight * stage.fpc / _clusters_by_stratum(stage, count)[stage.stratum]
    return weight


def _replicate_weights(
    part: DesignPart, table: Table, design: Design, read: ReadTable
) -> Floats:
    source = table
    if part.replicate_file is not None:
        source = _aligned(table, read(part.replicate_file), part.key)
    names = part.replicate_columns
    if names is None:
        names = tuple(name for name in source.names if name != part.key)
    if not names:
        raise CannotEstimate("`replicate_columns` names no column. Name two or more.")
    weight = np.column_stack([source.numbers(name) for name in names])
    return weight if part.combined_weights else weight * design.weight[:, None]


def _aligned(table: Table, other: Table, key: str | None) -> Table:
    """The rows of another file in the order of the table, by their key."""
    if key is None:
        if len(other) != len(table):
            raise CannotEstimate(
                f"{other.source} has {len(other)} rows, {table.source} has {len(table)}. Name "
                "the `key` column that joins them."
            )
        return other
    place = {label: i for i, label in enumerate(other.labels(key).tolist())}
    wanted = table.labels(key).tolist()
    absent = [label for label in wanted if label not in place]
    if absent or len(place) != len(other):
        found = f"has no row for {key} {absent[0]}" if absent else f"has a {key} twice"
        raise CannotEstimate(f"{other.source} {found}. Every row needs its replicate weights.")
    order = np.array([place[label] for label in wanted], np.intp)
    columns = {name: column[order] for name, column in other.columns.items()}
    return Table(other.source, columns, length=len(order))


def _scales(part: DesignPart, replicates: int, read: ReadTable) -> Scales:
    if not 0 <= (part.rho or 0.0) < 1:
        raise CannotEstimate(
            f"Fay's rho is {part.rho:g}. It lies from 0 up to, not including, 1."
        )
    usual = {"jk1": (replicates - 1) / replicates, "jkn": 1.0, "brr": 1 / replicates}
    usual["fay"] = 1 / (replicates * (1 - (part.rho or 0.0)) ** 2)
    usual["bootstrap"] = 1 / max(replicates - 1, 1)
    scale = part.scale
    kind = (part.type or "").lower()
    if scale is None:
        if kind not in usual:
            raise CannotEstimate(
                "the replicates have no `scale` and no known `type`. Give the scale, or JK1, "
                "JKn, BRR, Fay or bootstrap."
            )
        scale = usual[kind]
    if isinstance(part.rscales, str):
        file = read(part.rscales)
        named = [name for name in ("rscale", "rscales") if name in file] or file.names[-1:]
        return Scales(scale, file.numbers(named[0]))
    if part.rscales is None:
        if kind == "jkn":
            raise CannotEstimate("JKn replicates need `rscales`, one for each: (n - 1)/n.")
        return Scales(scale, np.ones(replicates))
    if isinstance(part.rscales, float):
        return Scales(scale, np.full(replicates, part.rscales))
    return Scales(scale, np.array(part.rscales, float))
