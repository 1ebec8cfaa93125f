"""The method page: how responses were judged in company, and what the worst case is."""

from collections.abc import Iterator

from app.documents.method.parts import Facts, Section, answers
from app.documents.results.result import Result
from app.documents.wording import percent, translator


def company(result: Result) -> Iterator[Section]:
    """The published caps and rule; nothing where nobody looked."""
    found = result.company
    if found is None:
        return
    _ = translator(result.language)
    classes = [result.series_name(code) for code in found["evidence"]]
    flagged = _("标出 {flagged}，封顶 {capped}").format(
        flagged=answers(result, found["flagged"]), capped=answers(result, found["capped"])
    )
    counted = _("全算 {kept}，少算 {reduced}，不算 {excluded}").format(
        kept=answers(result, found["kept"]),
        reduced=answers(result, found["reduced"]),
        excluded=answers(result, found["excluded"]),
    )
    yield Section(
        "company",
        _("成组筛查和封顶"),
        _("AAPOR 10"),
        sentences=(
            *(result.say(sentence) for sentence in found["rule"]),
            _("一份回答同时被几项检查降低时，只按最严的一项算，同一个迹象不重复计。"),
            _(
                "被测评的单位不参与核定，也看不到任何一份回答；核定的人先看迹象，"
                "后看对分数的影响。"
            ),
        ),
        facts=(
            (_("规则版本"), str(found["version"])),
            (_("检查的回答"), _("、").join(classes)),
            (_("检查的份数"), answers(result, found["responses"])),
            (_("发现"), flagged),
            (_("核定后"), counted),
        ),
    )
    yield from _worst_case(result)


def _worst_case(result: Result) -> Iterator[Section]:
    _ = translator(result.language)
    shares = [
        p["epsilon"] for p in (result.company or {})["points"] if p["epsilon"] is not None
    ]
    facts: Facts = ()
    if shares:
        told = _("{low} 到 {high}").format(low=percent(min(shares)), high=percent(max(shares)))
        facts = ((_("各点位假设的不实比例 ε"), told),)
    yield Section(
        "worst-case",
        _("最坏情形"),
        _("AAPOR 8、11"),
        sentences=(
            _(
                "筛查可能漏掉伪装得好的回答。最坏情形说的是：如果仍算数的回答里至多有 ε 不实，"
                "诚实回答的平均分最低、最高会在哪里。ε 按各点位的迹象定，迹象越多越大。"
                "见 Horowitz 和 Manski（1995）。"
            ),
            _("这不是抽样误差，也不说自愿回答能代表全体。"),
            _(
                "“移动一分要几份”按全部照算计：多少份满分的回答能把平均分抬高一分，"
                "多少份零分的回答能压低一分。"
            ),
            _(
                "点位另有概率抽样时，分数向抽样均分靠拢，比重由两者的误差和"
                "各点位间差别的方差估计。"
            ),
        ),
        facts=facts,
        formulas=(
            "L = min E[y | ≥ 1 − ε],  H = max E[y | ≥ 1 − ε]",
            "ŷ = (1 − k) ȳ + k ȳₛ,  k = (τ² + v) ∕ (τ² + v + vₛ)",
        ),
    )
