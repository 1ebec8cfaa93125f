"""The invented round: reproducible, plausible, and full of honest people who look odd."""

import numpy as np
import pytest

from app.anomaly.simulation.invented import invent, invent_round
from app.anomaly.simulation.town import WorldSettings
from app.anomaly.submissions import mean_places

SMALL = WorldSettings(points=8, districts=2, responses=1600, volunteers=3, sampled=10)


@pytest.fixture(scope="module")
def invented():
    return invent(SMALL, 1)


def test_the_same_seed_gives_the_same_round_and_another_seed_another():
    first, again, other = (invent_round(SMALL, seed) for seed in (5, 5, 6))
    for name in first.__slots__:
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert not set(first.identifier.tolist()) & set(other.identifier.tolist())


def test_rows_lie_in_the_order_of_identifiers_that_say_nothing(invented):
    identifier = invented.submissions.identifier
    assert (np.sort(identifier) == identifier).all()
    assert len(set(identifier.tolist())) == len(identifier)


def test_scores_are_those_of_the_answers_and_times_are_slots(invented):
    rows = invented.submissions
    np.testing.assert_allclose(rows.score, mean_places(rows.answers, rows.highest))
    assert (rows.minute % 5 == 0).all()
    assert rows.minute.min() >= 0
    assert rows.minute.max() < SMALL.days * 24 * 60
    assert rows.dwell.min() >= 1


def test_people_are_content_on_the_whole_and_their_items_hang_together(invented):
    rows = invented.submissions
    assert 60 < rows.score.mean() < 85
    whole = rows.answers[~np.isnan(rows.answers).any(axis=1)]
    items = np.corrcoef(whole.T)[np.triu_indices(whole.shape[1], 1)]
    assert 0.4 < items.mean() < 0.8
    straight = np.nanmax(rows.answers, axis=1) == np.nanmin(rows.answers, axis=1)
    assert 0.05 < straight.mean() < 0.25


def test_every_group_of_honest_people_who_look_odd_is_there(invented):
    groups = set(invented.group.tolist())
    odd = {"office", "family", "volunteer", "event", "incident", "interview", "careless"}
    assert groups == odd | {"alone"}


def test_a_volunteers_phone_serves_six_to_fourteen_and_a_family_two_or_three(invented):
    for group, least, most in (("volunteer", 6, 14), ("family", 2, 3)):
        devices = invented.submissions.device[invented.group == group]
        _, counts = np.unique(devices, return_counts=True)
        assert counts.min() >= least
        assert counts.max() <= most


def test_an_incident_brings_a_wave_of_varied_anger_at_its_point(invented):
    rows, hit = invented.submissions, invented.group == "incident"
    assert len(set(rows.point[hit].tolist())) == SMALL.incidents
    assert rows.score[hit].mean() < rows.score[~hit].mean() - 20
    assert hit.sum() > 30
    assert rows.minute[hit].min() >= 0.3 * SMALL.days * 24 * 60 - 5
    assert np.ptp(np.quantile(rows.minute[hit], [0.25, 0.75])) < 3 * 24 * 60
    assert rows.score[hit].std() > 8, "anger takes people differently"


def test_the_probability_sample_holds_as_many_people_at_every_point(invented):
    sample = invented.reference
    _, counts = np.unique(sample.point, return_counts=True)
    assert counts.tolist() == [SMALL.sampled] * SMALL.points
    assert not np.isnan(sample.answers).any()
