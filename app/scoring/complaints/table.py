"""All complaints by name, and how one is made: `complain`.

Codes are those of the table of validations: E1xx the system's file, E2xx values, E30x events
and rules after the sum, W4xx warnings, which refuse nothing.
"""

from collections.abc import Mapping

from app.errors import Problem
from app.scoring.complaints.about_inputs import INPUTS
from app.scoring.complaints.about_rules import RULES
from app.scoring.complaints.about_scores import SCORES
from app.scoring.complaints.about_systems import SYSTEMS
from app.scoring.complaints.speech import Complaint, Fact, in_chinese, in_english, written

COMPLAINTS: Mapping[str, Complaint] = {**SYSTEMS, **RULES, **INPUTS, **SCORES}


def complain(key: str, place: str, *, value: object = None, **facts: Fact) -> Problem:
    """The problem that `key` names, at `place`, with `facts` in its gaps.

    `value` is what was found; English shows it behind the message, Chinese in the sentence.
    """
    told = COMPLAINTS[key]
    chinese = told.chinese.format_map({"value": written(value), **in_chinese(facts)})
    english = {"value": written(value), **in_english(facts)}
    return Problem(
        place,
        f"{told.code} {told.message.format_map(english)}".strip(),
        told.cure.format_map(english),
        value,
        chinese=f"{told.code} {chinese}".strip(),
    )
