"""The responses of a round as columns: what every calculation starts from.

One position is one response; all arrays have the same length. The order is that of the
response identifiers, which are random, so it says nothing about arrival and is the same in
every recomputation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.survey.answers import Answer
from app.survey.definition import Item, Survey
from app.survey.score_maps import ScoreMap

Floats = NDArray[np.float64]
Labels = NDArray[np.str_]
Flags = NDArray[np.bool_]

NOT_ANSWERED = np.nan


@dataclass(frozen=True, slots=True)
class RawResponse:
    """One stored response as it leaves the database."""

    identifier: str
    unit: str
    point: str
    evidence: str
    channel: str
    answers: Mapping[str, Answer]
    background: Mapping[str, str] = field(default_factory=dict)
    weight: float | None = None
    seconds: int | None = None
    slot: str = ""
    device: str = ""
    network: str = ""
    section_seconds: Mapping[str, int] = field(default_factory=dict)
    comment: str = ""
    """Keyed hash of what was written; empty without a comment."""
    comment_length: int | None = None
    assurance: str = ""
    """``one_time`` where a one-time right stands behind the response."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Columns over n responses."""

    identifier: Labels
    unit: Labels
    point: Labels
    evidence: Labels
    channel: Labels
    codes: Mapping[str, Floats]
    """item → stored code, with the scale's own codes for don't know; NaN if not answered."""
    scores: Mapping[str, Floats]
    """scored item → points 0–100; NaN where not answered, don't know or not applicable."""
    background: Mapping[str, Labels]
    """column → value as text; empty where absent. Margins and classes refer to these."""
    given_weight: Floats
    """Weights that came with the answers; NaN where none did."""
    seconds: Floats
    slot: Labels
    device: Labels
    network: Labels
    section_seconds: Mapping[str, Floats]
    """section → seconds on it; NaN where not known. Sections nobody was timed on are absent."""
    comment: Labels
    """Keyed hash of what was written; empty without a comment."""
    comment_length: Floats
    assurance: Labels

    def __len__(self) -> int:
        return len(self.identifier)

    def restrict(self, kept: Flags) -> "Sample":
        """The same columns for the responses where `kept` is true."""
        changed: dict[str, Any] = {}
        for name in self.__slots__:
            column = getattr(self, name)
            changed[name] = (
                {key: values[kept] for key, values in column.items()}
                if isinstance(column, Mapping)
                else column[kept]
            )
        return Sample(**changed)


def build_sample(
    survey: Survey, score_maps: Mapping[str, ScoreMap], responses: Sequence[RawResponse]
) -> Sample:
    """Columns from responses; `score_maps` gives the map of each scored scale by its name."""
    rows = sorted(responses, key=lambda r: r.identifier)
    single = [item for item in survey.items.values() if item.kind in {"single", "number"}]
    codes = {item.code: _codes(rows, item) for item in single}
    scored = [item for item in single if item.scale in score_maps]
    return Sample(
        identifier=_labels([r.identifier for r in rows]),
        unit=_labels([r.unit for r in rows]),
        point=_labels([r.point for r in rows]),
        evidence=_labels([r.evidence for r in rows]),
        channel=_labels([r.channel for r in rows]),
        codes=codes,
        scores={
            item.code: _scores(survey, item, score_maps[item.scale or ""], codes[item.code])
            for item in scored
        },
        background=_background(survey, rows, codes),
        given_weight=_known([r.weight for r in rows]),
        seconds=_known([r.seconds for r in rows]),
        slot=_labels([r.slot for r in rows]),
        device=_labels([r.device for r in rows]),
        network=_labels([r.network for r in rows]),
        section_seconds=_section_seconds(survey, rows),
        comment=_labels([r.comment for r in rows]),
        comment_length=_known([r.comment_length for r in rows]),
        assurance=_labels([r.assurance for r in rows]),
    )


def points_by_code(survey: Survey, item: Item, score_map: ScoreMap) -> dict[int, float]:
    """Points of every scored code of an item; a reversed item reads the map backwards."""
    codes = survey.scale_of(item).codes
    if score_map.kind == "line":
        points = [score_map.points_on_line(code) for code in codes]
    elif len(score_map.points) == len(codes):
        points = list(score_map.points)
    else:
        raise ValueError(
            f"{score_map.key} has {len(score_map.points)} points, not {len(codes)}"
        )
    return dict(zip(codes, reversed(points) if item.reversed else points, strict=True))


def _codes(rows: Sequence[RawResponse], item: Item) -> Floats:
    given = [row.answers.get(item.code, NOT_ANSWERED) for row in rows]
    if all(type(answer) in (int, float) for answer in given):
        return np.array(given, float)
    return np.array([g if isinstance(g, int) else NOT_ANSWERED for g in given], float)


def _scores(survey: Survey, item: Item, score_map: ScoreMap, codes: Floats) -> Floats:
    scores = np.full(len(codes), NOT_ANSWERED)
    for code, points in points_by_code(survey, item, score_map).items():
        scores[codes == code] = points
    return scores


def _background(
    survey: Survey, rows: Sequence[RawResponse], codes: Mapping[str, Floats]
) -> dict[str, Labels]:
    """Imported columns, and the answers to single-choice items that are not scored.

    "Would rather not say" is no level of a population, so it is as empty as no answer.
    """
    names = sorted({name for row in rows for name in row.background})
    columns = {name: _labels([row.background.get(name, "") for row in rows]) for name in names}
    for item in survey.items.values():
        if item.kind == "single" and survey.scale_of(item).score_map is None:
            levels = survey.scale_of(item).codes
            texts = [str(int(c)) if c in levels else "" for c in codes[item.code]]
            columns.setdefault(item.code, _labels(texts))
    return columns


def _section_seconds(survey: Survey, rows: Sequence[RawResponse]) -> dict[str, Floats]:
    timed = {section for row in rows for section in row.section_seconds}
    return {
        section.code: _known([row.section_seconds.get(section.code) for row in rows])
        for section in survey.sections
        if section.code in timed
    }


def _known(numbers: Sequence[float | None]) -> Floats:
    return np.array([np.nan if number is None else number for number in numbers], float)


def _labels(texts: Sequence[str]) -> Labels:
    return np.array(texts, dtype=np.str_)
