"""Somebody who is signed in, with all that decides what they may do: the one policy.

Every page and every form of the console names one `Permission`; `scope` says at which offices
the person has it. An empty scope is a refusal. What lies outside a scope does not exist for
the person: it is not found, and no sentence betrays it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.people.offices import Grant, Scope, permissions_of, scope_of
from app.people.roles import Permission


@dataclass(frozen=True, slots=True)
class Office:
    """The office where somebody works."""

    id: int
    code: str
    path: str
    assessed: bool
    """Rounds rate it, or an office above it that is rated."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person who works here, as the database has them at this moment."""

    id: int
    login: str
    name: str
    office: Office
    grants: Sequence[Grant]

    def scope(self, permission: Permission) -> Scope:
        """The offices at which this person may do it; none is a refusal."""
        return scope_of(self.grants, permission, in_assessed_office=self.office.assessed)

    def may(self, permission: Permission) -> bool:
        """Whether the person may do it anywhere."""
        return bool(self.scope(permission).paths)

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that the person may do somewhere."""
        return permissions_of(self.grants, in_assessed_office=self.office.assessed)
