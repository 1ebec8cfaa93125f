"""What the reader of the files says about a system, for somebody who never sees the file.

Mistakes of sense come in words already (`app.scoring.complaints`); of mistakes of shape the
reader knows the place only: here it becomes the part by its name and the field by its label.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import Problem
from app.survey.editing.complaints import CHINESE
from app.survey.text import Language

LISTS: Mapping[str, tuple[str, str]] = {
    "types": ("区域类型", "Region type"),
    "vectors": ("权重向量", "Weight vector"),
    "nodes": ("分类", "Class"),
    "indicators": ("指标", "Indicator"),
    "adjustments.items": ("加减分事项", "Item"),
    "adjustments.families": ("加减分类别", "Family"),
    "grade.scale": ("等次", "Grade"),
    "perception_gaps": ("主客观对照", "Perception gap"),
}
FIELDS: Mapping[str, tuple[str, str]] = {
    "title": ("名称", "title"),
    "name": ("名称", "name"),
    "note": ("说明", "note"),
    "code": ("代码", "code"),
    "version": ("版本号", "version"),
    "document": ("依据文件", "document"),
    "from": ("开始", "from"),
    "to": ("结束", "to"),
    "unit": ("计量单位", "unit"),
    "source": ("数据来源", "source"),
    "evidence": ("依据", "evidence"),
    "weight": ("权重", "weight"),
    "normalise": ("怎样变成得分", "how it becomes a score"),
    "bounds": ("界限", "bounds"),
    "unacceptable": ("不允许值", "unacceptable value"),
    "satisfactory": ("满意值", "satisfactory value"),
    "plausible": ("合理范围", "plausible range"),
    "missing": ("缺值", "missing values"),
    "indicators": ("指标", "indicators"),
    "points": ("分值", "points"),
    "steps": ("逐次分值", "points by turn"),
    "cap": ("封顶", "cap"),
    "scale": ("等次", "grades"),
    "items": ("加减分事项", "items"),
    "families": ("加减分类别", "families"),
    "zh-Hans": ("中文", "in Chinese"),
    "en": ("英文", "in English"),
}
_PLACE = re.compile(r"([a-z_.]+)\[(\d+)\]")


def said(body: Mapping[str, Any], problem: Problem, language: Language) -> str:
    """One sentence: what it is about, by its own name, and what to do."""
    if problem.chinese and " is already used at " not in f" {problem.message} ":
        return problem.chinese if language == "zh-Hans" else _english(problem)
    side = 0 if language == "zh-Hans" else 1
    about, field = _about(body, problem.place, language), _field(problem.place, side)
    if language == "en":
        return ": ".join(part for part in (about, field, _english(problem)) if part)
    known = next((zh for en, zh in CHINESE.items() if en in problem.message), problem.message)
    return "：".join(part for part in (about, field, known) if part) + "。"


def thing_at(body: Mapping[str, Any], place: str) -> tuple[str, Mapping[str, Any]] | None:
    """The list and the entry that a place of the file lies in; None for the system itself."""
    found = _PLACE.match(place)
    if found is None or found[1] not in LISTS:
        return None
    value: Any = body
    for key in found[1].split("."):
        value = (value or {}).get(key)
    entries: Sequence[Mapping[str, Any]] = value or []
    number = int(found[2])
    return (found[1], entries[number]) if number < len(entries) else None


def _about(body: Mapping[str, Any], place: str, language: Language) -> str:
    found = thing_at(body, place)
    if found is None:
        return ""
    where, thing = found
    name = thing.get("name") or {}
    own = name.get(language) or name.get("zh-Hans") or thing.get("code") or ""
    if language == "zh-Hans":
        return f"{LISTS[where][0]}“{own}”"
    return f"{LISTS[where][1]} “{own}”"


def _field(place: str, side: int) -> str:
    inside = re.split(r"[.\[]", _PLACE.sub("", place, count=1).replace("]", ""))
    known = [FIELDS[part][side] for part in inside[-2:] if part in FIELDS]
    return "".join(known) if side == 0 else " ".join(known)


def _english(problem: Problem) -> str:
    return f"{problem.message}. {problem.cure}".strip()
