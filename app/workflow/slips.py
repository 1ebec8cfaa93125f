"""Rights that were made, as the slips and the list that go to those who send them."""

from zoneinfo import ZoneInfo

from app.documents.printing.slips import Slip
from app.survey.tokens import write_token
from app.workflow.rights import Ground, Issue


def slips_of(ground: Ground, issue: Issue, *, public_url: str) -> list[Slip]:
    """A slip for every right of an issue, in its order; each carries its token."""
    names = {point.code: point.name for point in ground.plan.points}
    expires_at = issue.expires_at.astimezone(ZoneInfo(ground.plan.window.time_zone))
    return [
        Slip(
            number=number,
            url=f"{public_url}/s/{right.code}#t={right.token}",
            code=right.code,
            token=write_token(right.token),
            point_name=names[right.point],
            expires_at=expires_at,
            row=right.person.cells if right.person else (),
        )
        for number, right in enumerate(issue.rights, start=1)
    ]
