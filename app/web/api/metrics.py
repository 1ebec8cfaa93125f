"""The numbers of the day for monitoring, in the format of Prometheus.

Counts only, of rounds that are open or were until a week ago; never a score. What is kept at
a point goes up in the same steps as in the console: whoever asks every few seconds must not
be able to watch a single answer arrive. Answered to those who ask the server itself; to
whoever comes through a proxy the page does not exist.
"""

from collections.abc import Iterator, Sequence

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector as Source

from app.database.tallies import REFUSED, Tallied, list_tallied
from app.errors import NotFound
from app.web.console.pages import in_steps
from app.web.dependencies import Now, ReadingSession
from app.workflow.collecting import Collector

FORWARDED = ("x-forwarded-for", "forwarded")

Metric = CounterMetricFamily | GaugeMetricFamily

router = APIRouter()


@router.get("/metrics")
def show_metrics(request: Request, session: ReadingSession, now: Now) -> Response:
    """What has come in, and how the process that answers is doing."""
    if any(name in request.headers for name in FORWARDED):
        raise NotFound("There is no such page.")
    state = request.app.state
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(list_tallied(session, now=now)))
    registry.register(_Process(state.collector, state.front.sheet_bytes))
    content = generate_latest(registry)
    unkept = {"Cache-Control": "no-store"}
    return Response(content, headers=unkept, media_type=CONTENT_TYPE_LATEST)


class _Numbers(Source):
    """The numbers of the day as one family, with round, point and counter."""

    def __init__(self, tallied: Sequence[Tallied]) -> None:
        self.tallied = tallied

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "minxin_tally",
            "What was served, received, stored or refused at a point; in steps but refusals.",
            labels=("round", "point", "counter"),
        )
        for one in self.tallied:
            n = one.n if one.counter.startswith(REFUSED) else in_steps(one.n)
            family.add_metric((one.round_code, one.point, one.counter), n)
        yield family


class _Process(Source):
    """How the process is doing that answers; others on the machine have their own.

    These say that answers were kept, and not at which point.
    """

    def __init__(self, collector: Collector, sheet_bytes: int) -> None:
        self.collector, self.sheet_bytes = collector, sheet_bytes

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(
            "minxin_groups", "Groups of answers committed.", value=self.collector.groups
        )
        gauges = (
            ("minxin_arrivals_waiting", "Answers that wait.", self.collector.waiting),
            ("minxin_group_size", "Answers in the last group.", self.collector.last_size),
            ("minxin_group_seconds", "Its commit took.", self.collector.last_seconds),
            ("minxin_sheets_bytes", "Memory of compiled pages.", self.sheet_bytes),
        )
        for name, meaning, value in gauges:
            yield GaugeMetricFamily(name, meaning, value=value)
