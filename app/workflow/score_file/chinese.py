"""Mistakes of shape in a case file, said in Chinese."""

import re

from app.errors import Problem

SHAPES = {
    "is required and absent": "必须填写，但没有写。请补上",
    "is not a known key": "不认识这个键",
    "is no known method": "没有这种方法",
    "must be text": "应为文字。请加引号",
    "must be a whole number": "应为整数",
    "must be a number": "应为数字，不加引号",
    "must be true or false": "应为 true 或 false",
    "is not one of the words allowed here": "不是允许的词",
    "must be a list": "应为列表。请用方括号，或逐行以短横开头",
    "must be a mapping": "应为“键: 值”",
    "must be a mapping of keys": "应为“键: 值”",
    "has too few entries": "条目太少",
    "has too many entries": "条目太多",
    "is too small": "数值太小",
    "is too large": "数值太大",
    "must be a finite number": "应为有限的数",
    "is given twice": "重复。请只保留一个",
    "fills the root, where an empty score stays empty": "总分不能填补。请删去 if_empty",
    "has no region type": "没有写类型",
}
"""What is said in English → the same in Chinese."""
CURES = (
    (r"Did you mean [`'](.+)[`']\?", "是否应为 {}？"),
    (r"Choose (.+)\.", "可写：{}。"),
    (r"Write one of: (.+)\.", "可写：{}。"),
    (r"Give at least (\S+)\.", "至少 {}。"),
    (r"Give at most (\S+)\.", "至多 {}。"),
    (r"It must be greater than (\S+)\.", "须大于 {}。"),
    (r"It must be at least (\S+)\.", "须不小于 {}。"),
    (r"It must be less than (\S+)\.", "须小于 {}。"),
    (r"It must be at most (\S+)\.", "须不大于 {}。"),
    (r"The format knows it, but not at this place\.", "有这个键，但不写在这里。"),
    (r"Remove it, or call a remark `note`\.", "请删去；备注请写在 note 里。"),
)
"""Cures with something to be carried over."""


def in_chinese(problem: Problem) -> str:
    """The whole sentence; empty where nobody wrote its words in Chinese."""
    said = SHAPES.get(problem.message)
    if said is None and problem.message.startswith("is already used at "):
        said = f"与 {problem.message.removeprefix('is already used at ')} 重复。名称不得重复"
    if said is None:
        return ""
    found = "" if problem.value is None else f"（现为“{problem.value}”）"
    cure = ""
    for pattern, words in CURES:
        if match := re.fullmatch(pattern, problem.cure):
            cure = words.format(*(match.groups() or ("",)))
    return f"{problem.place}：{said}{found}。{cure}"
