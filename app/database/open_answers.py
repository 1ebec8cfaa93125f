"""What was written in words in a round; test ratings are not among it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.canaries import no_canary
from app.database.fieldwork import of_round
from app.database.tables import ResponseRow, ResponseTextRow


@dataclass(frozen=True, slots=True)
class Written:
    """One text, and where it was written."""

    response_id: str
    unit: str
    text: str


def list_written(session: Session, round_id: int, *, item: str) -> Sequence[Written]:
    """Every text to an item of a round."""
    rows = (
        select(ResponseTextRow.response_id, ResponseRow.unit, ResponseTextRow.text)
        .join(ResponseRow, ResponseRow.id == ResponseTextRow.response_id)
        .where(of_round(round_id), no_canary(), ResponseTextRow.item == item)
    )
    return [Written(name, unit, text) for name, unit, text in session.execute(rows)]
