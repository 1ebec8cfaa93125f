"""What could lead to a person, taken out of what somebody wrote: numbers, plates, accounts.

A text keeps its sense and loses phones, identity and bank numbers, plates, addresses of mail
and accounts. Rather too much goes than too little: every long number does. Names of people
are not found; whoever reads must know that.
"""

import re
from collections.abc import Callable

LONG = 7
"""A number of so many digits is somebody's; years, prices and hotlines are shorter."""

_WIDE = (
    {0xFF10 + n: chr(ord("0") + n) for n in range(10)}
    | {
        start + n: chr(ord(first) + n)
        for start, first in ((0xFF21, "A"), (0xFF41, "a"))
        for n in range(26)
    }
    | {ord("－"): "-", ord("＠"): "@", ord("．"): ".", ord("＿"): "_"}
)
_UNSEEN = {ord(sign): None for sign in "\u200b\u200c\u200d\u2060\ufeff\u00ad"}
_PLACES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"
_SPOKEN = "零〇一二三四五六七八九两幺壹贰叁肆伍陆柒捌玖"

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_LINK = re.compile(r"(?:https?://|www\.)[^\s，。；、）)]+", re.IGNORECASE)
_ACCOUNT = re.compile(
    r"(?:微信号?|VX|V信|威信|QQ号?|扣扣|抖音号?|支付宝)(?:[号是为：:\s]{0,3})(?=[\w-]*\d|[A-Za-z])[A-Za-z0-9][\w-]{4,24}",
    re.IGNORECASE | re.ASCII,
)
_IDENTITY = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?:18|19|20)[0-9]{9}[0-9Xx](?![0-9])")
_PLATE = re.compile(
    rf"[{_PLACES}][A-Z][\s·•・.\-]?[A-HJ-NP-Z0-9](?:[\s-]?[A-HJ-NP-Z0-9]){{3,4}}[A-HJ-NP-Z0-9挂学警港澳]?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_PASSPORT = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,2}[0-9]{7,9}(?![A-Za-z0-9])")
_PHONE = re.compile(
    r"(?<![0-9])(?:\+?86[\s-]?)?(?:1[3-9][0-9](?:[\s-]?[0-9]){8}|0[1-9][0-9]{1,2}[\s-]?[2-9][0-9]{6,7})(?![0-9])"
)
_DAY = re.compile(r"(?:19|20)[0-9]{2}[-\s/.][01]?[0-9][-\s/.][0-3]?[0-9]")
_NUMBER = re.compile(rf"[0-9](?:[\s-]?[0-9]){{{LONG - 1},}}")
_SAID = re.compile(rf"[{_SPOKEN}]{{{LONG},}}")

MARKS = {
    "mail": "【邮箱】",
    "link": "【网址】",
    "account": "【账号】",
    "identity": "【证件号】",
    "plate": "【车牌】",
    "phone": "【电话】",
    "number": "【号码】",
}
"""What stands where something was taken out."""


def scrubbed(text: str) -> str:
    """The text without what could lead to a person; letters and digits in their usual width."""
    plain = text.translate(_UNSEEN).translate(_WIDE)
    for pattern, mark in _IN_ORDER:
        plain = pattern.sub(mark, plain)
    return plain


def _number(found: re.Match[str]) -> str:
    return found[0] if _DAY.fullmatch(found[0]) else MARKS["number"]


_IN_ORDER: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (_MAIL, MARKS["mail"]),
    (_LINK, MARKS["link"]),
    (_ACCOUNT, MARKS["account"]),
    (_IDENTITY, MARKS["identity"]),
    (_PLATE, MARKS["plate"]),
    (_PHONE, MARKS["phone"]),
    (_PASSPORT, MARKS["identity"]),
    (_NUMBER, _number),
    (_SAID, MARKS["number"]),
)
