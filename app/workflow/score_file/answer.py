"""One scoring as the plain document of the command: every number by name and by unit.

Keys and their order are described in docs/composite.md. Numbers are plain floats, None where
there is none; ranks are whole numbers where they can be.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from app.scoring.index import Scoring
from app.scoring.results import UnitScore
from app.scoring.steps.adjustment import Ledger
from app.scoring.steps.grading import ranks
from app.survey.sample import Floats
from app.survey.text import Text

Found = dict[str, Any]


def answer(scoring: Scoring) -> Found:
    """All steps of a scoring, from normalised values to grades, by name and unit."""
    return {
        **_indicator_part(scoring),
        **_score_part(scoring),
        **_ledger_part(scoring),
        **_standing_part(scoring),
    }


def _indicator_part(scoring: Scoring) -> Found:
    workings, system = scoring.workings, scoring.system
    codes = [card.code for card in system.indicators]
    units = [unit.code for unit in workings.inputs.units]

    def by_indicator(matrix: Floats) -> Found:
        return {
            code: dict(zip(units, numbers(column), strict=True))
            for code, column in zip(codes, matrix.T, strict=True)
        }

    found: Found = {"normalised": by_indicator(workings.completed.scores)}
    touched = [column for column in workings.treated.columns if column.touched]
    if touched:
        everything = by_indicator(workings.treated.values)
        found["treated"] = {
            column.indicator: everything[column.indicator] for column in touched
        }
        found["treatment"] = {
            column.indicator: {
                "moved": {one.unit: [one.before, one.after] for one in column.moved},
                "log_constant": column.log_constant,
            }
            for column in touched
        }
    filled = {
        code: [unit for unit, flag in zip(units, column, strict=True) if flag]
        for code, column in zip(codes, workings.completed.filled.T, strict=True)
    }
    found["filled"] = {code: who for code, who in filled.items() if who}
    found["effective_weight"] = by_indicator(workings.aggregation.indicator_weights)
    steps = {unit.unit: unit.indicators for unit in scoring.result.units}
    found["contribution"] = {
        code: {unit: steps[unit][column].contribution for unit in units}
        for column, code in enumerate(codes)
    }
    return found


def _score_part(scoring: Scoring) -> Found:
    workings, units = scoring.workings, scoring.result.units
    codes = [unit.unit for unit in units]
    levels = workings.aggregation.levels

    def by_node(pick: Callable[[Any], Floats]) -> Found:
        return {
            node.code: dict(zip(codes, numbers(pick(levels[node.code])), strict=True))
            for node in scoring.system.nodes
        }

    return {
        "levels": by_node(lambda level: level.score),
        "coverage": by_node(lambda level: level.coverage),
        "score": by_unit(units, lambda unit: unit.gross),
        "score_se": by_unit(units, lambda unit: unit.standard_error.value),
        "score_se_note": _notes(units, lambda unit: unit.standard_error.note),
        "references": [
            {
                "indicator": one.indicator,
                "region_type": one.region_type,
                "n": one.n,
                "lowest": one.lowest,
                "highest": one.highest,
            }
            for one in scoring.result.references
        ],
    }


def _ledger_part(scoring: Scoring) -> Found:
    units = scoring.result.units
    found = {
        "deduction": by_unit(units, lambda unit: unit.deduction),
        "bonus": by_unit(units, lambda unit: unit.bonus),
        "final": by_unit(units, lambda unit: unit.final),
    }
    lines = {unit.unit: _ledger(unit.ledger) for unit in units}
    return found | {"ledger": {unit: line for unit, line in lines.items() if line}}


def _ledger(ledger: Ledger) -> Found:
    """What happened, at what price, and what each cap swallowed; empty where nothing did."""
    sums = [*ledger.deduction.families, ledger.deduction.total]
    sums += [*ledger.bonus.families, ledger.bonus.total]
    found = {
        "items": [
            {
                "item": item.item,
                "kind": item.kind,
                "family": item.family,
                "count": item.count,
                "evidence": list(item.evidence),
                "points": item.total.points,
                "counted": item.total.counted,
            }
            for item in ledger.items
        ],
        "swallowed": {
            capped.code: capped.swallowed
            for capped in [*(item.total for item in ledger.items), *sums]
            if capped.swallowed
        },
        "vetoes": list(ledger.vetoes),
        "not_counted": [
            {"item": e.item, "count": e.count, "status": e.status, "evidence": e.evidence}
            for e in ledger.not_counted
        ],
    }
    return found if ledger.items or ledger.not_counted else {}


def _standing_part(scoring: Scoring) -> Found:
    units = scoring.result.units
    across = scoring.system.rank.scope == "all"
    in_type = by_unit(units, lambda unit: whole(unit.rank_in_type))
    overall = by_unit(units, lambda unit: whole(unit.rank_overall)) if across else in_type
    found: Found = {"rank": overall, "rank_in_type": in_type}
    found["unranked"] = [unit for unit, rank in overall.items() if rank is None]
    found["unranked_because"] = _notes(units, lambda unit: unit.unranked_because)
    if scoring.system.grade is not None:
        found["grade"] = by_unit(units, lambda unit: unit.grade.grade if unit.grade else None)
        found["grade_reason"] = _notes(
            units, lambda unit: unit.grade.reason if unit.grade else None
        )
    return found


def ranks_by_score(scoring: Scoring) -> Found:
    """The places that scores before deductions give: those of a case that ranks by `score`."""
    units, rule = scoring.result.units, scoring.system.rank
    gross = scoring.workings.aggregation.score
    ranked = np.array([unit.rank_in_type is not None for unit in units], bool)
    eligible = np.where(ranked, gross, np.nan)
    type_of = scoring.workings.inputs.type_of
    in_type: dict[int, float | None] = {}
    for members in (np.flatnonzero(type_of == t) for t in np.unique(type_of)):
        in_type |= dict(zip(members.tolist(), ranks(eligible[members], rule), strict=True))
    within = {unit.unit: in_type[row] for row, unit in enumerate(units)}
    across = dict(zip(within, ranks(eligible, rule), strict=True))
    return {"rank": across if rule.scope == "all" else within, "rank_in_type": within}


def by_unit(
    units: tuple[UnitScore, ...], pick: Callable[[UnitScore], object]
) -> dict[str, Any]:
    """Unit → what `pick` takes from its result."""
    return {unit.unit: pick(unit) for unit in units}


def numbers(values: Floats) -> list[float | None]:
    """An array as plain floats, None for NaN."""
    # Adding 0 turns a negative zero into the one that people know.
    plain = np.asarray(values, dtype=np.float64) + 0.0
    return [None if gap else x for x, gap in zip(plain.tolist(), np.isnan(plain), strict=True)]


def whole(rank: float | None) -> float | None:
    """A rank as a whole number where it is one."""
    return int(rank) if rank is not None and float(rank).is_integer() else rank


def _notes(
    units: tuple[UnitScore, ...], pick: Callable[[UnitScore], Text | None]
) -> Mapping[str, Any]:
    """Unit → words about it, in both languages; units without any are left out."""
    found = by_unit(units, pick)
    return {
        unit: {"zh-Hans": text.zh, "en": text.en}
        for unit, text in found.items()
        if text is not None
    }
