"""Everything that a scoring is computed from, as one document that can be kept and sent.

The document has one spelling: keys in order, every number in full, so that reading it gives
the same bits and writing it again the same bytes. What is spelt otherwise is refused: it was
changed by somebody.
"""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.errors import InputRefused, Problem
from app.scoring.inputs import Covariance, Event, IndicatorValue, ScoredUnit

SHOWN = 20
"""Problems named; a file that is wrong all over is recognised by as many."""


@dataclass(frozen=True, slots=True)
class ScoreInputs:
    """A system's text, what it is applied to, and the seed of the draws."""

    system: str
    """The YAML as it stands, comments and all: its digest is that of the file."""
    units: tuple[ScoredUnit, ...]
    values: tuple[IndicatorValue, ...]
    events: tuple[Event, ...]
    covariances: tuple[Covariance, ...]
    seed: int
    before: "ScoreInputs | None" = None
    """Last year's, with whose scores these are compared; theirs has none before it."""


INPUTS: TypeAdapter[ScoreInputs] = TypeAdapter(ScoreInputs)


def write_inputs(inputs: ScoreInputs) -> str:
    """The inputs in their one spelling."""
    # Once through the reader: a whole number that stands for a real one is written as such.
    return _spelt(INPUTS.validate_json(_spelt(inputs)))


def read_inputs(text: str) -> ScoreInputs:
    """The inputs of a document; InputRefused with what is not exactly of its shape."""
    try:
        inputs = INPUTS.validate_json(text)
    except ValidationError as error:
        raise InputRefused(_problem(found) for found in error.errors()[:SHOWN]) from None
    if not _is_spelling_of(inputs, text):
        message = "is not spelt as this program writes it: keys, order or digits differ"
        cure = "Take the file that was exported, unchanged."
        said = "inputs.json 的写法与本程序不一致（键、顺序或数字不同）。请使用导出的原文件。"
        raise InputRefused([Problem("inputs.json", message, cure, chinese=said)])
    return inputs


def _is_spelling_of(inputs: ScoreInputs, text: str) -> bool:
    try:
        return _spelt(inputs) == text
    except ValueError:  # Not a number, or one beyond all bounds: nothing that is ever written.
        return False


def _spelt(inputs: ScoreInputs) -> str:
    plain = INPUTS.dump_python(inputs, mode="json", by_alias=True)
    return json.dumps(
        plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def _problem(found: Any) -> Problem:
    place = ".".join(str(part) for part in found["loc"]) or "the file"
    said = f"inputs.json 的 {place} 处不合规定：{found['msg']}。请使用导出的原文件。"
    message = f"is not as this program writes it: {found['msg']}"
    return Problem(
        f"inputs.json, {place}", message, "Take the file that was exported.", chinese=said
    )
