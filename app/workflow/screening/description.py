"""What the result document says of the examination: counts and effects, and no response.

Campaigns are told by kind, size, window, effect and reasons. Which responses they hold is
for the reviewers' pages; the document, public or not, never names one.
"""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import numpy as np

from app.anomaly.decisions import UNDECIDED
from app.anomaly.examination import Campaign, Reason
from app.survey.plan import Plan
from app.survey.sample import Floats
from app.survey.text import Text
from app.workflow.screening.company import Company
from app.workflow.screening.lapsed import Lapsed
from app.workflow.screening.points import describe_points, directions, score_points
from app.workflow.screening.rule import published_rule, reason_words, signal_name


def describe_company(
    company: Company | None, influence: Floats, plan: Plan
) -> dict[str, Any] | None:
    """The examination as a part of the document; None where the plan asked for none.

    `influence` is what every response of the sample finally counts. Decided campaigns that
    were not found again are named only where there are any.
    """
    if company is None:
        return None
    final = influence[company.laid.rows]
    found = company.found
    described = {
        "version": company.rule.version,
        "evidence": list(company.rule.evidence),
        "influence": company.rule.influence,
        "caps": company.rule.caps,
        "rule": [_text(sentence) for sentence in published_rule(company.rule)],
        "responses": len(final),
        "capped": int((found.capped < 1).sum()),
        "flagged": int(found.flagged.sum()),
        "kept": int((final == 1).sum()),
        "reduced": int(((final < 1) & (final > 0)).sum()),
        "excluded": int((final == 0).sum()),
        "directions": {
            side: asdict(one) for side, one in directions(company, influence).items()
        },
        "campaigns": [_campaign(company, one) for one in found.campaigns],
        "points": describe_points(score_points(company, influence, plan), plan),
    }
    lapsed = [_lapsed(one) for one in company.lapsed]
    return described | ({"no_longer_found": lapsed} if lapsed else {})


def _campaign(company: Company, campaign: Campaign) -> dict[str, Any]:
    """One campaign; its verdict only where there is one."""
    verdict = company.standings.get(campaign.code, UNDECIDED).verdict
    decided = {} if verdict == "engine" else {"verdict": verdict}
    return decided | {
        "code": campaign.code,
        "kind": campaign.kind,
        "n": len(campaign.rows),
        "points": list(campaign.points),
        "first": _moment(company, campaign.first),
        "last": _moment(company, campaign.last),
        "score_with": campaign.score_with,
        "score_without": campaign.score_without,
        "effect": campaign.score_with - campaign.score_without,
        "reasons": [_reason(one) for one in campaign.reasons],
    }


def _lapsed(one: Lapsed) -> dict[str, Any]:
    return {"code": one.code, "verdict": one.verdict, "by": one.by, "n": len(one.rows)}


def _reason(reason: Reason) -> dict[str, Any]:
    words = {"name": _text(signal_name(reason)), "words": _text(reason_words(reason))}
    return asdict(reason) | words


def _moment(company: Company, minute: float) -> str | None:
    """Wall-clock time of a minute, as ``2026-11-22T16:35``; None where it is not known."""
    if company.laid.midnight is None or not np.isfinite(minute):
        return None
    moment = company.laid.midnight + timedelta(minutes=float(minute))
    return moment.isoformat(timespec="minutes")


def _text(text: Text) -> Any:
    return text.model_dump(mode="json", by_alias=True)
