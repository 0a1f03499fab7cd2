"""Complete a job in ServiceTrade and send it with the chosen items, in one request."""

from __future__ import annotations

from dataclasses import replace

from core.model.sending.send import Send
from core.services.sending.request_send import RequestSend, SendRequest


class CompleteJob:
    def __init__(self, request_send: RequestSend) -> None:
        self._request_send = request_send

    async def __call__(self, tenant_id: str, request: SendRequest, *, idempotency_key: str | None = None) -> Send:
        """Plan first: a job that cannot be sent stays open. The queued send completes the job, so a crash loses
        neither the completion nor the send. A job that is completed already is sent like any other.

        Raises what RequestSend raises, including PlanBlocked, and what the ServiceTrade port raises for reading.
        """
        return await self._request_send(tenant_id, replace(request, completes=True), idempotency_key=idempotency_key)
