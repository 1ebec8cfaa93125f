"""What the `treat` block of an indicator can say about outliers: one shape per method.

Treatment works on raw values, over all units, before direction. What the methods do is in
`app.scoring.steps.treatment`.
"""

from typing import Annotated, Literal

from pydantic import Field

from app.survey.reading import Definition


class Untreated(Definition):
    """Values stay as they are."""

    method: Literal["none"]


class PercentileClip(Definition):
    """Values outside two quantiles (type 7) are moved to them."""

    method: Literal["percentile"]
    lower: float = Field(default=0.05, ge=0, lt=0.5)
    upper: float = Field(default=0.95, gt=0.5, le=1)


class SkewKurtosis(Definition):
    """Winsorise until skewness or excess kurtosis passes; else a logarithm of raw values."""

    method: Literal["skew_kurt"]
    skew: float = Field(default=2.0, gt=0)
    kurt: float = Field(default=3.5, gt=0)
    max_points: int = Field(default=5, ge=0)
    """The most points that may be moved to the same value at one end."""
    fallback: Literal["log_ct"] = "log_ct"


Treatment = Annotated[Untreated | PercentileClip | SkewKurtosis, Field(discriminator="method")]
