"""Every door of the application, asked by every role from every place in the tree.

What is expected follows from the table of roles and from where the person works; the
application is asked over HTTP. A new route is in here by itself; where its address has a part
that nothing below knows, or nothing says who may use it, these tests fail.
"""

import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from html import unescape
from typing import Any

import pytest
from console_rights import DOCUMENT, Door, document, doors
from rights_places import ASSESSED, INSIDE, PENDING, STATES, RightsWorld
from site_parts import site_settings
from starlette.testclient import TestClient

from app.people.roles import ALLOWED, KEPT_FROM_THE_ASSESSED, Permission, Role
from app.settings import Settings
from app.web.application import create_app
from app.web.console.access import form_token
from app.web.console.pages import Looking, Uploading
from app.workflow.demonstration import OPEN_ROUND
from world import NOW

pytest_plugins = ["walked_world", "rights_world"]

NOBODY = {
    "/": "the first page",
    "/healthz": "for probes",
    "/readyz": "for probes",
    "/metrics": "counts in steps; not through a proxy",
    "/privacy": "what is kept of residents",
    "/r": "looks up a receipt",
    "/r/{number}": "says that a receipt was received",
    "/s/{code}": "the questionnaire behind a code",
    "/s/{code}/report": "somebody was told how to answer",
    "/p/{code}": "published results",
    "/p/{code}/method": "published results",
    "/p/{code}/items/{item}": "published results",
    "/p/{code}/results.{kind}": "published results",
    "/a/{code}": "published scores",
    "/a/{code}/scores.{kind}": "published scores",
    "/a/{code}/package.zip": "published scores",
    "/api/v1/responses": "answers from other programs",
    "/api/v1/openapi.json": "how to send them",
    "/static/{file}.js": "our own scripts",
    "/static/phone/{digest}.js": "our own scripts",
    "/static/charts-{digest}.js": "our own scripts",
    "/static/minxin-{digest}.css": "our own style sheet",
    "/console/sign-in": "how one becomes somebody",
    "/console/single-sign-on": "how one becomes somebody, through a provider",
    "/console/single-sign-on/return": "back from the provider",
    "/console/single-sign-on/completion": "believes the provider; linking checks the visit",
    "/console/welcome": "how one becomes somebody, with a code",
}
"""Doors that nobody has to be signed in for, and why."""
HALF_WAY = {
    "/console/second-factor": "for whoever has signed in half-way",
    "/console/sign-out": "for whoever has signed in at all",
}
OPENED_FIRST = {"/console/rounds/{code}/campaigns/{campaign}/answers"}
"""Doors before which one says that one looks."""
NOT_SET_UP = {"/console/account/identities/new"}
"""Doors to a provider of identities, which the world of this test has not."""
OF_THEIR_ACT = {"/console/approvals/{number}": Permission.PUBLISH}
"""Doors whose right follows from what was asked for; here somebody asked to publish."""


def everything() -> list[Door]:
    return doors(create_app(Settings(database_url="sqlite://")))


DOORS = everything()
GUARDED = [door for door in DOORS if door.desks]
READING = [door for door in GUARDED if door.method == "GET"]
WRITING = [door for door in GUARDED if door.method != "GET"]


def test_every_door_says_who_may_use_it():
    unknown = [
        str(door)
        for door in DOORS
        if not door.desks and door.path not in NOBODY and door.path not in HALF_WAY
    ]
    assert not unknown, (
        f"{unknown} name no permission: depend on Looking, Acting or Uploading "
        "(app/web/console/pages.py), or say in NOBODY why nobody has to be signed in"
    )


def test_a_door_for_nobody_asks_for_no_visit_and_every_other_one_for_one_right():
    assert [str(door) for door in GUARDED if len(door.desks) != 1] == []
    assert [str(door) for door in DOORS if door.path in NOBODY and door.asks_for_visit] == []
    stale = {*NOBODY, *HALF_WAY} - {door.path for door in DOORS}
    assert not stale, f"no such doors any more: {stale}"


def test_a_form_is_sent_to_a_door_that_checks_whose_form_it_is():
    unchecked = [str(door) for door in WRITING if isinstance(door.desks[0], Looking)]
    assert unchecked == []


def test_the_page_of_rights_says_what_the_program_does():
    wanted = document(DOORS)
    assert DOCUMENT.read_text("utf-8") == wanted, (
        "write it anew: .venv/bin/python tests/web/console_rights.py"
    )


@pytest.mark.parametrize("door", READING, ids=str)
def test_who_may_look(door: Door, rights_world: RightsWorld, asking: "Asking"):
    for state in states_of(door):
        address = address_of(door, rights_world, state)
        if door.path.endswith("/number") and state == fit_state(door):
            address += asking.a_number(rights_world.objects[f"{state}_run"])
        asking.look(door, address, is_fit=state == fit_state(door))


@pytest.mark.parametrize("door", WRITING, ids=str)
def test_who_may_act(door: Door, rights_world: RightsWorld, asking: "Asking"):
    for state in states_of(door):
        asking.refuse_acts(door, address_of(door, rights_world, state))
    asking.act(door, address_of(door, rights_world, fit_state(door)))


def test_what_lies_elsewhere_reads_like_what_never_was(
    rights_world: RightsWorld, asking: "Asking"
):
    token = rights_world.tokens[Role.ROUND_OPERATOR.value, "sibling"]
    there = asking.get("/console/rounds/walk-open", token)
    nowhere = asking.get("/console/rounds/walk-none", token)
    assert there.status_code == nowhere.status_code == 404
    assert there.text.replace("walk-open", "") == nowhere.text.replace("walk-none", "")


class Asking:
    """The application over one file, and how it is asked."""

    def __init__(
        self, client: TestClient, world: RightsWorld, watch: sqlite3.Connection
    ) -> None:
        self.client, self.world, self.watch = client, world, watch
        self.cookie = "minxin_console"

    def get(self, address: str, token: str = "") -> Any:
        headers = {"cookie": f"{self.cookie}={token}"} if token else {}
        return self.client.get(address, headers=headers, follow_redirects=False)

    def post(self, door: Door, address: str, token: str = "", *, own: bool = True) -> Any:
        headers = {"cookie": f"{self.cookie}={token}"} if token else {}
        data = {"token": form_token(token) if own else "of somebody else"}
        for name, value in FORMS.get(door.path, {}).items():
            data[name] = self.world.objects.get(value, value)
        files = {"file": ("empty.csv", b"")} if takes_files(door) else None
        ask = self.client.post
        return ask(address, headers=headers, data=data, files=files, follow_redirects=False)

    def a_number(self, run: str) -> str:
        """The query of some number of a run."""
        token = self.world.tokens[Role.EVALUATOR.value, "own"]
        page = self.get(f"/console/rounds/{OPEN_ROUND}/runs/{run}", token).text
        return "?" + unescape(re.findall(r'/number\?([^"]+)"', page)[0])

    def look(self, door: Door, address: str, *, is_fit: bool) -> None:
        before = self.version()
        wrong = list(self.strangers(self.get, address))
        for (role, place), token in self.world.tokens.items():
            status = self.get(address, token).status_code
            wanted = expected(door, role, place)
            fine = status in wanted if is_fit or 200 not in wanted else status in {*wanted, 404}
            if not fine:
                wrong.append(f"{role} at {place or 'a rated office'}: {status}, not {wanted}")
        assert not wrong, f"{door}, {address}:\n" + "\n".join(wrong)
        assert door.is_witnessed or self.version() == before, f"{door} writes"

    def refuse_acts(self, door: Door, address: str) -> None:
        before = self.version()
        wrong = list(self.strangers(partial(self.post, door), address))
        for (role, place), token in self.world.tokens.items():
            wanted = expected(door, role, place)
            if 200 in wanted:
                wanted, status = {403}, self.post(door, address, token, own=False).status_code
            else:
                status = self.post(door, address, token).status_code
            if status not in wanted:
                wrong.append(f"{role} at {place or 'a rated office'}: {status}, not {wanted}")
        assert not wrong, f"{door}, {address}:\n" + "\n".join(wrong)
        assert self.version() == before, f"{door} wrote something for somebody who may not"

    def act(self, door: Door, address: str) -> None:
        """Whoever may is not refused for who they are; the form itself is empty."""
        allowed = [key for key in self.world.tokens if 200 in expected(door, *key)]
        assert allowed, f"nobody may use {door}"
        first, *others = [self.post(door, address, self.world.tokens[key]) for key in allowed]
        answered = {*ANSWERED, OWN_STATE.get(door.path)}
        assert first.status_code in answered, f"{door}: {first.status_code} {first.text[-900:]}"
        assert {one.status_code for one in others} <= {*answered, 404}, f"{door}, {allowed}"

    def strangers(self, ask: Any, address: str) -> Iterator[str]:
        reply = ask(address)
        if (reply.status_code, where(reply)) != (303, "/console/sign-in"):
            yield f"not signed in: {reply.status_code} {where(reply)}"
        reply = ask(address, self.world.tokens[PENDING, ""])
        if (reply.status_code, where(reply)) != (303, "/console/second-factor"):
            yield f"half-way signed in: {reply.status_code} {where(reply)}"

    def version(self) -> int:
        """Changes when anybody else has written into the file."""
        return int(self.watch.execute("PRAGMA data_version").fetchone()[0])


ANSWERED = frozenset({200, 303, 400, 409, 422})


@pytest.fixture
def asking(rights_world: RightsWorld, tmp_path: Any) -> Iterator[Asking]:
    file = tmp_path / "asked.sqlite3"
    shutil.copyfile(rights_world.file, file)
    application = create_app(site_settings(file), clock=lambda: NOW)
    with TestClient(application) as client, closing(sqlite3.connect(file)) as watch:
        yield Asking(client, rights_world, watch)


def expected(door: Door, role: str, place: str) -> set[int]:
    """How a door answers somebody: in which states of HTTP."""
    if role == PENDING:
        return {303}
    right = OF_THEIR_ACT.get(door.path, door.permission)
    if role == ASSESSED:
        has_right = right is None or right not in KEPT_FROM_THE_ASSESSED
        reaches = has_right
    else:
        has_right = right is None or right in ALLOWED[Role(role)]
        reaches = place in INSIDE
    if not has_right:
        return {404} if door.path in OF_THEIR_ACT else {403}
    if door.path in NOT_SET_UP:
        return {409}
    if reaches and door.path in OPENED_FIRST:
        return {200, 409}
    return {200, 303} if reaches or not has_object(door) else {404}


def takes_files(door: Door) -> bool:
    return isinstance(door.desks[0], Uploading)


def where(reply: Any) -> str:
    return reply.headers.get("location", "").partition("?")[0]


# ——— addresses ———

OF_AN_OFFICE = re.compile(r"\{(code|draft|login|office_id|number|run_id|version)\}")
NO_OBJECT = ("/versions/",)
"""Finished versions are everybody's who may see definitions."""


def has_object(door: Door) -> bool:
    """Whether the door is about something that lies in an office."""
    return bool(OF_AN_OFFICE.search(door.path)) and not any(
        part in door.path for part in NO_OBJECT
    )


FIT: Mapping[str, str] = {
    "/console/rounds/{code}/opening": "draft",
    "/console/rounds/{code}/runs/{run_id}/publication": "processed",
    "/console/rounds/{code}/campaigns": "reviewed",
    "/console/rounds/{code}/alarms": "reviewed",
    "/console/rounds/{code}/runs": "processed",
    "/console/rounds/{code}": "open",
}
"""Beginning of a path → the state of a round in which the door makes sense; longest first."""


def fit_state(door: Door) -> str:
    if door.path.startswith("/console/rounds/drafts"):
        return ""
    return next((state for path, state in FIT.items() if door.path.startswith(path)), "")


def states_of(door: Door) -> list[str]:
    """The states of a round in which a door is tried: all, if it is about a round."""
    return list(STATES) if fit_state(door) else [""]


def address_of(door: Door, world: RightsWorld, state: str) -> str:
    """The door's address with the parts of objects that are there."""
    parts = parts_of(door, world.objects, state)
    unknown = set(re.findall(r"\{(\w+)\}", door.path)) - parts.keys()
    assert not unknown, f"{door}: say in parts_of what {unknown} is"
    return door.path.format_map(parts) + QUERIES.get(door.path, "")


def parts_of(door: Door, objects: Mapping[str, str], state: str) -> dict[str, str]:
    parts = {"login": objects["login"], "grant_id": objects["grant"]}
    parts |= {"office_id": objects["office"], "identity_id": objects["identity"]}
    for path, own in ROOMS.items():
        if door.path.startswith(path):
            parts |= {name: objects.get(value, value) for name, value in own.items()}
    if state:
        run = objects.get(f"{state}_run", "999999")
        parts |= {"code": STATES[state], "run_id": run, "campaign": objects["campaign"]}
    return parts


ROOMS: Mapping[str, Mapping[str, str]] = {
    "/console/rounds/drafts": {
        "code": "walk-plan", "kind": "units", "entry": "area-1", "step": "basics",
    },
    "/console/rounds/{code}": {
        "item": "H1", "point": "hall-1-1", "change": "rotation", "act": "confirmation",
        "alarm_id": "1", "kind": "csv", "number": "1",
    },
    "/console/rounds/{code}/codes": {"number": "printed"},
    "/console/questionnaires": {
        "draft": "walk-survey", "version": "three_senses@1", "item": "H1", "section": "life",
        "scale": "happy",
    },
    "/console/systems": {
        "draft": "walk-system", "version": "demo_hqd@2", "node": "total", "part": "quality",
    },
    "/console/systems/drafts/{draft}/nodes": {"code": "quality"},
    "/console/systems/drafts/{draft}/indicators": {"code": "labour_productivity"},
    "/console/systems/drafts/{draft}/deductions": {"code": "unlawful_debt"},
    "/console/assessments": {
        "code": "demo-hqd-2025", "number": "1", "decision": "upheld", "scenario_id": "scenario",
    },
    "/console/approvals": {"number": "approval"},
    "/console/jobs": {"number": "job", "name": "a.pdf"},
    "/console/jobs/templates": {"number": "template"},
}  # fmt: skip
"""Beginning of a path → what its parts are; the name of an object, or a word as it is."""

QUERIES = {
    "/console/questionnaires/versions/{version}/changes": "?since=three_senses@1",
    "/console/systems/versions/{version}/changes": "?since=demo_hqd@2",
}
FORMS: Mapping[str, Mapping[str, str]] = {
    "/console/jobs": {"kind": "report_pdf", "object": "result"},
    "/console/offices": {"parent": "office"},
    "/console/assessments/{code}/runs/{number}/scenarios": {"level": "total"},
    "/console/people": {"office": "office"},
    "/console/jobs/templates": {"office": "office"},
    "/console/jobs/templates/standard": {"office": "office"},
    "/console/rounds/{code}/codes/print": {"pieces": "tent", "unit": "area-1"},
    "/console/people/{login}/roles": {"role": "viewer", "office": "office"},
}
"""What a form has to say before anything else can be wrong with it."""
OWN_STATE = {
    "/console/account/recovery-codes": 403,  # without a second factor there are none
    "/console/account/identities/{identity_id}/removal": 404,  # somebody else's
    "/console/account/visits": 404,  # the empty form names no visit
    "/console/rounds/{code}/campaigns/{campaign}/decisions/{number}/{act}": 404,  # none yet
}
