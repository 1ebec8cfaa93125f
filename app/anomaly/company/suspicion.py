"""Company of the suspected: how many of those alike, nearby, are already suspected.

A single response in a campaign may look like anybody's: staff who answer from home, a slow
one among the hurried. What gives it away is that of forty alike answers of that day
thirty-five have evidence of their own.
"""

import numpy as np

from app.anomaly.company.content import Content
from app.anomaly.company.evidence import Findings
from app.anomaly.company.gathering import CHUNK, LARGEST
from app.anomaly.company.likeness import Matrix, Rows
from app.anomaly.submissions import Submissions
from app.survey.sample import Floats, Labels

SCORE_WIDTH, PACE_WIDTH, MISFIT_WIDTH = 16.0, 1.0, 1.6
"""Where the weight of likeness reaches 0; wider than for evidence: it is not counted twice."""
PRIOR = 0.3
WINDOWS = (("w5h", 300.0), ("day", 720.0), ("d3", 2160.0), ("point", np.inf))


def suspicions(
    submissions: Submissions, findings: Findings, suspected: Floats
) -> dict[str, Floats]:
    """Log odds of suspected against unsuspected others, in several companies.

    `suspected` are n probabilities from the evidence alone. ``alike.*`` counts those that are
    alike in score, pace and misfit; ``all.*`` counts everybody in the cell.
    """
    n = len(suspected)
    found = {f"alike.{name}": np.zeros(n) for name, _ in WINDOWS}
    found |= {"alike.site": np.zeros(n), "all.w5h": np.zeros(n), "all.site": np.zeros(n)}
    networks = _codes(submissions.network)
    for rows in findings.groups["point"]:
        columns = _columns(rows, submissions.minute)
        for part in np.array_split(rows, -(-len(rows) // CHUNK)):
            _at_point(found, part, columns, submissions, findings.content, networks, suspected)
    interviewed = submissions.enumerator != ""
    found["all.network"] = _in_group(submissions.network, submissions.network != "", suspected)
    found["all.device"] = _in_group(
        submissions.device, (submissions.device != "") & ~interviewed, suspected
    )
    found["all.enumerator"] = _in_group(submissions.enumerator, interviewed, suspected)
    return found


def _at_point(  # noqa: PLR0913 - one block of a point, in every window
    found: dict[str, Floats],
    part: Rows,
    columns: Rows,
    submissions: Submissions,
    content: Content,
    networks: Rows,
    suspected: Floats,
) -> None:
    kernel = _likeness(content, part, columns)
    # Nobody is company to himself.
    others = (part[:, None] != columns[None]).astype(np.float32)
    apart = np.abs(submissions.minute[part][:, None] - submissions.minute[columns][None])
    chance = suspected[columns].astype(np.float32)
    site = (networks[part][:, None] == networks[columns][None]) & (networks[part] > 0)[:, None]
    for name, within in WINDOWS:
        inside = others if np.isinf(within) else others * (apart <= within)
        found[f"alike.{name}"][part] = _odds(kernel * inside, chance)
    found["all.w5h"][part] = _odds(others * (apart <= 300), chance)
    found["alike.site"][part] = _odds(kernel * others * site, chance)
    found["all.site"][part] = _odds(others * site, chance)


def _likeness(content: Content, a: Rows, b: Rows) -> Matrix:
    weight = np.ones((len(a), len(b)), np.float32)
    for values, width in (
        (content.score, SCORE_WIDTH),
        (content.pace, PACE_WIDTH),
        (content.misfit, MISFIT_WIDTH),
    ):
        short = values.astype(np.float32)
        apart = np.abs(short[a][:, None] - short[b][None])
        weight *= np.maximum(np.float32(1) - apart / np.float32(width), np.float32(0))
    return weight


def _odds(weight: Matrix, chance: Matrix) -> Floats:
    suspected = weight @ chance
    rest = np.maximum(weight @ (1 - chance), 0)
    odds: Floats = np.log((suspected + PRIOR) / (rest + PRIOR)).astype(np.float64)
    return odds


def _in_group(labels: Labels, among: Floats, suspected: Floats) -> Floats:
    code = np.where(among, _codes(labels), 0)
    total = np.bincount(code, weights=suspected)[code] - suspected
    rest = np.bincount(code, weights=1 - suspected)[code] - (1 - suspected)
    return np.where(among, np.log((total + PRIOR) / (np.maximum(rest, 0) + PRIOR)), 0.0)


def _columns(rows: Rows, minute: Floats) -> Rows:
    """Those of a point that are looked at; of a very large point an even part over time."""
    if len(rows) <= LARGEST:
        return rows
    ordered = rows[np.argsort(minute[rows], kind="stable")]
    return ordered[:: -(-len(rows) // LARGEST)]


def _codes(labels: Labels) -> Rows:
    """Number of each label, 0 for the empty one."""
    names, code = np.unique(labels, return_inverse=True)
    return code + (0 if len(names) and names[0] == "" else 1)
