"""What screening did to the scores, as it stands on the page of a round and in its files.

Beside every judged score stand the same score uncapped and capped and its worst case; beside
every point what it would take to move it. Nobody is accused here: a group is told by what was
seen, what is usual and what it moves, and never by who is in it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.results.result import Document, Figure, Result
from app.documents.wording import DASH, count, difference, interval, percent, points, translator

MOST_CAMPAIGNS = 20
"""So many groups are told on the page, those that move most; all are in the files."""


@dataclass(frozen=True, slots=True)
class ScreenedBlock:
    """One measure of one series, before and after screening."""

    sentence: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class PointRow:
    """One point; the texts are ready, and empty where its numbers are withheld."""

    name: str
    withheld: str
    n: str = ""
    raw: str = ""
    capped: str = ""
    decided: str = ""
    worst: str = ""
    epsilon: str = ""
    kept: str = ""
    reduced: str = ""
    excluded: str = ""
    up: str = ""
    down: str = ""
    drawn: str = ""
    sample: str = ""


@dataclass(frozen=True, slots=True)
class CampaignText:
    """One group: what it is and moves, and what was seen."""

    sentence: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScreeningSection:
    """The examination of a round, in reading order."""

    sentence: str
    direction: str
    points: tuple[PointRow, ...]
    is_drawn: bool
    """Whether any point is drawn towards a probability sample."""
    campaigns: tuple[CampaignText, ...]
    campaigns_note: str


def screened_block(result: Result, figures: Sequence[Figure]) -> ScreenedBlock | None:
    """One sentence for everybody, and the figures that carry numbers; None without any."""
    carried = tuple(figure for figure in figures if figure.screened is not None)
    if not carried:
        return None
    overall = next((figure for figure in carried if figure.domain == "overall"), None)
    return ScreenedBlock(_sentence(result, overall), carried)


def screening_section(result: Result) -> ScreeningSection | None:
    """What was found about responses in company; None where nobody looked."""
    company = result.company
    if company is None:
        return None
    largest = sorted(company["campaigns"], key=lambda one: -abs(one["effect"] or 0))
    return ScreeningSection(
        sentence=_counts(result, company),
        direction=_directions(result, company["directions"]),
        points=tuple(_point_row(result, point) for point in company["points"]),
        is_drawn=any(point["drawn"] is not None for point in company["points"]),
        campaigns=tuple(_campaign(result, one) for one in largest[:MOST_CAMPAIGNS]),
        campaigns_note=_campaigns_note(result, company),
    )


def answers_needed(answers: float | None) -> str:
    """Whole answers that move a score by a point; a dash where no number of them does."""
    return DASH if answers is None else count(math.ceil(answers))


def _sentence(result: Result, figure: Figure | None) -> str:
    _ = translator(result.language)
    if figure is None or figure.screened is None or not figure.is_shown:
        return ""
    found = figure.screened
    return _(
        "全部照算是 {raw} 分，封顶后 {capped} 分，核定后 {value} 分（公布的分数）；"
        "即使仍算数的回答里还有 {epsilon} 不实，诚实回答的平均分也在 {interval} 之间。"
    ).format(
        raw=points(found.raw),
        capped=points(found.capped),
        value=points(figure.value),
        epsilon=percent(found.epsilon),
        interval=interval(found.low, found.high),
    )


def _counts(result: Result, company: Document) -> str:
    _ = translator(result.language)
    if None in (company["kept"], company["reduced"], company["excluded"]):
        return _(
            "检查了 {n} 份回答，只有少数少算或不算，份数太少不公布；没有一份被删除。"
        ).format(n=count(company["responses"]))
    return _(
        "检查了 {n} 份回答：{kept} 份全算，{reduced} 份少算，"
        "{excluded} 份不算；没有一份被删除。"
    ).format(
        n=count(company["responses"]),
        kept=count(company["kept"]),
        reduced=count(company["reduced"]),
        excluded=count(company["excluded"]),
    )


def _directions(result: Result, sides: Document) -> str:
    _ = translator(result.language)
    above, below = sides["above"], sides["below"]
    if None in (*above.values(), *below.values()):
        return _(
            "按方向分的比例因份数太少不公布；"
            "高于本点位平均的有 {above} 份，低于的有 {below} 份。"
        ).format(above=count(above["n"]), below=count(below["n"]))
    return _(
        "高于本点位平均的 {above} 份里，少算的占 {up_reduced}，不算的占 {up_excluded}；"
        "低于的 {below} 份里，少算的占 {down_reduced}，不算的占 {down_excluded}。"
    ).format(
        above=count(above["n"]),
        below=count(below["n"]),
        up_reduced=_share(above, "reduced"),
        up_excluded=_share(above, "excluded"),
        down_reduced=_share(below, "reduced"),
        down_excluded=_share(below, "excluded"),
    )


def _share(counts: Document, name: str) -> str:
    return percent(counts[name] / counts["n"] if counts["n"] else 0.0)


def _point_row(result: Result, point: Document) -> PointRow:
    _, name = translator(result.language), result.say(point["name"])
    if point["withheld"] is not None:
        return PointRow(name, result.reason(point["withheld"]))
    hidden = _("不公布")
    kept, reduced, excluded = (
        hidden if point[part] is None else count(point[part])
        for part in ("kept", "reduced", "excluded")
    )
    sample = _("{n} 份，均分 {mean}").format(
        n=count(point["sample_n"]), mean=points(point["sample_mean"])
    )
    return PointRow(
        name=name,
        withheld="",
        n=count(point["n"]),
        raw=points(point["raw"]),
        capped=points(point["capped"]),
        decided=points(point["decided"]),
        worst=interval(point["low"], point["high"]),
        epsilon=percent(point["epsilon"]),
        kept=kept,
        reduced=reduced,
        excluded=excluded,
        up=answers_needed(point["answers_up"]),
        down=answers_needed(point["answers_down"]),
        drawn=points(point["drawn"]),
        sample=sample if point["sample_n"] else DASH,
    )


def _campaign(result: Result, campaign: Document) -> CampaignText:
    _ = translator(result.language)
    kinds = {"point": _("同一点位"), "enumerator": _("同一访员"), "network": _("同一网络")}
    parts = [
        _("{kind}的 {n} 份").format(
            kind=kinds.get(campaign["kind"], campaign["kind"]), n=count(campaign["n"])
        ),
        _window(result, campaign),
        _effect(result, campaign),
    ]
    sentence = _("{sentence}。").format(sentence=_("；").join(filter(None, parts)))
    return CampaignText(
        sentence, tuple(result.say(reason["words"]) for reason in campaign["reasons"])
    )


def _effect(result: Result, campaign: Document) -> str:
    _ = translator(result.language)
    if "verdict" not in campaign:
        return _("还没有核定，对分数的影响核定后公布")
    if campaign["effect"] is None:
        moves = _("回答太少，不公布对分数的影响")
    else:
        moves = _("计入时 {with_} 分，不计入 {without} 分，相差 {effect} 分").format(
            with_=points(campaign["score_with"]),
            without=points(campaign["score_without"]),
            effect=difference(campaign["effect"]),
        )
    return _("；").join([_verdict(result, campaign["verdict"]), moves])


def _verdict(result: Result, verdict: str) -> str:
    _ = translator(result.language)
    known = {
        "keep": _("核定照算，只受封顶约束"),
        "down_weight": _("核定按检测结果少算"),
        "exclude": _("核定不算"),
    }
    return known.get(verdict, verdict)


def _window(result: Result, campaign: Document) -> str:
    _ = translator(result.language)
    first, last = campaign["first"], campaign["last"]
    if first is None or last is None:
        return ""
    # Only hours are told: the last one lasts until its end.
    until = last[11:13] if first[:10] == last[:10] else _hour(last)
    return _("{first}:00 到 {last}:59").format(first=_hour(first), last=until)


def _hour(moment: str) -> str:
    """``2026-11-22T16`` as ``2026-11-22 16``."""
    return moment[:13].replace("T", " ")


def _campaigns_note(result: Result, company: Document) -> str:
    _ = translator(result.language)
    told, small = len(company["campaigns"]), company.get("small_campaigns", 0)
    gap = "" if result.language == "zh-Hans" else " "
    lapsed, waiting = _lapsed_note(result, company), _waiting_note(result, company)
    if not told and not small:
        return gap.join(filter(None, [_("没有发现成组可疑的回答。"), lapsed]))
    parts = [_("发现 {n} 组有共同来历迹象的回答").format(n=count(told + small))]
    if small:
        parts.append(_("其中 {n} 组不足 10 份，不分别列出").format(n=count(small)))
    if told > MOST_CAMPAIGNS:
        parts.append(_("下面是影响最大的 {n} 组").format(n=count(MOST_CAMPAIGNS)))
    sentence = _("{sentence}。").format(sentence=_("；").join(parts))
    innocent = _("迹象不是结论：家庭、单位的网络和集中组织的活动也会这样，由人核定。")
    return gap.join(filter(None, [sentence, innocent, waiting, lapsed]))


def _waiting_note(result: Result, company: Document) -> str:
    _, n = translator(result.language), company.get("waiting_campaigns", 0)
    if not n:
        return ""
    return _("其中 {n} 组计算时还没有核定，暂按检测结果少算；核定后另行计算和公布。").format(
        n=count(n)
    )


def _lapsed_note(result: Result, company: Document) -> str:
    _, n = translator(result.language), len(company.get("no_longer_found", ()))
    if not n:
        return ""
    return _(
        "另有 {n} 组以前核定过，这次计算没有再发现；当时对其中各份回答的核定仍然有效。"
    ).format(n=count(n))
