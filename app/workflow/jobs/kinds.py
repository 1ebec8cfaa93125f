"""Every kind of document that can be asked for, and what each is about.

Light: the web reads this to take orders; what makes the documents is loaded by the worker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

About = Literal["run", "scores"]


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of document."""

    about: About
    """A computation of a round, or a scoring of an assessment."""
    ending: str


KINDS: Mapping[str, JobKind] = {
    "report_pdf": JobKind("run", "pdf"),
    "report_docx": JobKind("run", "docx"),
    "run_workbook": JobKind("run", "xlsx"),
    "ranking": JobKind("scores", "xlsx"),
    "shortfalls": JobKind("scores", "xlsx"),
    "scores_workbook": JobKind("scores", "xlsx"),
}


def kinds_about(about: About) -> tuple[str, ...]:
    """The kinds that can be asked for of such a thing."""
    return tuple(name for name, kind in KINDS.items() if kind.about == about)


def split_object(object_: str) -> tuple[str, int]:
    """A round or assessment, and the number of its computation: ``town-2026/3``.

    A number that is none is 0, which nothing has.
    """
    code, _, number = object_.rpartition("/")
    return code, int(number) if number.isascii() and number.isdigit() else 0
