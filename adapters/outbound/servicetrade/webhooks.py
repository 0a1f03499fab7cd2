"""Registers the webhook address for ServiceTrade's changes. It holds a secret and appears only in the request.

ServiceTrade's messages about a refused address may repeat it, whole, cut or escaped. Such messages are removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from adapters.outbound.servicetrade.calls import Part, Refusal, checked_id
from adapters.outbound.servicetrade.envelope import Envelope
from adapters.outbound.servicetrade.records import Stub, WebhookRecord, read_from
from adapters.outbound.servicetrade.refusal import refused
from adapters.outbound.servicetrade.transport import Request
from core.model.tenants.tenant import ServiceTradeAccount
from ports.service_trade import RegisteredWebhook

JOB_ENTITY = 3
ACTIONS = ("created", "updated")
_LONG_SEGMENT = 16
_TELLING = 6
"""A message with this many consecutive characters of a secret repeats the secret."""


class Webhooks(Part):
    async def webhooks(self, account: ServiceTradeAccount) -> Sequence[RegisteredWebhook]:
        listed = self._calls.pages(account, "/webhook", {}, "webhooks", "to list the webhooks")
        said = "lists webhooks in an unknown form"
        hooks = [read_from(account, WebhookRecord, row, said, "a webhook") async for page in listed for row in page]
        return [RegisteredWebhook(hook.id, hook.hookUrl, hook.enabled is not False) for hook in hooks]

    async def register_webhook(self, account: ServiceTradeAccount, url: str) -> str:
        body = {
            "hookUrl": url,
            "enabled": True,
            "includeChangesets": True,
            "entityEvents": [{"entityType": JOB_ENTITY, "actions": list(ACTIONS)}],
        }
        try:
            envelope = await self._calls.attempt(account, Request("POST", "/webhook", body=body))
        except Refusal as refusal:
            # `from None`: the refusal still holds ServiceTrade's own messages.
            raise refused(refusal.status, _without(url, refusal.envelope), "to register a webhook") from None
        return read_from(account, Stub, envelope.data, "answers without a webhook", "the new webhook").id

    async def remove_webhook(self, account: ServiceTradeAccount, webhook_id: str) -> None:
        request = Request("DELETE", f"/webhook/{checked_id(webhook_id, 'webhook')}")
        await self._calls.find(account, request, f"to remove the webhook {webhook_id}")


def _without(url: str, envelope: Envelope) -> Envelope:
    """Return the envelope without the messages that contain a part of the address's secret."""
    telling = {secret[at : at + _TELLING] for secret in _secrets(url) for at in range(len(secret) - _TELLING + 1)}
    kept = [text for text in envelope.messages if not any(part in _bare(text) for part in telling)]
    return replace(envelope, messages=tuple(kept))


def _secrets(url: str) -> Iterator[str]:
    """Yield the secret parts: the last part of the path, every long part, and all that is neither host nor path."""
    address = urlsplit(url)
    segments = [_bare(segment) for segment in address.path.split("/") if segment]
    yield from segments[-1:]
    yield from (segment for segment in segments if len(segment) >= _LONG_SEGMENT)
    yield from map(_bare, filter(None, (address.query, address.fragment, address.username, address.password)))


def _bare(text: str) -> str:
    """Return letters and digits only, so that case and escapes do not hide a secret."""
    return "".join(ch for ch in unquote(text).casefold() if ch.isalnum())
