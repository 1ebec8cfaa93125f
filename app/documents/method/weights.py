"""The method page: how weights were made, step by step, and how uneven they are."""

from collections.abc import Iterator

from app.documents.method.parts import Section
from app.documents.results.findings import space_between
from app.documents.results.result import Document, Result
from app.documents.wording import count, percent, points, translator


def weighting(result: Result) -> Iterator[Section]:
    """How weights were made, and how uneven they are."""
    _ = translator(result.language)
    facts: list[tuple[str, str]] = []
    for weights in result.document["weights"]:
        name = result.series_name(weights["series"])
        text = _("n {n}，权数和 {sum}，最小 {smallest}，最大 {largest}，Kish 有效样本 {kish}")
        text = text.format(
            n=count(weights["n"]),
            sum=points(weights["sum"]),
            smallest=points(weights["smallest"], decimals=3),
            largest=points(weights["largest"], decimals=3),
            kish=points(weights["kish_effective_n"]),
        )
        facts.append((name, text))
        facts += _step_facts(result, weights)
        facts += _calibration_facts(result, weights)
    yield Section(
        "weighting",
        _("加权"),
        _("AAPOR 9"),
        sentences=tuple(_step(result, step) for step in result.round["weighting"]),
        facts=tuple(facts),
    )


def _step_facts(result: Result, weights: Document) -> Iterator[tuple[str, str]]:
    """How uneven the weights of a series are after each step of the plan."""
    _, name = translator(result.language), result.series_name(weights["series"])
    for number, step in enumerate(weights.get("steps") or (), start=1):
        label = _("{series}：第 {number} 步之后").format(series=name, number=number)
        text = _("最大权数是平均的 {ratio} 倍，Kish 设计效应 {effect}")
        yield (
            label,
            text.format(
                ratio=points(step["largest_over_mean"], decimals=2),
                effect=points(step["kish_design_effect"], decimals=3),
            ),
        )


def _calibration_facts(result: Result, weights: Document) -> Iterator[tuple[str, str]]:
    _, name = translator(result.language), result.series_name(weights["series"])
    for step in weights.get("calibration") or ():
        label = _("{series}：校准 {margins}").format(
            series=name, margins=_("、").join(step["margins"])
        )
        left = max((step["not_stated"] or {"": 0.0}).values())
        text = _(
            "与总数的最大相对误差 {error:.1e}；没有填写的至多占权数的 {share}，保持原有份额"
        )
        yield label, text.format(error=step["margin_error"], share=percent(left))


def _step(result: Result, step: Document) -> str:
    _, kind = translator(result.language), step["kind"]
    if kind == "given":
        return _("采用随数据给出的权数：{source}").format(source=step["source"])
    if kind == "base":
        return _("基础权数：单位人口除以单位回答数，使每个单位按人口计。")
    if kind == "post_stratify":
        return _("事后分层：按 {margin} 的人口总数调整权数。").format(margin=step["margin"])
    if kind == "calibrate":
        return _calibration_words(result, step)
    if kind == "trim":
        return _(
            "截尾：在上一步的总数和权数上下限之间一次求解，权数不低于平均的 {low} 倍、"
            "不高于 {high} 倍，并且仍然符合总数。"
        ).format(low=f"{step['lowest']:g}", high=f"{step['highest']:g}")
    return _("校准（迭代比例拟合）：使权数同时符合 {margins} 的人口总数。").format(
        margins=_("、").join(step["margins"])
    )


def _calibration_words(result: Result, step: Document) -> str:
    _ = translator(result.language)
    distance = {
        "linear": _("线性"), "raking": _("指数"), "logit": "logit",
    }[step["distance"]]  # fmt: skip
    words = _(
        "校准（{distance}距离）：使权数同时符合 {margins} 的人口总数，离原权数最近。"
    ).format(distance=distance, margins=_("、").join(step["margins"]))
    if step["bounds"] is None:
        return words
    low, high = (f"{bound:g}" for bound in step["bounds"])
    bounds = _("新旧权数之比在 {low} 和 {high} 之间。").format(low=low, high=high)
    return f"{words}{space_between(result)}{bounds}"
