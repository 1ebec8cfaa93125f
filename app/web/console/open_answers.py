"""What people wrote, for whoever may read it; that somebody looked is written down first."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.people.roles import Permission
from app.web.console.pages import Desk, Looking
from app.web.console.readings import open_finished
from app.web.console.witness import Witnessed
from app.web.dependencies import ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.open_answers import ELSEWHERE, LEAST, read_batch, text_items

router = APIRouter(prefix="/console/rounds/{code}/runs/{run_id}/texts")


@router.get("")
def show_texts(  # noqa: PLR0913 - what names a batch
    code: str,
    run_id: int,
    desk: Annotated[Desk, Depends(Looking(Permission.SEE_TEXTS))],
    session: ReadingSession,
    witness: Witnessed,
    item: str = "",
    unit: str | None = None,
    part: int = 1,
) -> HTMLReply:
    """One batch of texts: scrubbed, in an order that says nothing, without any score."""
    reading = open_finished(session, desk, code, run_id)
    frozen = reading.frozen
    items = text_items(frozen)
    chosen = next((one for one in items if one.code == item), items[0] if items else None)
    batch = None
    if chosen is not None:
        batch = read_batch(session, frozen, item=chosen.code, unit=unit, part=part)
        about = {
            "run": run_id,
            "item": chosen.code,
            "unit": batch.unit or "",
            "part": batch.part,
        }
        witness.saw(desk, "see_texts", subject=frozen.code, **about)
    return desk.page(
        "console/run_texts.html",
        run=reading.run,
        frozen=frozen,
        address=reading.address,
        method_url=f"{reading.address}/method",
        items=items,
        chosen=chosen,
        batch=batch,
        units=[one for one in frozen.plan.units if batch and one.code in batch.sizes],
        elsewhere=ELSEWHERE,
        least=LEAST,
    )
