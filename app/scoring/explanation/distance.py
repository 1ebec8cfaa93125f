"""Where a unit stands in its type, in words: who leads, by how much, and what makes it.

The official places say who is first and who shares a place; the scores say how far apart two
units are, and the survey's error whether anybody can tell. Below an arithmetic root the parts
of a distance sum to it: the classes, deductions and bonuses, floor and ceiling.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.scoring.definition.cards import is_arithmetic
from app.scoring.explanation.figures import NOTICEABLE, figure
from app.scoring.explanation.precision import NORMAL_95, difference_error
from app.scoring.explanation.shortfalls import leader_of
from app.scoring.index import Scoring
from app.scoring.steps.arrangement import Integers
from app.survey.text import Text

NAMED = 2
"""Parts named as making a distance."""
ADJUSTMENTS = Text(zh="扣分加分", en="deductions and bonuses")
LIMITS = Text(zh="上下限", en="floor and ceiling")


@dataclass(frozen=True, slots=True)
class LostPart:
    """What one part makes of the distance to another unit; below 0 where it is ahead in it."""

    name: Text
    points: float


def standing_of(scoring: Scoring, row: int) -> Text:
    """Where one unit with a score stands among those of its type."""
    own, standing = figure(scoring.finals[row]), scoring.outcome.standings[row]
    why = standing.unranked_because
    if why is not None:
        return Text(
            zh=f"得 {own} 分，不参加排名：{why.zh}。",
            en=f"It scores {own} and has no place: {why.en}.",
        )
    peers = _ranked_peers(scoring, row)
    if peers.size == 1:
        return Text(
            zh=f"得 {own} 分，同类中只有这一个单位参加排名。",
            en=f"It scores {own} and is the only unit of its type with a place.",
        )
    ranks = [scoring.outcome.standings[peer].rank_in_type for peer in peers]
    first = min(rank for rank in ranks if rank is not None)
    if standing.rank_in_type != first:
        return _behind(scoring, row, leader_of(scoring, peers, scoring.finals))
    if ranks.count(first) > 1:
        return Text(
            zh=f"得 {own} 分，同类并列第一。", en=f"It scores {own} and shares the first place."
        )
    return _ahead(scoring, row, leader_of(scoring, peers[peers != row], scoring.finals))


def lost_parts(scoring: Scoring, row: int, best: int) -> list[LostPart]:
    """What makes the distance to another unit, the largest first; the points sum to it.

    Empty where the root's mean is not arithmetic: its score is no sum of its parts.
    """
    system, aggregation = scoring.system, scoring.workings.aggregation
    if not is_arithmetic(system.root.aggregate):
        return []
    columns = {card.code: j for j, card in enumerate(system.indicators)}
    shares = aggregation.levels[system.root.code].shares
    lost = []
    for at, part in enumerate(system.children[system.root.code]):
        scores = (
            scoring.workings.completed.scores[:, columns[part.code]]
            if part.code in columns
            else aggregation.levels[part.code].score
        )
        points = [
            shares[one, at] * scores[one] if shares[one, at] else 0.0 for one in (best, row)
        ]
        lost.append(LostPart(part.name, float(points[0] - points[1])))
    costs = [scoring.ledgers[one].cost for one in (best, row)]
    limits = [limit_of(scoring, one) for one in (best, row)]
    lost.append(LostPart(ADJUSTMENTS, costs[1] - costs[0]))
    lost.append(LostPart(LIMITS, limits[0] - limits[1]))
    return sorted(lost, key=lambda one: -one.points)


def limit_of(scoring: Scoring, row: int) -> float:
    """What floor (above 0) or ceiling (below 0) did to a final score."""
    gross = float(scoring.workings.aggregation.score[row])
    return float(scoring.finals[row]) - (gross - scoring.ledgers[row].cost)


def _ranked_peers(scoring: Scoring, row: int) -> Integers:
    type_of = scoring.workings.inputs.type_of
    ranked = np.array([one.rank_in_type is not None for one in scoring.outcome.standings])
    return np.flatnonzero((type_of == type_of[row]) & ranked)


def _ahead(scoring: Scoring, row: int, second: int) -> Text:
    own = figure(scoring.finals[row])
    ahead = float(scoring.finals[row] - scoring.finals[second])
    by = _points(ahead)
    zh = f"得 {own} 分，同类最高，比第二名高{by.zh}"
    en = f"It scores {own}, the best of its type, {by.en} ahead of the second"
    limit = _error_limit(scoring, row, second)
    if limit is not None and ahead < limit:
        zh += f"；领先没有超出抽样误差（±{figure(limit)} 分），暂不能认定"
        en += f"; the lead is within the survey's error (±{figure(limit)}) and cannot be "
        en += "taken as a fact"
    return Text(zh=zh + "。", en=en + ".")


def _behind(scoring: Scoring, row: int, best: int) -> Text:
    own = figure(scoring.finals[row])
    behind = float(scoring.finals[best] - scoring.finals[row])
    by = _points(behind)
    zh, en = (
        f"得 {own} 分，比同类最高低{by.zh}",
        f"It scores {own}, {by.en} below the best of its type",
    )
    if behind >= NOTICEABLE:
        made_of = _made_of(behind, lost_parts(scoring, row, best))
        zh, en = zh + made_of[0], en + made_of[1]
    limit = _error_limit(scoring, row, best)
    if limit is not None and behind < limit:
        zh += f"；差距没有超出抽样误差（±{figure(limit)} 分），暂不能认定"
        en += f"; that is within the survey's error (±{figure(limit)}) and cannot be taken as "
        en += "a fact"
    return Text(zh=zh + "。", en=en + ".")


def _made_of(behind: float, parts: Sequence[LostPart]) -> tuple[str, str]:
    """The largest parts of a distance; what makes up for them, so that a reader can add up."""
    named = [one for one in parts[:NAMED] if one.points >= NOTICEABLE]
    if not named:
        return "", ""
    # What is printed must add up, not only what was computed.
    rest = round(behind, 2) - sum(round(one.points, 2) for one in named)
    if rest > -NOTICEABLE:
        zh = "、".join(f"{one.name.zh} {figure(one.points)} 分" for one in named)
        en = " and ".join(f"{one.name.en} {figure(one.points)}" for one in named)
        return f"，其中{zh}", f", of which {en}"
    zh = "、".join(f"{one.name.zh}少得 {figure(one.points)} 分" for one in named)
    en = " and ".join(f"{figure(one.points)} less for {one.name.en}" for one in named)
    return (
        f"：{zh}，其余合计多得 {figure(-rest)} 分",
        f": {en}, {figure(-rest)} more for the rest",
    )


def _points(distance: float) -> Text:
    if distance < NOTICEABLE:
        return Text(zh="不到 0.01 分", en="less than 0.01")
    return Text(zh=f" {figure(distance)} 分", en=figure(distance))


def _error_limit(scoring: Scoring, row: int, other: int) -> float | None:
    error = difference_error(scoring, row, other)
    return None if error is None else NORMAL_95 * error
