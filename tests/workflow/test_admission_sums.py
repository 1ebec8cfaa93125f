"""Whatever comes in whatever order, the numbers of the day agree with what is kept.

A model of the door that takes one arrival after another foretells what becomes of each. A
random mixture (repeats, other answers under one key, good, bad, spent and shared tokens,
points and a round that fill up, a code that is withdrawn, a round that closes) is handed in
in groups of random sizes, and must be answered as foretold.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from crowd import POINTS, Hall, a_hall, groups_of, hand_in, words
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database.engine import make_sessions
from app.database.rounds import find_point_code
from app.database.tables import TallyRow
from app.survey.tokens import token_hash
from app.workflow.arrivals import Arrival
from world import NOW

LIMITS = """\
admission:
  rights: [open, ticket]
  most: 90
  most_per_point: 60
  quotas: [{item: Q1, code: 5, most: 25}]
"""
MOST = {"round": 90, "point:east-hall": 60, "point:west-hall": 60, "quota:Q1=5": 25}
ASKED_FOR_TOKEN = {"stored", "refused_full", "refused_invalid", "refused_spent"}
TICKETS = 60
GROUPS = 40


@dataclass
class Model:
    """What is kept after arrivals came one after another."""

    kept: dict[str, int] = field(default_factory=dict)
    """Key → the answer it was kept with."""
    spent: set[str] = field(default_factory=set)
    taken: Counter[str] = field(default_factory=Counter)
    withdrawn: set[str] = field(default_factory=set)
    is_closed: bool = False

    def group(self, arrivals: Sequence[Arrival]) -> list[str]:
        """What becomes of a group.

        Two things are special to a group: a copy hears what its first was told, and of
        several that share a token only the first may be let in.
        """
        told: dict[str, str] = {}
        holder: dict[str, str] = {}
        heard = []
        for arrival in arrivals:
            once, token = arrival.submission.once, arrival.submission.token
            if once in told and once not in self.kept:
                heard.append(told[once])
                continue
            is_behind = bool(token) and token in holder
            told[once] = self.hear(arrival, is_behind=is_behind)
            heard.append(told[once])
            if told[once] in ASKED_FOR_TOKEN:
                holder.setdefault(token, once)
        return heard

    def hear(self, arrival: Arrival, *, is_behind: bool) -> str:
        """What becomes of one arrival."""
        submission, point = arrival.submission, arrival.place.point.code
        level = submission.answers["Q1"]
        assert isinstance(level, int)
        if submission.once in self.kept:
            is_same = self.kept[submission.once] == level
            return "repeated" if is_same else "refused_key_reused"
        if point in self.withdrawn:
            return "refused_withdrawn"
        if self.is_closed:
            return "refused_over"
        if submission.token in self.spent or is_behind:
            return "refused_spent"
        if submission.token and submission.token not in GOOD[point]:
            return "refused_invalid"
        names = ["round", f"point:{point}", *(["quota:Q1=5"] if level == 5 else [])]
        if any(self.taken[name] >= MOST[name] for name in names):
            return "refused_full"
        self.taken.update(names)
        self.kept[submission.once] = level
        self.spent |= {submission.token} - {""}
        return "stored"


GOOD = {point: {token_hash(f"{point} {n}") for n in range(TICKETS)} for point in POINTS}


def a_mixture(hall: Hall, dice: random.Random, size: int) -> list[Arrival]:
    """Arrivals of every kind; keys and tokens come again and again."""
    mixture = []
    for _ in range(size):
        point = dice.choice(POINTS)
        number, level = dice.randrange(3 * size), dice.choice([1, 4, 5])
        kind = dice.choice(["open", "open", "ticket", "elsewhere", "unknown"])
        issued_at = point if kind == "ticket" else POINTS[1 - POINTS.index(point)]
        token = (
            f"{issued_at} {dice.randrange(TICKETS)}" if kind in {"ticket", "elsewhere"} else ""
        )
        token = "never issued" if kind == "unknown" and number % 3 == 0 else token
        mixture.append(hall.arrival(f"k{number}", {"Q1": level}, token=token, point=point))
    return mixture


def tally_by_point(hall: Hall) -> Mapping[str, Counter[str]]:
    """Point → counter → number."""
    with Session(hall.engine) as session:
        rows = session.query(TallyRow).filter_by(round_id=hall.round_id).all()
    found = {point: Counter[str]() for point in POINTS}
    for row in rows:
        found[row.point][row.counter] += row.n
    return found


def require_sums(hall: Hall, sent: Sequence[Arrival], heard: Sequence[str]) -> None:
    """The numbers of the day agree with what was answered and with what is kept."""
    for point, tally in tally_by_point(hall).items():
        here = [
            what
            for arrival, what in zip(sent, heard, strict=True)
            if arrival.place.point.code == point
        ]
        assert tally == Counter(here) + Counter(received=len(here))
        refused = sum(n for name, n in tally.items() if name.startswith("refused_"))
        assert tally["received"] == tally["stored"] + tally["repeated"] + refused
        assert tally["stored"] == hall.stored(point=point)
    taken = hall.taken()
    assert taken["round"] == hall.stored()
    assert all(taken[f"point:{point}"] == hall.stored(point=point) for point in POINTS)
    assert taken["quota:Q1=5"] == sum(answers["Q1"] == 5 for answers in hall.answers())
    assert all(taken[name] <= most for name, most in MOST.items())
    let_in = {
        a.submission.token for a, what in zip(sent, heard, strict=True) if what == "stored"
    }
    assert hall.spent() == let_in - {""}


def a_limited_hall(engine: Engine) -> Hall:
    """The round of this module with its tickets."""
    hall = a_hall(engine, LIMITS)
    for point in POINTS:
        hall.issue((f"{point} {n}" for n in range(TICKETS)), point=point)
    return hall


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_mixture_is_answered_and_counted_as_if_one_came_after_another(
    engine: Engine, seed: int
):
    dice, model, hall = random.Random(seed), Model(), a_limited_hall(engine)
    sent: list[Arrival] = []
    heard: list[str] = []
    for number in range(GROUPS):
        group = a_mixture(hall, dice, dice.choice([1, 2, 5, 12]))
        group += dice.choices(sent or group, k=dice.randrange(4))
        if number == GROUPS // 2:
            withdraw(hall, "west-hall")
            model.withdrawn.add("west-hall")
        if number == GROUPS - 5:
            hall.close()
            model.is_closed = True
        found = hall.keep(*group)
        assert found == model.group(group)
        sent, heard = sent + group, heard + found
    require_sums(hall, sent, heard)
    assert {"stored", "repeated", "refused_spent", "refused_invalid"} <= set(heard)


@pytest.mark.parametrize("seed", [4, 5])
def test_a_random_mixture_through_several_doors_at_once_is_counted_exactly(
    engine: Engine, database_url: str, seed: int
):
    dice, hall = random.Random(seed), a_limited_hall(engine)
    sent = a_mixture(hall, dice, 300)
    sent += dice.choices(sent, k=150)
    heard = words(hand_in(database_url, groups_of(sent, 11), doors=4))
    require_sums(hall, sent, heard)
    assert {"stored", "repeated", "refused_full"} <= set(heard)


def withdraw(hall: Hall, point: str) -> None:
    """Withdraw the code of a point."""
    with make_sessions(hall.engine).begin() as session:
        find_point_code(session, hall.places[point].code).revoked_at = NOW
