"""The people of an invented round while they are being placed in it."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from app.survey.sample import Floats

Words = NDArray[Any]
"""Labels of any length, so that one may be put in place of another."""
Rows = NDArray[np.intp]


@dataclass(slots=True)
class Crowd:
    """Columns over people; the arrays are changed where somebody's case is changed."""

    point: Words
    district: Words
    group: Words
    thought: Floats
    answers: Floats
    minute: Floats
    device: Words
    network: Words
    client: Words
    dwell: Floats
    channel: Words
    enumerator: Words


def join_crowds(crowds: list[Crowd]) -> Crowd:
    """All people in one."""
    names = [column.name for column in fields(Crowd)]
    return Crowd(
        **{name: np.concatenate([getattr(one, name) for one in crowds]) for name in names}
    )


def shuffled(crowd: Crowd, dice: Generator) -> Crowd:
    """The same people in an order that says nothing."""
    order = dice.permutation(len(crowd.point))
    names = [column.name for column in fields(Crowd)]
    return Crowd(**{name: getattr(crowd, name)[order] for name in names})


def alone(crowd: Crowd, point: str) -> Rows:
    """Rows at a point that belong to no group yet."""
    return np.flatnonzero((crowd.point == point) & (crowd.group == "alone"))
