"""The method page, second half: how the answers became numbers, and how sure those are."""

from collections.abc import Iterator

from app.documents.method.parts import Section, answers
from app.documents.results.result import Document, Result, main_series
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
            (result.say(indicator["name"]), parts_of(result, indicator))
            for indicator in result.indicators
        ),
        formulas=("ȳ = Σ wᵢ yᵢ ∕ Σ wᵢ",),
    )


def parts_of(result: Result, indicator: Document) -> str:
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
            *dict.fromkeys(sources),
        ),
        facts=tuple(facts),
    )


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


def reliability(result: Result) -> Iterator[Section]:
    """How the items of each indicator hang together; nothing where nobody looked."""
    series = main_series(result)
    found = [
        one
        for one in result.document.get("reliability", ())
        if series is not None and one["series"] == series["code"] and one["alpha"] is not None
    ]
    if series is None or not found:
        return
    _ = translator(result.language)
    yield Section(
        "reliability",
        _("指标内部是否一致"),
        _("AAPOR 10"),
        sentences=(
            _(
                "α（Cronbach）和 ω（McDonald，单因子）说明一个指标的各题是否测同一件事，"
                "只用各题都计分的回答，按权数计算；反向题已按计分表反过来。"
            ),
            _("α 高不等于只有一个因子；题少时 α 天然偏低。括号里是与其余题相关最弱的一题。"),
        ),
        facts=(
            (_("系列"), result.series_name(series["code"])),
            *(_reliability_fact(result, one) for one in found),
        ),
    )


def _reliability_fact(result: Result, one: Document) -> tuple[str, str]:
    _ = translator(result.language)
    weakest = min(one["items"], key=lambda item: (item["item_rest"] or 0, item["code"]))
    text = _("α {alpha}，ω {omega}，n {n}（{item}：{rest}）").format(
        alpha=points(one["alpha"], decimals=2),
        omega=points(one["omega"], decimals=2),
        n=count(one["n"]),
        item=weakest["code"],
        rest=points(weakest["item_rest"], decimals=2),
    )
    return result.measure_name("indicator", one["indicator"]), text


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
            _(
                "“相当于随机样本”说的是：相关达到上面最强的一个时，这些回答抵得上多少份随机抽取的回答。"
            ),
        ),
        facts=(
            (_("假设的相关系数 ρ"), _("，").join(points(r, decimals=2) for r in known) or DASH),
        ),
        formulas=(
            "ȳ(ρ) = ȳ − ρ · σ · √((1 − f + CV²) ∕ f),  f = n ∕ N",
            "n(ρ) = f ∕ ((1 − f + CV²) · ρ²)",
        ),
    )
