"""Which offices a right reaches: a tree written as paths, and a scope as a list of them.

An office's path holds the numbers of all offices above it and its own: ``/1/4/9/``. So one
office lies under another if its path begins with the other's, which a database can ask too.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.people.roles import Permission, Role, allowed


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that somebody holds at an office, and below it."""

    role: Role
    path: str
    """Of the office at which it is held."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The offices that a right reaches: those whose path begins with one of `paths`."""

    paths: tuple[str, ...]

    def reaches(self, path: str) -> bool:
        """Whether an office lies in the scope."""
        return any(path.startswith(own) for own in self.paths)


NOWHERE = Scope(())
EVERYWHERE = Scope(("/",))
"""What whoever works at the terminal of the server reaches."""


def scope_of(
    grants: Iterable[Grant], permission: Permission, *, in_assessed_office: bool
) -> Scope:
    """Where somebody may do something: at the offices of every grant that allows it."""
    paths = {
        grant.path
        for grant in grants
        if permission in allowed(grant.role, in_assessed_office=in_assessed_office)
    }
    widest = {path for path in paths if not any(_lies_under(path, other) for other in paths)}
    return Scope(tuple(sorted(widest)))


def permissions_of(
    grants: Iterable[Grant], *, in_assessed_office: bool
) -> frozenset[Permission]:
    """Everything that somebody may do somewhere."""
    return frozenset(
        permission
        for grant in grants
        for permission in allowed(grant.role, in_assessed_office=in_assessed_office)
    )


def _lies_under(path: str, other: str) -> bool:
    return path != other and path.startswith(other)
