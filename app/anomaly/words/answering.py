"""Signals in what was answered and how quickly: copies, model sheets, haste, odd patterns."""

from app.anomaly.words.signal import GroupSignal
from app.survey.text import Text

COPY_POINT = GroupSignal(
    code="COPY_POINT",
    measure="answers",
    name=Text(zh="答案雷同", en="Copies at one point"),
    seen=Text(
        zh=(
            "与同一套答案相差不超过一档的有 {observed}；"
            "得分构成相同的点位照常约有 {expected} 份。"
        ),
        en=(
            "{observed} within one step of the same pattern; {expected} expected from points "
            "with the same score mix."
        ),
    ),
    null=Text(
        zh=(
            "平常：从全轮回答中取得分相近的同样多份，并调到本点位的平均分，其中会有多少份雷同。"
            "人多、满意的人多，雷同本来就多，已经扣除。"
        ),
        en=(
            "Usual: as many as equally many answers of about the same score hold, taken from "
            "the whole round and tilted to the point's own mean. That large or contented "
            "crowds hold more copies is allowed for."
        ),
    ),
    innocent=Text(
        zh="办同一件事、遇到同一个长处或短处的人，答案会彼此相像；每题都选同一档的人也不少。",
        en=(
            "People who came for the same service and met the same strength or weakness answer "
            "alike, and not a few choose the same option throughout."
        ),
    ),
    confirming=Text(
        zh="查有没有流传的“参考答案”，再随机回访几位；回访者各有各的说法，即可排除。",
        en=(
            "Ask whether a model answer went round, and call some people back at random. It is "
            "cleared if each has a story of their own."
        ),
    ),
    silent=Text(
        zh="一道题也没有答的回答不作判断。",
        en="Responses without any answer are not judged.",
    ),
)
TEMPLATE = GroupSignal(
    code="TEMPLATE",
    measure="answers",
    name=Text(zh="像出自同一份样卷", en="Near copies of one sheet"),
    seen=Text(
        zh=(
            "围绕同一套答案、相差不超过三档的有 {observed}；"
            "得分相近的别处回答照常约有 {expected} 份。"
        ),
        en=(
            "{observed} within three steps of one pattern; {expected} expected among answers "
            "of about the same score elsewhere."
        ),
    ),
    null=Text(
        zh="平常：从全轮回答中取得分相近的同样多份，其中会有多少份这样相近。",
        en=(
            "Usual: as many as equally many answers of about the same score, taken from the "
            "whole round, lie so near to each other."
        ),
    ),
    innocent=Text(
        zh="一项大家都有体会的服务，会让许多人在同样几道题上打高分或打低分。",
        en="A service that everybody met makes many people rate the same items high or low.",
    ),
    confirming=Text(
        zh=(
            "看相同的那几题有没有实际的缘由；查有没有人发过样卷或口头提示。找到实际缘由，"
            "即可排除。"
        ),
        en=(
            "See whether the items they share have a cause on the spot, and whether sheets or "
            "hints were handed out. A real cause clears it."
        ),
    ),
    silent=Text(
        zh="一道题也没有答的回答不作判断。",
        en="Responses without any answer are not judged.",
    ),
)
COMMENT_COPY = GroupSignal(
    code="COMMENT_COPY",
    measure="comments",
    name=Text(zh="留言雷同", en="Copied comments"),
    seen=Text(
        zh="留言与别人雷同、得分又相近的有 {observed}，照常约 {expected} 条。",
        en=(
            "{observed} with the same words as others and about the same score; {expected} "
            "would be usual."
        ),
    ),
    null=Text(
        zh=(
            "平常：同样多的回答里，全轮留言雷同的条数，再放宽一半。"
            "一段文字在本点位出现得比别处多，才算雷同；“很好”一类人人会写的短句因此不算。"
        ),
        en=(
            "Usual: as many as are copied among equally many answers in the round, and half as "
            "many again. A text is copied only if it comes more often here than elsewhere, so "
            "that short phrases such as “very good” are not."
        ),
    ),
    innocent=Text(
        zh="遇到同一件事的邻居会转发同一段话；志愿者代写时也常用同样的字句。",
        en=(
            "Neighbours who met the same trouble pass one text on, and a volunteer who writes "
            "for others uses the same words."
        ),
    ),
    confirming=Text(
        zh=(
            "看当时有没有对应的工单或事件：确有其事，多人说同样的话也是真话。查不到缘由，"
            "再随机回访。"
        ),
        en=(
            "Look for a ticket or incident of that time: if it happened, the same words from "
            "many are still true. If nothing is found, call some back at random."
        ),
    ),
    silent=Text(
        zh="没有留言的回答不作判断；只比对留言的校验值，不看内容。",
        en="Responses without a comment are not judged; only a keyed hash is compared.",
    ),
)
MISFIT = GroupSignal(
    code="MISFIT",
    measure="answers",
    name=Text(zh="各题答案不相协调", en="Patterns that do not fit together"),
    seen=Text(
        zh="各题答案彼此不相协调的有 {observed}；同样多的一般回答中约有 {expected} 份。",
        en=(
            "{observed} whose items fit together poorly; {expected} expected among as many "
            "ordinary ones."
        ),
    ),
    null=Text(
        zh=(
            "平常：全轮得分相近的同样多份回答里，有多少份至少同样不协调（有的还要同样快）。"
            "不协调是指去掉每个人自己的平均水平后，题与题的搭配少见（稳健协方差）；满意与否不影响判断。"
        ),
        en=(
            "Usual: how many of equally many answers of about the same score are at least as "
            "odd, in part also as quick. Odd is how the items go together once each person's "
            "own mean is taken away (robust covariance); being content or not plays no part."
        ),
    ),
    innocent=Text(
        zh="经历特别的人，答案也特别；题目读不懂、手滑点错，也会这样。",
        en=(
            "Unusual lives give unusual answers; so do items that are hard to read, and a "
            "slip of the finger."
        ),
    ),
    confirming=Text(
        zh="看这些回答是否同时来自同一网络、用时是否过短；来源分散、用时正常，即可排除。",
        en=(
            "See whether they also share a network or took too little time. Scattered origins "
            "and ordinary times clear it."
        ),
    ),
    silent=Text(
        zh="题目不足三道，或全轮回答不足二百份，不作判断。",
        en="With fewer than three items or two hundred responses nobody is judged.",
    ),
)
SPEED = GroupSignal(
    code="SPEED",
    measure="seconds",
    name=Text(zh="作答很快", en="Quick answers"),
    seen=Text(
        zh="作答用时 {observed}；本轮有一半的人用了 {expected} 秒以上。",
        en="Took {observed}; half of the people in this round took {expected} or more.",
    ),
    null=Text(
        zh="平常：本轮用时的中位数；快慢按同一渠道各页的中位数判断，中途离开或写长留言不影响。",
        en=(
            "Usual: the median time of the round. How quick somebody is follows from the "
            "medians of each page in the same channel; an interruption or a long comment does "
            "not change it."
        ),
    ),
    innocent=Text(
        zh="熟悉问卷的人读得快；别人念题、自己早有看法的人，也答得快。",
        en=(
            "People who know the form read fast, and so do those whose mind was made up before "
            "they came."
        ),
    ),
    confirming=Text(
        zh="单凭快，不说明问题；与雷同答案或同一来源同时出现，才值得核对。",
        en=(
            "Speed alone confirms nothing; look further only where copies or one origin come "
            "with it."
        ),
    ),
    silent=Text(
        zh="没有记录用时的回答（如纸质问卷）不作判断。",
        en="Responses without times, such as paper, are not judged.",
    ),
)
HASTE = GroupSignal(
    code="HASTE",
    measure="answers",
    name=Text(zh="一同赶快答完", en="Haste in company"),
    seen=Text(
        zh="得分相近、又同样很快的有 {observed}，照常约 {expected} 份。",
        en=(
            "{observed} of about the same score were as quick as this; {expected} expected "
            "from the pace of the round."
        ),
    ),
    null=Text(
        zh="平常：全轮得分相近的同样多份回答中，有多少份这样快；各渠道分别比较。",
        en=(
            "Usual: how many of equally many answers of about the same score are so quick in "
            "the whole round, each channel by its own measure."
        ),
    ),
    innocent=Text(
        zh="排队快到号、车快要开了，或有人在旁边念题，一群人都会答得快。",
        en=(
            "People whose number is called, whose bus is leaving or to whom somebody reads the "
            "items are all quick together."
        ),
    ),
    confirming=Text(
        zh="看这段时间现场有没有集中办理、有没有人帮念题；有，即可说明。查不到，再随机回访。",
        en=(
            "Ask whether there was a rush or somebody read the items aloud at that time, which "
            "explains it. If not, call some back at random."
        ),
    ),
    silent=Text(
        zh="没有记录用时的回答（如纸质问卷）不作判断。",
        en="Responses without times, such as paper, are not judged.",
    ),
)
ANSWERING = (COPY_POINT, TEMPLATE, COMMENT_COPY, MISFIT, SPEED, HASTE)
