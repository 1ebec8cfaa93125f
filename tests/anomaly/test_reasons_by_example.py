"""Every reason the examination can give: one true example, and an innocent twin beside it."""

from dataclasses import dataclass

import numpy as np
import pytest
from examples_of_reasons import Mixture, attacked, innocent, world

from app.anomaly.company.content import content_of
from app.anomaly.company.evidence import look
from app.anomaly.engine import examine
from app.anomaly.examination import Examination, Reason
from app.anomaly.judgement.caps import CAPS
from app.anomaly.judgement.reasons import Grounds, reasons_for
from app.anomaly.judgement.signals_of_evidence import KINDS, SIGNALS, signal_code
from app.anomaly.judgement.tables import RARITY
from app.anomaly.words.sentences import COMMON, confirming, reason_sentence
from app.anomaly.words.sentences import innocent as excuse

EXAMPLES = {
    "DEV_REPEAT": ("one phone", ("family", "volunteer", "long morning")),
    "LOCK_3H": ("device farm", ("fair", "event")),
    "LOCK_DAY": ("home farm", ("incident",)),
    "SHAPE_ALARM": ("sheet", ("good and bad luck",)),
    "NET_CLUSTER": ("staff at work", ("office", "large office", "hall wireless")),
    "FAR_NETWORK": ("brigade", ("visitors", "more visitors")),
    "ENUM_MATCH": ("desk interviews", ("one street", "interview")),
    "HASTE": ("random bots", ("queue",)),
    "COPY_POINT": ("straight ticks", ("very content", "all content")),
    "TEMPLATE": ("sheet", ("one bad counter",)),
    "COMMENT_COPY": ("brigade", ("stock phrase",)),
    "MISFIT": ("random bots", ("unusual lives",)),
    "SPEED": ("one phone", ("quick readers",)),
}
CAPPED = {
    "CAP_DEVICE": ("long morning", "family"),
    "CAP_NETWORK": ("hall wireless", "office"),
    "CAP_SLOT": ("fair", "queue"),
    "CAP_PATTERN": ("all content", "very content"),
}


@dataclass(frozen=True, slots=True)
class Examined:
    """A mixture, what the examination says of it, and all that is seen in it."""

    mixture: Mixture
    found: Examination
    grounds: Grounds

    def grounds_of(self, signal: str) -> Grounds:
        """What one signal has to say, whatever the learned tables make of it."""
        evidence = self.grounds.evidence
        named = self.grounds.named(signal)
        own = {name: np.maximum(evidence[name].strength, 0) for name in named}
        return Grounds(evidence, own, RARITY)

    def rows(self, case: str) -> np.ndarray:
        return np.flatnonzero(self.mixture.case == case)


def examined(mixture: Mixture) -> Examined:
    rows = mixture.submissions
    findings = look(rows, content_of(rows, seed=1), seed=1)
    found = examine(rows, reference=None, seed=1)
    return Examined(mixture, found, Grounds(findings.evidence, {}, RARITY))


@pytest.fixture(scope="module")
def true() -> Examined:
    return examined(attacked(world()))


@pytest.fixture(scope="module")
def honest() -> Examined:
    return examined(innocent(world()))


def test_every_signal_that_evidence_can_speak_for_has_an_example():
    codes = set(SIGNALS.values()) | set(KINDS.values())
    assert codes == set(EXAMPLES)
    assert {cap.code for cap in CAPS.values()} == set(CAPPED)
    assert {signal_code(name) for name in RARITY.limits} <= set(EXAMPLES)


@pytest.mark.parametrize("signal", sorted(set(EXAMPLES) - {"SPEED"}))
def test_a_true_example_shows_more_than_was_expected(true, signal):
    rows = true.rows(EXAMPLES[signal][0])
    flagged = rows[true.found.flagged[rows]]
    (reason,) = reasons_for(true.grounds_of(signal), flagged, most=3)
    assert reason.signal == signal
    assert reason.observed >= reason.expected + 1.5
    assert reason.observed <= len(true.mixture.case)
    assert 0 < reason.rarity < COMMON
    sentence = reason_sentence(reason)
    assert "{" not in sentence.zh + sentence.en


@pytest.mark.parametrize("signal", ["DEV_REPEAT", "COMMENT_COPY", "NET_CLUSTER", "LOCK_DAY"])
def test_what_a_crude_campaign_cannot_hide_is_among_the_few_reasons_shown(true, signal):
    rows = set(true.rows(EXAMPLES[signal][0]).tolist())
    told = [one for one in true.found.campaigns if rows & set(one.rows)]
    shown = {code for one in told for code in codes(one.reasons)}
    shown |= {code for row in rows for code in codes(true.found.reasons.get(row, ()))}
    assert signal in shown


def test_every_campaign_is_told_with_one_to_five_reasons_that_were_seen(true):
    for campaign in true.found.campaigns:
        assert 1 <= len(campaign.reasons) <= 5
        assert len({reason.signal for reason in campaign.reasons}) == len(campaign.reasons)
    false = true.mixture.case != ""
    large = [one for one in true.found.campaigns if false[list(one.rows)].sum() >= 20]
    assert large
    for campaign in large:
        assert len(campaign.reasons) >= 2


@pytest.mark.parametrize("case", sorted({case for case, _ in EXAMPLES.values()}))
def test_a_true_example_counts_for_little(true, case):
    rows = true.rows(case)
    assert true.found.flagged[rows].mean() > 0.5
    assert (true.found.influence[rows][true.found.flagged[rows]] < 0.5).all()


@pytest.mark.parametrize("signal", sorted(EXAMPLES))
def test_innocent_twins_are_left_alone(honest, signal):
    for twin in EXAMPLES[signal][1]:
        rows = honest.rows(twin)
        assert len(rows) > 0
        flagged = int(honest.found.flagged[rows].sum())
        # A single one may be struck among many; a campaign they are never made into.
        assert flagged <= max(1, len(rows) // 30), f"{flagged} of {len(rows)}: {twin}"


def test_all_twins_together_lose_next_to_nobody(honest):
    assert honest.found.flagged.mean() <= 0.01


def test_genuine_people_beside_nine_campaigns_are_left_alone(true):
    # Interviews that were held are doubted with those their enumerator made up.
    alone = (true.mixture.case == "") & (true.mixture.submissions.enumerator == "")
    assert true.found.flagged[alone].mean() <= 0.02


@pytest.mark.parametrize("signal", sorted(EXAMPLES))
def test_beside_every_reason_stands_how_honest_people_come_to_it(signal):
    for text in (excuse(signal), confirming(signal)):
        assert text.zh.endswith("。")
        assert text.en.endswith(".")


@pytest.mark.parametrize("signal", sorted(CAPPED))
def test_what_goes_beyond_a_cap_says_so_with_size_and_limit_and_nobody_is_suspected(
    honest, signal
):
    case, _ = CAPPED[signal]
    rows = honest.rows(case)
    said = [honest.found.reasons.get(row, ()) for row in rows.tolist()]
    assert np.mean([signal in codes(one) for one in said]) >= 0.9
    assert honest.found.flagged[rows].mean() <= 0.02
    for row, reasons in zip(rows, said, strict=True):
        for reason in [one for one in reasons if one.signal == signal]:
            assert reason.observed > reason.expected > 0
            kept = reason.expected / reason.observed
            assert honest.found.capped[row] == pytest.approx(kept)


@pytest.mark.parametrize("signal", sorted(CAPPED))
def test_what_stays_within_a_cap_hears_nothing_of_it(honest, signal):
    _, twin = CAPPED[signal]
    for row in honest.rows(twin).tolist():
        assert signal not in codes(honest.found.reasons.get(row, ()))


def test_speed_is_said_in_seconds_below_the_usual(true):
    (reason,) = reasons_for(true.grounds_of("SPEED"), true.rows("one phone"), most=3)
    assert reason.signal == "SPEED"
    assert reason.observed < reason.expected / 1.5
    assert reason.rarity < COMMON


def codes(reasons: tuple[Reason, ...]) -> list[str]:
    """The signals of some reasons."""
    return [reason.signal for reason in reasons]
