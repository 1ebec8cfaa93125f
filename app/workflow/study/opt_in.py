"""The opt-in part of a study: weights without a design, from margins and a reference sample.

Every number here rests on a model of who answers, and the document says so. Errors treat the
opt-in rows as independent draws; they do not carry selection bias.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Integers, simple_design
from app.stats.opt_in.bands import opt_in_mean
from app.stats.opt_in.covariate_matrix import covariate_matrix
from app.stats.opt_in.covariates import Covariates, parse_covariates
from app.stats.opt_in.doubly_robust import CellAnswers, outcome_model
from app.stats.opt_in.propensity import TwoSamples, count_cells, fit_propensity, overlap
from app.stats.weights.steps import rake
from app.survey.sample import Flags, Floats
from app.workflow.study.definition import Step, Study
from app.workflow.study.designs import ReadTable
from app.workflow.study.expressions import evaluate
from app.workflow.study.opt_in_phrases import (
    RAKED,
    REMARK,
    WEIGHT,
    People,
    named_margins,
    population,
    variants_of,
)
from app.workflow.study.reading import read_part
from app.workflow.study.requests import Weighted
from app.workflow.study.state import State
from app.workflow.study.steps import apply_steps
from app.workflow.study.summaries import weights_summary
from app.workflow.study.table import Table


@dataclass(frozen=True, slots=True)
class Model:
    """A propensity and an outcome model fitted on some rows of both samples."""

    names: tuple[str, ...]
    theta: Floats
    weight: Floats
    """1/π of each opt-in row."""
    samples: TwoSamples
    cell: Integers
    """Cell of each of its rows."""
    rows: Flags
    """Which rows of both samples it was fitted on."""


@dataclass(frozen=True, slots=True)
class OptIn:
    """The rows of both samples, and what the study says of them."""

    study: Study
    table: Table
    is_opt_in: Flags
    reference_weight: Floats
    people: People
    truth: Mapping[str, float]
    models: Mapping[str, Model]
    """By level of the variable the models are fitted within; '' where there is none."""

    @property
    def propensity_weight(self) -> Floats:
        """1/π of each opt-in row."""
        weight = np.zeros(len(self.table))
        for model in self.models.values():
            weight[model.rows & self.is_opt_in] = model.weight
        return weight[self.is_opt_in]


def read_opt_in(study: Study, table: Table, read: ReadTable) -> OptIn:
    """The samples of an opt-in study with its fitted models. Raises CannotEstimate."""
    rows = study.rows or {}
    if not {"optin", "reference"} <= set(rows):
        raise CannotEstimate("`rows` must say which rows are `optin` and which `reference`.")
    is_opt_in, is_reference = (
        evaluate(REMARK.sub("", rows[which]), table) == 1 for which in ("optin", "reference")
    )
    named = WEIGHT.search(rows["reference"])
    weight = table.numbers(named["column"] if named else "w")
    people, truth = population(study, table, read)
    opt_in = OptIn(
        study,
        table,
        is_opt_in,
        np.where(is_reference, weight, 0.0),
        people or People(float(weight[is_reference].sum())),
        truth,
        models={},
    )
    if study.covariates is None:
        return opt_in
    models = _models(opt_in, parse_covariates(study.covariates))
    return OptIn(study, table, is_opt_in, opt_in.reference_weight, opt_in.people, truth, models)


def weighted_variant(opt_in: OptIn, name: str, read: ReadTable) -> Weighted:
    """The opt-in rows under one variant's weights: N/n or 1/π, raked where it says so."""
    tree = variants_of(opt_in.study)[name]
    phrase = str(tree)
    rows = opt_in.table.restrict(opt_in.is_opt_in)
    if "propensity" in phrase or "pi(" in phrase:
        if not opt_in.models:
            raise CannotEstimate(f"variant {name}: propensity weights need `covariates`.")
        weight = opt_in.propensity_weight
    else:
        weight = opt_in.people.weights(rows)
    design = simple_design(weight)
    if isinstance(tree, Mapping):
        steps = tuple(
            read_part(Step, step, source="design file", place=f"variants.{name}")
            for step in tree.get("steps", ())
        )
        state = apply_steps(State(rows, design), steps, read)[-1]
        return Weighted(state.table, state.design)
    raked = RAKED.search(phrase)
    if raked:
        design = rake(design, named_margins(raked["rest"], rows, read))
    return Weighted(rows, design)


def opt_in_findings(opt_in: OptIn, weighted: Mapping[str, Weighted]) -> dict[str, Any]:
    """What the models found: coefficients, weights, doubly robust means, overlap, bias."""
    found: dict[str, Any] = {
        "inference": "model-based; errors do not carry selection bias",
        "sampling_fraction": int(opt_in.is_opt_in.sum()) / opt_in.people.total,
    }
    for name, one in weighted.items():
        found[f"weights_{name}"] = weights_summary(one.design)
    found["sensitivity"] = [
        _sensitivity(one, variant=name, item=y, people=opt_in.people.total)
        for name, one in weighted.items()
        for y in _items(opt_in.study)
    ]
    if opt_in.models:
        found["theta"] = _by_level({k: m.theta.tolist() for k, m in opt_in.models.items()})
        found["covariates"] = _by_level({k: list(m.names) for k, m in opt_in.models.items()})
        found["overlap"] = _by_level({k: overlap(m.samples) for k, m in opt_in.models.items()})
    for y in _items(opt_in.study):
        found |= _item_findings(opt_in, y)
    return found


def _sensitivity(
    weighted: Weighted, *, variant: str, item: str, people: float
) -> dict[str, Any]:
    """Where the mean of everybody would lie if answering and opinion went together a little."""
    y = weighted.table.numbers(item)
    found = opt_in_mean(weighted.design, y, population=people, bounds=None)
    points = found.band.points if found.band else ()
    return {
        "variant": variant,
        "item": item,
        "estimate": found.value,
        "n": found.n,
        "n_eff_kish": found.effective_n,
        "largest_weight_ratio": found.largest_weight_ratio,
        "estimand": found.estimand,
        "no_band": found.no_band,
        "band": [
            {"correlation": one.correlation, "estimate": one.value, "n_eff": one.effective_n}
            for one in points
        ],
    }


def _item_findings(opt_in: OptIn, name: str) -> dict[str, Any]:
    y = opt_in.table.numbers(name)
    answered = opt_in.is_opt_in & ~np.isnan(y)
    found: dict[str, Any] = {}
    if name in opt_in.truth and answered.any():
        found[f"bias_unweighted_{name}"] = float(y[answered].mean()) - opt_in.truth[name]
    if not opt_in.models:
        return found
    predicted = np.zeros(len(y))
    coefficients = {}
    for level, model in opt_in.models.items():
        inside = answered & model.rows
        of_cell = np.full(len(y), -1)
        of_cell[model.rows] = model.cell
        answers = CellAnswers(of_cell[inside], y[inside], np.ones(int(inside.sum())))
        fitted = outcome_model(model.samples, answers)
        coefficients[level] = fitted.coefficients.tolist()
        predicted[model.rows] = fitted.prediction[model.cell]
    w = np.zeros(len(y))
    w[opt_in.is_opt_in] = opt_in.propensity_weight
    w = np.where(answered, w, 0.0)
    rest = np.where(answered, y - predicted, 0.0)
    everybody = np.ones(len(y), bool)
    found[f"doubly_robust_mean_{name}"] = _doubly_robust(
        opt_in, everybody, w=w, rest=rest, predicted=predicted
    )
    for column in _domains(opt_in.study, name):
        labels = opt_in.table.labels(column)
        found[f"doubly_robust_mean_{name}_by_{column}"] = {
            level: _doubly_robust(opt_in, labels == level, w=w, rest=rest, predicted=predicted)
            for level in sorted(set(labels.tolist()) - {""})
        }
    found[f"outcome_coefficients_{name}"] = _by_level(coefficients)
    if name == _items(opt_in.study)[0]:
        found["outcome_coefficients"] = _by_level(coefficients)
    return found


def _doubly_robust(
    opt_in: OptIn, inside: Flags, *, w: Floats, rest: Floats, predicted: Floats
) -> float | None:
    """Σ_A w (y − m)/Σ_A w + Σ_B d m/Σ_B d over a domain; None where it lacks a sample."""
    w, d = np.where(inside, w, 0.0), np.where(inside, opt_in.reference_weight, 0.0)
    if not (w.sum() > 0 and d.sum() > 0):
        return None
    return float(w @ rest / w.sum() + d @ predicted / d.sum())


def _models(opt_in: OptIn, covariates: Covariates) -> dict[str, Model]:
    taking_part = opt_in.is_opt_in | (opt_in.reference_weight > 0)
    if covariates.within is None:
        return {"": _model(opt_in, covariates, taking_part)}
    labels = opt_in.table.labels(covariates.within)
    return {
        level: _model(opt_in, covariates, taking_part & (labels == level))
        for level in sorted(set(labels[taking_part].tolist()))
    }


def _model(opt_in: OptIn, covariates: Covariates, rows: Flags) -> Model:
    table = opt_in.table.restrict(rows)
    columns: dict[str, Any] = {
        name: table.numbers(name) if table.is_numeric(name) else table.labels(name)
        for name in table.names
    }
    matrix = covariate_matrix(columns, covariates.terms)
    samples, cell = count_cells(
        matrix,
        opt_in=opt_in.is_opt_in[rows].astype(float),
        reference=opt_in.reference_weight[rows],
    )
    fitted = fit_propensity(samples)
    weight = fitted.weight[cell][opt_in.is_opt_in[rows]]
    return Model(matrix.names, fitted.theta, weight, samples, cell, rows)


def _items(study: Study) -> list[str]:
    return list(dict.fromkeys(name for one in study.estimates for name in one.columns))


def _domains(study: Study, item: str) -> list[str]:
    """The columns by which an item is asked for."""
    asked = [one.by for one in study.estimates if item in one.columns and one.by]
    return list(dict.fromkeys("*".join(by) for by in asked))


def _by_level(found: Mapping[str, Any]) -> Any:
    """What was found, by the level it was found in where the models are fitted within one."""
    return found[""] if set(found) == {""} else dict(found)
