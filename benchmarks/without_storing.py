"""Ours with a writer that keeps nothing: what everything but the database costs.

    MINXIN_DATABASE_URL=… uvicorn without_storing:from_environment --factory

The application is the one that is served, with its queue, its groups and its receipts; only
the transaction is left out. Nothing but the benchmark may ever serve this.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from starlette.types import ASGIApp

from app.settings import Settings
from app.survey.codes import new_receipt
from app.web.application import create_app
from app.workflow.arrivals import Arrival, Verdict


def from_environment() -> ASGIApp:
    """The application with the settings of the environment, forgetful."""
    application = create_app(Settings())
    application.door.collector.act = acknowledge
    return application


def acknowledge(
    arrivals: Sequence[Arrival], counted: Mapping[tuple[int, str, str, str], int]
) -> list[Verdict]:
    """A receipt for everybody."""
    return [Verdict(receipt(arrival), "stored") for arrival in arrivals]


def receipt(arrival: Arrival) -> str:
    """A number made as the platform makes it."""
    message = f"receipt\0{arrival.submission.once}\0{0}".encode()
    return new_receipt(hmac.digest(arrival.place.key, message, hashlib.sha256))
