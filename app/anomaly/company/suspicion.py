"""Company of the suspected: how many of those alike, nearby, are already suspected.

A single response in a campaign may look like anybody's: staff who answer from home, a slow
one among the hurried. What gives it away is that of forty alike answers of that day
thirty-five have evidence of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from app.anomaly.company.content import Content
from app.anomaly.company.evidence import Findings
from app.anomaly.company.gathering import CHUNK, LARGEST
from app.anomaly.company.likeness import Matrix, Rows
from app.anomaly.company.traces import together
from app.anomaly.submissions import Submissions
from app.survey.sample import Flags, Floats, Labels

Pairs = tuple[Rows, Rows, NDArray[np.float32]]
"""Who, with whom, and how much."""

SCORE_WIDTH, PACE_WIDTH, MISFIT_WIDTH = 16.0, 1.0, 1.6
"""Where the weight of likeness reaches 0; wider than for evidence: it is not counted twice."""
PRIOR = 0.3
BATCH = 60.0
"""Minutes within which interviews of one enumerator belong together."""
WINDOWS = (("w5h", 300.0), ("day", 720.0), ("d3", 2160.0), ("point", np.inf))


@dataclass(frozen=True, slots=True)
class Ties:
    """Who is whose company: the same while suspicions are weighed again and again."""

    near: Mapping[str, csr_array]
    """Company → weights n by n. ``alike.*`` weigh those that are alike in score, pace and
    misfit; ``all.batch`` everybody an enumerator saw within the hour."""
    groups: Mapping[str, Rows]
    """Company of a whole network, device or interviewer: its number, 0 for none."""

    def odds(self, suspected: Floats) -> dict[str, Floats]:
        """Log odds of suspected against unsuspected others, in each company."""
        found = {
            name: _log_odds(weights @ suspected, weights @ (1 - suspected))
            for name, weights in self.near.items()
        }
        for name, code in self.groups.items():
            inside = np.bincount(code, weights=suspected)[code] - suspected
            rest = np.bincount(code, weights=1 - suspected)[code] - (1 - suspected)
            found[name] = np.where(code > 0, _log_odds(inside, rest), 0.0)
        return found


def tie(submissions: Submissions, findings: Findings) -> Ties:
    """The company of every response; most pairs are none of each other's."""
    n = len(submissions)
    near: dict[str, csr_array] = {}
    pairs: dict[str, list[Pairs]] = {}
    for rows in findings.groups["point"]:
        columns = _columns(rows, submissions.minute)
        for part in np.array_split(rows, -(-len(rows) // CHUNK)):
            made = _at_point(part, columns, submissions, findings.content)
            for name, some in made.items():
                pairs.setdefault(name, []).append(some)
    nobody: Rows = np.zeros(0, np.intp)
    pairs["all.batch"] = [(nobody, nobody, np.zeros(0, np.float32))]
    for rows in findings.groups["enumerator"]:
        for part in np.array_split(rows, -(-len(rows) // CHUNK)):
            pairs["all.batch"].append(_in_a_batch(part, rows, submissions))
    for name, found in pairs.items():
        row, column, weight = (np.concatenate(each) for each in zip(*found, strict=True))
        near[name] = csr_array(coo_array((weight, (row, column)), shape=(n, n)))
    site = together(submissions.point, submissions.network)
    alone = submissions.enumerator == ""
    return Ties(
        near=near,
        groups={
            "all.site": _codes(site, (submissions.network != "") & alone),
            "all.network": _codes(submissions.network, (submissions.network != "") & alone),
            "all.device": _codes(submissions.device, (submissions.device != "") & alone),
            "all.enumerator": _codes(submissions.enumerator, ~alone),
        },
    )


def _at_point(
    part: Rows, columns: Rows, submissions: Submissions, content: Content
) -> dict[str, Pairs]:
    """Pairs of one block: whoever is alike, by window."""
    minute, network = submissions.minute, submissions.network
    kernel = _likeness(content, part, columns)
    row, column = np.nonzero(kernel)
    weight = kernel[row, column]
    row, column = part[row], columns[column]
    apart = np.abs(minute[row] - minute[column])
    others = row != column
    alone = (submissions.enumerator[row] == "") & (submissions.enumerator[column] == "")
    site = alone & (network[row] == network[column]) & (network[row] != "")
    kept = {f"alike.{name}": others & (apart <= within) for name, within in WINDOWS}
    kept["alike.point"] = others  # also where times are not known
    kept["alike.site"] = others & site
    return {name: (row[some], column[some], weight[some]) for name, some in kept.items()}


def _in_a_batch(part: Rows, rows: Rows, submissions: Submissions) -> Pairs:
    """Pairs of one enumerator's interviews that were held within the hour."""
    minute = submissions.minute
    near = np.abs(minute[part][:, None] - minute[rows][None]) <= BATCH
    first, second = np.nonzero(near & (part[:, None] != rows[None]))
    return part[first], rows[second], np.ones(len(first), np.float32)


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


def _log_odds(suspected: Floats, rest: Floats) -> Floats:
    return np.log((np.maximum(suspected, 0) + PRIOR) / (np.maximum(rest, 0) + PRIOR))


def _columns(rows: Rows, minute: Floats) -> Rows:
    """Those of a point that are looked at; of a very large point an even part over time."""
    if len(rows) <= LARGEST:
        return rows
    ordered = rows[np.argsort(minute[rows], kind="stable")]
    return ordered[:: -(-len(rows) // LARGEST)]


def _codes(labels: Labels, among: Flags) -> Rows:
    """A number from 1 for each label among them, 0 for the others."""
    _, code = np.unique(labels, return_inverse=True)
    return np.where(among, code + 1, 0)
