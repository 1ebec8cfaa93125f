"""Read a reference case and compute what this package can of it: means, totals, shares."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.stats.design import Design, Stage, first_stage, next_stage, simple_design
from app.stats.estimation import Estimate, mean, proportion, total
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.steps import rake

CASES = Path(__file__).parents[1] / "reference" / "refcases"
KNOWN = {"mean", "total", "proportion"}
UNKNOWN_RULE = "adjust_domain_lonely"


@dataclass(frozen=True)
class Row:
    """One expected row beside the estimate that must agree with it."""

    label: str
    expected: dict
    got: Estimate
    domain_given: bool


class Case:
    """The files of one case."""

    def __init__(self, name: str) -> None:
        self.folder = CASES / name
        self.specification = json.loads((self.folder / "design.json").read_text())
        self.expected = json.loads((self.folder / "expected.json").read_text())
        with (self.folder / "data.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        self.columns = {key: np.array([row[key] for row in rows]) for key in rows[0]}
        self.tolerance = self.specification["tolerance"]

    def numbers(self, column: str) -> np.ndarray:
        return np.array([float(text) if text else np.nan for text in self.columns[column]])

    def labels(self, columns: str) -> np.ndarray:
        parts = [self.columns[column] for column in columns.split("+")]
        return np.array(["|".join(levels) for levels in zip(*parts, strict=True)])

    def design(self, request: dict) -> Design:
        """The design an estimate asks for, with its weighting steps."""
        specification = self.specification["design"]
        if "design" in request:
            specification = self.specification["designs"][request["design"]]
        stages = self._stages(specification)
        weight = (
            self.numbers(specification["weights"])
            if specification["weights"]
            else self._implied_weight(stages)
        )
        rule = request.get("lonely_psu", specification.get("lonely_psu", "fail"))
        lonely = rule if rule in {"remove", "certainty", "average", "adjust"} else "fail"
        design = replace(simple_design(weight, lonely=lonely), stages=stages)
        if request.get("weights") == "base":
            return design
        for step in self.specification["steps"]:
            names = step.get("margins", [step.get("margin")])
            design = rake(design, [self._margin(name) for name in names])
        return design

    def _stages(self, specification: dict) -> tuple[Stage, ...]:
        clusters = specification["clusters"] or [None]
        strata = specification["strata"] or []
        fpc = specification["fpc"] or [None] * len(clusters)
        stages: list[Stage] = []
        for i, cluster in enumerate(clusters):
            stratum = self.labels(strata[i]) if i < len(strata) else None
            names = None if cluster is None else self.columns[cluster]
            size = None if fpc[i] is None else self.numbers(fpc[i]["column"])
            if i == 0:
                stages.append(first_stage(len(self), stratum, names, fpc=size))
            else:
                inside = stages[-1].cluster
                stages.append(next_stage(inside, stratum=stratum, cluster=names, fpc=size))
        return tuple(stages)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def _implied_weight(self, stages: tuple[Stage, ...]) -> np.ndarray:
        weight = np.ones(len(self))
        for stage in stages:
            n_h = np.array(
                [
                    len(np.unique(stage.cluster[stage.stratum == h]))
                    for h in range(len(stage.names))
                ]
            )
            weight = weight * stage.fpc / n_h[stage.stratum]
        return weight

    def _margin(self, name: str) -> PopulationMargin:
        with (self.folder / "margins.csv").open(newline="") as file:
            totals = {
                row["level"]: float(row["total"])
                for row in csv.DictReader(file)
                if row["margin"] == name
            }
        return PopulationMargin(name, self.labels(name.replace("*", "+")), totals)

    def rows(self) -> Iterator[Row]:
        """Every expected row of the estimands this package knows."""
        expected = {entry["id"]: entry["rows"] for entry in self.expected["estimates"]}
        for request in self.specification["estimates"]:
            if request["estimand"] not in KNOWN or request["id"].startswith(UNKNOWN_RULE):
                continue
            design = self.design(request)
            for row in expected[request["id"]]:
                domain = row.get("domain")
                label = f"{request['id']} {row.get('item')} {domain}"
                got = self._estimate(design, request, row)
                yield Row(label, row, got, domain is not None)

    def _estimate(self, design: Design, request: dict, row: dict) -> Estimate:
        domain = np.ones(len(self), bool)
        for column, level in (row.get("domain") or {}).items():
            domain &= self.columns[column] == level
        if request["estimand"] == "mean":
            return mean(design, self.numbers(row["item"]), domain=domain)
        if request["estimand"] == "total":
            return total(design, self.numbers(row["item"]), domain=domain)
        levels, codes = np.unique(self.columns[request["y"]], return_inverse=True)
        chosen = set(str(row["item"]).split("|"))
        values = [i for i, level in enumerate(levels) if level in chosen]
        codes = np.where(self.columns[request["y"]] == "", np.nan, codes)
        return proportion(design, codes, values=values, domain=domain)
