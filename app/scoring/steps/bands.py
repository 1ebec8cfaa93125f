"""How far a score could lie off by who chose to answer: a band, never a standard error.

The band is the score with every opt-in value at the worse, then at the better end of its
own band. It is a statement about what could be, not about chance.
"""

from dataclasses import dataclass

import numpy as np

from app.scoring.definition.cards import IndicatorCard
from app.scoring.definition.curves import extent
from app.scoring.definition.system import IndicatorSystem
from app.scoring.steps.aggregation import aggregate
from app.scoring.steps.sampling_error import NO_SCORE, opt_in_inside
from app.scoring.steps.workings import Workings
from app.survey.sample import Flags, Floats
from app.survey.text import Text


@dataclass(frozen=True, slots=True)
class ScoreBand:
    """Where a score could lie if opt-in values lie anywhere in their bands; or why not."""

    band: tuple[float, float] | None
    note: Text | None


UNEVEN_MEANS = ("copeland", "mpi_minus", "mpi_plus")
NO_BANDS = Text(zh="没有任何指标带有敏感性区间", en="no indicator carries a sensitivity band")


UNEVEN = Text(
    zh="合成中有得分升高时总分未必升高的方法，敏感性区间不能传递",
    en="a mean in the tree need not rise with its parts, so a band cannot be carried",
)


def score_bands(system: IndicatorSystem, workings: Workings) -> list[ScoreBand]:
    """The band of every unit's gross score from the bands of its opt-in values."""
    inputs, aggregation = workings.inputs, workings.aggregation
    worst, best = (
        aggregate(system, ends, applicable=inputs.applicable, type_of=inputs.type_of).score
        for ends in _ends(system, workings)
    )
    banded = ~np.isnan(inputs.band_low) & (aggregation.indicator_weights > 0)
    uneven = _weighs_unevenly(system, workings)
    bands = []
    for row, columns in enumerate(banded):
        cards = [system.indicators[c] for c in np.flatnonzero(columns)]
        leaning = [card for card in cards if card.normalise.uses_data]
        treated = [c for c in np.flatnonzero(columns) if workings.treated.columns[c].touched]
        opt_in = opt_in_inside(system, workings, row)
        bare = [system.indicators[c] for c in opt_in if np.isnan(inputs.band_low[row, c])]
        if np.isnan(aggregation.score[row]):
            bands.append(ScoreBand(None, NO_SCORE))
        elif bare:
            bands.append(ScoreBand(None, _bare(bare[0])))
        elif not cards:
            bands.append(ScoreBand(None, NO_BANDS))
        elif leaning:
            bands.append(ScoreBand(None, _leaning(leaning[0])))
        elif treated:
            bands.append(ScoreBand(None, _treated(system.indicators[treated[0]])))
        elif uneven[row]:
            bands.append(ScoreBand(None, UNEVEN))
        else:
            bands.append(ScoreBand((float(worst[row]), float(best[row])), None))
    return bands


def _ends(system: IndicatorSystem, workings: Workings) -> tuple[Floats, Floats]:
    """Scores (units × indicators) with every banded value at its worse and better end."""
    inputs, scores = workings.inputs, workings.completed.scores
    low, high = scores.copy(), scores.copy()
    for row, column in np.argwhere(~np.isnan(inputs.band_low)):
        method = system.indicators[column].normalise
        if not method.uses_data:
            fit = workings.normalised.by_cell[int(column), int(inputs.type_of[row])]
            ends = inputs.band_low[row, column], inputs.band_high[row, column]
            low[row, column], high[row, column] = extent(method, fit.curve, *ends)
    return low, high


def _weighs_unevenly(system: IndicatorSystem, workings: Workings) -> Flags:
    """Where a mean weighs something that compares units, or children with each other."""
    effective = workings.aggregation.effective
    nodes = [n.code for n in system.nodes if n.aggregate in UNEVEN_MEANS]
    found = np.full(len(workings.inputs.units), False)
    for code in nodes:
        found |= effective[code] > 0
    return found


def _bare(card: IndicatorCard) -> Text:
    return Text(
        zh=f"自愿扫码指标“{card.name.zh}”没有敏感性区间，总分的区间会显得过窄",
        en=f"{card.name.en} rests on opt-in answers without a sensitivity band, so a band of "
        "the score would be too narrow",
    )


def _leaning(card: IndicatorCard) -> Text:
    return Text(
        zh=f"指标“{card.name.zh}”的界限取自当年数据，敏感性区间不能传递",
        en=f"the bounds of {card.name.en} come from the data, so its band cannot be carried",
    )


def _treated(card: IndicatorCard) -> Text:
    return Text(
        zh=f"指标“{card.name.zh}”作过离群值处理，敏感性区间不能传递",
        en=f"outliers of {card.name.en} were treated, so its band cannot be carried",
    )
