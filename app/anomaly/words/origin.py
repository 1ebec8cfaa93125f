"""Signals in where and when alike answers came from: device, network, hours, enumerator."""

from app.anomaly.words.signal import GroupSignal
from app.survey.text import Text

_UNTIMED = Text(
    zh="没有记录时间的回答不作判断。",
    en="Responses without a time are not judged.",
)
_NO_NETWORK = Text(
    zh="没有网络标识的回答（如纸质、导入）不作判断。",
    en="Responses without a network mark, such as paper or imports, are not judged.",
)
DEV_REPEAT = GroupSignal(
    code="DEV_REPEAT",
    measure="answers",
    name=Text(zh="同一设备发来多份", en="One device, many answers"),
    seen=Text(
        zh="同一部设备发来 {observed}；照常除第一份外约再有 {expected} 份。",
        en="{observed} from one device; besides the first, {expected} would be usual.",
    ),
    null=Text(
        zh=(
            "平常：一部设备只发一份；看的若是其中彼此相似的，则是同样多的一般回答里碰巧相似的份数。"
            "访问员的平板不算。"
        ),
        en=(
            "Usual: one device sends one; where alike ones are counted, how many of an equally "
            "large ordinary crowd happen to be alike. Tablets of enumerators are left out."
        ),
    ),
    innocent=Text(
        zh="一家人合用一部手机，志愿者用自己的手机帮老人填写，大厅里放一部公用平板，都会这样。",
        en=(
            "A family shares a phone, a volunteer helps older people with theirs, a hall has "
            "one tablet for everybody."
        ),
    ),
    confirming=Text(
        zh=(
            "问点位有没有志愿者帮填或公用设备，并看各份答案和用时像不像不同的人。有帮填登记，"
            "即可排除。"
        ),
        en=(
            "Ask whether volunteers helped or a shared device stood there, and whether answers "
            "and times look like different people. A record of the help clears it."
        ),
    ),
    silent=Text(
        zh="没有设备标识的回答（如纸质、导入）不作判断。",
        en="Responses without a device mark, such as paper or imports, are not judged.",
    ),
)
LOCK_3H = GroupSignal(
    code="LOCK_3H",
    measure="answers",
    name=Text(zh="几小时内一批相似", en="Alike within hours"),
    seen=Text(
        zh="几小时内得分、快慢都相近的有 {observed}；这么多人里照常约有 {expected} 份。",
        en=(
            "{observed} alike in score and pace within a few hours; {expected} expected in a "
            "crowd of that size."
        ),
    ),
    null=Text(
        zh=(
            "平常：前后一个半小时（或五小时）里来的人数不变，其中照全轮的构成会有多少份相似。"
            "人来得多本身不算。"
        ),
        en=(
            "Usual: how many alike answers the crowd of an hour and a half, or of five hours, "
            "before and after would hold with the mix of the whole round. That many people "
            "came is no evidence."
        ),
    ),
    innocent=Text(
        zh="现场推广、旅游团、刚发生的一件好事或坏事，会让同时来的人想法相近。",
        en=(
            "A promotion, a group of visitors or something that just happened brings people of "
            "one mind at one time."
        ),
    ),
    confirming=Text(
        zh=(
            "查这段时间有没有活动、停办或投诉工单；有，即可说明。没有，"
            "再看是否同时有雷同或同一来源。"
        ),
        en=(
            "Look for an event, a closure or tickets of those hours, which explain it. If "
            "there are none, see whether copies or one origin come with it."
        ),
    ),
    silent=_UNTIMED,
)
LOCK_DAY = GroupSignal(
    code="LOCK_DAY",
    measure="answers",
    name=Text(zh="一两天内一批相似", en="Alike within days"),
    seen=Text(
        zh="一两天内得分、快慢都相近的有 {observed}；这么多人里照常约有 {expected} 份。",
        en=(
            "{observed} alike in score and pace within a day or two; {expected} expected in a "
            "crowd of that size."
        ),
    ),
    null=Text(
        zh=(
            "平常：前后半天（或一天半）里来的人数不变，其中照全轮的构成会有多少份相似。"
            "人来得多本身不算。"
        ),
        en=(
            "Usual: how many alike answers the crowd of half a day, or of a day and a half, "
            "before and after would hold with the mix of the whole round. That many people "
            "came is no evidence."
        ),
    ),
    innocent=Text(
        zh="集中办理日、系统故障的一天，来的人遇到同样的事，评价自然相近。",
        en=(
            "On a day of mass appointments, or when the system was down, everybody met the "
            "same thing and rates it alike."
        ),
    ),
    confirming=Text(
        zh="对照当天的办件量、停办记录和工单；对得上，即可说明。",
        en="Compare visits, closures and tickets of the day. If they agree, it is explained.",
    ),
    silent=_UNTIMED,
)
NET_CLUSTER = GroupSignal(
    code="NET_CLUSTER",
    measure="answers",
    name=Text(zh="同一网络一批相似", en="Alike from one network"),
    seen=Text(
        zh="同一网络发来的相似回答有 {observed}，照常约 {expected} 份。",
        en="{observed} alike from one network; {expected} expected in a crowd of that size.",
    ),
    null=Text(
        zh="平常：这个网络来的人数不变，其中照全轮的构成会有多少份相似。用同一个网络本身不算。",
        en=(
            "Usual: how many alike answers the crowd of that network would hold with the mix "
            "of the whole round. Sharing a network is no evidence."
        ),
    ),
    innocent=Text(
        zh="大厅的免费无线网、单位和小区的共用出口，会让许多互不相识的人出自一个网络。",
        en=(
            "Free wireless in the hall, an office or an estate behind one address join many "
            "people who do not know each other."
        ),
    ),
    confirming=Text(
        zh=(
            "问这个网络是不是大厅、单位或小区的；看同一网络的其他回答是否各不相同。"
            "是公用网络且答案各异，即可排除。"
        ),
        en=(
            "Ask whether it is the network of a hall, office or estate, and whether its other "
            "answers differ. A public network with varied answers clears it."
        ),
    ),
    silent=_NO_NETWORK,
)
FAR_NETWORK = GroupSignal(
    code="FAR_NETWORK",
    measure="answers",
    name=Text(zh="来自别处的网络", en="Networks from elsewhere"),
    seen=Text(
        zh="得分相近、来自平时在别的区县使用的网络的有 {observed}，照常约 {expected} 份。",
        en=(
            "{observed} of about the same score from networks at home in other districts; "
            "{expected} would be usual."
        ),
    ),
    null=Text(
        zh="平常：同样多的回答里，全轮来自外区县网络的份数，再放宽一半。",
        en=(
            "Usual: as many as such networks send of equally many answers in the round, and "
            "half as many again."
        ),
    ),
    innocent=Text(
        zh="外地来办事的人、跨区上班的人、游客，以及运营商调配的出口，都会这样。",
        en=(
            "People who travel for a service, commute or visit, and carriers that route "
            "traffic elsewhere."
        ),
    ),
    confirming=Text(
        zh="对照当天外区县来人的办件；找找码的照片有没有传到网上。有相应的办件，即可说明。",
        en=(
            "Compare served cases of people from away, and look for a picture of the code "
            "online. Matching cases explain it."
        ),
    ),
    silent=_NO_NETWORK,
)
ENUM_MATCH = GroupSignal(
    code="ENUM_MATCH",
    measure="interviews",
    name=Text(zh="同一访问员的问卷相像", en="An enumerator's interviews match"),
    seen=Text(
        zh=(
            "同一访问员的问卷中彼此十分相像的有 {observed}；"
            "别处得分相近的同样多份回答里照常约有 {expected} 份。"
        ),
        en=(
            "{observed} of one enumerator much alike; {expected} expected among as many "
            "answers of about the same score elsewhere."
        ),
    ),
    null=Text(
        zh="平常：全轮得分相近的同样多份回答，会有多少份答案或得分、快慢这样相像。",
        en=(
            "Usual: how many of equally many answers of about the same score are so much alike "
            "in their items, or in score and pace, in the whole round."
        ),
    ),
    innocent=Text(
        zh="一位访问员走的是同一条街、同一栋楼，住户处境相近；念题的语气也会让答案靠拢。",
        en=(
            "One enumerator walks one street, whose households live alike, and a way of "
            "reading the items out draws answers together."
        ),
    ),
    confirming=Text(
        zh=(
            "由别人电话回访其中百分之五：问有没有访问过、问了什么。受访者记得，即可排除。"
            "判断的是访问工作，不是受访者。"
        ),
        en=(
            "Let somebody else call back five in a hundred and ask whether and what they were "
            "asked. It is cleared if they remember. The work is judged, not the residents."
        ),
    ),
    silent=Text(
        zh="自己作答的回答、以及访问不足三份的访问员，不作判断。",
        en=(
            "People who answered by themselves, and enumerators of fewer than three "
            "interviews, are not judged."
        ),
    ),
)
ORIGIN = (
    DEV_REPEAT,
    LOCK_3H,
    LOCK_DAY,
    NET_CLUSTER,
    FAR_NETWORK,
    ENUM_MATCH,
)
