"""The web application: the only place where its parts are wired together."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp

from app.database.engine import (
    make_engine,
    make_reading_sessions,
    make_sessions,
    make_writing_engine,
)
from app.settings import Settings
from app.web import chart_script, results, scores, stylesheet
from app.web.api import health, metrics, responses
from app.web.console.doors import add_console
from app.web.dependencies import Clock
from app.web.errors import add_error_pages
from app.web.front import Front
from app.web.protection import Protection
from app.web.resident import answering, receipts
from app.web.resident.door import Door
from app.web.resident.lookup import Lookup
from app.workflow.collecting import Collector

ROUTERS = (
    health.router,
    metrics.router,
    responses.router,
    stylesheet.router,
    chart_script.router,
    answering.router,
    receipts.router,
    results.router,
    scores.router,
)


SENT_AS_THEY_ARE = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
"""Compressed inside: their length and digest are those of what is sent."""


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def from_environment() -> ASGIApp:
    """The application with the settings of the environment, for a server to start."""
    application = create_app(Settings())
    # What a server is made of stays: looking through it again and again would stop everybody.
    gc.collect()
    gc.freeze()
    return application


def create_app(settings: Settings, clock: Clock = utc_now) -> ASGIApp:
    """The application over the database that the settings name; it must be migrated."""
    engine = make_engine(settings.database_url)
    writing = make_writing_engine(settings.database_url)
    collector = Collector(writing, clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(collector.stop)
        lookup.close()
        writing.dispose()
        engine.dispose()

    application = FastAPI(
        title="Minxin",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would write the sender's Host header into an address
        lifespan=lifespan,
    )
    application.state.engine = engine
    application.state.acting = make_sessions(engine)
    application.state.reading = make_reading_sessions(engine)
    lookup, door = Lookup(application.state.reading), Door(collector)
    application.state.collector, application.state.door = collector, door
    application.state.settings = settings
    application.state.clock = clock
    for router in ROUTERS:
        application.include_router(router)
    add_console(application)
    add_error_pages(application)
    application.add_middleware(
        GZipMiddleware, minimum_size=500, exclude_content_types=SENT_AS_THEY_ARE
    )
    front = Front(Protection(application), lookup, door, clock=clock, hops=settings.proxy_hops)
    application.state.front = front
    return front
