"""What is wrong with a plan in the making, told to whoever fills in its steps, in Chinese too.

The readers of plans speak of files, in English. Here each of their sentences has its Chinese,
and where a cure speaks of spelling, the cure that a form has.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.errors import Problem
from app.survey.planning.places_in_words import place_in_words

_SAID: tuple[tuple[str, str, str], ...] = (
    ("is required and absent", "没有填", "请填上"),
    ("is not a known key", "方案里没有这一项", "请删去"),
    ("must be text", "应是文字", ""),
    ("must be a whole number", "应是整数", ""),
    ("must be a number", "应是数字", ""),
    ("must be a finite number", "应是数字", ""),
    ("is not one of the words allowed here", "不在可选范围内", "请重新选择"),
    (
        "has another form than allowed",
        "写法不对",
        "代码用小写字母、数字和连字符；问卷和指标体系写作 代码@版本",
    ),
    ("has too few entries", "一个也没有", "至少要有一个"),
    ("has too many entries", "太多", "请减少"),
    ("is too short", "太短或是空的", "请填上"),
    ("is too long", "太长", "请缩短"),
    ("is too small", "太小", "请改大"),
    ("is too large", "太大", "请改小"),
    ("is not a moment", "不是时间", "请选日期和时刻"),
    (r"is already used at .*", "用过了", "请换一个代码"),
    ("names a region that is not defined", "指向一个不存在的地区", "请改为已有的地区"),
    ("names a unit that is not defined", "指向一个不存在的单位", "请改为已有的单位"),
    ("names a margin that is not defined", "指向一个没有人数的变量", "请先填这个变量的人数"),
    ("is not a time zone", "不是时区", "例如 Asia/Shanghai"),
    ("carries an offset of its own", "带有时差", "请写当地时间"),
    (r"is not after window\.opens", "不晚于开始时间", "请改其中一个"),
    ("leads back to itself", "绕回了自己", "最上一级地区没有上级"),
    ("is this round itself", "就是这一轮自己", "请选更早的一轮，或不选"),
    ("adjusts weights that do not exist yet", "不能放在第一步", "第一步是基础权数"),
    ("starts the weights again", "重新开始了权数", "只能在第一步"),
    ("is not positive", "不是正数", "请写 1 以上的人数，或并入别的选项"),
    (
        r"sums to (?P<a>\S+), but (?P<b>\S+) sums to (?P<c>\S+)",
        "合计 {a} 人，而“{b}”合计 {c} 人",
        "同一个总体，各变量的合计应当相等",
    ),
    ("is named twice", "写了两次", "请留一个"),
    (r"is below min_effective_n, .*", "低于公布一个数所需的有效样本", "请改大"),
    (
        "lets opt-in answers into the composite score without a reason",
        "让自愿扫码的回答进入综合得分，却没有理由",
        "请写明理由，或不用它们",
    ),
    ("is computed already", "已有来源", "每个指标只留一个来源"),
    ("contradicts the status", "和状态矛盾", "有值的写“有”，没有值的写“缺”"),
    (r"is given twice for .*", "给了两次", "请留一个"),
    ("is absent", "没有写", "请写明出处"),
    ("are absent, and the logit distance needs them", "没有写", "logit 距离要有上下限"),
    ("do not lie around 1, where weights stay as they are", "不在 1 的两边", "例如 0.3 到 3"),
    ("follows no step with totals to keep", "前面没有按人数调整的一步", "请先选变量"),
    ("would replace the bounds of the step before", "会取代前一步的上下限", "请留一个"),
    ("is limited twice", "限制了两次", "每个选项写一个配额"),
    ("names no survey version on file", "不在库里", "请选一份已定稿的问卷"),
    ("names no indicator system on file", "不在库里", "请选一个已定稿的指标体系"),
    ("names no score map on file", "不是已有的计分表", "请重新选择"),
    ("names no indicator on file", "不是这个指标体系的指标", "请重新选择"),
    ("names no indicator of the survey on file", "不是这份问卷的指标", "请重新选择"),
    ("names no adjustment item on file", "不是指标体系里的事项", "请重新选择"),
    ("is not a scale of the survey", "不是这份问卷的量表", "请重新选择"),
    (r"has \d+ points for \d+ options", "和选项的个数不一样", "请换一个计分表"),
    ("is a line and the scale has options", "不适合有选项的量表", "请换一个计分表"),
    ("cannot have a quota", "不能设配额", "配额只能设在单选题上"),
    ("is not a choice of the item", "不是这道题的选项", "请改为问卷里的选项"),
    ("is unknown", "不是这份问卷里的题", "请用单选题的代码"),
    ("cannot be a margin", "不能用来加权", "请用单选题"),
    ("has no total", "没有人数", "每个选项都要有人数；确实没有的写 1"),
    ("divides nobody into groups", "分不出人群", "请选一道不计分的单选题"),
    ("lacks a unit the import needs", "缺一个导入文件里的单位", "请补上这个单位"),
    ("are absent, so nobody can answer", "一个也没有，没有人能回答", "请至少填一个服务点"),
    ("is not a region type of the system", "不是指标体系里的地区类型", "请改为体系里有的类型"),
    ("is a series the round cannot have", "是这一轮得不到的序列", "请换一个序列"),
    (r"feeds an indicator that takes \S+ evidence", "证据类别和指标要求的不同", "请换一个来源"),
    (
        r"gives no value for the indicator (?P<a>\S+)",
        "没有给出指标 {a} 的来源",
        "请选来源或“缺”",
    ),
)
_PATTERNS = tuple(
    (re.compile(f"^{message}$"), chinese, cure) for message, chinese, cure in _SAID
)
_PLAIN_CURES: Mapping[str, str] = {
    "Add it.": "Fill it in.",
    "Put it in quotes.": "",
    "Write it without quotes or a decimal point.": "",
    "Write it without quotes.": "",
    "Write it as '2026-11-22T08:30:00', in quotes.": "Choose a day and a time.",
    "Base weights need it.": "Weights need it.",
}


def told(problems: Iterable[Problem], plan: Mapping[str, Any]) -> list[Problem]:
    """The problems with a Chinese sentence each, and places that people know in English."""
    return [_told(problem, plan) for problem in problems]


def _told(problem: Problem, plan: Mapping[str, Any]) -> Problem:
    if problem.chinese and not problem.chinese.startswith(problem.place):
        return problem
    where = place_in_words(problem.place, plan)
    found = "" if problem.value in (None, "") else f"“{str(problem.value)[:40]}”"
    chinese = f"{where.zh}{found}：{_chinese(problem)}"
    cure = _PLAIN_CURES.get(problem.cure, problem.cure)
    return replace(problem, cure=cure, chinese=chinese)


def said_in_english(problem: Problem, plan: Mapping[str, Any]) -> str:
    """The problem for an English reader who never saw a file."""
    where = place_in_words(problem.place, plan).en
    found = "" if problem.value in (None, "") else f" ({str(problem.value)[:40]})"
    return f"{where[:1].upper()}{where[1:]}{found}: {problem.message}. {problem.cure}".strip()


def _chinese(problem: Problem) -> str:
    for pattern, chinese, cure in _PATTERNS:
        match = pattern.match(problem.message)
        if match:
            said = chinese.format_map(match.groupdict())
            return f"{said}。{cure}。" if cure else f"{said}。"
    return f"{problem.message}. {problem.cure}"
