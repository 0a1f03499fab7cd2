"""Gets a new client secret from Spectrum. The call may invalidate the old one, so it is repeated if its answer is lost.

Source: Spectrum's Enhanced Authentication documentation (`POST /secretRotation` with a Bearer token, if the
administrator allows self-rotation). The form of the answer is not public: its members are assumed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from adapters.net import bounded_json
from adapters.outbound.spectrum.token import Tokens
from adapters.outbound.spectrum.transport import HttpAnswer, Request, Transport
from core.model.connections.client_secret import NewSecret, NotRotated
from core.model.connections.connection import SpectrumTarget
from core.model.sending.answer import NotSent
from core.model.shared.moments import EARLIEST, LATEST
from core.model.shared.secret import Secret

_TRIES = 3
_LONGEST_SECRET = 1000
_LONGEST_LIFE = timedelta(days=400)
_REFUSED = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)


async def rotate(transport: Transport, tokens: Tokens, target: SpectrumTarget, until: float) -> NewSecret | NotRotated:
    """Ask for a new secret. The token stays valid after its secret changes, so it can repeat the call."""
    token = await tokens.token(target, until)
    if isinstance(token, NotSent):
        return NotRotated(f"Spectrum was not asked for a new secret: {token.detail}")
    request = Request(
        "POST",
        target.endpoint,
        f"{target.endpoint.base}/secretRotation",
        {"Authorization": f"Bearer {token.reveal()}", "Accept": "application/json", "Content-Type": "application/json"},
        b"{}",
        target.ca_certificate,
    )
    began = False
    for _ in range(_TRIES):
        answer = await transport.carry(request, until)
        if isinstance(answer, NotSent):
            return NotRotated(f"Spectrum was not asked for a new secret: {answer.detail}", lost=began)
        if isinstance(answer, HttpAnswer) and not answer.cut and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _read(answer, target, tokens, token, lost=began)
        began = True
    detail = f"HTTP {answer.status}" if isinstance(answer, HttpAnswer) else answer.detail
    return NotRotated(f"Spectrum was asked for a new secret, and its answer did not come: {detail}", lost=True)


def _read(
    answer: HttpAnswer, target: SpectrumTarget, tokens: Tokens, token: Secret, *, lost: bool
) -> NewSecret | NotRotated:
    if answer.status == HTTPStatus.UNAUTHORIZED:
        tokens.discard(target, token)
        return NotRotated("Spectrum did not accept our sign-in for a new secret (HTTP 401).", lost=lost)
    if answer.status in _REFUSED:
        return NotRotated(f"Spectrum does not allow us to renew the secret (HTTP {answer.status}).", lost=lost)
    new = _new_secret(answer) if answer.status == HTTPStatus.OK else None
    if new is None:
        return NotRotated(f"Spectrum's answer (HTTP {answer.status}) holds no readable new secret.", lost=True)
    return new


def _new_secret(answer: HttpAnswer) -> NewSecret | None:
    try:
        body = bounded_json.parse(answer.body)
    except ValueError:
        return None
    found = body if isinstance(body, dict) else {}
    secret = found.get("client_secret")
    if not isinstance(secret, str) or not secret.isprintable() or not 1 <= len(secret.strip()) <= _LONGEST_SECRET:
        return None
    return NewSecret(Secret(secret), _end(found))


def _end(found: dict[str, Any]) -> datetime | None:
    told, seconds = found.get("expires_at"), found.get("expires_in")
    if isinstance(told, str):
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment if EARLIEST <= moment <= LATEST else None
    if type(seconds) is int and 0 < seconds <= _LONGEST_LIFE.total_seconds():
        return datetime.now(UTC) + timedelta(seconds=seconds)
    return None
