"""The method page, first half: who asked whom, with what, when, how, and how many answered."""

from collections.abc import Iterator

from app.documents.method.parts import Section, answers, wall_clock
from app.documents.results.findings import omissions
from app.documents.results.result import Result
from app.documents.wording import channel_names, count, translator


def scope(result: Result) -> Iterator[Section]:
    """Who asked, whom, and under which approval."""
    _, organiser = translator(result.language), result.round["organiser"]
    approval = result.say(organiser["approval"])
    yield Section(
        "scope",
        _("调查范围"),
        _("AAPOR 2、4；条例 27：范围"),
        sentences=(approval or _("这是一项民意调查，不是依统计法批准的统计调查项目。"),),
        facts=(
            (_("总体"), result.say(result.round["population"])),
            (_("主办"), result.say(organiser["name"])),
            (_("咨询电话"), organiser["hotline"]),
            (_("单位数"), count(len(result.units))),
        ),
    )


def instrument(result: Result) -> Iterator[Section]:
    """Which questionnaire, frozen."""
    _ = translator(result.language)
    yield Section(
        "instrument",
        _("问卷"),
        _("AAPOR 3"),
        sentences=(_("问卷、题目文字和选项在开始前固定，开始后不能改。"),),
        facts=(
            (_("问卷"), result.say(result.round["survey_title"])),
            (_("版本"), result.round["survey"]),
            (_("计题"), count(len(result.items))),
        ),
    )


def dates(result: Result) -> Iterator[Section]:
    """From when to when answers were taken."""
    _, window = translator(result.language), result.round["window"]
    yield Section(
        "dates",
        _("调查时间"),
        _("AAPOR 7"),
        facts=(
            (_("开始"), wall_clock(result, window["opens"])),
            (_("结束"), wall_clock(result, window["closes"])),
            (_("时区"), window["time_zone"]),
        ),
    )


def mode(result: Result) -> Iterator[Section]:
    """How people came to answer."""
    _ = translator(result.language)
    words = {
        "probability": _("抽样调查：从名单里随机抽人，被抽中的才能答，可以推断总体。"),
        "transaction": _("办事后评价：办完一件事的人收到一次评价的机会，说的是办过事的人。"),
        "opt_in": _("自愿扫码：谁看见码谁就能答，由本人决定，不能推断全体。"),
    }
    channels = channel_names(_)
    responses = result.document["responses"]
    pooled = result.round["pooled"]
    found = [words[code] for code in words if code in responses["by_evidence"]]
    merged = [result.say(pooled["reason"])] if pooled else []
    yield Section(
        "mode",
        _("调查方法"),
        _("AAPOR 1、5、6；条例 27：方法"),
        sentences=(*found, *merged),
        facts=tuple(
            (channels.get(code, code), answers(result, n))
            for code, n in responses["by_channel"].items()
        ),
    )


def sample_size(result: Result) -> Iterator[Section]:
    """How many answered, by evidence and unit."""
    _, responses = translator(result.language), result.document["responses"]
    evidence = [
        (result.series_name(code), answers(result, n))
        for code, n in responses["by_evidence"].items()
    ]
    units = [
        (result.say(unit["name"]), answers(result, responses["by_unit"].get(unit["code"], 0)))
        for unit in result.units
    ]
    yield Section(
        "sample-size",
        _("样本量"),
        _("AAPOR 8；条例 27：样本量"),
        sentences=(
            _("n 是真正用于计算的回答数。有效样本 n/deff 是同样精确的简单随机样本的大小。"),
            *omissions(result),
            *_test_ratings(result),
        ),
        facts=((_("全部回答"), answers(result, responses["total"])), *evidence, *units),
    )


def _test_ratings(result: Result) -> Iterator[str]:
    """That an auditor sent ratings to see whether bad ones arrive, and how many."""
    _, run = translator(result.language), result.document["run"]
    n, lost = run.get("test_ratings", 0), run.get("lost_test_ratings", 0)
    if lost:
        yield _(
            "审计人员丢失了密钥，有 {n} 条测试评价无法辨认；已到达的可能计在回答里。"
        ).format(n=count(lost))
    if n:
        yield _(
            "另有 {n} 条审计用的测试评价，用来查低分能不能原样到达；它们不计入任何数字。"
        ).format(n=count(n))
