"""Whether the rules after the sum hold together: caps, vetoes and grades (E302)."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from app.errors import Problem
from app.scoring.definition.rules import AdjustmentItem, Adjustments, Grade, GradeRule


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
            message = f"E302 {item.code} belongs to a family that is not defined"
            cure = f"Families: {', '.join(families)}."
            yield Problem(f"{here}.family", message, cure, item.family)
        if item.veto_max_grade is not None:
            yield from _veto_problems(item, f"{here}.veto_max_grade", grade)
    floor, ceiling = adjustments.floor, adjustments.ceiling
    if floor is not None and ceiling is not None and floor >= ceiling:
        message = f"E302 the floor is not below the ceiling {ceiling:g}"
        yield Problem("adjustments.floor", message, "Correct one of them.", floor)


def _item_problems(item: AdjustmentItem, here: str) -> Iterator[Problem]:
    if (item.points is None) == (item.steps is None):
        message = f"E302 {item.code} needs either `points` or `steps`"
        yield Problem(here, message, "Keep one of the two.")
    if item.kind == "bonus" and item.veto_max_grade is not None:
        message = f"E302 {item.code} is a bonus and cannot veto a grade"
        yield Problem(f"{here}.veto_max_grade", message, "Remove it.", item.veto_max_grade)


def _veto_problems(
    item: AdjustmentItem, here: str, rule: GradeRule | None
) -> Iterator[Problem]:
    known = [grade.grade for grade in rule.scale] if rule else []
    if item.veto_max_grade not in known:
        message = f"E302 {item.code} allows at best a grade that is not in the scale"
        cure = f"Grades: {', '.join(known)}." if known else "State `grade`."
        yield Problem(here, message, cure, item.veto_max_grade)


def grade_problems(rule: GradeRule | None) -> Iterator[Problem]:
    """E302: a scale with gaps, thresholds that do not fall, shares of more than everything."""
    if rule is None:
        return
    key, other = ("min", "share") if rule.rule == "threshold" else ("share", "min")
    *upper, last = rule.scale
    for i, grade in enumerate(upper):
        if getattr(grade, key) is None or getattr(grade, other) is not None:
            message = f"E302 {grade.grade}: by {rule.rule} a grade has `{key}` and no `{other}`"
            yield Problem(f"grade.scale[{i}]", message, "Only the last grade has neither.")
    if last.min is not None or last.share is not None:
        message = f"E302 {last.grade} is the last grade and takes the rest"
        cure = "Remove its `min` or `share`, or add a grade below it."
        yield Problem(f"grade.scale[{len(upper)}]", message, cure)
    yield from _threshold_problems(upper)
    total = sum(grade.share or 0 for grade in upper)
    if total > 1 + 1e-9:
        message = f"E302 the shares sum to {total:g}, more than all places"
        yield Problem("grade.scale", message, "Shares sum to 1 at most.")


def _threshold_problems(upper: Sequence[Grade]) -> Iterator[Problem]:
    for i, (better, worse) in enumerate(pairwise(upper), start=1):
        if better.min is not None and worse.min is not None and worse.min >= better.min:
            message = f"E302 {worse.grade} begins at {worse.min:g}, not below {better.grade}"
            cure = f"Write less than {better.min:g}, or change the order."
            yield Problem(f"grade.scale[{i}].min", message, cure, worse.min)
