"""The designs of a study after each of their steps, made once and shared by its requests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from app.errors import CannotEstimate
from app.survey.sample import Floats
from app.workflow.study.definition import DesignPart, Request, Step, Study
from app.workflow.study.designs import (
    lonely_rule,
    make_design,
    replicated,
)
from app.workflow.study.expressions import evaluate
from app.workflow.study.files import Files
from app.workflow.study.reading import read_part
from app.workflow.study.replicate_phrases import are_of_final_weights
from app.workflow.study.requests import Weighted
from app.workflow.study.state import State
from app.workflow.study.steps import apply_steps, chosen
from app.workflow.study.table import Table


class SaidAlready(Exception):
    """The weights of this design were refused before; once is enough."""


class Chains:
    """The rows of a study and the states its steps lead through."""

    def __init__(self, study: Study, files: Files) -> None:
        self.study, self.files = study, files
        self.made: dict[tuple[str | None, ...], list[State] | None] = {}

    def rows(self, part: DesignPart | None = None) -> Table:
        """The data with its derived columns; of a design, those that make it."""
        named = None if part is None else part.data
        table = self.files.read(named or self.study.data)
        for name, text in self.study.derived.items():
            table = table.with_column(name, evaluate(text, table))
        if part is None or part.where is None:
            return table
        return table.restrict(chosen(table, part.where))

    def states(
        self,
        *,
        design: str | None = None,
        variant: str | None = None,
        replicate: str | None = None,
    ) -> list[State]:
        """The states before, between and after the steps of a design or variant.

        Raises CannotEstimate or InputRefused the first time, SaidAlready afterwards.
        """
        key = (design, variant, replicate)
        if key not in self.made:
            self.made[key] = None
            self.made[key] = self._made(design, variant, replicate)
        states = self.made[key]
        if states is None:
            raise SaidAlready
        return states

    def _made(
        self, design: str | None, variant: str | None, replicate: str | None
    ) -> list[State]:
        part, steps = self._part(design, variant)
        if replicate is None or not are_of_final_weights(replicate):
            return apply_steps(self._start(part, replicate), steps, self.files.read)
        states = self.states(design=design, variant=variant)
        fixed = [replace(state.design, adjustments=()) for state in states]
        return [
            replace(state, design=replicated(one, replicate))
            for state, one in zip(states, fixed, strict=True)
        ]

    def varied(self, tree: Mapping[str, Any], place: str) -> State:
        """The last state with a design and steps as a part of the file says instead."""
        part, steps = self._varied(self.study.design, self.study.steps, tree, place=place)
        return apply_steps(self._start(part, None), steps, self.files.read)[-1]

    def variants(self) -> Mapping[str, Any]:
        """The variants of the study by name."""
        if isinstance(self.study.variants, Mapping):
            return self.study.variants
        return {str(tree.get("name", i)): tree for i, tree in enumerate(self.study.variants)}

    def _start(self, part: DesignPart | None, replicate: str | None) -> State:
        if part is None:
            raise CannotEstimate("no `design` says how the rows were drawn. Add it.")
        table = self.rows(part)
        made = make_design(part, table, self.files.read, count=self._count(table))
        return State(table, made if replicate is None else replicated(made, replicate))

    def _count(self, table: Table) -> Floats | None:
        """Responses that each row stands for, where the study says so."""
        name = self.study.row_multiplicity
        if name is None:
            return None
        counts = table.numbers(name)
        wrong = ~((counts >= 1) & (counts == np.floor(counts)))
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise CannotEstimate(
                f"{self.study.data}, column {name}, row {row + 2}: {counts[row]:g} is not a "
                "number of responses. Give whole numbers from 1."
            )
        return counts

    def _part(
        self, design: str | None, variant: str | None
    ) -> tuple[DesignPart | None, tuple[Step, ...]]:
        part, steps = self.study.design, self.study.steps
        if design is not None:
            if design not in self.study.designs:
                raise CannotEstimate(f"no design is called {design}. Add it to `designs`.")
            part = self.study.designs[design]
            steps = steps if part.steps is None else part.steps
        if variant is None:
            return part, steps
        if variant not in self.variants():
            raise CannotEstimate(f"no variant is called {variant}. Add it to `variants`.")
        tree = self.variants()[variant]
        if not isinstance(tree, Mapping):
            raise CannotEstimate(
                f"the variant {variant} is not an object. Give it `steps`, a `design` or keys "
                "of one."
            )
        return self._varied(part, steps, tree, place=f"variants.{variant}")

    def _varied(
        self,
        part: DesignPart | None,
        steps: tuple[Step, ...],
        tree: Mapping[str, Any],
        *,
        place: str,
    ) -> tuple[DesignPart | None, tuple[Step, ...]]:
        """A design and steps with what a part of the file says instead."""
        named = tree.get("design")
        if isinstance(named, str):
            part, steps = self._part(named, None)
        elif isinstance(named, Mapping):
            part, steps = self._varied(part, steps, named, place=f"{place}.design")
        elif named is not None:
            raise CannotEstimate("its `design` is neither a name nor an object.")
        inner = {key: tree[key] for key in tree if key in DesignPart.model_fields}
        own = {key: value for key, value in inner.items() if key != "steps"}
        if "method" in own:
            part = read_part(DesignPart, own, source=self.files.source, place=place)
        elif part is not None and own:
            changed = part.model_dump(mode="json", by_alias=True) | own
            part = read_part(DesignPart, changed, source=self.files.source, place=place)
        if "steps" in tree:
            steps = self._steps(tree["steps"], f"{place}.steps")
        return part, steps

    def _steps(self, entries: Sequence[Any], place: str) -> tuple[Step, ...]:
        if not isinstance(entries, list | tuple):
            raise CannotEstimate("`steps` must be a list of steps. Write them in brackets.")
        steps = []
        for i, entry in enumerate(entries):
            if isinstance(entry, str):
                steps.append(self._own_step(entry))
                continue
            part = read_part(Step, entry, source=self.files.source, place=f"{place}[{i}]")
            steps.append(part)
        return tuple(steps)

    def _own_step(self, op: str) -> Step:
        """The name of an operation stands for the study's own step of that kind."""
        for step in self.study.steps:
            if step.op == op:
                return step
        raise CannotEstimate(f"the study has no step {op}. Write the step out.")


def for_request(state: State, request: Request) -> Weighted:
    """Rows and design as one request wants them."""
    design, table = state.design, state.table
    if request.lonely_psu is not None:
        rule = lonely_rule(request.lonely_psu, request.adjust_domain_lonely)
        design = replace(design, lonely=rule)
    if request.mse is not None and design.replicates is not None:
        centred = replace(design.replicates, centre="estimate" if request.mse else "mean")
        design = replace(design, replicates=centred)
    if request.derived is not None:
        name, _, text = request.derived.partition("=")
        table = table.with_column(name.strip(), evaluate(text, table))
    return Weighted(table, design, request.domain)


def state_of(states: Sequence[State], weights: str | None) -> State:
    """The state whose weights a request names: `base`, `after_step_N`, or the last."""
    if weights in (None, "final"):
        return states[-1]
    if weights == "base":
        return states[0]
    number = str(weights).removeprefix("after_step_")
    if not number.isdigit() or not 0 <= int(number) < len(states):
        raise CannotEstimate(
            f"`weights` {weights} is not known. Write base, or after_step_1 up to "
            f"after_step_{len(states) - 1}."
        )
    return states[int(number)]
