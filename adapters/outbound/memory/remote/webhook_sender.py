"""A webhook receiver in memory with answers set by the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.shared.errors import BadInput
from ports.webhook_sender import Posted, WebhookSender


@dataclass(frozen=True, slots=True)
class Received:
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class MemoryWebhookSender(WebhookSender):
    """Each post uses one of `answers`, and `status` after the last one. `refused` addresses fail the check."""

    status: int | None = 200
    answers: list[int | None] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    received: list[Received] = field(default_factory=list)

    def check(self, url: str) -> None:
        if url in self.refused:
            raise BadInput("Events cannot be posted to this address.", code="WEBHOOK_URL_REFUSED")

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        self.received.append(Received(url, dict(headers), body))
        status = self.answers.pop(0) if self.answers else self.status
        return Posted(status, f"HTTP {status}" if status else "No connection could be made.")
