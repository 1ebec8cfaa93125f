"""The covariates of a model as terms, and the phrase that lists them.

A phrase is what a statistician writes in a method note: "intercept, zone=urban, age dummies
(base: the first level in sort order), edu dummies (base: none), visits (numeric)". A part
that is not understood is refused: a covariate dropped in silence is another model.
"""

import re
from dataclasses import dataclass

from app.errors import CannotEstimate


@dataclass(frozen=True, slots=True)
class Intercept:
    """A column of ones."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """1 where the variable has the level."""

    variable: str
    level: str


@dataclass(frozen=True, slots=True)
class Dummies:
    """One indicator for each level but the base."""

    variable: str
    base: str | None = None
    """None: the first level."""
    levels: tuple[str, ...] = ()
    """All levels in their order; empty: those found, in sort order."""


@dataclass(frozen=True, slots=True)
class Numeric:
    """The variable as a number."""

    variable: str


@dataclass(frozen=True, slots=True)
class Product:
    """Every column of the one times every column of the other."""

    left: "Term"
    right: "Term"


Term = Intercept | Indicator | Dummies | Numeric | Product


@dataclass(frozen=True, slots=True)
class Covariates:
    """What a phrase says: the terms, and in each level of which variable they are fitted."""

    terms: tuple[Term, ...]
    within: str | None = None


NAME = r"[^\W\d][\w.]*"
BRACKET = r"(?:\s*\((?P<bracket>[^()]*)\))?"
WITHIN = re.compile(
    rf"[\s,;]*\b(?:(?:fitted|estimated|separately)\s+)*(?:in|within|for|by|per)\s+"
    rf"(?:each|every)\s+(?P<variable>{NAME})(?:\s+(?:level|separately))*\s*$"
    rf"|[\s,;]*\bseparately\s+(?:in|within|for|by|per)\s+(?P<other>{NAME})\s*$",
    re.IGNORECASE,
)
INTERCEPT = re.compile(r"(?:an? |the )?(?:intercept|constant)|1", re.IGNORECASE)
DUMMIES = re.compile(
    rf"(?P<variable>{NAME})\s+(?:dummies|dummy|indicators|levels){BRACKET}"
    rf"|(?:dummies|indicators|levels)\s+(?:of|for)\s+(?P<other>{NAME})"
    r"(?:\s*\((?P<aside>[^()]*)\))?",
    re.IGNORECASE,
)
INDICATOR = re.compile(rf"(?P<variable>{NAME})\s*={{1,2}}\s*(?P<level>[^=()]+)")
NUMERIC = re.compile(
    rf"(?P<variable>{NAME})(?:\s*\((?:numeric|number|continuous|linear)\))?"
    rf"|(?:numeric|continuous)\s+(?P<other>{NAME})",
    re.IGNORECASE,
)
BASE = re.compile(
    r"(?:base|reference)(?:\s+(?:level|category))?\s*(?:[:=]|\bis\b)?\s*(?P<base>.+)",
    re.IGNORECASE,
)
LEVELS = re.compile(r"levels\s*[:=]\s*(?P<levels>.+)", re.IGNORECASE)
FIRST = re.compile(
    r"(?:the\s+)?first(?:\s+level)?(?:\s+in\s+(?:sort|sorted|alphabetical)\s*(?:order)?)?",
    re.IGNORECASE,
)


def parse_covariates(phrase: str) -> Covariates:
    """The terms a phrase lists, separated by commas, semicolons, ``+`` or ``and``.

    Understood are: ``intercept``; ``zone=urban``; ``age dummies``, with ``(base: LEVEL)``,
    ``(base: the first level in sort order)`` or ``(levels: A, B, C)``, the first listed being
    the base; ``visits`` or ``visits (numeric)``; two of these joined by ``:`` or ``*`` for
    their products; and at the end ``in each zone`` or ``separately by zone``. Raises
    CannotEstimate with every part that is not understood.
    """
    text = phrase.strip().rstrip(".。")
    within = WITHIN.search(text)
    pieces = _split(text[: within.start()] if within else text, SEPARATORS)
    terms = [(piece, _term(piece)) for piece in pieces]
    problems = [
        f"covariates: {piece!r} is not understood. Write 'intercept', 'zone=urban', "
        "'age dummies (base: LEVEL)' or 'visits (numeric)', separated by commas."
        for piece, term in terms
        if term is None
    ]
    if not terms:
        problems.append("covariates: none are named. Name at least the intercept.")
    if problems:
        raise CannotEstimate("\n".join(problems))
    return Covariates(
        terms=tuple(term for _, term in terms if term is not None),
        within=(within["variable"] or within["other"]) if within else None,
    )


SEPARATORS = re.compile(r"[,;+，；、]|\band\b", re.IGNORECASE)
PRODUCTS = re.compile(r"[:*×]")


def _split(text: str, separators: re.Pattern[str]) -> list[str]:
    """The pieces between separators that stand outside brackets."""
    inside = [match.span() for match in re.finditer(r"\([^()]*\)", text)]
    ends = [
        match.span()
        for match in separators.finditer(text)
        if not any(start < match.start() < end for start, end in inside)
    ]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(text)]
    pieces = (text[i:j].strip() for i, j in zip(starts, stops, strict=True))
    return [piece for piece in pieces if piece]


def _term(piece: str) -> Term | None:
    factors = _split(piece, PRODUCTS)
    if len(factors) > 1:
        parts = [_term(factor) for factor in factors]
        product = parts[0]
        for part in parts[1:]:
            product = Product(product, part) if product and part else None
        return product
    if INTERCEPT.fullmatch(piece):
        return Intercept()
    if match := DUMMIES.fullmatch(piece):
        variable = match["variable"] or match["other"]
        return _dummies(variable, (match["bracket"] or match["aside"] or "").strip())
    if match := INDICATOR.fullmatch(piece):
        return Indicator(match["variable"], match["level"].strip().strip("'\""))
    if match := NUMERIC.fullmatch(piece):
        return Numeric(match["variable"] or match["other"])
    return None


def _dummies(variable: str, bracket: str) -> Dummies | None:
    if not bracket or FIRST.fullmatch(bracket):
        return Dummies(variable)
    if match := LEVELS.fullmatch(bracket):
        levels = [level.strip().strip("'\"") for level in match["levels"].split(",")]
        return Dummies(variable, levels=tuple(levels))
    if match := BASE.fullmatch(bracket):
        base = match["base"].strip().strip("'\"")
        return Dummies(variable, base=None if FIRST.fullmatch(base) else base)
    return None
