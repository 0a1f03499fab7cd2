"""Counts parallel writes, to test "one writer per connection" and an overloaded server."""

from __future__ import annotations

from collections import Counter

from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.sandbox.spectrum.access import company_of
from adapters.sandbox.spectrum.envelope import LISTS, SoapFault, read_request
from adapters.sandbox.spectrum.state import SpectrumState
from core.model.work_orders.spectrum_fields import CONNECTION_TEST, SPECTRUM_FIELDS

_READS_ONLY = (CONNECTION_TEST, *LISTS)


class Traffic:
    """The running writes by company. `state.most_writes_at_once` keeps the highest number."""

    def __init__(self, state: SpectrumState) -> None:
        self._state = state
        self._running: Counter[str] = Counter()

    def is_crowded(self) -> bool:
        """Whether more writes are running than the installation allows."""
        return 0 < self._state.settings.max_concurrent < self._running.total()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count a write. This runs before the faults, so that a delayed write counts all the time."""
        company = await self._company_written(request)
        if company is None:
            return await handler(request)
        self._running[company] += 1
        most = self._state.most_writes_at_once
        most[company] = max(most.get(company, 0), self._running[company])
        try:
            return await handler(request)
        finally:
            self._running[company] -= 1

    async def _company_written(self, request: web.Request) -> str | None:
        service = request.match_info.get("service", "")
        if request.method != "POST" or service in _READS_ONLY or service not in SPECTRUM_FIELDS:
            return None
        try:
            values = read_request(service, await request.read())
        except SoapFault:
            return None
        return company_of(self._state, values)
