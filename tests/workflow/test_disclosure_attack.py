"""An attacker adds and subtracts everything published and looks for what was withheld."""

from collections import defaultdict

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.database.engine import make_sessions
from app.database.results import list_runs, result_of
from app.database.rounds import find_round
from app.workflow.demonstration import REAL_ROUND, make_rounds
from app.workflow.publication import public_view
from world import DEFINITIONS, NOW


@pytest.fixture
def full(engine: Engine):
    make_rounds(make_sessions(engine), DEFINITIONS, now=NOW, progress=lambda _: None)
    with Session(engine) as session:
        return result_of(list_runs(session, find_round(session, REAL_ROUND).id)[0])


def solved(view, item: str) -> set:
    """The cells (series, unit, choice) of an item that linear algebra pins exactly."""
    units = [unit["code"] for unit in view["round"]["units"]]
    spreads = [d for d in view["distributions"] if d["item"] == item]
    codes = [c["code"] for d in spreads if d["choices"] for c in d["choices"]]
    scored = [c["code"] for d in spreads if d["choices"] for c in d["choices"] if c["scored"]]
    names = {d["series"] for d in spreads}
    classes = sorted(names - {"pooled"})
    cells = [(s, u, c) for s in classes for u in units for c in sorted(set(codes))]
    place = {cell: i for i, cell in enumerate(cells)}
    rows = []

    def learn(series, domain, code, choices):
        inside = units if domain == "overall" else [code]
        row = np.zeros(len(cells))
        for s in classes if series == "pooled" else [series]:
            row[[place[s, u, c] for u in inside for c in choices]] = 1
        rows.append(row)

    for spread in spreads:
        for choice in spread["choices"] or ():
            learn(spread["series"], spread["domain"], spread["domain_code"], [choice["code"]])
    for entry in view["estimates"]:
        of_item = (entry["code"], entry["measure"]) == (item, "item")
        if of_item and entry["n"] is not None and entry["domain"] in ("overall", "unit"):
            learn(entry["series"], entry["domain"], entry["domain_code"], set(scored))
    if not rows:
        return set()
    _, size, basis = np.linalg.svd(np.array(rows), full_matrices=True)
    free = basis[int((size > 1e-9).sum()) :]
    return {cell for cell, i in place.items() if not (np.abs(free[:, i]) > 1e-7).any()}


def test_no_withheld_small_cell_of_the_real_round_can_be_solved_for(full):
    view, least = public_view(full), full["round"]["release"]["min_cell"]
    truth = defaultdict(dict)
    for spread in full["distributions"]:
        if spread["domain"] == "unit" and spread["series"] != "pooled":
            for choice in spread["choices"]:
                cell = (spread["series"], spread["domain_code"], choice["code"])
                truth[spread["item"]][cell] = choice["count"]
    assert sum(0 < n < least for cells in truth.values() for n in cells.values()) > 100
    for item, cells in truth.items():
        assert not [c for c in solved(view, item) if 0 < cells.get(c, 0) < least], item


def test_small_counts_of_responses_are_hidden_with_a_second(full):
    counts = {"a": 1, "b": 40, "c": 50}
    document = full | {"responses": full["responses"] | {"by_unit": counts}}
    assert public_view(document)["responses"]["by_unit"] == {"a": None, "b": None, "c": 50}


POOL = {"probability", "opt_in"}


def solved_levels(view, measure: str, code: str, variable: dict, classes) -> set:
    """The (class, level) whose sum linear algebra pins from what is shown of these classes."""
    levels = ["", *(level["code"] for level in variable["levels"])]
    cells = [(s, level) for s in classes for level in levels]
    rows = []
    for entry in view["estimates"]:
        name, _, level = entry["domain_code"].partition("=")
        of_measure = (entry["measure"], entry["code"]) == (measure, code)
        is_group = entry["domain"] == "group" and name == variable["code"]
        if (
            not of_measure
            or entry["n"] is None
            or not (is_group or entry["domain"] == "overall")
        ):
            continue
        series = POOL if entry["series"] == "pooled" else {entry["series"]}
        if series <= set(classes):
            rows.append([s in series and (not is_group or a == level) for s, a in cells])
    if not rows:
        return set()
    _, size, basis = np.linalg.svd(np.array(rows, float), full_matrices=True)
    free = basis[int((size > 1e-9).sum()) :]
    return {cell for i, cell in enumerate(cells) if not (np.abs(free[:, i]) > 1e-7).any()}


def test_no_few_people_can_be_had_as_what_is_left_of_the_groups(full):
    view, release = public_view(full), full["round"]["release"]
    people = {
        (e["series"], e["measure"], e["code"], e["domain_code"]): e["n"]
        for e in full["estimates"]
        if e["domain"] in ("overall", "group")
    }
    found = 0
    for series, measure, code, domain in people:
        if domain or measure not in ("indicator", "item") or series == "pooled":
            continue
        for variable in full["round"]["groups"]:
            levels = [f"{variable['code']}={level['code']}" for level in variable["levels"]]
            of_levels = {level: people[series, measure, code, level] for level in levels}
            stated = sum(of_levels.values())
            rest = people[series, measure, code, ""] - stated
            for classes, least in (
                ([series], release["min_n"]),
                (sorted(POOL), release["min_cell"]),
            ):
                for owner, level in solved_levels(view, measure, code, variable, classes):
                    n = of_levels[f"{variable['code']}={level}"] if level else rest
                    if owner == series:
                        assert n == 0 or n >= least, (series, measure, code, level)
                        found += 1
    assert found > 50
