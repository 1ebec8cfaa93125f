"""README of the reference cases, sections 4 to 9, word by word in plain Python.

Slow on purpose and sharing nothing with `app.scoring` but the definition that it reads: one
unit, one node, one sum at a time. It is what the array code is compared with.
"""

import math
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from by_the_book_scores import Impossible, one_score


@dataclass
class Book:
    """A system as the plain mapping of its file, and what was given, by unit."""

    system: dict[str, Any]
    types: dict[str, str]
    values: dict[tuple[str, str], float | str]
    """(unit, indicator) → value, "missing" or "not_applicable"; absent = missing."""
    events: list[tuple[str, str, int, str]] = field(default_factory=list)

    def __post_init__(self):
        self.units = list(self.types)
        self.nodes = {node["code"]: node for node in self.system["nodes"]}
        self.cards = {card["code"]: card for card in self.system["indicators"]}
        self.below = {
            code: [c for c, part in (self.nodes | self.cards).items() if part["parent"] == code]
            for code in self.nodes
        }
        self.root = next(code for code, node in self.nodes.items() if node["parent"] is None)

    def applies(self, unit, code):
        if code in self.cards:
            return self.values.get((unit, code)) != "not_applicable"
        return any(
            self.weight(unit, child) > 0 and self.applies(unit, child)
            for child in self.below[code]
        )

    def weight(self, unit, code):
        """The weight inside the parent, before anything is redistributed."""
        part = (self.nodes | self.cards)[code]
        if code in self.nodes and self.system.get("node_weights") == "sum_of_indicators":
            return sum(self.weight(unit, child) for child in self.below[code])
        weight = part["weight"]
        return weight[self.types[unit]] if isinstance(weight, dict) else weight

    def known(self, code):
        found = {unit: self.values.get((unit, code), "missing") for unit in self.units}
        return {unit: x for unit, x in found.items() if not isinstance(x, str)}

    # 3. Normalise

    def normalised(self):
        scores = {}
        for code, card in self.cards.items():
            known = self.known(code)
            for unit, x in known.items():
                group = list(known.values())
                if card["normalise"].get("reference") == "type":
                    kind = self.types[unit]
                    group = [v for u, v in known.items() if self.types[u] == kind]
                scores[unit, code] = one_score(card["normalise"], card["direction"], x, group)
        return scores

    # 4. Missing

    def completed(self, scores):
        scores = dict(scores)
        for code, card in self.cards.items():
            rule = card.get("missing") or self.system["missing"]
            observed = [y for (_, c), y in scores.items() if c == code]
            for unit in self.units:
                if (unit, code) in scores or not self.applies(unit, code):
                    continue
                if rule["rule"] == "fixed":
                    scores[unit, code] = rule["value"]
                elif rule["rule"] == "min_observed":
                    if not observed:
                        raise Impossible(code)
                    scores[unit, code] = min(observed)
                elif rule["rule"] == "error" and self.weight(unit, code) > 0:
                    raise Impossible(code)
        return scores

    def weights_inside(self, unit, code):
        """Weights of the children that count for a unit, not applicable ones handed on."""
        rule = self.system.get("not_applicable", {})
        children = self.below[code]
        if rule.get("scope") == "system":
            return {c: self.over_the_system(unit, c) for c in children if self.counts(unit, c)}
        heirs = [c for c in children if self.counts(unit, c)]
        lost = sum(self.weight(unit, c) for c in children if not self.applies(unit, c))
        extra = lost / len(heirs) if heirs and rule.get("share") == "equal" else 0.0
        return {c: self.weight(unit, c) + extra for c in heirs}

    def counts(self, unit, code):
        return self.applies(unit, code) and self.weight(unit, code) > 0

    def over_the_system(self, unit, code):
        if code in self.nodes:
            inside = (c for c in self.below[code] if self.counts(unit, c))
            return sum(self.over_the_system(unit, c) for c in inside)
        heirs = [c for c in self.cards if self.counts(unit, c)]
        lost = sum(self.weight(unit, c) for c in self.cards if not self.applies(unit, c))
        return self.weight(unit, code) + lost / len(heirs)

    # 5 and 6. Weights, aggregation

    def levels(self):
        """(unit, code) → score of every indicator and node that has one."""
        scores = self.completed(self.normalised())
        for code in self.bottom_up(self.root):
            node = self.nodes[code]
            present = {}
            for unit in self.units:
                due = self.weights_inside(unit, code)
                there = {c: w for c, w in due.items() if (unit, c) in scores}
                enough = there and sum(there.values()) / sum(due.values()) >= (
                    node.get("min_coverage", 0) - 1e-12
                )
                if enough:
                    total = sum(there.values())
                    present[unit] = {c: w / total for c, w in there.items()}
                elif not there and due and node.get("if_empty") and code != self.root:
                    scores[unit, code] = node["if_empty"]["value"]
            for unit in present:
                scores[unit, code] = mean(
                    node.get("aggregate", "arithmetic"), unit, present, scores
                )
        return scores

    def bottom_up(self, code):
        for child in self.below[code]:
            if child in self.nodes:
                yield from self.bottom_up(child)
        yield code

    # 7. Adjust

    def adjusted(self, unit, score):
        """(deduction, bonus, final, vetoes)"""
        rules = self.system.get("adjustments")
        if rules is None:
            return 0.0, 0.0, score, []
        sums, vetoes = {"deduct": {}, "bonus": {}}, []
        for item in rules["items"]:
            count = sum(
                n
                for who, what, n, status in self.events
                if (who, what, status) == (unit, item["code"], "upheld")
            )
            points = item.get("points", 0) * count
            if "steps" in item:
                steps = item["steps"]
                points = sum(steps[min(k, len(steps) - 1)] for k in range(count))
            family = sums[item["kind"]]
            family.setdefault(item["family"], 0.0)
            family[item["family"]] += min(points, item.get("cap", math.inf))
            if count and item.get("veto_max_grade"):
                vetoes.append(item["veto_max_grade"])
        caps = {f["code"]: f.get("cap", math.inf) for f in rules["families"]}
        total = {
            kind: min(
                sum(min(points, caps[family]) for family, points in families.items()),
                rules.get("total_cap", {}).get(kind, math.inf),
            )
            for kind, families in sums.items()
        }
        if vetoes and rules.get("no_bonus_when_veto"):
            total["bonus"] = 0.0
        final = score
        if score is not None:
            final = score - total["deduct"] + total["bonus"]
            final = max(final, rules.get("floor", -math.inf))
            final = min(final, rules.get("ceiling", math.inf))
        return total["deduct"], total["bonus"], final, vetoes

    # 9. Grade

    def grades(self, finals, vetoes):
        rule = self.system["grade"]
        groups = [self.units]
        if rule.get("within", "type") == "type":
            kinds = sorted(set(self.types.values()))
            groups = [[u for u in self.units if self.types[u] == kind] for kind in kinds]
        given = {}
        for group in groups:
            own = {u: finals[u] for u in group if finals[u] is not None}
            decimals = self.system["rank"].get("decimals")
            # Units that share a place share a grade: the ties are those of the ranking.
            placed = {u: key(y, decimals) for u, y in own.items()}
            given |= (
                threshold(rule, own, vetoes)
                if rule["rule"] == "threshold"
                else quota(rule, placed, vetoes)
            )
        return {u: given.get(u) for u in self.units}


def mean(aggregate, unit, present, scores):
    """Section 6: the mean of one unit's children; `present` holds everybody's shares."""
    shares = present[unit]
    xs = {c: scores[unit, c] for c in shares}
    power = aggregate["power"] if isinstance(aggregate, dict) else None
    if aggregate == "arithmetic" or power == 1:
        return sum(w * xs[c] for c, w in shares.items())
    if aggregate == "geometric" or power == 0:
        if min(xs.values()) <= 0:
            raise Impossible("geometric")
        return math.prod(xs[c] ** w for c, w in shares.items())
    if aggregate == "harmonic" or power is not None:
        p = -1 if power is None else power
        if min(xs.values()) < 0 or (p < 0 and min(xs.values()) == 0):
            raise Impossible("power")
        return sum(w * xs[c] ** p for c, w in shares.items()) ** (1 / p)
    if aggregate == "copeland":
        return sum(
            outranks(unit, other, present, scores) - outranks(other, unit, present, scores)
            for other in present
            if other != unit
        )
    m = sum(xs.values()) / len(xs)
    if abs(m) <= 1e-10 * max(map(abs, xs.values())):
        raise Impossible("mpi")
    s2 = sum((x - m) ** 2 for x in xs.values()) / len(xs)
    return m - s2 / m if aggregate == "mpi_minus" else m + s2 / m


def outranks(i, j, present, scores):
    """1 where o_ij > ½, with the average of the two units' shares over what both have."""
    both = set(present[i]) & set(present[j])
    weights = {c: (present[i][c] + present[j][c]) / 2 for c in both}
    total, o = sum(weights.values()), 0.0
    for c, w in weights.items():
        margin = scores[i, c] - scores[j, c]
        o += w / total * (0.5 if abs(margin) <= 1e-10 else float(margin > 0))
    return int(o > 0.5 + 1e-10)


def rank(rule, finals):
    """Section 8, for the units of one group."""
    keys = {u: key(y, rule.get("decimals")) for u, y in finals.items() if y is not None}
    found = {}
    for u, own in keys.items():
        above = [k for k in keys.values() if k > own + 1e-9]
        tied = sum(abs(k - own) <= 1e-9 for k in keys.values())
        lowest, highest = len(above) + 1, len(above) + tied
        found[u] = {
            "min": lowest,
            "max": highest,
            "average": (lowest + highest) / 2,
            "dense": 1 + distinct(above),
        }[rule.get("ties", "min")]
    return {u: found.get(u) for u in finals}


def distinct(keys):
    ordered = sorted(keys)
    gaps = (b - a > 1e-9 for a, b in pairwise(ordered))
    return bool(ordered) + sum(gaps)


def key(score, decimals):
    if decimals is None:
        return score
    clean = Decimal(repr(round(score, 10)))
    return float(clean.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def threshold(rule, finals, vetoes):
    order = [grade["grade"] for grade in rule["scale"]]
    given = {}
    for u, y in finals.items():
        level = next(
            i
            for i, grade in enumerate(rule["scale"])
            if "min" not in grade or round(y, 10) >= grade["min"]
        )
        given[u] = order[max([level, *(order.index(veto) for veto in vetoes[u])])]
    return given


def quota(rule, finals, vetoes):
    """Places left over, or taken too many, pass on: what counts is how many are placed."""
    order = [grade["grade"] for grade in rule["scale"]]
    best = {u: max([0, *(order.index(veto) for veto in vetoes[u])]) for u in finals}
    given, cum = {}, 0
    for level, grade in enumerate(rule["scale"][:-1]):
        cum += math.floor(grade["share"] * len(finals) + 1e-9)
        pool = [u for u in finals if u not in given and best[u] <= level]
        placed = len(given)
        for u in pool:
            better = sum(finals[v] > finals[u] + 1e-9 for v in pool)
            tied = sum(abs(finals[v] - finals[u]) <= 1e-9 for v in pool)
            include = rule.get("tie", "include") == "include"
            if placed + better < cum if include else placed + better + tied <= cum:
                given[u] = order[level]
    return {u: given.get(u, order[-1]) for u in finals}
