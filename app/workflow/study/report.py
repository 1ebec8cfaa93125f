"""A whole study: the design file read, its weights made, its requests answered, or refused.

Everything wrong is found in one go, as far as one mistake does not hide the next; nothing
is given where anything is wrong.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from app import __version__
from app.errors import CannotEstimate, InputRefused, MinxinError, Problem
from app.stats.design import Design
from app.survey.sample import Floats
from app.workflow.study.answers import answered, answered_under
from app.workflow.study.asked import (
    gathered,
    require_sense,
    without_wrong_requests,
    wrong_by_itself,
)
from app.workflow.study.chains import Chains, SaidAlready, state_of
from app.workflow.study.definition import Request, Step, TableRequest
from app.workflow.study.files import Files
from app.workflow.study.grids import grid_entry, narrowest, trim_limits, trim_variant
from app.workflow.study.opt_in import opt_in_findings, read_opt_in, weighted_variant
from app.workflow.study.reading import read_part, read_study
from app.workflow.study.requests import Weighted
from app.workflow.study.state import State
from app.workflow.study.summaries import FIRST, as_json, weights_summary
from app.workflow.study.tables import table_of

Found = dict[str, Any]


def estimate_study(path: Path) -> Found:
    """Everything a design file asks for, under the keys that docs/estimation.md describes.

    Raises InputRefused with every problem of the file, its tables and its weights.
    """
    files = Files(path)
    study = read_study(
        files.design(), files.source, lambda study: wrong_by_itself(study, files)
    )
    wrong = wrong_by_itself(study, files)
    if any(not problem.place.startswith(("estimates.", "tables.")) for problem in wrong):
        raise InputRefused(gathered(wrong))
    report = _Report(Chains(without_wrong_requests(study, wrong), files), wrong)
    found = report.found()
    if report.problems:
        raise InputRefused(gathered(report.problems))
    return as_json(found)


class _Report:
    """What a study found, and what was refused so far."""

    def __init__(self, chains: Chains, wrong: list[Problem]) -> None:
        self.chains, self.study = chains, chains.study
        self.read = chains.files.read
        self.problems = wrong

    def found(self) -> Found:
        """Everything asked for; incomplete where `problems` is not empty."""
        study = self.study
        found: Found = {"case": study.id, "engine": {"minxin": __version__}}
        if study.rows is not None:
            return found | self._opt_in()
        if study.design is not None:
            found |= self._weights()
        has_named_variants = isinstance(study.variants, tuple) and bool(study.variants)
        found |= self._listed_variants() if has_named_variants else self._variant_weights()
        if study.grid:
            found |= self._grid()
        if study.trim_variants:
            found |= self._trim_variants()
        if study.tables:
            found["tables"] = self._each(study.tables, "tables", self._table)
        if not study.grid and not has_named_variants:
            found["estimates"] = self._each(study.estimates, "estimates", self._estimate)
        if study.must_fail:
            found["must_fail"] = [self._refusal(entry) for entry in study.must_fail]
        return found

    def _weights(self) -> Found:
        states = self._tried("design", self.chains.states)
        if states is None:
            return {}
        final = states[-1].design
        found: Found = {"degf": final.df, **states[-1].found}
        found["weights"] = weights_summary(final)
        if len(states) > 1:
            found["weights_base"] = weights_summary(states[0].design)
        for number, state in enumerate(states[1:-1], start=1):
            found[f"weights_after_step_{number}"] = weights_summary(state.design)
        if self.study.row_multiplicity:
            found["n_cells"] = len(final)
            found["n_responses"] = final.responses(np.ones(len(final), bool))
            found["weights_by_cell_first10"] = final.weight[:FIRST].tolist()
        return found

    def _variant_weights(self) -> Found:
        found: Found = {}
        for name in self.chains.variants():
            states = self._tried(f"variants.{name}", self.chains.states, variant=name)
            if states is None:
                continue
            design = states[-1].design
            found[f"weights_{name}"] = weights_summary(design)
            if design.replicates is not None:
                found[f"scale_{name}"] = design.replicates.scale
            if self.study.design is None:
                found.setdefault("weights", weights_summary(states[0].design))
        return found

    def _listed_variants(self) -> Found:
        described = [self._variant(name) for name in self.chains.variants()]
        return {"variants": [one for one in described if one]}

    def _variant(self, name: str) -> Found:
        states = self._tried(f"variants.{name}", self.chains.states, variant=name)
        if states is None:
            return {}
        ratio = _ratio(states[0].design, states[-1].design)
        requests = [one.model_copy(update={"variant": name}) for one in self.study.estimates]
        return {
            "name": name,
            "weights": weights_summary(states[-1].design),
            "g_min": None if ratio is None else float(ratio.min()),
            "g_max": None if ratio is None else float(ratio.max()),
            "estimates": self._each(requests, f"variants.{name}", self._estimate),
        }

    def _estimate(self, request: Request) -> Found:
        states = self.chains.states(
            design=request.design, variant=request.variant, replicate=request.replicate
        )
        return answered(state_of(states, request.weights), request)

    def _table(self, request: TableRequest) -> Found:
        states = self.chains.states(design=request.design, variant=request.variant)
        state = state_of(states, request.weights)
        return table_of(request, Weighted(state.table, state.design, request.domain))

    def _grid(self) -> Found:
        states = self._tried("design", self.chains.states)
        if states is None:
            return {}
        start = states[0]
        steps = [
            self._grid_step(entry, f"grid[{i}]") for i, entry in enumerate(self.study.grid)
        ]
        edge = self._tried("grid", narrowest, start, steps[0], self.read)
        described = [
            self._tried(f"grid[{i}]", grid_entry, start, step, self.read, self._estimates_of)
            for i, step in enumerate(steps)
        ]
        return {"narrowest_feasible_half_width": edge, "grid": described}

    def _grid_step(self, entry: Mapping[str, Any], place: str) -> Step:
        tree = {"op": "calibrate", **entry}
        return read_part(Step, tree, source=self.chains.files.source, place=place)

    def _trim_variants(self) -> Found:
        states = self._tried("design", self.chains.states)
        if states is None:
            return {}
        described = {}
        for name, step in self.study.trim_variants.items():
            place, state = f"trim_variants.{name}", states[-1]
            found = self._tried(place, trim_variant, state, step, self.read, self._estimates_of)
            described[name] = found
        first = next(iter(self.study.trim_variants.values()))
        ends = self._tried("trim_variants", trim_limits, states[-1], first)
        return {"trim_limits": ends, "trim_variants": described}

    def _estimates_of(self, state: State) -> list[Found]:
        """All requests answered under one state's weights."""
        requests = self.study.estimates
        return self._each(requests, "estimates", lambda one: answered(state, one))

    def _opt_in(self) -> Found:
        rows = self._tried("data", self.chains.rows)
        if rows is None:
            return {}
        opt_in = self._tried("rows", read_opt_in, self.study, rows, self.read)
        if opt_in is None:
            return {}
        weighted: dict[str, Weighted] = {}
        for name in self.chains.variants():
            one = self._tried(f"variants.{name}", weighted_variant, opt_in, name, self.read)
            if one is not None:
                weighted[name] = one
        found = self._tried("covariates", opt_in_findings, opt_in, weighted) or {}
        found["estimates"] = self._each(
            self.study.estimates, "estimates", lambda one: answered_under(weighted, one)
        )
        return found

    def _refusal(self, entry: Mapping[str, Any]) -> Found:
        """Whether an input that must be refused is, and in which words."""
        try:
            self._attempt(entry)
        except MinxinError as error:
            return {"name": entry.get("name"), "refused": True, "error": str(error)}
        return {"name": entry.get("name"), "refused": False, "error": None}

    def _attempt(self, entry: Mapping[str, Any]) -> None:
        place, tree = f"must_fail.{entry.get('name')}", dict(entry)
        if "op" in tree and "steps" not in tree:
            tree["steps"] = [{key: tree[key] for key in tree if key != "name"}]
        elif "margins" in tree and "steps" not in tree:
            named = {"margins": tree["margins"], "totals": tree.get("totals")}
            tree["steps"] = [{"op": "rake", **named}]
        final = self.chains.varied(tree, place)
        if "estimand" in tree:
            asked = {"id": place, **tree}
            source = self.chains.files.source
            request = read_part(Request, asked, source=source, place=place)
            require_sense(request)
            answered(final, request)

    def _each(
        self, requests: Iterable[Any], place: str, answer: Callable[[Any], Found]
    ) -> list[Found]:
        answers = [self._tried(f"{place}.{one.id}", answer, one) for one in requests]
        return [one for one in answers if one is not None]

    def _tried(self, place: str, act: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """What an act gives; None where it is refused, with its reasons kept."""
        try:
            return act(*given, **named)
        except SaidAlready:
            return None
        except InputRefused as error:
            self.problems += error.problems
        except CannotEstimate as error:
            source = self.chains.files.source
            # A problem ends its sentences itself.
            lines = [line.removesuffix(".") for line in str(error).splitlines()]
            self.problems += [Problem(place, line, source=source) for line in lines]
        return None


def _ratio(start: Design, final: Design) -> Floats | None:
    """New weight over the first one; None where rows left meanwhile."""
    if len(start) != len(final):
        return None
    counted = start.weight > 0
    ratio: Floats = final.weight[counted] / start.weight[counted]
    return ratio
