"""Whether an index holds together: what its indicators have in common (OECD and JRC 2008).

Correlations of normalised scores between each indicator and its class without it, between
classes, and between pairs; Cronbach's alpha of each class and the share of its variance on
one component. A low figure is no mistake, it is a question to the author: an indicator that
runs against its class is offset by it, and two that run together count twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from app.scoring.definition.cards import IndicatorCard
from app.scoring.index import Scoring
from app.scoring.steps.aggregation import aggregate
from app.survey.sample import Floats
from app.survey.text import Text

FEWEST = 4
"""Units below which a correlation says nothing at all."""
REDUNDANT = 0.92
"""Pairs correlated more closely measure the same thing twice (JRC)."""
MOST_PAIRS = 200
"""Redundant pairs listed, the closest first."""

TOO_FEW = Text(zh="可比单位不足 4 个", en="fewer than 4 units to compare")
CONSTANT = Text(zh="得分全都相同", en="all scores are the same")


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's correlation of two parts over the n units that have both."""

    one: str
    other: str
    r: float | None
    n: int
    because: Text | None


@dataclass(frozen=True, slots=True)
class ClassCoherence:
    """How much the indicators right below one node have in common."""

    node: str
    indicators: tuple[str, ...]
    n: int
    """Units with a score in all of them."""
    alpha: float | None
    """Cronbach's alpha of the standardised scores."""
    first_component: float | None
    """Share of the variance on the first principal component."""
    because: Text | None


@dataclass(frozen=True, slots=True)
class Coherence:
    """All of it."""

    within: tuple[Correlation, ...]
    """Each indicator with its class, computed without it."""
    with_total: tuple[Correlation, ...]
    """Each indicator with the score of the root."""
    between_classes: tuple[Correlation, ...]
    """The nodes right below the root."""
    redundant: tuple[Correlation, ...]
    """Pairs of indicators of one class with |r| above 0.92."""
    classes: tuple[ClassCoherence, ...]


def coherence(scoring: Scoring) -> Coherence:
    """The correlations behind a composite score, over all units."""
    system, aggregation = scoring.system, scoring.workings.aggregation
    scores = scoring.workings.completed.scores
    column = {card.code: scores[:, j] for j, card in enumerate(system.indicators)}
    weighing = [
        card
        for j, card in enumerate(system.indicators)
        if (aggregation.indicator_weights[:, j] > 0).any()
    ]
    top = [part.code for part in system.children[system.root.code]]
    score_of = {**column, **{code: level.score for code, level in aggregation.levels.items()}}
    return Coherence(
        within=tuple(_within(scoring, weighing)),
        with_total=tuple(
            correlation(card.code, system.root.code, column[card.code], aggregation.score)
            for card in weighing
        ),
        between_classes=tuple(
            correlation(a, b, score_of[a], score_of[b]) for a, b in combinations(top, 2)
        ),
        redundant=tuple(_redundant(weighing, column)),
        classes=tuple(_classes(scoring, weighing, column)),
    )


def correlation(one: str, other: str, x: Floats, y: Floats) -> Correlation:
    """Pearson's r over the units that have both scores."""
    there = ~(np.isnan(x) | np.isnan(y))
    n = int(there.sum())
    if n < FEWEST:
        return Correlation(one, other, None, n, TOO_FEW)
    a, b = x[there] - x[there].mean(), y[there] - y[there].mean()
    if _is_flat(x[there]) or _is_flat(y[there]):
        return Correlation(one, other, None, n, CONSTANT)
    r = float(a @ b / np.sqrt((a @ a) * (b @ b)))
    return Correlation(one, other, min(max(r, -1.0), 1.0), n, None)


def _is_flat(x: Floats) -> bool:
    return bool(np.ptp(x) <= 1e-12 * max(1.0, float(np.abs(x).max())))


def _within(scoring: Scoring, weighing: Sequence[IndicatorCard]) -> Iterator[Correlation]:
    """Each indicator with its own node, aggregated as if the indicator were not there."""
    system, inputs = scoring.system, scoring.workings.inputs
    siblings: dict[str, int] = {}
    for card in weighing:
        siblings[card.parent] = siblings.get(card.parent, 0) + 1
    for card in weighing:
        if siblings[card.parent] < 2:
            continue
        column = system.indicators.index(card)
        others = scoring.workings.completed.scores.copy()
        own = others[:, column].copy()
        others[:, column] = np.nan
        with np.errstate(all="ignore"):
            rest = aggregate(
                system, others, applicable=inputs.applicable, type_of=inputs.type_of
            )
        yield correlation(card.code, card.parent, own, rest.levels[card.parent].score)


def _redundant(
    weighing: Sequence[IndicatorCard], column: dict[str, Floats]
) -> list[Correlation]:
    close = [
        found
        for a, b in combinations(weighing, 2)
        if a.parent == b.parent
        and (found := correlation(a.code, b.code, column[a.code], column[b.code])).r is not None
        and abs(found.r or 0.0) > REDUNDANT
    ]
    return sorted(close, key=lambda one: -abs(one.r or 0.0))[:MOST_PAIRS]


def _classes(
    scoring: Scoring, weighing: Sequence[IndicatorCard], column: dict[str, Floats]
) -> Iterator[ClassCoherence]:
    for node in scoring.system.nodes:
        codes = tuple(card.code for card in weighing if card.parent == node.code)
        if len(codes) < 2:
            continue
        matrix = np.column_stack([column[code] for code in codes])
        whole = matrix[~np.isnan(matrix).any(axis=1)]
        because = None
        if len(whole) < FEWEST:
            because = TOO_FEW
        elif any(_is_flat(x) for x in whole.T):
            because = CONSTANT
        if because is not None:
            yield ClassCoherence(node.code, codes, len(whole), None, None, because)
            continue
        together = np.corrcoef(whole, rowvar=False)
        k = len(codes)
        middle = float((together.sum() - k) / (k * (k - 1)))
        alpha = k * middle / (1 + (k - 1) * middle) if middle > -1 / (k - 1) else None
        share = float(np.linalg.eigvalsh(together)[-1] / k)
        yield ClassCoherence(node.code, codes, len(whole), alpha, share, None)
