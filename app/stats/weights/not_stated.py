"""Margins for people who did not state their level: they keep the share of weight they had.

Calibration needs a level for everybody. Whoever stated none forms a level of its own, whose
total is its share of the weight before the step; the totals of the others shrink to the rest.
Raking does the same within its sweeps. A variance must not take that share for known: what
the step fixes is the whole, and the shares among those who stated a level.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.stats.design import Adjustment, Design
from app.stats.weights.margins import NOT_STATED, PopulationMargin
from app.stats.weights.span import span
from app.survey.sample import Floats

LEVEL = "(not stated)"


@dataclass(frozen=True, slots=True)
class WholeMargins:
    """Margins in which everybody has a level."""

    margins: tuple[PopulationMargin, ...]
    shares: dict[str, float]
    """Margin → share of the weight before the step whose level was not stated."""

    def told(self, design: Design) -> Design:
        """The design with what its last step, a calibration to these margins, really fixed."""
        *earlier, last = design.adjustments
        columns = self._columns(last.columns)
        d_over_q = last.before if last.scale is None else last.before / last.scale
        mass = np.bincount(last.cell, design.times(d_over_q), len(columns))
        known: Adjustment = replace(
            last,
            columns=columns,
            basis=span(np.sqrt(mass)[:, None] * columns)[1],
            not_stated=self.shares,
        )
        return replace(design, adjustments=(*earlier, known))

    def _columns(self, levels: Floats) -> Floats:
        """1, and for each level (1 if the cell has it − its share) if stated.

        `levels` are the indicators of all levels, margin by margin (cells by levels).
        """
        columns, start = [np.ones((len(levels), 1))], 0
        for margin in self.margins:
            end = start + len(margin.totals)
            own, start = levels[:, start:end], end
            totals = np.array(list(margin.totals.values()))
            if self.shares[margin.name] > 0:
                own, totals = own[:, :-1], totals[:-1]
            stated = own.sum(axis=1, keepdims=True)
            columns.append(stated * (own - totals / totals.sum()))
        return np.hstack(columns)


def whole_margins(design: Design, margins: Sequence[PopulationMargin]) -> WholeMargins:
    """Give those without a level one, and its total, in every margin."""
    mass = design.times(design.weight)
    whole, shares = [], {}
    for margin in margins:
        silent = margin.level == NOT_STATED
        share = float(mass[silent].sum() / mass.sum())
        shares[margin.name] = share
        if share == 0:
            whole.append(margin)
            continue
        totals = {level: total * (1 - share) for level, total in margin.totals.items()}
        level = np.where(silent, LEVEL, margin.level)
        totals[LEVEL] = margin.people * share
        whole.append(PopulationMargin(margin.name, level, totals))
    return WholeMargins(tuple(whole), shares)
