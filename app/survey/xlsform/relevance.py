"""When an item is asked, as XLSForm writes it: a small language, read by a small parser.

``${q1} <= 2``, ``${q1} = 5 or ${q1} = 4``, ``selected(${q1}, '98')``, ``not(${q1} = 1)``, with
``and``, ``or`` and parentheses, about one item. Nothing is ever executed: the expression is
turned into a set of codes by trying each choice of the item.
"""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

TOKEN = re.compile(
    r"\s*(?:(?P<item>\$\{\s*[A-Za-z_][\w.-]*\s*\})|(?P<number>'-?\d{1,9}'|\"-?\d{1,9}\"|-?\d{1,9})"
    r"|(?P<sign><=|>=|!=|=|<|>|\(|\)|,)|(?P<word>and|or|not|selected)\b)"
)
COMPARE: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LONGEST = 2000
DEEPEST = 20

Test = Callable[[int], bool]


class NotUnderstood(ValueError):
    """The expression says something that the subset has no word for."""


@dataclass(frozen=True, slots=True)
class Relevance:
    """What an expression means: which item it looks at, and a test of its code."""

    item: str
    test: Test
    mentioned: tuple[int, ...]
    """The codes it names, in the order written."""

    def codes(self, choices: Sequence[int]) -> list[int]:
        """The choices after which it holds: those it names first, in its order."""
        named = [code for code in self.mentioned if code in choices]
        ordered = [*dict.fromkeys([*named, *choices])]
        return [code for code in ordered if self.test(code)]


def read_relevance(text: str) -> Relevance:
    """Read an expression; NotUnderstood where it leaves the subset."""
    if len(text) > LONGEST:
        raise NotUnderstood("it is too long")
    parser = _Parser(_tokens(text))
    test = parser.either(0)
    if parser.rest:
        raise NotUnderstood(f"{parser.rest[0][1]!r} is not expected there")
    if len(parser.items) != 1:
        raise NotUnderstood("it looks at several items")
    return Relevance(parser.items[0], test, tuple(parser.codes))


def written_relevance(item: str, codes: Sequence[int]) -> str:
    """The expression for one item and its codes."""
    return " or ".join(f"${{{item}}} = {code}" for code in codes)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None:
            raise NotUnderstood(f"{text[at : at + 20].strip()!r} is not understood")
        found.append((match.lastgroup or "", match[match.lastgroup or 0]))
        at = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens; each step returns a test of the item's code."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.rest = tokens
        self.items: list[str] = []
        self.codes: list[int] = []

    def either(self, depth: int) -> Test:
        tests = [self._both(depth)]
        while self._takes("or"):
            tests.append(self._both(depth))
        return lambda code: any(test(code) for test in tests)

    def _both(self, depth: int) -> Test:
        tests = [self._one(depth)]
        while self._takes("and"):
            tests.append(self._one(depth))
        return lambda code: all(test(code) for test in tests)

    def _one(self, depth: int) -> Test:
        if depth > DEEPEST:
            raise NotUnderstood("it is nested too deeply")
        if self._takes("not"):
            self._expect("(")
            inner = self.either(depth + 1)
            self._expect(")")
            return lambda code: not inner(code)
        if self._takes("("):
            inner = self.either(depth + 1)
            self._expect(")")
            return inner
        if self._takes("selected"):
            return self._selected()
        return self._comparison()

    def _selected(self) -> Test:
        self._expect("(")
        self._item()
        self._expect(",")
        wanted = self._number()
        self._expect(")")
        return lambda code: code == wanted

    def _comparison(self) -> Test:
        self._item()
        sign = self._take("sign")
        if sign not in COMPARE:
            raise NotUnderstood(f"{sign!r} is no comparison")
        wanted = self._number()
        return lambda code: COMPARE[sign](code, wanted)

    def _item(self) -> None:
        name = self._take("item")[2:-1].strip()
        if name not in self.items:
            self.items.append(name)

    def _number(self) -> int:
        code = int(self._take("number").strip("'\""))
        self.codes.append(code)
        return code

    def _take(self, kind: str) -> str:
        if not self.rest or self.rest[0][0] != kind:
            found = repr(self.rest[0][1]) if self.rest else "the end"
            raise NotUnderstood(f"{found} stands where {WANTED[kind]} is needed")
        return self.rest.pop(0)[1]

    def _takes(self, text: str) -> bool:
        if self.rest and self.rest[0][1] == text:
            self.rest.pop(0)
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise NotUnderstood(f"{text!r} is missing")


WANTED = {
    "item": "${item}",
    "sign": "a comparison",
    "number": "a whole number",
    "word": "a word",
}
