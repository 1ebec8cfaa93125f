"""Whether an index holds together: what its indicators have in common (OECD and JRC 2008).

Correlations of normalised scores between each indicator and its class without it, between
classes, and between pairs; Cronbach's alpha of each class and the share of its variance on
one component. A low figure is no mistake, it is a question to the author: an indicator that
runs against its class is offset by it, and two that run together count twice. Parts that
have no weight anywhere are left out; scores that are missing are left out pair by pair.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from app.scoring.definition.cards import IndicatorCard, Node
from app.scoring.index import Scoring
from app.scoring.steps.means import mean_of
from app.survey.sample import Floats
from app.survey.text import Text

FEWEST = 4
"""Units below which a correlation says nothing at all."""
REDUNDANT = 0.92
"""Pairs correlated more closely measure the same thing twice (JRC)."""
MOST_PAIRS = 200
"""Pairs listed of each kind, the most striking first."""

TOO_FEW = Text(zh="可比单位不足 4 个", en="fewer than 4 units to compare")
CONSTANT = Text(zh="得分全都相同", en="all scores are the same")
ALONE = Text(
    zh="同一上级下没有其他有权数的指标或类",
    en="there is no other part with a weight below the same node",
)
OPPOSED = Text(
    zh="各部分此升彼降、合计不变，α 无法计算",
    en="the parts offset each other wholly, so there is no alpha",
)


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
    """How much the parts right below one node have in common."""

    node: str
    parts: tuple[str, ...]
    """Indicators, and nodes where there are some."""
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
    """The parts with a weight below every node that has nodes below it, two by two."""
    redundant: tuple[Correlation, ...]
    """Pairs of indicators of one class with |r| above 0.92."""
    redundant_across: tuple[Correlation, ...]
    """The same of two classes."""
    opposed: tuple[Correlation, ...]
    """Pairs of indicators of one class with r below 0."""
    classes: tuple[ClassCoherence, ...]


def coherence(scoring: Scoring) -> Coherence:
    """The correlations behind a composite score, over all units."""
    system, aggregation = scoring.system, scoring.workings.aggregation
    score_of = _scores(scoring)
    weighing = [card for card in system.indicators if _weighs(scoring, card)]
    pairs = [
        (a.parent == b.parent, correlation(a.code, b.code, score_of[a.code], score_of[b.code]))
        for a, b in combinations(weighing, 2)
    ]
    siblings = [found for same, found in pairs if same]
    return Coherence(
        within=tuple(_within(scoring, weighing, score_of)),
        with_total=tuple(
            correlation(card.code, system.root.code, score_of[card.code], aggregation.score)
            for card in weighing
        ),
        between_classes=tuple(
            correlation(a, b, score_of[a], score_of[b]) for a, b in _class_pairs(scoring)
        ),
        redundant=_redundant(siblings),
        redundant_across=_redundant([found for same, found in pairs if not same]),
        opposed=_opposed(siblings),
        classes=tuple(_classes(scoring, score_of)),
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


def _scores(scoring: Scoring) -> dict[str, Floats]:
    scores = scoring.workings.completed.scores
    of_indicators = {
        card.code: scores[:, j] for j, card in enumerate(scoring.system.indicators)
    }
    levels = scoring.workings.aggregation.levels
    return of_indicators | {code: level.score for code, level in levels.items()}


def _weighs(scoring: Scoring, part: Node | IndicatorCard) -> bool:
    """Whether the system gives a part and all above it a weight in some type that is there."""
    path = [part.code]
    parents = {node.code: node.parent for node in scoring.system.nodes}
    parent = part.parent
    while parent is not None:
        path.append(parent)
        parent = parents[parent]
    types = {unit.region_type for unit in scoring.workings.inputs.units}
    below_root = path[:-1]
    return any(all(scoring.system.weight(code, t) > 0 for code in below_root) for t in types)


def _parts(scoring: Scoring, node: Node) -> tuple[str, ...]:
    children = scoring.system.children[node.code]
    return tuple(child.code for child in children if _weighs(scoring, child))


def _class_pairs(scoring: Scoring) -> Iterator[tuple[str, str]]:
    for node in reversed(scoring.system.bottom_up):
        if any(isinstance(child, Node) for child in scoring.system.children[node.code]):
            yield from combinations(_parts(scoring, node), 2)


def _within(
    scoring: Scoring, weighing: Sequence[IndicatorCard], score_of: Mapping[str, Floats]
) -> Iterator[Correlation]:
    """Each indicator with its own node, whose mean is taken as if the indicator were not there.

    Least coverage is not asked for again: the class has its score, only not from this part.
    """
    nodes = {node.code: node for node in scoring.system.nodes}
    for card in weighing:
        children = [child.code for child in scoring.system.children[card.parent]]
        shares = scoring.workings.aggregation.levels[card.parent].shares.copy()
        shares[:, children.index(card.code)] = 0.0
        left = shares.sum(axis=1)
        if len(_parts(scoring, nodes[card.parent])) < 2:
            yield Correlation(card.code, card.parent, None, 0, ALONE)
            continue
        np.divide(shares, left[:, None], out=shares, where=left[:, None] > 0)
        below = np.array([score_of[code] for code in children]).T
        with np.errstate(all="ignore"):
            rest = mean_of(nodes[card.parent].aggregate)(below, shares)
        rest = np.where(left > 0, rest, np.nan)
        yield correlation(card.code, card.parent, score_of[card.code], rest)


def _redundant(pairs: Sequence[Correlation]) -> tuple[Correlation, ...]:
    close = [one for one in pairs if one.r is not None and abs(one.r) > REDUNDANT]
    return tuple(sorted(close, key=lambda one: -abs(one.r or 0.0))[:MOST_PAIRS])


def _opposed(pairs: Sequence[Correlation]) -> tuple[Correlation, ...]:
    against = [one for one in pairs if one.r is not None and one.r < 0]
    return tuple(sorted(against, key=lambda one: one.r or 0.0)[:MOST_PAIRS])


def _classes(scoring: Scoring, score_of: Mapping[str, Floats]) -> Iterator[ClassCoherence]:
    for node in reversed(scoring.system.bottom_up):
        parts = _parts(scoring, node)
        if len(parts) < 2:
            yield ClassCoherence(node.code, parts, 0, None, None, ALONE)
            continue
        matrix = np.column_stack([score_of[code] for code in parts])
        whole = matrix[~np.isnan(matrix).any(axis=1)]
        because = None
        if len(whole) < FEWEST:
            because = TOO_FEW
        elif any(_is_flat(x) for x in whole.T):
            because = CONSTANT
        if because is None:
            yield _of_class(node.code, parts, whole)
        else:
            yield ClassCoherence(node.code, parts, len(whole), None, None, because)


def _of_class(node: str, parts: tuple[str, ...], whole: Floats) -> ClassCoherence:
    """Standardised alpha: k r / (1 + (k - 1) r), r the mean correlation (Cronbach 1951)."""
    together, k = np.corrcoef(whole, rowvar=False), len(parts)
    middle = float((together.sum() - k) / (k * (k - 1)))
    below = 1 + (k - 1) * middle
    alpha = k * middle / below if below > 1e-9 else None
    share = float(np.linalg.eigvalsh(together)[-1] / k)
    because = OPPOSED if alpha is None else None
    return ClassCoherence(node, parts, len(whole), alpha, share, because)
