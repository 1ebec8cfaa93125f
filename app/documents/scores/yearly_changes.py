"""What made a score change since last year, line by line, so that the lines add up to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.documents.wording import measured, translator
from app.survey.text import Language

Document = Mapping[str, Any]
NOTICEABLE = 0.005
"""Less rounds to nothing in two decimals."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one indicator did to the change since last year, in points."""

    name: str
    before: str
    """Its value, ready to print; empty where the line stands for several indicators."""
    now: str
    value: float
    weight: float
    bounds: float

    @property
    def strength(self) -> float:
        """How much it moved the score, either way."""
        return abs(self.value + self.weight + self.bounds)


@dataclass(frozen=True, slots=True)
class YearlyChange:
    """The change of one unit's final score, whole."""

    before: float
    now: float
    difference: float
    effects: tuple[Effect, ...]
    """The strongest first; all that are small in one line."""
    whole: Effect
    others: tuple[tuple[str, float], ...]
    """Deductions, bonuses, floor and ceiling, where they changed anything."""


def read_change(
    entry: Document, name_of: Callable[[str], str], language: Language
) -> YearlyChange:
    """One unit of the ``change`` of an analysis; `name_of` gives indicators their names."""
    _ = translator(language)
    others = (
        (_("扣分"), entry["deduction"]),
        (_("加分"), entry["bonus"]),
        (_("得分的上下限"), entry["limit"]),
    )
    return YearlyChange(
        before=entry["before"],
        now=entry["now"],
        difference=entry["difference"],
        effects=tuple(_effects(entry, name_of, _("其余指标"))),
        whole=Effect(_("各指标合计"), "", "", entry["value"], entry["weight"], entry["bounds"]),
        others=tuple((name, points) for name, points in others if abs(points) >= NOTICEABLE),
    )


def _effects(entry: Document, name_of: Callable[[str], str], rest: str) -> list[Effect]:
    effects = [
        Effect(
            name_of(part["part"]),
            measured(part["raw_before"]),
            measured(part["raw_now"]),
            part["value"],
            part["weight"],
            part["bounds"],
        )
        for part in entry["parts"]
    ]
    shown = sorted(
        (one for one in effects if _is_noticeable(one)), key=lambda one: -one.strength
    )
    small = [one for one in effects if not _is_noticeable(one)]
    together = Effect(
        rest,
        "",
        "",
        sum(one.value for one in small),
        sum(one.weight for one in small),
        sum(one.bounds for one in small),
    )
    return [*shown, together] if _is_noticeable(together) else shown


def _is_noticeable(effect: Effect) -> bool:
    # A weight that gained what the value lost is two changes, not none.
    return max(map(abs, (effect.value, effect.weight, effect.bounds))) >= NOTICEABLE
