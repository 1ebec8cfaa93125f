"""Made numbers.json, with pymcdm 1.4.0 (MIT) and numpy in an environment of its own.

python make.py > numbers.json
"""

import json
import sys

import numpy as np
import pymcdm.weights as weights
from pymcdm.weights.subjective import AHP

CHANCE = np.random.default_rng(20261123)
MATRIX = np.round(CHANCE.lognormal(3, [0.1, 0.4, 0.8, 0.2, 0.5], (14, 5)), 3)
JUDGEMENTS = [[1, 3, 5, 2], [1 / 3, 1, 2, 1 / 2], [1 / 5, 1 / 2, 1, 1 / 3], [1 / 2, 2, 3, 1]]
DIRECTIONS = np.array([1, -1, 1, 1, -1])


def shares(parts):
    return (parts / parts.sum()).tolist()


def ahp():
    """pymcdm's consistency ratio with its own random index taken out, and its eigenvector."""
    model = AHP(matrix=np.array(JUDGEMENTS))
    values, vectors = np.linalg.eig(np.array(JUDGEMENTS))
    principal = np.abs(vectors[:, values.real.argmax()].real)
    return {"index": model.get_cr() * AHP.RI_M[3], "weights": shares(principal)}


low, high = MATRIX.min(axis=0), MATRIX.max(axis=0)
turned = np.where(DIRECTIONS > 0, MATRIX - low, high - MATRIX) / (high - low)
found = {
    "matrix": MATRIX.tolist(),
    "directions": DIRECTIONS.tolist(),
    "entropy": weights.entropy_weights(MATRIX).tolist(),
    "critic": weights.critic_weights(MATRIX).tolist(),
    "critic_by_direction": weights.critic_weights(turned).tolist(),
    "gini": weights.gini_weights(MATRIX).tolist(),
    "variation": shares(MATRIX.std(axis=0, ddof=1) / MATRIX.mean(axis=0)),
    "judgements": JUDGEMENTS,
    "ahp": ahp(),
}
json.dump(found, sys.stdout, indent=1)
