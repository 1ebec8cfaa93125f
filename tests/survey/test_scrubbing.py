"""What could lead to a person is taken out of a text, and its sense stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.survey.scrubbing import scrubbed


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("请打13812345678找我", "请打【电话】找我"),
        ("电话 138 1234 5678。", "电话 【电话】。"),
        ("+86-138-1234-5678", "【电话】"),
        ("１３８１２３４５６７８", "【电话】"),
        ("138\u200b12345678", "【电话】"),
        ("座机0571-87654321分机", "座机【电话】分机"),
        ("身份证33010619900101123X办的", "身份证【证件号】办的"),
        ("身份证330106199001011234", "身份证【证件号】"),
        ("浙A·12345占了车位", "【车牌】占了车位"),
        ("浙a12345", "【车牌】"),
        ("新能源浙AD12345", "新能源【车牌】"),
        ("卡号6222 0212 3456 7890 123", "卡号【号码】"),
        ("a.li@mail.example.cn 回复我", "【邮箱】 回复我"),
        ("加微信：li_wei88", "加【账号】"),
        ("QQ 12345678", "【账号】"),
        ("护照E12345678", "护照【证件号】"),
        ("一三八一二三四五六七八", "【号码】"),
        ("受理编号2026112200017", "受理编号【号码】"),
        ("见 https://x.example/a?b=1，谢谢", "见 【网址】，谢谢"),
    ],
)
def test_what_leads_to_a_person_is_taken_out(text, left):
    assert scrubbed(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "窗口排了120分钟，只有3个人办。",
        "打12345热线没人接",
        "2026-11-22 下午停电",
        "2026年11月22日",
        "收费1,200元，多收了200",
        "三号窗口态度好",
        "一二三四楼都没有座位",
        "",
    ],
)
def test_what_leads_to_nobody_stays(text):
    assert scrubbed(text) == text


@given(st.text(alphabet="0123456789 -浙A年电话好", max_size=60))
def test_no_long_number_is_ever_left(text):
    left = scrubbed(text)
    runs = [run.replace(" ", "").replace("-", "") for run in _runs(left)]
    assert all(len(run) < 7 or run.startswith(("19", "20")) for run in runs)


@given(st.text(max_size=80))
def test_scrubbing_twice_is_scrubbing_once(text):
    assert scrubbed(scrubbed(text)) == scrubbed(text)


def _runs(text):
    return re.findall(r"[0-9](?:[ -]?[0-9])*", text)
