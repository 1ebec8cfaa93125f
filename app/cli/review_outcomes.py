"""What was decided about campaigns, as lines for a terminal, in Chinese or English."""

import math

from app.anomaly.decisions import Standing
from app.anomaly.grounds import GROUNDS
from app.anomaly.precedents import OUTCOMES, Rate, Rates
from app.survey.text import Language, Text
from app.workflow.review.deciding import Outcome
from app.workflow.review.shown import suppressed

KINDS = {
    "point": Text(zh="点位", en="point"),
    "enumerator": Text(zh="访员", en="enumerator"),
    "network": Text(zh="网络", en="network"),
}
VERDICTS = {
    "keep": Text(zh="保留", en="keep"),
    "down_weight": Text(zh="降权", en="down-weight"),
    "exclude": Text(zh="排除", en="exclude"),
    "audit": Text(zh="核查", en="audit"),
    "engine": Text(zh="未决定", en="undecided"),
    "undecided": Text(zh="未决定", en="undecided"),
}
DIRECTIONS = {
    "raises": Text(zh="抬高得分", en="raises the score"),
    "lowers": Text(zh="压低得分", en="lowers the score"),
    "neither": Text(zh="不改变得分", en="moves no score"),
}


def ground_lines(language: Language) -> list[str]:
    """Every ground with its meaning and the innocent explanation."""
    lines = []
    for ground in GROUNDS:
        fit = " / ".join(VERDICTS[v][language] for v in sorted(ground.verdicts))
        lines.append(f"{ground.code}  {ground.name[language]}  ({fit})")
        lines.append(f"    {ground.meaning[language]}")
        lines.append(f"    {on_the_other_hand(ground.innocent)[language]}")
    return lines


def outcome_lines(outcome: Outcome, round_code: str, language: Language) -> list[str]:
    """What an act of review led to."""
    lines = [
        _row_line(outcome)[language],
        *standing_lines(outcome.standing, language),
        _next_step(outcome, round_code)[language],
    ]
    if outcome.public_run is not None:
        public = Text(
            zh=f"批次 {outcome.public_run} 已发布；新批次发布之前，仍以它为准。",
            en=f"Run {outcome.public_run} is public and stays in force until another is.",
        )
        lines.append(public[language])
    if outcome.blind:
        whole = Text(
            zh=f"现在可以看到全部：minxin review show {round_code} {outcome.campaign}",
            en=f"The whole is open to you now: minxin review show {round_code} "
            f"{outcome.campaign}",
        )
        lines.append(whole[language])
    return lines


def rate_lines(rates: Rates, language: Language) -> list[str]:
    """Both directions beside each other; numbers of responses below ten are not told."""
    lines = []
    for rate in (rates.raises, rates.lowers):
        lines.append(f"{DIRECTIONS[rate.direction][language]}")
        lines += [_rate_line(rate, outcome, language) for outcome in OUTCOMES]
        changed = Text(
            zh=f"  初看 {rate.looks} 次，知道方向后改变 {rate.changed} 次",
            en=f"  {rate.looks} first looks, {rate.changed} changed once the direction was "
            "known",
        )
        lines.append(changed[language])
    if rates.waiting:
        waiting = Text(
            zh=f"尚未决定的有 {rates.waiting} 组；评审结束前不分方向，以免告诉还没有判断的人。",
            en=f"Not decided: {rates.waiting} campaigns; not by direction before review is "
            "over, for those who have yet to judge.",
        )
        lines.append(waiting[language])
    if rates.warning is not None:
        lines += ["", rates.warning[language]]
    return lines


def standing_lines(standing: Standing, language: Language) -> list[str]:
    """What stands about a campaign now, and what waits."""
    verdict = VERDICTS[standing.verdict]
    if standing.by is None:
        now = Text(
            zh="现行：没有生效的决定，以检测所降的权数为准。",
            en="In force: no decision; the examination's own influence stays.",
        )
    else:
        now = Text(
            zh=f"现行：{verdict.zh}（第 {standing.by} 号）。",
            en=f"In force: {verdict.en} (decision {standing.by}).",
        )
    lines = [now[language]]
    if standing.audit:
        lines.append(Text(zh="已要求核查。", en="An audit was asked for.")[language])
    if standing.waiting:
        numbers = ", ".join(map(str, standing.waiting))
        waits = Text(
            zh=f"等待另一单位第二人确认：第 {numbers} 号。",
            en=f"Waiting for a second person from another office: {numbers}.",
        )
        lines.append(waits[language])
    return lines


def on_the_other_hand(words: Text) -> Text:
    """The innocent explanation, as it is introduced."""
    return Text(zh=f"也可能是：{words.zh}", en=f"On the other hand: {words.en}")


def _row_line(outcome: Outcome) -> Text:
    number, verdict = outcome.number, VERDICTS[outcome.verdict]
    row, taken = f"{outcome.campaign}，{verdict.zh}", outcome.revokes
    if taken is not None:
        return Text(
            zh=f"第 {number} 号：撤回第 {taken} 号（{row}）。",
            en=f"Row {number} takes back {taken} ({outcome.campaign}, {verdict.en}).",
        )
    if outcome.second_of is not None:
        first = outcome.second_of
        return Text(
            zh=f"第 {number} 号：确认第 {first} 号（{row}）。",
            en=f"Row {number} confirms {first} ({outcome.campaign}, {verdict.en}).",
        )
    return Text(
        zh=f"第 {number} 号：{row}。",
        en=f"Row {number}: {outcome.campaign}, {verdict.en}.",
    )


def _next_step(outcome: Outcome, round_code: str) -> Text:
    """What has to happen before a run knows of it."""
    if outcome.number in outcome.standing.waiting:
        confirm = f"minxin review confirm {round_code} {outcome.number}"
        return Text(
            zh=f"另一单位的人先自己判断，再确认：{confirm}；之后重新计算才计入得分："
            f"minxin process {round_code}",
            en=f"Somebody of another office judges it too and then confirms: {confirm}. "
            f"It counts after that, in the next run: minxin process {round_code}",
        )
    return Text(
        zh=f"已有批次不变。要按现行的决定计分，请重新计算：minxin process {round_code}",
        en=f"No run changes. For what is in force to count, run: minxin process {round_code}",
    )


def _rate_line(rate: Rate, outcome: str, language: Language) -> str:
    campaigns, responses = rate.campaigns[outcome], rate.responses[outcome]
    count = "<10" if _is_small(responses) else str(responses)
    shares = [_percent(rate.share(outcome))]
    # With one count of a direction untold, a share of the others would tell it.
    if not any(_is_small(other) for other in rate.responses.values()):
        shares.append(_percent(rate.response_share(outcome)))
    name = VERDICTS[outcome][language]
    said = Text(
        zh=f"  {name}：{campaigns} 组，共 {count} 份回答",
        en=f"  {name}: {campaigns} campaigns, {count} responses",
    )
    return f"{said[language]} ({' / '.join(shares)})"


def _is_small(responses: int) -> bool:
    return responses > 0 and suppressed(responses) is None


def _percent(share: float) -> str:
    return "—" if math.isnan(share) else f"{share:.0%}"
