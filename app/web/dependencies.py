"""What routes ask for: a transaction, the time, the settings, the submitted form."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from app.database.engine import Session
from app.settings import Settings
from app.survey.text import Language

Clock = Callable[[], datetime]
Form = Mapping[str, Sequence[str]]

MOST_FIELDS = 500
FORM_TYPE = "application/x-www-form-urlencoded"


def acting_session(request: Request) -> Iterator[Session]:
    """One act, one transaction, committed before the reply is sent."""
    with request.app.state.acting.begin() as session:
        yield session


def reading_session(request: Request) -> Iterator[Session]:
    """A look at the database that waits for no writer and writes nothing."""
    with request.app.state.reading() as session:
        yield session


def current_time(request: Request) -> datetime:
    """The time, from the clock the application was made with."""
    return request.app.state.clock()


def current_settings(request: Request) -> Settings:
    """The settings the application was made with."""
    return request.app.state.settings


def chosen_language(request: Request) -> Language:
    """The language asked for with ``?l=``; Chinese unless it is English."""
    return "en" if request.query_params.get("l") == "en" else "zh-Hans"


async def submitted_form(request: Request) -> Form:
    """The fields of a form as text.

    No form here carries files, so the other encoding of forms is refused: its parts name
    the character set that they are to be read in.
    """
    sent_as = request.headers.get("content-type", FORM_TYPE).partition(";")[0].strip().lower()
    if sent_as != FORM_TYPE:
        raise HTTPException(415)
    async with request.form(max_fields=MOST_FIELDS) as form:
        fields: dict[str, list[str]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str):
                fields.setdefault(name, []).append(value)
        return fields


# The default scope would commit after the reply: a failed commit would still answer 200.
ActingSession = Annotated[Session, Depends(acting_session, scope="function")]
ReadingSession = Annotated[Session, Depends(reading_session, scope="function")]
Now = Annotated[datetime, Depends(current_time)]
CurrentSettings = Annotated[Settings, Depends(current_settings)]
ChosenLanguage = Annotated[Language, Depends(chosen_language)]
SubmittedForm = Annotated[Form, Depends(submitted_form)]
