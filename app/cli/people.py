"""Commands of people: the first administrator, who works here, a way back in.

Everything else about people is done in the console, where it has an author.
"""

from datetime import UTC, datetime
from typing import Annotated

import typer

from app.database.console_tables import PersonRow
from app.database.engine import Session, open_database
from app.database.people import find_person, list_people
from app.database.rounds import record
from app.database.visits import end_visits_of
from app.errors import NotFound
from app.settings import Settings
from app.workflow.people.welcoming import welcome_first, welcome_person

application = typer.Typer(help="Who works here.", no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="The person's login.")]


@application.command("first-administrator")
def first_administrator() -> None:
    """Print a code, once, that makes whoever types it the first administrator."""
    with open_database(Settings().database_url).begin() as session:
        code = welcome_first(session, now=_now())
    _say(code)


@application.command()
def welcome(login: Login) -> None:
    """Print a code, once, with which somebody chooses a new password."""
    with open_database(Settings().database_url).begin() as session:
        code = welcome_person(session, _find(session, login), now=_now())
    _say(code)


@application.command("list")
def list_everybody() -> None:
    """Everybody who works here or did, with their roles."""
    with open_database(Settings().database_url).begin() as session:
        for line in list_people(session):
            roles = ", ".join(sorted(line.roles)) or "no role"
            state = "" if line.person.active else "  (deactivated)"
            typer.echo(f"{line.person.login:20} {line.person.name:12} {roles}{state}")


@application.command()
def deactivate(login: Login) -> None:
    """Keep somebody out from this moment on; what they did keeps their name."""
    with open_database(Settings().database_url).begin() as session:
        person = _find(session, login)
        person.active = False
        end_visits_of(session, person.id, now=_now())
        record(session, "deactivate person", subject=person.login, now=_now(), detail={})
    typer.echo(f"{login} can no longer sign in.")


def _find(session: Session, login: str) -> PersonRow:
    person = find_person(session, login)
    if person is None:
        raise NotFound(f"Nobody has the login {login!r}. See: minxin people list")
    return person


def _say(code: str) -> None:
    typer.echo(f"{code}\n")
    typer.echo("It is shown once, can be used once, and is valid for three days.")
    typer.echo(f"It is typed at {Settings().public_url}/console/welcome")


def _now() -> datetime:
    return datetime.now(UTC)
