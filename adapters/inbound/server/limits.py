"""Limits for one client of this process: sizes, seconds and connections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.net.public_address import Network

MOST_HEADERS = 100
LONGEST_LINE = 8190
"""Bytes of the request line, and of each header's name and value."""
BODY_LIMIT = 1_000_000
HOOK_BODY_LIMIT = 256_000
"""An event of 1000 jobs fits. A larger one only tells us that some job changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`head_seconds` runs from the end of the last answer (or the start) to the last header of the next request, so it
    is also how long an idle connection is kept. `linger_seconds` is how long an unwanted body is read and discarded.
    `connections_per_peer` does not apply to a trusted proxy, which serves many clients. `requests_per_minute` (0 means
    no limit), `streams_per_owner` and `waits_per_owner` (requests with `Prefer: wait`) apply to each tenant and to each
    operator key, `streams_per_person` to each person at the console. `waiting_connections` is for the streams and waits
    of all owners. `requests_at_once` of programs are in work at the same time."""

    head_seconds: float = 20.0
    body_seconds: float = 30.0
    linger_seconds: float = 5.0
    answer_seconds: float = 60.0
    connections: int = 1000
    connections_per_peer: int = 200
    streams_per_owner: int = 200
    waits_per_owner: int = 200
    streams_per_person: int = 20
    waiting_connections: int = 400
    stream_seconds: float = 600.0
    requests_per_minute: int = 600
    requests_at_once: int = 200
    bad_keys_per_minute: int = 20
    trusted_proxies: Sequence[Network] = ()


LIMITS = Limits()
