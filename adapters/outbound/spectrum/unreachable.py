"""Explains why no connection was made: name, port, certificate or time-out."""

from __future__ import annotations

import ssl

import aiohttp
import structlog

from adapters.net.trust import certificate_problem
from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import NotSent, NotSentReason

log = structlog.get_logger(__name__)


def unreached(endpoint: Endpoint) -> NotSent:
    """Return the outcome without a connection. It is the same for a forbidden address and for a closed port."""
    where = f"{endpoint.host}:{endpoint.port}"
    return NotSent(NotSentReason.REFUSED, f"No connection to {where}: nothing answers there, or it may not be called.")


def why_unreachable(error: BaseException, endpoint: Endpoint) -> NotSent:
    """Return the outcome of a connection that failed before it was open, so that no byte of a request can have left."""
    cause = _root(error)
    where = f"{endpoint.host}:{endpoint.port}"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NotSent(NotSentReason.TLS, f"The certificate of {where} {certificate_problem(cause)}.")
    if isinstance(cause, ssl.SSLError):
        reason = cause.reason or "no reason given"
        return NotSent(NotSentReason.TLS, f"{where} does not speak TLS as expected ({reason}).")
    hung_up = isinstance(cause, ConnectionError) and not isinstance(cause, ConnectionRefusedError)
    if hung_up and endpoint.scheme == "https":
        return NotSent(NotSentReason.TLS, f"{where} closed the connection during the TLS handshake.")
    log.info("spectrum.no_connection", where=where, error=type(cause).__name__, errno=getattr(cause, "errno", None))
    return unreached(endpoint)


def _root(error: BaseException) -> BaseException:
    """Return the error of the operating system or OpenSSL inside aiohttp's error."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return error.certificate_error
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error
    return error
