"""`/metrics` for Prometheus: the state of the installation and the requests to this process, without tenant names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from adapters.inbound.server.access import Access
from adapters.inbound.server.key_check import KeyCheck
from adapters.inbound.server.listener import ConnectionLimiter
from adapters.inbound.server.load import Load, was_shed
from adapters.inbound.server.middlewares import route_name
from adapters.inbound.server.peers import is_local
from core.model.operations.job_counts import Waiting
from core.model.sending.send import SendState
from core.model.shared.errors import JobferryError
from core.services.operations.collect_stats import CollectStats, QueueReport

_COUNTED_FOR_SECONDS = 5.0
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Counts requests. The other values are read from the database on a scrape, at most every 5 seconds."""

    def __init__(
        self,
        limiter: ConnectionLimiter,
        load: Load,
        collect_stats: CollectStats,
        seconds: Callable[[], float],
        silent_endpoints: Callable[[], int],
    ) -> None:
        self._take_census = collect_stats
        self._seconds = seconds
        self._counting = asyncio.Lock()
        self._counted: tuple[float, QueueReport | None] | None = None
        self._process = CollectorRegistry()
        self._requests = Counter(
            "jobferry_http_requests", "Requests answered.", ["route", "status"], registry=self._process
        )
        self._durations = Histogram(
            "jobferry_http_request_seconds", "Time to an answer.", ["route"], buckets=_BUCKETS, registry=self._process
        )
        Gauge("jobferry_http_connections", "Open connections.", registry=self._process).set_function(
            lambda: limiter.open_connections
        )
        Gauge(
            "jobferry_endpoints_silent",
            "Spectrum endpoints that do not answer this process.",
            registry=self._process,
        ).set_function(silent_endpoints)
        Gauge("jobferry_http_requests_in_work", "Requests of programs in work.", registry=self._process).set_function(
            lambda: load.in_work
        )
        self._process.register(_Refusals(limiter, load))

    @web.middleware
    async def measure(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The outermost middleware."""
        started = self._seconds()
        response = await handler(request)
        route = route_name(request) or "none"
        self._requests.labels(route, str(response.status)).inc()
        # A stream lasts as long as its client stays, and a refusal because of the load is late on purpose.
        if isinstance(response, web.Response) and not was_shed(request):
            self._durations.labels(route).observe(self._seconds() - started)
        return response

    async def text(self) -> bytes:
        """All metrics in Prometheus' text format, also if the database does not answer."""
        report = await self._report()
        registry = CollectorRegistry()
        _gauge(registry, "database_up", "Whether the database answers.", int(report is not None))
        if report is not None:
            _fill(registry, report)
        return generate_latest(registry) + generate_latest(self._process)

    async def _report(self) -> QueueReport | None:
        async with self._counting:
            if self._counted is None or self._seconds() - self._counted[0] >= _COUNTED_FOR_SECONDS:
                try:
                    report = await self._take_census()
                except JobferryError:
                    report = None
                self._counted = self._seconds(), report
            return self._counted[1]


def metrics_routes(metrics: Metrics, check: KeyCheck, *, keyless: bool) -> list[web.RouteDef]:
    """`/metrics` needs an operator key. With `keyless`, requests from this machine need none."""

    async def show_metrics(request: web.Request) -> web.Response:
        if not (keyless and is_local(request)):
            Access.OPERATOR.require(await check(request))
        return web.Response(body=await metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/metrics", show_metrics)]


class _Refusals(Collector):
    """Reads the counters of what refuses, because that does not depend on Prometheus."""

    def __init__(self, limiter: ConnectionLimiter, load: Load) -> None:
        self._limiter = limiter
        self._load = load

    def collect(self) -> Iterator[CounterMetricFamily]:
        yield CounterMetricFamily(
            "jobferry_http_connections_refused", "Connections refused.", value=self._limiter.refused
        )
        yield CounterMetricFamily(
            "jobferry_http_requests_shed", "Requests refused because of the load.", value=self._load.shed
        )


def _fill(registry: CollectorRegistry, report: QueueReport) -> None:
    census = report.census
    sends = Gauge("jobferry_sends", "Sends by state.", ["state"], registry=registry)
    for state in SendState:
        sends.labels(state.value).set(census.sends.get(state, 0))
    jobs = Gauge("jobferry_jobs", "Jobs by what they wait for.", ["waiting"], registry=registry)
    for waiting in Waiting:
        jobs.labels(waiting.value).set(census.jobs[waiting])
    _gauge(registry, "jobs_for_people", "Jobs that wait for a person.", census.attention)
    _gauge(registry, "new_records_for_people", "New sites and customers that wait for a person.", census.new_records)
    _gauge(registry, "unclear_annotations", "Notes and documents to check in Spectrum.", census.unclear_annotations)
    _gauge(registry, "queue_age_seconds", "How long the oldest due send is overdue.", report.age_seconds)
    _gauge(registry, "doubts", "Cost lines to check in Spectrum.", census.doubts)
    _gauge(registry, "connections", "Connections.", census.connections)
    _gauge(registry, "connections_held", "Connections on hold: Spectrum is unreachable or refuses us.", census.held)
    _gauge(registry, "connections_paused", "Connections paused by a person.", census.paused)
    _gauge(registry, "workers_alive", "Worker processes with a recent heartbeat.", census.workers)


def _gauge(registry: CollectorRegistry, name: str, meaning: str, value: float) -> None:
    Gauge("jobferry_" + name, meaning, registry=registry).set(value)
