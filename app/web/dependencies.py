"""What routes ask for: a transaction, the time, the settings, the submitted form."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile

from app.database.engine import Session
from app.settings import Settings
from app.survey.text import Language

Clock = Callable[[], datetime]
Form = Mapping[str, Sequence[str]]

MOST_FIELDS = 2000
FORM_TYPE = "application/x-www-form-urlencoded"
PARTS_TYPE = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: its name, which is only shown, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """A form that carries files: its fields as text, and each file by its field."""

    form: Form
    files: Mapping[str, Upload]


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

    The other encoding of forms is refused where no file is asked for: its parts name the
    character set that they are to be read in.
    """
    sent_as = request.headers.get("content-type", FORM_TYPE).partition(";")[0].strip().lower()
    if sent_as != FORM_TYPE:
        raise HTTPException(415)
    async with request.form(max_fields=MOST_FIELDS) as form:
        return _texts(form)


async def submitted_parts(request: Request) -> Parts:
    """The fields and files of a form with files; a field without a file is left out."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind.decode() != PARTS_TYPE or options.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise HTTPException(415)
    async with request.form(max_fields=MOST_FIELDS, max_files=5) as form:
        files = {
            name: Upload(value.filename or "", await value.read())
            for name, value in form.multi_items()
            if isinstance(value, UploadFile) and value.filename
        }
        return Parts(_texts(form), files)


def _texts(form: FormData) -> Form:
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
SubmittedParts = Annotated[Parts, Depends(submitted_parts)]
