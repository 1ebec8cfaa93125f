"""What goes into the composite score, gathered: this round, other rounds, official values.

A survey number enters with its uncertainty, or as missing with its reason, by the one rule
of `survey_values`; the system's rule for missing values decides what becomes of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.database.results import result_of, with_document
from app.database.rounds import FrozenRound
from app.database.tables import RunRow
from app.errors import WrongState
from app.scoring.inputs import Covariance, Event, IndicatorValue, ScoredUnit
from app.stats.tables.disclosure import withhold_rank
from app.stats.tables.entries import Series, Tabulated
from app.survey.plan import Unit
from app.survey.recipe import Composite, SurveyInput
from app.workflow.survey_values import (
    entries_of_run,
    indicator_value,
    number_of,
    published_run,
    require_entries,
    scored_units,
    survey_covariances,
    values_of_run,
)


@dataclass(frozen=True, slots=True)
class CompositeInputs:
    """Units, values, events and covariances, as `scoring` takes them."""

    units: tuple[ScoredUnit, ...]
    values: tuple[IndicatorValue, ...]
    events: tuple[Event, ...]
    covariances: tuple[Covariance, ...]


def find_sources(session: Session, frozen: FrozenRound) -> dict[str, RunRow]:
    """Round → its newest published run: those the composite score takes, the one repeated."""
    composite = frozen.plan.composite
    sources: dict[str, RunRow] = {}
    for source in composite.from_rounds if composite else ():
        what = f"The composite score takes {source.indicator} from round {source.round}"
        run = published_run(session, source.round, what)
        require_entries(source, result_of(run))
        sources[source.round] = with_document(session, run)
    if frozen.plan.repeats is not None:
        what = f"The plan says that it repeats round {frozen.plan.repeats}"
        run = published_run(session, frozen.plan.repeats, what)
        sources[frozen.plan.repeats] = with_document(session, run)
    return sources


def gather_inputs(
    frozen: FrozenRound,
    series: Sequence[Series],
    estimates: Sequence[Tabulated],
    sources: Mapping[str, RunRow],
) -> CompositeInputs:
    """Gather what the plan's composite part names; `sources` are the other rounds' runs."""
    plan, composite = frozen.plan, frozen.plan.composite
    if composite is None:
        raise WrongState(f"The plan of {frozen.code} has no composite score.")
    values = [
        *_survey_values(composite, estimates, plan.units),
        *(
            value
            for source in composite.from_rounds
            for value in values_of_run(source, result_of(sources[source.round]), plan.units)
        ),
        *_official_values(composite),
    ]
    return CompositeInputs(
        units=tuple(
            scored_units(plan.units, _too_small(frozen, estimates, sources), plan.release)
        ),
        values=tuple(values),
        events=tuple(
            Event(e.unit, e.item, e.count, e.status, e.evidence) for e in composite.events
        ),
        covariances=tuple(
            survey_covariances(
                frozen.survey, composite.from_survey, series=series, values=values
            )
        ),
    )


def _too_small(
    frozen: FrozenRound, estimates: Sequence[Tabulated], sources: Mapping[str, RunRow]
) -> set[str]:
    """Units that have a survey value in the score with too small a sample for a rank."""
    plan, composite = frozen.plan, frozen.plan.composite
    if composite is None:
        return set()
    sizes = [
        (entry.domain.code, entry.estimate.n, entry.estimate.effective_n)
        for _, entry in _matching(composite, estimates)
    ]
    for source in composite.from_rounds:
        for unit, entry in entries_of_run(source, result_of(sources[source.round])).items():
            sizes.append((unit, entry["n"], entry["effective_n"]))
    return {unit for unit, n, effective in sizes if withhold_rank(n, effective, plan.release)}


def _matching(
    composite: Composite, estimates: Sequence[Tabulated]
) -> Iterator[tuple[SurveyInput, Tabulated]]:
    for source in composite.from_survey:
        for entry in estimates:
            if (
                entry.series == source.series
                and entry.measure == "indicator"
                and entry.code == source.estimate
                and entry.domain.kind == "unit"
            ):
                yield source, entry


def _survey_values(
    composite: Composite, estimates: Sequence[Tabulated], units: Sequence[Unit]
) -> Iterator[IndicatorValue]:
    found = {
        (source.indicator, entry.domain.code): number_of(entry)
        for source, entry in _matching(composite, estimates)
    }
    for source in composite.from_survey:
        for unit in units:
            yield indicator_value(source, unit.code, found.get((source.indicator, unit.code)))


def _official_values(composite: Composite) -> Iterator[IndicatorValue]:
    for given in composite.values:
        yield IndicatorValue(
            given.unit,
            given.indicator,
            given.value,
            status=given.status,
            standard_error=given.standard_error,
        )
