"""Published limits of what one device, network, hour or pattern can weigh at a point.

They hold always and for everybody, whatever anybody suspects: nobody is deleted, but a cell
beyond its limit weighs as much as the limit. Of several limits the strictest decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.anomaly.company.traces import together
from app.anomaly.submissions import Submissions
from app.survey.sample import Floats, Labels

SLOT_HOURS = 3


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `responses`, or `share` of the point's responses where that is more."""

    code: str
    responses: int
    share: float


CAPS: Mapping[str, Cap] = {
    "device": Cap("CAP_DEVICE", 8, 0.0),
    "network": Cap("CAP_NETWORK", 40, 0.20),
    "slot": Cap("CAP_SLOT", 40, 0.15),
    "pattern": Cap("CAP_PATTERN", 40, 0.30),
}


@dataclass(frozen=True, slots=True)
class Capped:
    """Of n responses: influence by the caps, and the size of the cell that decided it."""

    influence: Floats
    code: Labels
    """The deciding cap; empty where none reaches."""
    size: Floats
    limit: Floats


def apply_caps(submissions: Submissions) -> Capped:
    """Limit over size where a cell is larger than its limit, otherwise 1."""
    n = len(submissions)
    influence, size, limit = np.ones(n), np.zeros(n), np.zeros(n)
    code = np.full(n, "", dtype="<U16")
    at_point = _sizes(submissions.point)
    for name, labels in _cells(submissions).items():
        cap = CAPS[name]
        here = np.where(labels != "", _sizes(together(submissions.point, labels)), 0.0)
        most = np.maximum(cap.responses, cap.share * at_point)
        allowed = np.minimum(1.0, most / np.maximum(here, 1.0))
        stricter = allowed < influence
        influence[stricter], code[stricter] = allowed[stricter], cap.code
        size[stricter], limit[stricter] = here[stricter], most[stricter]
    return Capped(influence, code, size, limit)


def _cells(submissions: Submissions) -> dict[str, Labels]:
    alone = submissions.enumerator == ""
    hours = np.floor(np.nan_to_num(submissions.minute) / (60 * SLOT_HOURS)).astype(int)
    timed = ~np.isnan(submissions.minute) & alone
    places = np.nan_to_num(submissions.answers, nan=-1).astype(int)
    answered = (places >= 0).any(axis=1)
    pattern = np.array(["".join(chr(65 + place) for place in row) for row in places])
    return {
        # An interviewer's tablet and its network are meant to send many.
        "device": np.where(alone, submissions.device, ""),
        "network": np.where(alone, submissions.network, ""),
        "slot": np.where(timed, hours.astype(str), ""),
        "pattern": np.where(answered, pattern, ""),
    }


def _sizes(labels: Labels) -> Floats:
    _, code = np.unique(labels, return_inverse=True)
    return np.asarray(np.bincount(code)[code], dtype=np.float64)
