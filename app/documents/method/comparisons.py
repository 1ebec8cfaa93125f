"""The method page: how units are held against each other, and this round against the last."""

from collections.abc import Iterator

from app.documents.method.parts import Section
from app.documents.results.changes import round_before
from app.documents.results.result import Result
from app.documents.wording import percent, translator


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
