"""Attacks tried on a copy of a round: where its responses come from, and what it came to.

Nothing of a trial is kept: a round is read as it stood at one moment, and its copy lives
as long as the trial does.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.anomaly.simulation.attacks.registry import KINDS
from app.anomaly.simulation.attacks.strike import AttackKind
from app.anomaly.simulation.invented import invent
from app.anomaly.simulation.town import WorldSettings
from app.anomaly.simulation.trial import Outcome, Trial, TrialPlan
from app.anomaly.submissions import Reference, Submissions
from app.database.fieldwork import load_responses
from app.database.rounds import find_round, load_round
from app.errors import InputRefused, Problem, WrongState
from app.survey.sample import build_sample
from app.survey.text import Text
from app.workflow.screen_file.items import NOTHING_SAID, Wanted
from app.workflow.screen_file.reading import read_reference, read_response_file
from app.workflow.screening.submissions import judged, make_reference, make_submissions

FEWEST = 50
"""Responses without which a trial says nothing."""
LARGEST_RATE = 0.5
MOST_SEEDS = 50


@dataclass(frozen=True, slots=True)
class Subject:
    """The responses that are attacked, and how they are called."""

    name: Text
    submissions: Submissions
    reference: Reference | None
    notices: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One kind at one rate over all seeds: means, and the worst that happened."""

    kind: str
    rate: float
    false: float
    worst_share: float
    recall: float
    removed: float
    found: float
    """Share of the campaigns of which a quarter is flagged."""
    moved_before: float
    moved_after: float
    moved_after_most: float
    moved_drawn: float
    """NaN without a probability sample."""
    covered: float
    width: float
    honest_flagged: float


def round_subject(session: Session, code: str) -> Subject:
    """The responses of a round that its plan has examined; all open ones where it names none.

    Raises NotFound, and WrongState where there are too few.
    """
    row = find_round(session, code)
    frozen = load_round(session, row)
    sample = build_sample(frozen.survey, frozen.maps_by_scale, load_responses(session, row.id))
    plan, maps = frozen.plan, frozen.maps_by_scale
    chosen = judged(sample, plan)
    if plan.screening.company is None:
        chosen = sample.evidence != "probability"
    submissions = make_submissions(sample.restrict(chosen), plan, frozen.survey, maps)
    submissions = submissions.restrict(~np.isnan(submissions.score))
    _require_enough(code, submissions)
    reference = make_reference(sample, plan, frozen.survey, maps)
    return Subject(plan.title, submissions, reference)


def file_subject(
    responses: Path, reference: Path | None = None, wanted: Wanted = NOTHING_SAID
) -> Subject:
    """The responses of a file. Raises InputRefused with every mistake in it."""
    file = read_response_file(responses, wanted)
    _require_enough(responses.name, file.submissions)
    name = Text(zh=responses.name, en=responses.name)
    if reference is None:
        return Subject(name, file.submissions, None, file.notices)
    sample, notices = read_reference(reference, file)
    return Subject(name, file.submissions, sample, (*file.notices, *notices))


def invented_subject(seed: int) -> Subject:
    """An invented round, for whoever has none yet."""
    invented = invent(WorldSettings(), seed)
    name = Text(zh=f"虚构的一轮（种子 {seed}）", en=f"An invented round (seed {seed})")
    return Subject(name, invented.submissions, invented.reference)


def plan_trial(
    kinds: tuple[AttackKind, ...], rates: Sequence[float], *, seeds: int
) -> TrialPlan:
    """Kinds, rates and seeds of a trial. Raises InputRefused with every mistake."""
    problems = [
        Problem(
            "--rate",
            "is no share of false responses",
            f"Write one above 0, at most {LARGEST_RATE:g}, such as 0.05.",
            rate,
            chinese=f"--rate：{rate:g} 不是虚假答卷占比。请写 0 以上、{LARGEST_RATE:g} 以下。",
        )
        for rate in rates
        if not 0 < rate <= LARGEST_RATE
    ]
    if not 1 <= seeds <= MOST_SEEDS:
        zh = f"--seeds：{seeds} 不行。请写 1 到 {MOST_SEEDS}。"
        cure = f"Write a number from 1 to {MOST_SEEDS}."
        problems.append(Problem("--seeds", "is no number of trials", cure, seeds, chinese=zh))
    if problems:
        raise InputRefused(problems)
    return TrialPlan(kinds, tuple(dict.fromkeys(rates)), tuple(range(1, seeds + 1)))


def score_lines(trial: Trial) -> tuple[ScoreLine, ...]:
    """The outcomes by kind and rate; the kind that moves scores most comes first."""
    together: dict[tuple[str, float], list[Outcome]] = {}
    for outcome in trial.outcomes:
        together.setdefault((outcome.kind, outcome.rate), []).append(outcome)
    lines = [_line(outcomes) for outcomes in together.values()]
    damage: dict[str, float] = {}
    for line in lines:
        worst = 0.0 if math.isnan(line.moved_after) else line.moved_after
        damage[line.kind] = max(damage.get(line.kind, 0.0), worst)
    return tuple(sorted(lines, key=lambda line: (-damage[line.kind], line.kind, line.rate)))


def trial_document(subject: Subject, plan: TrialPlan, trial: Trial) -> dict[str, Any]:
    """A trial for programs: what was tried, on what, and each outcome."""
    tried = [kind for kind in plan.kinds if kind not in [k for k, _ in trial.not_open]]
    return {
        "schema": "minxin-attack-trial/1",
        "subject": _text(subject.name),
        "responses": len(subject.submissions),
        "points": len(set(subject.submissions.point.tolist())),
        "sampled": 0 if subject.reference is None else len(subject.reference.point),
        "rates": list(plan.rates),
        "seeds": list(plan.seeds),
        "kinds": {kind.code: _described(kind) for kind in tried},
        "not_tried": {kind.code: _text(why) for kind, why in trial.not_open},
        "untouched": [_finite(asdict(one)) for one in trial.untouched],
        "scorecard": [_finite(asdict(line)) for line in score_lines(trial)],
        "outcomes": [_finite(asdict(outcome)) for outcome in trial.outcomes],
    }


def worst_lines(lines: Sequence[ScoreLine], *, least: float) -> Iterator[ScoreLine]:
    """Of each kind the line that moves scores most, where it is `least` points or more."""
    seen: dict[str, ScoreLine] = {}
    for line in lines:
        if line.kind not in seen or line.moved_after > seen[line.kind].moved_after:
            seen[line.kind] = line
    yield from (line for line in seen.values() if line.moved_after >= least)


def kind_name(code: str) -> Text:
    """How a kind of attack is called."""
    return KINDS[code].name


def _require_enough(name: str, submissions: Submissions) -> None:
    if len(submissions) < FEWEST:
        raise WrongState(
            f"{name} has {len(submissions)} responses with a score; a trial needs {FEWEST}."
        )


def _line(outcomes: Sequence[Outcome]) -> ScoreLine:
    def mean(name: str) -> float:
        values = [float(getattr(one, name)) for one in outcomes]
        known = [value for value in values if not math.isnan(value)]
        return sum(known) / len(known) if known else math.nan

    names = set(ScoreLine.__slots__) - {"kind", "rate", "found", "moved_after_most"}
    worst = [one.moved_after_most for one in outcomes if not math.isnan(one.moved_after_most)]
    return ScoreLine(
        kind=outcomes[0].kind,
        rate=outcomes[0].rate,
        found=sum(o.found for o in outcomes) / sum(o.campaigns for o in outcomes),
        moved_after_most=max(worst, default=math.nan),
        **{name: mean(name) for name in sorted(names)},
    )


def _described(kind: AttackKind) -> dict[str, Any]:
    return {
        "name": _text(kind.name),
        "does": _text(kind.does),
        "leaves": _text(kind.leaves),
        "aim": kind.aim,
        "settings": {name: list(bounds) for name, bounds in kind.ranges.items()},
    }


def _text(text: Text) -> dict[str, str]:
    return {"zh-Hans": text.zh, "en": text.en}


def _finite(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same without what is no number, which JSON does not know."""
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in values.items()
    }
