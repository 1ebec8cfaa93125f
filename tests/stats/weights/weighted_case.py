"""Reference cases with weighting steps: their designs, totals, and what R makes of both."""

import csv
from dataclasses import replace

import numpy as np
from reference_case import Case

from app.stats.design import Design
from app.stats.replication import given_replicates
from app.stats.statistic import (
    Statistic,
    combination,
    mean_of,
    ratio_of,
    standard_error_of,
    total_of,
)
from app.stats.weights.margins import PopulationMargin


class WeightedCase(Case):
    """A case whose steps are taken by the test."""

    def base(self) -> Design:
        """The design before any step."""
        if self.specification["design"]["method"] == "replicate":
            return self._replicated()
        design = self.design({"weights": "base"})
        multiplicity = self.specification.get("row_multiplicity")
        if multiplicity is None:
            return design
        return replace(design, count=self.numbers(multiplicity))

    def _replicated(self) -> Design:
        specification = self.specification["design"]
        rows = self.table(specification["replicate_file"])
        weight = np.array([[float(v) for v in list(row.values())[1:]] for row in rows])
        base = self.numbers(specification["weights"])
        if not specification["combined_weights"]:
            weight = weight * base[:, None]
        rscales = specification["rscales"]
        if isinstance(rscales, str):
            rscales = [float(row["rscale"]) for row in self.table(rscales)]
        replicates = given_replicates(weight, specification["scale"], np.array(rscales))
        plain = {**specification, "clusters": None, "strata": None, "fpc": None}
        stages = self._stages(plain)
        return Design(base, stages, replicates=replicates)

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(newline="") as file:
            return list(csv.DictReader(file))

    def margins(self, *names: str, file: str = "margins.csv") -> list[PopulationMargin]:
        rows = self.table(file)
        return [
            PopulationMargin(
                name,
                self.labels(name.replace("*", "+")),
                {row["level"]: float(row["total"]) for row in rows if row["margin"] == name},
            )
            for name in names
        ]

    def differences(self, design: Design, expected: list, requests: list | None = None) -> list:
        """Estimates and errors of `design` that are not R's, over all expected rows."""
        asked = {
            request["id"]: request for request in requests or self.specification["estimates"]
        }
        found = []
        for entry in expected:
            for row in entry["rows"]:
                statistic = self.statistic(design, asked[entry["id"]], row)
                if statistic is None:
                    continue
                pairs = (
                    (statistic.value, row["estimate"]),
                    (standard_error_of(design, statistic), row["se"]),
                )
                for got, want in pairs:
                    if not abs(got - want) <= self.tolerance * abs(want) + 1e-9:
                        found.append(
                            (entry["id"], row.get("item"), row.get("domain"), got, want)
                        )
        return found

    def statistic(self, design: Design, request: dict, row: dict) -> Statistic | None:
        """The statistic of one expected row; None for estimands tested elsewhere."""
        if request["estimand"] == "difference":
            (pair,) = request["pairs"]
            y = self.answers(request, None)
            one, other = (mean_of(design, y, self.domain(pair[side])) for side in "ab")
            return combination([(1.0, one), (-1.0, other)])
        domain = self.domain(row.get("domain") or {})
        if request["estimand"] == "ratio":
            above, below = (self.numbers(request[part]) for part in ("num", "den"))
            return ratio_of(design, above, below, domain=domain)
        if request["estimand"] == "total":
            return total_of(design, self.numbers(row["item"]), domain)
        if request["estimand"] in ("mean", "proportion"):
            return mean_of(design, self.answers(request, row["item"]), domain)
        return None

    def answers(self, request: dict, item: str | None) -> np.ndarray:
        """The column of a mean, or whether it is one of the values of a share."""
        if request["estimand"] != "proportion":
            return self.numbers(item or request["y"])
        column = self.columns[request["y"]]
        chosen = np.isin(column, str(item).split("|")).astype(float)
        return np.where(column == "", np.nan, chosen)

    def domain(self, levels: dict) -> np.ndarray:
        inside = np.ones(len(self), bool)
        for column, level in levels.items():
            inside &= self.columns[column] == level
        return inside

    def agrees(
        self, weight: np.ndarray, summary: dict, count: np.ndarray | None = None
    ) -> bool:
        """Whether weights have R's summary."""
        times = np.ones(len(weight)) if count is None else count
        positive = weight > 0
        got = {
            "n": times[positive].sum(),
            "sum": weight @ times,
            "min": weight[positive].min(),
            "max": weight.max(),
            "sum_sq": weight**2 @ times,
            "first10": np.repeat(weight[:10], times[:10].astype(int))[:10],
        }
        return all(
            np.allclose(value, summary[key], rtol=self.tolerance, atol=1e-9)
            for key, value in got.items()
        )
