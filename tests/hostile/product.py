"""The product under attack: a database with open and published rounds, and what is in it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus import Target
from sqlalchemy.orm import Session

from app.database.engine import make_engine, make_sessions
from app.database.people import find_person
from app.database.rounds import active_codes, find_round
from app.database.visits import Beginning, begin_visit
from app.people.roles import Role
from app.settings import Settings
from app.web.application import create_app
from app.web.console.access import form_token
from app.web.resident.once import new_once
from app.workflow.demonstration import OPEN_ROUND, REAL_ROUND, make_demonstration
from colleagues import CHIEF, add_colleague
from world import DEFINITIONS, NOW, TOWN_PLAN, a_place, a_round

TOWN = "town-2026"
HALL = "hall-2026"
HALL_PLAN = TOWN_PLAN.replace(TOWN, HALL).replace("three_senses_short@1", "service_review@1")
POINTS = {TOWN: "east-hall", HALL: "west-hall"}
IN_FRONT = {"/s/{code}": ["GET", "POST"], "/s/{code}/started": ["POST"]}
"""What may be answered before any router is asked."""


@dataclass(frozen=True, slots=True)
class Product:
    """The application over a database, and what an attacker who read everything would know."""

    application: Any
    settings: Settings
    target: Target


def fill(url: str) -> None:
    """Put the demonstration and two open rounds into a migrated database."""
    engine = make_engine(url)
    make_demonstration(make_sessions(engine), DEFINITIONS, now=NOW, progress=lambda _: None)
    with make_sessions(engine).begin() as session:
        a_round(session, TOWN_PLAN)
        a_round(session, HALL_PLAN)
        add_colleague(session, CHIEF, *Role)
    engine.dispose()


def fill_small(url: str) -> None:
    """Put two open rounds into a migrated database."""
    engine = make_engine(url)
    with make_sessions(engine).begin() as session:
        a_round(session, TOWN_PLAN)
        a_round(session, HALL_PLAN)
        add_colleague(session, CHIEF, *Role)
    engine.dispose()


def a_copy_of(file: Path, folder: Path) -> str:
    """The address of a copy of a SQLite file."""
    copy = folder / "hostile.sqlite3"
    shutil.copyfile(file, copy)
    return f"sqlite:///{copy}"


def product_over(url: str, **more: Any) -> Product:
    """The product over a filled database, with a console and one proxy in front."""
    settings = Settings(database_url=url, proxy_hops=1, **more)
    application = create_app(settings, clock=lambda: NOW)
    engine = make_engine(url)
    with Session(engine) as session:
        target = _target(session, application)
    engine.dispose()
    return Product(application, settings, target)


def _target(session: Session, application: Any) -> Target:
    rounds = {code: find_round(session, code) for code in POINTS}
    places = {
        place.code: place
        for code, point in POINTS.items()
        for place in [a_place(session, rounds[code], point)]
    }
    codes = [*places, *active_codes(session, rounds[TOWN].id).values()]
    chief = find_person(session, CHIEF)
    assert chief is not None
    how = Beginning("password", complete=True, browser="")
    visit = begin_visit(session, chief, how, now=NOW)
    session.commit()

    def new_key(code: str) -> str:
        place = places.get(code)
        return new_once(place.key, code, NOW) if place else "made up"

    return Target(
        routes=_routes(application),
        words={
            "code": [*codes, TOWN, HALL, REAL_ROUND, OPEN_ROUND],
            "number": ["K3M9-XQ4T-7B2"],
            "round": [REAL_ROUND, OPEN_ROUND],
            "run_id": ["1", "2", "0", "-1", "99999999999999999999", "9223372036854775808"],
            "item": ["Q1", "q1", "q1a"],
            "kind": ["csv", "xlsx", "json"],
        },
        codes=list(places),
        new_key=new_key,
        items={code: list(place.survey.items) for code, place in places.items()},
        cookie=f"minxin_console={visit}",
        token=form_token(visit),
    )


def _routes(application: Any) -> list[tuple[str, list[str]]]:
    """Every route, however many layers lie around the application that has them."""
    while not hasattr(application, "routes"):
        application = application.application
    found = {route.path: sorted(route.methods or ()) for route in _flat(application.routes)}
    return list((IN_FRONT | found).items())


def _flat(routes: Any) -> list[Any]:
    flat: list[Any] = []
    for route in routes:
        inner = getattr(route, "original_router", route)
        flat += _flat(inner.routes) if hasattr(inner, "routes") else [route]
    return flat
