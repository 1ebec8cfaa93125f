"""Places of a plan as people call them: ``units[3].population`` is 单位“东街”的人口."""

import re
from collections.abc import Mapping
from typing import Any

from app.survey.text import Text

_LISTS: Mapping[str, Text] = {
    "regions": Text(zh="地区", en="Region"),
    "units": Text(zh="单位", en="Unit"),
    "points": Text(zh="服务点", en="Point"),
    "margins": Text(zh="人口总数", en="Population total"),
    "groups": Text(zh="分组变量", en="Group"),
    "weighting": Text(zh="加权步骤", en="Weighting step"),
    "admission.quotas": Text(zh="配额", en="Quota"),
    "admission.rights": Text(zh="参与方式", en="Way to answer"),
    "composite.from_survey": Text(zh="综合得分的来源", en="Source of the composite"),
    "composite.from_rounds": Text(zh="综合得分的来源", en="Source of the composite"),
    "composite.values": Text(zh="综合得分的指标值", en="Value of the composite"),
    "composite.events": Text(zh="事件", en="Event"),
    "pooled.classes": Text(zh="合并的证据类别", en="Pooled class"),
}
_KEYS: Mapping[str, Text] = {
    "code": Text(zh="代码", en="code"),
    "name": Text(zh="名称", en="name"),
    "title": Text(zh="标题", en="title"),
    "survey": Text(zh="问卷", en="questionnaire"),
    "organiser": Text(zh="主办单位", en="organiser"),
    "hotline": Text(zh="电话", en="hotline"),
    "population": Text(zh="总体", en="population"),
    "window": Text(zh="调查时间", en="window"),
    "window.opens": Text(zh="开始时间", en="opening time"),
    "window.closes": Text(zh="截止时间", en="closing time"),
    "window.time_zone": Text(zh="时区", en="time zone"),
    "regions": Text(zh="地区", en="regions"),
    "units": Text(zh="单位", en="units"),
    "points": Text(zh="服务点", en="points"),
    "parent": Text(zh="上级地区", en="parent"),
    "region": Text(zh="所属地区", en="region"),
    "region_type": Text(zh="地区类型", en="region type"),
    "unit": Text(zh="所属单位", en="unit"),
    "variable": Text(zh="变量", en="variable"),
    "totals": Text(zh="人数", en="totals"),
    "margin": Text(zh="用到的变量", en="margin"),
    "margins": Text(zh="用到的变量", en="margins"),
    "kind": Text(zh="种类", en="kind"),
    "highest": Text(zh="上限", en="upper limit"),
    "bounds": Text(zh="界限", en="bounds"),
    "source": Text(zh="来源", en="source"),
    "item": Text(zh="题", en="item"),
    "most": Text(zh="最多份数", en="most"),
    "evidence_class": Text(zh="证据类别", en="evidence class"),
    "admission": Text(zh="参与方式", en="admission"),
    "admission.most": Text(zh="全轮最多份数", en="most of the round"),
    "admission.most_per_point": Text(zh="每点最多份数", en="most of a point"),
    "repeats": Text(zh="上一轮", en="round it repeats"),
    "screening": Text(zh="甄别", en="screening"),
    "screening_note": Text(zh="甄别说明", en="screening note"),
    "release.min_n": Text(zh="公布的最少份数", en="fewest responses"),
    "release.min_effective_n": Text(zh="公布的最小有效样本", en="least effective sample"),
    "release.min_effective_n_rank": Text(
        zh="排名的最小有效样本", en="least effective sample for a rank"
    ),
    "release.min_cell": Text(zh="表格一格的最少人数", en="fewest in a cell"),
    "confidence": Text(zh="置信水平", en="confidence"),
    "seed": Text(zh="随机种子", en="seed"),
    "composite": Text(zh="综合得分", en="composite score"),
    "composite.system": Text(zh="指标体系", en="indicator system"),
    "composite.opt_in_accepted": Text(zh="采用扫码回答的理由", en="reason for opt-in answers"),
    "composite.values_source": Text(zh="指标值的出处", en="source of the values"),
    "indicator": Text(zh="指标", en="indicator"),
    "estimate": Text(zh="问卷指标", en="estimate"),
    "series": Text(zh="序列", en="series"),
    "zh-Hans": Text(zh="中文", en="Chinese"),
    "en": Text(zh="英文", en="English"),
}
_INNER: Mapping[tuple[str, str], Text] = {
    ("units", "population"): Text(zh="人口", en="population"),
}
"""Keys that mean something else inside a list."""
_ENTRY = re.compile(r"^([a-z_.]+)\[(\d+)\]\.?(.*)$")


def place_in_words(place: str, plan: Mapping[str, Any]) -> Text:
    """What a reader calls a place of their plan; the place itself where it has no name."""
    found = _ENTRY.match(place)
    if found is None or found[1] not in _LISTS:
        named = _path(place)
        return named or Text(zh=place, en=place)
    holder = _called(_LISTS[found[1]], found[1], int(found[2]), plan)
    inner = _INNER.get((found[1], found[3])) or (_path(found[3]) if found[3] else None)
    if inner is None:
        return holder
    return Text(zh=f"{holder.zh}的{inner.zh}", en=f"{holder.en}, {inner.en}")


def _called(what: Text, path: str, number: int, plan: Mapping[str, Any]) -> Text:
    """An entry by its name, or by its number where it has none."""
    entry: Any = plan
    for part in path.split("."):
        entry = entry.get(part, ()) if isinstance(entry, Mapping) else ()
    entry = entry[number] if isinstance(entry, list) and number < len(entry) else None
    name = entry.get("name") if isinstance(entry, Mapping) else None
    if isinstance(name, Mapping) and name.get("zh-Hans"):
        code = entry.get("code", "")
        english = name.get("en") or name["zh-Hans"]
        return Text(zh=f"{what.zh}“{name['zh-Hans']}”", en=f'{what.en} "{english}" ({code})')
    called = entry.get("variable") if isinstance(entry, Mapping) else None
    if called:
        return Text(zh=f"{what.zh}“{called}”", en=f'{what.en} "{called}"')
    return Text(zh=f"第 {number + 1} 个{what.zh}", en=f"{what.en} {number + 1}")


def _path(path: str) -> Text | None:
    """The words of a dotted path: the longest part of it that has some, then the rest."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        head = _KEYS.get(".".join(parts[:length])) or (
            _KEYS.get(parts[0]) if length == 1 else None
        )
        if head is None:
            continue
        rest = [_KEYS.get(part, Text(zh=part, en=part)) for part in parts[length:]]
        chinese = "".join(f"（{one.zh}）" for one in rest)
        english = "".join(f", {one.en}" for one in rest)
        return Text(zh=head.zh + chinese, en=head.en + english)
    return None
