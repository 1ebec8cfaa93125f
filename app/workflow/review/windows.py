"""On which days a campaign came, as a calendar says it.

A campaign keeps minutes of its round and nothing else, so that its window can be forgotten.
Which day they count from stands in the result of the run that found it. A reviewer needs the
day: tickets, closures and events are looked up by date.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.database.campaigns import KeptCampaign
from app.database.results import result_of
from app.database.tables import RunRow


def midnights(session: Session, campaigns: Sequence[KeptCampaign]) -> Mapping[int, datetime]:
    """Run → the wall-clock midnight from which minutes of the campaigns it found count.

    A run that found none whose window is still known is absent.
    """
    known = {one.row.code: one.row for one in campaigns if one.row.first_minute is not None}
    found: dict[int, datetime] = {}
    for number in sorted({row.run_id for row in known.values()}):
        screening = result_of(session.get_one(RunRow, number)).get("screening", {})
        for told in screening.get("company", {}).get("campaigns", ()):
            row = known.get(told["code"])
            if row is None or row.run_id != number or told["first"] is None:
                continue
            since = timedelta(minutes=row.first_minute or 0)
            found[number] = datetime.fromisoformat(told["first"]) - since
            break
    return found
