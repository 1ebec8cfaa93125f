"""What was wrong with a form, for its page: every sentence, and the field it belongs to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.errors import InputRefused, Problem
from app.survey.text import Language


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One sentence above the form."""

    field: str
    """Its field's name; empty where it belongs to none."""
    text: str


@dataclass(frozen=True, slots=True)
class Faults:
    """Everything that was wrong with a form."""

    lines: tuple[FaultLine, ...]

    def at(self, name: str) -> str:
        """What is wrong with a field, in one text; empty if nothing is."""
        return " ".join(line.text for line in self.lines if line.field == name)


def same_place(place: str) -> str:
    """A field that is named as the place of its problem."""
    return place


def faults_of(
    refused: InputRefused, language: Language, field_of: Callable[[str], str] = same_place
) -> Faults:
    """The faults of a refused form; `field_of` tells the field of a problem's place."""
    return Faults(tuple(_lines(refused.problems, language, field_of)))


def _lines(
    problems: tuple[Problem, ...], language: Language, field_of: Callable[[str], str]
) -> Iterator[FaultLine]:
    for problem in problems:
        said = problem.in_chinese if language == "zh-Hans" else str(problem)
        yield FaultLine(field_of(problem.place), said)
