"""Console pages: who is signed in, the token of their forms, the language in every link."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Response
from fastapi.responses import RedirectResponse

from app.settings import Settings
from app.survey.text import Language
from app.web.console.access import ConsoleSettings, OwnForm, SignedIn, Visit, form_token
from app.web.dependencies import ChosenLanguage
from app.web.rendering import HTMLReply, page

STEP = 10
"""Live counts go up in steps of this size, so that no single answer can be watched arrive."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a signed-in operator sits: the settings, the visit, the language."""

    settings: Settings
    visit: Visit
    language: Language

    def page(self, template: str, **values: Any) -> HTMLReply:
        """A page of the console as a reply."""
        return page(
            template,
            self.language,
            token=form_token(self.settings, self.visit),
            query=link_query(self.language),
            step=STEP,
            **values,
        )

    def lead_to(self, address: str) -> Response:
        """After an act: on to the page that shows what it did."""
        return RedirectResponse(address + link_query(self.language), status_code=303)


def visitor_desk(settings: ConsoleSettings, visit: SignedIn, language: ChosenLanguage) -> Desk:
    """The desk of somebody who looks."""
    return Desk(settings, visit, language)


def sender_desk(settings: ConsoleSettings, visit: OwnForm, language: ChosenLanguage) -> Desk:
    """The desk of somebody who sent a form of their own."""
    return Desk(settings, visit, language)


VisitorDesk = Annotated[Desk, Depends(visitor_desk)]
SenderDesk = Annotated[Desk, Depends(sender_desk)]


def link_query(language: Language) -> str:
    """What keeps the language in a link."""
    return "?l=en" if language == "en" else ""


def in_steps(count: int) -> int:
    """A live count, rounded down to whole steps."""
    return count // STEP * STEP
