"""Coaching: people who were told what to say stop doubting and all say the best.

The share of don't knows and middle answers collapses while the best answers jump, against
the unit's own last round and the units of its type; and whole answer sheets repeat more
than they do elsewhere among people just as content. Source: `docs/early_warning.md`.
"""

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator, default_rng
from scipy import stats

from app.anomaly.warnings.alarm import Alarm
from app.anomaly.warnings.opinions import (
    DONT_KNOW,
    Opinions,
    Shares,
    top_shares,
    undecided_shares,
)
from app.anomaly.warnings.tails import Places, against_others
from app.survey.sample import Flags, Floats, Labels

FAR = 3.0
"""Both shares must lie as many standard deviations from what is usual."""
FEWEST = 20
"""Responses of a unit below which nothing is said."""
DRAWS = 199
RAREST_SHARE = 0.01
"""The first percentile of the permutation null."""
FEWEST_ALIKE = 30
BAND = 10.0
"""Width of the bands of contentment within which answer sheets are exchanged, in points."""
CLEARLY_FEWER = 0.8
"""Different sheets, as a part of those expected, above which a difference is too small."""
FAR_ALIKE = 4.0


def coached(now: Opinions, *, before: Opinions | None = None) -> list[Alarm]:
    """Units whose doubts collapsed while their best answers jumped.

    With the last round, the change is compared with the changes of the units of its type;
    without, the level with their levels.
    """
    doubt, best = undecided_shares(now), top_shares(now)
    doubt_usual, doubt_z = _distance(doubt, undecided_shares(before) if before else None)
    best_usual, best_z = _distance(best, top_shares(before) if before else None)
    alarms = []
    for at in np.flatnonzero((doubt_z < -FAR) & (best_z > FAR) & (doubt.n >= FEWEST)):
        z = min(-doubt_z[at], best_z[at])
        alarms.append(
            Alarm(
                "COACH_DOUBT",
                str(doubt.unit[at]),
                observed=float(doubt.mean[at]),
                expected=float(max(doubt_usual[at], 0.0)),
                p=float(min(stats.norm.sf(z) * len(doubt.unit), 1.0)),
                z=float(-z),
                detail={"best": float(best.mean[at]), "best_usual": float(best_usual[at])},
            )
        )
    return alarms


def _distance(now: Shares, before: Shares | None) -> tuple[Floats, Floats]:
    """What would be usual for each unit, and how far it is from that, as z."""
    if before is None:
        return against_others(now.mean, now.variance, now.kind)
    place = {unit: at for at, unit in enumerate(before.unit.tolist())}
    then = [place.get(unit, -1) for unit in now.unit.tolist()]
    known = np.array([at >= 0 and before.n[at] >= FEWEST for at in then])
    level = np.where(known, before.mean[then], np.nan)
    change = now.mean - level
    usual, z = against_others(change, now.variance + before.variance[then], now.kind)
    return level + usual, z


def alike(opinions: Opinions, *, seed: int) -> list[Alarm]:
    """Units whose answer sheets repeat more than those of others who are as content.

    The null exchanges units: as many sheets are drawn from the other units of the type with
    the same mix of contentment. Sheets with one and the same place throughout are left out,
    for honest people fill in many of them. Needs an entropy below the first percentile of
    the null and 4 standard deviations below its mean, over all units.
    """
    generator = default_rng(seed)
    sheets, bands, unit, kind = _sheets(opinions)
    alarms: list[Alarm] = []
    units = np.unique(unit)
    for name in units.tolist():
        own = unit == name
        pool = ~own & (kind == kind[own][0])
        found = _compare(sheets, bands, (own, pool), generator)
        if found is None:
            continue
        observed, null = found
        z = (observed - null.mean()) / max(null.std(ddof=1), 1e-9)
        rank = (1 + (null <= observed).sum()) / (len(null) + 1)
        fewer = np.exp(observed - null.mean())
        if rank <= RAREST_SHARE and z < -FAR_ALIKE and fewer < CLEARLY_FEWER:
            alarms.append(
                Alarm(
                    "COACH_SAME",
                    name,
                    observed=float(np.exp(observed)),
                    expected=float(np.exp(null.mean())),
                    p=float(min(stats.norm.sf(-z) * len(units), 1.0)),
                    z=float(z),
                )
            )
    return alarms


def _sheets(opinions: Opinions) -> tuple[Places, Floats, Labels, Labels]:
    """The number of each answer sheet, its band of contentment, its unit and type."""
    choices, highest = opinions.choices, opinions.highest
    known = np.where(choices >= 0, choices / highest, np.nan)
    several = (~np.isnan(known)).sum(axis=1) > 1
    kept = np.flatnonzero(several)
    low, high = np.nanmin(known[kept], axis=1), np.nanmax(known[kept], axis=1)
    doubts = (choices[kept] == DONT_KNOW).any(axis=1)
    kept = kept[(low < high) | doubts]
    written = np.where(np.isnan(choices[kept]), -2.0, choices[kept])
    _, sheets = np.unique(written, axis=0, return_inverse=True)
    bands = np.floor(100 * np.nanmean(known[kept], axis=1) / BAND)
    return sheets.reshape(-1).astype(np.int64), bands, opinions.unit[kept], opinions.kind[kept]


def _compare(
    sheets: Places, bands: Floats, groups: tuple[Flags, Flags], generator: Generator
) -> tuple[float, Floats] | None:
    """The entropy of a unit's sheets and those of draws from the others; None for too few."""
    own, pool = groups
    pairs = list(_by_band(bands, own, pool))
    if sum(len(mine) for mine, _ in pairs) < FEWEST_ALIKE:
        return None
    mine = np.concatenate([one for one, _ in pairs])
    drawn = np.hstack([generator.choice(b, (DRAWS, len(a))) for a, b in pairs])
    null = np.array([_entropy(row) for row in sheets[drawn]])
    return _entropy(sheets[mine]), null


def _by_band(bands: Floats, own: Flags, pool: Flags) -> Iterator[tuple[Places, Places]]:
    """A unit's sheets and the others', of each band in which there are enough others."""
    for band in np.unique(bands[own]):
        mine, others = (np.flatnonzero(group & (bands == band)) for group in (own, pool))
        if len(others) >= 2 * len(mine):
            yield mine, others


def _entropy(sheets: Places) -> float:
    """Shannon's entropy of how often each sheet occurs, in natural units."""
    counts = np.bincount(sheets)
    share = counts[counts > 0] / len(sheets)
    return float(-(share * np.log(share)).sum())
