"""Which columns of a matrix say something that the columns before them do not."""

import numpy as np

from app.stats.design import Integers
from app.survey.sample import Floats

DEPENDENT = 1e-9
"""A column closer to the span of those before it, relative to its length, repeats them."""


def span(matrix: Floats) -> tuple[Integers, Floats]:
    """The columns kept, and an orthonormal basis of what all of them span (rows by rank).

    Gram and Schmidt's steps, each taken twice so that the basis is orthogonal to the last
    digit; unlike a factorisation with pivots they keep the first of two equal columns.
    """
    rows, columns = matrix.shape
    basis = np.empty((rows, min(rows, columns)), order="F")
    kept: list[int] = []
    for j in range(columns):
        if len(kept) == rows:
            break
        before = basis[:, : len(kept)]
        rest = matrix[:, j] - before @ (before.T @ matrix[:, j])
        rest -= before @ (before.T @ rest)
        length = float(np.linalg.norm(rest))
        if length > DEPENDENT * float(np.linalg.norm(matrix[:, j])):
            basis[:, len(kept)] = rest / length
            kept.append(j)
    return np.array(kept, np.intp), basis[:, : len(kept)]
