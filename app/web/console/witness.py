"""Who looked: the one thing that showing a page may write.

A page asks for a `Witness` and says what is about to be seen, once it knows that the person
may see it and that it exists. The line is kept, in a short transaction of its own, before
anything is shown: what could not be written down is not shown.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from app.database.audit import saw
from app.database.engine import Sessions
from app.database.rounds import act_as
from app.web.console.pages import Desk
from app.web.dependencies import Now


@dataclass(frozen=True, slots=True)
class Witness:
    """Writes down looks."""

    acting: Sessions
    now: datetime

    def saw(self, desk: Desk, what: str, *, subject: str, **detail: object) -> None:
        """Keep that whoever sits at the desk is about to see something."""
        with self.acting.begin() as session:
            act_as(session, login=desk.person.login, office=desk.person.office.code)
            saw(session, what, subject=subject, now=self.now, detail=detail)


def bear_witness(request: Request, now: Now) -> Witness:
    """The witness of a request."""
    return Witness(request.app.state.acting, now)


Witnessed = Annotated[Witness, Depends(bear_witness)]
