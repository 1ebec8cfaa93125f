"""Admission: the one function through which every response comes in.

Page, kiosk, interface, import and simulation all end here. In one transaction it decides
whether the round is open and the code in force, whether the person has the right to answer,
whether there is room, and whether the submission is new; keeps what is admitted; and counts
what became of it. Looking only tells a repeated submission from a new one and says why one
was refused: that nothing is kept twice, spent twice or overfilled is the work of keys and
conditional updates, and where two groups meet, one of them is undone and comes again.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.database.admission import (
    Allowance,
    Tally,
    count_up,
    give_tokens_back,
    hold_allowances,
    insert_responses,
    insert_texts,
    kept,
    post_notices,
    spend_tokens,
    spent_tokens,
    standing,
    take_allowances,
)
from app.errors import KeyReused, MinxinError, RoundNotOpen, TokenReason, TokenRefused
from app.survey.admission import Right, allowances_of
from app.workflow.arrivals import (
    RECEIPT_ATTEMPTS,
    Arrival,
    Outcome,
    Submission,
    Verdict,
    repeated,
    response_row,
)
from app.workflow.places import Place

REFUSED: dict[type[MinxinError], str] = {KeyReused: "key_reused"}
"""The counter of refusals whose error gives no reason of its own."""


def admit(
    connection: Connection,
    arrivals: Sequence[Arrival],
    *,
    now: datetime,
    counted: Mapping[Tally, int] | None = None,
) -> list[Outcome]:
    """Admit a group of arrivals within the caller's transaction; one outcome for each.

    A refusal is a value: it undoes nothing of the others. `counted` are numbers of the day
    that are to be kept along. Raises IntegrityError where another group kept the same at the
    same moment: the caller rolls back, and each comes again by itself.
    """
    group = _Group(connection, arrivals, now)
    group.recognise_repeats()
    group.require_open_places()
    group.spend_tokens()
    group.take_allowances()
    group.recognise_late_repeats()
    group.keep()
    group.answer_twins()
    count_up(connection, group.tallies(counted or {}))
    return [group.outcomes[position] for position in range(len(arrivals))]


def receive_response(
    session: Session, place: Place, submission: Submission, now: datetime
) -> str:
    """Admit one submission within the session's transaction; its receipt, or the refusal."""
    session.flush()
    (outcome,) = admit(session.connection(), [Arrival(place, submission)], now=now)
    if isinstance(outcome, MinxinError):
        raise outcome
    return outcome.receipt


class _Group:
    """The arrivals of one transaction on their way from step to step."""

    def __init__(
        self, connection: Connection, arrivals: Sequence[Arrival], now: datetime
    ) -> None:
        self.connection, self.arrivals, self.now = connection, [*arrivals], now
        self.outcomes: dict[int, Outcome] = {}
        self.rights: dict[int, tuple[Right, float | None]] = {}
        self.first: dict[tuple[str, str], int] = {}

    def recognise_repeats(self) -> None:
        known = self._look_up()
        for position, arrival in enumerate(self.arrivals):
            self.first.setdefault(_same(arrival), position)
            if arrival.id in known:
                self.outcomes[position] = repeated(arrival, known[arrival.id][1])

    def _look_up(self) -> Mapping[str, tuple[str, str]]:
        """What is kept of these arrivals; a receipt that somebody else has is exchanged."""
        for _ in range(RECEIPT_ATTEMPTS):
            known = kept(self.connection, {arrival.id for arrival in self.arrivals})
            taken = [
                position
                for position, arrival in enumerate(self.arrivals)
                if known.get(arrival.id, _same(arrival)[1:])[0] != arrival.submission_hash
            ]
            if not taken:
                return known
            for position in taken:
                self.arrivals[position] = self.arrivals[position].again()
        raise MinxinError("No unused receipt number was found.")

    def require_open_places(self) -> None:
        # What was collected elsewhere came without a code; its import holds the round.
        places = {a.place.code: a.place for _, a in self._undecided() if a.place.code}
        stands = standing(self.connection, places) if places else {}
        refusals = {
            code: places[code].refusal(state, is_revoked=is_revoked, now=self.now)
            for code, (state, is_revoked) in stands.items()
        }
        for position, arrival in self._undecided():
            code = arrival.place.code
            gone = RoundNotOpen("withdrawn") if code and code not in stands else None
            refusal = refusals.get(code, gone)
            if refusal is not None:
                self.outcomes[position] = refusal

    def spend_tokens(self) -> None:
        wanted: dict[str, int] = {}
        for position, arrival in self._undecided():
            token = arrival.submission.token
            if token:
                # Of two that come with one token only the first can be let in.
                if wanted.setdefault(token, position) != position:
                    self.outcomes[position] = TokenRefused("spent")
            elif "open" in arrival.place.plan.admits.rights or arrival.submission.imported:
                self.rights[position] = ("open", None)
            else:
                self.outcomes[position] = TokenRefused("needed")
        if wanted:
            self._spend(wanted)

    def _spend(self, wanted: Mapping[str, int]) -> None:
        asked = []
        for token, position in wanted.items():
            place = self.arrivals[position].place
            for right in place.plan.admits.rights:
                asked.append((token, place.round_id, place.point.code, right))
        spent = spend_tokens(self.connection, asked, self.now)
        refused = wanted.keys() - spent.keys()
        used_before = spent_tokens(self.connection, refused) if refused else set()
        for token, position in wanted.items():
            if token in spent:
                self.rights[position] = spent[token]
            else:
                reason: TokenReason = "spent" if token in used_before else "invalid"
                self.outcomes[position] = TokenRefused(reason)

    def take_allowances(self) -> None:
        wanted = {
            position: names
            for position, arrival in self._undecided()
            if (names := _allowances(arrival))
        }
        demand = Counter(name for names in wanted.values() for name in names)
        if not demand:
            return
        hold_allowances(self.connection, demand)
        short = self._take(demand)
        if not short:
            return
        scarce = {p: names for p, names in wanted.items() if not short.isdisjoint(names)}
        others = (names for p, names in wanted.items() if p not in scarce)
        self._take(Counter(name for names in others for name in names))
        # Not all of these fit: one after another, as they came.
        full: set[Allowance] = set()
        for position, names in scarce.items():
            if full.isdisjoint(names):
                full |= self._take(dict.fromkeys(names, 1))
            if not full.isdisjoint(names):
                self.outcomes[position] = RoundNotOpen("full")
        self._give_back(p for p in scarce if p in self.outcomes)

    def _give_back(self, positions: Iterable[int]) -> None:
        tokens = {self.arrivals[position].submission.token for position in positions} - {""}
        if tokens:
            give_tokens_back(self.connection, tokens)

    def _take(self, demand: Mapping[Allowance, int]) -> set[Allowance]:
        """Take all that is demanded, or nothing; those of which too little is left."""
        if not demand:
            return set()
        before = self.connection.begin_nested()
        taken = take_allowances(self.connection, demand)
        short = demand.keys() - taken.keys()
        if short:
            before.rollback()
            return short
        before.commit()
        used_up = [allowance for allowance, is_used_up in taken.items() if is_used_up]
        if used_up:
            self._post(used_up)
        return short

    def _post(self, used_up: Sequence[Allowance]) -> None:
        places = {arrival.place.round_id: arrival.place for arrival in self.arrivals}
        notices = [
            notice(
                round_id,
                "allowance_used_up",
                day=day_of(places[round_id], self.now),
                detail={"allowance": name},
            )
            for round_id, name in used_up
        ]
        post_notices(self.connection, notices)

    def recognise_late_repeats(self) -> None:
        """Who was refused may have been let in by another group, which held what they need."""
        refused = {
            self.arrivals[position].id
            for position, outcome in self.outcomes.items()
            if isinstance(outcome, TokenRefused | RoundNotOpen)
        }
        known = kept(self.connection, refused) if refused else {}
        for position, arrival in enumerate(self.arrivals):
            if arrival.id in known and known[arrival.id][0] == arrival.submission_hash:
                self.outcomes[position] = repeated(arrival, known[arrival.id][1])

    def keep(self) -> None:
        rows, texts = [], []
        for position, arrival in self._undecided():
            row, written = response_row(arrival, *self.rights[position])
            rows.append(row)
            texts += [
                {"response_id": row["id"], "item": item, "text": text}
                for item, text in written.items()
            ]
            self.outcomes[position] = Verdict(arrival.receipt, "stored")
        if rows:
            # In one order: two groups that keep the same must not wait in a circle.
            insert_responses(self.connection, sorted(rows, key=itemgetter("id")))
        if texts:
            insert_texts(self.connection, texts)

    def answer_twins(self) -> None:
        """What came twice in one group: the second hears what became of the first."""
        for position, arrival in enumerate(self.arrivals):
            first = self.first[_same(arrival)]
            if position in self.outcomes:
                continue
            outcome = self.outcomes[first]
            if isinstance(outcome, Verdict):
                body = self.arrivals[first].submission.body_digest
                is_same = body == arrival.submission.body_digest
                receipt = outcome.receipt
                outcome = Verdict(receipt, "repeated") if is_same else KeyReused(receipt)
            self.outcomes[position] = outcome

    def tallies(self, counted: Mapping[Tally, int]) -> Mapping[Tally, int]:
        tallies = Counter(counted)
        days: dict[int, str] = {}
        for position, arrival in enumerate(self.arrivals):
            place = arrival.place
            if place.round_id not in days:
                days[place.round_id] = day_of(place, self.now)
            here = place.round_id, place.point.code, days[place.round_id]
            tallies[*here, "received"] += 1
            tallies[*here, fate(self.outcomes[position])] += 1
        return tallies

    def _undecided(self) -> list[tuple[int, Arrival]]:
        return [
            (position, self.arrivals[position])
            for position in self.first.values()
            if position not in self.outcomes
        ]


def _same(arrival: Arrival) -> tuple[str, str]:
    """What two arrivals have in common that are the same submission."""
    return arrival.id, arrival.submission_hash


def fate(outcome: Outcome) -> str:
    """The counter of the numbers of the day that an outcome belongs to."""
    if isinstance(outcome, Verdict):
        return outcome.outcome
    reason = getattr(outcome, "reason", None) or REFUSED[type(outcome)]
    return f"refused_{reason}"


def day_of(place: Place, now: datetime) -> str:
    """The date in the time zone of the place's round."""
    return _day(place.plan.window.time_zone, int(now.timestamp()) // 60)


@lru_cache(maxsize=64)
def _day(time_zone: str, minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, ZoneInfo(time_zone)).date().isoformat()


def notice(round_id: int, kind: str, *, day: str, detail: Mapping[str, str]) -> dict[str, Any]:
    """A row of the outbox: something that others must hear of."""
    return {
        "id": secrets.token_hex(16),
        "round_id": round_id,
        "kind": kind,
        "detail": dict(detail),
        "day": day,
        "attempts": 0,
        "delivered": False,
    }


def _allowances(arrival: Arrival) -> tuple[Allowance, ...]:
    place = arrival.place
    if place.plan.admission is None:
        return ()
    point, answers = place.point.code, arrival.submission.answers
    names = allowances_of(place.plan.admission, point, answers)
    return tuple((place.round_id, name) for name in names)
