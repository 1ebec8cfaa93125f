"""What could not be looked at, so that a file without times is not a file full of company.

Where a response has no time, no network, no device or no seconds, the pieces of evidence that
need them say what they usually say of honest responses: nothing for it and nothing against.
"""

import numpy as np

from app.anomaly.company.evidence import Findings
from app.anomaly.submissions import Submissions
from app.survey.sample import Flags

TIMED = frozenset({"w90", "w5h", "day", "d3", "site_day", "batch"})
NETWORKED = frozenset({"site", "site_day", "network"})
PACED = frozenset({"haste", "odd"})


def unknown(name: str, submissions: Submissions, findings: Findings) -> Flags:
    """For which responses a piece of evidence or a company could not be looked at."""
    kind, cell = name.split(".")
    missing = np.zeros(len(submissions), bool)
    if cell in TIMED:
        missing |= np.isnan(submissions.minute)
    if cell in NETWORKED:
        missing |= submissions.network == ""
    if cell == "device" and kind != "size":
        missing |= (submissions.device == "") & (submissions.enumerator == "")
    if kind in PACED:
        missing |= findings.content.paced == 0
    return missing
