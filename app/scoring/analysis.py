"""All that is said about a scoring beside the scores: doubt, places, gaps, change, words.

One function calls the rooms `simulation` and `explanation` with the same seed and gathers what
they found. What could not be computed is named with its reason; nothing is left out silently.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from app.errors import InputRefused, Problem
from app.scoring.explanation.change import Change, change
from app.scoring.explanation.coherence import Coherence, coherence
from app.scoring.explanation.contributions import UnitContributions, contributions
from app.scoring.explanation.perception import PairGaps, perception_gaps
from app.scoring.explanation.sentences import UnitSentences, sentences
from app.scoring.explanation.shortfalls import UnitShortfalls, shortfalls
from app.scoring.explanation.warnings import warnings
from app.scoring.index import Scoring
from app.scoring.simulation.choices import SURVEY_ERROR
from app.scoring.simulation.draws import value_draws
from app.scoring.simulation.importance import GroupImportance, importance
from app.scoring.simulation.monte_carlo import draw_scores
from app.scoring.simulation.outcomes import Drawn, Simulation
from app.scoring.simulation.places import PlaceTable, places
from app.scoring.simulation.sensitivity import Sensitivity, sensitivity
from app.scoring.simulation.summary import summarise
from app.survey.text import Text

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of the analysis that these values do not allow."""

    part: str
    because: Text


@dataclass(frozen=True, slots=True)
class Analysis:
    """What stands beside the scores; None or empty where `left_out` says why."""

    seed: int
    simulation: Simulation | None
    """Scores and ranks under the survey's error: the official interval."""
    places: tuple[PlaceTable, ...]
    """Rank confidence sets and tiers."""
    sensitivity: Sensitivity | None
    """What decides the ranks: survey, weights, or the choice of methods."""
    importance: tuple[GroupImportance, ...]
    contributions: tuple[UnitContributions, ...]
    shortfalls: tuple[UnitShortfalls, ...]
    change: Change | None
    """Since last year; None without one."""
    perception: tuple[PairGaps, ...]
    coherence: Coherence
    warnings: tuple[Problem, ...]
    sentences: tuple[UnitSentences, ...]
    left_out: tuple[LeftOut, ...]


def analyse(scoring: Scoring, *, seed: int, before: Scoring | None = None) -> Analysis:
    """Analyse a scoring; `before` is last year's, under whatever system it had.

    The same scoring and seed give the same analysis. Raises InputRefused where covariances
    are such as no estimates can have.
    """
    value_draws(scoring.system, scoring.workings.inputs, scoring.covariances, seed=seed)
    left_out: list[LeftOut] = []

    def tried(part: str, work: Callable[[], Found]) -> Found | None:
        try:
            return work()
        except InputRefused as refused:
            first = refused.problems[0]
            because = Text(zh=first.in_chinese, en=str(first))
            left_out.append(LeftOut(part, because))
            return None

    drawn: Drawn | None = tried(
        "simulation", lambda: draw_scores(scoring, seed=seed, doubts=SURVEY_ERROR)
    )
    tables = tried("places", lambda: places(scoring, seed=seed, drawn=drawn))
    shaken = tried("sensitivity", lambda: sensitivity(scoring, seed=seed))
    gaps = shortfalls(scoring, before=before)
    moved = None if before is None else change(before, scoring)
    return Analysis(
        seed=seed,
        simulation=None if drawn is None else summarise(scoring, drawn),
        places=tables or (),
        sensitivity=shaken,
        importance=importance(scoring),
        contributions=contributions(scoring),
        shortfalls=gaps,
        change=moved,
        perception=perception_gaps(scoring),
        coherence=coherence(scoring),
        warnings=warnings(scoring),
        sentences=sentences(scoring, gaps, moved),
        left_out=tuple(left_out),
    )
