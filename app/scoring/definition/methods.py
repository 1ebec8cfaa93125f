"""What the `normalise` block of an indicator can say: one shape per method.

The formulas are in `normalisation`; the names, the keys and their meaning are those of the
reference cases in ``tests/reference/compcases``. A method is either fixed (its numbers are
written here and published before the year) or takes something from the values themselves
(`uses_data`), so that one more unit can change everybody's score.
"""

from typing import Annotated, Literal

from pydantic import Field

from app.survey.reading import Definition


class ZeroRange(Definition):
    """What every unit gets where all values are equal, so that there is no range."""

    rule: Literal["fixed"] = "fixed"
    value: float


class Fixed(Definition):
    """Base of the methods whose numbers are all written down beforehand."""

    @property
    def uses_data(self) -> bool:
        """Whether the values of other units enter the score of a unit."""
        return False

    @property
    def needs_range(self) -> bool:
        """Whether the method fails where all values are equal."""
        return False


class FromData(Definition):
    """Base of the methods that look at the values of all units, or of all of one type."""

    reference: Literal["all", "type"] = "all"
    zero_range: ZeroRange | None = None

    @property
    def uses_data(self) -> bool:
        """Whether the values of other units enter the score of a unit."""
        return True

    @property
    def needs_range(self) -> bool:
        """Whether the method fails where all values are equal."""
        return True


class MinMax(FromData):
    """The worst unit gets the low end of `range`, the best one the high end."""

    method: Literal["minmax"]
    range: tuple[float, float]


class ZScore(FromData):
    """Standard scores (n - 1), moved to `mean` and stretched to `sd`."""

    method: Literal["zscore"]
    mean: float = 0
    sd: float = Field(default=1, gt=0)


class FixedBounds(Definition):
    """不允许值 and 满意值: where the efficacy score has its base and its top."""

    unacceptable: float
    satisfactory: float


class Efficacy(FromData):
    """功效系数法: `base` at the unacceptable value, `top` at the satisfactory one."""

    method: Literal["efficacy", "efficacy_exp"]
    base: float
    top: float
    bounds: Literal["data"] | FixedBounds
    clip: bool = False

    @property
    def uses_data(self) -> bool:
        """Whether the bounds are the worst and the best value of the year."""
        return self.bounds == "data"

    @property
    def needs_range(self) -> bool:
        """Whether the method fails where all values are equal."""
        return self.uses_data


class Goalposts(Fixed):
    """The way from `lower` to `upper`, 0 to `scale`; along the logarithm with `log`."""

    method: Literal["goalposts"]
    lower: float
    upper: float
    scale: float = Field(default=100, gt=0)
    log: bool = False
    clip: bool = True


class Target(Fixed):
    """The share of a target that is reached, `full` marks at the target."""

    method: Literal["target"]
    target: float = Field(gt=0)
    full: float = Field(default=100, gt=0)
    cap: float | None = Field(default=None, gt=0)
    """The largest share that counts, 1 for no reward beyond the target."""


class RatioToBest(FromData):
    """The share of the best unit's value, `full` marks for the best unit."""

    method: Literal["ratio_best"]
    full: float = Field(default=100, gt=0)

    @property
    def needs_range(self) -> bool:
        """Equal values are all the best."""
        return False


class Position(FromData):
    """The place among the units: `rank` (1 is best), `borda` (units beaten), a share of it."""

    method: Literal["rank", "borda", "percentile_rank"]

    @property
    def needs_range(self) -> bool:
        """Equal values share a place."""
        return False


class Piecewise(Fixed):
    """Straight lines through `points` (value, score), flat beyond the first and the last."""

    method: Literal["piecewise"]
    points: tuple[tuple[float, float], ...] = Field(min_length=2)


class MazziottaPareto(FromData):
    """100 + 10 standard scores (n): what the Mazziotta-Pareto mean is made for."""

    method: Literal["mpi"]


class GoalpostPair(Definition):
    """Two values fixed beforehand, such as the extremes of several years."""

    lower: float
    upper: float


class AdjustedMazziottaPareto(Fixed):
    """70 to 130 between two goalposts, so that years compare; not clipped."""

    method: Literal["ampi"]
    goalposts: GoalpostPair


Method = Annotated[
    MinMax
    | ZScore
    | Efficacy
    | Goalposts
    | Target
    | RatioToBest
    | Position
    | Piecewise
    | MazziottaPareto
    | AdjustedMazziottaPareto,
    Field(discriminator="method"),
]
