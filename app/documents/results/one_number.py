"""One number of a result, explained: what it is, what went in, how sure it is.

Every number of the console opens such an explanation. It is put together from what the
result carries with the number, and computes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.documents.method.numbers import parts_of
from app.documents.results.changes import round_before, verdict_words
from app.documents.results.result import Document, Figure, Result
from app.documents.results.standings import place_of, places_words
from app.documents.results.tables import measure_word
from app.documents.wording import count, difference, interval, percent, points, translator

INTERVAL_FORMULAS = ("ȳ = Σ wᵢ yᵢ ∕ Σ wᵢ", "zᵢ = wᵢ (yᵢ − ȳ) ∕ Σ w", "ȳ ± t · se")
BAND_FORMULAS = ("ȳ = Σ wᵢ yᵢ ∕ Σ wᵢ", "ȳ(ρ) = ȳ − ρ · σ · √((1 − f + CV²) ∕ f),  f = n ∕ N")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to know about a number, and the section of the method that defines it."""

    label: str
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class OneNumber:
    """One number, explained."""

    title: str
    place: str
    figure: Figure
    sentence: str
    facts: tuple[Fact, ...]
    formulas: tuple[str, ...]


def find_figure(result: Result, place: tuple[str, str, str, str, str]) -> Figure | None:
    """The figure of a series, measure, code, domain and code of the domain, or None."""
    series, measure, code, domain, domain_code = place
    found = result.rows.get((series, measure, code), ())
    return next(
        (one for one in found if (one.domain, one.domain_code) == (domain, domain_code)), None
    )


def explain(result: Result, figure: Figure) -> OneNumber:
    """All that is known about a number, in words."""
    measure = "indicator" if figure.measure == "indicator" else "item"
    return OneNumber(
        title=result.measure_name(measure, figure.code),
        place=result.place(figure.domain, figure.domain_code),
        figure=figure,
        sentence=_sentence(result, figure),
        facts=(
            *_meaning(result, figure),
            *_answers(result, figure),
            *_precision(result, figure),
            *_compared(result, figure),
            *_screened(result, figure),
            *_release(result, figure),
        ),
        formulas=BAND_FORMULAS if figure.kind == "band" else INTERVAL_FORMULAS,
    )


def _sentence(result: Result, figure: Figure) -> str:
    _ = translator(result.language)
    if figure.value is None:
        return _("这个数没有算出来。")
    if figure.kind == "band":
        return _("{value} 分；自愿回答没有误差范围，敏感性范围 {interval}。").format(
            value=points(figure.value), interval=interval(figure.low, figure.high)
        )
    return _("{value} 分，{level} 区间 {interval}，{n} 份回答。").format(
        value=points(figure.value),
        level=percent(result.round["confidence"], decimals=0),
        interval=interval(figure.low, figure.high),
        n=count(figure.n),
    )


def _meaning(result: Result, figure: Figure) -> Iterator[Fact]:
    _ = translator(result.language)
    yield Fact(_("口径"), measure_word(result, figure.measure), "indicators")
    yield Fact(_("系列"), result.series_name(figure.series), "sample-size")
    if figure.measure == "indicator":
        indicator = next(one for one in result.indicators if one["code"] == figure.code)
        yield Fact(_("由什么组成"), parts_of(result, indicator), "indicators")
    maps = _("、").join(one["key"] for one in result.round["score_maps"])
    yield Fact(_("计分表"), maps, "score-maps")


def _answers(result: Result, figure: Figure) -> Iterator[Fact]:
    _ = translator(result.language)
    yield Fact("n", _("{n} 份").format(n=count(figure.n)), "sample-size")
    effective = points(figure.effective_n)
    how = _("{n}（Kish，只反映权数不均）") if figure.kind == "band" else _("{n}（n ÷ deff）")
    yield Fact(_("有效样本"), how.format(n=effective), "sample-size")
    if figure.worth_of_n is not None:
        worth = points(figure.worth_of_n, decimals=0)
        yield Fact(_("相当于随机样本"), _("{n} 份").format(n=worth), "sensitivity")
    weights = [one for one in result.document["weights"] if one["series"] == figure.series]
    for one in weights:
        yield Fact(_("权数"), _weights(result, one), "weighting")


def _weights(result: Result, one: Document) -> str:
    _ = translator(result.language)
    return _("整个系列 {n} 份，最小 {smallest}，最大 {largest}，和 {sum}").format(
        n=count(one["n"]),
        smallest=points(one["smallest"], decimals=3),
        largest=points(one["largest"], decimals=3),
        sum=points(one["sum"]),
    )


def _precision(result: Result, figure: Figure) -> Iterator[Fact]:
    _ = translator(result.language)
    if figure.kind == "band":
        ends = interval(figure.low, figure.high, decimals=2)
        yield Fact(_("敏感性范围"), ends, "sensitivity")
        return
    level = percent(result.round["confidence"], decimals=0)
    method = _("{interval}（泰勒线性化标准误，自由度 {df} 的 t 区间）")
    yield Fact(
        _("{level} 区间").format(level=level),
        method.format(
            interval=interval(figure.low, figure.high, decimals=2), df=count(figure.degrees)
        ),
        "precision",
    )
    yield Fact(_("标准误"), points(figure.standard_error, decimals=3), "precision")
    yield Fact("deff", points(figure.design_effect, decimals=3), "precision")


def _compared(result: Result, figure: Figure) -> Iterator[Fact]:
    _ = translator(result.language)
    if figure.difference is not None:
        ends = interval(*figure.difference, decimals=2)
        yield Fact(_("与全体之差的区间"), ends, "precision")
    place = place_of(result, figure)
    if place is not None:
        yield Fact(_("位次范围"), places_words(result, place), "standing")
    since = figure.since
    if since is None:
        return
    words = verdict_words(result, figure)
    if since.verdict is not None:
        words = _("{verdict}：{change} 分，区间 {interval}").format(
            verdict=words,
            change=difference(since.value),
            interval=interval(since.low, since.high),
        )
    yield Fact(_("与上一轮（{round}）").format(round=round_before(result)), words, "change")


def _screened(result: Result, figure: Figure) -> Iterator[Fact]:
    _, found = translator(result.language), figure.screened
    if found is None:
        return
    text = _("全部照算 {raw}，封顶后 {capped}，核定后 {value}").format(
        raw=points(found.raw), capped=points(found.capped), value=points(figure.value)
    )
    yield Fact(_("筛查"), text, "company")
    worst = interval(found.low, found.high)
    yield Fact(_("最坏情形"), worst, "worst-case")


def _release(result: Result, figure: Figure) -> Iterator[Fact]:
    _ = translator(result.language)
    yield Fact(_("对外"), result.reason(figure.withheld) or _("照常公布"), "release")
