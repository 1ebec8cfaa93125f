"""Who is ranked and graded, among whom, and why somebody is not.

A unit without a score has neither. A score that rests on opt-in answers never has a rank:
they carry no error to compare by; it has a grade where the system accepted them in words. A
score whose sample is too small for a place has a grade only; who gives the values says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from app.scoring.definition.system import IndicatorSystem
from app.scoring.results import OptInPart
from app.scoring.steps.adjustment import Ledger
from app.scoring.steps.arrangement import Integers
from app.scoring.steps.grading import GradeGiven, Veto, grades, ranks
from app.scoring.steps.ordering import graded_by
from app.scoring.steps.sampling_error import opt_in_inside
from app.scoring.steps.workings import Workings
from app.survey.sample import Floats
from app.survey.text import Text

Result = TypeVar("Result")

OPT_IN = Text(
    zh="得分含自愿扫码数据，不给名次",
    en="the score rests partly on opt-in answers, so there is no rank",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """The place of one unit among the others."""

    rank_in_type: float | None
    rank_overall: float | None
    grade: GradeGiven | None
    unranked_because: Text | None
    opt_in: OptInPart | None


def standings(
    system: IndicatorSystem, workings: Workings, finals: Floats, ledgers: Sequence[Ledger]
) -> list[Standing]:
    """Rank and grade `finals` (one per unit, NaN = no score)."""
    units = workings.inputs.units
    opt_in = [_opt_in_part(system, workings, row) for row in range(len(units))]
    unranked = [_why_unranked(system, workings, row, part) for row, part in enumerate(opt_in)]
    eligible = np.where([reason is None for reason in unranked], finals, np.nan)
    refused = np.array([p is not None and p.accepted_because is None for p in opt_in])
    scored = np.where(np.isnan(workings.aggregation.score) | refused, np.nan, finals)
    vetoes = [strictest_veto(system, ledger) for ledger in ledgers]
    everybody = [np.arange(len(units))]
    by_type = [
        np.flatnonzero(workings.inputs.type_of == t) for t in range(len(system.type_codes))
    ]

    def rank(rows: Integers) -> list[float | None]:
        return ranks(eligible[rows], system.rank)

    def grade(rows: Integers) -> list[GradeGiven | None]:
        if system.grade is None:
            return [None] * rows.size
        keys = graded_by(scored[rows], system.grade, system.rank)
        return grades(keys, system.grade, [vetoes[row] for row in rows])

    across_types = system.grade is not None and system.grade.within == "all"
    in_type = _group_by_group(by_type, rank)
    overall = _group_by_group(everybody if system.rank.scope == "all" else [], rank)
    graded = _group_by_group(everybody if across_types else by_type, grade)
    return [
        Standing(in_type[row], overall.get(row), graded[row], unranked[row], opt_in[row])
        for row in range(len(units))
    ]


def _group_by_group(
    groups: Sequence[Integers], work: Callable[[Integers], list[Result]]
) -> dict[int, Result]:
    """Row → what `work` found for it among the rows of its group."""
    return {
        int(row): found for rows in groups for row, found in zip(rows, work(rows), strict=True)
    }


def _opt_in_part(system: IndicatorSystem, workings: Workings, row: int) -> OptInPart | None:
    """What opt-in answers weigh in a score; a gap filled by rule rests on nobody's answers."""
    inside = opt_in_inside(system, workings, row)
    if not inside:
        return None
    accepted, weights = system.opt_in_accepted, workings.aggregation.indicator_weights[row]
    return OptInPart(
        indicators=tuple(system.indicators[column].code for column in inside),
        effective_weight=sum(weights[inside].tolist()),
        accepted_because=accepted.reason if accepted else None,
    )


def _why_unranked(
    system: IndicatorSystem, workings: Workings, row: int, opt_in: OptInPart | None
) -> Text | None:
    if np.isnan(workings.aggregation.score[row]):
        return _no_score(system, workings, row)
    if opt_in is not None:
        return OPT_IN
    return workings.inputs.units[row].unranked_because


def _no_score(system: IndicatorSystem, workings: Workings, row: int) -> Text:
    levels, region_type = workings.aggregation.levels, workings.inputs.units[row].region_type
    without = [
        part.name
        for part in system.children[system.root.code]
        if part.code in levels
        and np.isnan(levels[part.code].score[row])
        and system.weight(part.code, region_type) > 0
    ]
    zh, en = "、".join(name.zh for name in without), ", ".join(name.en for name in without)
    return Text(
        zh="数据不足，不计总分" + (f"（缺：{zh}）" if without else ""),
        en="too little is known for a score" + (f" (nothing on {en})" if without else ""),
    )


def strictest_veto(system: IndicatorSystem, ledger: Ledger) -> Veto | None:
    """The strictest veto of a unit."""
    if system.grade is None or system.adjustments is None:
        return None
    order = [grade.grade for grade in system.grade.scale]
    vetoes = [
        Veto(item.veto_max_grade, item.code)
        for item in system.adjustments.items
        if item.code in ledger.vetoes and item.veto_max_grade is not None
    ]
    return max(vetoes, key=lambda veto: order.index(veto.max_grade), default=None)
