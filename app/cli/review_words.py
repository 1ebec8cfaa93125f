"""Campaigns as lines for a terminal, in Chinese or English."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.anomaly.examination import Reason
from app.anomaly.precedents import Decided
from app.anomaly.words.sentences import (
    CODES,
    confirming,
    innocent,
    reason_sentence,
    signal_of,
)
from app.cli.review_outcomes import (
    DIRECTIONS,
    KINDS,
    VERDICTS,
    on_the_other_hand,
    standing_lines,
)
from app.survey.text import Language, Text
from app.workflow.review.shown import (
    CountsOnly,
    Entry,
    FirstLook,
    SeenResponse,
    Whole,
)

MINUTES_A_DAY = 24 * 60
MOST_POINTS = 8


def entry_lines(entries: Sequence[Entry], language: Language) -> list[str]:
    """The campaigns of a round, one a line."""
    if not entries:
        return [
            Text(zh="本轮没有发现成组可疑的回答。", en="No campaigns were found.")[language]
        ]
    return [_entry_line(entry, language) for entry in entries]


def campaign_lines(
    shown: CountsOnly | FirstLook | Whole, round_code: str, language: Language
) -> list[str]:
    """One campaign, as far as it may be seen."""
    if isinstance(shown, CountsOnly):
        return [_counts_only(shown.size)[language]]
    if isinstance(shown, FirstLook):
        after = Text(
            zh=(
                "初看：方向、得分、答案和他人的决定，在您记下第一次判断之后给出。\n"
                f"记录判断：minxin review decide {round_code} {shown.code}"
            ),
            en=(
                "First look: the direction, the scores, the answers and what others decided "
                "are shown once you have recorded a first judgement.\n"
                f"Record it with: minxin review decide {round_code} {shown.code}"
            ),
        )
        return [*_look_lines(shown, shown.reasons, language), "", *after[language].split("\n")]
    return _whole_lines(shown, language)


def answer_lines(seen: Sequence[SeenResponse], language: Language) -> list[str]:
    """The answers of a campaign, one response a line, in no order that means anything."""
    names = sorted({name for one in seen for name in one.answers})
    seconds = Text(zh="秒", en="s")[language]
    lines = []
    for one in seen:
        given = "  ".join(f"{name}={_answer(one.answers.get(name))}" for name in names)
        took = "—" if one.seconds is None else f"{one.seconds}"
        lines.append(f"{one.point:20} {one.channel:8} {took:>5} {seconds}  {given}")
    return lines


def _entry_line(entry: Entry, language: Language) -> str:
    if entry.look is None:
        return _counts_only(entry.size)[language]
    look = entry.look
    size = Text(zh=f"{look.size} 份回答", en=f"{look.size} responses")[language]
    where = f"{KINDS[look.kind][language]} {look.place}"
    if entry.decided is None:
        state = Text(zh="尚未判断", en="not judged by you")
    else:
        outcome = VERDICTS[entry.decided.outcome]
        moves = DIRECTIONS[entry.decided.case.direction]
        state = Text(zh=f"{outcome.zh}，{moves.zh}", en=f"{outcome.en}, {moves.en}")
    notes = []
    if entry.waits:
        notes.append(Text(zh="；等待第二人", en="; waits for a second person"))
    if not entry.is_found:
        notes.append(Text(zh="；最近一次计算未再发现", en="; not found by the newest run"))
    return (
        f"{look.code:14} {size:>16}  {where:28} {_window(look, language)}  "
        f"{state[language]}{''.join(note[language] for note in notes)}"
    )


def _look_lines(look: FirstLook, reasons: Sequence[Reason], language: Language) -> list[str]:
    points = [f"{point} {n}" for point, n in list(look.points.items())[:MOST_POINTS]]
    more = [f"… {len(look.points) - MOST_POINTS}"] if len(look.points) > MOST_POINTS else []
    comma = Text(zh="，", en=", ")[language]
    lines = [
        f"{look.code}  {KINDS[look.kind][language]} {look.place}",
        Text(zh=f"{look.size} 份回答：", en=f"{look.size} responses: ")[language]
        + comma.join([*points, *more]),
        _window(look, language),
    ]
    if look.takes_two:
        two = Text(
            zh="它使某个得分变动 1 分以上：决定须由另一单位的第二人确认才生效。",
            en="It moves a score by a point or more: a decision counts once a second person "
            "from another office has confirmed it.",
        )
        lines.append(two[language])
    for reason in reasons:
        lines += _reason_lines(reason, language)
    if look.withheld and reasons == look.reasons:
        held = Text(
            zh=f"另有 {look.withheld} 条依据会透露方向，初看之后给出。",
            en=f"{look.withheld} more tell the direction and are shown after the first look.",
        )
        lines.append(held[language])
    return lines


def _whole_lines(shown: Whole, language: Language) -> list[str]:
    lines = [*_look_lines(shown.look, shown.reasons, language), ""]
    lines.append(DIRECTIONS[shown.case.direction][language])
    for point, (counted, without) in list(shown.scores.items())[:MOST_POINTS]:
        pair = Text(
            zh=f"  {point}：计入 {_score(counted)}，不计入 {_score(without)}",
            en=f"  {point}: {_score(counted)} with it, {_score(without)} without",
        )
        lines.append(pair[language])
    lines += standing_lines(shown.standing, language)
    for row in shown.history:
        about = _about(row.second_of, row.revokes)[language]
        day, verdict = row.decided_at.date().isoformat(), VERDICTS[row.verdict][language]
        blind = Text(zh="（初看）", en=" (first look)")[language] if row.blind else ""
        lines.append(f"  {row.id}  {day}  {about}{verdict}{blind}  {row.reason}")
        lines.append(f"      {row.author}, {row.office}: {row.note}")
    if shown.similar:
        lines.append(Text(zh="最相近的已决回答组", en="Nearest decided campaigns")[language])
    lines += [_similar_line(one, far, language) for one, far in shown.similar]
    return lines


def _similar_line(one: Decided, far: float, language: Language) -> str:
    outcome, moves = VERDICTS[one.outcome], DIRECTIONS[one.case.direction]
    size = one.case.size
    said = Text(
        zh=f"{size} 份回答，{moves.zh}：{outcome.zh}（距离 {far:.2f}）",
        en=f"{size} responses, {moves.en}: {outcome.en} (distance {far:.2f})",
    )
    return f"  {one.case.code}  {said[language]}"


def _reason_lines(reason: Reason, language: Language) -> list[str]:
    """What was seen, the innocent explanation beside it, and what would tell them apart."""
    if reason.signal not in CODES:
        # Kept by another version of the program, whose words are gone.
        return [f"  {reason.signal}  {reason.observed:.4g} / {reason.expected:.4g}"]
    check = confirming(reason.signal)
    tell = Text(zh=f"可查：{check.zh}", en=f"To find out: {check.en}")
    return [
        f"  {signal_of(reason.signal).name[language]} ({reason.signal})",
        f"    {reason_sentence(reason)[language]}",
        f"    {on_the_other_hand(innocent(reason.signal))[language]}",
        f"    {tell[language]}",
    ]


def _counts_only(size: int | None) -> Text:
    count = "<10" if size is None else str(size)
    return Text(
        zh=f"{count} 份回答；涉及本单位的得分，只给出数量。",
        en=f"{count} responses; it concerns your own scores, so that only the count is shown.",
    )


def _window(look: FirstLook, language: Language) -> str:
    if look.first_minute is None or look.last_minute is None:
        return Text(zh="时间不详", en="time not known")[language]
    if look.midnight is not None:
        return _dates(look.midnight, look.first_minute, look.last_minute)
    first, last = (_moment(m, language) for m in (look.first_minute, look.last_minute))
    return f"{first} – {last}"


def _dates(midnight: datetime, first: int, last: int) -> str:
    """From when to when; the day is said once where both are of one."""
    begins, ends = (midnight + timedelta(minutes=minute) for minute in (first, last))
    until = f"{ends:%H:%M}" if begins.date() == ends.date() else f"{ends:%Y-%m-%d %H:%M}"
    return f"{begins:%Y-%m-%d %H:%M} – {until}"


def _moment(minute: int, language: Language) -> str:
    day, rest = divmod(minute, MINUTES_A_DAY)
    clock = f"{rest // 60:02}:{rest % 60:02}"
    return Text(zh=f"第 {day + 1} 日 {clock}", en=f"day {day + 1} {clock}")[language]


def _about(second_of: int | None, revokes: int | None) -> Text:
    if second_of is not None:
        return Text(zh=f"确认第 {second_of} 号：", en=f"confirms {second_of}: ")
    if revokes is not None:
        return Text(zh=f"撤回第 {revokes} 号：", en=f"takes back {revokes}: ")
    return Text(zh="决定：", en="decides: ")


def _answer(value: object) -> str:
    if isinstance(value, Mapping):
        return str(dict(value))
    if isinstance(value, list | tuple):
        return "+".join(map(str, value))
    return "·" if value is None else str(value)


def _score(score: float | None) -> str:
    return "—" if score is None else f"{score:.2f}"
