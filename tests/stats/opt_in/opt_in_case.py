"""The reference case of an opt-in sample with a reference sample, and small made-up ones."""

import csv
import json
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from app.stats.opt_in.covariate_matrix import CovariateMatrix, covariate_matrix
from app.stats.opt_in.covariates import parse_covariates
from app.stats.opt_in.doubly_robust import CellAnswers
from app.stats.opt_in.model_variance import ReferenceDraw
from app.stats.opt_in.propensity import TwoSamples, count_cells

CASE = Path(__file__).parents[2] / "reference" / "refcases" / "p23_optin_with_reference"


class OptInCase:
    """Rows of p23, in the file's order or in another."""

    def __init__(self, seed: int | None = None) -> None:
        self.specification = json.loads((CASE / "design.json").read_text())
        self.expected = json.loads((CASE / "expected.json").read_text())
        with (CASE / "data.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        if seed is not None:
            np.random.default_rng(seed).shuffle(rows)
        self.columns = {key: np.array([row[key] for row in rows]) for key in rows[0]}
        self.is_opt_in = self.columns["src"] == "optin"
        with (CASE / "truth.csv").open(newline="") as file:
            self.truth = {row["variable"]: row for row in csv.DictReader(file)}

    def covariates(self, phrase: str | None = None) -> CovariateMatrix:
        terms = parse_covariates(phrase or self.specification["covariates"]).terms
        return covariate_matrix(self.columns, terms)

    def count(self, covariates: CovariateMatrix) -> tuple[TwoSamples, np.ndarray]:
        return count_cells(
            covariates,
            opt_in=self.is_opt_in.astype(float),
            reference=np.where(self.is_opt_in, 0.0, self.columns["w"].astype(float)),
        )

    def answers(self, cell: np.ndarray, item: str = "q1") -> CellAnswers:
        given = self.columns[item][self.is_opt_in]
        y = np.array([float(text) if text else np.nan for text in given])
        return CellAnswers(cell[self.is_opt_in], y, np.ones(len(y)))

    def draw(self, cell: np.ndarray) -> ReferenceDraw:
        kept = ~self.is_opt_in
        return ReferenceDraw(
            cell[kept],
            self.columns["w"][kept].astype(float),
            self.columns["stratum"][kept],
            self.columns["village"][kept],
        )


def crossed(first: int, second: int) -> CovariateMatrix:
    """Cells of two crossed variables, main effects only."""
    a, b = (part.ravel().astype(str) for part in np.mgrid[:first, :second])
    terms = parse_covariates("intercept, a dummies, b dummies").terms
    return covariate_matrix({"a": a, "b": b}, terms)


@st.composite
def two_samples(draw) -> TwoSamples:
    """Two samples with opt-in answers and many more people in every cell."""
    covariates = crossed(draw(st.integers(2, 4)), draw(st.integers(2, 3)))
    k = len(covariates)
    opt_in = draw(st.lists(st.integers(1, 40), min_size=k, max_size=k))
    people = draw(st.lists(st.floats(50, 5000), min_size=k, max_size=k))
    return TwoSamples(covariates, np.array(opt_in, float), np.array(people))
