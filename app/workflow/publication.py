"""Making a run public, and the view of it that the public may have."""

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.results import result_of
from app.database.rounds import hold, record
from app.database.tables import PublicationRow, RoundRow, RunRow
from app.errors import WrongState
from app.workflow.screening.release import count_waiting, public_company, public_screened

KEPT_WHEN_WITHHELD = {
    "series",
    "kind",
    "measure",
    "code",
    "item",
    "domain",
    "domain_code",
    "withheld",
}


def publish(session: Session, run: RunRow, *, now: datetime) -> int:
    """Make a finished run the public result of its round; earlier ones stay on record.

    Gives how many campaigns wait to be decided: whoever judges them from now on can learn
    from the published scores what they move. The audit trail says so too.
    """
    if run.state != "finished":
        raise WrongState(f"Run {run.id} is {run.state}; only a finished run can be published.")
    if session.scalar(select(PublicationRow).where(PublicationRow.run_id == run.id)):
        raise WrongState(f"Run {run.id} is public already.")
    row = hold(session, session.get_one(RoundRow, run.round_id))
    if row.state not in {"processed", "published"}:
        raise WrongState(f"Round {row.code} is {row.state}; it must be closed and processed.")
    row.state = "published"
    session.add(PublicationRow(run_id=run.id, published_at=now))
    waiting = waiting_campaigns(result_of(run))
    detail: dict[str, object] = {"run": run.id, "document": run.document_digest}
    if waiting:
        detail["waiting_campaigns"] = waiting
    record(session, "publish", subject=row.code, now=now, detail=detail)
    return waiting


def waiting_campaigns(document: Mapping[str, Any]) -> int:
    """Campaigns that were found and about which this run knows no decision that counts."""
    company = document.get("screening", {}).get("company")
    return 0 if company is None else count_waiting(company)


def public_view(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without the numbers that are withheld; the reasons stay."""
    view: dict[str, Any] = copy.deepcopy(dict(document))
    least = view["round"]["release"]["min_n"]
    for name in ("by_unit", "by_evidence", "by_channel"):
        view["responses"][name] = _without_small(view["responses"][name], least)
    for signal in view["screening"]["signals"]:
        _hide_small_means(signal, least)
    if "company" in view["screening"]:
        view["screening"]["company"] = public_company(view["screening"]["company"], least)
    for name in ("estimates", "distributions"):
        view[name] = [_released(entry) for entry in view[name]]
    return view


def _without_small(counts: Mapping[str, int], least: int) -> dict[str, int | None]:
    """The counts without the small ones; at least two, and `least` people, are hidden."""
    ordered = sorted(counts, key=lambda name: (counts[name], name))
    small = [name for name in ordered if counts[name] < least]
    while small and len(small) < len(ordered):
        if len(small) > 1 and sum(counts[name] for name in small) >= least:
            break
        small.append(ordered[len(small)])
    return {name: None if name in small else n for name, n in counts.items()}


def _hide_small_means(signal: dict[str, Any], least: int) -> None:
    """Hide the mean scores of a signal that fired on few, and with them the direction."""
    if min(signal["fired"], signal["applicable"] - signal["fired"]) < least:
        for name in ("mean_score_fired", "mean_score_others", "fired_above", "fired_below"):
            signal[name] = None


def _released(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One entry without its numbers, if it is withheld, or without those of its choices."""
    if entry["withheld"] is not None:
        return {key: entry[key] if key in KEPT_WHEN_WITHHELD else None for key in entry}
    released = dict(entry)
    if "screened" in released:
        released["screened"] = public_screened(released["screened"])
    if released.get("not_answered_withheld"):
        released["not_answered"] = None
    if "choices" in released:
        released["choices"] = [
            choice | {"count": None, "share": None} if choice["withheld"] else choice
            for choice in released["choices"]
        ]
    return released
