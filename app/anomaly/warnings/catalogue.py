"""The alarms: name, null, what was seen, the innocent explanation, what would confirm it.

A version rises whenever a rule or its words change. An alarm without its innocent
explanation would be an accusation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.survey.text import Text

Measure = Literal["count", "share", "rate", "number", "hours", "moment"]
"""Counts and shares are said in steps; a rate is a share of cases, not of answers."""


@dataclass(frozen=True, slots=True)
class Warned:
    """What is said of one kind of alarm; `seen` has places for the figures."""

    name: Text
    measure: Measure
    seen: Text
    null: Text
    innocent: Text
    confirm: Text
    details: Mapping[str, Measure] = field(default_factory=dict)
    version: int = 1


CATALOGUE: dict[str, Warned] = {
    "COACH_DOUBT": Warned(
        name=Text(zh="疑似有人教怎么答", en="Doubts vanished, best answers jumped"),
        measure="share",
        details={"best": "share", "best_usual": "share"},
        seen=Text(
            zh="{place}：“不清楚”和中间档只占 {observed}，照常应有 {expected}；"
            "最好一档占 {best}，照常是 {best_usual}。",
            en="{place}: don't knows and middle answers are {observed}, {expected} would be "
            "usual; best answers are {best}, {best_usual} would be usual.",
        ),
        null=Text(
            zh="本单位比上一轮的变化，与同类单位的变化差不多（没有上一轮时，"
            "两个比例与同类单位差不多）。两个比例都超出 3 个标准差才提示。",
            en="The unit changed since its last round as units of its type did, or, "
            "without one, has shares like theirs. Both must lie beyond 3 standard deviations.",
        ),
        innocent=Text(
            zh="办成了一件大家都看得见的实事，也会让人不再说“不清楚”。",
            en="A reform that everybody noticed also leaves nobody in doubt.",
        ),
        confirm=Text(
            zh="由外单位随机回访几户，问有没有人上门讲过怎么答；看这段时间有没有看得见的改进。",
            en="Have another office call back some residents at random and ask whether anybody "
            "told them what to say; look for an improvement that people could see.",
        ),
    ),
    "COACH_SAME": Warned(
        name=Text(zh="答卷重样太多", en="Whole answer sheets repeat"),
        measure="count",
        seen=Text(
            zh="{place}：答卷只有{observed} 种样子，满意程度相同的别处答卷有{expected} 种。",
            en="{place}: its answer sheets are as varied as {observed} different ones; those "
            "of equally content people elsewhere are as varied as {expected}.",
        ),
        null=Text(
            zh="与从同类单位里按同样的满意程度随机抽出的同样多份答卷一样多样"
            "（置换检验，低于第 1 百分位）。全选一档的答卷不算。",
            en="As varied as equally many sheets drawn from units of the type with the "
            "same mix of contentment (permutation test, first percentile). Sheets with one "
            "place throughout are left out.",
        ),
        innocent=Text(
            zh="某个窗口有一项大家都知道的短处或长处，答案也会彼此相像。",
            en="A weakness or strength that everybody knows makes sheets alike too.",
        ),
        confirm=Text(
            zh="看重样的答卷是不是同一段时间、同一网络来的；回访问有没有见过“参考答案”。",
            en="See whether the repeated sheets came together in time or from one network; "
            "call back and ask whether anybody saw a model answer.",
        ),
    ),
    "CLONE_FAR": Warned(
        name=Text(zh="码在远处被扫", en="A code is answered from far away"),
        measure="count",
        details={"networks": "count", "crowd": "count"},
        seen=Text(
            zh="{place}：{crowd} 份里有{observed} 份来自平时在别的区县的网络，"
            "照常{expected} 份。",
            en="{place}: {observed} of {crowd} answers came from networks that are at "
            "home in other districts; {expected} would be usual.",
        ),
        null=Text(
            zh="外区县网络所占的份额与其他点一样，并容许点与点之间有差别。",
            en="Networks from elsewhere have the share they have at the other points, "
            "which may differ from each other as they do.",
        ),
        innocent=Text(
            zh="码挂在车站、景区，或正好有外地人来办事、来参加活动。",
            en="The code hangs at a station or a sight, or an event brought people from away.",
        ),
        confirm=Text(
            zh="到网上和群里找这张码的照片；看有没有活动；必要时换新码、作废旧码。",
            en="Look for a picture of the code on the web and in groups; ask about events; "
            "issue a new code and withdraw the old one if need be.",
        ),
    ),
    "SILENT_CODE": Warned(
        name=Text(zh="有人来办事，没人扫码", en="Visits but hardly any scans"),
        measure="count",
        details={"visits": "count"},
        seen=Text(
            zh="{place}：办件{visits} 件，扫码{observed} 次，照常{expected} 次。",
            en="{place}: {visits} visits, {observed} scans; {expected} would be usual.",
        ),
        null=Text(
            zh="每件办件带来的扫码次数与其他点的中位数一样，并容许点与点之间有差别"
            "（低于 −3 个标准差）。",
            en="Scans a visit as at the median of the other points, which may differ "
            "from each other as they do (below −3 standard deviations).",
        ),
        innocent=Text(
            zh="码掉了、被挡住、没有网络，或者来办事的多是不用手机的老人。",
            en="The code fell off or is hidden, there is no signal, or visitors are mostly old "
            "people without a phone.",
        ),
        confirm=Text(
            zh="派外单位的人不打招呼去看码在不在、扫不扫得开；换个时间再看一次。",
            en="Send somebody of another office unannounced to see whether the code is there "
            "and opens; go once more at another time.",
        ),
    ),
    "BURST": Warned(
        name=Text(zh="短时间里来得很密", en="Many answers in a short time"),
        measure="count",
        details={"hours": "hours", "start": "moment"},
        seen=Text(
            zh="{place}：{start}起 {hours}里来了{observed} 份，照常{expected} 份。",
            en="{place}: {observed} answers within {hours} from {start}; "
            "{expected} would be usual.",
        ),
        null=Text(
            zh="本点的份数按其他点的日子和钟点分布，并容许同样的忙闲不均；"
            "看过的所有时段一并折算（p < 0.0001）。",
            en="The point's own number of answers, spread over days and hours as at the "
            "other points and as unevenly; corrected for all windows looked at (p < 0.0001).",
        ),
        innocent=Text(
            zh="现场推广、旅游团、集中办理日都会这样。来得密本身不说明答案不真。",
            en="A promotion, a coach party or a day of many appointments does this. Coming "
            "together says nothing against an answer.",
        ),
        confirm=Text(
            zh="问那天有没有活动；有答案雷同、设备集中等别的迹象时才往下查。",
            en="Ask what happened that day; go on only if there is something else, such as "
            "copied answers or few devices.",
        ),
    ),
    "LOW_MISSING": Warned(
        name=Text(zh="该有的差评没有出现", en="Bad grades are missing"),
        measure="count",
        details={"better": "count"},
        seen=Text(
            zh="{place}：三档以上{better} 份，最低两档{observed} 份，照常{expected} 份。",
            en="{place}: {better} better grades and {observed} of the two lowest; "
            "{expected} of these would be usual.",
        ),
        null=Text(
            zh="由本点较好的各档推算最低两档应有多少，评分的形状取自其他点，"
            "并容许点与点之间有差别。",
            en="As many low grades as belong to the place's own better ones, by the "
            "shape grades have elsewhere; places may differ as they do.",
        ),
        innocent=Text(
            zh="这里可能真的从不让人很不满意；有的窗口当面就把问题解决了。",
            en="Perhaps nobody is ever really dissatisfied here: some windows settle every "
            "trouble on the spot.",
        ),
        confirm=Text(
            zh="从这个点的各个渠道各送一组测试评价（minxin canary send --point）再核对。",
            en="Send test ratings through every channel of this point and check them "
            "(minxin canary send --point).",
        ),
    ),
    "REFUSAL_SURGE": Warned(
        name=Text(zh="没有收下的特别多", en="Unusually many were turned away"),
        measure="count",
        details={"received": "count"},
        seen=Text(
            zh="{place}：交来{received} 份，没有收下{observed} 份，照常{expected} 份。",
            en="{place}: {observed} of {received} submissions were turned away; "
            "{expected} would be usual.",
        ),
        null=Text(
            zh="没有收下的份额与其他点一样，并容许点与点之间有差别。",
            en="The share turned away at the other points, which may differ as they do.",
        ),
        innocent=Text(
            zh="海报过期没撕、票发晚了、名额满了，都会让人白跑一趟。",
            en="An old poster still hangs, tickets were handed out late, a quota is full.",
        ),
        confirm=Text(
            zh="用 minxin round status 看是哪一种原因；重复使用的票多，查票从哪里来。",
            en="See the reasons with minxin round status; if tokens were used again and again, "
            "ask where they come from.",
        ),
    ),
    "CHANNEL_GAP": Warned(
        name=Text(zh="公开的码与一次性凭证差得多", en="Open code and tickets disagree"),
        measure="share",
        details={"assured": "share"},
        seen=Text(
            zh="{place}：扫公开码的人满意的占 {observed}，凭票的人占 {assured}；"
            "照别处的差距，公开码应为 {expected}。",
            en="{place}: {observed} are content through the open code and {assured} with a "
            "ticket; by the gap elsewhere the open code would have {expected}.",
        ),
        null=Text(
            zh="两个渠道的差距与其他点的差距一样，并容许点与点之间有差别。",
            en="The gap between the two is as at the other points, which may differ.",
        ),
        innocent=Text(
            zh="公开码可能贴在另一拨人常去的地方，例如候车区而不是窗口。",
            en="The open code may hang where other people pass, at the stop, not the window.",
        ),
        confirm=Text(
            zh="看公开码贴在哪里、谁在用；对照同一天的票。",
            en="See where the open code hangs and who uses it; compare tickets of those days.",
        ),
    ),
    "APPEAL_RATE": Warned(
        name=Text(zh="差评申诉几乎都成立", en="Appeals against bad reviews nearly all win"),
        measure="rate",
        details={"n": "number"},
        seen=Text(
            zh="{place}：{n} 件申诉里 {observed} 成立，别处是 {expected}。",
            en="{place}: {observed} of {n} appeals succeeded; elsewhere {expected} did.",
        ),
        null=Text(
            zh="成立的比例与其他单位一样。满 20 件且超过 60% 就应审计。",
            en="Appeals succeed as often as at the other offices. More than 60 % of at "
            "least 20 call for an audit.",
        ),
        innocent=Text(
            zh="系统把差评挂错了单位，申诉当然件件成立。",
            en="Reviews that were put down to the wrong office are rightly taken back.",
        ),
        confirm=Text(
            zh="由外单位随机抽查成立的申诉，看证据够不够。",
            en="Let another office draw successful appeals at random and look at the evidence.",
        ),
    ),
    "APPEAL_DECIDER": Warned(
        name=Text(zh="申诉由一个人说了算", en="One hand decides the appeals"),
        measure="rate",
        details={"n": "number", "deciders": "number"},
        seen=Text(
            zh="{place}：成立的 {n} 件申诉里 {observed} 由同一人裁定，"
            "{deciders} 人平摊应各占 {expected}。",
            en="{place}: one person decided {observed} of {n} successful appeals; shared "
            "evenly by {deciders} it would be {expected}.",
        ),
        null=Text(
            zh="参与裁定的人各自裁定得差不多一样多（二项检验）。",
            en="Those who decide share the cases about evenly (binomial test).",
        ),
        innocent=Text(
            zh="可能只有一个人专管这类申诉，这是分工。",
            en="Perhaps one person is in charge of these appeals: a division of labour.",
        ),
        confirm=Text(
            zh="看排班和分工；把一部分案件随机改派别人，看结果变不变。",
            en="Look at the duties; assign some cases to others at random and compare.",
        ),
    ),
    "CANARY_MISSING": Warned(
        name=Text(zh="测试评价没有到", en="Test ratings did not arrive"),
        measure="number",
        seen=Text(
            zh="{place}：送出的测试评价应到 {expected} 条，到了 {observed} 条。",
            en="{place}: {observed} of {expected} test ratings arrived.",
        ),
        null=Text(
            zh="送出的每一条测试评价都原样到达。少一条就提示，不需要概率。",
            en="Every test rating that was sent arrives as it was sent. One that is "
            "missing is enough; no probability is needed.",
        ),
        innocent=Text(
            zh="送的时候断网、服务正在重启，或名额刚好满了。",
            en="The network broke, the server restarted, or a quota was just full.",
        ),
        confirm=Text(
            zh="再送一组。如果总是低分到不了、高分到得了，查从页面到入库的每一环。",
            en="Send another set. If low grades never arrive while high ones do, look at every "
            "link from the page to the table.",
        ),
    ),
    "CANARY_ALTERED": Warned(
        name=Text(zh="测试评价被改动", en="Test ratings were altered"),
        measure="number",
        seen=Text(
            zh="{place}：到达的 {observed} 条测试评价与送出的不一样。",
            en="{place}: {observed} test ratings are not what was sent.",
        ),
        null=Text(
            zh="送出的每一条测试评价都原样到达，一条也不该改动。",
            en="Every test rating arrives as it was sent.",
        ),
        innocent=Text(
            zh="页面或中间设备把字段弄错了，也会这样。",
            en="A page or a device in between that garbles a field does the same.",
        ),
        confirm=Text(
            zh="对照 minxin canary check 列出的项目，看改的是不是总往一个方向。",
            en="Compare the items that minxin canary check lists: does every change go the "
            "same way?",
        ),
    ),
}
