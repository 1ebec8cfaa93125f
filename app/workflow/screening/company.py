"""Responses of a round judged in company, and what that leaves of their influence.

The examination says what it would take away; the plan says how much of that is taken, and
whether the published caps apply; reviewers say it campaign by campaign. A response then
counts for the smaller of this and of what its own signals leave (decision 0007): both see
haste and repetition, and one piece of evidence is not charged twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module

import numpy as np

from app.anomaly.examination import Examination
from app.anomaly.submissions import Submissions
from app.database.rounds import FrozenRound
from app.stats.design import Integers
from app.survey.plan import Plan
from app.survey.recipe import CompanySignal
from app.survey.sample import Floats, Sample
from app.workflow.screening.submissions import (
    first_midnight,
    judged,
    make_reference,
    make_submissions,
)

Review = Callable[[Examination, Submissions], Examination]
"""What the decisions of reviewers make of an examination under the plan's rule."""


@dataclass(frozen=True, slots=True)
class Company:
    """The examination of a round, laid over its sample of n responses."""

    rule: CompanySignal
    rows: Integers
    """Row in the sample of each examined response."""
    submissions: Submissions
    midnight: datetime | None
    """Wall-clock moment from which minutes count; None where no times are known."""
    found: Examination
    """What was seen, whatever the plan and the reviewers make of it."""
    decided: Examination
    """Influence and bounds under the plan's rule and after the decisions."""
    capped: Floats
    """Influence by the caps alone (n), whether or not the plan applies them."""
    influence: Floats
    """What the examination leaves of each response (n); 1 where it was not examined."""


def judge_company(
    sample: Sample, frozen: FrozenRound, *, review: Review | None, seed: int
) -> Company | None:
    """Examine the classes that the plan names; None where it asks for no examination.

    `review` is None before anybody has decided. Without a response to judge there is
    nothing to say either.
    """
    plan, chosen = frozen.plan, judged(sample, frozen.plan)
    if not chosen.any():
        return None
    maps = frozen.maps_by_scale
    submissions = make_submissions(sample.restrict(chosen), plan, frozen.survey, maps)
    reference = make_reference(sample, plan, frozen.survey, maps)
    found = _engine()(submissions, reference=reference, seed=seed)
    return lay_over(sample, found, plan, review=review, submissions=submissions)


def lay_over(
    sample: Sample,
    found: Examination,
    plan: Plan,
    *,
    review: Review | None,
    submissions: Submissions,
) -> Company | None:
    """What was found about the judged responses, put over the sample they come from."""
    rule, chosen = plan.screening.company, judged(sample, plan)
    if rule is None:
        return None
    ruled = under_rule(found, rule)
    decided = ruled if review is None else review(ruled, submissions)
    rows = np.flatnonzero(chosen)
    return Company(
        rule=rule,
        rows=rows,
        submissions=submissions,
        midnight=first_midnight(sample.restrict(chosen), plan),
        found=found,
        decided=decided,
        capped=_over(len(sample), rows, found.capped),
        influence=_over(len(sample), rows, decided.influence),
    )


def under_rule(found: Examination, rule: CompanySignal) -> Examination:
    """The examination with the influence that the plan's rule leaves, before any decision.

    What the flags leave of a capped response is f = influence / capped. With a kept share k
    it is f + (1 − f) k: nothing changes at k = 0, and a flag costs nothing at k = 1.
    """
    share = np.divide(
        found.influence, found.capped, out=np.zeros(len(found.capped)), where=found.capped > 0
    )
    capped = found.capped if rule.caps == "applied" else np.ones(len(found.capped))
    kept = share + (1 - share) * rule.influence
    return replace(found, influence=capped * kept, capped=capped)


def believed(own: Floats, company: Company | None) -> Floats:
    """Influence of each response: the smaller of its own signals' and of the examination's."""
    return own if company is None else np.minimum(own, company.influence)


def _over(n: int, rows: Integers, influence: Floats) -> Floats:
    whole = np.ones(n)
    whole[rows] = influence
    return whole


def _engine() -> Callable[..., Examination]:
    # Loaded when a round is examined, not when a command starts.
    return import_module("app.anomaly.engine").examine
