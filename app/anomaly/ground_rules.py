"""Which grounds a decision may rest on, given what the campaign is and what it does.

Low scores lose influence for haste, copied text or concentration that the examination saw,
or where no incident was found that would explain them, and for nothing else. A first look
does not know the direction: what is refused to low scores is refused to every first look,
so that the refusal tells nothing.
"""

from collections.abc import Iterator

from app.anomaly.decisions import VERDICTS, Case, Verdict
from app.anomaly.grounds import GROUNDS, TAKES_AWAY, Ground, find_ground
from app.errors import Problem


def ground_problems(
    code: str, verdict: Verdict, *, case: Case, note: str, blind: bool
) -> list[Problem]:
    """Everything that forbids deciding so for that reason."""
    ground = find_ground(code)
    if ground is None or verdict not in ground.verdicts or case.kind not in ground.kinds:
        return [_unfit(code, verdict, case.kind)]
    return [
        *_direction_problems(ground, verdict, case, blind),
        *_proof_problems(ground, case, note),
    ]


def open_grounds(case: Case, *, blind: bool) -> Iterator[tuple[Verdict, Ground]]:
    """Every decision with a ground that it may rest on.

    Of a first look the same ones whatever the direction is.
    """
    for verdict in VERDICTS:
        for ground in GROUNDS:
            if not ground_problems(ground.code, verdict, case=case, note="-", blind=blind):
                yield verdict, ground


def _direction_problems(
    ground: Ground, verdict: Verdict, case: Case, blind: bool
) -> Iterator[Problem]:
    if verdict not in TAKES_AWAY:
        return
    if blind and not ground.blind:
        fit = _codes(verdict, case.kind, first_look=True)
        yield Problem(
            "reason",
            "is not open to a first look, which does not know the direction",
            f"Cite one of {fit}, or ask for an audit; the whole is shown after that.",
            ground.code,
            chinese=(
                f"初看尚不知方向，不能以 {ground.code} 为由。"
                f"请选 {fit} 之一，或要求核查；之后即可看到全部。"
            ),
        )
    elif case.lowers_any and not ground.low_scores:
        fit = ", ".join(g.code for g in GROUNDS if g.low_scores)
        yield Problem(
            "reason",
            "takes no influence from responses that lower a score",
            f"Only {fit} do. Otherwise keep the campaign or ask for an audit.",
            ground.code,
            chinese=(
                f"不能以 {ground.code} 为由降低或排除压低得分的回答，只有 {fit} 可以。"
                "否则请保留，或要求核查。"
            ),
        )


def _proof_problems(ground: Ground, case: Case, note: str) -> Iterator[Problem]:
    if ground.signals and not ground.signals & case.signals:
        yield Problem(
            "reason",
            "is not what the examination saw in this campaign",
            "Cite what its reasons show.",
            ground.code,
            chinese=f"检测没有在该回答组看到 {ground.code}。请按所列依据选择理由。",
        )
    if not note.strip():
        what = "which check found it, and when" if ground.confirmed else "what it rests on"
        zh = "请写明由哪一次核查、何时查明。" if ground.confirmed else "请写明依据。"
        yield Problem("note", "is empty", f"Say {what}.", chinese=f"说明为空。{zh}")


def _unfit(code: str, verdict: Verdict, kind: str) -> Problem:
    fit = _codes(verdict, kind, first_look=False)
    return Problem(
        "reason",
        f"is no reason to {verdict} a campaign of a {kind}",
        f"Cite one of {fit}.",
        code,
        chinese=f"{code} 不能作为此项决定（{verdict}，{kind}）的理由。请选 {fit} 之一。",
    )


def _codes(verdict: Verdict, kind: str, *, first_look: bool) -> str:
    fit = (g for g in GROUNDS if verdict in g.verdicts and kind in g.kinds)
    return ", ".join(g.code for g in fit if g.blind or not first_look)
