"""How alike two responses are, in seven ways: the kernels with which company is counted.

Each is a matrix of responses a by responses b. Two more say only whether the scores are
near: what is expected in most of the ways is conditional on that, so that a crowd that is
content, or angry, is no evidence of anything.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from app.anomaly.company.content import Content
from app.survey.sample import Floats

Matrix = NDArray[np.float32]
Rows = NDArray[np.intp]
Likeness = Literal["like", "level", "haste", "copy", "near", "misfit", "odd"]

SCORE_WIDTH, PACE_WIDTH, MISFIT_WIDTH = 10.0, 0.6, 1.2
"""Where the triangular weight of `like` reaches 0, in each coordinate."""
SAME_LEVEL = 3.0
"""Points by which a score may fall short of another one that is just as high, or as low."""
BAND, WIDE_BAND = 10.0, 20.0
"""Scores this near have about the same mix of answers; wider for odd patterns."""
ITEMS_OF_A_STEP = 12
"""A copy may differ by one step for each twelve items; a near one by three."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Kernels between responses a (rows) and b (columns)."""

    kinds: dict[Likeness, Matrix]
    band: Matrix
    wide: Matrix


def alike(content: Content, a: Rows, b: Rows, *, kinds: tuple[Likeness, ...]) -> Alike:
    """The kernels asked for.

    ``like``: near in score, pace and misfit at once. ``level``: b as high as a where a is
    above the round's middle, as low where it is below, whatever its pace. ``haste``: about
    the same score, and b at least as quick. ``copy``, ``near``: about the same score, and
    the same answers but for one, or three, steps. ``misfit``: near in score, and b at least
    as odd.
    """
    apart = np.abs(_across(content.score, a, b))
    band = (apart <= BAND).astype(np.float32)
    wide = (apart <= WIDE_BAND).astype(np.float32)
    made: dict[Likeness, Matrix] = {}
    if "like" in kinds:
        made["like"] = (
            _triangle(apart, SCORE_WIDTH)
            * _triangle(_across(content.pace, a, b), PACE_WIDTH)
            * _triangle(_across(content.misfit, a, b), MISFIT_WIDTH)
        )
    if "level" in kinds:
        end = np.sign(content.score[a] - content.middle)[:, None].astype(np.float32)
        beyond = end * _across(content.score, a, b) <= SAME_LEVEL
        made["level"] = beyond.astype(np.float32)
    if "haste" in kinds:
        quick = _across(content.pace, a, b) >= -0.15
        made["haste"] = band * quick * content.paced[b].astype(np.float32)[None]
    if "copy" in kinds or "near" in kinds:
        steps = cdist(content.answers[a], content.answers[b], "cityblock")
        step = max(1.0, content.answers.shape[1] / ITEMS_OF_A_STEP) + 0.01
        made["copy"] = band * (steps <= step)
        made["near"] = band * (steps <= 3 * step)
    if "misfit" in kinds or "odd" in kinds:
        odd = wide * (_across(content.misfit, a, b) <= 0.2)
        quick = _across(content.pace, a, b) >= -0.15
        made["misfit"] = odd
        made["odd"] = odd * quick * content.paced[b].astype(np.float32)[None]
    return Alike(made, band, wide)


def _across(values: Floats, a: Rows, b: Rows) -> Matrix:
    short = values.astype(np.float32)
    difference: Matrix = short[a][:, None] - short[b][None]
    return difference


def _triangle(apart: Matrix, width: float) -> Matrix:
    """1 where nothing is between them, 0 at `width` and beyond."""
    weight: Matrix = np.maximum(
        np.float32(1) - np.abs(apart) / np.float32(width), np.float32(0)
    )
    return weight
