"""Signatures by the Standard Webhooks specification. They show a receiver that an event is ours and recent."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from core.model.shared.secret import Secret

PREFIX = "whsec_"
SECRET_BYTES = 32


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


def _signature(secret: Secret, content: bytes) -> str:
    key = base64.b64decode(secret.reveal().removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
