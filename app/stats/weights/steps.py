"""The steps a plan names: post-stratification and raking to the totals of a population."""

from collections.abc import Sequence

from app.stats.design import Design
from app.stats.weights.margins import PopulationMargin
from app.stats.weights.raking import RakingTable
from app.stats.weights.replicated import in_each_replicate


def post_stratify(design: Design, margin: PopulationMargin) -> Design:
    """Weights times N_c / Σ_c w, so that each level c sums to its total."""
    return rake(design, [margin])


def rake(design: Design, margins: Sequence[PopulationMargin]) -> Design:
    """Weights that meet every margin: iterative proportional fitting (Deming, Stephan 1940).

    The nearest such weights in the raking distance (Deville and Särndal 1992), met to a
    relative error below 1e-10; replicate weights are raked to the same margins, each set by
    itself. See `weigh` for people without a level. Raises CannotEstimate with every reason,
    and names the set of replicate weights that cannot be raked.
    """
    table = RakingTable.of(design, margins)
    adjustment = table.adjustment_of(design.weight)
    if design.replicates is None:
        return design.adjusted(adjustment)
    replicated = in_each_replicate(design.replicates, table.raked)
    return design.adjusted(adjustment, replicates=replicated)
