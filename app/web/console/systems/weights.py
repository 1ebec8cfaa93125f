"""The weights of one level, for all region types in one table that shows what is lacking.

A table is kept as it was typed even if it does not add up yet: a class and what is below it
can only be changed one after the other. Only a draft whose every level adds up can be
released.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.errors import InputRefused, Problem, WrongState
from app.people.roles import Permission
from app.scoring.editing.outline import Body, children_of, find_node, nodes_of
from app.scoring.editing.weighing import (
    FINEST,
    Column,
    columns_of,
    even,
    scaled,
    sums_indicators,
    types_of,
    weight_of,
    with_weights,
)
from app.settings import DEFINITIONS
from app.web.console.faults import Faults
from app.web.console.pages import Acting, Desk, Looking
from app.web.console.questionnaires.opened import one
from app.web.console.questionnaires.sending import Sent, faults_about, keep
from app.web.console.systems.opened import ADDRESS, OpenDraft, open_draft
from app.web.console.systems.table import written
from app.web.dependencies import Form, ReadingSession
from app.web.rendering import HTMLReply
from app.workflow.definitions.system_versions import list_systems, version_before

router = APIRouter(prefix=ADDRESS + "/drafts/{draft}/weights/{node}")

LARGEST = Decimal(1_000_000)
WHOLE = Decimal(100)

Table = dict[str, dict[str, Decimal]]
"""Part → type → weight."""


@dataclass(frozen=True, slots=True)
class Level:
    """The level of a form: its node, what stands below it, the columns."""

    node: Body
    below: list[Body]
    types: list[str]

    def field(self, part: str, region_type: str) -> str:
        """The name of a cell of the form, by the places of its row and its column."""
        row = next(i for i, one in enumerate(self.below) if one["code"] == part)
        return f"w{row + 1}_{self.types.index(region_type) + 1}"


@router.get("")
def show_weights(
    draft: str,
    node: str,
    desk: Annotated[Desk, Depends(Looking(Permission.SCORE))],
    session: ReadingSession,
) -> HTMLReply:
    """The weights right below a node, and what they add up to."""
    shown = open_draft(session, desk, draft)
    return _page(desk, session, shown, _level(shown.body, node), {})


@router.post("", response_model=None)
def change_weights(
    draft: str, node: str, desk: Annotated[Desk, Depends(Acting(Permission.SCORE))], sent: Sent
) -> Response | HTMLReply:
    """Keep the weights; or first share one type's out evenly, scale them, or copy them."""
    shown = open_draft(sent.session, desk, draft)
    level = _level(shown.body, node)
    typed = _typed(sent.form, level)
    try:
        table = _read(typed, level)
        body = with_weights(shown.body, table)
        for act in ("even", "scale", "copy"):
            chosen = one(sent.form, act)
            if chosen in level.types:
                body = with_weights(body, ACTS[act](body, _level(body, node), chosen))
        keep(sent, desk, shown.row, body)
    except (InputRefused, WrongState) as refused:
        faults = faults_about(refused, desk)
        return _page(desk, sent.session, shown, level, typed, faults=faults)
    done = one(sent.form, "done") and all(c.adds_up for c in columns_of(body, node))
    if done:
        return desk.lead_to(f"{shown.address}#part-{node}")
    return desk.lead_to(f"{shown.address}/weights/{node}")


def _page(  # noqa: PLR0913 - what the page shows
    desk: Desk,
    session: ReadingSession,
    draft: OpenDraft,
    level: Level,
    typed: Mapping[str, str],
    *,
    faults: Faults | None = None,
) -> HTMLReply:
    kept = {
        level.field(part["code"], one): written(weight_of(draft.body, part, one))
        for part in level.below
        for one in level.types
    }
    return desk.page(
        "console/systems/weights.html",
        status=422 if faults else 200,
        draft=draft,
        level=level,
        types=types_of(draft.body),
        columns=columns_of(draft.body, level.node["code"]),
        values={**kept, **typed},
        older=_older(session, desk, draft, level),
        summed=sums_indicators(draft.body),
        is_node={node["code"] for node in nodes_of(draft.body)},
        written=written,
        faults=faults,
    )


def _older(
    session: ReadingSession, desk: Desk, draft: OpenDraft, level: Level
) -> dict[str, str]:
    """Cell → its weight in the version before, where that had such a part and type."""
    sight = desk.person.scope(Permission.SEE_DEFINITIONS)
    before = version_before(list_systems(session, DEFINITIONS, within=sight), draft.body)
    if before is None:
        return {}
    parts = {part["code"]: part for part in (*before.body["nodes"], *before.body["indicators"])}
    types = {one["code"] for one in types_of(before.body)}
    return {
        level.field(part["code"], one): written(
            weight_of(before.body, parts[part["code"]], one)
        )
        for part in level.below
        for one in level.types
        if part["code"] in parts and one in types
    }


def _level(body: Body, node: str) -> Level:
    types = [str(one["code"]) for one in types_of(body)]
    return Level(find_node(body, node), children_of(body, node), types)


def _typed(form: Form, level: Level) -> dict[str, str]:
    names = [level.field(part["code"], one) for part in level.below for one in level.types]
    return {name: one(form, name) for name in names if name in form}


def _read(typed: Mapping[str, str], level: Level) -> Table:
    table: Table = {}
    problems = []
    for part in level.below:
        for region_type in level.types:
            name = level.field(part["code"], region_type)
            if name not in typed:
                continue
            weight = _weight(typed[name])
            if weight is None:
                problems.append(_no_weight(name, typed[name], part))
            else:
                table.setdefault(part["code"], {})[region_type] = weight
    if problems:
        raise InputRefused(problems)
    return table


def _weight(text: str) -> Decimal | None:
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("%").strip()
    try:
        weight = Decimal(plain or "x")
    except InvalidOperation:
        return None
    if not weight.is_finite() or not 0 <= weight <= LARGEST:
        return None
    return weight if weight == round(weight, FINEST) else None


def _no_weight(name: str, text: str, part: Mapping[str, Any]) -> Problem:
    called = (part.get("name") or {}).get("zh-Hans") or part["code"]
    return Problem(
        name,
        "is not a weight",
        "Write a number from 0, with 4 decimals at most; 0 if it does not count.",
        text,
        chinese=f"“{called}”的权重“{text}”不对。请写不小于 0 的数，最多四位小数；不计入写 0。",
    )


def _evenly(body: Body, level: Level, region_type: str) -> Table:
    """Equal parts, but nothing for answers of open codes, which are not to be scored."""
    column = _column(body, level, region_type)
    sharing = [part for part in level.below if part.get("evidence") != "opt_in"]
    sharing = sharing if not body.get("opt_in_accepted") else level.below
    parts = even(_due(column), len(sharing)) if sharing else []
    given = {part["code"]: weight for part, weight in zip(sharing, parts, strict=True)}
    return _with_column(body, level, region_type, given)


def _to_scale(body: Body, level: Level, region_type: str) -> Table:
    column = _column(body, level, region_type)
    weights = [weight_of(body, part, region_type) for part in level.below]
    parts = scaled(weights, _due(column))
    codes = [part["code"] for part in level.below]
    return _with_column(body, level, region_type, dict(zip(codes, parts, strict=True)))


def _everywhere(body: Body, level: Level, region_type: str) -> Table:
    """The weights of one type for all of them."""
    return {
        part["code"]: dict.fromkeys(level.types, weight_of(body, part, region_type))
        for part in level.below
    }


def _with_column(
    body: Body, level: Level, region_type: str, given: Mapping[str, Decimal]
) -> Table:
    table: Table = {
        part["code"]: {one: weight_of(body, part, one) for one in level.types}
        for part in level.below
    }
    for part in level.below:
        table[part["code"]][region_type] = given.get(part["code"], Decimal(0))
    return table


def _column(body: Body, level: Level, region_type: str) -> Column:
    columns = columns_of(body, level.node["code"])
    return next(column for column in columns if column.code == region_type)


def _due(column: Column) -> Decimal:
    return WHOLE if column.due is None else column.due


ACTS = {"even": _evenly, "scale": _to_scale, "copy": _everywhere}
