"""A webhook endpoint: the address of a tenant's program that receives events, and the signatures on them.

Signatures are by the Standard Webhooks specification. They show a receiver that an event is ours and recent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from core.model.shared.errors import BadInput, FieldError
from core.model.shared.secret import Secret
from core.model.webhooks.event import SUBSCRIBABLE, EventType

OVERLAP = timedelta(hours=24)
"""How long the previous secret still signs after a rotation."""
PATIENCE = timedelta(days=5)
"""How long every delivery may fail before the endpoint is paused."""
_LONGEST_URL, _LONGEST_DESCRIPTION = 2000, 200
PREFIX = "whsec_"
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """Empty `events` means all. `paused_reason` says why Jobferry paused it, '' if a person did.

    `failing_since` is the time of the first failed try since the last success. During a pause, events wait.
    """

    id: str
    tenant_id: str
    url: str
    created_at: datetime
    events: tuple[EventType, ...] = ()
    description: str = ""
    paused: bool = False
    paused_reason: str = ""
    failing_since: datetime | None = None

    def __post_init__(self) -> None:
        errors = []
        if trouble := url_trouble(self.url):
            errors.append(FieldError("/url", trouble))
        if EventType.TEST in self.events:
            errors.append(FieldError("/events", "any of " + ", ".join(SUBSCRIBABLE)))
        if len(self.description) > _LONGEST_DESCRIPTION or not self.description.isprintable():
            errors.append(FieldError("/description", f"one line of at most {_LONGEST_DESCRIPTION} characters"))
        if errors:
            fix = "Correct the named fields and save again."
            raise BadInput.of("The webhook endpoint is not valid", errors, code="WEBHOOK_ENDPOINT_INVALID", fix=fix)


@dataclass(frozen=True, slots=True)
class SigningSecrets:
    """`previous` signs too until `previous_until`, so that a receiver has time to change its secret."""

    current: Secret
    previous: Secret | None = None
    previous_until: datetime | None = None

    def valid(self, now: datetime) -> Sequence[Secret]:
        if self.previous and self.previous_until and now < self.previous_until:
            return (self.current, self.previous)
        return (self.current,)


def shown(url: str) -> str:
    """An address without its query, which may hold a receiver's secret."""
    return url.partition("?")[0]


def url_trouble(url: str) -> str:
    """What is wrong with the form of the address, '' if nothing. Its target is checked when it is called."""
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return f"at most {_LONGEST_URL} printable ASCII characters without spaces"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is not a valid address"
    if parts.scheme not in ("https", "http") or not host or port == 0:
        return "an address such as https://hooks.example.com/jobferry"
    if parts.username is not None or parts.password is not None:
        return "without a user name or password; deliveries are signed instead"
    return "without a fragment (#)" if parts.fragment else ""


def new_secret(random: bytes) -> Secret:
    """A secret in the form that is shown to the tenant: a prefix, and the key in base64."""
    return Secret(PREFIX + base64.b64encode(random).decode())


def signed_headers(event_id: str, at: datetime, body: bytes, secrets: Sequence[Secret]) -> dict[str, str]:
    """The three signature headers, with one signature for each valid secret."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((event_id.encode(), timestamp.encode(), body))
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, content) for secret in secrets),
    }


REDELIVERED = {"jobferry-redelivered": "true"}
"""Marks the post of an event that was posted before. It is not signed: the event's id says as much."""


def _signature(secret: Secret, content: bytes) -> str:
    key = base64.b64decode(secret.reveal().removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
