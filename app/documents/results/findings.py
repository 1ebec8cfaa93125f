"""Sentences made from the numbers: what was found, and no more than can be said.

A unit is called clearly above or below only if the interval of its difference from
everybody leaves zero outside, and only if its effective sample reaches the plan's size for
comparison. Opt-in answers are never compared: the sentence says instead that people chose
themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.results.result import Figure, Result, main_series
from app.documents.wording import count, interval, percent, points, translator

NAMED = 3
"""So many units or indicators are named in a sentence; more are counted."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where the units of one indicator lie against everybody, by what can be told apart."""

    above: tuple[Figure, ...]
    below: tuple[Figure, ...]
    alike: tuple[Figure, ...]
    unsure: tuple[Figure, ...]
    """Shown, but from too small an effective sample to be compared."""
    withheld: tuple[Figure, ...]


def compare_units(result: Result, series: str, indicator: str) -> Comparison:
    """Sort the units of an indicator by whether their difference from everybody can be zero.

    Everybody is estimated too, and a large unit is much of everybody: the interval of the
    difference knows both (`app.stats.comparison.difference`). It is one test for each unit;
    nothing is allowed for their number, and the method page says so. A document without
    differences says of no unit that it is above or below.
    """
    overall = result.overall(series, measure="indicator", code=indicator)
    units = result.by_unit(series, measure="indicator", code=indicator)
    return _compare(result, units, overall)


def headline(result: Result) -> str:
    """One sentence for the whole round: what stands out over all indicators."""
    _, series = translator(result.language), main_series(result)
    if series is None:
        return _("没有收到可以汇总的回答。")
    if series["kind"] == "band":
        return _opt_in_headline(result, series["code"], series["n"])
    return _interval_headline(result, series["code"])


def indicator_finding(result: Result, series: str, indicator: str) -> str:
    """One or two sentences for an indicator in a series: the value, then who differs."""
    _ = translator(result.language)
    overall = result.overall(series, measure="indicator", code=indicator)
    if overall is None or not overall.is_shown:
        reason = result.reason(overall.withheld if overall else "too_few")
        return _("全体：{reason}。").format(reason=reason)
    if overall.kind == "band":
        return _("这些回答的平均分是 {value}；只描述答了的人，不作比较。").format(
            value=points(overall.value)
        )
    value = _("全体 {value} 分，{level} 区间 {interval}。").format(
        value=points(overall.value),
        level=percent(result.round["confidence"], decimals=0),
        interval=interval(overall.low, overall.high),
    )
    differences = _differences(result, compare_units(result, series, indicator))
    return f"{value}{space_between(result)}{differences}"


def group_finding(result: Result, series: str, *, measure: str, code: str) -> str:
    """One sentence on the groups of people: which differ from everybody; none for opt-in."""
    _ = translator(result.language)
    overall = result.overall(series, measure=measure, code=code)
    groups = result.by_group(series, measure=measure, code=code)
    if not groups or overall is None or overall.kind == "band":
        return ""
    comparison = _compare(result, groups, overall)
    if not (comparison.above or comparison.below or comparison.alike):
        return _("各人群的样本都不足以与全体比较。")
    parts = [
        words.format(groups=_named(result, figures))
        for words, figures in (
            (_("{groups}明显高于全体"), comparison.above),
            (_("{groups}明显低于全体"), comparison.below),
        )
        if figures
    ]
    if not parts:
        return _("可以比较的人群与全体的差别都在误差以内。")
    return _("{sentence}。").format(sentence=_("；").join(parts))


def series_caution(result: Result, series: str) -> str:
    """What a reader must know before reading the numbers of a series; may be nothing."""
    _ = translator(result.language)
    if series == "opt_in":
        return _("自愿扫码，不能推断全体；虚线是敏感性范围，不是误差范围")
    pooled = result.round["pooled"]
    if series == "pooled" and pooled is not None:
        return result.say(pooled["reason"])
    return ""


def omissions(result: Result) -> tuple[str, ...]:
    """What the numbers leave out: series without weights, units without answers.

    A series below the plan's least number of answers is told without its number.
    """
    _, least = translator(result.language), result.round["release"]["min_n"]
    sentences = []
    for one in result.unweighted:
        number = (
            _("{n} 份").format(n=count(one["n"]))
            if one["n"] >= least
            else _("不足 {n} 份").format(n=count(least))
        )
        sentences.append(
            _("{series}有 {number}回答，无法按方案加权，因此没有得分。").format(
                series=result.series_name(one["code"]), number=number
            )
        )
    silent = [result.say(unit["name"]) for unit in result.silent_units]
    if silent and len(silent) < len(result.units):
        sentences.append(
            _("{units}没有收到回答；全体的数里不含这些单位。").format(
                units=_("、").join(silent)
            )
        )
    return tuple(sentences)


def listed(result: Result, names: Sequence[str]) -> str:
    """Names as a list in a sentence; beyond `NAMED` the rest is counted."""
    _ = translator(result.language)
    if len(names) <= NAMED:
        *most, last = names
        return _("{most}和{last}").format(most=_("、").join(most), last=last) if most else last
    shown = _("、").join(names[:NAMED])
    return _("{names} 等 {n} 个").format(names=shown, n=count(len(names)))


def space_between(result: Result) -> str:
    """What stands between two sentences: a space, in languages that write one."""
    return "" if result.language == "zh-Hans" else " "


def _compare(result: Result, figures: Sequence[Figure], overall: Figure | None) -> Comparison:
    least = result.round["release"]["min_effective_n_rank"]
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        found.setdefault(_side(figure, overall, least), []).append(figure)
    names = ("above", "below", "alike", "unsure", "withheld")
    return Comparison(**{name: tuple(found.get(name, ())) for name in names})


def _side(figure: Figure, overall: Figure | None, least: float) -> str:
    if not figure.is_shown:
        return "withheld"
    middle = overall.value if overall is not None else None
    if middle is None or figure.difference is None:
        return "unsure"
    if (figure.effective_n or 0) < least:
        return "unsure"
    low, high = figure.difference
    if low > 0:
        return "above"
    return "below" if high < 0 else "alike"


def _opt_in_headline(result: Result, series: str, n: int) -> str:
    _ = translator(result.language)
    shown = [
        _("{indicator} {value}").format(
            indicator=result.say(indicator["name"]), value=points(figure.value)
        )
        for indicator in result.indicators
        if (figure := result.overall(series, measure="indicator", code=indicator["code"]))
        and figure.is_shown
    ]
    start = _("{n} 份自愿扫码的回答，谁来答由本人决定，不能推断全体，也不比较高低").format(
        n=count(n)
    )
    if not shown:
        return _("{start}；数量太少，暂不公布平均分。").format(start=start)
    return _("{start}；平均分：{values}。").format(start=start, values=_("，").join(shown))


def _interval_headline(result: Result, series: str) -> str:
    _ = translator(result.language)
    found = {
        indicator["code"]: compare_units(result, series, indicator["code"])
        for indicator in result.indicators
    }
    compared = [c for c in found.values() if c.above or c.below or c.alike]
    if not compared:
        return _no_comparison(result, series)
    phrases = [
        *_phrases(result, found, "above"),
        *_phrases(result, found, "below"),
    ]
    if not phrases:
        return _("样本足以比较的单位，各项得分与全体的差别都在误差以内。")
    ending = (
        _("其余差别多在误差以内，或样本不足以比较")
        if any(comparison.unsure for comparison in found.values())
        else _("其余差别多在误差以内")
    )
    return _("与全体相比，{phrases}；{ending}。").format(
        phrases=_("，").join(phrases), ending=ending
    )


def _no_comparison(result: Result, series: str) -> str:
    _ = translator(result.language)
    for indicator in result.indicators:
        figure = result.overall(series, measure="indicator", code=indicator["code"])
        if figure is not None and figure.is_shown:
            return _("各单位的样本都不足以互相比较；{indicator}全体 {value} 分。").format(
                indicator=result.say(indicator["name"]), value=points(figure.value)
            )
    return _("样本太少，暂不公布得分。")


def _phrases(result: Result, found: dict[str, Comparison], side: str) -> list[str]:
    """Who stands out on which indicators, one phrase a unit; many units in one phrase."""
    _ = translator(result.language)
    by_unit: dict[str, list[str]] = {}
    for indicator in result.indicators:
        for figure in getattr(found[indicator["code"]], side):
            name = result.say(indicator["name"])
            by_unit.setdefault(result.unit_name(figure.domain_code), []).append(name)
    if len(by_unit) > NAMED:
        many = (
            _("{n} 个单位至少一项明显较高")
            if side == "above"
            else _("{n} 个单位至少一项明显较低")
        )
        return [many.format(n=count(len(by_unit)))]
    one = (
        _("{unit}的{indicators}明显较高")
        if side == "above"
        else _("{unit}的{indicators}明显较低")
    )
    return [
        one.format(unit=unit, indicators=listed(result, names))
        for unit, names in by_unit.items()
    ]


def _differences(result: Result, comparison: Comparison) -> str:
    _ = translator(result.language)
    parts = []
    if comparison.above:
        units = _named(result, comparison.above)
        parts.append(_("{units}明显高于全体").format(units=units))
    if comparison.below:
        units = _named(result, comparison.below)
        parts.append(_("{units}明显低于全体").format(units=units))
    if comparison.alike:
        parts.append(_alike(result, comparison, is_rest=bool(parts)))
    if comparison.unsure:
        units = _named(result, comparison.unsure)
        parts.append(_("{units}样本不足，不作比较").format(units=units))
    if comparison.withheld:
        units = _named(result, comparison.withheld)
        parts.append(_("{units}不公布").format(units=units))
    sentence = _("；").join(parts)
    return (
        _("{sentence}。").format(sentence=sentence[:1].upper() + sentence[1:]) if parts else ""
    )


def _alike(result: Result, comparison: Comparison, *, is_rest: bool) -> str:
    _ = translator(result.language)
    if is_rest:
        return _("其余差别多在误差以内")
    if comparison.unsure or comparison.withheld:
        return _("可以比较的单位与全体的差别都在误差以内")
    return _("各单位与全体的差别都在误差以内")


def _named(result: Result, figures: Sequence[Figure]) -> str:
    return listed(result, [result.place(f.domain, f.domain_code) for f in figures])
