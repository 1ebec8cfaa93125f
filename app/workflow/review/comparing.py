"""The answers of a campaign beside those that its places usually get.

Usual are the other responses of the same places in the round: those of no campaign at all,
as many as are needed for a picture, taken in the order of their random identifiers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.database.campaigns import KeptCampaign, list_campaign_responses, list_usual_answers
from app.workflow.review.shown import SMALLEST_COUNT

ENOUGH = 1_000
"""Of so many usual responses the shares are known well enough to look at."""

Spread = Mapping[str, Mapping[str, int]]
"""Item → what was answered → how often."""


@dataclass(frozen=True, slots=True)
class Beside:
    """How often each answer was given, in a campaign and usually."""

    size: int
    here: Spread
    usual_size: int
    usual: Spread
    """Nothing where too few others answered to be told."""


def beside_usual(session: Session, kept: KeptCampaign) -> Beside:
    """The answers of a campaign held against those of its places."""
    here = [response.answers for response in list_campaign_responses(session, kept.row.id)]
    usual = list_usual_answers(
        session, kept.row.round_id, places=list(kept.points), at_most=ENOUGH
    )
    told = usual if len(usual) >= SMALLEST_COUNT else []
    return Beside(len(here), _spread(here), len(told), _spread(told))


def _spread(answers: Iterable[Mapping[str, Any]]) -> Spread:
    spread: dict[str, Counter[str]] = {}
    for one in answers:
        for item, given in one.items():
            if not isinstance(given, list):
                spread.setdefault(item, Counter())[str(given)] += 1
    return spread
