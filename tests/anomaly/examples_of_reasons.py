"""For every reason one true case and one innocent twin, put into one small invented round.

True cases are campaigns of the project's own simulator, each at a point of its own. The twins
are honest people of the round who do by chance, habit or need what the campaign did.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.anomaly.simulation.attacks.registry import KINDS
from app.anomaly.simulation.attacks.scene import DAY, Scene, set_scene
from app.anomaly.simulation.attacks.strike import Strike, filed
from app.anomaly.simulation.invented import Invented, invent
from app.anomaly.simulation.town import WorldSettings, new_labels
from app.anomaly.submissions import Submissions, mean_places

WORLD = WorldSettings(
    points=10, districts=2, responses=2400, volunteers=3, enumerators=4, sampled=1
)
SEED = 5
MANY = 60


@dataclass(frozen=True, slots=True)
class Mixture:
    """A round and, for each response, the case it belongs to; empty for everybody else."""

    submissions: Submissions
    case: np.ndarray


def world() -> Invented:
    """The round of honest people that both mixtures start from."""
    return invent(WORLD, SEED)


# The points from the smallest to the largest; cases name them by their place in that order.
STRIKES: Mapping[str, tuple[str, int, int, dict[str, float]]] = {
    "one phone": ("stuffing", 1, 40, {"concede": 0.08, "gap": 3.0}),
    "device farm": (
        "farm", 2, 60, {"concede": 0.03, "length": 90.0, "reuse": 1.0, "networks": 2.0},
    ),
    "staff at work": ("mobilisation", 3, 60, {"concede": 0.08, "days": 2.0, "desk": 0.9}),
    "brigade": (
        "brigading", 8, 60,
        {"hours": 6.0, "soft": 0.7, "texts": 4.0, "commenting": 0.6, "away": 0.7},
    ),
    "straight ticks": (
        "straight_bursts", 5, 60,
        {"second": 0.5, "odd": 0.3, "per_burst": 40.0, "length": 120.0},
    ),
    "sheet": ("coaching", 6, 90, {"lower": 5.0, "exact": 0.5, "days": 4.0}),
    "random bots": ("random_bots", 7, 120, {"humped": 0.2, "days": 2.0, "networks": 4.0}),
    "home farm": (
        "home_farm", 4, 70,
        {"concede": 0.1, "days": 2.0, "per_network": 5.0, "patient": 0.4},
    ),
    "desk interviews": (
        "fabrication", 9, 60,
        {"per_interview": 30.0, "changes": 1.0, "days": 3.0, "pace": 0.7},
    ),
}  # fmt: skip


def attacked(invented: Invented) -> Mixture:
    """The round with every campaign in it."""
    scene = set_scene(invented.submissions)
    points = _by_size(invented.submissions)
    parts, cases = [invented.submissions], [np.full(len(invented.submissions), "", "<U32")]
    for number, (case, (code, place, n, drawn)) in enumerate(STRIKES.items()):
        dice = np.random.default_rng([SEED, number])
        written = _struck(scene, code, Strike(points[place], n, drawn), dice)
        parts.append(written)
        cases.append(np.full(len(written), case, "<U32"))
    return Mixture(joined(parts), np.concatenate(cases))


def _struck(scene: Scene, code: str, strike: Strike, dice: np.random.Generator) -> Submissions:
    kind = KINDS[code]
    assert set(strike.settings) == set(kind.ranges)
    return filed(kind.write(scene, strike, dice), scene, dice)


def joined(parts: list[Submissions]) -> Submissions:
    """All rows of some rounds that ask the same."""
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in Submissions.__slots__
        if name != "highest"
    }
    return Submissions(**columns, highest=parts[0].highest)


Odd = Callable[[dict[str, Any], np.ndarray, np.random.Generator], None]
"""Changes the columns of some honest rows of one point."""


def innocent(invented: Invented) -> Mixture:
    """The honest round, in which more honest people look odd, each sort at its own point."""
    rows = invented.submissions
    columns: dict[str, Any] = {
        name: getattr(rows, name).copy() for name in Submissions.__slots__ if name != "highest"
    }
    columns["highest"] = rows.highest
    case = invented.group.astype("<U32")
    case[case == "alone"] = ""
    points = _by_size(rows)
    for number, (name, (place, n, change)) in enumerate(TWINS.items()):
        dice = np.random.default_rng([SEED, 100 + number])
        free = np.flatnonzero((rows.point == points[place]) & (case == ""))
        some = dice.choice(free, min(n, len(free)), replace=False)
        change(columns, some, dice)
        case[some] = name
    columns["score"] = mean_places(columns["answers"], rows.highest)
    more = _all_content(invented, point=points[0], n=MANY)
    cases = np.concatenate([case, np.full(MANY, "all content")])
    return Mixture(joined([Submissions(**columns), more]), cases)


def _visit_from_away(c: dict[str, Any], rows: np.ndarray, dice: np.random.Generator) -> None:
    """A few come from the other district, each with the telephone of their home."""
    away = np.flatnonzero((c["district"] != c["district"][rows[0]]) & (c["enumerator"] == ""))
    c["network"][rows] = c["network"][dice.choice(away, len(rows))]


def _say_very_good(c: dict[str, Any], rows: np.ndarray, dice: np.random.Generator) -> None:
    """People who leave a comment leave the phrase that everybody leaves everywhere."""
    phrases, count = np.unique(c["comment"][c["comment"] != ""], return_counts=True)
    c["comment"][rows] = phrases[np.argmax(count)]
    c["comment_length"][rows] = 2.0


def _tick_the_best(c: dict[str, Any], rows: np.ndarray, dice: np.random.Generator) -> None:
    """The most satisfied of them tick the best throughout, each at their own time."""
    c["answers"][rows] = c["highest"]


def _stand_in_a_queue(c: dict[str, Any], rows: np.ndarray, dice: np.random.Generator) -> None:
    """Their number is called while they answer: quick together, of every opinion."""
    c["minute"][rows] = 12 * DAY + 600 + 5.0 * dice.integers(0, 12, len(rows))
    c["dwell"][rows] = np.maximum(np.round(c["dwell"][rows] * 0.8), 1.0)


def _know_the_form(c: dict[str, Any], rows: np.ndarray, dice: np.random.Generator) -> None:
    """Quick readers, who come at any time."""
    c["dwell"][rows] = np.maximum(np.round(c["dwell"][rows] * 0.55), 1.0)


def _wait_at_one_counter(
    c: dict[str, Any], rows: np.ndarray, dice: np.random.Generator
) -> None:
    """One thing is bad here, and everybody says so."""
    c["answers"][rows, 2] = np.maximum(c["answers"][rows, 2] - 2, 0)
    c["answers"][rows, 7] = np.minimum(c["answers"][rows, 7] + 1, c["highest"][7])


def _live_in_one_street(c: dict[str, Any], rows: np.ndarray, dice: np.random.Generator) -> None:
    """An interviewer's households live alike: nobody among them is at either end."""
    kept = rows[np.argsort(np.abs(_scores(c)[rows] - np.nanmedian(_scores(c)[rows])))]
    kept = kept[: len(rows) // 2]
    c["enumerator"][kept], c["channel"][kept] = "e-street", "tablet"
    c["device"][kept], c["network"][kept] = new_labels(dice, 2)
    days = dice.integers(8, 11, len(kept)) * DAY
    c["minute"][kept] = days + 540 + 5.0 * dice.integers(0, 84, len(kept))
    c["dwell"][kept] = np.round(c["dwell"][kept] * 1.3)


def _scores(c: dict[str, Any]) -> np.ndarray:
    return mean_places(c["answers"], c["highest"])


def _meet_good_or_bad_luck(
    c: dict[str, Any], rows: np.ndarray, dice: np.random.Generator
) -> None:
    """Half got what they came for and half did not: two heaps, and little between."""
    step = np.where(dice.random(len(rows)) < 0.5, 1.0, -1.0)[:, None]
    c["answers"][rows] = np.clip(c["answers"][rows] + step, 0, c["highest"])


def _live_unusually(c: dict[str, Any], rows: np.ndarray, dice: np.random.Generator) -> None:
    """What is good for others is bad for them: the same marks, each on another item."""
    c["answers"][rows] = dice.permuted(c["answers"][rows], axis=1)
    c["answers"][rows, 0] = np.nan_to_num(c["answers"][rows, 0], nan=2.0)
    c["answers"][rows, 1] = c["highest"][1] - c["answers"][rows, 0]


def _share_an_office(c: dict[str, Any], rows: np.ndarray, dice: np.random.Generator) -> None:
    """A large office, or a hall, behind one address, whose people come when they like."""
    c["network"][rows] = new_labels(dice, 1)[0]


def _come_to_the_fair(c: dict[str, Any], rows: np.ndarray, dice: np.random.Generator) -> None:
    """A day in the hall: many at once, with the answers they have anyway."""
    c["minute"][rows] = 19 * DAY + 9 * 60 + 5.0 * dice.integers(0, 34, len(rows))


def _help_at_one_phone(c: dict[str, Any], rows: np.ndarray, dice: np.random.Generator) -> None:
    """A volunteer stays a whole morning: the phone of one serves twelve."""
    c["device"][rows] = new_labels(dice, 1)[0]
    c["minute"][rows] = 6 * DAY + 540 + np.round(np.arange(len(rows)) * 15 / 5) * 5
    c["dwell"][rows] = np.round(c["dwell"][rows] * 1.4)


TWINS: Mapping[str, tuple[int, int, Odd]] = {
    "visitors": (1, 3, _visit_from_away),
    "more visitors": (9, 5, _visit_from_away),
    "stock phrase": (2, 8, _say_very_good),
    "very content": (3, 25, _tick_the_best),
    "unusual lives": (7, 14, _live_unusually),
    "queue": (4, 12, _stand_in_a_queue),
    "quick readers": (8, 14, _know_the_form),
    "one bad counter": (5, 70, _wait_at_one_counter),
    "one street": (6, 60, _live_in_one_street),
    "good and bad luck": (7, 120, _meet_good_or_bad_luck),
    "large office": (8, 60, _share_an_office),
    "hall wireless": (4, 60, _share_an_office),
    "fair": (9, 70, _come_to_the_fair),
    "long morning": (0, 12, _help_at_one_phone),
}


def _all_content(invented: Invented, *, point: str, n: int) -> Submissions:
    """Other people, who come here over all days and tick the best throughout."""
    rows = invented.submissions
    dice = np.random.default_rng([SEED, 300])
    pool = np.flatnonzero((rows.point != point) & (invented.group == "alone"))
    some = rows.restrict(np.isin(np.arange(len(rows)), dice.choice(pool, n, replace=False)))
    here = rows.restrict((rows.point == point) & (rows.enumerator == ""))
    best = np.tile(rows.highest, (n, 1))
    return replace(
        some,
        identifier=new_labels(dice, n),
        point=np.full(n, point),
        district=np.full(n, here.district[0]),
        network=dice.choice(here.network, n),
        device=new_labels(dice, n),
        answers=best,
        score=mean_places(best, rows.highest),
    )


def _by_size(rows: Submissions) -> list[str]:
    names, count = np.unique(rows.point, return_counts=True)
    ordered: list[str] = names[np.argsort(count, kind="stable")].tolist()
    return ordered
