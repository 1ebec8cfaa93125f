"""Drawing a sample from a frame: invitations for those drawn, and the same draw again.

The frame itself is kept nowhere: its digest, the seed and the sizes are, so that whoever
holds the file can draw again and compare.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.database.rights import find_draw, list_draws
from app.database.rounds import load_round
from app.database.tables import RoundRow
from app.errors import NotFound
from app.survey.drawing import allocate, draw
from app.survey.plan import Plan
from app.survey.sampling_frame import Frame, read_frame
from app.survey.tokens import TOKEN_ENTROPY, new_token
from app.workflow.rights import (
    Ground,
    Issue,
    IssuedRight,
    batch_problems,
    code_of,
    keep_issue,
    refuse,
    stand_on,
)


@dataclass(frozen=True, slots=True)
class DrawOrder:
    """A draw asked for: `sizes` is one number to be shared out, or stratum → people."""

    batch: str
    sizes: int | Mapping[str, int]
    seed: str
    source: str = "frame"
    """The name of the frame's file, for messages."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A draw made again: whether the file, and the people drawn, are the very same."""

    same_frame: bool
    same_people: bool
    people: int


def prepare_sample(ground: Ground, content: bytes, order: DrawOrder) -> Issue:
    """Draw from a frame and make each person's token; InputRefused with every mistake."""
    refuse(batch_problems(order.batch), order.source)
    frame = read_frame(content, source=order.source, points=_points_of(ground.plan))
    sample = draw(frame, _sizes(frame, order.sizes), order.seed)
    rights = tuple(
        IssuedRight(
            token=new_token(secrets.token_bytes(TOKEN_ENTROPY)),
            point=drawn.person.point,
            code=code_of(ground, drawn.person.point),
            weight=drawn.weight,
            person=drawn.person,
        )
        for drawn in sample.people
    )
    return Issue(
        purpose=ground.purpose,
        batch=order.batch,
        expires_at=ground.plan.window.end,
        rights=rights,
        columns=frame.columns,
        frame_digest=frame.digest,
        drawn=sample,
        source=order.source,
    )


def draw_sample(
    session: Session, row: RoundRow, content: bytes, order: DrawOrder, *, now: datetime
) -> Issue:
    """Draw from a frame and keep the invitations, in one act."""
    issue = prepare_sample(stand_on(session, row, "invitation", now), content, order)
    keep_issue(session, row, issue, now=now)
    return issue


def replay_draw(
    session: Session, row: RoundRow, content: bytes, *, batch: str, source: str = "frame"
) -> Replay:
    """Draw again from a frame by the seed and sizes that were kept, and compare.

    The people may be the same though the file is not: saved anew, or in another order.
    """
    kept = find_draw(session, row.id, batch)
    if kept is None:
        known = ", ".join(list_draws(session, row.id)) or "none yet"
        raise NotFound(f"Round {row.code} has no draw {batch!r}. Draws: {known}.")
    plan = load_round(session, row).plan
    frame = read_frame(content, source=source, points=_points_of(plan))
    same_frame = frame.digest == kept.frame_digest
    if {stratum: people for stratum, (people, _) in kept.sizes.items()} != frame.strata:
        return Replay(same_frame, same_people=False, people=len(frame.people))
    sizes = {stratum: drawn for stratum, (_, drawn) in kept.sizes.items()}
    again = draw(frame, sizes, kept.seed)
    return Replay(same_frame, again.digest == kept.sample_digest, len(again.people))


def _points_of(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {
        unit.code: tuple(point.code for point in plan.points if point.unit == unit.code)
        for unit in plan.units
    }


def _sizes(frame: Frame, asked: int | Mapping[str, int]) -> Mapping[str, int]:
    return allocate(frame, asked) if isinstance(asked, int) else asked
