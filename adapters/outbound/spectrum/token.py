"""Enhanced authentication: bearer tokens for client credentials, cached until shortly before they expire.

Source: Spectrum's Enhanced Authentication documentation (`POST /connect/token`, form fields, scope); the
answer's members as in RFC 6749.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import urlencode

from adapters.net import bounded_json
from adapters.outbound.spectrum.transport import HttpAnswer, Request, Transport
from core.model.connections.connection import SpectrumTarget
from core.model.sending.answer import NotSent, NotSentReason
from core.model.shared.secret import Secret

MARGIN_SECONDS = 60
_DEFAULT_LIFETIME = 300.0
_LONGEST_LIFETIME = 86_400.0
_OF_THE_CONNECTION = frozenset({NotSentReason.ADDRESS_NOT_ALLOWED, NotSentReason.TLS})
"""What says nothing about the server: it may be due to the settings of this connection."""


@dataclass(slots=True)
class _Held:
    """One connection's token. The lock lets one caller fetch a token while the others wait for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: Secret | None = None
    stale_at: float = 0.0


class Tokens:
    """The bearer tokens of all connections. A changed client secret gets a new token."""

    def __init__(self, transport: Transport, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._transport = transport
        self._clock = clock
        self._held: dict[tuple[str, bytes], _Held] = {}

    async def token(self, target: SpectrumTarget, until: float, *, spent: Secret | None = None) -> Secret | NotSent:
        """Return a valid token. `spent` is a token that was just answered with 401; it is not returned again.

        NotSent TOKEN_REFUSED: the client id or secret is wrong or expired. TOKEN_UNREACHABLE: it did not answer.
        TOKEN_UNUSABLE: its answer has no token. TLS, ADDRESS_NOT_ALLOWED: as for any other call.
        """
        held = self._held.setdefault(_key(target), _Held())
        try:
            async with asyncio.timeout_at(until), held.lock:
                if held.token and held.token != spent and self._clock() < held.stale_at:
                    return held.token
                return await self._fetch(target, held, until)
        except TimeoutError:
            return NotSent(NotSentReason.TOKEN_UNREACHABLE, "The token service did not answer in time.")

    def discard(self, target: SpectrumTarget, spent: Secret) -> None:
        """Drop `spent`, so that the next call fetches a token. A token that was fetched meanwhile stays."""
        held = self._held.get(_key(target))
        if held and held.token == spent:
            held.token = None

    def forget(self) -> None:
        self._held.clear()

    async def _fetch(self, target: SpectrumTarget, held: _Held, until: float) -> Secret | NotSent:
        answer = await self._transport.carry(_request(target), until)
        if isinstance(answer, NotSent) and answer.reason in _OF_THE_CONNECTION:
            return answer
        if not isinstance(answer, HttpAnswer):
            return NotSent(NotSentReason.TOKEN_UNREACHABLE, f"Cannot get a token: {answer.detail}")
        if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED):
            detail = f"The token service refuses the client id or client secret (HTTP {answer.status})."
            return NotSent(NotSentReason.TOKEN_REFUSED, detail)
        granted = _granted(answer)
        if granted is None:
            detail = f"The token service answered HTTP {answer.status} without a usable token."
            return NotSent(NotSentReason.TOKEN_UNUSABLE, detail)
        held.token, lifetime = granted
        held.stale_at = self._clock() + lifetime - MARGIN_SECONDS
        return held.token


def _request(target: SpectrumTarget) -> Request:
    secrets = target.secrets
    form = {
        "grant_type": "client_credentials",
        "client_id": secrets.client_id or "",
        "client_secret": secrets.client_secret.reveal() if secrets.client_secret else "",
        "scope": "spectrumapi",
    }
    return Request(
        "POST",
        target.endpoint,
        f"{target.endpoint.base}/connect/token",
        {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        urlencode(form).encode(),
        target.ca_certificate,
    )


def _granted(answer: HttpAnswer) -> tuple[Secret, float] | None:
    """Return token and lifetime in seconds, or None if the answer does not hold them."""
    if answer.status != HTTPStatus.OK or answer.cut:
        return None
    try:
        body = bounded_json.parse(answer.body)
    except ValueError:
        return None
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token.strip():
        return None
    lifetime = body.get("expires_in")
    if isinstance(lifetime, int | float) and lifetime >= 0:
        return Secret(token), min(lifetime, _LONGEST_LIFETIME)
    return Secret(token), _DEFAULT_LIFETIME


def _key(target: SpectrumTarget) -> tuple[str, bytes]:
    """Return the cache key. It includes server and secret, so that a changed one never gets an old token."""
    secret = target.secrets.client_secret
    parts = (target.endpoint.base, target.secrets.client_id or "", secret.reveal() if secret else "")
    return target.connection_id, sha256("\0".join(parts).encode()).digest()
