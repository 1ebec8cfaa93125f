"""The columns that a file of responses may have, found by their names.

Only the response and its point must be there. What is missing is not known, and the
examination does without it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from app.survey.text import Text
from app.workflow.screen_file.sheet import Complaints, Sheet

REQUIRED = ("response_id", "point_id")
NAMES: Mapping[str, tuple[str, ...]] = {
    "response_id": ("response_id", "response", "id", "答卷编号", "编号", "序号"),
    "point_id": ("point_id", "point", "服务点", "点位", "点位编号"),
    "district_id": ("district_id", "district", "区县", "辖区"),
    "channel": ("channel", "渠道", "来源"),
    "enumerator_id": ("enumerator_id", "enumerator", "interviewer", "访问员"),
    "submitted_slot": (
        "submitted_slot",
        "submitted_at",
        "submitted",
        "提交时间",
        "提交答卷时间",
    ),
    "device_hash": ("device_hash", "device", "设备"),
    "network_hash": ("network_hash", "network", "ip", "网络", "来自ip"),
    "client_class": ("client_class", "client", "客户端"),
    "comment_len": ("comment_len", "comment_length"),
    "comment_hash": ("comment_hash",),
    "comment": ("comment", "comments", "意见", "意见建议", "留言"),
    "assured": ("assured", "token_valid", "一次性凭证"),
    "seconds": ("seconds", "duration_s", "所用时间"),
}
"""Column → the headings understood, its own first."""
PAGE = re.compile(r"page(\d+)_s(econds)?", re.IGNORECASE)
BACKGROUND = frozenset(
    """
    age age_group agegroup sex gender education edu income occupation job hukou marital
    weight wt wave round mode area region stratum psu year month day hour week version
    性别 年龄 年龄段 学历 教育程度 职业 收入 月收入 户籍 婚姻 权重
    """.split()  # noqa: SIM905 - read as prose
)
"""Headings of what is known of people or of the sample, never taken for an item unasked."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which heading of the file is which column."""

    headings: Mapping[str, str]
    """Column → its heading."""
    pages: tuple[str, ...]
    """Headings of the seconds spent on each page, in the order of the pages."""
    rest: tuple[str, ...]
    """Headings that are none of the known columns."""


def find_columns(sheet: Sheet, complaints: Complaints, required: tuple[str, ...]) -> Columns:
    """The known columns of a file; those it must have and has not are complained of."""
    lowered = {heading.lower(): heading for heading in reversed(list(sheet.columns))}
    headings = {}
    for column, names in NAMES.items():
        found = [lowered[name] for name in names if name in lowered]
        if found:
            headings[column] = found[0]
    pages = sorted(
        (int(match[1]), heading)
        for heading in sheet.columns
        if (match := PAGE.fullmatch(heading))
    )
    taken = {*headings.values(), *(heading for _, heading in pages)}
    rest = tuple(heading for heading in sheet.columns if heading not in taken)
    for column in required:
        if column not in headings:
            _absent(column, rest, complaints)
    return Columns(headings, tuple(heading for _, heading in pages), rest)


def _absent(column: str, rest: tuple[str, ...], complaints: Complaints) -> None:
    near = get_close_matches(column, rest, n=1, cutoff=0.6)
    cure = f"Rename {near[0]!r}." if near else f"Headings understood: {_or(NAMES[column])}."
    zh = f"请将“{near[0]}”改名。" if near else f"可用的列名：{'、'.join(NAMES[column])}。"
    complaints.column(column, ("is not in the file", cure), f"文件里没有这一列。{zh}")


def unused_notices(sheet: Sheet, unused: Mapping[str, Text]) -> Iterator[Text]:
    """What is said of columns that count for nothing: heading → why."""
    if unused:
        zh = "；".join(f"{heading}（{why.zh}）" for heading, why in unused.items())
        en = "; ".join(f"{heading} ({why.en})" for heading, why in unused.items())
        yield Text(
            zh=f"{sheet.source}：未使用的列：{zh}。", en=f"{sheet.source}: not used: {en}."
        )
    for number in sheet.unnamed:
        yield Text(
            zh=f"{sheet.source}：第 {number} 列没有列名，未使用。",
            en=f"{sheet.source}: column {number} has no heading and is not used.",
        )


def _or(names: tuple[str, ...]) -> str:
    return ", ".join(names)
