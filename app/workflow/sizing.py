"""How many people to ask: what an operator wants becomes sizes, margins and invitations.

Reads the file of strata, judges it together with the options, and computes with
`stats.precision` and `stats.allocation`, which hold every formula. Nothing is kept.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from app.errors import CannotEstimate, InputRefused, Problem
from app.stats.allocation import Allocation, Bounds, Rule, Stratum, allocate
from app.stats.precision import (
    Assumptions,
    Rounds,
    detectable_change,
    margin_of_mean,
    round_up,
    size_for_mean,
    spread_of_share,
)
from app.survey.strata_file import MOST_PEOPLE, StratumRow, read_strata
from app.workflow.sizing_order import SizeOrder, column_problems, order_problems

WHOLE = "whole"
"""The one row of a plan without strata."""


@dataclass(frozen=True, slots=True)
class SizedStratum:
    """What one stratum, or a population without strata, needs and gets."""

    name: str
    population: int | None
    answers: int
    invitations: int
    margin: float
    change: float
    """The smallest change against a last round of the same size that would likely show."""
    at: str | None = None
    """The bound that decided, where one did: least or population."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """A planned sample; `cost` is None where no costs were given."""

    strata: tuple[SizedStratum, ...]
    whole: SizedStratum
    cost: float | None = None


def plan_sample(order: SizeOrder, content: bytes | None = None) -> Sizing:
    """The sizes that an order asks for; `content` is the file of strata, if there is one.

    Raises InputRefused with every mistake of options and file together, and CannotEstimate
    where the people there are do not suffice.
    """
    problems = list(order_problems(order))
    rows: tuple[StratumRow, ...] = ()
    if content is not None:
        try:
            rows = read_strata(content, source=order.source)
        except InputRefused as error:
            problems += error.problems
        else:
            problems += column_problems(order, rows[0])
    if problems:
        raise InputRefused(problems)
    return _over_strata(order, rows) if rows else _simple(order)


def _simple(order: SizeOrder) -> Sizing:
    a = _assumptions(order, order.population)
    spread = _spread(order, None)
    if order.answers is None:
        size = size_for_mean(order.margin or 0.0, standard_deviation=spread, assumptions=a)
        answers, invitations, margin = size.answers, size.invitations, size.margin
    else:
        answers = order.answers
        invitations = round_up(answers / order.response_rate)
        _refuse_too_many(order, answers, invitations)
        margin = margin_of_mean(answers, standard_deviation=spread, assumptions=a)
    _refuse_more_than_live(invitations)
    change = _change(margin, order)
    whole = SizedStratum(WHOLE, order.population, answers, invitations, margin, change)
    return Sizing((), whole)


def _refuse_too_many(order: SizeOrder, answers: int, invitations: int) -> None:
    if order.population is None or invitations <= order.population:
        return
    most = max(math.floor(order.population * order.response_rate + 1e-9), 0)
    message = (
        f"needs {invitations} people to be asked at a response rate of "
        f"{order.response_rate:g}, but there are {order.population}"
    )
    raise InputRefused([Problem("answers", message, f"Ask for at most {most}.", answers)])


def _refuse_more_than_live(invitations: int) -> None:
    if invitations > MOST_PEOPLE:
        raise CannotEstimate(
            f"{invitations:.3g} people would have to be asked, more than live. Accept a wider "
            "margin or fewer answers, and see that margin and spread are in the same unit."
        )


def _over_strata(order: SizeOrder, rows: Sequence[StratumRow]) -> Sizing:
    strata = [_stratum(order, row) for row in rows]
    if order.margin_each is not None:
        sized = _each_as_precise(order, strata)
    else:
        found = _divided(order, strata)
        sized = [
            SizedStratum(
                name=share.name,
                population=stratum.population,
                answers=share.answers,
                invitations=share.invitations,
                margin=share.margin or 0.0,
                change=_change(share.margin or 0.0, order),
                at=share.at,
            )
            for share, stratum in zip(found.strata, strata, strict=True)
        ]
    people = sum(stratum.population for stratum in strata)
    # Of the whole: V = Σ (N_h/N)² V_h, so margins add like lengths at right angles.
    margin = math.hypot(*(one.margin * (one.population or 0) / people for one in sized))
    whole = SizedStratum(
        name=WHOLE,
        population=people,
        answers=sum(one.answers for one in sized),
        invitations=sum(one.invitations for one in sized),
        margin=margin,
        change=_change(margin, order),
    )
    has_costs = rows[0].cost is not None
    costs = (s.cost * one.answers for s, one in zip(strata, sized, strict=True))
    return Sizing(tuple(sized), whole, math.fsum(costs) if has_costs else None)


def _each_as_precise(order: SizeOrder, strata: Sequence[Stratum]) -> list[SizedStratum]:
    """Every stratum as if it were a survey of its own, and no smaller than the least."""
    sized: list[SizedStratum] = []
    problems: list[str] = []
    for stratum in strata:
        a = _assumptions(order, stratum.population)
        spread = stratum.standard_deviation
        try:
            size = size_for_mean(
                order.margin_each or 0.0, standard_deviation=spread, assumptions=a
            )
        except CannotEstimate as error:
            problems.append(f"stratum {stratum.name}: {error}")
            continue
        least = min(order.least, _reachable(stratum, order))
        answers = max(size.answers, least)
        margin = margin_of_mean(answers, standard_deviation=spread, assumptions=a)
        sized.append(
            SizedStratum(
                name=stratum.name,
                population=stratum.population,
                answers=answers,
                invitations=min(round_up(answers / order.response_rate), stratum.population),
                margin=margin,
                change=_change(margin, order),
                at="least" if size.answers < least else None,
            )
        )
    if problems:
        raise CannotEstimate("\n".join(problems))
    return sized


def _divided(order: SizeOrder, strata: Sequence[Stratum]) -> Allocation:
    """The answers wanted, or the fewest that give the margin wanted, divided by the rule."""
    if order.answers is not None:
        return _allocation(order, strata, order.answers)
    wanted = order.margin or 0.0
    reach = [_reachable(stratum, order) for stratum in strata]
    enough = sum(reach)
    best = _allocation(order, strata, enough)
    if _margin(best) > wanted:
        raise CannotEstimate(
            f"All {enough} people who can be expected to answer at a response rate of "
            f"{order.response_rate:g} give a margin of {_margin(best):.4g}, not {wanted:g}. "
            "Accept a wider margin or raise the response rate."
        )
    # Halving keeps: `enough` gives the margin, one fewer than the answer found does not.
    too_few = sum(min(order.least, most) for most in reach) - 1
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        found = _allocation(order, strata, middle)
        if _margin(found) <= wanted:
            enough, best = middle, found
        else:
            too_few = middle
    return best


def _margin(found: Allocation) -> float:
    return math.inf if found.margin is None else found.margin


def _allocation(order: SizeOrder, strata: Sequence[Stratum], answers: int) -> Allocation:
    return allocate(
        strata,
        answers,
        rule=_rule(order),
        assumptions=_assumptions(order, None),
        bounds=Bounds(least=order.least, exponent=order.exponent),
    )


def _rule(order: SizeOrder) -> Rule:
    found: Rule = next((rule for rule in get_args(Rule) if rule == order.rule), "proportional")
    return found


def _stratum(order: SizeOrder, row: StratumRow) -> Stratum:
    return Stratum(
        name=row.name,
        population=row.population,
        standard_deviation=_spread(order, row),
        cost=1.0 if row.cost is None else row.cost,
        mean=row.share if row.mean is None else row.mean,
    )


def _spread(order: SizeOrder, row: StratumRow | None) -> float:
    """S of the answers: the row's own, else the option's, else of a share of a half."""
    spread = order.spread if row is None or row.spread is None else row.spread
    if spread is not None:
        return spread
    share = order.share if row is None or row.share is None else row.share
    people = order.population if row is None else row.population
    return spread_of_share(0.5 if share is None else share, people)


def _reachable(stratum: Stratum, order: SizeOrder) -> int:
    """Answers that a stratum can be expected to give at most, as `allocate` counts them."""
    return max(math.floor(stratum.population * order.response_rate + 1e-9), 1)


def _assumptions(order: SizeOrder, population: int | None) -> Assumptions:
    return Assumptions(
        order.confidence, order.design_effect, order.response_rate, population=population
    )


def _change(margin: float, order: SizeOrder) -> float:
    """The change that two independent rounds show whose means both have this margin.

    A mean's standard error, margin/z, is the spread of one answer that is as uncertain.
    """
    one = Assumptions(confidence=order.confidence)
    rounds = Rounds(1, 1, power=order.power)
    found = detectable_change(rounds, standard_deviation=margin / one.z, assumptions=one)
    return found.value
