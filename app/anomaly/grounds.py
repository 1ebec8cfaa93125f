"""Why a campaign is kept, down-weighted, excluded or audited: a short list of objective codes.

Each says what it means and how honest people come to look the same. Haste, copies and
concentration may only be cited where the examination saw them. Anger is no ground.
"""

from dataclasses import dataclass

from app.anomaly.decisions import Verdict
from app.survey.text import Text

TAKES_AWAY: frozenset[Verdict] = frozenset({"exclude", "down_weight"})
KINDS = frozenset({"point", "enumerator", "network"})


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason of a decision."""

    code: str
    verdicts: frozenset[Verdict]
    name: Text
    meaning: Text
    innocent: Text
    """How honest people come to look like this, or what may still speak against it."""
    signals: frozenset[str] = frozenset()
    """The examination must have seen one of them; empty where people find it out."""
    kinds: frozenset[str] = KINDS
    low_scores: bool = False
    """Whether responses that lower a score may lose influence for it."""
    blind: bool = False
    """Whether a first look may take influence away for it."""
    confirmed: bool = False
    """Whether it is what a check outside the platform found, which the note must name."""


GROUNDS = (
    Ground(
        code="HASTE",
        verdicts=TAKES_AWAY,
        name=Text(zh="草率作答", en="Haste"),
        meaning=Text(
            zh="多数回答用时之短，读不完题目。",
            en="Most of the responses took less time than reading the questions does.",
        ),
        innocent=Text(
            zh="熟悉问卷的人、被问到的题较少的人，也答得快。",
            en="People who know the form or were asked fewer items are quick too.",
        ),
        signals=frozenset({"SPEED", "HASTE"}),
        low_scores=True,
        blind=True,
    ),
    Ground(
        code="COPIED_TEXT",
        verdicts=TAKES_AWAY,
        name=Text(zh="留言雷同", en="Copied text"),
        meaning=Text(
            zh="多份回答的留言一字不差或几乎一样。",
            en="Comments of several responses are the same, word for word or nearly.",
        ),
        innocent=Text(
            zh="“很好”一类的短句，人人都会写。",
            en="Anybody writes short phrases such as “very good”.",
        ),
        signals=frozenset({"COMMENT_COPY"}),
        low_scores=True,
        blind=True,
    ),
    Ground(
        code="CONCENTRATION",
        verdicts=TAKES_AWAY,
        name=Text(zh="来源集中", en="Concentration"),
        meaning=Text(
            zh="相像的回答多出自一部设备、一个网络或一名访员，超出人流所能解释的程度。",
            en=(
                "Responses that are alike come from one device, one network or one enumerator, "
                "beyond what the crowd explains."
            ),
        ),
        innocent=Text(
            zh="家人合用手机、志愿者代填、单位共用出口、现场活动，都会集中。",
            en=(
                "A family's phone, a volunteer who helps, an office behind one address or an "
                "event on the spot concentrate responses too."
            ),
        ),
        # A busy hour is none of it: an honest wave after an incident is crowded too.
        signals=frozenset({"DEV_REPEAT", "NET_CLUSTER", "FAR_NETWORK", "ENUM_MATCH"}),
        low_scores=True,
        blind=True,
    ),
    Ground(
        code="NO_INCIDENT",
        verdicts=TAKES_AWAY,
        name=Text(zh="查无对应事件", en="No matching incident"),
        meaning=Text(
            zh="已查工单、热线、停办记录和现场情况，没有能说明这些低分的事件。",
            en=(
                "Tickets, hotline, closures and the place itself were gone through; nothing "
                "happened that would explain these low scores."
            ),
        ),
        innocent=Text(
            zh="没有登记的事也可能发生过；人们不一定会投诉。",
            en="What was never filed may have happened; people do not always complain.",
        ),
        low_scores=True,
        confirmed=True,
    ),
    Ground(
        code="COPIED_ANSWERS",
        verdicts=TAKES_AWAY,
        name=Text(zh="答案雷同", en="Copied answers"),
        meaning=Text(
            zh="答案相同或只差一步的回答，多出同分段回答中常见的数量。",
            en=(
                "Far more responses agree, or differ in one step, than among responses with "
                "the same scores elsewhere."
            ),
        ),
        innocent=Text(
            zh="真心都满意的人，答案也会一样。",
            en="People who are content with everything give the same answers.",
        ),
        signals=frozenset({"COPY_POINT", "TEMPLATE", "LOCK_3H", "LOCK_DAY", "ENUM_MATCH"}),
    ),
    Ground(
        code="COACHED",
        verdicts=TAKES_AWAY,
        name=Text(zh="授意作答", en="Coached answers"),
        meaning=Text(
            zh="查明有人发放答案、提示或以好处换取好评。",
            en="It was found that answers were handed out, prompted or paid for.",
        ),
        innocent=Text(
            zh="工作人员只是请人评价，不算授意。",
            en="Staff who merely ask people to answer do not coach them.",
        ),
        kinds=frozenset({"point", "network"}),
        confirmed=True,
    ),
    Ground(
        code="STAFF_ANSWERED",
        verdicts=TAKES_AWAY,
        name=Text(zh="工作人员代答", en="Answered by staff"),
        meaning=Text(
            zh="查明回答由被测评单位的人填写。",
            en="It was found that people of the assessed unit filled the forms in.",
        ),
        innocent=Text(
            zh="帮老人、残疾人照本人意思填写，不算代答。",
            en="Writing down what an older or disabled person says is help, not answering.",
        ),
        kinds=frozenset({"point", "network"}),
        confirmed=True,
    ),
    Ground(
        code="BACK_CHECK_FAILED",
        verdicts=TAKES_AWAY,
        name=Text(zh="回访不符", en="Back-check failed"),
        meaning=Text(
            zh="回访受访人，访问没有进行过，或答案不是本人所说。",
            en="People who were called back were never interviewed, or said something else.",
        ),
        innocent=Text(
            zh="受访人会忘记，也可能是家里另一个人答的。",
            en="People forget, or somebody else of the household answered.",
        ),
        kinds=frozenset({"enumerator"}),
        confirmed=True,
    ),
    Ground(
        code="BACK_CHECK_PASSED",
        verdicts=frozenset({"keep"}),
        name=Text(zh="回访相符", en="Back-check passed"),
        meaning=Text(
            zh="回访受访人，访问属实，答案相符。",
            en="People who were called back confirmed the interview and their answers.",
        ),
        innocent=Text(
            zh="回访的人少时，只能说明回访到的这些。",
            en="Few calls speak only for the people who were reached.",
        ),
        kinds=frozenset({"enumerator"}),
        confirmed=True,
    ),
    Ground(
        code="SHARED_DEVICE",
        verdicts=frozenset({"keep"}),
        name=Text(zh="合用设备或网络", en="Shared device or network"),
        meaning=Text(
            zh="查明是家人、志愿者或单位合用的手机、平板或网络。",
            en="It is a phone, tablet or network that a family, helpers or an office share.",
        ),
        innocent=Text(
            zh="各人答各人的，本就应当计入。",
            en="Everybody answered for themselves, and that is meant to count.",
        ),
    ),
    Ground(
        code="KNOWN_EVENT",
        verdicts=frozenset({"keep"}),
        name=Text(zh="有据可查的活动", en="Known event"),
        meaning=Text(
            zh="当时当地有宣传活动或集中办理，人多是真的。",
            en="There was an event or a crowded day at this place and time; the crowd is real.",
        ),
        innocent=Text(
            zh="活动带来的人，也是居民。",
            en="People who come with an event are residents too.",
        ),
    ),
    Ground(
        code="KNOWN_INCIDENT",
        verdicts=frozenset({"keep"}),
        name=Text(zh="有对应事件", en="Matching incident"),
        meaning=Text(
            zh="当时当地确有停电、停办、排长队、纠纷等事件。",
            en="There was an outage, a closure, a long queue or a dispute here at the time.",
        ),
        innocent=Text(
            zh="为真事生气，是真实的意见。",
            en="Anger about something that happened is a genuine opinion.",
        ),
    ),
    Ground(
        code="NOT_BORNE_OUT",
        verdicts=frozenset({"keep"}),
        name=Text(zh="证据不足", en="Not borne out"),
        meaning=Text(
            zh="看到的情形，平常的一群人也会有。",
            en="What was seen is what an ordinary group of people may look like.",
        ),
        innocent=Text(
            zh="没有证据，就应当计入。",
            en="Without evidence a response is meant to count.",
        ),
    ),
    Ground(
        code="UNCLEAR",
        verdicts=frozenset({"audit"}),
        name=Text(zh="需要核查", en="Needs an audit"),
        meaning=Text(
            zh="凭这里的材料定不下来，要到现场或回访核查。",
            en="It cannot be decided from here; somebody has to go there or call back.",
        ),
        innocent=Text(
            zh="核查期间不改变任何得分。",
            en="While it is audited no score changes.",
        ),
    ),
)

_BY_CODE = {ground.code: ground for ground in GROUNDS}


def find_ground(code: str) -> Ground | None:
    """The ground of a code, or None."""
    return _BY_CODE.get(code)
