"""Ranks and grades from final scores.

A unit without a score has neither and is not counted. Scores that agree to 1e-9 are tied:
a difference in the last binary digit is nobody's merit. A grade says why it was given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from app.scoring.definition.rules import Grade, GradeRule, RankRule
from app.survey.sample import Floats
from app.survey.text import Text

TIE = 1e-9


@dataclass(frozen=True, slots=True)
class GradeGiven:
    """A grade, the grade there would be without a veto, and the reason in words."""

    grade: str
    without_veto: str
    vetoed_by: str | None
    reason: Text


@dataclass(frozen=True, slots=True)
class Veto:
    """The best grade still allowed, and the item that says so."""

    max_grade: str
    item: str


def ranks(scores: Floats, rule: RankRule) -> list[float | None]:
    """Ranks of `scores`, 1 is the largest; None for NaN.

    Under `average` a rank may be a half; under every other tie rule it is a whole number.
    """
    keys = {
        i: _rounded(float(score), rule.decimals)
        for i, score in enumerate(scores)
        if not np.isnan(score)
    }
    order = sorted(keys, key=lambda i: -keys[i])
    result: list[float | None] = [None] * len(scores)
    place = 1
    for number, tied in enumerate(_tied_groups(order, keys), start=1):
        last = place + len(tied) - 1
        rank = {"min": place, "max": last, "average": (place + last) / 2, "dense": number}
        for i in tied:
            result[i] = rank[rule.ties]
        place = last + 1
    return result


def _rounded(score: float, decimals: int | None) -> float:
    """Half-up, after ten decimals have taken the binary noise away."""
    if decimals is None:
        return score
    clean = Decimal(repr(round(score, 10)))
    return float(clean.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def _tied_groups(order: Sequence[int], keys: Mapping[int, float]) -> list[list[int]]:
    groups: list[list[int]] = []
    for i in order:
        if groups and keys[groups[-1][-1]] - keys[i] <= TIE:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def grades(
    scores: Floats, rule: GradeRule, vetoes: Sequence[Veto | None]
) -> list[GradeGiven | None]:
    """The grade of every unit of one group; `vetoes` has one entry per unit."""
    if rule.rule == "threshold":
        return [
            None if np.isnan(score) else _by_threshold(float(score), rule, veto)
            for score, veto in zip(scores, vetoes, strict=True)
        ]
    return _by_quota(scores, rule, vetoes)


def _by_threshold(score: float, rule: GradeRule, veto: Veto | None) -> GradeGiven:
    clean = round(score, 10)
    earned = next(g for g in rule.scale if g.min is None or clean >= g.min)
    if earned.min is None:
        bound = rule.scale[-2].min
        reason = Text(zh=f"低于 {bound:g} 分", en=f"below {bound:g} points")
    else:
        reason = Text(zh=f"达到 {earned.min:g} 分", en=f"{earned.min:g} points or more")
    return _after_veto(earned, rule, veto, reason)


def _after_veto(earned: Grade, rule: GradeRule, veto: Veto | None, reason: Text) -> GradeGiven:
    order = [grade.grade for grade in rule.scale]
    if veto is None or order.index(earned.grade) >= order.index(veto.max_grade):
        return GradeGiven(earned.grade, earned.grade, None, reason)
    return GradeGiven(veto.max_grade, earned.grade, veto.item, _veto_reason(veto, rule, reason))


def _veto_reason(veto: Veto, rule: GradeRule, reason: Text) -> Text:
    best = next(grade.name for grade in rule.scale if grade.grade == veto.max_grade)
    return Text(
        zh=f"{reason.zh}，但触发否决项 {veto.item}，最高为“{best.zh}”",
        en=f"{reason.en}, but vetoed by {veto.item}: {best.en} at best",
    )


def _by_quota(
    scores: Floats, rule: GradeRule, vetoes: Sequence[Veto | None]
) -> list[GradeGiven | None]:
    """Cumulative places floor(share · N), walked from the top; the last takes the rest."""
    ranked = [i for i, score in enumerate(scores) if not np.isnan(score)]
    order = [grade.grade for grade in rule.scale]
    best = [0 if veto is None else order.index(veto.max_grade) for veto in vetoes]
    given: dict[int, tuple[int, Text]] = {}
    share = 0.0
    for level, grade in enumerate(rule.scale):
        share += grade.share or 0.0
        places = int(np.floor(share * len(ranked) + TIE))
        pool = [i for i in ranked if i not in given and best[i] <= level]
        if level == len(rule.scale) - 1:
            chosen = {i: Text(zh="其余", en="the rest") for i in pool}
        else:
            chosen = _admitted(scores, pool, places - len(given), tie=rule.tie)
        given |= {i: (level, reason) for i, reason in chosen.items()}
    return _quota_results(scores, rule, vetoes, given)


def _admitted(scores: Floats, pool: Sequence[int], places: int, *, tie: str) -> dict[int, Text]:
    """Who of `pool` gets one of the free `places`, each with its place as the reason."""
    ordered = np.sort(scores[list(pool)])
    admitted: dict[int, Text] = {}
    for i in pool:
        better = ordered.size - int(np.searchsorted(ordered, scores[i] + TIE, "right"))
        tied_too = ordered.size - int(np.searchsorted(ordered, scores[i] - TIE, "left"))
        if better < places if tie == "include" else tied_too <= places:
            admitted[i] = Text(
                zh=f"{places} 个名额内第 {better + 1} 名", en=f"number {better + 1} of {places}"
            )
    return admitted


def _quota_results(
    scores: Floats,
    rule: GradeRule,
    vetoes: Sequence[Veto | None],
    given: Mapping[int, tuple[int, Text]],
) -> list[GradeGiven | None]:
    without = given
    if any(veto is not None for veto in vetoes):
        free = _by_quota(scores, rule, [None] * len(vetoes))
        order = [grade.grade for grade in rule.scale]
        without = {i: (order.index(g.grade), g.reason) for i, g in enumerate(free) if g}
    results: list[GradeGiven | None] = [None] * len(vetoes)
    for i, (level, reason) in given.items():
        earned, veto = without[i][0], vetoes[i]
        by = veto.item if veto is not None and earned < level else None
        if veto is not None and by is not None:
            reason = _veto_reason(veto, rule, without[i][1])
        results[i] = GradeGiven(rule.scale[level].grade, rule.scale[earned].grade, by, reason)
    return results
