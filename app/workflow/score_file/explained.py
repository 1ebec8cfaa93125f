"""Where units stand behind and what closing a gap would gain; why a score changed.

The numbers are those of `app.scoring.explanation`; here they get the names that cases use.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isclose, log

from app.scoring.explanation.change import Change, IndicatorChange, UnitChange, change
from app.scoring.explanation.sentences import sentences
from app.scoring.explanation.shortfalls import (
    Against,
    Shortfall,
    UnitShortfalls,
    shortfalls,
)
from app.scoring.explanation.warnings import warnings
from app.scoring.index import Scoring
from app.workflow.score_file.answer import Found, whole

MOST_GAPS = 20_000
"""Units times indicators beyond which nobody reads a table of every gap."""
NAMED = 3


def gaps(scoring: Scoring) -> Found:
    """What closing one gap would gain, and the rank it would give, by indicator and unit."""
    codes = [card.code for card in scoring.system.indicators]
    if len(codes) * len(scoring.result.units) > MOST_GAPS:
        return {}
    across = scoring.system.rank.scope == "all"
    units = shortfalls(scoring)
    by_cell = {
        (gap.against, gap.indicator, unit.unit): gap for unit in units for gap in unit.gaps
    }

    def table(against: Against, pick: Callable[[Shortfall], object]) -> Found:
        found: Found = {}
        for code in codes:
            cells = {unit.unit: by_cell.get((against, code, unit.unit)) for unit in units}
            found[code] = {unit: gap and pick(gap) for unit, gap in cells.items()}
        return found

    def rank(gap: Shortfall) -> float | None:
        return whole(gap.rank_overall if across else gap.rank_in_type)

    return {
        "gain_to_best_of_type": table("best_of_type", lambda gap: gap.gain),
        "gain_to_median_of_type": table("median_of_type", lambda gap: gap.gain),
        "gain_to_full": table("full", lambda gap: gap.gain),
        "rank_if_gap_to_best_closed": table("best_of_type", rank),
        "gap_within_survey_error": table("best_of_type", lambda gap: gap.within_survey_error),
        "top3_shortfalls": {
            unit.unit: [gap.indicator for gap in unit.largest("best_of_type", NAMED)]
            for unit in units
        },
        "sentences": _sentences(scoring, units, None),
    }


def hints(scoring: Scoring) -> Found:
    """What to look at before the scores are published; it refuses nothing."""
    return {
        "warnings": [{"zh-Hans": one.in_chinese, "en": str(one)} for one in warnings(scoring)]
    }


def _sentences(
    scoring: Scoring, units: Sequence[UnitShortfalls], moved: Change | None
) -> Found:
    return {
        one.unit: [{"zh-Hans": text.zh, "en": text.en} for text in one.sentences]
        for one in sentences(scoring, units, moved)
    }


def changes(before: Scoring, now: Scoring, names: tuple[str, str]) -> Found:
    """The change between two periods, split exactly; `names` are theirs.

    As in the cases, the value effect holds all that moved the normalised score; the part of
    it that other bounds made stands beside it.
    """
    found = change(before, now)
    effects: dict[str, Callable[[IndicatorChange], float]] = {
        "value_effect": lambda part: part.value + part.bounds,
        "weight_effect": lambda part: part.weight,
        "bounds_effect": lambda part: part.bounds,
    }
    return {
        "change": {"from": names[0], "to": names[1]},
        "difference": {unit.unit: unit.difference for unit in found.units},
        **{name: _by_part(found, pick) for name, pick in effects.items()},
        **_in_logarithms(before, now, found),
        "change_of": {unit.unit: _unit_change(unit) for unit in found.units},
        "not_compared": {
            one.unit: {"zh-Hans": one.because.zh, "en": one.because.en}
            for one in found.not_compared
        },
        "sentences": _sentences(now, shortfalls(now), found),
    }


def _by_part(found: Change, pick: Callable[[IndicatorChange], float]) -> Found:
    parts = dict.fromkeys(part.part for unit in found.units for part in unit.parts)
    by_cell = {(p.part, unit.unit): pick(p) for unit in found.units for p in unit.parts}
    return {
        part: {unit.unit: by_cell.get((part, unit.unit), 0.0) for unit in found.units}
        for part in parts
    }


def _in_logarithms(before: Scoring, now: Scoring, found: Change) -> Found:
    """In a geometric tree, the effects that sum to the change of the score's logarithm."""
    if not any(unit.how == "logarithms" for unit in found.units):
        return {}
    gross: tuple[Mapping[str, float | None], ...] = tuple(
        {unit.unit: unit.gross for unit in one.result.units} for one in (before, now)
    )
    scale: dict[str, float] = {}
    for unit in found.units:
        old, new = gross[0][unit.unit], gross[1][unit.unit]
        if unit.how == "logarithms" and old is not None and new is not None:
            scale[unit.unit] = _logarithmic_mean(old, new)
    logs: Found = {"log_value_effect": {}, "log_weight_effect": {}}
    for unit in found.units:
        for part in unit.parts if unit.unit in scale else ():
            value = (part.value + part.bounds) / scale[unit.unit]
            logs["log_value_effect"].setdefault(part.part, {})[unit.unit] = value
            weight = part.weight / scale[unit.unit]
            logs["log_weight_effect"].setdefault(part.part, {})[unit.unit] = weight
    return logs


def _logarithmic_mean(one: float, other: float) -> float:
    """L(a, b) = (b - a)/(ln b - ln a), and a where both are the same."""
    if isclose(one, other, rel_tol=1e-12):
        return one
    return (other - one) / (log(other) - log(one))


def _unit_change(unit: UnitChange) -> Found:
    return {
        "before": unit.before,
        "now": unit.now,
        "value": unit.value + unit.bounds,
        "weight": unit.weight,
        "bounds": unit.bounds,
        "deduction": unit.deduction,
        "bonus": unit.bonus,
        "limit": unit.limit,
        "how": unit.how,
        "error": unit.error,
        "within_survey_error": unit.within_survey_error,
    }
