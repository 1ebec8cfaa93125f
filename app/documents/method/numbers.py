"""The method page, second half: how the answers became numbers, and how sure those are."""

from collections.abc import Iterator

from app.documents.method.parts import Section, answers
from app.documents.results.changes import round_before
from app.documents.results.findings import space_between
from app.documents.results.result import Document, Result
from app.documents.wording import DASH, count, percent, points, translator


def indicators(result: Result) -> Iterator[Section]:
    """What each indicator means."""
    _ = translator(result.language)
    yield Section(
        "indicators",
        _("指标含义和计算"),
        _("条例 27：指标含义、计算方法"),
        sentences=(
            _("每题按计分表折成 0–100 分；“不知道”“不适用”和没有回答从不计分，也不当作 0 分。"),
            _("一个人的指标值是其计分题的平均分；够分的题不足规定比例时，这个人没有指标值。"),
            _("满意率（前两级）只数最好的两级；满意率（含基本满意）连“基本满意”一级也数。"),
            _("分母都是作了计分回答的人。"),
        ),
        facts=tuple(
            (result.say(indicator["name"]), _parts(result, indicator))
            for indicator in result.indicators
        ),
        formulas=("ȳ = Σ wᵢ yᵢ ∕ Σ wᵢ",),
    )


def _parts(result: Result, indicator: Document) -> str:
    """Which items or indicators an indicator is made of, where the document says so."""
    _ = translator(result.language)
    items, below = indicator.get("items") or (), indicator.get("indicators") or ()
    if below:
        names = [result.measure_name("indicator", code) for code in below]
        return _("{parts}的平均").format(parts=_("、").join(names))
    if not items:
        return indicator["code"]
    return _("{items} 的平均，至少 {share} 的题有计分回答").format(
        items=_("、").join(items), share=percent(indicator.get("min_share", 1), decimals=0)
    )


def score_maps(result: Result) -> Iterator[Section]:
    """How an answer becomes points."""
    _ = translator(result.language)
    facts, sources = [], []
    for score_map in result.round["score_maps"]:
        steps = [
            f"{result.say(option['label'])} {points(score_map['points'][str(option['code'])])}"
            for option in score_map["options"]
            if str(option["code"]) in score_map["points"]
        ]
        label = f"{score_map['scale']} · {score_map['key']}"
        facts.append((label, _("，").join(steps) or result.say(score_map["name"])))
        if score_map.get("reversed_items"):
            turned = _("、").join(score_map["reversed_items"])
            facts.append((_("{label} 反向题").format(label=label), turned))
        sources.append(f"{score_map['key']}: {score_map['source']}")
    yield Section(
        "score-maps",
        _("计分表"),
        _("条例 27：计算方法"),
        sentences=(
            _("同一批回答用不同计分表会得到不同的分数，所以每个数都注明计分表。"),
            *sources,
        ),
        facts=tuple(facts),
    )


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


def screening(result: Result) -> Iterator[Section]:
    """Which signals were looked for, and what they cost."""
    _, screening = translator(result.language), result.document["screening"]
    facts = []
    for signal in screening["signals"]:
        name = result.say(signal["name"])
        if not signal["applicable"]:
            why = result.say(signal["note"]) or _("没有所需的记录，未检查")
            facts.append((name, why))
            continue
        effect = (
            _("只报告，不改变权数")
            if signal["influence"] == 1
            else _("权数乘 {influence}").format(influence=f"{signal['influence']:g}")
        )
        facts.append((name, f"{answers(result, signal['fired'])} · {effect}"))
    start = _("{n} 份回答全部保留，其中 {reduced} 份因信号而少算一些；没有一份被删除。").format(
        n=count(screening["responses"]), reduced=count(screening["reduced"])
    )
    yield Section(
        "screening",
        _("数据质量检查"),
        _("AAPOR 10"),
        sentences=(start, result.say(result.round["screening_note"])),
        facts=tuple(facts),
    )


def precision(result: Result) -> Iterator[Section]:
    """How errors and intervals are computed; nothing for opt-in rounds."""
    if all(series["kind"] == "band" for series in result.series):
        return
    _ = translator(result.language)
    level = percent(result.round["confidence"], decimals=0)
    yield Section(
        "precision",
        _("误差和区间"),
        _("AAPOR 8"),
        sentences=(
            _(
                "标准误用泰勒线性化计算，单位作为全体的子总体；区间是 {level} 的 t 区间。"
            ).format(level=level),
            _("设计效应 deff 是实际方差与同样大小简单随机样本方差之比。"),
            _(
                "“明显高于”“明显低于”比的是单位与全体之差：差的区间不含 0 才这样说，"
                "全体自身的误差和单位占全体的份额都算在差里。"
            ),
            _(
                "每个单位各比一次，没有因单位多而加严：即使没有一处真有差别，"
                "每 100 个单位里也会有大约 {n} 个被说成不同。"
            ).format(n=points(100 * (1 - result.round["confidence"]), decimals=0)),
            _(
                "自由度（df）等于初级抽样单元数减层数，取整个设计的，不随单位变；"
                "回答很少的单位，区间因此略嫌窄。"
            ),
            *_group_words(result),
        ),
        formulas=(
            "zᵢ = wᵢ (yᵢ − ȳ) ∕ Σ w",
            "se² = n ∕ (n − 1) · Σ (zᵢ − z̄)²",
            "ȳ ± t · se",
            "zᵢ(d − U) = zᵢ(d) − zᵢ(U)",
            "deff = se² ∕ (s² ∕ n),  n_eff = n ∕ deff",
        ),
    )


def _group_words(result: Result) -> Iterator[str]:
    """How the groups of people are read, where there are any."""
    _ = translator(result.language)
    names = [result.say(variable["name"]) for variable in result.variables]
    if names:
        yield _(
            "按{variables}分的人群与单位一样，是全体的子总体；没有填写该项的人仍在全体里，"
            "不在任何一组里。"
        ).format(variables=_("、").join(names))


def standing(result: Result) -> Iterator[Section]:
    """How places are given; nothing where no units are compared."""
    if not result.document.get("standings"):
        return
    _ = translator(result.language)
    level = percent(result.round["confidence"], decimals=0)
    yield Section(
        "standing",
        _("位次和分不开的单位"),
        _("AAPOR 8；条例 27：计算方法"),
        sentences=(
            _(
                "不给单个名次，只给位次范围：同一指标各单位的范围合在一起，以 {level} 的把握"
                "包含每个单位真实的位次。方法见 Mogstad、Romano、Shaikh 和 Wilhelm（2024）。"
            ).format(level=level),
            _(
                "两个单位“分不开”，是说在所有两两比较一起考虑时，样本不能断定谁高。"
                "从最高的单位往下，与本档最高者分不开的归入同一档。"
            ),
            _("各单位的误差会因校准而相关，比较时用它们的协方差。"),
            _("只有有效样本达到门槛、数字公布的单位参加；位次只在参加的单位里算。"),
        ),
    )


def change(result: Result) -> Iterator[Section]:
    """How this round is held against the one before; nothing for a first round."""
    if not round_before(result):
        return
    _ = translator(result.language)
    level = percent(result.round["confidence"], decimals=0)
    yield Section(
        "change",
        _("与上一轮相比"),
        _("AAPOR 8；条例 27：计算方法"),
        sentences=(
            _(
                "两轮各自抽人，回答不与个人相连，所以两轮样本相互独立，没有固定样本组；"
                "差的方差是两轮方差之和。"
            ),
            _(
                "“上升”“下降”只在差的 {level} t 区间不含 0 时说；否则说“看不出变化”，"
                "意思是样本分辨不出，并不是没有变化。自由度按 Satterthwaite 法合成。"
            ).format(level=level),
            _(
                "只比同一题、同一问卷版本、同一计分表、同类样本，两轮都公布且有效样本够大的数；"
                "否则写明不可比的原因。自愿扫码的回答从不与上一轮相比。"
            ),
            _("每个数各比一次，没有因数多而加严。"),
        ),
        facts=((_("上一轮"), round_before(result)),),
        formulas=(
            "θ₂ − θ₁ ± t(ν) · √(se₁² + se₂²)",
            "ν = (se₁² + se₂²)² ∕ (se₁⁴ ∕ ν₁ + se₂⁴ ∕ ν₂)",
        ),
    )


def sensitivity(result: Result) -> Iterator[Section]:
    """What a sensitivity band is; nothing where there is none."""
    bands = [e for e in result.document["estimates"] if e["kind"] == "band"]
    if not bands:
        return
    _ = translator(result.language)
    known = next((e["correlations"] for e in bands if e.get("correlations")), ())
    yield Section(
        "sensitivity",
        _("敏感性范围"),
        _("AAPOR 8、11"),
        sentences=(
            _("自愿回答没有抽样误差可言，因此不给误差范围，也不排名。"),
            _(
                "敏感性范围回答另一个问题：如果“愿不愿答”与“满不满意”有很弱的相关，平均分会移到哪里。"
            ),
            _("有效样本一栏是 Kish 值，只反映权数不均，不反映自选偏差。"),
        ),
        facts=(
            (_("假设的相关系数 ρ"), _("，").join(points(r, decimals=2) for r in known) or DASH),
        ),
        formulas=("ȳ(ρ) = ȳ − ρ · σ · √((1 − f + CV²) ∕ f),  f = n ∕ N",),
    )
