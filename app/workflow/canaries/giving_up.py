"""Giving up test ratings that nobody can look for any more, because their key is lost.

A round is not processed while it may hold test ratings that no check has found. Without the
key none ever can, and the answers of everybody would be lost with it. So an auditor may say,
once nothing arrives any more, that they are lost: they then count like anybody's answers, if
they arrived at all, and every result says how many those may be.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from app.database.canaries import give_up_hidden
from app.database.rounds import hold, record
from app.database.tables import RoundRow
from app.errors import InputRefused, Problem, WrongState

LONGEST_NAME = 100
LONGEST_REASON = 2_000


def give_up(session: Session, row: RoundRow, *, author: str, reason: str, now: datetime) -> int:
    """Say that the test ratings of a closed round that were not looked for are lost.

    Gives how many. A check with the key still finds them afterwards; then they count nowhere.
    """
    problems = [*_problems("author", "署名", author, LONGEST_NAME)]
    problems += _problems("reason", "理由", reason, LONGEST_REASON)
    if problems:
        raise InputRefused(problems)
    hold(session, row)
    if row.state in {"draft", "open"}:
        raise WrongState(
            f"Round {row.code} is {row.state}: test ratings may still be looked for. Close it "
            "first, and give up those that are left.",
            chinese=f"{row.code} 还没有结束收集，测试评价仍可查找。"
            "请先结束收集，再放弃剩下的。",
        )
    n = give_up_hidden(session, row.id, now=now)
    if not n:
        raise WrongState(
            f"All test ratings of {row.code} were looked for; there is nothing to give up.",
            chinese=f"{row.code} 的测试评价都已查找过，没有需要放弃的。",
        )
    detail: dict[str, object] = {"lost": n, "author": author.strip(), "reason": reason.strip()}
    record(session, "give_up_test_ratings", subject=row.code, now=now, detail=detail)
    return n


def _problems(place: str, chinese: str, text: str, longest: int) -> list[Problem]:
    if not text.strip():
        return [Problem(place, "is empty", "Give it.", chinese=f"{chinese}为空，请填写。")]
    if len(text) > longest or "\0" in text:
        message = f"is longer than {longest} characters or holds a NUL"
        words = f"{chinese}超过 {longest} 字或含有空字符，请改短。"
        return [Problem(place, message, "Shorten it.", chinese=words)]
    return []
