"""Drawing a sample: stratified simple random sampling without replacement, replayable.

Everybody in a frame has a permanent random number, the SHA-256 of ``seed NUL stratum NUL
person`` in UTF-8; the smallest numbers of a stratum are drawn. So the order of the file is
of no matter, and whoever holds frame and seed draws the same people with any program. The
seed must be chosen where nobody who made the frame could have known it, say from a public
lottery held after the frame's digest was made known.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import InputRefused, Problem
from app.survey.sampling_frame import Frame, FramePerson

LONGEST_SEED = 200


@dataclass(frozen=True, slots=True)
class DrawnPerson:
    """Somebody drawn, with the base weight: people of the stratum over people drawn."""

    person: FramePerson
    weight: float


@dataclass(frozen=True, slots=True)
class Draw:
    """A sample: `sizes` gives people and drawn of every stratum.

    The people stand stratum by stratum, in each by their random numbers.
    """

    seed: str
    sizes: Mapping[str, tuple[int, int]]
    people: tuple[DrawnPerson, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over the persons drawn, in order, each ended by NUL; hex."""
        names = "".join(f"{drawn.person.person}\0" for drawn in self.people)
        return hashlib.sha256(names.encode()).hexdigest()


def draw(frame: Frame, sizes: Mapping[str, int], seed: str) -> Draw:
    """Draw `sizes` (stratum → people) from a frame.

    Raises InputRefused for a stratum without a size, a size without a stratum, a size below
    one or above the stratum, and for a seed that is empty or too long.
    """
    strata = frame.strata
    problems = [*_size_problems(strata, sizes), *_seed_problems(seed)]
    if problems:
        raise InputRefused(problems)
    members: dict[str, list[FramePerson]] = {stratum: [] for stratum in strata}
    for person in frame.people:
        members[person.stratum].append(person)
    people = tuple(
        DrawnPerson(person, strata[stratum] / sizes[stratum])
        for stratum, everybody in members.items()
        for person in sorted(everybody, key=lambda one: _rank(seed, one))[: sizes[stratum]]
    )
    drawn_of = {stratum: (count, sizes[stratum]) for stratum, count in strata.items()}
    return Draw(seed, drawn_of, people)


def allocate(frame: Frame, n: int) -> dict[str, int]:
    """Share `n` among the strata in proportion to their people, at least one for each.

    Largest remainder, in whole numbers; equal remainders go by the stratum's name. A stratum
    whose share is below one gets one, and the others share what is left. Raises InputRefused
    when `n` is less than the number of strata or more than the frame.
    """
    left = frame.strata
    _check_total(left, n)
    sizes: dict[str, int] = {}
    while small := [name for name, count in left.items() if n * count < sum(left.values())]:
        for stratum in small:
            sizes[stratum] = 1
            del left[stratum]
        n -= len(small)
    total = sum(left.values())
    shares = {stratum: divmod(n * count, total) for stratum, count in left.items()}
    rest = n - sum(whole for whole, _ in shares.values())
    by_remainder = sorted(shares, key=lambda stratum: (-shares[stratum][1], stratum))
    sizes |= {stratum: whole for stratum, (whole, _) in shares.items()}
    for stratum in by_remainder[:rest]:
        sizes[stratum] += 1
    return dict(sorted(sizes.items()))


def _rank(seed: str, one: FramePerson) -> tuple[bytes, str]:
    number = hashlib.sha256(f"{seed}\0{one.stratum}\0{one.person}".encode()).digest()
    return number, one.person


def _check_total(strata: Mapping[str, int], n: int) -> None:
    people = sum(strata.values())
    if n > people:
        message = f"is more than the {people} people of the frame"
        raise InputRefused([Problem("size", message, f"Draw at most {people}.", n)])
    if n < len(strata):
        message = f"is less than the {len(strata)} strata, each of which needs somebody"
        raise InputRefused([Problem("size", message, "Draw more, or join strata.", n)])


def _size_problems(strata: Mapping[str, int], sizes: Mapping[str, int]) -> list[Problem]:
    problems = []
    for stratum in sorted(sizes.keys() - strata.keys()):
        cure = f"Strata: {', '.join(strata)}."
        problems.append(Problem(f"sizes.{stratum}", "is no stratum of the frame", cure))
    for stratum, people in strata.items():
        size = sizes.get(stratum)
        if size is None or size < 1:
            cure = "Whoever cannot be drawn is not represented: give a size, or another frame."
            problems.append(Problem(f"sizes.{stratum}", "is not one or more", cure, size))
        elif size > people:
            message = f"is more than the {people} people of the stratum"
            cure = f"Draw at most {people}."
            problems.append(Problem(f"sizes.{stratum}", message, cure, size))
    return problems


def _seed_problems(seed: str) -> list[Problem]:
    if seed.strip() and len(seed) <= LONGEST_SEED and seed.isprintable():
        return []
    cure = f"Give one line of at most {LONGEST_SEED} characters, such as a public lottery's."
    return [Problem("seed", "is empty, too long or not one line", cure, seed)]
