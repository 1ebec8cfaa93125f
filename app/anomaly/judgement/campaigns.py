"""Flagged responses put together as a person would look at them: campaigns.

Clusters are for the reviewer's eye and decide nothing: a response is flagged by its own sum.
Interviewers are judged as interviewers, whatever points they stood at; everything else as a
point.
"""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from app.anomaly.company.evidence import Findings
from app.anomaly.company.gathering import groups_of
from app.anomaly.company.likeness import Rows
from app.anomaly.examination import Campaign
from app.anomaly.judgement.flagging import FEWEST_TOGETHER
from app.anomaly.judgement.reasons import Grounds, reasons_for
from app.anomaly.submissions import Submissions
from app.survey.sample import Flags, Floats

FEWEST_IN_CLUSTER = 5
FEWEST_TO_CLUSTER = 15
HOURS, POINTS_OF_SCORE, PACE = 6 * 60.0, 10.0, 0.5
"""What counts as one step apart between two responses of a point."""
STEPS_APART = 2.0
NO_CLUSTER = -1
MOST_REASONS = 5


def group_campaigns(
    submissions: Submissions,
    findings: Findings,
    grounds: Grounds,
    *,
    flagged: Flags,
    weights: tuple[Floats, Floats],
) -> tuple[Campaign, ...]:
    """Every flagged response in exactly one campaign, in the order of their places.

    `weights` are the influence of each response, and that by the caps alone.
    """
    return tuple(
        _campaign(submissions, grounds, kind, rows, weights=weights)
        for kind, rows in _groups(submissions, findings, flagged)
    )


def _groups(
    submissions: Submissions, findings: Findings, flagged: Flags
) -> Iterator[tuple[str, Rows]]:
    interviewed = submissions.enumerator != ""
    for rows in groups_of(submissions.enumerator, flagged & interviewed, fewest=1):
        yield "enumerator", np.sort(rows)
    for rows in groups_of(submissions.point, flagged & ~interviewed, fewest=1):
        for part in _clusters(submissions, findings, np.sort(rows)):
            yield "point", part


def _clusters(submissions: Submissions, findings: Findings, rows: Rows) -> list[Rows]:
    """Groups of one point near in time, score and pace; what is in none stays together.

    One or two that are in none go with the largest group: they were not flagged alone.
    """
    if len(rows) < FEWEST_TO_CLUSTER:
        return [rows]
    from sklearn.cluster import HDBSCAN  # half a second that only this needs

    content = findings.content
    where = np.column_stack(
        [
            np.nan_to_num(submissions.minute[rows]) / HOURS,
            content.score[rows] / POINTS_OF_SCORE,
            content.pace[rows] / PACE,
        ]
    )
    model = HDBSCAN(min_cluster_size=FEWEST_IN_CLUSTER, allow_single_cluster=True, copy=True)
    # All that hangs together within two steps is one campaign, however dense its parts are.
    labels = model.fit(where).dbscan_clustering(
        cut_distance=STEPS_APART, min_cluster_size=FEWEST_IN_CLUSTER
    )
    names, sizes = np.unique(labels, return_counts=True)
    if len(names) > 1 and (alone := labels == NO_CLUSTER).sum() < FEWEST_TOGETHER:
        labels = np.where(alone, names[sizes.argmax()], labels)
    return [rows[labels == label] for label in np.unique(labels)]


def _campaign(
    submissions: Submissions,
    grounds: Grounds,
    kind: str,
    rows: Rows,
    *,
    weights: tuple[Floats, Floats],
) -> Campaign:
    labels = submissions.enumerator if kind == "enumerator" else submissions.point
    points = tuple(np.unique(submissions.point[rows]).tolist())
    minute = submissions.minute[rows]
    timed = minute[~np.isnan(minute)]
    with_it, without = _effect(submissions, rows, points, weights)
    return Campaign(
        code=_code(submissions.identifier[rows].tolist()),
        kind=kind,
        place=str(labels[rows[0]]),
        rows=tuple(rows.tolist()),
        points=points,
        first=float(timed.min()) if len(timed) else np.nan,
        last=float(timed.max()) if len(timed) else np.nan,
        reasons=reasons_for(grounds, rows, most=MOST_REASONS),
        score_with=with_it,
        score_without=without,
        similarity=_figures(submissions, grounds, rows, timed),
    )


def _effect(
    submissions: Submissions,
    rows: Rows,
    points: tuple[str, ...],
    weights: tuple[Floats, Floats],
) -> tuple[float, float]:
    """Mean of the campaign's points with it, by the caps alone, and without it."""
    influence, capped = weights
    here = np.isin(submissions.point, points) & ~np.isnan(submissions.score)
    counted = np.where(here, influence, 0.0)
    believed = counted.copy()
    counted[rows], believed[rows] = np.where(here[rows], capped[rows], 0.0), 0.0
    score = np.nan_to_num(submissions.score)

    def mean(weight: Floats) -> float:
        return float(weight @ score / weight.sum()) if weight.sum() > 0 else float("nan")

    return mean(counted), mean(believed)


def _figures(
    submissions: Submissions, grounds: Grounds, rows: Rows, timed: Floats
) -> dict[str, float]:
    """What makes two campaigns alike to a reviewer; none of it tells who they favour."""
    score = submissions.score[rows]
    hours = (timed.max() - timed.min()) / 60 if len(timed) else 0.0
    figures = {
        "log_size": float(np.log(len(rows))),
        "log_hours": float(np.log1p(hours)),
        "spread": float(np.nanstd(score)),
        "distance_from_middle": float(abs(np.nanmean(score) - 50)),
    }
    for kind in ("haste", "copy", "misfit"):
        named = [name for name in grounds.evidence if name.startswith(f"{kind}.")]
        strengths = [np.median(grounds.evidence[name].strength[rows]) for name in named]
        figures[kind] = float(max(strengths, default=0.0))
    return figures


def _code(identifiers: Sequence[str]) -> str:
    spelled = "\n".join(sorted(identifiers)).encode()
    return f"C-{hashlib.sha256(spelled).hexdigest()[:10]}"
