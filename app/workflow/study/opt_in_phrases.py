"""What an opt-in study says in phrases: which rows, how many people, which margins.

`weight N/n (N in truth.csv)`, `raked to margins.csv`, `src == 'reference' (weight w)`: notes
of a method as statisticians write them, read for the few things they must say.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.errors import CannotEstimate
from app.stats.weights.margins import PopulationMargin
from app.survey.sample import Floats
from app.workflow.study.definition import Study
from app.workflow.study.designs import ReadTable
from app.workflow.study.margins import all_margins
from app.workflow.study.table import Table

REMARK = re.compile(r"\s*\(.*\)\s*$")
WEIGHT = re.compile(r"\bweight (?P<column>[\w.]+)")
RAKED = re.compile(r"\braked\b(?P<rest>.*)")
MARGIN_FILE = re.compile(r"(?P<file>[^\s,;()]+\.csv)")
JOINT = re.compile(r"[\w.]+(?:\*[\w.]+)+")
PEOPLE = re.compile(r"\bN in (?P<file>[^\s)]+)")


@dataclass(frozen=True, slots=True)
class People:
    """How many people there are, in all or by zones."""

    total: float
    zone: str | None = None
    by_zone: Mapping[str, float] = field(default_factory=dict)

    def weights(self, rows: Table) -> Floats:
        """N/n of each row, of its zone where people are told by zones."""
        if self.zone is None:
            return np.full(len(rows), self.total / len(rows))
        labels, count = np.unique(rows.labels(self.zone), return_counts=True)
        absent = [label for label in labels.tolist() if label not in self.by_zone]
        if absent:
            raise CannotEstimate(f"no N is given for {self.zone} {', '.join(absent)}.")
        share = {
            label: self.by_zone[label] / n
            for label, n in zip(labels.tolist(), count.tolist(), strict=True)
        }
        return np.array([share[label] for label in rows.labels(self.zone).tolist()])


def named_margins(phrase: str, rows: Table, read: ReadTable) -> list[PopulationMargin]:
    """The margins of the file a phrase names; of these the joint ones it names, if any."""
    file = MARGIN_FILE.search(phrase)
    if file is None:
        raise CannotEstimate(f"raked{phrase}: name the file of margins, as in margins.csv.")
    margins = all_margins(read(file["file"]), rows)
    joint = set(JOINT.findall(phrase))
    return [margin for margin in margins if not joint or margin.name in joint]


def population(
    study: Study, table: Table, read: ReadTable
) -> tuple[People | None, dict[str, float]]:
    """People in all or by zones, and the true means where a file tells them."""
    phrases = " ".join(str(phrase) for phrase in variants_of(study).values())
    named = PEOPLE.search(phrases)
    if named is None:
        return None, {}
    file = read(named["file"].rstrip(".,;"))
    zone = next((name for name in file.names if name != "N" and name in table), None)
    count = file.numbers("N")
    wrong = np.flatnonzero(~(count >= 1))
    if len(wrong):
        raise CannotEstimate(
            f"{file.source}, column N, row {wrong[0] + 2}: is not a number of people. "
            "Complete it."
        )
    if zone is None:
        people = People(float(count[0]))
    else:
        by_zone = dict(zip(file.labels(zone).tolist(), count.tolist(), strict=True))
        people = People(float(sum(by_zone.values())), zone, by_zone)
    if "true_mean" not in file or zone is not None:
        return people, {}
    means = file.numbers("true_mean").tolist()
    return people, dict(zip(file.labels("variable").tolist(), means, strict=True))


def variants_of(study: Study) -> Mapping[str, Any]:
    """The variants of a study by name."""
    return study.variants if isinstance(study.variants, Mapping) else {}
