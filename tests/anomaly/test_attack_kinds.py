"""Every kind of attack: on any round, without a trace in what the round does not know."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.anomaly.simulation.attacks.registry import KINDS, find_kinds, why_not_open
from app.anomaly.simulation.attacks.scene import set_scene
from app.anomaly.simulation.injection import attack, coached
from app.anomaly.simulation.invented import invent
from app.anomaly.simulation.town import WorldSettings
from app.anomaly.submissions import Submissions, mean_places
from app.errors import InputRefused

SMALL = WorldSettings(points=6, districts=2, responses=900, volunteers=2, sampled=20)
INVENTED = invent(SMALL, 3)
ROUND = replace(INVENTED.submissions, assured=np.arange(len(INVENTED.submissions)) % 2 == 0)
SCENE = set_scene(ROUND)
LABELS = ("device", "network", "client", "comment", "enumerator", "channel", "district")


def bare(rows: Submissions) -> Submissions:
    """The same answers with nothing else known: no times, devices, networks or comments."""
    blank = np.full(len(rows), "", np.str_)
    return replace(
        rows,
        **dict.fromkeys(LABELS, blank),
        minute=np.full(len(rows), np.nan),
        dwell=np.full((len(rows), 1), np.nan),
        comment_length=np.full(len(rows), np.nan),
        assured=np.zeros(len(rows), bool),
    )


def answered(rows: Submissions, false: np.ndarray) -> np.ndarray:
    return np.nan_to_num(rows.answers[false], nan=-1.0)


@pytest.mark.parametrize("code", KINDS)
def test_a_share_of_the_round_is_false_and_the_rest_is_untouched(code):
    done = attack(SCENE, KINDS[code], rate=0.1, seed=1)
    assert done.false.mean() == pytest.approx(0.1, abs=0.002)
    assert ((done.campaign != "") == done.false).all()
    genuine = done.submissions.restrict(~done.false)
    back = np.argsort(genuine.identifier)
    for name in ROUND.__slots__:
        kept = getattr(genuine, name)
        kept = kept if name == "highest" else kept[back]
        np.testing.assert_array_equal(kept, getattr(ROUND, name))


@pytest.mark.parametrize("code", KINDS)
def test_false_responses_look_as_the_round_keeps_them(code):
    done = attack(SCENE, KINDS[code], rate=0.1, seed=2)
    false = done.submissions.restrict(done.false)
    given_ = ~np.isnan(false.answers)
    assert given_.any(axis=1).all()
    places = false.answers[given_]
    assert (places == np.round(places)).all()
    assert ((false.answers >= 0) | ~given_).all()
    assert ((false.answers <= false.highest) | ~given_).all()
    np.testing.assert_allclose(false.score, mean_places(false.answers, false.highest))
    assert set(false.point.tolist()) <= set(ROUND.point.tolist())
    assert set(false.channel.tolist()) <= set(ROUND.channel.tolist())
    assert set(false.client.tolist()) <= set(ROUND.client.tolist())
    assert (false.minute % 5 == 0).all()
    assert ROUND.minute.min() // 1440 * 1440 <= false.minute.min()
    assert false.minute.max() < (ROUND.minute.max() // 1440 + 1) * 1440
    assert (false.dwell >= 1).all()
    assert (false.device != "").all()
    assert (false.network != "").all()
    assert not set(false.identifier.tolist()) & set(ROUND.identifier.tolist())


@pytest.mark.parametrize("code", KINDS)
def test_what_a_round_does_not_know_of_anybody_it_does_not_know_of_false_responses(code):
    scene = set_scene(bare(ROUND))
    if why_not_open(KINDS[code], scene) is not None:
        assert KINDS[code].needs
        return
    false = attack(scene, KINDS[code], rate=0.1, seed=1)
    rows = false.submissions
    for name in ("device", "network", "comment", "enumerator", "client"):
        assert (getattr(rows, name) == "").all()
    assert np.isnan(rows.minute).all()
    assert np.isnan(rows.dwell).all()
    assert np.isnan(rows.comment_length).all()


@pytest.mark.parametrize("code", KINDS)
def test_the_same_seed_attacks_alike_and_another_seed_otherwise(code):
    first, again, other = (attack(SCENE, KINDS[code], rate=0.1, seed=s) for s in (1, 1, 2))
    for name in first.submissions.__slots__:
        one, two = (getattr(a.submissions, name) for a in (first, again))
        np.testing.assert_array_equal(one, two)
    one, two = (set(a.submissions.identifier[a.false].tolist()) for a in (first, other))
    assert not one & two


@pytest.mark.parametrize("code", [c for c, kind in KINDS.items() if kind.aim != "any"])
def test_attacks_move_points_where_they_mean_to(code):
    if code == "cloned_code":
        return  # other people's honest answers may be worse than the point's own
    done = attack(SCENE, KINDS[code], rate=0.2, seed=1)
    rows = done.submissions
    moves = [
        rows.score[(rows.point == point) & done.false].mean() - SCENE.mean[point]
        for point in np.unique(rows.point[done.false]).tolist()
    ]
    assert (np.mean(moves) > 0) == (KINDS[code].aim == "up")


def test_one_phone_is_one_device_for_each_campaign():
    done = attack(SCENE, KINDS["stuffing"], rate=0.1, seed=1)
    for campaign in np.unique(done.campaign[done.false]):
        assert len(set(done.submissions.device[done.campaign == campaign].tolist())) == 1


def test_a_fabricating_enumerator_uses_the_tablet_of_real_interviews():
    done = attack(SCENE, KINDS["fabrication"], rate=0.1, seed=1)
    false = done.submissions.restrict(done.false)
    held = set(zip(ROUND.enumerator.tolist(), ROUND.device.tolist(), strict=True))
    assert set(zip(false.enumerator.tolist(), false.device.tolist(), strict=True)) <= held
    assert set(false.channel.tolist()) == {"tablet"}


def test_a_cloned_code_is_answered_over_networks_of_another_district():
    done = attack(SCENE, KINDS["cloned_code"], rate=0.1, seed=1)
    rows = done.submissions.restrict(done.false)
    for district in np.unique(rows.district).tolist():
        own = set(ROUND.network[ROUND.district == district].tolist())
        assert not own & set(rows.network[rows.district == district].tolist())


def test_minted_rights_are_rights():
    done = attack(SCENE, KINDS["minted_rights"], rate=0.1, seed=1)
    assert done.submissions.assured[done.false].all()


def test_a_sheet_reaches_a_part_of_the_probability_sample_where_it_was_handed_out():
    kind = KINDS["coaching"]
    done = attack(SCENE, kind, rate=0.1, seed=1)
    told = coached(INVENTED.reference, done, kind, scene=SCENE, seed=1)
    changed = (told.answers != INVENTED.reference.answers).any(axis=1)
    hit = np.isin(told.point, done.submissions.point[done.false])
    assert not changed[~hit].any()
    assert 0.1 < changed[hit].mean() < 0.45
    assert told.score[changed].mean() > INVENTED.reference.score[changed].mean()


def test_scores_are_learnt_where_options_are_not_worth_even_steps():
    worth = np.array([0.0, 40.0, 60.0, 80.0, 100.0])
    places = ROUND.answers
    given_ = ~np.isnan(places)
    points = np.where(given_, worth[np.where(given_, places, 0).astype(int)], 0.0)
    uneven = replace(ROUND, score=points.sum(axis=1) / given_.sum(axis=1))
    scene = set_scene(uneven)
    np.testing.assert_allclose(scene.score_of(places), uneven.score, atol=1e-6)
    assert scene.score_of(np.full((1, 12), 1.0))[0] == pytest.approx(40.0, abs=1e-6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    code=st.sampled_from(sorted(KINDS)),
    rows=st.integers(1, 30),
    levels=st.lists(st.integers(1, 10), min_size=1, max_size=5),
    rate=st.floats(0.01, 0.4),
    seed=st.integers(0, 50),
)
def test_rounds_of_any_size_and_scale_can_be_attacked(code, rows, levels, rate, seed):
    dice = np.random.default_rng(seed)
    highest = np.array(levels, float)
    answers = np.floor(dice.random((rows, len(levels))) * (highest + 1))
    small = replace(
        ROUND.restrict(np.arange(len(ROUND)) < rows),
        answers=answers,
        highest=highest,
        score=mean_places(answers, highest),
    )
    scene = set_scene(small)
    if why_not_open(KINDS[code], scene) is None:
        done = attack(scene, KINDS[code], rate=rate, seed=seed)
        assert done.false.sum() >= 1
        assert not np.isnan(done.submissions.score).any()


def test_every_kind_says_in_both_languages_what_it_does_and_leaves():
    names = [kind.name for kind in KINDS.values()]
    assert len({name.zh for name in names}) == len({name.en for name in names}) == len(KINDS)
    for kind in KINDS.values():
        assert kind.does.zh.endswith("。")
        assert kind.leaves.en.endswith(".")
        assert all(low < high for low, high in kind.ranges.values())


def test_unknown_kinds_are_refused_all_at_once_and_none_means_all():
    assert find_kinds([]) == tuple(KINDS.values())
    assert [kind.code for kind in find_kinds(["drip", "farm"])] == ["drip", "farm"]
    with pytest.raises(InputRefused) as refused:
        find_kinds(["drip", "magic", "luck"])
    assert len(refused.value.problems) == 2
    assert "stuffing" in str(refused.value)
