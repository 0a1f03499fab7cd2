"""A receiver in memory that answers as it is told."""

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
    """`answers` are used up one a post, then every post gets `status`; `refused` addresses pass no check."""

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
        return Posted(status, f"HTTP {status}" if status else "No connection came about.")
