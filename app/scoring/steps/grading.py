"""Ranks and grades from final scores.

A unit without a score has neither and is not counted. A grade says why it was given. The
numbers come from `ordering`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.scoring.definition.rules import Grade, GradeRule, RankRule
from app.scoring.steps.ordering import admissions, order, threshold_levels
from app.survey.sample import Floats
from app.survey.text import Text


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
    places = order(scores, rule)
    number = float if rule.ties == "average" else int
    return [None if np.isnan(place) else number(place) for place in places]


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
    earned = rule.scale[int(threshold_levels(np.array([score]), rule)[0])]
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
    """Each grade brings floor(share · N) places, from the top; the last takes the rest."""
    codes = [grade.grade for grade in rule.scale]
    best = np.array([0 if veto is None else codes.index(veto.max_grade) for veto in vetoes])
    given: dict[int, tuple[int, Text]] = {}
    for one in admissions(scores, rule, best):
        for row, better in zip(one.rows.tolist(), one.better.tolist(), strict=True):
            reason = Text(
                zh=f"{one.places} 个名额内第 {better + 1} 名",
                en=f"number {better + 1} of {one.places}",
            )
            if one.level == len(rule.scale) - 1:
                reason = Text(zh="其余", en="the rest")
            given[row] = one.level, reason
    return _quota_results(scores, rule, vetoes, given)


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
