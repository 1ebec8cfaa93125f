"""Whether the rules after the sum hold together: caps, vetoes and grades (E302)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.errors import Problem
from app.scoring.complaints.speech import Fact, listed, named, nearest, written
from app.scoring.complaints.table import complain
from app.scoring.definition.rules import AdjustmentItem, Adjustments, Grade, GradeRule
from app.survey.text import Text


def adjustment_problems(
    adjustments: Adjustments | None, grade: GradeRule | None
) -> Iterator[Problem]:
    """E302: items without a price or with two, unknown families, vetoes of no grade."""
    if adjustments is None:
        return
    families = [family.code for family in adjustments.families]
    for i, item in enumerate(adjustments.items):
        here = f"adjustments.items[{i}]"
        yield from _item_problems(item, here)
        if item.family not in families:
            facts = {"item": named(item), "near": nearest(item.family, families)}
            yield complain("family_unknown", f"{here}.family", value=item.family, **facts)
        if item.veto_max_grade is not None:
            yield from _veto_problems(item, f"{here}.veto_max_grade", grade)
    has_veto = any(item.veto_max_grade is not None for item in adjustments.items)
    if adjustments.no_bonus_when_veto and not has_veto:
        yield complain("no_veto_to_lose_bonus", "adjustments.no_bonus_when_veto")
    floor, ceiling = adjustments.floor, adjustments.ceiling
    if floor is not None and ceiling is not None and floor >= ceiling:
        yield complain("floor_above_ceiling", "adjustments.floor", value=floor, ceiling=ceiling)


def _item_problems(item: AdjustmentItem, here: str) -> Iterator[Problem]:
    if item.points is None and item.steps is None:
        yield complain("item_without_price", here, item=named(item))
    if item.points is not None and item.steps is not None:
        yield complain("item_with_two_prices", here, item=named(item))
    if item.kind == "bonus" and item.veto_max_grade is not None:
        place = f"{here}.veto_max_grade"
        yield complain("bonus_with_veto", place, value=item.veto_max_grade, item=named(item))


def _veto_problems(
    item: AdjustmentItem, here: str, rule: GradeRule | None
) -> Iterator[Problem]:
    best, whose = item.veto_max_grade, named(item)
    if rule is None:
        yield complain("veto_without_grades", here, value=best, item=whose)
    elif best not in [grade.grade for grade in rule.scale]:
        grades = listed(_named(grade) for grade in rule.scale)
        yield complain("veto_grade_unknown", here, value=best, item=whose, grades=grades)


def grade_problems(rule: GradeRule | None) -> Iterator[Problem]:
    """E302: a scale with gaps, thresholds that do not fall, shares of more than everything."""
    if rule is None:
        return
    by_threshold = rule.rule == "threshold"
    key, other = ("min", "share") if by_threshold else ("share", "min")
    *upper, last = rule.scale
    for i, grade in enumerate(upper):
        if getattr(grade, key) is None or getattr(grade, other) is not None:
            lacking = "grade_lacks_threshold" if by_threshold else "grade_lacks_share"
            yield complain(lacking, f"grade.scale[{i}]", grade=_named(grade))
    if last.min is not None or last.share is not None:
        value = last.share if last.min is None else last.min
        place = f"grade.scale[{len(upper)}]"
        yield complain("last_grade_limited", place, value=value, grade=_named(last))
    yield from _threshold_problems(upper)
    total = sum(grade.share or 0 for grade in upper)
    if total > 1 + 1e-9:
        parts = listed(_with_share(grade) for grade in upper if grade.share is not None)
        yield complain("shares_exceed_places", "grade.scale", value=total, parts=parts)


def _threshold_problems(upper: Sequence[Grade]) -> Iterator[Problem]:
    for i, (better, worse) in enumerate(pairwise(upper), start=1):
        if better.min is not None and worse.min is not None and worse.min >= better.min:
            facts: dict[str, Fact] = {
                "worse": _named(worse),
                "better": _named(better),
                "limit": better.min,
            }
            place = f"grade.scale[{i}].min"
            yield complain("thresholds_do_not_fall", place, value=worse.min, **facts)


@dataclass(frozen=True, slots=True)
class _Called:
    code: str
    name: Text


def _named(grade: Grade) -> Text:
    return named(_Called(grade.grade, grade.name))


def _with_share(grade: Grade) -> Text:
    share = written(grade.share)
    return Text(zh=f"{grade.name.zh} {share}", en=f"{grade.name.en} {share}")
