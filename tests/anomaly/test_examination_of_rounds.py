"""The whole examination: what it promises of any round, and does to a few small ones."""

import tracemalloc
import warnings
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from app.anomaly.company.content import content_of
from app.anomaly.company.evidence import look
from app.anomaly.engine import MOST_REASONS, examine
from app.anomaly.examination import Examination
from app.anomaly.judgement.caps import CAPS, apply_caps
from app.anomaly.judgement.signals_of_evidence import speaks_against_low
from app.anomaly.simulation.attacks.registry import KINDS
from app.anomaly.simulation.attacks.scene import set_scene
from app.anomaly.simulation.injection import Attacked, attack
from app.anomaly.simulation.invented import Invented, invent
from app.anomaly.simulation.town import WorldSettings
from app.anomaly.submissions import Submissions, mean_places

WORLD = WorldSettings(points=6, districts=2, responses=1500, volunteers=1, sampled=8)


@pytest.fixture(scope="module")
def world() -> Invented:
    return invent(WORLD, 11)


@pytest.fixture(scope="module")
def clean(world) -> Examination:
    return examine(world.submissions, reference=None, seed=1)


@pytest.fixture(scope="module")
def stuffed(world) -> Attacked:
    return attack(set_scene(world.submissions), KINDS["stuffing"], rate=0.1, seed=2)


@pytest.fixture(scope="module")
def found(stuffed) -> Examination:
    return examine(stuffed.submissions, reference=None, seed=1)


def test_the_same_seed_finds_the_same(stuffed, found):
    again = examine(stuffed.submissions, reference=None, seed=1)
    for field in fields(Examination):
        one, two = getattr(found, field.name), getattr(again, field.name)
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, two)
        else:
            assert repr(one) == repr(two)


def test_influence_is_a_share_and_never_more_than_the_caps_leave(found):
    assert (found.influence >= 0).all()
    assert (found.influence <= found.capped).all()
    assert (found.capped <= 1).all()
    assert (found.influence[found.flagged] < 0.5).all()
    lowered = np.flatnonzero(found.influence < 1)
    assert set(found.reasons) == set(lowered.tolist())
    assert all(1 <= len(said) <= MOST_REASONS for said in found.reasons.values())


def test_every_flagged_response_is_in_one_campaign_and_nobody_else_is(stuffed, found):
    rows = [row for campaign in found.campaigns for row in campaign.rows]
    assert len(rows) == len(set(rows)) == found.flagged.sum()
    assert found.flagged[rows].all()
    for row, position in enumerate(found.campaign):
        assert (position >= 0) == found.flagged[row]
        assert position < 0 or row in found.campaigns[position].rows
    for campaign in found.campaigns:
        points = set(stuffed.submissions.point[list(campaign.rows)].tolist())
        assert set(campaign.points) == points
        minute = stuffed.submissions.minute[list(campaign.rows)]
        assert (campaign.first, campaign.last) == (minute.min(), minute.max())


def test_codes_of_campaigns_depend_on_identifiers_alone(stuffed, found):
    rows = stuffed.submissions
    renamed = replace(rows, network=np.char.add("n", rows.network), score=rows.score * 0.5)
    other = examine(renamed, reference=None, seed=1)
    members = {frozenset(one.rows): one.code for one in found.campaigns}
    for campaign in other.campaigns:
        assert members.get(frozenset(campaign.rows), campaign.code) == campaign.code
    assert len(set(members.values())) == len(members)
    named = replace(rows, identifier=np.char.add("x", rows.identifier))
    codes = {one.code for one in examine(named, reference=None, seed=1).campaigns}
    assert not codes & set(members.values())


def test_rows_sorted_by_identifier_are_one_order(stuffed):
    order = np.argsort(stuffed.submissions.identifier)
    mixed = np.random.default_rng(3).permutation(len(order))
    again = np.argsort(stuffed.submissions.identifier[mixed])
    np.testing.assert_array_equal(mixed[again], order)
    turned, straight = (
        examine(taken(stuffed.submissions, rows), reference=None, seed=1)
        for rows in (mixed, order)
    )
    back = np.argsort(mixed)
    agree = turned.flagged[back] == straight.flagged[np.argsort(order)]
    assert agree.mean() > 0.99


LABELS = ("device", "network", "comment", "enumerator", "channel", "client", "district")
BLANKS = {
    **{name: (name,) for name in LABELS},
    "minute": ("minute",),
    "dwell": ("dwell",),
    "all": (*LABELS, "minute", "dwell", "comment_length"),
}


@pytest.mark.parametrize("blank", BLANKS)
def test_what_is_not_known_is_no_reason_to_fail_or_to_flag(world, blank):
    rows = without(world.submissions, *BLANKS[blank])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seen = examine(rows, reference=None, seed=1)
    assert seen.flagged.mean() <= 0.02
    assert np.isfinite(seen.influence).all()


def test_crude_stuffing_is_found_without_times_or_dwell_too(stuffed):
    rows = without(stuffed.submissions, "minute", "dwell")
    seen = examine(rows, reference=None, seed=1)
    assert (seen.influence[stuffed.false] < 0.5).mean() > 0.8


@pytest.mark.parametrize("n", [1, 2, 12, 29, 30, 60])
def test_a_round_of_a_few_is_examined(world, n):
    rows = taken(world.submissions, np.arange(n))
    seen = examine(rows, reference=world.reference, seed=1)
    assert len(seen.influence) == len(seen.campaign) == n
    assert {one.point for one in seen.points} == set(rows.point.tolist())


def test_rows_without_any_answer_keep_their_influence(stuffed):
    rows = stuffed.submissions
    silent = np.arange(len(rows)) % 9 == 0
    blank = replace(
        rows,
        answers=np.where(silent[:, None], np.nan, rows.answers),
        score=np.where(silent, np.nan, rows.score),
    )
    seen = examine(blank, reference=None, seed=1)
    assert not seen.flagged[silent].any()
    np.testing.assert_array_equal(seen.influence[silent], seen.capped[silent])
    assert (seen.influence[stuffed.false & ~silent] < 0.5).mean() > 0.8
    nobody = replace(
        rows, answers=np.full_like(rows.answers, np.nan), score=rows.score * np.nan
    )
    assert not examine(nobody, reference=None, seed=1).flagged.any()


def test_a_single_item_is_enough_to_be_examined(stuffed):
    rows = stuffed.submissions
    answers, highest = rows.answers[:, :1], rows.highest[:1]
    one = replace(rows, answers=answers, highest=highest, score=mean_places(answers, highest))
    seen = examine(one, reference=None, seed=1)
    assert (seen.influence[stuffed.false] < 0.5).mean() > 0.8
    assert seen.flagged[~stuffed.false].mean() <= 0.03


def test_a_clean_round_is_left_as_it_is(clean):
    assert clean.flagged.mean() <= 0.01
    for point in clean.points:
        # Seven who gave full marks within an hour of an event, and nothing else.
        assert abs(point.score - point.raw) <= 0.75, point


def test_nobody_is_flagged_alone(found, clean):
    for one in (found, clean):
        assert all(len(campaign.rows) >= 3 for campaign in one.campaigns)


def test_an_honest_wave_after_an_incident_passes(world, clean):
    angry = world.group == "incident"
    assert angry.sum() > 40
    assert clean.flagged[angry].mean() <= 0.02


def test_crude_stuffing_is_found_and_moves_next_to_nothing(world, stuffed, found):
    assert (found.influence[stuffed.false] < 0.5).mean() >= 0.9
    assert found.flagged[~stuffed.false].mean() <= 0.02
    rows, before, left = stuffed.submissions, [], []
    for point in found.points:
        here = rows.point == point.point
        if stuffed.false[here].mean() > 0.02:
            honest = rows.score[here & ~stuffed.false].mean()
            before.append(abs(point.raw - honest))
            left.append(abs(point.score - honest))
    assert np.mean(before) > 1
    assert np.mean(left) < 0.2 * np.mean(before)


@pytest.mark.parametrize("kind", ["brigading", "mild_brigading", "defamation"])
def test_low_scores_are_flagged_only_with_haste_copied_text_or_concentration(world, kind):
    done = attack(set_scene(world.submissions), KINDS[kind], rate=0.1, seed=1)
    rows = done.submissions
    seen = examine(rows, reference=None, seed=1)
    findings = look(rows, content_of(rows, seed=1), seed=1)
    speaking = [p.strength for n, p in findings.evidence.items() if speaks_against_low(n)]
    silent = (findings.low > 0) & (np.max(speaking, axis=0) <= 0)
    assert silent.any()
    assert not seen.flagged[silent].any()


@pytest.mark.parametrize("cell", ["device", "network", "slot", "pattern"])
def test_caps_hold_exactly_as_published(world, cell):
    """So many beyond a limit weigh together as much as the limit, and one fewer is free."""
    rows = world.submissions
    point = max(np.unique(rows.point), key=lambda name: (rows.point == name).sum())
    here = np.flatnonzero((rows.point == point) & (rows.enumerator == ""))
    n = int((rows.point == point).sum())
    limit = max(CAPS[cell].responses, CAPS[cell].share * n)
    for size in (int(limit), int(limit) + 5):
        some = here[:size]
        changed = gathered(rows, some, cell)
        own = apply_caps(changed).influence[some]
        assert own.max() <= min(1.0, limit / size) + 1e-12
        if size <= limit and cell in {"device", "network"}:
            assert own.max() == 1
        if size > limit:
            assert own.sum() <= limit + 1e-9


def test_a_point_of_six_thousand_is_examined_in_bounded_memory():
    size = WorldSettings(points=1, districts=1, responses=6000, events=1, sampled=1)
    large = invent(size, 1)
    tracemalloc.start()
    seen = examine(large.submissions, reference=None, seed=1)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(seen.influence) >= 6000
    assert most < 2 * 1024**3


def taken(rows: Submissions, order: np.ndarray) -> Submissions:
    """Those rows, in that order."""
    columns: dict[str, Any] = {name: getattr(rows, name) for name in Submissions.__slots__}
    highest = columns.pop("highest")
    return Submissions(**{n: c[order] for n, c in columns.items()}, highest=highest)


def without(rows: Submissions, *names: str) -> Submissions:
    """The same responses with some columns unknown."""
    return replace(
        rows,
        **{
            name: np.full(len(rows), "", np.str_)
            if name in LABELS
            else np.full_like(getattr(rows, name), np.nan)
            for name in names
        },
    )


def gathered(rows: Submissions, some: np.ndarray, cell: str) -> Submissions:
    """The same responses with some of them in one cell of their own."""
    if cell == "slot":
        minute = rows.minute.copy()
        minute[some] = 9000 * 60.0
        return replace(rows, minute=minute)
    if cell == "pattern":
        answers = rows.answers.copy()
        answers[some] = [0, 4, 1, 3, 0, 4, 1, 3, 0, 4, 1, 3]
        return replace(rows, answers=answers)
    labels = getattr(rows, cell).astype("<U40")
    labels[some] = "the same for all of them"
    return replace(rows, **{cell: labels})
