"""Commands of the auditor: make a key, send test ratings, see whether all of them arrived."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.private_files import private_files
from app.cli.rounds import read_content
from app.cli.unscripted import Reply, Visitor
from app.database.engine import Sessions, open_database
from app.database.fieldwork import one_way
from app.database.rounds import find_round
from app.errors import MinxinError
from app.settings import Settings
from app.survey.answers import Answer
from app.survey.canaries import KEY_BYTES, sent_fields
from app.workflow.arrivals import program_key
from app.workflow.canaries.giving_up import give_up
from app.workflow.canaries.sending import (
    PROGRAM,
    Errand,
    Signature,
    prepare_errands,
    read_key,
    record_sending,
    seal,
)
from app.workflow.places import find_place

LOCAL = "http://127.0.0.1:8000"
MODES = {"qr": "", "kiosk": "?mode=kiosk"}
TAKEN = {200, 201, 303}

application = typer.Typer(
    help="Send test ratings that nobody can tell from others, and count them.",
    no_args_is_help=True,
)
RoundCode = Annotated[str, typer.Option("--round", help="The round's code.")]
KeyFile = Annotated[Path, typer.Option("--key", help="The auditor's key, from `canary key`.")]


@dataclass(frozen=True, slots=True)
class Tour:
    """Where test ratings go, and what they are signed with."""

    sessions: Sessions
    round_code: str
    key: bytes
    address: str


@application.command("key")
def make_key(out: Annotated[Path, typer.Option(help="The file to write.")]) -> None:
    """Make the auditor's key. It belongs on the auditor's machine, never on the server."""
    with private_files({out: secrets.token_hex(KEY_BYTES).encode() + b"\n"}):
        pass
    typer.echo(
        f"{out}. Keep it from whoever runs the servers; without it no check is possible."
    )


@application.command("send")
def send(
    round_code: RoundCode,
    key: KeyFile,
    address: Annotated[
        str, typer.Option(help="Where residents find the pages; `local` is this machine.")
    ] = "local",
    point: Annotated[str, typer.Option(help="All to this point; else by chance.")] = "",
    minutes: Annotated[float, typer.Option(help="Spread them over this time.", min=0)] = 5,
) -> None:
    """Send one test rating of each grade through every way into a round."""
    where = LOCAL if address == "local" else address
    Visitor(where)  # an address that is none is refused before anything is prepared
    signing = read_key(read_content(key), key.name)
    tour = Tour(open_database(Settings().database_url), round_code, signing, where)
    with tour.sessions.begin() as session:
        row = find_round(session, round_code)
        errands = prepare_errands(session, row, point=point, now=_now())
    pause = minutes * 60 / max(len(errands), 1)
    refused = 0
    for errand in errands:
        said = run_errand(tour, errand, wait=lambda: time.sleep(_part_of(pause)))
        if said:
            refused += 1
            typer.echo(f"  {errand.purpose}/{errand.channel} grade {errand.grade}: {said}")
    with tour.sessions.begin() as session:
        record_sending(session, find_round(session, round_code), len(errands), now=_now())
    typer.echo(f"{len(errands)} test ratings sent to {round_code}, {refused} not taken.")
    typer.echo(f"Look for them with: minxin canary check --round {round_code} --key {key}")


@application.command("check")
def check_(round_code: RoundCode, key: KeyFile) -> None:
    """Count the test ratings that arrived as they were sent; raise an alarm for the others."""
    # What the statistics need stays out of the commands that do without.
    from app.workflow.alarm_keeping import Called, keep_alarms
    from app.workflow.canaries.checking import OUTCOMES, canary_alarms, check, way_name

    signing = read_key(read_content(key), key.name)
    with open_database(Settings().database_url).begin() as session:
        row = find_round(session, round_code)
        looked = check(session, row, key=signing, now=_now())
        alarms, names = canary_alarms(looked)
        keep_alarms(session, row, alarms, called=Called(names), now=_now())
    if not looked:
        typer.echo(f"No test ratings were sent to {round_code}.")
        return
    for way in sorted({one.way for one in looked}):
        counts = [sum(o.way == way and o.outcome == name for o in looked) for name in OUTCOMES]
        numbers = ", ".join(f"{n} {name}" for n, name in zip(counts, OUTCOMES, strict=True))
        typer.echo(f"  {way_name(way).en:24} {numbers}")
    bad = [one for one in looked if one.outcome != "arrived"]
    for one in sorted(bad, key=lambda o: (o.way, o.grade)):
        place = f"{way_name(one.way).en}, {one.sealed.point}, {one.sealed.day}"
        typer.echo(f"  grade {one.grade} {one.outcome}: {place}")
    if bad:
        raise MinxinError(f"{len(bad)} of {len(looked)} test ratings are missing or altered.")
    typer.echo(f"All {len(looked)} test ratings of {round_code} arrived as they were sent.")


@application.command("give-up")
def give_up_(
    round_code: RoundCode,
    author: Annotated[str, typer.Option(help="Who says so.")],
    reason: Annotated[str, typer.Option(help="How the key was lost; kept for ever.")],
) -> None:
    """Say that test ratings of a closed round are lost with their key, so that it goes on."""
    with open_database(Settings().database_url).begin() as session:
        row = find_round(session, round_code)
        n = give_up(session, row, author=author, reason=reason, now=_now())
    typer.echo(
        f"{n} test ratings of {round_code} were given up. Those that arrived count like "
        "anybody's answers, and every result of the round says how many that may be."
    )


def run_errand(tour: Tour, errand: Errand, *, wait: Callable[[], None]) -> str:
    """Send one test rating as a person would; what the server said if it took nothing."""
    visitor = Visitor(tour.address)
    try:
        send_one = _through_program if errand.channel == PROGRAM else _through_page
        reply = send_one(tour, visitor, errand, wait)
    except MinxinError as error:
        return str(error)
    return "" if reply.status in TAKEN else f"the server answered {reply.status}"


def _through_page(
    tour: Tour, visitor: Visitor, errand: Errand, wait: Callable[[], None]
) -> Reply:
    wait()
    form = visitor.open_form(f"/s/{errand.code}{MODES[errand.channel]}")
    once = next(iter(form.fields.get("once", ())), "")
    if not once:
        raise MinxinError("The form has no key.")
    answers = _sealed(tour, errand, once)
    wait()
    given = {f"q-{item}": values for item, values in sent_fields(answers).items()}
    if errand.token:
        given["token"] = [errand.token]
    reply = visitor.send_form(form, given)
    if reply.location.startswith("/r/"):
        visitor.look(reply.location)
    return reply


def _through_program(
    tour: Tour, visitor: Visitor, errand: Errand, wait: Callable[[], None]
) -> Reply:
    once = secrets.token_hex(16)
    with tour.sessions.begin() as session:
        kept_under = program_key(find_place(session, errand.code), once)
    answers = _sealed(tour, errand, kept_under)
    wait()
    document: dict[str, object] = {
        "code": errand.code,
        "once": once,
        "answers": {k: list(v) if isinstance(v, tuple) else v for k, v in answers.items()},
        "accept_missing": True,
    }
    if errand.token:
        document["token"] = errand.token
    return visitor.send_document("/api/v1/responses", document)


def _sealed(tour: Tour, errand: Errand, once: str) -> Mapping[str, Answer]:
    """Commit the seal before anything is sent: from then on the response counts nowhere."""
    signed = Signature(tour.key, one_way(once))
    with tour.sessions.begin() as session:
        row = find_round(session, tour.round_code)
        return seal(session, row, errand, signed=signed, now=_now())


def _part_of(pause: float) -> float:
    """A random part of a pause, half of it on average for each of two waits."""
    return secrets.SystemRandom().uniform(0, pause)


def _now() -> datetime:
    return datetime.now(UTC)
