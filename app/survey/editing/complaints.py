"""What the reader of the files says about a draft, for somebody who never sees the file.

The reader speaks of places and keys. Here the place becomes the item, the scale or the
indicator by its own words, and the sentence comes in the reader's language; a sentence that
nobody foresaw is shown as the reader said it.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.errors import Problem
from app.survey.editing.outline import sections_of
from app.survey.text import Language

CHINESE: Mapping[str, str] = {
    "is required and absent": "没有填写",
    "is too short": "没有填写",
    "has too few entries": "至少要有一项",
    "is too long": "太长了",
    "must be text": "应当是文字",
    "must be a whole number": "应当是整数",
    "must be a number": "应当是数字",
    "must be a list": "应当是列表",
    "must be a mapping of keys": "内容不完整",
    "is not a known key": "有不认识的内容",
    "is not one of the words allowed here": "不是允许的取值",
    "has another form than allowed": "格式不对：用英文字母开头，只含字母、数字和下划线",
    "is too small": "太小了",
    "is too large": "太大了",
    "is already used": "和别处重复了",
    "names a scale that is not defined": "用了不存在的量表",
    "names a item that is not defined": "提到了不存在的题目",
    "names a indicator that is not defined": "提到了不存在的指标",
    "needs either options or": "要么是选项，要么是一段数字，只能选一种",
    "has one end only": "最低和最高都要填",
    "has no usable range": "最高要比最低大 1 到 100",
    "stands for two choices": "两个选项用了同一个编号",
    "is not a scored code": "只有计分的选项能算满意",
    "lacks a code of the strict rate": "算“满意”的选项也要算在“含基本满意”里",
    "a text has no scale": "开放题不用量表",
    "needs a scale with": "答题方式和量表不配：打分题要数字量表，选择题要选项量表",
    "is asked later": "只能看前面的题，请把题目移到后面",
    "is not a single choice": "只能看单选题",
    "is not a choice of": "选项已经不在那道题里",
    "needs either `items` or": "没有选题目",
    "names an item that is not scored": "包含不计分的题：给它的量表选一个计分方法，或把它去掉",
    "is defined below": "只能由上面的指标合成",
}
FIELDS: Mapping[str, tuple[str, str]] = {
    "title": ("标题", "title"),
    "lead": ("导语", "lead"),
    "text": ("题目文字", "wording"),
    "hint": ("提示", "hint"),
    "note": ("说明", "note"),
    "scale": ("量表", "scale"),
    "ask_if": ("跳转", "routing"),
    "items": ("题目", "items"),
    "code": ("代码", "code"),
    "name": ("名称", "name"),
    "label": ("选项文字", "option"),
    "options": ("选项", "options"),
    "source": ("依据", "source"),
    "minutes": ("分钟数", "minutes"),
    "max_length": ("最多字数", "longest text"),
}
LANGUAGES: Mapping[str, tuple[str, str]] = {
    "zh-Hans": ("中文", "Chinese"),
    "en": ("英文", "English"),
}


def said(body: Mapping[str, Any], problem: Problem, language: Language) -> str:
    """One sentence about a draft: what it is about, in its own words, and what to do."""
    is_chinese = language == "zh-Hans"
    about = _about(body, problem.place, is_chinese=is_chinese)
    field = _field(problem.place, is_chinese=is_chinese)
    if not is_chinese:
        sentence = f"{problem.message}. {problem.cure}".strip()
        return ": ".join(part for part in (about, field, sentence) if part)
    known = next((zh for en, zh in CHINESE.items() if en in problem.message), problem.message)
    return "：".join(part for part in (about, field, known) if part) + "。"


def _about(body: Mapping[str, Any], place: str, *, is_chinese: bool) -> str:
    found = re.match(r"sections\[(\d+)\](?:\.items\[(\d+)\])?", place)
    if found:
        section = sections_of(body)[int(found[1])]
        if found[2] is None:
            name = _words(section.get("title")) or str(section.get("code", ""))
            return f"“{name}”部分" if is_chinese else f"Section “{name}”"
        item = section["items"][int(found[2])]
        name = _words(item.get("text")) or str(item.get("code", ""))
        number = sum(len(one.get("items") or ()) for one in sections_of(body)[: int(found[1])])
        number += int(found[2]) + 1
        return f"第 {number} 题“{name}”" if is_chinese else f"Item {number} “{name}”"
    if place.startswith("scales."):
        name = re.split(r"[.\[]", place)[1]
        return f"量表“{name}”" if is_chinese else f"Scale “{name}”"
    return ("指标" if is_chinese else "Indicators") if place.startswith("indicators") else ""


def _field(place: str, *, is_chinese: bool) -> str:
    parts = re.split(r"[.\[]", place.replace("]", ""))
    side = 0 if is_chinese else 1
    spoken = [
        (FIELDS.get(part) or LANGUAGES[part])[side]
        for part in parts[-2:]
        if part in FIELDS or part in LANGUAGES
    ]
    if parts[-1] in LANGUAGES:
        return "".join(reversed(spoken)) if is_chinese else " ".join(reversed(spoken))
    return spoken[-1] if spoken else ""


def _words(text: Mapping[str, str] | None) -> str:
    return (text or {}).get("zh-Hans") or (text or {}).get("en") or ""
