"""A small survey and rounds of answers to it, for the signals to look at."""

from dataclasses import replace

import numpy as np

from app.survey.definition import Survey
from app.survey.reading import read_definition
from app.survey.sample import RawResponse, Sample, build_sample
from app.survey.score_maps import ScoreMap
from app.survey.text import Text

OPTIONS_OF_FIVE = "".join(
    f"      - {{code: {code}, label: {{zh-Hans: 第{code}档, en: Level {code}}}}}\n"
    for code in (5, 4, 3, 2, 1)
)
OPTIONS_OF_FOUR = "".join(
    f"      - {{code: {code}, label: {{zh-Hans: 第{code}等, en: Grade {code}}}}}\n"
    for code in (1, 2, 3, 4)
)
SURVEY_TEXT = f"""
schema: minxin-survey/1
code: small
version: 1
title: {{zh-Hans: 请评价, en: Please rate}}
lead: {{zh-Hans: 每题选一项。, en: One each.}}
minutes: 1
source: Made for the tests.
scales:
  five:
    options:
{OPTIONS_OF_FIVE}
    dont_know: {{code: 98, label: {{zh-Hans: 不了解, en: Don't know}}}}
    score_map: even_5@1
  four:
    options:
{OPTIONS_OF_FOUR}
    score_map: even_4@1
  ten:
    lowest: 0
    highest: 10
    ends: [{{zh-Hans: 低, en: Low}}, {{zh-Hans: 高, en: High}}]
    score_map: even_11@1
sections:
  - code: s
    title: {{zh-Hans: 评价, en: Rating}}
    items:
      - {{code: a, text: {{zh-Hans: 甲, en: A}}, scale: five}}
      - {{code: b, text: {{zh-Hans: 乙, en: B}}, scale: five}}
      - {{code: c, text: {{zh-Hans: 丙, en: C}}, scale: five, reversed: true}}
      - {{code: d, text: {{zh-Hans: 丁, en: D}}, scale: four}}
      - {{code: h, text: {{zh-Hans: 戊, en: H}}, kind: number, scale: ten}}
"""


def _map(code: str, points: tuple[float, ...]) -> ScoreMap:
    name = Text(zh="等距", en="Even")
    return ScoreMap(code=code, version=1, name=name, source="Tests.", points=points)


SURVEY = read_definition(Survey, SURVEY_TEXT, source="small.yaml")
MAPS = {
    "five": _map("even_5", (100, 75, 50, 25, 0)),
    "four": _map("even_4", (100, 200 / 3, 100 / 3, 0)),
    "ten": ScoreMap(
        code="even_11",
        version=1,
        name=Text(zh="等距", en="Even"),
        source="Tests.",
        kind="line",
        worst=0,
        best=10,
    ),
}


def response(number: int, answers: dict[str, int], **paradata) -> RawResponse:
    """A response whose identifier keeps the given order."""
    blank = RawResponse(
        identifier=f"r{number:05d}",
        unit="u",
        point="p",
        evidence="opt_in",
        channel="code",
        answers=answers,
    )
    return replace(blank, **paradata)


def sample_of(responses: list[RawResponse]) -> Sample:
    """The columns of some responses."""
    return build_sample(SURVEY, MAPS, responses)


def varied_round(n: int, *, seed: int = 7) -> list[RawResponse]:
    """Independent answers over all options, with times around three minutes."""
    dice = np.random.default_rng(seed)
    return [
        response(
            i,
            {
                "a": int(dice.integers(1, 6)),
                "b": int(dice.integers(1, 6)),
                "c": int(dice.integers(1, 6)),
                "d": int(dice.integers(1, 5)),
                "h": int(dice.integers(0, 11)),
            },
            seconds=int(dice.integers(120, 240)),
        )
        for i in range(n)
    ]
