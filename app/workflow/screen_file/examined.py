"""Responses and a probability sample from files, examined: what the command writes of them.

The engine is the one that screens a round in the platform; here it is only given other
columns. Nothing is kept.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.anomaly.examination import Examination
from app.anomaly.submissions import Reference, Submissions
from app.errors import InputRefused, Problem
from app.survey.csv_files import guarded
from app.survey.text import Text
from app.workflow.screen_file.items import NOTHING_SAID, Wanted
from app.workflow.screen_file.reading import (
    ResponseFile,
    read_reference,
    read_response_file,
    reference_problems,
)


class Examine(Protocol):
    """The engine's one function, `app.anomaly.engine.examine`."""

    def __call__(
        self, submissions: Submissions, *, reference: Reference | None, seed: int
    ) -> Examination:
        """What is found; the same seed finds the same."""
        ...


@dataclass(frozen=True, slots=True)
class Examined:
    """A file of responses, what was found in it, and what has to be said of the reading."""

    file: ResponseFile
    found: Examination
    notices: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """The files to be read, and what the options say of their items."""

    responses: Path
    reference: Path | None = None
    wanted: Wanted = NOTHING_SAID


def examine_files(sources: Sources, *, seed: int, examine: Examine | None = None) -> Examined:
    """What the engine finds in the responses. Raises InputRefused with every mistake.

    `examine` stands in the place of the engine where one is given.
    """
    file, reference, notices = _read(sources)
    found = (examine or _engine())(file.submissions, reference=reference, seed=seed)
    said = (*notices, *_said_of_guarded(file), _summary(file, found))
    return Examined(file, found, said)


def _engine() -> Examine:
    """The engine, loaded only when the files are found good: it brings scipy with it."""
    from app.anomaly.engine import examine

    return examine


def _read(
    sources: Sources,
) -> tuple[ResponseFile, Reference | None, tuple[Text, ...]]:
    problems: list[Problem] = []
    try:
        file = read_response_file(sources.responses, sources.wanted)
    except InputRefused as error:
        problems += error.problems
        if sources.reference is not None:
            problems += reference_problems(sources.reference)
        raise InputRefused(problems) from None
    if sources.reference is None:
        return file, None, file.notices
    reference, notices = read_reference(sources.reference, file)
    return file, reference, (*file.notices, *notices)


def _said_of_guarded(file: ResponseFile) -> tuple[Text, ...]:
    """That some identifiers are not written as they were read; nothing where all are."""
    names = {*file.everyone.tolist(), *file.submissions.point.tolist()}
    n = sum(guarded(name) != name for name in names)
    if not n:
        return ()
    said = Text(
        zh=f"有 {n} 个编号以电子表格会当作公式的字符（= + - @ 等）开头，在 CSV 中前面加了撇号；"
        "JSON 中的编号不变。",
        en=f"{n} identifiers begin with what a spreadsheet runs as a formula (= + - @ …): they "
        "have an apostrophe in front in CSV files, and none in JSON.",
    )
    return (said,)


def _summary(file: ResponseFile, found: Examination) -> Text:
    n, flagged = len(file.everyone), int(found.flagged.sum())
    half = int((found.influence < 0.5).sum())
    groups, points = len(found.campaigns), len(found.points)
    return Text(
        zh=f"检验了 {n} 份答卷、{points} 个点位：{half} 份影响力低于 0.5，"
        f"标记 {flagged} 份，归为 {groups} 组待人工核查。",
        en=f"Examined {n} responses at {points} points: {half} have an influence below 0.5; "
        f"{flagged} are flagged, in {groups} campaigns for people to review.",
    )
