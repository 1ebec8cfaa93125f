"""Which passwords may be chosen (NIST SP 800-63B-4): long, not known, not about oneself. Pure.

No rule about kinds of characters and none about changing it: both make people choose worse.
What everybody tries first counts as one letter each: words from the lists that attackers use,
names of the person and the office, years, runs along the keyboard, repetitions; marks between
them count nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from app.errors import Problem

FEWEST_ALONE = 15
"""Characters, where the password is the only factor."""
FEWEST_WITH_SECOND = 8
MOST = 256
FEWEST_UNFORESEEN = 6
"""Letters that must be left when all that is tried first counts as one each."""

KNOWN = frozenset(
    """
    password passwort passw0rd p@ssw0rd letmein welcome admin administrator root master
    iloveyou woaini sunshine princess dragon monkey football baseball superman batman shadow
    michael jordan summer winter spring autumn secret login changeme default test guest user
    minxin mima gongzuo zhengfu zuzhibu kaohe manyidu minyi beijing shanghai zhongguo china
    love abc123 qwe123 123qwe 1qaz2wsx 民心 民心尺 密码 满意 中国 政府 组织部
    """.split()  # noqa: SIM905 - read as prose
)
YEAR = re.compile(r"(?:19|20)\d\d")
NEITHER_LETTER_NOR_DIGIT = re.compile(r"[\W_]+")
ROWS = ("`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./", "1qaz2wsx3edc4rfv5tgb")
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
SHORTEST_RUN = 3


def normal(password: str) -> str:
    """A password in the one form in which it is hashed, however a keyboard composed it."""
    return unicodedata.normalize("NFC", password)


def password_problems(
    password: str, *, about: Iterable[str], has_second_factor: bool
) -> tuple[Problem, ...]:
    """Everything that speaks against a password; `about` are names an attacker would know."""
    return tuple(_problems(normal(password), tuple(about), has_second_factor))


def unforeseen(password: str, about: Iterable[str]) -> int:
    """How many letters are left when known words, runs and repetitions count as one each."""
    text = password.casefold()
    words = {word.casefold() for word in (*KNOWN, *about) if len(word) > 1}
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "x")
    text = _without_runs(YEAR.sub("x", NEITHER_LETTER_NOR_DIGIT.sub("", text)))
    text = re.sub(r"(.+?)\1+", r"\1", text)
    return len(text)


def _problems(
    password: str, about: tuple[str, ...], has_second_factor: bool
) -> Iterator[Problem]:
    fewest = FEWEST_WITH_SECOND if has_second_factor else FEWEST_ALONE
    if len(password) < fewest:
        yield Problem(
            "password",
            f"has {len(password)} characters; {fewest} are the least",
            "A few words in a row are easy to remember.",
            chinese=f"密码只有 {len(password)} 个字符，至少要 {fewest} 个。"
            "可以用几个不相干的词连成一句。",
        )
    if len(password) > MOST:
        yield Problem(
            "password",
            f"has more than {MOST} characters",
            "Choose a shorter one.",
            chinese=f"密码超过 {MOST} 个字符，请短一些。",
        )
    if password and unforeseen(password, about) < FEWEST_UNFORESEEN:
        yield Problem(
            "password",
            "is made of what is tried first: well-known words, names, runs or repetitions",
            "Choose words that have nothing to do with you, your office or each other.",
            chinese="密码由常被猜到的词、姓名、连续或重复的字符组成，"
            "请改用与您、与单位都不相干的词。",
        )


def _without_runs(text: str) -> str:
    """The text with each run along a keyboard row or the alphabet made one letter."""
    lines = [*ROWS, ALPHABET, *(line[::-1] for line in (*ROWS, ALPHABET))]
    kept, place = [], 0
    while place < len(text):
        length = max(_run_length(text, place, line) for line in lines)
        kept.append(text[place])
        place += length if length >= SHORTEST_RUN else 1
    return "".join(kept)


def _run_length(text: str, place: int, line: str) -> int:
    start = line.find(text[place])
    if start < 0:
        return 1
    length = 1
    while (
        text[place + length : place + length + 1] == line[start + length : start + length + 1]
    ):
        if place + length >= len(text):
            break
        length += 1
    return length
