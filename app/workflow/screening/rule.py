"""The published rule of the examination in words, as it stands beside every result.

Whoever reads a score may know how far anything could move it: the caps are no secret, for
they bind those too who know them.
"""

from app.anomaly.examination import Reason
from app.survey.recipe import CompanySignal
from app.survey.text import Text

CAPS = Text(
    zh=(
        "封顶：同一点位里，来自同一设备、同一网络、同一时段或同一套答案的回答，合计只能算到一定的份额；"
        "超出时这一组里每份都按比例少算，不删除任何一份。不论内容好坏，不论是谁，一律如此。"
    ),
    en=(
        "Caps: at one point, the answers of one device, one network, one stretch of time or "
        "one pattern count together for a limited share; beyond it each of them counts for "
        "proportionally less, and none is deleted. This binds good and bad answers alike."
    ),
)
FLAGS = Text(
    zh=(
        "成组可疑：几份回答有共同来历的迹象（雷同的答案、集中的时间、同一网络等），并且超出诚实人群会有的程度，"
        "才成组标出，每组写明看到了什么、通常是多少。低分只在同时有赶时间、抄文字或来源集中时才标。"
    ),
    en=(
        "Flagged groups: answers are flagged together only where they share signs of one "
        "origin (copied answers, a burst, one network) beyond what honest crowds show; each "
        "group says what was seen and what is usual. Low scores are flagged only with haste, "
        "copied text or concentration besides."
    ),
)
REPORTED_CAPS = Text(
    zh="本轮只报告封顶的结果，不改变任何权数。",
    en="In this round the caps are reported and change no weight.",
)


def published_rule(rule: CompanySignal) -> tuple[Text, ...]:
    """The sentences that say what is done, in the order in which it is done."""
    sentences = [CAPS]
    if rule.caps == "reported":
        sentences.append(REPORTED_CAPS)
    return (*sentences, FLAGS, _cost(rule.influence))


def signal_name(reason: Reason) -> Text:
    """What the signal of a reason is called."""
    return Text(zh=reason.signal, en=reason.signal)


def reason_words(reason: Reason) -> Text:
    """What was seen against what would be usual, with the innocent explanation beside it."""
    numbers = f"{reason.observed:.4g} / {reason.expected:.4g}"
    return Text(zh=f"{reason.signal}：{numbers}", en=f"{reason.signal}: {numbers}")


def _cost(influence: float) -> Text:
    if influence == 1:
        return Text(
            zh="本轮只报告成组可疑的回答，在有人核定之前不改变任何权数。",
            en="In this round flagged groups are reported and change no weight until decided.",
        )
    kept = f"{influence:g}"
    return Text(
        zh=(
            f"标出的回答在有人核定之前，权数乘 {kept}；"
            "核定可以恢复、少算、不算或要求复核，随时可以改回。"
        ),
        en=(
            f"Until a person decides, the weight of a flagged answer is multiplied by {kept}; "
            "a decision keeps, lowers, excludes or asks for an audit, and can be reversed."
        ),
    )
