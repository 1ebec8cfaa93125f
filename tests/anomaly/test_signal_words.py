"""Every signal of the examination can be read in both languages, and none accuses anybody."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.anomaly.examination import Reason
from app.anomaly.grounds import GROUNDS
from app.anomaly.judgement.caps import CAPS
from app.anomaly.judgement.signals_of_evidence import KINDS, SIGNALS
from app.anomaly.words.sentences import (
    CODES,
    confirming,
    innocent,
    null,
    reason_sentence,
    signal_of,
)
from app.errors import NotFound
from app.survey.text import Text

EXPECTED = """
    DEV_REPEAT SPEED COPY_POINT TEMPLATE LOCK_3H LOCK_DAY NET_CLUSTER ENUM_MATCH MISFIT
    COMMENT_COPY SHAPE_ALARM CHANNEL_GAP HASTE FAR_NETWORK
    CAP_DEVICE CAP_NETWORK CAP_SLOT CAP_PATTERN
""".split()  # noqa: SIM905 - read as prose
PARTS = ("name", "seen", "null", "innocent", "confirming", "silent")
ACCUSING = re.compile(
    r"fraud|cheat|fake|forge|guilt|liar|dishonest|manipulat(?:ed|or)|culprit|"
    r"造假|作弊|作假|刷分|刷单|水军|伪造|欺骗|违规|嫌疑人|不诚实|恶意"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def reason(code, *, observed=41.0, expected=3.2, rarity=0.005, version=1):
    return Reason(code, version, observed=observed, expected=expected, rarity=rarity)


def words_of(code):
    signal = signal_of(code)
    return [getattr(signal, part) for part in PARTS]


def test_the_catalogue_has_every_signal_once():
    assert sorted(CODES) == sorted(EXPECTED)


@pytest.mark.parametrize("code", EXPECTED)
def test_a_signal_is_complete_in_both_languages(code):
    signal = signal_of(code)
    assert signal.code == code
    assert signal.version >= 1
    for text in words_of(code):
        assert CHINESE.search(text.zh), text
        assert not CHINESE.search(text.en), text
        assert re.search("[a-z]", text.en)
    for text in words_of(code)[1:]:
        assert text.zh.endswith("。")
        assert text.en.endswith(".")
    assert (null(code), innocent(code), confirming(code)) == (
        signal.null,
        signal.innocent,
        signal.confirming,
    )


@pytest.mark.parametrize("code", EXPECTED)
def test_no_signal_accuses_anybody(code):
    for text in (*words_of(code), reason_sentence(reason(code))):
        assert not ACCUSING.search(text.zh + text.en.lower()), text


@pytest.mark.parametrize("code", EXPECTED)
def test_a_sentence_names_both_figures_in_both_languages(code):
    said = reason_sentence(reason(code))
    for text in (said.zh, said.en):
        assert "41" in text
        assert "3.2" in text
        assert "{" not in text


@pytest.mark.parametrize("code", EXPECTED)
@given(observed=st.floats(), expected=st.floats(), rarity=st.floats(0, 1))
def test_a_sentence_can_be_said_of_any_figures(code, observed, expected, rarity):
    said = reason_sentence(reason(code, observed=observed, expected=expected, rarity=rarity))
    for text in (said.zh, said.en.lower()):
        assert not re.search(r"nan\b|\binf\b|e[+-]\d", text)


def test_copies_read_as_a_reviewer_would_say_it():
    assert reason_sentence(reason("COPY_POINT")) == Text(
        zh=(
            "与同一套答案相差不超过一档的有 41 份；得分构成相同的点位照常约有 3.2 份。"
            "没有受到操纵的轮次里，大约每 200 份回答有 1 份也会这样。"
        ),
        en=(
            "41 answers within one step of the same pattern; 3.2 expected from points with the "
            "same score mix. About 1 in 200 responses of attack-free rounds shows as much."
        ),
    )


def test_figures_are_rounded_as_people_read_them():
    said = reason_sentence(reason("SPEED", observed=1.0, expected=9.96)).en
    assert said.startswith("Took 1 second; half of the people in this round took 10 or")
    assert reason_sentence(reason("TEMPLATE", observed=9.3)).en.startswith("9 answers")
    assert "9.3 points" in reason_sentence(reason("CHANNEL_GAP", observed=9.3)).en
    assert "the first, none would" in reason_sentence(reason("DEV_REPEAT", expected=0)).en
    assert "1,235 answers" in reason_sentence(reason("TEMPLATE", observed=1234.7)).en
    assert "less than 0.1 expected" in reason_sentence(reason("HASTE", expected=0.01)).en
    assert "不到 0.1 份" in reason_sentence(reason("HASTE", expected=0.01)).zh
    unknown = reason_sentence(reason("HASTE", observed=math.nan, expected=math.nan))
    assert unknown.en.startswith("An unknown number of answers")
    assert "若干" in unknown.zh


@pytest.mark.parametrize(
    ("rarity", "words"),
    [
        (0.9, "That is common in attack-free rounds too."),
        (0.3, "About 1 in 3 responses of attack-free rounds"),
        (0.031, "About 1 in 30 responses of attack-free rounds"),
        (0.00104, "About 1 in 1,000 responses of attack-free rounds"),
        (0.00011, "About 1 in 9,000 responses"),
        (0.0001, "At most 1 in 10,000 responses"),
        (0.00001, "At most 1 in 10,000 responses"),
        (0.0, "At most 1 in 10,000 responses"),
    ],
)
def test_rarity_is_said_in_words_and_never_rarer_than_anybody_knows(rarity, words):
    said = reason_sentence(reason("TEMPLATE", rarity=rarity))
    assert words in said.en
    assert "没有受到操纵的轮次里，" in said.zh


def test_a_cap_is_no_suspicion_and_has_no_rarity():
    said = reason_sentence(reason("CAP_DEVICE", observed=14, expected=4, rarity=1.0))
    assert said.en == "14 answers here share one device and count together as 4."
    assert said.zh == "同一部设备在本点位有 14 份，合计按 4 份计。"
    assert "no test" in null("CAP_DEVICE").en


def test_words_of_a_later_version_say_that_an_earlier_rule_judged():
    said = reason_sentence(reason("MISFIT", version=7))
    assert "version 7" in said.en
    assert "第 7 版" in said.zh


def test_an_unknown_code_is_refused_with_the_known_ones():
    for ask in (signal_of, null, innocent, confirming):
        with pytest.raises(NotFound, match=r"'GUILT'.*COPY_POINT"):
            ask("GUILT")


def test_all_that_the_examination_may_say_has_words():
    evidence = {*SIGNALS.values(), *KINDS.values()}
    assert evidence | {cap.code for cap in CAPS.values()} <= set(CODES)


def test_grounds_of_a_decision_cite_signals_that_exist():
    cited = {code for ground in GROUNDS for code in ground.signals}
    assert cited <= set(CODES)
