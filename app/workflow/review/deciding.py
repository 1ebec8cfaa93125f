"""Deciding about campaigns: one row each for a decision, its confirmation, its revocation.

Rows are only ever added, while the round is held. What stands follows from them, and a run
that is finished knows nothing of what is decided after it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.anomaly.decisions import VERDICTS, Standing, Verdict, is_same
from app.anomaly.ground_rules import ground_problems
from app.database.campaigns import KeptCampaign, find_campaign, find_decided_campaign
from app.database.results import latest_published
from app.database.rounds import hold, load_round, record
from app.database.tables import CampaignDecisionRow, RoundRow
from app.errors import InputRefused, NotAllowed, Problem, WrongState
from app.workflow.review.impartiality import Reviewer, require_impartial, require_named
from app.workflow.review.verdicts import case_of, load_verdicts

LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is decided about a campaign, and why."""

    campaign: str
    """Its code, or a beginning that only it has."""
    verdict: Verdict
    reason: str
    """Code of a ground of `app.anomaly.grounds`."""
    note: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """Which row is confirmed or taken back, and why."""

    number: int
    note: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act of review."""

    number: int
    """Of the row that was added."""
    campaign: str
    verdict: str
    blind: bool
    """Whether it was a first look: from now on the reviewer is shown the whole."""
    standing: Standing
    """What stands about the campaign now."""
    second_of: int | None
    """The decision that the row confirms."""
    revokes: int | None
    """The row that it takes back."""
    public_run: int | None
    """The run in force, which knows nothing of this; None before anything is public."""


def decide(
    session: Session, row: RoundRow, reviewer: Reviewer, judgement: Judgement, *, now: datetime
) -> Outcome:
    """Decide about a campaign. A reviewer's first decision about it is made blind."""
    require_named(reviewer)
    kept = find_campaign(session, hold(session, row), judgement.campaign)
    require_impartial(load_round(session, row).plan, kept, reviewer)
    blind = not has_judged(kept, reviewer)
    problems = _problems(judgement, kept, blind=blind)
    if problems:
        raise InputRefused(problems)
    added = CampaignDecisionRow(
        campaign_id=kept.row.id,
        verdict=judgement.verdict,
        author=reviewer.author.strip(),
        office=reviewer.office.strip(),
        reason=judgement.reason,
        note=judgement.note.strip(),
        blind=blind,
        decided_at=now,
    )
    return _keep(session, row, kept, added, act="decide campaign")


def confirm(
    session: Session, row: RoundRow, reviewer: Reviewer, ruling: Ruling, *, now: datetime
) -> Outcome:
    """Confirm somebody else's decision as a second person from another office."""
    require_named(reviewer)
    number = ruling.number
    kept = find_decided_campaign(session, hold(session, row), number)
    require_impartial(load_round(session, row).plan, kept, reviewer)
    first = _live(kept, number)
    if first.verdict == "audit":
        raise WrongState(
            f"Decision {number} asks for an audit, which needs no second person.",
            chinese=f"第 {number} 号是要求核查，不需要第二人确认。",
        )
    _require_other(first, reviewer)
    if not has_judged(kept, reviewer):
        raise WrongState(
            f"Record your own first judgement of {kept.row.code} before you confirm that of "
            f"somebody else: minxin review decide {row.code} {kept.row.code}",
            chinese=f"请先对 {kept.row.code} 记下您自己的第一次判断，再确认他人的决定："
            f"minxin review decide {row.code} {kept.row.code}",
        )
    if any(one.second_of == number for one in in_force(kept)):
        raise WrongState(
            f"Decision {number} is confirmed already.", chinese=f"第 {number} 号已经确认过。"
        )
    added = _about(first, reviewer, _checked(ruling.note), now)
    added.second_of = number
    return _keep(session, row, kept, added, act="confirm decision")


def revoke(
    session: Session, row: RoundRow, reviewer: Reviewer, ruling: Ruling, *, now: datetime
) -> Outcome:
    """Take back a decision or a confirmation, by its author or somebody of that office."""
    require_named(reviewer)
    number = ruling.number
    kept = find_decided_campaign(session, hold(session, row), number)
    require_impartial(load_round(session, row).plan, kept, reviewer)
    taken = _standing_row(kept, number)
    by_author = is_same(taken.author, reviewer.author)
    if not (by_author or is_same(taken.office, reviewer.office)):
        raise NotAllowed(
            f"Decision {number} is {taken.author}'s, of {taken.office}; it is taken back "
            "there. You may decide otherwise: the latest decision that counts stands.",
            chinese=f"第 {number} 号是{taken.office}的{taken.author}所作，"
            "只能由本人或该单位撤回。您可以另作决定：以最近一个生效的决定为准。",
        )
    added = _about(taken, reviewer, _checked(ruling.note), now)
    added.revokes = number
    return _keep(session, row, kept, added, act="revoke decision")


def has_judged(kept: KeptCampaign, reviewer: Reviewer) -> bool:
    """Whether the reviewer has recorded a judgement of the campaign, so may see the whole."""
    return any(
        is_same(one.author, reviewer.author)
        for one in kept.decisions
        if one.second_of is None and one.revokes is None
    )


def in_force(kept: KeptCampaign) -> list[CampaignDecisionRow]:
    """Decisions and confirmations that nobody took back, the first first."""
    taken_back = {one.revokes for one in kept.decisions}
    return [o for o in kept.decisions if o.revokes is None and o.id not in taken_back]


def _keep(
    session: Session, row: RoundRow, kept: KeptCampaign, added: CampaignDecisionRow, *, act: str
) -> Outcome:
    if row.telemetry_forgotten_at is not None:
        raise WrongState(
            f"Review of {row.code} ended on {row.telemetry_forgotten_at:%Y-%m-%d}, when its "
            "telemetry was forgotten: no run could follow another decision.",
            chinese=f"{row.code} 的评审已于 {row.telemetry_forgotten_at:%Y-%m-%d} 结束："
            "作答过程的记录当日删除，此后的决定无法再计入得分。",
        )
    session.add(added)
    session.flush()
    detail: dict[str, object] = {
        "campaign": kept.row.code,
        "decision": added.id,
        "verdict": added.verdict,
        "reason": added.reason,
        "author": added.author,
        "office": added.office,
        "about": added.second_of or added.revokes,
    }
    public = latest_published(session, row.id)
    if public is not None:
        detail["public_run"] = public[1].id
    record(session, act, subject=row.code, now=added.decided_at, detail=detail)
    return Outcome(
        number=added.id,
        campaign=kept.row.code,
        verdict=added.verdict,
        blind=added.blind,
        standing=load_verdicts(session, row.id).standings[kept.row.code],
        second_of=added.second_of,
        revokes=added.revokes,
        public_run=public[1].id if public else None,
    )


def _problems(judgement: Judgement, kept: KeptCampaign, *, blind: bool) -> list[Problem]:
    if judgement.verdict not in VERDICTS:
        fit = ", ".join(VERDICTS)
        chinese = f"没有“{judgement.verdict}”这种决定。请选 {fit} 之一。"
        cure = f"Write one of {fit}."
        return [Problem("verdict", "is unknown", cure, judgement.verdict, chinese=chinese)]
    return [
        *ground_problems(
            judgement.reason,
            judgement.verdict,
            case=case_of(kept),
            note=judgement.note,
            blind=blind,
        ),
        *_note_problems(judgement.note),
    ]


def _checked(note: str) -> str:
    problems = _note_problems(note)
    if not note.strip():
        problems.append(Problem("note", "is empty", "Say why.", chinese="请写明理由。"))
    if problems:
        raise InputRefused(problems)
    return note.strip()


def _note_problems(note: str) -> list[Problem]:
    # PostgreSQL keeps no NUL.
    if len(note) <= LONGEST_NOTE and "\0" not in note:
        return []
    message = f"is longer than {LONGEST_NOTE} characters or holds a NUL"
    chinese = f"说明超过 {LONGEST_NOTE} 字或含有空字符，请改短。"
    return [Problem("note", message, "Shorten it.", chinese=chinese)]


def _live(kept: KeptCampaign, number: int) -> CampaignDecisionRow:
    """The decision of that number, which must be one and not taken back."""
    found = _standing_row(kept, number)
    if found.second_of is not None:
        raise WrongState(
            f"Row {number} itself confirms decision {found.second_of}; confirm that one.",
            chinese=f"第 {number} 号本身是对第 {found.second_of} 号的确认，请确认那一号。",
        )
    return found


def _standing_row(kept: KeptCampaign, number: int) -> CampaignDecisionRow:
    found = next(one for one in kept.decisions if one.id == number)
    if found.revokes is not None:
        raise WrongState(
            f"Row {number} took back {found.revokes}; decide anew instead.",
            chinese=f"第 {number} 号是对第 {found.revokes} 号的撤回，请重新作出决定。",
        )
    if found not in in_force(kept):
        raise WrongState(
            f"Decision {number} was taken back already; decide anew instead.",
            chinese=f"第 {number} 号已经撤回，请重新作出决定。",
        )
    return found


def _require_other(first: CampaignDecisionRow, reviewer: Reviewer) -> None:
    if is_same(first.author, reviewer.author) or is_same(first.office, reviewer.office):
        raise NotAllowed(
            f"Decision {first.id} is by {first.author} of {first.office}. "
            "The second person must be somebody else, and from another office.",
            chinese=f"第 {first.id} 号是{first.office}的{first.author}所作。"
            "第二人须是另一个人，并来自另一个单位。",
        )


def _about(
    first: CampaignDecisionRow, reviewer: Reviewer, note: str, now: datetime
) -> CampaignDecisionRow:
    """A row about another one: the same verdict, for the same reason."""
    return CampaignDecisionRow(
        campaign_id=first.campaign_id,
        verdict=first.verdict,
        author=reviewer.author.strip(),
        office=reviewer.office.strip(),
        reason=first.reason,
        note=note,
        blind=False,
        decided_at=now,
    )
