"""What an examination found, as the files of the command: two tables and the campaigns.

Columns and keys are described in docs/screening.md. An empty cell is a number that is not
there: no sample at the point, or no number of answers that could move its score. Identifiers
are written byte for byte, so that other programs can join by them, but for those that a
spreadsheet would run; and without a byte order mark, which such programs take for a part of
the first column's name.
"""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.anomaly.examination import Campaign, PointBounds, Reason
from app.anomaly.words.sentences import reason_sentence, signal_of
from app.survey.csv_files import guarded
from app.survey.text import Text
from app.workflow.screen_file.examined import Examined

INFLUENCE = ("response_id", "influence", "campaign", "reasons")
SCORES = (
    *("point_id", "raw", "capped", "score", "low", "high", "n", "reduced", "epsilon"),
    *("answers_up", "answers_down", "sample_n", "sample_mean", "shrinkage", "shrunk"),
)
UNTOUCHED = ("1", "", "")
"""Influence, campaign and reasons of a response that was not examined."""


def influence_table(examined: Examined) -> str:
    """One line for each response of the file, in its order."""
    found = examined.found
    said = {}
    for row, identifier in enumerate(examined.file.submissions.identifier.tolist()):
        group = found.campaign[row]
        campaign = found.campaigns[group].code if group >= 0 else ""
        codes = dict.fromkeys(reason.signal for reason in found.reasons.get(row, ()))
        said[identifier] = (number(float(found.influence[row])), campaign, ";".join(codes))
    names = examined.file.everyone.tolist()
    lines = ((guarded(name), *said.get(name, UNTOUCHED)) for name in names)
    return _csv(INFLUENCE, lines)


def score_table(examined: Examined) -> str:
    """One line for each point."""
    return _csv(SCORES, (_score(bounds) for bounds in examined.found.points))


def campaign_document(examined: Examined, seed: int) -> dict[str, Any]:
    """The campaigns with their evidence in words, and how the files were read."""
    campaigns = [_campaign(one, examined) for one in examined.found.campaigns]
    return {
        "seed": seed,
        "responses": len(examined.file.everyone),
        "notices": [_both(said) for said in examined.notices],
        "campaigns": campaigns,
    }


def number(value: float) -> str:
    """Six digits, no zeros at the end; empty where there is no finite number."""
    return f"{value:.6g}" if math.isfinite(value) else ""


def _score(bounds: PointBounds) -> list[str]:
    scores = (bounds.raw, bounds.capped, bounds.score, bounds.low, bounds.high)
    answers = (bounds.epsilon, bounds.answers_up, bounds.answers_down)
    return [
        guarded(bounds.point),
        *map(number, scores),
        str(bounds.n),
        str(bounds.reduced + bounds.excluded),
        *map(number, answers),
        str(bounds.sample_n),
        number(bounds.sample_mean if bounds.sample_n else math.nan),
        number(bounds.shrinkage),
        number(bounds.shrunk),
    ]


def _campaign(campaign: Campaign, examined: Examined) -> dict[str, Any]:
    identifiers = examined.file.submissions.identifier
    moved = campaign.score_with - campaign.score_without
    return {
        "campaign": campaign.code,
        "kind": campaign.kind,
        "place": campaign.place,
        "points": list(campaign.points),
        "n": len(campaign.rows),
        "first": _moment(campaign.first, examined),
        "last": _moment(campaign.last, examined),
        "score_with": _finite(campaign.score_with),
        "score_without": _finite(campaign.score_without),
        "effect": _finite(moved),
        "reasons": [_reason(reason) for reason in campaign.reasons],
        "responses": [str(identifiers[row]) for row in campaign.rows],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    signal = signal_of(reason.signal)
    return {
        "signal": reason.signal,
        "version": reason.version,
        "observed": _finite(reason.observed),
        "expected": _finite(reason.expected),
        "rarity": _finite(reason.rarity),
        "seen": _both(reason_sentence(reason)),
        "null": _both(signal.null),
        "innocent": _both(signal.innocent),
        "confirming": _both(signal.confirming),
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh-Hans": text.zh, "en": text.en}


def _moment(minute: float, examined: Examined) -> str | None:
    """The wall clock of a minute of the round; None without times."""
    day = examined.file.first_day
    if day is None or not math.isfinite(minute):
        return None
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - as on the wall
    return (midnight + timedelta(minutes=minute)).isoformat(timespec="minutes")


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _csv(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue()
