"""The command `minxin round status`: the numbers of the day, and whether they add up.

Counts and nothing else: no answer, no score, nothing about a single response. What is shown
is of one moment, read beside the writers.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any
from unicodedata import category, east_asian_width
from zoneinfo import ZoneInfo

import typer

from app.database.engine import Session, open_database
from app.database.fieldwork import (
    count_pressure_reports,
    list_allowances,
    list_waiting_notices,
)
from app.database.rights import count_token_states
from app.database.rounds import FrozenRound, find_round, load_round
from app.database.segments import list_segments
from app.database.snapshots import snapshot
from app.database.tables import OutboxRow
from app.database.tallies import Counts, reconcile, refused, tallies_by_point, total
from app.errors import MinxinError
from app.settings import Settings

ALL_DAYS = "all"
COLUMNS = ("served", "started", "returned", "received", "stored", "repeated")
WIDTH = 9
"""Cells of a terminal that a column of numbers takes."""
NO_POINT = "(no point)"


def add_commands(rounds: typer.Typer) -> None:
    """`status` stands beside the other commands of a round."""
    rounds.command("status")(status)


def status(
    round_code: Annotated[str, typer.Argument(help="The round's code.")],
    day: Annotated[
        str, typer.Option(help="YYYY-MM-DD in the round's time zone, or all; today if open.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what was served, received, stored and refused, and whether it adds up."""
    with snapshot(open_database(Settings().database_url)) as session:
        standing = standing_of(session, round_code, day=day, now=datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(standing, ensure_ascii=False, indent=2))
        return
    for line in lines(standing):
        typer.echo(line.rstrip())


def standing_of(session: Session, code: str, *, day: str, now: datetime) -> dict[str, Any]:
    """How a round stands, as it is shown and as programs read it."""
    row = find_round(session, code)
    frozen = load_round(session, row)
    window = frozen.plan.window
    zone = ZoneInfo(window.time_zone)
    today = now.astimezone(zone).date().isoformat() if row.state == "open" else ALL_DAYS
    chosen = _read_day(day) if day else today
    everything = tallies_by_point(session, row.id)
    shown = everything if chosen == ALL_DAYS else tallies_by_point(session, row.id, day=chosen)
    return {
        "round": row.code,
        "title": frozen.plan.title["zh-Hans"],
        "state": row.state,
        "opened": _moment(row.opened_at, zone),
        "closed": _moment(row.closed_at, zone),
        "window": [_moment(window.start, zone), _moment(window.end, zone), window.time_zone],
        "day": chosen,
        "points": _points(frozen, everything, shown),
        "total": dict(total(shown.values())),
        "total_of_all_days": dict(total(everything.values())),
        **_beside(session, row.id, now),
        "discrepancies": [str(one) for one in reconcile(session, row.id)],
    }


def _read_day(text: str) -> str:
    if text == ALL_DAYS:
        return text
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise MinxinError(f"{text!r} is no day: write it as 2026-11-22, or all.") from None


def _moment(when: datetime | None, zone: ZoneInfo) -> str:
    return when.astimezone(zone).strftime("%Y-%m-%d %H:%M") if when else ""


def _points(
    frozen: FrozenRound, everything: Mapping[str, Counts], shown: Mapping[str, Counts]
) -> list[dict[str, Any]]:
    """The points of the plan in its order, then any other that was counted."""
    names = {point.code: point.name["zh-Hans"] for point in frozen.plan.points}
    codes = [*names, *sorted(everything.keys() - names.keys())]
    return [
        {"point": code, "name": names.get(code, ""), "counts": dict(shown.get(code, {}))}
        for code in codes
    ]


def _beside(session: Session, round_id: int, now: datetime) -> dict[str, Any]:
    """What else a round has that is counted."""
    return {
        "allowances": {
            allowance.name: {"taken": allowance.taken, "most": allowance.most}
            for allowance in list_allowances(session, round_id)
        },
        "tokens": count_token_states(session, round_id, now),
        "pressure_reports": dict(count_pressure_reports(session, round_id)),
        "notices": _notices(list_waiting_notices(session, round_id)),
        "segments": [
            {"survey": segment.survey, "rows": segment.rows, "file": segment.file}
            for segment in list_segments(session, round_id)
        ],
    }


def _notices(rows: Sequence[OutboxRow]) -> list[dict[str, Any]]:
    """The same notice of the same day once, with its number."""
    told = Counter((row.day, row.kind, json.dumps(row.detail, sort_keys=True)) for row in rows)
    return [
        {"day": day, "kind": kind, "detail": json.loads(detail), "n": n}
        for (day, kind, detail), n in sorted(told.items())
    ]


def lines(standing: Mapping[str, Any]) -> Iterator[str]:
    """The standing of a round as lines for a terminal."""
    opens, closes, time_zone = standing["window"]
    moments = {act: standing[act] for act in ("opened", "closed") if standing[act]}
    is_all = standing["day"] == ALL_DAYS
    yield f"{standing['title']} ({standing['round']})"
    acts = "".join(f", {act} {moment}" for act, moment in moments.items())
    yield f"  state   {standing['state']}{acts}"
    yield f"  window  {opens} – {closes} {time_zone}"
    yield f"  day     {'all days together' if is_all else standing['day']}"
    yield ""
    yield from _table(standing, is_all=is_all)
    yield ""
    yield from _accounted(standing["discrepancies"])
    yield from _lists(standing)


def _table(standing: Mapping[str, Any], *, is_all: bool) -> Iterator[str]:
    named = [(_name(point), point["counts"]) for point in standing["points"]]
    named.append(("all points", standing["total"]))
    if not is_all:
        named.append(("all points, all days", standing["total_of_all_days"]))
    width = max(cells(name) for name, _ in named) + 1
    heads = "".join(f"{head:>{WIDTH}}" for head in (*COLUMNS, "refused"))
    yield f"{'':{width}}{heads}"
    for name, counts in named:
        reasons = refused(counts)
        numbers = [counts.get(column, 0) for column in COLUMNS]
        shown = "".join(f"{n:>{WIDTH},}" for n in (*numbers, sum(reasons.values())))
        yield f"{padded(name, width)}{shown}"
        if reasons:
            why = ", ".join(f"{reason} {n:,}" for reason, n in reasons.items())
            yield f"{'':{width}}  refused: {why}"


def _name(point: Mapping[str, Any]) -> str:
    return f"{point['name']} {point['point']}".strip() or NO_POINT


def _accounted(discrepancies: Sequence[str]) -> Iterator[str]:
    if not discrepancies:
        yield "Everything received is accounted for."
        return
    yield "Not everything is accounted for:"
    yield from (f"  {discrepancy}" for discrepancy in discrepancies)


def _lists(standing: Mapping[str, Any]) -> Iterator[str]:
    """Each list under its heading, where there is something in it."""
    allowances, tokens = standing["allowances"], standing["tokens"]
    rows = {
        "Allowances": [(k, f"{v['taken']:,} of {v['most']:,}") for k, v in allowances.items()],
        "Tokens": [
            (purpose, ", ".join(f"{n:,} {state}" for state, n in states.items()))
            for purpose, states in tokens.items()
        ],
        "Reports of pressure": [
            (point, f"{n:,}") for point, n in sorted(standing["pressure_reports"].items())
        ],
        "Notices that wait": [
            (f"{notice['day']} {notice['kind']}", _told(notice))
            for notice in standing["notices"]
        ],
        "Segments": [
            (segment["file"], f"{segment['rows']:,} rows") for segment in standing["segments"]
        ],
    }
    for heading, entries in rows.items():
        if entries:
            width = max(cells(name) for name, _ in entries) + 2
            yield ""
            yield heading
            yield from (f"  {padded(name, width)}{text}" for name, text in entries)


def _told(notice: Mapping[str, Any]) -> str:
    detail = ", ".join(f"{key} {value}" for key, value in sorted(notice["detail"].items()))
    return f"{detail} × {notice['n']}" if notice["n"] > 1 else detail


def padded(text: str, width: int) -> str:
    """A text with spaces behind it up to `width` cells of a terminal."""
    return text + " " * (width - cells(text))


def cells(text: str) -> int:
    """How many cells of a terminal a text takes: Chinese characters two, accents none."""
    return sum(
        0
        if category(sign) in {"Mn", "Me", "Cf"}
        else 2
        if east_asian_width(sign) in "WF"
        else 1
        for sign in text
    )
