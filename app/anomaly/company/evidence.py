"""Everything that speaks of company, for each response: observed against expected.

Named ``kind.cell``. The strength of a piece of evidence is log((observed + 1)/(expected +
1)): 0 where there is as much company as in any crowd of honest people, ln 2 where one alike
answer was found and none expected. Two pieces are about the response itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.anomaly.company.content import Content
from app.anomaly.company.expectation import Expectation, expect
from app.anomaly.company.gathering import Cell, Company, gather, groups_of
from app.anomaly.company.likeness import Rows
from app.anomaly.company.traces import Traces, together, traces_of
from app.anomaly.submissions import Submissions
from app.survey.sample import Floats

HOUR, DAY = 60.0, 1440.0
POINT_CELLS = (
    Cell("w90", 1.5 * HOUR, ("like", "haste", "copy")),
    Cell("w5h", 5 * HOUR, ("like", "level")),
    Cell("day", DAY / 2, ("like", "level", "haste", "copy", "near", "misfit", "odd")),
    Cell("d3", 1.5 * DAY, ("like", "haste", "copy", "near", "misfit", "odd")),
    Cell("point", np.inf, ("like", "haste", "copy", "near", "misfit", "odd")),
)
SITE_CELLS = (
    Cell("site", np.inf, ("like", "level", "haste", "copy", "near", "misfit")),
    Cell("site_day", DAY / 2, ("like", "level", "haste", "copy")),
)
NETWORK_CELLS = (Cell("network", np.inf, ("like", "haste", "misfit", "odd")),)
DEVICE_CELLS = (Cell("device", np.inf, ("like", "haste", "copy")),)
ENUMERATOR_CELLS = (
    Cell("enumerator", np.inf, ("like", "haste", "copy", "near", "misfit")),
    Cell("batch", HOUR, ("like", "haste", "copy")),
)
FIRST_LOOK = {
    "point": (
        Cell("w90", 1.5 * HOUR, ("like", "haste")),
        Cell("d3", 1.5 * DAY, ("like", "haste", "odd")),
    ),
    "site": (Cell("site", np.inf, ("like", "haste")),),
    "network": (Cell("network", np.inf, ("like", "odd")),),
    "device": (Cell("device", np.inf, ("like", "haste")),),
    "enumerator": (Cell("batch", HOUR, ("like", "haste")),),
}
WHOLE_LOOK = {
    "point": POINT_CELLS,
    "site": SITE_CELLS,
    "network": NETWORK_CELLS,
    "device": DEVICE_CELLS,
    "enumerator": ENUMERATOR_CELLS,
}
TRACED = ("day", "d3", "point")
DOUBTED = 0.9
"""Strength at the first look from which a response serves less as an example of honesty."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece over n responses: what was seen, what is usual, and how strongly it speaks."""

    observed: Floats
    expected: Floats
    strength: Floats


def counted(observed: Floats, expected: Floats) -> Evidence:
    """Others that were found against others that are expected."""
    return Evidence(observed, expected, np.log((observed + 1) / (expected + 1)))


@dataclass(frozen=True, slots=True)
class Findings:
    """All evidence of a round, with what it was made from."""

    content: Content
    evidence: Mapping[str, Evidence]
    low: Floats
    groups: Mapping[str, list[Rows]]


def look(submissions: Submissions, content: Content, *, seed: int) -> Findings:
    """All evidence: a first look tells who is a poor example, the second one counts.

    `submissions` hold at least one answer in every row.
    """
    groups = _groups(submissions)
    nobody = np.ones(len(submissions))
    first = _compared(
        submissions, content, groups, believed=nobody, seed=seed, cells=FIRST_LOOK
    )
    believed = _examples(first[0])
    evidence, expectation = _compared(
        submissions, content, groups, believed=believed, seed=seed, cells=WHOLE_LOOK
    )
    traces = traces_of(submissions, believed=believed)
    evidence |= _traced(submissions, content, groups["point"], traces, believed=believed)
    evidence["size.device"] = counted(traces.device_size - 1, np.zeros(len(submissions)))
    evidence |= _own(submissions, content, expectation)
    return Findings(content, evidence, expectation.low, groups)


def _groups(submissions: Submissions) -> dict[str, list[Rows]]:
    everybody = np.ones(len(submissions), bool)
    alone = submissions.enumerator == ""
    # An interviewer's tablet and its network are meant to send many: they are judged as such.
    networked = (submissions.network != "") & alone
    site = together(submissions.point, submissions.network)
    return {
        "point": groups_of(submissions.point, everybody, fewest=1),
        "site": groups_of(site, networked, fewest=2),
        "network": groups_of(submissions.network, networked, fewest=3),
        "device": groups_of(submissions.device, alone, fewest=3),
        "enumerator": groups_of(submissions.enumerator, ~alone, fewest=3),
    }


def _compared(  # noqa: PLR0913 - one look, and where
    submissions: Submissions,
    content: Content,
    groups: Mapping[str, list[Rows]],
    *,
    believed: Floats,
    seed: int,
    cells: Mapping[str, tuple[Cell, ...]],
) -> tuple[dict[str, Evidence], Expectation]:
    kinds = tuple(sorted({kind for some in cells.values() for c in some for kind in c.kinds}))
    expectation = expect(content, submissions.point, believed=believed, seed=seed, kinds=kinds)
    evidence: dict[str, Evidence] = {}
    for name, some in cells.items():
        found = gather(
            content, groups[name], some, minute=submissions.minute, believed=believed
        )
        for cell, company in found.items():
            evidence |= _pieces(cell, company, expectation)
    return evidence, expectation


def _pieces(cell: str, company: Company, expectation: Expectation) -> dict[str, Evidence]:
    return {
        f"{kind}.{cell}": counted(observed, expectation.of(kind, company))
        for kind, observed in company.alike.items()
    }


def _own(
    submissions: Submissions, content: Content, expectation: Expectation
) -> dict[str, Evidence]:
    """What a response shows by itself: supports what its company says, and no more.

    ``pace.self`` in seconds against the usual; ``odd.self`` how few of about the same score
    are at least as odd and as quick, by the logarithm of their share.
    """
    seconds = np.nansum(submissions.dwell, axis=1)
    timed = content.paced > 0
    usual = float(np.median(seconds[timed])) if timed.any() else 0.0
    share = expectation.alike["odd"] / expectation.wide
    judged = np.where(timed, -np.log(share), 0.0)
    return {
        "pace.self": Evidence(
            seconds, np.full(len(seconds), usual), np.where(timed, -content.pace, 0.0)
        ),
        "odd.self": Evidence(np.exp(content.misfit), np.ones(len(seconds)), judged),
    }


def _examples(evidence: Mapping[str, Evidence]) -> Floats:
    """How far each response serves as an example of honest answers, 0.05 to 1."""
    believed = np.ones(len(next(iter(evidence.values())).observed))
    for piece in evidence.values():
        strength = piece.strength
        doubted = np.where(strength > DOUBTED, 0.7 * np.exp(-strength), 1.0)
        believed = np.minimum(believed, doubted)
    return np.maximum(believed, 0.05)


def _traced(
    submissions: Submissions,
    content: Content,
    points: list[Rows],
    traces: Traces,
    *,
    believed: Floats,
) -> dict[str, Evidence]:
    """Traces among those of about the same score: of everybody, and of who bears them."""
    cells = tuple(Cell(c.name, c.within, ()) for c in POINT_CELLS if c.name in TRACED)
    minute = submissions.minute
    crowd = gather(content, points, cells, minute=minute, believed=np.ones(len(minute)))
    made: dict[str, Evidence] = {}
    for name, trace in (("far", traces.far), ("text", traces.copied)):
        usual = 1.5 * (float(trace @ believed) + 2) / float(believed.sum())
        bearing = gather(content, points, cells, minute=minute, believed=trace)
        for cell in cells:
            others = np.maximum(bearing[cell.name].band - trace, 0)
            expected = (crowd[cell.name].band - 1) * usual
            made[f"{name}_near.{cell.name}"] = counted(others, expected)
            made[f"{name}.{cell.name}"] = counted(
                np.where(trace > 0, others, 0.0), np.where(trace > 0, expected, 0.0)
            )
    return made
