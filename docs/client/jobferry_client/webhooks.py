"""Check that a post came from Jobferry and is fresh, by the Standard Webhooks specification."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_AGE = 300
"""Seconds that a signature is good for."""
SHORTEST_KEY = 24
"""Bytes. A secret that a program failed to read must not be one that everybody knows: with an empty one, anybody can
sign."""


class NotVerified(ValueError):
    """The post is not from Jobferry, or too old, or not readable. Answer 401 and do nothing."""


@dataclass(frozen=True)
class Event:
    """`id` is the same for every post of the event: ignore one that you have seen. `redelivered`: somebody asked for
    this post by hand."""

    id: str
    type: str
    data: Mapping[str, Any]
    redelivered: bool = False


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> Event:
    """The event in a post. `secret` begins with `whsec_`; `body` are the bytes as they came, before any parser. `now`
    is in seconds since 1970. Raises NotVerified."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        event_id, timestamp, signatures = (given[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        sent_at = int(timestamp)
        key = base64.b64decode(secret.strip().removeprefix("whsec_"), validate=True)
        if len(key) < SHORTEST_KEY:
            raise ValueError("too short")
    except KeyError as missing:
        raise NotVerified(f"the header {missing.args[0]} is missing") from None
    except (ValueError, binascii.Error):
        raise NotVerified("the timestamp or the secret cannot be read") from None
    if abs((time.time() if now is None else now) - sent_at) > LONGEST_AGE:
        raise NotVerified("the post is too old, or the clock of this machine is wrong")
    content = f"{event_id}.{timestamp}.".encode() + body
    wanted = b"v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256))
    if not any(hmac.compare_digest(one.encode(), wanted) for one in signatures.split(" ")):
        raise NotVerified("it is not signed with this secret")
    try:
        event = json.loads(body)
        return Event(event_id, event["type"], event["data"], given.get("jobferry-redelivered") == "true")
    except (ValueError, KeyError, TypeError):
        raise NotVerified("the body is no event") from None
