"""Columns made from other columns: `stype == 'H'`, `q1 + q2`, `mean of q1..q6`.

A small language of numbers, names, comparisons, sums and products; nothing else is run.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from app.errors import CannotEstimate
from app.survey.sample import Floats, Labels
from app.workflow.study.table import LARGEST, Table

BINARY: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.BitAnd: operator.mul,
    ast.BitOr: np.maximum,
}
COMPARISONS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
MOST_ITEMS = 10_000
MEAN_OF = re.compile(r"^mean of (?P<items>.+?)(, missing if any is missing)?$")
SPAN = re.compile(r"^(?P<stem>.*?)(?P<first>\d+)\.\.(?P<again>.*?)(?P<last>\d+)$")
QUOTED = re.compile(r"('[^']*'|\"[^\"]*\")")


def evaluate(text: str, table: Table) -> Floats:
    """The column an expression describes (n); missing where a part of it is missing.

    Raises CannotEstimate if it cannot be read or names a column that is not there.
    """
    phrase = MEAN_OF.match(text.strip())
    if phrase:
        columns = [table.numbers(name) for name in _names(phrase["items"])]
        return np.asarray(np.mean(columns, axis=0), float)
    named, placeholders = _with_placeholders(text, table)
    try:
        tree = ast.parse(named, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise CannotEstimate(
            f"derived column `{text[:200]}` cannot be read. Write it as in stype == "
            "'H', q1 + q2 or mean of q1..q6."
        ) from None
    try:
        with np.errstate(all="ignore"):
            value = _Reader(text, table, placeholders).value(tree)
    except RecursionError:
        raise CannotEstimate(f"derived column `{text[:60]}…` is nested too deeply.") from None
    column = np.broadcast_to(np.asarray(value, float), (len(table),)).copy()
    _refuse_beyond(text, column)
    return column


def _refuse_beyond(text: str, column: Floats) -> None:
    wrong = np.flatnonzero(np.abs(column) > LARGEST)
    if len(wrong):
        raise CannotEstimate(
            f"derived column `{text}` is beyond what can be reckoned with in row "
            f"{wrong[0] + 2}. Look for a division by nearly nothing."
        )


def _names(items: str) -> list[str]:
    names: list[str] = []
    for piece in re.split(r",| and ", items):
        span = SPAN.match(piece.strip())
        if span and span["stem"] == span["again"]:
            last = float(span["last"])
            if last - float(span["first"]) > MOST_ITEMS:
                raise CannotEstimate(f"`mean of {items}` names more than {MOST_ITEMS} items.")
            numbers = range(int(span["first"]), int(last) + 1)
            names += [f"{span['stem']}{number}" for number in numbers]
        elif piece.strip():
            names.append(piece.strip())
    return names


def _with_placeholders(text: str, table: Table) -> tuple[str, dict[str, str]]:
    """The text with every column's name made an identifier; quoted words stay."""
    placeholders: dict[str, str] = {}
    longest_first = sorted(table.names, key=len, reverse=True)
    known = "|".join(re.escape(name) for name in longest_first)
    pattern = re.compile(rf"(?<![\w.])({known})(?![\w.])")

    def mark(match: re.Match[str]) -> str:
        name = f"_c{table.names.index(match[1])}"
        placeholders[name] = match[1]
        return name

    parts = QUOTED.split(text)
    parts[::2] = [pattern.sub(mark, part) for part in parts[::2]]
    return "".join(parts).replace("&&", "&").replace("||", "|").strip(), placeholders


class _Reader:
    """Walks an expression; everything outside the small language is refused."""

    def __init__(self, text: str, table: Table, placeholders: Mapping[str, str]) -> None:
        self.text, self.table, self.placeholders = text, table, placeholders

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=int() | float() as number):
                return np.float64(self._within_reach(number))
            case ast.Name(id=name) if name in self.placeholders:
                return self.table.numbers(self.placeholders[name])
            case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
                sides = self.value(left), self.value(right)
                self._refuse_zeros(op, sides[1])
                return BINARY[type(op)](*sides)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compared(left, op, right)
        raise CannotEstimate(
            f"derived column `{self.text}` uses what is not known here: "
            f"`{self._readable(node)}`. Use columns of the file, numbers, + - * / and "
            "comparisons."
        )

    def _within_reach(self, number: float) -> float:
        if abs(number) > LARGEST:
            raise CannotEstimate(
                f"derived column `{self.text[:60]}` holds a number beyond {LARGEST:g}."
            )
        return float(number)

    def _refuse_zeros(self, op: ast.operator, divisor: Any) -> None:
        zeros = np.flatnonzero(np.broadcast_to(divisor == 0, (len(self.table),)))
        if isinstance(op, ast.Div) and len(zeros):
            raise CannotEstimate(
                f"derived column `{self.text}` divides by 0 in row {zeros[0] + 2}. Leave that "
                "cell empty, or ask for a ratio."
            )

    def _readable(self, node: ast.expr) -> str:
        text = ast.unparse(node)
        for placeholder, name in self.placeholders.items():
            text = text.replace(placeholder, name)
        return text

    def _compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Floats:
        compare = COMPARISONS[type(op)]
        sides = [self._side(left), self._side(right)]
        labels = [
            side for side in sides if isinstance(side, np.ndarray) and side.dtype.kind == "U"
        ]
        kinds = {np.asarray(side).dtype.kind for side in sides}
        if len(kinds) > 1 and not isinstance(op, ast.Eq | ast.NotEq):
            raise CannotEstimate(
                f"derived column `{self.text}` asks whether text is above or below a number. "
                "Compare numbers with numbers."
            )
        result: Floats = np.where(self._missing(labels), np.nan, compare(*sides))
        for side in sides:
            if isinstance(side, np.ndarray) and side.dtype.kind == "f":
                result = np.where(np.isnan(side), np.nan, result)
        return result

    def _side(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Name) and node.id in self.placeholders:
            name = self.placeholders[node.id]
            return (
                self.table.numbers(name)
                if self.table.is_numeric(name)
                else self.table.labels(name)
            )
        return self.value(node)

    def _missing(self, labels: list[Labels]) -> Any:
        absent: Any = np.zeros(len(self.table), bool)
        for column in labels:
            absent = absent | (column == "")
        return absent
