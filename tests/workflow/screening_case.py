"""A round of the town whose plan asks for company, and examinations of it made by hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from app.anomaly.decisions import Standing
from app.anomaly.examination import Campaign, Examination, PointBounds, Reason
from app.anomaly.submissions import Submissions
from app.database.rounds import FrozenRound
from app.survey.plan import Plan
from app.survey.reading import read_definition
from app.survey.sample import RawResponse, Sample, build_sample
from app.workflow.freezing import digest_of, meaning_of
from app.workflow.screening.company import Company, lay_over
from app.workflow.screening.submissions import lay_out
from world import TOWN_PLAN, registry

COMPANY = "screening: {company: {version: 1}}"
REASON = Reason("COPY_POINT", 1, observed=41.0, expected=3.2, rarity=0.001)


@cache
def a_frozen_round(company: str = COMPANY, *, survey: str = "three_senses_short@1") -> Any:
    """The town's round under another screening, as it would come out of the database."""
    text = TOWN_PLAN.replace("screening: {}", company)
    return frozen_of(text.replace("three_senses_short@1", survey))


def frozen_of(text: str) -> FrozenRound:
    """The closed round of a plan, as it would come out of the database."""
    plan = read_definition(Plan, text, source="plan.yaml")
    _, score_maps = registry().score_maps
    drafted = FrozenRound(
        id=1,
        code=plan.code,
        state="closed",
        plan=plan,
        plan_digest="",
        survey=registry().surveys[plan.survey][1],
        survey_digest="0" * 64,
        score_maps=score_maps,
        system=None,
    )
    return replace(drafted, plan_digest=digest_of(meaning_of(drafted)))


def a_response(number: int, code: int | None = 5, **changes: Any) -> RawResponse:
    """Somebody in the east hall who gave one code to every item."""
    answers = {} if code is None else {"Q1": code, "Q2": code, "Q3": code}
    kept = RawResponse(
        identifier=f"{number:032x}",
        unit="east",
        point="east-hall",
        evidence="opt_in",
        channel="qr",
        answers=answers,
        slot="2026-11-22T08:35Z",
    )
    return replace(kept, **changes)


def sample_of(frozen: FrozenRound, responses: Iterable[RawResponse]) -> Sample:
    """The columns of some responses."""
    return build_sample(frozen.survey, frozen.maps_by_scale, list(responses))


def bounds(point: str, **changes: Any) -> PointBounds:
    """Numbers of a point that nobody looks at, but for those a test names."""
    known = PointBounds(
        point=point, n=0, reduced=0, excluded=0, raw=0.0, capped=0.0, score=0.0, low=0.0,
        high=0.0, epsilon=0.05, answers_up=3.0, answers_down=2.0, sample_n=0,
        sample_mean=float("nan"), shrinkage=0.0,
    )  # fmt: skip
    return replace(known, **changes)


def a_campaign(rows: Sequence[int], **changes: Any) -> Campaign:
    """A campaign of some rows at the east hall."""
    known = Campaign(
        code="c1", kind="point", place="east-hall", rows=tuple(rows), points=("east-hall",),
        first=16 * 60 + 35.0, last=18 * 60.0, reasons=(REASON,), score_with=80.0,
        score_without=71.2, similarity={},
    )  # fmt: skip
    return replace(known, **changes)


def an_examination(
    submissions: Submissions,
    flagged: Sequence[int] = (),
    *,
    capped: Sequence[float] | None = None,
    **changes: Any,
) -> Examination:
    """Some rows flagged as one campaign, everything else as it came."""
    n = len(submissions)
    caps = np.ones(n) if capped is None else np.array(capped, float)
    flags = np.isin(np.arange(n), flagged)
    points = [bounds(point) for point in sorted(set(submissions.point.tolist()))]
    known = Examination(
        influence=np.where(flags, 0.0, caps),
        capped=caps,
        flagged=flags,
        campaign=tuple(np.where(flags, 0, -1).tolist()),
        reasons=dict.fromkeys(flagged, (REASON,)),
        campaigns=(a_campaign(flagged),) if len(flagged) else (),
        points=tuple(points),
    )
    return replace(known, **changes)


def a_company(
    frozen: FrozenRound,
    sample: Sample,
    flagged: Sequence[int] = (),
    *,
    standings: Mapping[str, Standing] = MappingProxyType({}),
    **changes: Any,
) -> Company:
    """An examination by hand, laid over the sample."""
    laid = lay_out(sample, frozen.plan, frozen.survey, frozen.maps_by_scale)
    rule = frozen.plan.screening.company
    assert laid is not None
    assert rule is not None
    found = an_examination(laid.submissions, flagged, **changes)
    return lay_over(laid, found, rule=rule, standings=standings, n=len(sample))
