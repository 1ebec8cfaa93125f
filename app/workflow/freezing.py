"""What a round means, as one digest: taken when it opens, checked whenever it is computed.

The digest is over meaning, not text: a comment or a space is no change, and neither is a
score map that the round does not use. What differs can be named place by place.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.database.rounds import FrozenRound
from app.errors import PlanFrozen
from app.scoring.definition.system import IndicatorSystem
from app.survey.definition import Survey
from app.survey.plan import Plan
from app.survey.reading import Definition
from app.survey.score_maps import ScoreMap


def round_meaning(
    plan: Plan,
    survey: Survey,
    score_maps: Mapping[str, ScoreMap],
    system: IndicatorSystem | None,
) -> dict[str, Any]:
    """Everything that can move a number of the round; `score_maps` are those in force."""
    written = _meaning(plan)
    # Rounds that opened before a plan could say these keep the digest they opened with.
    if plan.admission is None:
        del written["admission"]
    if plan.screening.company is None:
        del written["screening"]["company"]
    return {
        "plan": written,
        "survey": _meaning(survey),
        "score_maps": {scale: _meaning(one) for scale, one in score_maps.items()},
        "system": _meaning(system) if system else None,
    }


def digest_of(meaning: Mapping[str, Any]) -> str:
    """SHA-256 of a meaning, hex."""
    text = json.dumps(meaning, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def meaning_of(frozen: FrozenRound) -> dict[str, Any]:
    """The meaning of a round as it stands in the database."""
    return round_meaning(frozen.plan, frozen.survey, frozen.maps_by_scale, frozen.system)


def require_unchanged(frozen: FrozenRound) -> None:
    """Refuse a round whose stored plan or definitions are not those it was opened with."""
    found = digest_of(meaning_of(frozen))
    if found != frozen.plan_digest:
        raise PlanFrozen(
            f"What is stored of round {frozen.code} has changed since it opened: its digest "
            f"was {frozen.plan_digest} and is now {found}. Nothing is computed from it."
        )


def differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """The places at which two meanings differ, with both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}, key=str):
            inner = f"{place}.{key}" if place else str(key)
            yield from differences(old.get(key), new.get(key), inner)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from differences(before, after, f"{place}[{i}]")
    elif old != new:
        yield f"{place} (frozen {_shown(old)}, now {_shown(new)})"


def _meaning(definition: Definition) -> dict[str, Any]:
    return definition.model_dump(mode="json", by_alias=True)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}…"
