"""How sure scores and places are: formulas where they are exact, draws where they are not.

Formulas hold for arithmetic systems with fixed bounds whose scores nothing rounds or cuts
off; docs/composite.md says which key comes from where.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ndtr, ndtri

from app.errors import CannotEstimate, InputRefused, Problem
from app.scoring.index import Scoring
from app.scoring.simulation.monte_carlo import draw_scores
from app.scoring.simulation.outcomes import SimulatedPlace, Simulation
from app.scoring.simulation.places import PlaceTable, places
from app.scoring.simulation.summary import summarise
from app.scoring.steps.sampling_error import joint_covariance
from app.stats.ranks.league import JointEstimates, simulate
from app.stats.ranks.ranking import marginal_rank_sets, simultaneous_rank_sets
from app.survey.sample import Floats
from app.workflow.score_file.answer import Found, whole
from app.workflow.score_file.case_format import CaseRankSets, WeightsAsked

OF_THE_RULES = ("simulation", "draws")
"""Places of problems that lie in methods and means, not in what was given."""
SETS = {"marginal": marginal_rank_sets, "simultaneous": simultaneous_rank_sets}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked beside the score and what the system itself says of uncertainty."""

    seed: int = 1
    rank_sets: CaseRankSets | None = None
    weights: tuple[WeightsAsked, ...] = ()
    rank_by: Literal["final", "score"] = "final"


def doubts(scoring: Scoring, asked: Asked) -> Found:
    """Intervals, probabilities and sets of places; empty where nothing is uncertain.

    Raises InputRefused for covariances that no estimates can have.
    """
    inputs = scoring.workings.inputs
    shaken = (inputs.standard_error > 0).any() or (~np.isnan(inputs.band_low)).any()
    if not shaken and asked.rank_sets is None:
        return {}
    try:
        drawn = draw_scores(scoring, seed=asked.seed)
        found = _simulated(scoring, summarise(scoring, drawn))
        found |= _by_formula(scoring)
        tables = places(scoring, seed=asked.seed, drawn=drawn)
    except InputRefused as error:
        if any(problem.place not in OF_THE_RULES for problem in error.problems):
            raise
        words = [{"zh-Hans": p.in_chinese, "en": str(p)} for p in error.problems]
        return {"uncertainty": {"refused": words}}
    found["places"] = [_table(table) for table in tables]
    if asked.rank_sets is not None:
        found |= _rank_sets(scoring, asked.rank_sets, drawn.finals)
    return found


def _simulated(scoring: Scoring, simulation: Simulation) -> Found:
    percent = f"{100 * simulation.level:g}"
    across = scoring.system.rank.scope == "all"
    place_of = {u.unit: u.overall if across else u.in_type for u in simulation.units}
    note = simulation.note
    return {
        "uncertainty": {
            "level": simulation.level,
            "draws": simulation.draws,
            "lost": simulation.lost,
            "seed": simulation.seed,
            "doubts": list(simulation.doubts),
            "note": note and {"zh-Hans": note.zh, "en": note.en},
        },
        f"final_interval{percent}": {
            unit.unit: unit.score_interval and list(unit.score_interval)
            for unit in simulation.units
        },
        "mean_rank": {unit: place and place.mean_rank for unit, place in place_of.items()},
        f"rank_interval{percent}": {
            unit: place and [whole(place.low), whole(place.high)]
            for unit, place in place_of.items()
        },
        "rank_probability": _rank_probability(place_of),
        "top_probability": {
            unit: {f"top{share.k}": share.probability for share in place.top}
            for unit, place in place_of.items()
            if place is not None
        },
        "grade_probability": {
            unit.unit: {share.grade: share.probability for share in unit.grades}
            for unit in simulation.units
            if unit.grades
        },
        "prob_row_beats_column": _duels(simulation, scoring.system.rank.scope),
    }


def _rank_probability(place_of: Mapping[str, SimulatedPlace | None]) -> Found:
    """rank1 → unit → probability, and so on; every unit in every rank that anybody had."""
    shares = {
        unit: dict(place.probabilities) for unit, place in place_of.items() if place is not None
    }
    drawn = sorted({rank for own in shares.values() for rank in own})
    return {
        f"rank{rank:g}": {unit: own.get(rank, 0.0) for unit, own in shares.items()}
        for rank in drawn
    }


def _duels(simulation: Simulation, scope: str) -> Found:
    found: Found = {}
    for duels in simulation.duels:
        if (duels.region_type is None) == (scope == "all"):
            for unit, row in zip(duels.units, duels.beats, strict=True):
                found[unit] = dict(zip(duels.units, row, strict=True))
    return found


def _by_formula(scoring: Scoring) -> Found:
    """Intervals of gross scores, and who beats whom where the formula is the whole truth."""
    system, units = scoring.system, scoring.result.units
    z = float(ndtri((1 + system.uncertainty.level) / 2))
    percent = f"{100 * system.uncertainty.level:g}"
    errors = {unit.unit: unit.standard_error.value for unit in units}
    found: Found = {
        f"score_interval{percent}": {
            unit.unit: None
            if unit.gross is None or (error := errors[unit.unit]) is None
            else [unit.gross - z * error, unit.gross + z * error]
            for unit in units
        }
    }
    plain = system.adjustments is None and system.rank.decimals is None
    if not plain or system.rank.scope != "all":
        return found
    ranked = [row for row, unit in enumerate(units) if unit.rank_overall is not None]
    sigma = _sigma(scoring, ranked)
    if np.isnan(sigma).any():
        return found
    beats = _beats(scoring.finals[ranked], sigma)
    names = [units[row].unit for row in ranked]
    found["prob_row_beats_column"] = {
        name: dict(zip(names, row, strict=True))
        for name, row in zip(names, beats.tolist(), strict=True)
    }
    better = 1 + beats.sum(axis=0) - np.diag(beats)
    mean_rank = dict(zip(names, better.tolist(), strict=True))
    found["mean_rank"] = {unit.unit: mean_rank.get(unit.unit) for unit in units}
    return found


def _sigma(scoring: Scoring, rows: list[int]) -> Floats:
    return joint_covariance(
        scoring.system,
        scoring.workings,
        scoring.covariances,
        errors=scoring.outcome.errors,
        rows=np.array(rows, dtype=np.intp),
    )


def _beats(scores: Floats, sigma: Floats) -> Floats:
    """P(row above column) of normal scores; ties of known scores count half."""
    own = np.diag(sigma)
    spread = np.sqrt(np.maximum(own[:, None] + own - 2 * sigma, 0.0))
    gap = scores[:, None] - scores
    # Scores that nothing shakes are compared as they are.
    known = np.where(np.abs(gap) <= 1e-9, 0.0, np.copysign(np.inf, gap))
    beats: Floats = ndtr(np.divide(gap, spread, out=known, where=spread > 0))
    return beats


def _table(table: PlaceTable) -> Found:
    return {
        "region_type": table.region_type,
        "confidence": table.confidence,
        "source": table.source,
        "family": table.family,
        "places": {
            place.unit: {
                "rank": place.rank,
                "marginal": [place.marginal.low, place.marginal.high],
                "simultaneous": [place.simultaneous.low, place.simultaneous.high],
                "tier": place.tier,
            }
            for place in table.places
        },
        "tiers": [
            {"units": list(tier.units), "first": tier.first, "last": tier.last}
            for tier in table.tiers
        ],
        "contenders": {f"top{c.k}": list(c.units) for c in table.contenders},
    }


def _rank_sets(scoring: Scoring, asked: CaseRankSets, finals: Floats) -> Found:
    """The sets that a case asks for by name, over all units.

    Covariances come from the draws (`finals`) where there is no formula for them.
    """
    scored = [unit.unit for unit in scoring.result.units if unit.final is not None]
    rows = [row for row, unit in enumerate(scoring.result.units) if unit.final is not None]
    sigma = _sigma(scoring, rows)
    if np.isnan(sigma).any():
        sigma = np.atleast_2d(np.cov(finals[:, rows], rowvar=False))
    if asked.covariance == "diagonal":
        sigma = np.diag(np.diag(sigma))
    estimates = JointEstimates(scored, scoring.finals[rows], sigma)
    try:
        league = simulate(estimates, seed=asked.seed, draws=asked.draws)
    except CannotEstimate as error:
        raise InputRefused([Problem("rank_sets", str(error), "Check the errors.")]) from None
    found: Found = {}
    for name in asked.methods:
        family, _, steps = name.partition("_")
        sets: Any = SETS[family](
            league,
            confidence=asked.coverage,
            steps="single_step" if steps == "single_step" else "stepdown",
        )
        found[name] = {unit: {"low": one.low, "high": one.high} for unit, one in sets.items()}
    return found
