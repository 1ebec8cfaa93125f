"""What a trial came to, as a table for a terminal and sentences that read it out."""

from collections.abc import Iterator, Sequence
from math import isnan
from typing import TYPE_CHECKING

from app.cli.status import cells, padded
from app.survey.text import Language, Text

if TYPE_CHECKING:
    from app.anomaly.simulation.trial import Trial
    from app.workflow.attack_trial import ScoreLine, Subject

FELT = 0.5
"""Points on 0-100: an attack that moves scores by less on average is called withstood."""
UNSEEN = 0.5
"""A kind of which fewer campaigns are found gets by."""
GAP = 2

HEADS = (
    Text(zh="攻击方式", en="attack"),
    Text(zh="占全部", en="of all"),
    Text(zh="最重点位", en="at worst"),
    Text(zh="识别", en="flagged"),
    Text(zh="发现团伙", en="found"),
    Text(zh="不筛移动", en="unscreened"),
    Text(zh="筛后移动", en="screened"),
    Text(zh="最多", en="largest"),
    Text(zh="抽样校正", en="with sample"),
    Text(zh="界内", en="in bounds"),
)
MEANING = (
    Text(
        zh="占全部：虚假答卷在全部答卷中的占比；最重点位：在受攻击最重的点位的占比。",
        en="of all: false responses among all; at worst: among those of the point with most.",
    ),
    Text(
        zh="识别：影响力降到 0.5 以下的虚假答卷；发现团伙：有四分之一以上被识别的团伙。",
        en="flagged: false responses whose influence fell below 0.5; found: campaigns of which "
        "a quarter is flagged.",
    ),
    Text(
        zh="移动：受攻击点位的得分（0—100 分）平均移动多少，先是不筛查，再是筛查后、"
        "人工核查前；最多：移动最大的点位。",
        en="unscreened, screened: points on 0-100 by which scores of the attacked points "
        "moved, before anybody decided; largest: at the point that moved most.",
    ),
    Text(
        zh="抽样校正：向抽样样本靠拢后的得分平均移动多少；没有抽样样本时记“–”。",
        en="with sample: how far scores drawn to the probability sample moved; – without one.",
    ),
    Text(
        zh="界内：上下界仍包含真实均值的受攻击点位。",
        en="in bounds: attacked points whose bounds still hold their honest mean.",
    ),
)
WHAT_HOLDS_THEM = Text(
    zh="这些方式只能靠一次性资格、抽样样本和公布上下界来约束，见 docs/attack_trials.md。",
    en="One-time rights, a probability sample and published bounds hold these: see "
    "docs/attack_trials.md.",
)
KEPT_NOTHING = Text(
    zh="攻击只在内存中的副本上进行，没有改动数据库和答卷文件。",
    en="The attacks were made on a copy in memory: no database and no file was changed.",
)


def scorecard(
    subject: "Subject", trial: "Trial", lines: Sequence["ScoreLine"], spoken: Language
) -> Iterator[str]:
    """The lines of a trial, from what was attacked to what it means."""
    yield _attacked(subject)[spoken]
    yield _untouched(trial)[spoken]
    yield ""
    yield from _table(lines, spoken)
    yield ""
    yield from (text[spoken] for text in MEANING)
    yield ""
    yield from (text[spoken] for text in _verdicts(lines))
    for kind, why in trial.not_open:
        said = Text(
            zh=f"未试“{kind.name.zh}”：{why.zh}", en=f"Not tried, {kind.name.en}: {why.en}"
        )
        yield said[spoken]
    yield KEPT_NOTHING[spoken]


def _attacked(subject: "Subject") -> Text:
    n, points = len(subject.submissions), len(set(subject.submissions.point.tolist()))
    sampled = 0 if subject.reference is None else len(subject.reference.point)
    zh, en = (
        (f"，另有抽样样本 {sampled:,} 人", f", {sampled:,} sampled people")
        if sampled
        else ("", "")
    )
    return Text(
        zh=f"{subject.name.zh}：{n:,} 份答卷，{points} 个点位{zh}。现有答卷一律当作真实答卷。",
        en=f"{subject.name.en}: {n:,} responses at {points} points{en}. "
        "They are taken for genuine.",
    )


def _untouched(trial: "Trial") -> Text:
    flagged = max(one.flagged for one in trial.untouched)
    mean, most = (
        max(getattr(one, name) for one in trial.untouched)
        for name in ("moved_mean", "moved_most")
    )
    return Text(
        zh=f"未受攻击时：{flagged:.1%} 的答卷影响力低于 0.5；"
        f"筛查使各点位得分平均移动 {mean:.2f} 分，最多 {most:.2f} 分。",
        en=f"Without any attack {flagged:.1%} of the responses have an influence below 0.5; "
        f"screening moves scores by {mean:.2f} points on average, {most:.2f} at most.",
    )


def _table(lines: Sequence["ScoreLine"], spoken: Language) -> Iterator[str]:
    from app.workflow.attack_trial import kind_name

    rows = [tuple(head[spoken] for head in HEADS)]
    rows += [(kind_name(line.kind)[spoken], *_figures(line)) for line in lines]
    widths = [max(cells(row[i]) for row in rows) for i in range(len(HEADS))]
    for row in rows:
        name = padded(row[0], widths[0])
        figures = (
            " " * (GAP + width - cells(text)) + text
            for text, width in zip(row[1:], widths[1:], strict=True)
        )
        yield f"{name}{''.join(figures)}"


def _figures(line: "ScoreLine") -> tuple[str, ...]:
    shares = (line.rate, line.worst_share, line.recall, line.found)
    points = (line.moved_before, line.moved_after, line.moved_after_most, line.moved_drawn)
    return (*map(_share, shares), *map(_points, points), _share(line.covered))


def _share(value: float) -> str:
    return "–" if isnan(value) else f"{value:.0%}"


def _points(value: float) -> str:
    return "–" if isnan(value) else f"{value:.1f}"


def _verdicts(lines: Sequence["ScoreLine"]) -> Iterator[Text]:
    """Which attacks the round withstands, and which move its scores, seen or unseen."""
    from app.workflow.attack_trial import kind_name, worst_lines

    moving = tuple(worst_lines(lines, least=FELT))
    felt = {line.kind for line in moving}
    held = [
        kind_name(code)
        for code in dict.fromkeys(line.kind for line in lines)
        if code not in felt
    ]
    if held:
        yield Text(
            zh=f"承受得住（得分平均移动不到 {FELT} 分）："
            f"{'、'.join(name.zh for name in held)}。",
            en=f"Withstood, moving scores by less than {FELT} points on average: "
            f"{'; '.join(name.en for name in held)}.",
        )
    if seen := [line for line in moving if line.found >= UNSEEN]:
        yield Text(
            zh=f"有影响但多数团伙会被发现、交人工核查：{_moved(seen, 'zh-Hans')}。",
            en=f"Felt, but most campaigns are found for review: {_moved(seen, 'en')}.",
        )
    if unseen := [line for line in moving if line.found < UNSEEN]:
        yield Text(
            zh=f"有影响且多半不被发现：{_moved(unseen, 'zh-Hans')}。",
            en=f"Felt, and mostly undetected: {_moved(unseen, 'en')}.",
        )
        yield WHAT_HOLDS_THEM


def _moved(lines: Sequence["ScoreLine"], spoken: Language) -> str:
    """Each kind with the points it moves scores by, where it moves them most."""
    from app.workflow.attack_trial import kind_name

    named = [(kind_name(line.kind)[spoken], line) for line in lines]
    if spoken == "zh-Hans":
        return "、".join(
            f"{name}（占 {line.rate:.0%} 时 {line.moved_after:.1f} 分）" for name, line in named
        )
    return "; ".join(
        f"{name} ({line.moved_after:.1f} at {line.rate:.0%})" for name, line in named
    )
