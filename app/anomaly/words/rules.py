"""Signals about a whole point, and the published caps, which suspect nobody."""

from app.anomaly.words.signal import GroupSignal
from app.survey.text import Text

SHAPE_ALARM = GroupSignal(
    code="SHAPE_ALARM",
    measure="answers",
    name=Text(zh="全轮相似的偏多", en="More alike than so many people are"),
    seen=Text(
        zh="整轮里本点位得分、快慢都相近的有 {observed}；这么多人里照常约有 {expected} 份。",
        en=(
            "{observed} alike in score and pace at this point over the whole round; {expected} "
            "expected in a crowd of that size."
        ),
    ),
    null=Text(
        zh="平常：把全轮得分的分布调到本点位的平均分，这么多人里会有多少份相似。",
        en=(
            "Usual: how many alike answers so many people give if the round's spread of scores "
            "is tilted to the mean of this point."
        ),
    ),
    innocent=Text(
        zh="来的是两拨经历不同的人，例如办得顺的和没办成的，就会各有一批相似。",
        en=(
            "Two kinds of visitors, such as those who got what they came for and those who did "
            "not, make two heaps of alike answers."
        ),
    ),
    confirming=Text(
        zh="分渠道、分时段看相似的回答是否集中在一处；各处都有，即可排除。",
        en=(
            "See by channel and by hours whether the alike answers come from one place. It is "
            "cleared if they are everywhere."
        ),
    ),
    silent=Text(
        zh="回答少的点位看不出分布，不作判断。",
        en="Points with few answers show no shape and are not judged.",
    ),
)
CHANNEL_GAP = GroupSignal(
    code="CHANNEL_GAP",
    measure="points",
    name=Text(zh="渠道之间差得多", en="Channels disagree"),
    seen=Text(
        zh="本点位两个渠道的平均分相差 {observed}，照常约 {expected} 分。",
        en="The channels of this point lie {observed} apart; {expected} would be usual.",
    ),
    null=Text(
        zh="平常：其他点位同样两个渠道之间的差距。",
        en="Usual: the gap between the same channels at the other points.",
    ),
    innocent=Text(
        zh="不同渠道遇到的本来就是不同的人，例如窗口前的和家里的。",
        en="Channels reach different people to begin with, at the counter and at home.",
    ),
    confirming=Text(
        zh="对照同一天凭票作答的人；凭票的与公开码的一致，即可排除。",
        en=(
            "Compare those who answered with a ticket on the same days. It is cleared if they "
            "agree with the open code."
        ),
    ),
    silent=Text(
        zh="只有一个渠道，或某个渠道回答太少的点位，不作判断。",
        en="Points with one channel, or with few answers in one, are not judged.",
    ),
)

_CAP_NULL = Text(
    zh="这不是检测，也不作任何推断：公布在先的规则，对所有人、不论好评差评一样适用。",
    en=(
        "This is no test and presumes nothing: a rule published beforehand that binds "
        "everybody, whether they praise or blame."
    ),
)


def _cap(code: str, name: Text, *, same: Text, innocent: Text, silent: Text) -> GroupSignal:
    """A cap; `same` names what its answers share."""
    return GroupSignal(
        code=code,
        measure="answers",
        name=name,
        seen=Text(
            zh=f"{same.zh}在本点位有 {{observed}}，合计按 {{expected}} 份计。",
            en=f"{{observed}} here share {same.en} and count together as {{expected}}.",
        ),
        null=_CAP_NULL,
        innocent=innocent,
        confirming=Text(
            zh="无须查证，没有人因此受疑，每一份都还算数；无论查明什么，封顶照旧。",
            en=(
                "Nothing needs to be confirmed and nobody is doubted: each of them still "
                "counts. The cap stays whatever is found out."
            ),
        ),
        silent=silent,
        is_rule=True,
    )


CAP_DEVICE = _cap(
    "CAP_DEVICE",
    Text(zh="设备封顶", en="Cap per device"),
    same=Text(zh="同一部设备", en="one device"),
    innocent=Text(
        zh="一家人合用一部手机，或志愿者帮人填写，都在情理之中。",
        en="A family's phone or a volunteer who helps others is as it should be.",
    ),
    silent=Text(
        zh="没有设备标识的回答和访问员的访问不受此限。",
        en="Responses without a device mark and interviews are not bound by it.",
    ),
)
CAP_NETWORK = _cap(
    "CAP_NETWORK",
    Text(zh="网络封顶", en="Cap per network"),
    same=Text(zh="同一网络", en="one network"),
    innocent=Text(
        zh="大厅的无线网、单位和小区的共用出口，本来就有许多人用。",
        en="Many people use the wireless of a hall, or the address of an office or estate.",
    ),
    silent=Text(
        zh="没有网络标识的回答和访问员的访问不受此限。",
        en="Responses without a network mark and interviews are not bound by it.",
    ),
)
CAP_SLOT = _cap(
    "CAP_SLOT",
    Text(zh="时段封顶", en="Cap per stretch of time"),
    same=Text(zh="同一时段", en="one stretch of time"),
    innocent=Text(
        zh="现场活动、集中办理日，会有许多人同时作答。",
        en="An event or a day of mass appointments brings many people at once.",
    ),
    silent=Text(
        zh="没有记录时间的回答和访问员的访问不受此限。",
        en="Responses without a time and interviews are not bound by it.",
    ),
)
CAP_PATTERN = _cap(
    "CAP_PATTERN",
    Text(zh="同一套答案封顶", en="Cap per pattern of answers"),
    same=Text(zh="同一套答案", en="one pattern of answers"),
    innocent=Text(
        zh="很满意的人常常每题都选最好一档，许多人的答案因此一模一样。",
        en="Very content people often choose the best option throughout, and so answer alike.",
    ),
    silent=Text(
        zh="一道题也没有答的回答不受此限。",
        en="Responses without any answer are not bound by it.",
    ),
)
RULES = (SHAPE_ALARM, CHANNEL_GAP, CAP_DEVICE, CAP_NETWORK, CAP_SLOT, CAP_PATTERN)
