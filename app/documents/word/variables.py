"""What a Word template may name: every variable, its shape, and what it holds.

A shape is a text, a picture, a truth, a list or a record of them; a template is checked against
it before it is kept, so that a mistyped name is found on the day of the upload.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.survey.text import Text


@dataclass(frozen=True, slots=True)
class Leaf:
    """A single value: text, number as text, picture or truth."""

    means: Text


@dataclass(frozen=True, slots=True)
class Record:
    """Named parts."""

    fields: Mapping[str, "Shape"]
    means: Text


@dataclass(frozen=True, slots=True)
class Listed:
    """Several of one shape, for a loop; `each` is how the standard template names one."""

    of: "Shape"
    each: str
    means: Text


Shape = Leaf | Record | Listed


def _leaf(*, zh: str, en: str) -> Leaf:
    return Leaf(Text(zh=zh, en=en))


_CELLS = Listed(
    _leaf(zh="一格的文字", en="The text of a cell"), "cell", Text(zh="各格", en="Cells")
)
_ROW = Record({"cells": _CELLS}, Text(zh="一行", en="A row"))
_FACT = Record(
    {"label": _leaf(zh="名称", en="Label"), "value": _leaf(zh="内容", en="Value")},
    Text(zh="一项", en="One fact"),
)
_BLOCK = Record(
    {
        "heading": _leaf(zh="小标题；没有就空", en="A heading, or nothing"),
        "text": _leaf(zh="一段话；没有就空", en="A paragraph, or nothing"),
        "weight": _leaf(
            zh="这段话的分量：plain、lead（发现）、caution（提醒）、quiet（注）、formula（公式）",
            en="Its weight: plain, lead (a finding), caution, quiet (a note) or formula",
        ),
        "facts": Listed(_FACT, "fact", Text(zh="名称和内容", en="Labels with values")),
        "picture": _leaf(zh="图；没有就空", en="A chart, or nothing"),
        "caption": _leaf(zh="表的标题", en="The caption of a table"),
        "columns": Listed(
            _leaf(zh="栏名", en="Heading of a column"),
            "column",
            Text(zh="表的各栏", en="Columns"),
        ),
        "rows": Listed(_ROW, "row", Text(zh="表的各行；没有表就空", en="Rows, or none")),
    },
    Text(zh="一块：小标题、话、图或表", en="A heading, a paragraph, a chart or a table"),
)
_CHAPTER = Record(
    {
        "title": _leaf(zh="章的标题，带序号", en="Title with its number"),
        "blocks": Listed(_BLOCK, "block", Text(zh="章里的各块", en="What stands in it")),
    },
    Text(zh="一章", en="A chapter"),
)
_UNIT = Record(
    {
        "name": _leaf(zh="单位名称", en="Name of the unit"),
        "value": _leaf(zh="得分", en="Score"),
        "interval": _leaf(zh="区间", en="Interval"),
        "n": _leaf(zh="回答数", en="Answers"),
        "places": _leaf(zh="位次范围", en="Possible places"),
        "tier": _leaf(zh="档", en="Tier"),
        "note": _leaf(zh="不公布的原因", en="Why it is withheld"),
    },
    Text(zh="一个单位", en="A unit"),
)
_INDICATOR = Record(
    {
        "name": _leaf(zh="指标名称", en="Name of the indicator"),
        "sentence": _leaf(zh="发现", en="What was found"),
        "caution": _leaf(zh="提醒；没有就空", en="A caution, or nothing"),
        "value": _leaf(zh="全体的得分", en="Score of everybody"),
        "interval": _leaf(zh="全体的区间", en="Interval of everybody"),
        "n": _leaf(zh="回答数", en="Answers"),
        "units": Listed(_UNIT, "unit", Text(zh="各单位", en="Units in official order")),
    },
    Text(zh="一项指标", en="An indicator"),
)

VARIABLES: Mapping[str, Shape] = {
    "title": _leaf(zh="调查的标题", en="Title of the round"),
    "kind": _leaf(zh="文件的种类", en="Kind of document"),
    "organiser": _leaf(zh="主办单位", en="Organiser"),
    "day": _leaf(zh="成文日期", en="Date of the document"),
    "status": _leaf(zh="是否已公布", en="Whether it is public, in words"),
    "is_public": _leaf(zh="是否已公布（用于 if）", en="Whether it is public, for an if"),
    "headline": _leaf(zh="最主要的一句发现", en="The main finding"),
    "findings": Listed(
        _leaf(zh="一句发现", en="A finding"), "finding", Text(zh="各句发现", en="The findings")
    ),
    "facts": Listed(_FACT, "fact", Text(zh="基本情况", en="What the round is about")),
    "indicators": Listed(
        _INDICATOR, "indicator", Text(zh="各项指标，主要系列", en="Indicators, main series")
    ),
    "chapters": Listed(_CHAPTER, "chapter", Text(zh="全文，逐章", en="The whole text")),
    "colophon": _leaf(zh="依据的计算和校验值", en="Run and digests"),
}
"""Everything that a template may name."""

LOOP = Record(
    {
        "index": _leaf(zh="第几个", en="Number, from 1"),
        "first": _leaf(zh="是不是第一个", en="Whether it is the first"),
        "last": _leaf(zh="是不是最后一个", en="Whether it is the last"),
        "length": _leaf(zh="一共几个", en="How many"),
    },
    Text(zh="循环", en="The loop"),
)
"""What ``loop`` has inside a loop."""


@dataclass(frozen=True, slots=True)
class VariableLine:
    """A variable as a list of them shows it."""

    depth: int
    tag: str
    """What is written in the template."""
    means: Text


def variable_lines() -> Iterator[VariableLine]:
    """Every variable with the tag that prints or loops over it, those inside below it."""
    for name, shape in VARIABLES.items():
        yield from _lines(name, shape, 0)


def _lines(path: str, shape: Shape, depth: int) -> Iterator[VariableLine]:
    match shape:
        case Leaf():
            tag = f"{{% if {path} %}}" if path == "is_public" else f"{{{{ {path} }}}}"
            yield VariableLine(depth, tag, shape.means)
        case Listed():
            tag = f"{{% for {shape.each} in {path} %}} … {{% endfor %}}"
            yield VariableLine(depth, tag, shape.means)
            yield from _lines(shape.each, shape.of, depth + 1)
        case Record():
            for name, part in shape.fields.items():
                yield from _lines(f"{path}.{name}", part, depth)
