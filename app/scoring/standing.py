"""Who is ranked and graded, among whom, and why somebody is not.

A unit without a score has no rank. Opt-in answers give no rank either, unless the system
accepted them in words; then the result carries the part they play and the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.scoring.adjustment import Ledger
from app.scoring.aggregation import Aggregation
from app.scoring.grading import GradeGiven, Veto, grades, ranks
from app.scoring.inputs import ScoredUnit
from app.scoring.normalisation import Floats
from app.scoring.results import OptInPart
from app.scoring.system import IndicatorSystem
from app.survey.text import Text

OPT_IN = Text(
    zh="含自愿扫码数据且体系未予采纳，不排名",
    en="rests on opt-in answers that the system has not accepted, so it is not ranked",
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
    system: IndicatorSystem,
    units: Sequence[ScoredUnit],
    finals: Floats,
    *,
    aggregation: Aggregation,
    ledgers: Sequence[Ledger],
) -> list[Standing]:
    """Rank and grade `finals` (one per unit, NaN = no score)."""
    parts = _opt_in_parts(system, aggregation)
    reasons = [
        _no_score(system, aggregation, row) if np.isnan(final) else _not_accepted(part)
        for row, (final, part) in enumerate(zip(finals, parts, strict=True))
    ]
    eligible = np.where([reason is None for reason in reasons], finals, np.nan)
    types = np.array([unit.region_type for unit in units])
    everybody = np.arange(len(units))
    by_type = [np.flatnonzero(types == code) for code in system.type_codes]

    in_type: list[float | None] = [None] * len(units)
    for rows in by_type:
        for row, rank in zip(rows, ranks(eligible[rows], system.rank), strict=True):
            in_type[row] = rank
    overall: list[float | None] = [None] * len(units)
    if system.rank.scope == "all":
        overall = ranks(eligible, system.rank)
    graded: list[GradeGiven | None] = [None] * len(units)
    if system.grade is not None:
        vetoes = [_veto(system, ledger) for ledger in ledgers]
        for rows in by_type if system.grade.within == "type" else [everybody]:
            own = grades(eligible[rows], system.grade, [vetoes[row] for row in rows])
            for row, grade in zip(rows, own, strict=True):
                graded[row] = grade
    return [
        Standing(*standing)
        for standing in zip(in_type, overall, graded, reasons, parts, strict=True)
    ]


def _opt_in_parts(system: IndicatorSystem, aggregation: Aggregation) -> list[OptInPart | None]:
    columns = [c for c, card in enumerate(system.indicators) if card.evidence == "opt_in"]
    accepted = system.opt_in_accepted
    parts: list[OptInPart | None] = []
    for weights in aggregation.indicator_weights:
        inside = [c for c in columns if weights[c] > 0]
        codes = tuple(system.indicators[c].code for c in inside)
        because = accepted.reason if accepted else None
        part = OptInPart(codes, float(sum(weights[c] for c in inside)), because)
        parts.append(part if inside else None)
    return parts


def _not_accepted(part: OptInPart | None) -> Text | None:
    return OPT_IN if part is not None and part.accepted_because is None else None


def _no_score(system: IndicatorSystem, aggregation: Aggregation, row: int) -> Text:
    without = [
        part.name
        for part in system.children[system.root.code]
        if part.code in aggregation.levels
        and np.isnan(aggregation.levels[part.code].score[row])
    ]
    zh, en = "、".join(name.zh for name in without), ", ".join(name.en for name in without)
    return Text(
        zh=f"数据不足，不计总分（缺：{zh}）" if without else "数据不足，不计总分",
        en=f"too little is known for a score (nothing on {en})"
        if without
        else "too little is known for a score",
    )


def _veto(system: IndicatorSystem, ledger: Ledger) -> Veto | None:
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
