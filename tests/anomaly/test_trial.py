"""A trial against examinations whose results can be counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from app.anomaly.simulation.attacks.registry import KINDS
from app.anomaly.simulation.attacks.scene import set_scene
from app.anomaly.simulation.injection import attack
from app.anomaly.simulation.invented import invent
from app.anomaly.simulation.town import WorldSettings
from app.anomaly.simulation.trial import TrialPlan, withstand
from bare_examination import believes_all, believes_no_device_twice, examination_of

INVENTED = invent(WorldSettings(points=6, districts=2, responses=900, sampled=10), 3)
ROUND = INVENTED.submissions


def a_plan(*codes: str, rates=(0.1,), seeds=(1,)) -> TrialPlan:
    return TrialPlan(tuple(KINDS[code] for code in codes), rates, seeds)


def test_who_believes_everybody_is_moved_by_all_of_it():
    trial = withstand(ROUND, a_plan("stuffing"), examine=believes_all)
    (outcome,) = trial.outcomes
    assert (outcome.recall, outcome.removed, outcome.found) == (0, 0, 0)
    assert outcome.moved_after == pytest.approx(outcome.moved_before)
    assert outcome.moved_after_most == pytest.approx(outcome.moved_before_most)
    done = attack(set_scene(ROUND), KINDS["stuffing"], rate=0.1, seed=1)
    rows, moves, shares = done.submissions, [], []
    for point in np.unique(rows.point):
        here = rows.point == point
        if done.false[here].mean() > 0.02:
            genuine = rows.score[here & ~done.false].mean()
            moves.append(abs(rows.score[here].mean() - genuine))
        shares.append(done.false[here].mean())
    assert outcome.points == len(moves)
    assert outcome.moved_before == pytest.approx(np.mean(moves))
    assert outcome.moved_before_most == pytest.approx(max(moves))
    assert outcome.worst_share == pytest.approx(max(shares))
    assert outcome.covered == pytest.approx(np.mean(np.array(moves) <= 5.0))
    assert outcome.width == pytest.approx(10.0)


def test_who_counts_devices_is_not_moved_by_one_phone_and_finds_its_campaigns():
    trial = withstand(ROUND, a_plan("stuffing"), examine=believes_no_device_twice)
    (outcome,) = trial.outcomes
    assert outcome.recall == outcome.removed == 1
    assert outcome.found == outcome.campaigns > 0
    assert outcome.moved_before > 1
    assert outcome.moved_after == pytest.approx(0)
    assert outcome.covered == 1
    assert outcome.honest_flagged == 0


def test_what_screening_does_to_the_untouched_round_stands_beside_the_attacks():
    def doubts_the_content(submissions, *, reference, seed):
        return examination_of(submissions, np.where(submissions.score > 90, 0.2, 1.0))

    trial = withstand(ROUND, a_plan("drip", seeds=(1, 2)), examine=doubts_the_content)
    assert [one.seed for one in trial.untouched] == [1, 2]
    assert trial.untouched[0].flagged == pytest.approx(float(np.mean(ROUND.score > 90)))
    assert trial.untouched[0].moved_most > trial.untouched[0].moved_mean > 1
    assert all(
        o.honest_flagged == pytest.approx(np.mean(ROUND.score > 90)) for o in trial.outcomes
    )
    assert all(o.moved_after < o.moved_before for o in trial.outcomes)


def test_a_score_drawn_half_way_to_the_sample_moves_half_as_far():
    def draws(submissions, *, reference, seed):
        found = believes_all(submissions, reference=reference, seed=seed)
        points = [replace(p, shrunk=p.score / 2 + 35, shrinkage=0.5) for p in found.points]
        return replace(found, points=tuple(points))

    (drawn,) = withstand(ROUND, a_plan("drip"), examine=draws).outcomes
    (alone,) = withstand(ROUND, a_plan("drip"), examine=believes_all).outcomes
    assert drawn.moved_drawn == pytest.approx(drawn.moved_after / 2)
    assert np.isnan(alone.moved_drawn)


def test_every_kind_rate_and_seed_is_tried_and_told():
    heard = []
    plan = a_plan("farm", "drip", rates=(0.05, 0.2), seeds=(1, 2))
    trial = withstand(ROUND, plan, examine=believes_all, tell=heard.append)
    assert tuple(heard) == trial.outcomes
    tried = {(o.kind, o.rate, o.seed) for o in heard}
    assert len(tried) == len(heard) == 8


def test_a_kind_the_round_is_not_open_to_is_named_with_the_reason():
    trial = withstand(ROUND, a_plan("minted_rights", "drip"), examine=believes_all)
    ((kind, why),) = trial.not_open
    assert kind.code == "minted_rights"
    assert "one-time right" in why.en
    assert [o.kind for o in trial.outcomes] == ["drip"]


def test_coaching_reaches_the_sample_the_examination_is_given_and_other_kinds_do_not():
    seen = []

    def remembers(submissions, *, reference, seed):
        seen.append(reference)
        return believes_all(submissions, reference=reference, seed=seed)

    sample = INVENTED.reference
    withstand(ROUND, a_plan("coaching", "drip"), examine=remembers, reference=sample)
    untouched, told, dripped = seen
    assert untouched is dripped is sample
    assert (told.answers != sample.answers).any()


def test_nothing_of_the_round_itself_is_changed():
    before = {name: getattr(ROUND, name).copy() for name in ROUND.__slots__}
    withstand(ROUND, a_plan(*KINDS), examine=believes_all, reference=INVENTED.reference)
    for name, column in before.items():
        np.testing.assert_array_equal(getattr(ROUND, name), column)
