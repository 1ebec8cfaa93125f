"""Responses of a round judged in company, and what that leaves of their influence.

The examination says what it would take away; the plan says how much of that is taken, and
whether the published caps apply; reviewers say it campaign by campaign. A response then
counts for the smaller of this and of what its own signals leave (decision 0007): both see
haste and repetition, and one piece of evidence is not charged twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from app.anomaly.decisions import UNDECIDED, Standing, apply_decisions
from app.anomaly.engine import VERSION, examine
from app.anomaly.examination import Examination
from app.database.rounds import FrozenRound
from app.errors import CannotEstimate
from app.stats.design import Integers
from app.survey.recipe import CompanySignal
from app.survey.sample import Floats, Sample
from app.workflow.review.verdicts import Verdicts
from app.workflow.screening.lapsed import Lapsed, find_lapsed, hold_to
from app.workflow.screening.submissions import Laid, lay_out


@dataclass(frozen=True, slots=True)
class Company:
    """The examination of a round, laid over its sample of n responses."""

    rule: CompanySignal
    laid: Laid
    found: Examination
    """What was seen, whatever the plan and the reviewers make of it."""
    decided: Examination
    """Influence and bounds under the plan's rule and after the decisions."""
    capped: Floats
    """Influence by the caps alone (n), whether or not the plan applies them."""
    influence: Floats
    """What the examination leaves of each response (n); 1 where it was not examined."""
    standings: Mapping[str, Standing]
    """What stands about the campaigns, by their code."""
    lapsed: tuple[Lapsed, ...] = ()
    """Decided campaigns that were not found again; what was decided still holds."""


def judge_company(
    sample: Sample, frozen: FrozenRound, *, verdicts: Verdicts, seed: int
) -> Company | None:
    """Examine the classes that the plan names; None where it asks for no examination.

    `verdicts` says what stands about the campaigns, those among them that are not found any
    more. Without a response to judge there is nothing to say either.
    """
    rule = frozen.plan.screening.company
    laid = lay_out(sample, frozen.plan, frozen.survey, frozen.maps_by_scale)
    if rule is None or laid is None:
        return None
    if rule.version != VERSION:
        raise CannotEstimate(
            f"The plan asks for version {rule.version} of the examination, and this program "
            f"has version {VERSION}. Process the round with the program it was planned for."
        )
    found = examine(laid.submissions, reference=laid.reference, seed=seed)
    standings = verdicts.standings
    company = lay_over(laid, found, rule=rule, standings=standings, n=len(sample))
    return remember(company, verdicts, n=len(sample))


def lay_over(
    laid: Laid,
    found: Examination,
    *,
    rule: CompanySignal,
    standings: Mapping[str, Standing],
    n: int,
) -> Company:
    """What was found about the judged responses, put over the sample of n they come from."""
    decided = decide(found, rule, standings)
    return Company(
        rule=rule,
        laid=laid,
        found=found,
        decided=decided,
        capped=_over(n, laid.rows, found.capped),
        influence=_over(n, laid.rows, decided.influence),
        standings=standings,
    )


def remember(company: Company, verdicts: Verdicts, *, n: int) -> Company:
    """With what was decided about responses that are not found in the same company again."""
    lapsed = find_lapsed(
        company.found,
        company.laid.submissions.identifier,
        standings=verdicts.standings,
        members=verdicts.members,
    )
    if not lapsed:
        return company
    decided = hold_to(company.decided, lapsed, verdicts.standings)
    influence = _over(n, company.laid.rows, decided.influence)
    return replace(company, decided=decided, influence=influence, lapsed=lapsed)


def decide(
    found: Examination, rule: CompanySignal, standings: Mapping[str, Standing]
) -> Examination:
    """The examination with the influence that the plan's rule and the decisions leave.

    What the flags leave of a capped response is f = influence / capped. With a kept share k
    it is f + (1 − f) k: nothing changes at k = 0, and a flag costs nothing at k = 1. Where
    people decided to count a campaign for less, k is 0: nobody waits for them any more.
    """
    kept = np.full(len(found.capped), rule.influence)
    for campaign in found.campaigns:
        if standings.get(campaign.code, UNDECIDED).verdict == "down_weight":
            kept[list(campaign.rows)] = 0.0
    left = np.divide(
        found.influence, found.capped, out=np.zeros(len(found.capped)), where=found.capped > 0
    )
    capped = found.capped if rule.caps == "applied" else np.ones(len(found.capped))
    ruled = replace(found, influence=capped * (left + (1 - left) * kept), capped=capped)
    return apply_decisions(ruled, standings)


def believed(own: Floats, company: Company | None) -> Floats:
    """Influence of each response: the smaller of its own signals' and of the examination's."""
    return own if company is None else np.minimum(own, company.influence)


def _over(n: int, rows: Integers, influence: Floats) -> Floats:
    whole = np.ones(n)
    whole[rows] = influence
    return whole
