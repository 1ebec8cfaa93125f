"""What changed since the round before, in words: rose, fell, or nothing that can be told.

The samples of two rounds are independent, so a change is called one only where the interval
of the difference leaves zero outside. A number that cannot be compared says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.results.findings import listed
from app.documents.results.result import Figure, Result, Since, main_series
from app.documents.wording import DASH, difference, interval, points, translator

MOVES = ("rose", "fell")


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One number then and now, and what can be said of the difference."""

    name: str
    before: str
    now: str
    change: str
    interval: str
    df: str
    verdict: str
    is_move: bool


def round_before(result: Result) -> str:
    """What the round before is called; empty for a round that repeats none."""
    before = result.document.get("before")
    return result.say(before["title"]) if before else ""


def round_change(result: Result) -> str:
    """One sentence on everybody: which indicators rose, which fell; may be empty."""
    series = main_series(result)
    if series is None or not round_before(result):
        return ""
    figures = [
        (result.say(indicator["name"]), figure)
        for indicator in result.indicators
        if (
            figure := result.overall(
                series["code"], measure="indicator", code=indicator["code"]
            )
        )
    ]
    return _sentence(result, [(name, f) for name, f in figures if f.since is not None])


def indicator_change(result: Result, series: str, indicator: str) -> str:
    """One sentence on everybody and the units of an indicator; may be empty."""
    _ = translator(result.language)
    overall = result.overall(series, measure="indicator", code=indicator)
    if overall is None or overall.since is None:
        return ""
    since = overall.since
    if since.verdict is None:
        return _("与上一轮（{round}）：{reason}。").format(
            round=round_before(result), reason=verdict_words(result, overall)
        )
    whole = _("与上一轮（{round}）相比，全体{verdict}：{change} 分，区间 {interval}。").format(
        round=round_before(result),
        verdict=verdict_words(result, overall),
        change=difference(since.value),
        interval=interval(since.low, since.high),
    )
    units = [
        (result.unit_name(figure.domain_code), figure)
        for figure in result.by_unit(series, measure="indicator", code=indicator)
        if figure.since is not None and figure.since.verdict in MOVES
    ]
    space = "" if result.language == "zh-Hans" else " "
    return whole + (space + _sentence(result, units) if units else "")


def change_rows(result: Result, figures: Sequence[Figure]) -> tuple[ChangeRow, ...]:
    """The figures that were compared or say why not, place by place."""
    return tuple(
        _row(result, figure, since, name=result.place(figure.domain, figure.domain_code))
        for figure in figures
        if (since := figure.since) is not None
    )


def item_change_rows(result: Result) -> tuple[ChangeRow, ...]:
    """Every item for everybody, in the main series."""
    series = main_series(result)
    if series is None:
        return ()
    figures = [
        (
            result.say(item["text"]),
            result.overall(series["code"], measure="item", code=item["code"]),
        )
        for item in result.items
    ]
    return tuple(
        _row(result, figure, since, name=name)
        for name, figure in figures
        if figure is not None and (since := figure.since) is not None
    )


def verdict_words(result: Result, figure: Figure) -> str:
    """Rose, fell, nothing that can be told, or why it is not compared; empty for neither."""
    _, since = translator(result.language), figure.since
    if since is None:
        return ""
    return {
        "rose": _("上升"),
        "fell": _("下降"),
        "unclear": _("看不出变化"),
        "other_questionnaire": _("问卷版本不同，不可比"),
        "other_score_map": _("计分表不同，不可比"),
        "not_measured_before": _("上一轮没有这个数"),
        "not_shown_before": _("上一轮不公布，不作比较"),
        "unknown_uncertainty": _("误差无从得知，不作比较"),
        "too_small": _("样本不足，不作比较"),
    }.get(since.verdict or since.reason or "", "")


def _row(result: Result, figure: Figure, since: Since, *, name: str) -> ChangeRow:
    return ChangeRow(
        name,
        points(since.before),
        points(figure.value),
        difference(since.value),
        interval(since.low, since.high),
        DASH if since.df is None else points(since.df, decimals=0),
        verdict_words(result, figure),
        since.verdict in MOVES,
    )


def _sentence(result: Result, figures: Sequence[tuple[str, Figure]]) -> str:
    """Who rose, who fell, and that of the rest nothing can be told."""
    _ = translator(result.language)
    by_verdict: dict[str, list[str]] = {}
    for name, figure in figures:
        if figure.since is not None and figure.since.verdict is not None:
            by_verdict.setdefault(figure.since.verdict, []).append(name)
    if not by_verdict:
        return ""
    words = {"rose": _("{names}上升"), "fell": _("{names}下降")}
    parts = [
        words[verdict].format(names=listed(result, by_verdict[verdict]))
        for verdict in MOVES
        if verdict in by_verdict
    ]
    if not parts:
        return _("与上一轮相比，样本看不出各项有变化。")
    if "unclear" in by_verdict:
        parts.append(_("其余看不出变化"))
    return _("与上一轮相比，{parts}。").format(parts=_("，").join(parts))
