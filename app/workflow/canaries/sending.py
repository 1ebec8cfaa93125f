"""Test ratings on their way: one of each grade for every way into a round, sealed.

If low grades are dropped anywhere between the page and the table, those of the auditor are
too, and the platform cannot spare them: they are signed with a key that it does not have.
They are sent in `cli/canaries`, like anybody's answers.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.database.fieldwork import list_allowances
from app.database.rights import find_model_token, keep_tokens
from app.database.rounds import FrozenRound, active_codes, hold, load_round, record
from app.database.tables import CanaryRow, RoundRow
from app.errors import InputRefused, NotFound, Problem, WrongState
from app.survey.admission import EVIDENCE, Right
from app.survey.answers import Answer
from app.survey.canaries import KEY_BYTES, canary_answers, grade_sign, grades, mark_of
from app.survey.tokens import TOKEN_ENTROPY, new_token, token_hash

VALIDITY = timedelta(hours=72)
PROGRAM = "api"


@dataclass(frozen=True, slots=True)
class Errand:
    """One test rating to be sent: which grade, by which right, through which channel."""

    purpose: Right
    channel: str
    grade: int
    point: str
    code: str
    """The public code of the point."""
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a test rating is signed with: the auditor's key, the hash of its form's key."""

    key: bytes = field(repr=False)
    submission_hash: str


def prepare_errands(
    session: Session, row: RoundRow, *, point: str = "", now: datetime
) -> list[Errand]:
    """One errand for each grade and way in, in random order, with tokens where needed.

    `point` sends all of them to one point; otherwise each goes to one by chance. WrongState
    where the round takes no answers, rates nothing, or has hardly any places left.
    """
    frozen = load_round(session, row)
    if hold(session, row).state != "open" or not frozen.plan.window.contains(now):
        raise WrongState(
            f"Round {row.code} takes no answers now, so no test ratings either.",
            chinese=f"{row.code} 现在不收回答，也就不能发测试评价。",
        )
    wanted = grades(frozen.survey)
    if not wanted:
        raise WrongState(
            f"The survey of {row.code} has no scored item that everybody is asked.",
            chinese=f"{row.code} 的问卷没有人人都答的计分题，无法发测试评价。",
        )
    codes = active_codes(session, row.id)
    if point and point not in codes:
        raise NotFound(
            f"{point!r} is no point with a code. Points: {', '.join(sorted(codes))}.",
            chinese=f"没有带码的点位“{point}”。现有点位：{'、'.join(sorted(codes))}。",
        )
    chosen = [point] if point else sorted(codes)
    if not chosen:
        raise NotFound(
            f"Round {row.code} has no codes; its answers are imported.",
            chinese=f"{row.code} 没有码：回答都是导入的。",
        )
    errands = [
        errand
        for purpose, channel in ways_in(frozen)
        for errand in _errands(session, frozen, (purpose, channel), chosen, now)
    ]
    _require_room(session, row, len(errands))
    secrets.SystemRandom().shuffle(errands)
    return [replace(errand, code=codes[errand.point]) for errand in errands]


def ways_in(frozen: FrozenRound) -> list[tuple[Right, str]]:
    """Rights and channels by which answers of a round come in.

    Every right through the page; the kiosk and the interface by the most public right.
    """
    rights = frozen.plan.admits.rights
    most_public = next(r for r in ("open", "ticket", "invitation") if r in rights)
    return [
        *((right, "qr") for right in rights),
        (most_public, "kiosk"),
        (most_public, PROGRAM),
    ]


def seal(
    session: Session,
    row: RoundRow,
    errand: Errand,
    *,
    signed: Signature,
    now: datetime,
) -> Mapping[str, Answer]:
    """Keep the seal of a test rating and give its answers; commit it before it is sent."""
    frozen = load_round(session, row)
    mark = mark_of(signed.key, signed.submission_hash)
    day = now.astimezone(ZoneInfo(frozen.plan.window.time_zone)).date().isoformat()
    session.add(
        CanaryRow(
            mark=mark,
            round_id=row.id,
            unit=next(p.unit for p in frozen.plan.points if p.code == errand.point),
            point=errand.point,
            channel=errand.channel,
            evidence=EVIDENCE.get(errand.purpose, frozen.plan.evidence_class),
            purpose=errand.purpose,
            grade=grade_sign(signed.key, mark, errand.grade),
            day=day,
        )
    )
    return canary_answers(frozen.survey, grade=errand.grade, key=signed.key, mark=mark)


def record_sending(session: Session, row: RoundRow, n: int, *, now: datetime) -> None:
    """Say in the audit trail, after the last one was sent, that test ratings were sent."""
    record(session, "send_test_ratings", subject=row.code, now=now, detail={"sent": n})


def read_key(content: bytes, source: str) -> bytes:
    """The auditor's key: 64 hexadecimal digits; InputRefused for anything else."""
    try:
        key = bytes.fromhex(content.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        message, cure = "is not 64 hexadecimal digits", "Make one: minxin canary key --out FILE"
        chinese = "密钥不是 64 位十六进制数。请用 minxin canary key --out 文件 生成。"
        raise InputRefused([Problem("key", message, cure, source=source, chinese=chinese)])
    return key


def _errands(
    session: Session,
    frozen: FrozenRound,
    way: tuple[Right, str],
    points: Sequence[str],
    now: datetime,
) -> Iterator[Errand]:
    purpose, channel = way
    model: dict[str, Any] = {}
    if purpose != "open":
        token = find_model_token(session, frozen.id, purpose)
        if token is None and purpose == "invitation":
            return  # nobody was invited yet: nothing comes in this way
        day = now.astimezone(ZoneInfo(frozen.plan.window.time_zone)).date()
        model = {
            "purpose": purpose,
            # Like the tokens of everybody: a batch of their own would give them away.
            "batch": token.batch if token else f"tickets-{day}",
            "weight": token.weight if token else None,
            "expires_at": min(now + VALIDITY, frozen.plan.window.end),
        }
    for grade in grades(frozen.survey):
        point = secrets.choice(points)
        token_text = ""
        if model:
            token_text = new_token(secrets.token_bytes(TOKEN_ENTROPY))
            fields = {token_hash(token_text): {**model, "point": point}}
            keep_tokens(session, frozen.id, fields)
        yield Errand(purpose, channel, grade, point, "", token_text)


def _require_room(session: Session, row: RoundRow, n: int) -> None:
    """Places for everybody must be left beside those of the test ratings."""
    short = [a.name for a in list_allowances(session, row.id) if a.most - a.taken <= n]
    if short:
        raise WrongState(
            f"{', '.join(short)} of {row.code} has fewer than {n} places left: test ratings "
            "would take those of people. Send fewer, or none.",
            chinese=f"{row.code} 的{'、'.join(short)}剩余名额不足 {n} 个，"
            "测试评价会占用居民的名额。请少发或不发。",
        )
