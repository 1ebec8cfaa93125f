"""Values that a method of normalisation cannot take, each named with its unit (E201)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import Problem
from app.scoring.complaints.speech import Fact, codes, named, named_by
from app.scoring.complaints.table import complain
from app.scoring.definition.cards import IndicatorCard
from app.scoring.definition.curves import zero_range
from app.scoring.definition.methods import Goalposts, Method, RatioToBest, Target
from app.scoring.definition.system import IndicatorSystem
from app.scoring.inputs import ScoredUnit
from app.scoring.steps.arrangement import Integers
from app.survey.sample import Flags, Floats
from app.survey.text import Text


@dataclass(frozen=True, slots=True)
class ReferenceGroup:
    """The values of one indicator that its method looks at, and the units they are of."""

    system: IndicatorSystem
    card: IndicatorCard
    values: Floats
    """Without NaN."""
    rows: Integers
    """Of the values in `units`."""
    units: Sequence[ScoredUnit]
    region_type: str | None
    """None where the group is all units."""

    def unit(self, at: int) -> str:
        """The unit of one of the values."""
        return self.units[int(self.rows[at])].code

    def tell(self, key: str, *, value: float, **facts: Fact) -> Problem:
        """A complaint about this group."""
        place = f"indicator {self.card.code}"
        group = None
        if self.region_type is not None:
            place += f", type {self.region_type}"
            called = named_by(self.region_type, self.system.types or self.system.vectors)
            group = Text(zh=f"类型{called.zh}", en=f" of type {called.en}")
        facts |= {"indicator": named(self.card), "group": group}
        return complain(key, place, value=value, **facts)


def unusable(group: ReferenceGroup) -> Iterator[Problem]:
    """What in the values of a group leaves its method's formula without a meaning."""
    method, values = group.card.normalise, group.values
    if not values.size:
        return
    lowest = float(values.min())
    if method.needs_range and np.ptp(values) == 0 and zero_range(method) is None:
        yield group.tell("no_range", value=lowest, n=values.size)
    if method.method == "percentile_rank" and values.size == 1:
        yield group.tell("one_value_has_no_place", value=lowest)
    if lowest <= 0 and _divides_or_takes_logarithm(method, group.card.direction):
        facts = {"method": method.method, "units": _units_where(group, values <= 0)}
        yield group.tell("not_positive", value=lowest, **facts)
    is_ratio = isinstance(method, RatioToBest) and group.card.direction > 0
    if is_ratio and (lowest < 0 or float(values.max()) == 0):
        where = _units_where(group, values < 0 if lowest < 0 else values == 0)
        yield group.tell("no_ratio_to_best", value=lowest, method=method.method, units=where)


def overflows(group: ReferenceGroup, scores: Floats) -> Iterator[Problem]:
    """Values whose score is no finite number."""
    for at in np.flatnonzero(~np.isfinite(scores)).tolist():
        facts = {"unit": group.unit(at), "method": group.card.normalise.method}
        yield group.tell("score_not_finite", value=float(group.values[at]), **facts)


def _units_where(group: ReferenceGroup, chosen: Flags) -> Text:
    return codes(group.unit(at) for at in np.flatnonzero(chosen).tolist())


def _divides_or_takes_logarithm(method: Method, direction: int) -> bool:
    if isinstance(method, Goalposts):
        return method.log
    return direction < 0 and isinstance(method, RatioToBest | Target)
