"""The columns of the sheets that a plan's places and margins come in, and their names.

A header may be in Chinese, in English or the key itself; marks and spaces do not matter. The
templates to fill in are made from the same table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from app.survey.text import Text

Kind = Literal["regions", "units", "points", "margins"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column: its key, its heading, what stands in it, other headings it goes by."""

    key: str
    heading: Text
    meaning: Text
    required: bool = False
    others: tuple[str, ...] = ()

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading it is known by."""
        return (self.key, self.heading.zh, self.heading.en, *self.others)


_CODE = SheetColumn(
    "code",
    Text(zh="代码", en="Code"),
    Text(
        zh="小写字母、数字和连字符；不填则自动编。换轮次时不要改，才能和上一轮比较",
        en=(
            "Lower-case letters, digits, hyphens; made for you if empty. "
            "Keep it from round to round, or rounds cannot be compared"
        ),
    ),
)
_NAME = SheetColumn(
    "name",
    Text(zh="名称", en="Name"),
    Text(zh="居民看到的名称", en="The name that residents see"),
    required=True,
    others=("中文名称", "名字"),
)
_ENGLISH = SheetColumn(
    "name_en",
    Text(zh="英文名称", en="English name"),
    Text(zh="不填则和中文一样", en="The Chinese name if empty"),
)
_PEOPLE = Text(zh="人口", en="Population")

COLUMNS: Mapping[Kind, tuple[SheetColumn, ...]] = {
    "regions": (
        _CODE,
        _NAME,
        _ENGLISH,
        SheetColumn(
            "parent",
            Text(zh="上级地区", en="Parent"),
            Text(
                zh="上级地区的代码或名称；最上一级不填", en="Its code or name; empty at the top"
            ),
            others=("上级", "上级代码"),
        ),
    ),
    "units": (
        _CODE,
        _NAME,
        _ENGLISH,
        SheetColumn(
            "region",
            Text(zh="所属地区", en="Region"),
            Text(
                zh="地区的代码或名称；只有一个地区时可不填",
                en="Its code or name; may be empty where there is one region",
            ),
            others=("地区", "地区代码"),
        ),
        SheetColumn(
            "region_type",
            Text(zh="地区类型", en="Region type"),
            Text(
                zh="不同类型可以有不同权重，如 urban、rural；不分类则不填",
                en="Types may have weights of their own, as urban, rural; empty without types",
            ),
            others=("类型",),
        ),
        SheetColumn(
            "population",
            _PEOPLE,
            Text(
                zh="这个单位代表的成年人数，加权要用",
                en="Adults the unit stands for; weights need it",
            ),
            others=("人口数", "成年人口"),
        ),
    ),
    "points": (
        _CODE,
        _NAME,
        _ENGLISH,
        SheetColumn(
            "unit",
            Text(zh="所属单位", en="Unit"),
            Text(
                zh="单位的代码或名称；只有一个单位时可不填",
                en="Its code or name; may be empty where there is one unit",
            ),
            others=("单位", "单位代码"),
        ),
    ),
    "margins": (
        SheetColumn(
            "variable",
            Text(zh="变量", en="Variable"),
            Text(zh="问卷里题的代码，如 gender、age", en="Code of the item, as gender, age"),
            required=True,
            others=("题", "题目代码"),
        ),
        SheetColumn(
            "level",
            Text(zh="选项", en="Level"),
            Text(zh="选项的代码或文字", en="Code or words of the choice"),
            required=True,
            others=("类别", "选项代码"),
        ),
        SheetColumn(
            "people",
            Text(zh="人数", en="People"),
            Text(zh="总体里这样的人有多少", en="How many such people there are"),
            required=True,
            others=("人口", "人口数"),
        ),
    ),
}


def plain(heading: str) -> str:
    """A heading without the marks and spaces in which two writers differ."""
    return "".join(sign for sign in heading.lower() if sign.isalnum())
