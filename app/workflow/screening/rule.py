"""The published rule of the examination in words, as it stands beside every result.

Whoever reads a score may know how far anything could move it: the caps are no secret, for
they bind those too who know them.
"""

from app.anomaly.examination import Reason
from app.anomaly.judgement.caps import CAPS, SLOT_HOURS, Cap
from app.anomaly.words.sentences import innocent, reason_sentence, signal_of
from app.survey.recipe import CompanySignal
from app.survey.text import Text

CELLS = {
    "device": Text(
        zh="能分辨出的同一台设备的回答", en="the answers of one device that can be told apart"
    ),
    "network": Text(zh="同一网络的回答", en="those of one network"),
    "slot": Text(
        zh=f"同一个 {SLOT_HOURS} 小时时段的回答",
        en=f"those of one stretch of {SLOT_HOURS} hours",
    ),
    "pattern": Text(zh="每题都相同的回答", en="those alike in every item"),
}
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
    sentences = [caps_in_words()]
    if rule.caps == "reported":
        sentences.append(REPORTED_CAPS)
    return (*sentences, FLAGS, _cost(rule.influence))


def caps_in_words() -> Text:
    """Each cap with its numbers, from the table by which they are applied."""
    limits = [_limit(CAPS[name], words) for name, words in CELLS.items()]
    zh = "；".join(limit.zh for limit in limits)
    en = "; ".join(limit.en for limit in limits)
    return Text(
        zh=f"封顶：一个点位里，{zh}。超出时这些回答都按比例少算，一份也不删除；好评差评一样，谁来的都一样。",
        en=(
            f"Caps: at one point, {en}. Beyond its limit each answer counts for "
            "proportionally less and none is deleted; good and bad answers are bound alike, "
            "whoever sent them."
        ),
    )


def _limit(cap: Cap, words: Text) -> Text:
    if not cap.share:
        return Text(
            zh=f"{words.zh}合计最多算 {cap.responses} 份",
            en=f"{words.en} count for at most {cap.responses}",
        )
    share = f"{100 * cap.share:g}%"
    return Text(
        zh=f"{words.zh}合计最多算 {cap.responses} 份或本点位的 {share}（取多的）",
        en=(
            f"{words.en} for at most {cap.responses} or {share} of the point's, "
            "whichever is more"
        ),
    )


def signal_name(reason: Reason) -> Text:
    """What the signal of a reason is called."""
    return signal_of(reason.signal).name


def reason_words(reason: Reason) -> Text:
    """What was seen against what would be usual, with the innocent explanation beside it."""
    seen, honest = reason_sentence(reason), innocent(reason.signal)
    return Text(zh=f"{seen.zh}{honest.zh}", en=f"{seen.en} {honest.en}")


def _cost(influence: float) -> Text:
    if influence == 1:
        return Text(
            zh="本轮只报告成组可疑的回答，在有人核定之前不改变任何权数。",
            en="In this round flagged groups are reported and change no weight until decided.",
        )
    least_zh = f"，但至少算 {influence:g} 份" if influence else ""
    least_en = f", but for {influence:g} at least" if influence else ""
    return Text(
        zh=(
            f"标出的回答在有人核定之前按迹象的强弱少算{least_zh}；"
            "核定可以恢复、少算、不算或要求复核，随时可以改回。"
        ),
        en=(
            "Until a person decides, a flagged answer counts for less by how much speaks "
            f"against it{least_en}. A decision keeps, lowers, excludes or asks for an audit, "
            "and can be reversed."
        ),
    )
