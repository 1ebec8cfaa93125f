"""Which passwords may be chosen: long ones that nobody tries first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.people.passwords import MOST, normal, password_problems, unforeseen

ABOUT = ("limin", "李敏", "wanjiang", "皖江市委组织部")


def faults(password, *, second=False):
    return [
        problem.message
        for problem in password_problems(password, about=ABOUT, has_second_factor=second)
    ]


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "四月的雨落在旧屋顶上没有声音啊",
        "7c9e-6679f8a1-bd42",
        "tea river copper 41 window",
    ],
)
def test_a_long_one_that_nobody_foresees_is_taken(password):
    assert faults(password) == []


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword1",
        "qwertyuiopasdfgh",
        "123456789012345678",
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "Limin-Wanjiang-2026",
        "李敏李敏李敏李敏李敏李敏李敏李敏",
        "皖江市委组织部皖江市委组织部12",
        "zyxwvutsrqponmlkj",
        "minxin-admin-2026",
    ],
)
def test_what_everybody_tries_first_is_refused_however_long(password):
    assert any("tried first" in fault for fault in faults(password))


def test_eight_are_enough_beside_a_second_factor_and_fifteen_alone():
    assert faults("k7-tea-z", second=True) == []
    assert faults("k7-tea-z") == ["has 8 characters; 15 are the least"]
    assert faults("k7teazu", second=True) == ["has 7 characters; 8 are the least"]


def test_everything_is_said_at_once():
    assert len(faults("aaaa")) == 2
    assert len(faults("a" * (MOST + 1))) == 2
    assert all(p.chinese for p in password_problems("a", about=(), has_second_factor=False))


def test_a_letter_composed_in_two_ways_is_one_password():
    assert normal("e\u0301t\u00e9") == normal("\u00e9te\u0301")


@given(st.text(max_size=40), st.lists(st.text(max_size=10), max_size=3))
def test_any_text_can_be_judged_and_never_counts_more_than_it_has(text, about):
    assert 0 <= unforeseen(text, about) <= 2 * len(text)
    faults(text)
