"""Keeping labels apart: the least moves that leave no two of them closer than a step."""

from collections.abc import Sequence


def spread(places: Sequence[float | None], step: float) -> list[float | None]:
    """Move `places` apart so that any two are at least `step` from each other.

    The sum of squared moves is the least there is: neighbours that would touch are pooled
    and the pool is centred on what its members wanted (isotonic regression). None stays None.
    """
    wanted = sorted((place, at) for at, place in enumerate(places) if place is not None)
    pools: list[tuple[float, int]] = []
    for order, (place, _) in enumerate(wanted):
        mean, size = place - order * step, 1
        while pools and pools[-1][0] >= mean:
            before, members = pools.pop()
            mean = (before * members + mean * size) / (members + size)
            size += members
        pools.append((mean, size))
    flat = [mean for mean, size in pools for _ in range(size)]
    moved: list[float | None] = [None] * len(places)
    for order, ((_, at), place) in enumerate(zip(wanted, flat, strict=True)):
        moved[at] = place + order * step
    return moved
