"""README of the reference cases, section 3, word by word in plain Python: one value at a time.

The other half of `by_the_book`; `group` holds the values of the reference group and `d` is
the direction.
"""

import math
from itertools import pairwise


class Impossible(Exception):
    """The book has no number for this: a zero range, a mean of 0, a value that may not lack."""


def one_score(method, direction, x, group):
    """Section 3 for one value `x` among the values of its reference group."""
    ranged = method["method"] in {"minmax", "zscore", "mpi"} or method.get("bounds") == "data"
    if ranged and min(group) == max(group):
        if "zero_range" not in method:
            raise Impossible("zero range")
        return method["zero_range"]["value"]
    return SCORES[method["method"]](method, direction, x, group)


def minmax(method, d, x, group):
    a, b = method["range"]
    lo, hi = min(d * v for v in group), max(d * v for v in group)
    return a + (b - a) * (d * x - lo) / (hi - lo)


def standard(d, x, group, n):
    centre = sum(group) / len(group)
    return d * (x - centre) / math.sqrt(sum((v - centre) ** 2 for v in group) / n)


def zscore(method, d, x, group):
    z = standard(d, x, group, len(group) - 1)
    return method.get("mean", 0) + method.get("sd", 1) * z


def mpi(method, d, x, group):
    return 100 + 10 * standard(d, x, group, len(group))


def efficacy(method, d, x, group):
    u, s = (min(group), max(group)) if d > 0 else (max(group), min(group))
    if method["bounds"] != "data":
        u, s = method["bounds"]["unacceptable"], method["bounds"]["satisfactory"]
    base, top, way = method["base"], method["top"], (x - u) / (s - u)
    bent = method["method"] == "efficacy_exp"
    y = base * (top / base) ** way if bent else base + (top - base) * way
    return min(max(y, base), top) if method.get("clip") else y


def between(posts, d, x, f):
    q = (f(x) - f(posts["lower"])) / (f(posts["upper"]) - f(posts["lower"]))
    return 1 - q if d < 0 else q


def goalposts(method, d, x, group):
    q = between(method, d, x, math.log if method.get("log") else float)
    q = min(max(q, 0), 1) if method.get("clip", True) else q
    return method.get("scale", 100) * q


def ampi(method, d, x, group):
    return 70 + 60 * between(method["goalposts"], d, x, float)


def target(method, d, x, group):
    share = x / method["target"] if d > 0 else method["target"] / x
    return method.get("full", 100) * min(share, method.get("cap", math.inf))


def ratio_best(method, d, x, group):
    full = method.get("full", 100)
    return full * x / max(group) if d > 0 else full * min(group) / x


def position(method, d, x, group):
    return 1 + sum(d * v > d * x for v in group)


def borda(method, d, x, group):
    return sum(d * x > d * v for v in group)


def percentile_rank(method, d, x, group):
    if len(group) == 1:
        raise Impossible("one value")
    return borda(method, d, x, group) / (len(group) - 1)


def piecewise(method, d, x, group):
    points = method["points"]
    if x <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


SCORES = {
    "minmax": minmax,
    "zscore": zscore,
    "mpi": mpi,
    "ampi": ampi,
    "efficacy": efficacy,
    "efficacy_exp": efficacy,
    "goalposts": goalposts,
    "target": target,
    "ratio_best": ratio_best,
    "rank": position,
    "borda": borda,
    "percentile_rank": percentile_rank,
    "piecewise": piecewise,
}
