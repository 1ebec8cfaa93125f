"""Console pages: who is signed in, the token of their forms, the language in every link."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from app.database.rounds import act_as
from app.errors import NotAllowed
from app.people.colleague import Colleague
from app.people.offices import NOWHERE, Scope
from app.people.roles import Permission
from app.settings import Settings
from app.survey.text import Language
from app.web.console.access import OwnForm, OwnParts, SignedIn, Visit
from app.web.dependencies import ActingSession, ChosenLanguage
from app.web.rendering import HTMLReply, page

STEP = 10
"""Live counts go up in steps of this size, so that no single answer can be watched arrive."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody signed in sits: the visit, the language, and the right of this page."""

    settings: Settings
    visit: Visit
    language: Language
    permission: Permission | None
    """What the page needs; None for pages that are everybody's own."""
    here: str
    """The path of the page."""

    @property
    def person(self) -> Colleague:
        """Who sits here."""
        return self.visit.person

    @property
    def scope(self) -> Scope:
        """The offices that this page may reach."""
        return self.person.scope(self.permission) if self.permission else NOWHERE

    def may(self, permission: Permission) -> bool:
        """Whether the person may do something else, somewhere."""
        return self.person.may(permission)

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLReply:
        """A page of the console as a reply; `allowed` holds what its reader may do."""
        return page(
            template,
            self.language,
            status=status,
            token=self.visit.form_token,
            query=link_query(self.language),
            step=STEP,
            person=self.person,
            allowed=self.person.permissions,
            here=self.here,
            **values,
        )

    def lead_to(self, address: str) -> Response:
        """After an act: on to the page that shows what it did."""
        path, mark, anchor = address.partition("#")
        target = path + link_query(self.language) + mark + anchor
        return RedirectResponse(target, status_code=303)


@dataclass(frozen=True)
class Looking:
    """The desk of somebody who looks at a page that needs this permission.

    Written into a route as ``Annotated[Desk, Depends(Looking(Permission.SEE_ROUNDS))]``.
    """

    permission: Permission | None

    def __call__(self, request: Request, visit: SignedIn, language: ChosenLanguage) -> Desk:
        """NotAllowed for whoever does not have the permission anywhere."""
        return _desk(request, visit, language, self.permission)


@dataclass(frozen=True)
class Acting:
    """The desk of somebody who sent a form of their own that needs this permission.

    The route's `ActingSession` is told who acts.
    """

    permission: Permission | None

    def __call__(
        self, request: Request, visit: OwnForm, language: ChosenLanguage, session: ActingSession
    ) -> Desk:
        """NotAllowed for whoever does not have the permission anywhere."""
        desk = _desk(request, visit, language, self.permission)
        act_as(session, login=desk.person.login, office=desk.person.office.code)
        return desk


@dataclass(frozen=True)
class Uploading:
    """The desk of somebody who sent a form with files; they are in `SubmittedParts`."""

    permission: Permission | None

    def __call__(
        self,
        request: Request,
        visit: OwnParts,
        language: ChosenLanguage,
        session: ActingSession,
    ) -> Desk:
        """NotAllowed for whoever does not have the permission anywhere."""
        desk = _desk(request, visit, language, self.permission)
        act_as(session, login=desk.person.login, office=desk.person.office.code)
        return desk


def _desk(
    request: Request, visit: Visit, language: Language, permission: Permission | None
) -> Desk:
    if permission is not None and not visit.person.may(permission):
        raise NotAllowed(
            "Your roles do not allow this. Ask an administrator of your office.",
            chinese="您的角色不能做这件事。如果需要，请找本单位的管理员。",
        )
    return Desk(
        request.app.state.settings, visit, language, permission, here=request.scope["path"]
    )


def link_query(language: Language) -> str:
    """What keeps the language in a link."""
    return "?l=en" if language == "en" else ""


def in_steps(count: int) -> int:
    """A live count, rounded down to whole steps."""
    return count // STEP * STEP
