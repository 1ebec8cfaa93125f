"""Tests that call a single response or a small group unusual, each with its reason.

A signal looks at one round's sample and answers, for every response, whether it fires. It
never rejects anything: `screening` decides what a reason costs. A response without the
paradata a signal needs is not judged by it.
"""

from collections.abc import Sequence

import numpy as np

from app.anomaly.catalogue import DEVICE_REPETITION, SPEED, STRAIGHT_LINING, Finding, silent
from app.survey.definition import Item, Survey
from app.survey.recipe import DeviceRepetitionSignal, SpeedSignal, StraightLiningSignal
from app.survey.sample import Floats, Labels, Sample

FEWEST_TIMES = 10
"""Below this many known times a median says nothing."""


def speed(sample: Sample, parameters: SpeedSignal) -> Finding:
    """Done in less than a share of the round's median time; times are capped seconds."""
    judged = ~np.isnan(sample.seconds)
    if judged.sum() < FEWEST_TIMES:
        return silent(SPEED, influence=parameters.influence, n=len(sample))
    median = float(np.median(sample.seconds[judged]))
    fires = judged & (sample.seconds < parameters.share_of_median * median)
    return Finding(SPEED, parameters.influence, judged, fires, sample.seconds, median)


def straight_lining(
    sample: Sample, parameters: StraightLiningSignal, *, survey: Survey
) -> Finding:
    """The option in the same place on every scored choice item that was answered.

    Place is counted from the top or from the bottom of the options as they stand in the
    survey, whatever their codes, so that scales of different length and reversed items
    compare as they do on the page. A number has no options and does not count.
    """
    places = [_places(sample, survey, item) for item in _choice_items(sample, survey)]
    if not places:
        return silent(STRAIGHT_LINING, influence=parameters.influence, n=len(sample))
    from_top = np.vstack([top for top, _ in places])
    from_bottom = np.vstack([bottom for _, bottom in places])
    answered = (~np.isnan(from_top)).sum(axis=0)
    alike = np.maximum(_most_alike(from_top), _most_alike(from_bottom))
    judged = answered >= parameters.items
    if not judged.any():
        return silent(STRAIGHT_LINING, influence=parameters.influence, n=len(sample))
    return Finding(
        signal=STRAIGHT_LINING,
        influence=parameters.influence,
        judged=judged,
        fires=judged & (alike == answered),
        observed=np.where(judged, alike, np.nan),
        expected=float(np.median(alike[judged])),
    )


def device_repetition(sample: Sample, parameters: DeviceRepetitionSignal) -> Finding:
    """More than `allowed` responses of one device class and network in a slot at a point.

    Every response of such a group fires: nothing tells the first honest one apart.
    """
    columns = (sample.point, sample.slot, sample.device, sample.network)
    judged = np.logical_and.reduce([column != "" for column in columns])
    if not judged.any():
        return silent(DEVICE_REPETITION, influence=parameters.influence, n=len(sample))
    size = _group_sizes(columns)
    return Finding(
        signal=DEVICE_REPETITION,
        influence=parameters.influence,
        judged=judged,
        fires=judged & (size > parameters.allowed),
        observed=np.where(judged, size, np.nan),
        expected=float(parameters.allowed),
    )


def _choice_items(sample: Sample, survey: Survey) -> list[Item]:
    items = (survey.items[code] for code in sample.scores)
    return [item for item in items if item.kind == "single" and survey.scale_of(item).options]


def _places(sample: Sample, survey: Survey, item: Item) -> tuple[Floats, Floats]:
    """Place of each answer from the top and from the bottom; NaN if there is none."""
    options = survey.scale_of(item).options
    from_top = np.full(len(sample), np.nan)
    for place, option in enumerate(options):
        from_top[sample.codes[item.code] == option.code] = place
    return from_top, len(options) - 1 - from_top


def _most_alike(places: Floats) -> Floats:
    """Of items by responses: the largest number of a response's items in one place."""
    last = int(np.nanmax(places, initial=0))
    counts = [(places == place).sum(axis=0) for place in range(last + 1)]
    return np.max(counts, axis=0).astype(float)


def _group_sizes(columns: Sequence[Labels]) -> Floats:
    """How many rows have the same values in every column, for each row."""
    group = np.zeros(len(columns[0]), np.intp)
    for column in columns:
        names, code = np.unique(column, return_inverse=True)
        _, group = np.unique(group * len(names) + code, return_inverse=True)
    return np.bincount(group)[group].astype(float)
