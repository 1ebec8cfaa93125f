"""What responses leave behind beside their answers: texts, networks from afar, devices.

One visitor from another district is a visitor. Only many of them, alike and together, are
evidence, so these traces are counted among those that are alike and near in time.
"""

from dataclasses import dataclass

import numpy as np

from app.anomaly.submissions import Submissions
from app.survey.sample import Floats, Labels

LOCAL = 0.1
"""If more responses come from afar, networks span districts, and none of them is afar."""
FAR, COPIED = 1.0, 0.6
"""From which evidence on, a network counts as one from afar, and a text as copied here."""


@dataclass(frozen=True, slots=True)
class Traces:
    """Of n responses."""

    far: Floats
    """1 where the network is at home in another district."""
    copied: Floats
    """1 where the same text came more often at this point than it would by chance."""
    device_size: Floats
    """Responses that came from this device; 1 where devices are not known."""


def traces_of(submissions: Submissions, *, believed: Floats) -> Traces:
    """What can be told from labels alone; nothing where they are empty."""
    away = _away(submissions, believed)
    if np.mean(away > FAR) > LOCAL:
        away = np.minimum(away, 0.0)  # networks here are not local: being away says nothing
    return Traces(
        far=(away > FAR).astype(float),
        copied=(_repeated(submissions, believed) > COPIED).astype(float),
        device_size=_device_size(submissions),
    )


def together(first: Labels, second: Labels) -> Labels:
    """One label for two."""
    return np.char.add(np.char.add(first, "\x1f"), second)


def _away(submissions: Submissions, believed: Floats) -> Floats:
    """Log of a network's believed responses in all districts over those in this one."""
    network, district = submissions.network, submissions.district
    everywhere = _sums(network, believed)
    here = _sums(together(network, district), believed)
    known = (network != "") & (district != "")
    return np.where(known, np.log((everywhere - believed + 1) / (here - believed + 1)), 0.0)


def _repeated(submissions: Submissions, believed: Floats) -> Floats:
    """Log of how often a text came at this point over what its use elsewhere lets expect."""
    text, point = submissions.comment, submissions.point
    n = len(text)
    here = together(text, point)
    elsewhere = _sums(text, believed) - _sums(here, believed)
    share = _sums(point, np.ones(n)) / n
    expected = elsewhere * share / np.maximum(1 - share, 1 / n)
    seen = _sums(here, np.ones(n))
    return np.where(text != "", np.log(seen / (expected + 1)), 0.0)


def _device_size(submissions: Submissions) -> Floats:
    # An interviewer's tablet is meant to send many.
    known = (submissions.device != "") & (submissions.enumerator == "")
    size = _sums(submissions.device, known.astype(float))
    return np.where(known, size, 1.0)


def _sums(labels: Labels, values: Floats) -> Floats:
    """For each row: the sum over all rows with the same label."""
    _, code = np.unique(labels, return_inverse=True)
    return np.asarray(np.bincount(code, weights=values)[code], dtype=np.float64)
