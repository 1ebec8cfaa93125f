"""The matrix of a model's covariates: what terms make of columns of labels and numbers.

The columns keep the names, and the levels they stand for, the base included, so that a
refusal further on can say which level of which variable it is about.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import CannotEstimate
from app.stats.design import Integers
from app.stats.opt_in.covariates import Dummies, Indicator, Intercept, Numeric, Product, Term
from app.survey.sample import Flags, Floats, Labels

LADDERS = (("none", "primary", "junior", "senior", "college"),)
"""Scales everybody knows: dummies with the lowest rung as their named base climb them."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a variable that the terms name or stand for, the base included."""

    variable: str
    level: str
    member: Flags
    """Whether each row has it."""

    @property
    def name(self) -> str:
        """Such as ``zone=urban``."""
        return f"{self.variable}={self.level}"


@dataclass(frozen=True, slots=True)
class CovariateMatrix:
    """x, rows by columns, with what a refusal must be able to name."""

    names: tuple[str, ...]
    """Of the columns."""
    values: Floats
    levels: tuple[Level, ...] = ()
    """In the order in which those of one variable are neighbours."""

    def __len__(self) -> int:
        return len(self.values)

    def rows(self, which: Integers) -> "CovariateMatrix":
        """The rows at these positions."""
        levels = (Level(one.variable, one.level, one.member[which]) for one in self.levels)
        return CovariateMatrix(self.names, self.values[which], tuple(levels))


Columns = Mapping[str, Labels | Floats]


def covariate_matrix(columns: Columns, terms: Sequence[Term]) -> CovariateMatrix:
    """The columns of `terms` over the rows of `columns`, in the order of the terms.

    Give both samples of a model at once: the levels are those of all rows together. Raises
    CannotEstimate with every problem: an unknown variable or level, a value that is missing,
    a text where a number is needed, a variable with one level.
    """
    problems = sorted({problem for term in terms for problem in _problems(columns, term)})
    if not terms:
        problems.append("no covariates are given. Name at least the intercept.")
    if problems:
        raise CannotEstimate("\n".join(problems))
    parts = [_columns(columns, term) for term in terms]
    names = tuple(name for part in parts for name in part)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CannotEstimate(f"covariate {', '.join(twice)} is given twice. Leave one out.")
    values = np.column_stack([column for part in parts for column in part.values()])
    levels = {one.name: one for term in terms for one in _levels(columns, term)}
    return CovariateMatrix(names, values, tuple(levels.values()))


def _problems(columns: Columns, term: Term) -> Iterator[str]:
    match term:
        case Intercept():
            return
        case Product(left, right):
            yield from _problems(columns, left)
            yield from _problems(columns, right)
        case Indicator(variable) | Dummies(variable) | Numeric(variable):
            if variable not in columns:
                known = ", ".join(columns)
                yield f"covariate {variable}: there is no such variable. There are {known}."
                return
            missing = _missing(columns[variable])
            if missing.any():
                yield (
                    f"covariate {variable}: {int(missing.sum())} rows have no value. Complete "
                    "them, drop those rows or recode them to a level of their own."
                )
            yield from _level_problems(columns, term)


def _missing(column: Labels | Floats) -> Flags:
    missing: Flags = column == "" if column.dtype.kind == "U" else np.isnan(column)
    return missing


def _level_problems(columns: Columns, term: Term) -> Iterator[str]:
    if isinstance(term, Numeric):
        yield from _number_problems(columns, term.variable)
        return
    if not isinstance(term, Indicator | Dummies):
        return
    found = _found(columns, term.variable)
    named = (term.level,) if isinstance(term, Indicator) else (term.base, *term.levels)
    for level in named:
        if level is not None and level not in found:
            yield (
                f"covariate {term.variable}, level {level}: no row has it. The levels are "
                f"{', '.join(found)}."
            )
    if isinstance(term, Dummies) and term.levels:
        for level in sorted(set(found) - set(term.levels)):
            yield f"covariate {term.variable}, level {level}: it is not among those listed."
    if len(found) == 1:
        yield (
            f"covariate {term.variable}: every row has the level {found[0]}. Leave the "
            "covariate out."
        )


def _number_problems(columns: Columns, variable: str) -> Iterator[str]:
    wrong = [text for text in _found(columns, variable) if not _is_number(text)]
    if wrong:
        yield (
            f"covariate {variable}: {wrong[0]} is no number. Write '{variable} dummies' to use "
            "its levels."
        )


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _found(columns: Columns, variable: str) -> tuple[str, ...]:
    """Levels in sort order, which for numbers, also written as text, is their size."""
    column = columns[variable]
    levels = [_text(level) for level in np.unique(column[~_missing(column)]).tolist()]
    return tuple(sorted(levels, key=float) if all(map(_is_number, levels)) else levels)


def _text(level: str | float) -> str:
    return level if isinstance(level, str) else f"{level:.12g}"


def _columns(columns: Columns, term: Term) -> dict[str, Floats]:
    """Name → column; a name says what is 1 or counted in it."""
    match term:
        case Intercept():
            rows = len(next(iter(columns.values())))
            return {"intercept": np.ones(rows)}
        case Indicator(variable, level):
            return {f"{variable}={level}": _member(columns, variable, level).astype(float)}
        case Numeric(variable):
            return {variable: columns[variable].astype(float)}
        case Dummies(variable):
            levels = _ordered(columns, term)
            base = term.base if term.base is not None else levels[0]
            kept = (Indicator(variable, level) for level in levels if level != base)
            return {name: x for one in kept for name, x in _columns(columns, one).items()}
        case Product(left, right):
            ahead, behind = _columns(columns, left), _columns(columns, right)
            return {f"{a}:{b}": x * z for a, x in ahead.items() for b, z in behind.items()}


def _member(columns: Columns, variable: str, level: str) -> Flags:
    column = columns[variable]
    if column.dtype.kind == "U":
        same: Flags = column == level
        return same
    # The text of a number names it to 12 digits; the level is that number itself.
    values = np.unique(column)
    return np.isin(column, [value for value in values.tolist() if _text(value) == level])


def _ordered(columns: Columns, term: Dummies) -> tuple[str, ...]:
    found = _found(columns, term.variable)
    if term.levels:
        return term.levels
    for ladder in LADDERS:
        if term.base == ladder[0] and set(found) <= set(ladder):
            return tuple(rung for rung in ladder if rung in found)
    return found


def _levels(columns: Columns, term: Term) -> Iterator[Level]:
    match term:
        case Indicator(variable, level):
            member = _member(columns, variable, level)
            yield Level(variable, level, member)
            others = [one for one in _found(columns, variable) if one != level]
            # The rest of a variable is one level to the model; it is called by its parts.
            yield Level(variable, "|".join(others), ~member)
        case Dummies(variable):
            for level in _ordered(columns, term):
                yield Level(variable, level, _member(columns, variable, level))
        case _:
            return
