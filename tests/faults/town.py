"""An open round for people to answer in, and all that is needed to check what was kept."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.database.engine import make_engine, make_sessions
from app.database.rounds import active_codes, round_key
from tests.world import TOWN_PLAN, a_round

PLAN = TOWN_PLAN.replace("closes: '2027-", "closes: '2100-")


@dataclass(frozen=True, slots=True)
class Town:
    """A round in the database at `url`, the code of one of its points, the round's key."""

    url: str
    round_id: int
    code: str
    key: bytes

    def at(self, url: str) -> "Town":
        """The same round in another copy of the database."""
        return replace(self, url=url)


def open_town(url: str) -> Town:
    """Open a round in a migrated database that has none yet."""
    engine = make_engine(url)
    with make_sessions(engine).begin() as session:
        row = a_round(session, PLAN, now=datetime.now(UTC))
        code = active_codes(session, row.id)["east-hall"]
        town = Town(url, row.id, code, round_key(session, row.id))
    engine.dispose()  # the last connection folds SQLite's log into the file
    return town
