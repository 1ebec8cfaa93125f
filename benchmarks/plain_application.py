"""The usual design, to compare with: FastAPI, a session for each request, pydantic, Jinja2.

It is written as FastAPI's own tutorial writes such applications: `def` routes, a session as
a dependency, a pydantic model for the form, an object added and committed, a page rendered
from a template. It keeps the same rows in the same tables under a key that comes from the
form, on SQLite with the same pragmas, and is as durable: each answer is committed before its
reply. It reads the questionnaire once when it starts, which is generous to it, and leaves
out what the platform does besides: signed keys, rate limits, counters, compression.

    MINXIN_DATABASE_URL=… uvicorn plain_application:from_environment --factory
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model
from sqlalchemy import Engine, create_engine, event, make_url, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from app.database.engine import PRAGMAS, sqlite_library
from app.database.rounds import load_round
from app.database.tables import PointCodeRow, ResponseRow, ResponseTextRow, RoundRow
from app.survey.definition import Item, Survey

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{{ survey.title['zh-Hans'] }}</title>
<style>body{font:17px/1.6 sans-serif;max-width:36em;margin:auto}label{display:block}</style>
</head><body><h1>{{ survey.title['zh-Hans'] }}</h1><p>{{ survey.lead['zh-Hans'] }}</p>
<form method="post" action="/s/{{ code }}?sent=1">
<input type="hidden" name="once" value="{{ once }}">
<input type="hidden" name="l" value="zh-Hans"><input type="hidden" name="mode" value="page">
{% for section in survey.sections %}<div class="section">
<h2>{{ section.title['zh-Hans'] }}</h2>
{% if section.note %}<p class="hint">{{ section.note['zh-Hans'] }}</p>{% endif %}
<input type="hidden" name="t-{{ section.code }}">
{% for item in section.items %}<fieldset id="q-{{ item.code }}-f">
<legend>{{ loop.index }}. {{ item.text['zh-Hans'] }}</legend>
{% if item.hint %}<p class="hint">{{ item.hint['zh-Hans'] }}</p>{% endif %}
{% if item.kind == 'text' %}
<textarea name="q-{{ item.code }}" maxlength="{{ item.max_length }}"></textarea>
{% else %}{% for choice, label in choices[item.code] %}
<label><input type="radio" name="q-{{ item.code }}" value="{{ choice }}">{{ label }}</label>
{% endfor %}{% endif %}</fieldset>
{% endfor %}</div>{% endfor %}
<button name="send" value="1">提交评价</button></form></body></html>"""


class SentForm(BaseModel):
    """What every form has; the items of the questionnaire are added to it."""

    model_config = ConfigDict(extra="ignore")
    once: str = Field(min_length=16, max_length=100)
    l: Literal["zh-Hans", "en"] = "zh-Hans"  # noqa: E741 - the field's name
    mode: Literal["page", "step"] = "page"


def from_environment() -> FastAPI:
    """The application over the database of MINXIN_DATABASE_URL, whose round is open."""
    sessions = sessionmaker(plain_engine(os.environ["MINXIN_DATABASE_URL"]))
    with sessions() as session:
        survey = load_round(session, session.scalars(select(RoundRow)).one()).survey
    application = FastAPI()
    application.state.sessions = sessions
    application.add_api_route("/healthz", lambda: "alive")
    add_page(application, survey)
    add_submission(application, survey)
    return application


def plain_engine(url: str) -> Engine:
    """An engine with a connection for each request: fewer than threads stall such a design."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        return create_engine(address.set(drivername="postgresql+pg8000"), pool_size=90)
    engine = create_engine(address, module=sqlite_library(), pool_size=0)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine


def request_session(request: Request) -> Iterator[Session]:
    """A session for one request."""
    with request.app.state.sessions() as session:
        yield session


RequestSession = Annotated[Session, Depends(request_session)]


def add_page(application: FastAPI, survey: Survey) -> None:
    """GET /s/CODE: the questionnaire, rendered for each request."""
    template = Environment(autoescape=True).from_string(PAGE)
    labels = {item.code: labelled(survey, item) for item in survey.items.values()}

    @application.get("/s/{code}", response_class=HTMLResponse)
    def show_questionnaire(code: str, session: RequestSession) -> str:
        open_point(session, code)
        once = secrets.token_urlsafe(24)
        return template.render(survey=survey, code=code, once=once, choices=labels)


def add_submission(application: FastAPI, survey: Survey) -> None:
    """POST /s/CODE: validate, keep, commit, lead to the receipt."""
    answers_form = form_model(survey)

    @application.post("/s/{code}")
    def submit(
        code: str,
        form: Annotated[answers_form, Form()],  # type: ignore[valid-type]
        session: RequestSession,
        request: Request,
    ) -> RedirectResponse:
        point, survey_round = open_point(session, code)
        response = response_row(form, point, survey_round, request)
        session.add(response)
        text = form.answer_O1.strip()
        try:
            session.flush()
            if text:
                session.add(ResponseTextRow(response_id=response.id, item="O1", text=text))
            session.commit()
        except IntegrityError:
            session.rollback()
            raise HTTPException(409, "This form was sent before.") from None
        return RedirectResponse(f"/r/{response.id}", 303)


def open_point(session: Session, code: str) -> tuple[PointCodeRow, RoundRow]:
    """The point of a code and its round, which must be open."""
    point = session.get(PointCodeRow, code)
    if point is None or point.revoked_at is not None:
        raise HTTPException(404)
    survey_round = session.get_one(RoundRow, point.round_id)
    if survey_round.state != "open":
        raise HTTPException(410)
    return point, survey_round


def response_row(
    form: Any, point: PointCodeRow, survey_round: RoundRow, request: Request
) -> ResponseRow:
    """The row of a form: the same columns as the platform fills."""
    given = form.model_dump(exclude_none=True)
    answers = {
        name.removeprefix("answer_"): value
        for name, value in given.items()
        if name.startswith("answer_") and isinstance(value, int)
    }
    seconds = {n.removeprefix("t_"): v for n, v in given.items() if n.startswith("t_")}
    agent = request.headers.get("user-agent", "")
    address = request.client.host if request.client else ""
    return ResponseRow(
        id=f"{survey_round.id:08x}{digest(form.once)[:24]}",
        round_id=survey_round.id,
        unit="",
        point=point.point,
        evidence="opt_in",
        survey="three_senses@1",
        channel="qr",
        answers=answers,
        background={},
        weight=None,
        paradata={
            "slot": datetime.now(UTC).isoformat(timespec="minutes"),
            "section_seconds": seconds,
            "device": digest(agent)[:16],
            "network": digest(address)[:16],
            "language": form.l,
            "mode": form.mode,
        },
        submission_hash=digest(form.once),
        body_digest=digest(repr(sorted(answers.items()))),
    )


def digest(text: str) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def labelled(survey: Survey, item: Item) -> list[tuple[int, str]]:
    """The choices of an item with their Chinese labels."""
    scale = survey.scale_of(item)
    if item.kind == "text":
        return []
    labels = {option.code: option.label["zh-Hans"] for option in scale.choices}
    return [(code, labels.get(code, str(code))) for code in choices_of(survey, item)]


def choices_of(survey: Survey, item: Item) -> list[int]:
    """Every code that may be chosen, in the order of the page; none for a text."""
    if item.kind == "text":
        return []
    scale = survey.scale_of(item)
    return list(dict.fromkeys([*scale.codes, *(option.code for option in scale.choices)]))


def form_model(survey: Survey) -> type[SentForm]:
    """A pydantic model with a field for each item, as strict as the questionnaire."""
    fields: dict[str, Any] = {}
    for item in survey.items.values():
        alias = f"q-{item.code}"
        name = f"answer_{item.code}"
        if item.kind == "text":
            fields[name] = (str, Field("", alias=alias, max_length=item.max_length))
            continue
        allowed = frozenset(choices_of(survey, item))
        kind = Annotated[int, Field(strict=False), one_of(allowed)]
        fields[name] = (
            (kind | None, Field(None, alias=alias))
            if item.optional
            else (kind, Field(alias=alias))
        )
    for section in survey.sections:
        seconds = Annotated[int, Field(ge=0, le=86400)]
        fields[f"t_{section.code}"] = (seconds | None, Field(None, alias=f"t-{section.code}"))
    return create_model("AnswersForm", __base__=SentForm, **fields)


def one_of(allowed: frozenset[int]) -> Any:
    """A check that a code is one of the item's choices."""

    def check(code: int) -> int:
        if code not in allowed:
            raise ValueError("is not a choice of this item")
        return code

    return AfterValidator(check)
