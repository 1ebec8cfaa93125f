"""The method page of a round, filled in from its result: what a reader needs to judge it.

Two lists decide what must be here: the eleven points of AAPOR's disclosure checklist (2021)
and article 27 of China's regulations on the statistics law (meaning of indicators, scope,
method, formula, sample size). Each section names the points it answers. Nothing is written
by hand for a round; what the plan does not say, the page does not claim.
"""

from collections.abc import Iterator

from app.documents.method.company import company
from app.documents.method.comparisons import change, standing
from app.documents.method.fieldwork import dates, instrument, mode, sample_size, scope
from app.documents.method.numbers import (
    indicators,
    precision,
    reliability,
    score_maps,
    screening,
    sensitivity,
)
from app.documents.method.parts import Section, answers
from app.documents.method.weights import weighting
from app.documents.results.result import Result
from app.documents.wording import count, points, translator

SECTIONS_OF_THE_SURVEY = (scope, instrument, dates, mode, sample_size)
SECTIONS_OF_THE_NUMBERS = (
    weighting, screening, company, indicators, score_maps, reliability, precision, sensitivity,
    standing, change,
)  # fmt: skip


def method(result: Result) -> tuple[Section, ...]:
    """Every section of the method page, in reading order."""
    makers = (
        *SECTIONS_OF_THE_SURVEY, *SECTIONS_OF_THE_NUMBERS,
        _release, _composite, _limits, _recompute,
    )  # fmt: skip
    return tuple(section for make in makers for section in make(result))


def _release(result: Result) -> Iterator[Section]:
    _, release = translator(result.language), result.round["release"]
    yield Section(
        "release",
        _("不公布的数"),
        _("AAPOR 8"),
        sentences=(
            _("门槛在调查开始前写进方案。不公布的数在表格和下载文件里都不出现，只写原因。"),
            _("一组单位里只有一个不公布时，再隐去一个，免得从总数倒推。"),
        ),
        facts=(
            (_("平均分至少要有回答"), answers(result, release["min_n"])),
            (_("平均分至少要有有效样本"), points(release["min_effective_n"], decimals=0)),
            (
                _("比较和名次至少要有有效样本"),
                points(release["min_effective_n_rank"], decimals=0),
            ),
            (_("分布里每个选项至少要有人数"), count(release["min_cell"])),
        ),
    )


def _composite(result: Result) -> Iterator[Section]:
    if result.document["composite"] is None:
        return
    _ = translator(result.language)
    told = [result.say(result.round[key]) for key in ("values_source", "opt_in_accepted")]
    yield Section(
        "composite",
        _("综合分"),
        _("条例 27：计算方法"),
        sentences=(
            _("每项指标先折成同一尺度，乘该类地区的权数，相加，再扣分，得到最后得分。"),
            _("权数按地区类型写在指标体系里，调查开始前已固定。"),
            *filter(None, told),
        ),
        formulas=("S = Σ ωᵢ · g(xᵢ) − D",),
    )


def _limits(result: Result) -> Iterator[Section]:
    _ = translator(result.language)
    sentences = [
        _("区间只反映抽样误差，不反映漏答、误解题意、不愿说真话等其他误差。"),
    ]
    if "opt_in" in result.document["responses"]["by_evidence"]:
        sentences.append(
            _("自愿扫码的人可能比一般人更满意或更不满意，加权不能保证消除这种偏差。")
        )
    if "simulated" in result.document["responses"]["by_channel"]:
        sentences.append(_("本轮含模拟回答，只用于演示，不是任何人的意见。"))
    note = result.say(result.round["note"])
    yield Section(
        "limits",
        _("局限"),
        _("AAPOR 11"),
        sentences=tuple([*sentences, note][: None if note else -1]),
    )


def _recompute(result: Result) -> Iterator[Section]:
    _, run = translator(result.language), result.document["run"]
    yield Section(
        "recompute",
        _("重算"),
        _("AAPOR 10"),
        sentences=(_("方案、数据、随机种子和程序版本相同，重算得到逐字节相同的结果。"),),
        facts=(
            (_("方案 SHA-256"), run["plan_digest"]),
            (_("数据 SHA-256"), run["data_digest"]),
            (_("随机种子"), str(run["seed"])),
            (_("程序版本"), run["code_version"]),
        ),
    )
