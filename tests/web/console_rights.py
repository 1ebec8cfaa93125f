"""Every route of the application with the right that it asks for, as the program has it.

.venv/bin/python tests/web/console_rights.py     writes docs/console_rights.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console_walk import flattened, inner

from app.people.roles import (
    ALLOWED,
    KEPT_FROM_THE_ASSESSED,
    SECOND_FACTOR_NEEDED,
    Permission,
    Role,
)
from app.settings import Settings
from app.web.application import create_app
from app.web.console.access import begun_visit
from app.web.console.pages import Acting, Looking, Uploading
from app.web.console.witness import bear_witness

DOCUMENT = Path(__file__).parents[2] / "docs" / "console_rights.md"
CHINESE = {
    Role.ADMINISTRATOR: "管理员",
    Role.SURVEY_DESIGNER: "问卷设计",
    Role.ROUND_OPERATOR: "调查组织",
    Role.ANOMALY_REVIEWER: "异常核定",
    Role.CASE_HANDLER: "差评办理",
    Role.EVALUATOR: "考核",
    Role.AUDITOR: "审计",
    Role.VIEWER: "查看",
}
OPENING = """\
# Who may do what in the console

Written by `python tests/web/console_rights.py` from the routes and from
`app/people/roles.py`; a test fails while it is not what they say.
[The console](console.md) · [why it is so](decisions/0022-rights.md)

A role is held at an office and reaches everything below it. What is not written here is not
allowed (403). What lies in another office does not exist (404), in the same words as what was
never there. Whoever works in an office that is assessed has, whatever their roles, only the
rights marked \\*. Roles in bold sign in with a second factor.
"""


@dataclass(frozen=True, slots=True)
class Door:
    """One method of one route, and what stands before it."""

    method: str
    path: str
    desks: tuple[Looking | Acting | Uploading, ...]
    """One, or none where nobody has to be signed in."""
    is_witnessed: bool
    """Whether it writes down who looked, as the one thing that showing may write."""
    asks_for_visit: bool
    """Whether it needs somebody signed in, with or without a right."""

    @property
    def permission(self) -> Permission | None:
        """The right it asks for; None for pages that are everybody's own."""
        return self.desks[0].permission

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def doors(application: Any) -> list[Door]:
    """Every door of the application, sorted by path."""
    found = [
        Door(
            method,
            route.path,
            tuple(desks_of(route.dependant)),
            is_witnessed=needs(route.dependant, bear_witness),
            asks_for_visit=needs(route.dependant, begun_visit),
        )
        for route in flattened(inner(application).routes)
        for method in sorted(route.methods or ())
        if method != "HEAD"
    ]
    return sorted(found, key=lambda door: (door.path, door.method))


def desks_of(dependant: Any) -> Iterator[Looking | Acting | Uploading]:
    """The desks among what a route depends on."""
    for part in dependant.dependencies:
        if isinstance(part.call, Looking | Acting | Uploading):
            yield part.call
        yield from desks_of(part)


def needs(dependant: Any, call: Any) -> bool:
    """Whether something is among what a route depends on."""
    return any(part.call is call or needs(part, call) for part in dependant.dependencies)


def document(found: list[Door]) -> str:
    """Who may do what, as a page."""
    lines = [OPENING, "## Rights", "", head("right"), rule()]
    for permission in Permission:
        mark = "" if permission in KEPT_FROM_THE_ASSESSED else " \\*"
        lines.append(f"| `{permission.value}`{mark} | {dots(permission)} |")
    lines += ["", "## Pages and forms", "", "| | right |", "|---|---|"]
    for door in found:
        if door.desks:
            right = f"`{door.permission.value}`" if door.permission else "whoever is signed in"
            lines.append(f"| `{door}` | {right} |")
    return "\n".join([*lines, ""])


def head(first: str) -> str:
    """The head of a table with a column for each role."""
    names = [f"{CHINESE[role]} {role.value.replace('_', ' ')}" for role in Role]
    bold = [
        f"**{name}**" if role in SECOND_FACTOR_NEEDED else name
        for role, name in zip(Role, names, strict=True)
    ]
    return f"| {first} | {' | '.join(bold)} |"


def rule() -> str:
    """The line under the head."""
    return "|---|" + ":-:|" * len(Role)


def dots(permission: Permission) -> str:
    """A dot for each role that has a right."""
    return " | ".join("●" if permission in ALLOWED[role] else "" for role in Role)


if __name__ == "__main__":
    made = create_app(Settings(database_url="sqlite://"))
    DOCUMENT.write_text(document(doors(made)), encoding="utf-8")
