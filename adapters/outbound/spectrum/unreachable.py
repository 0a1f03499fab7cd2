"""Says in plain words why no connection came about: name, port, certificate or time."""

from __future__ import annotations

import ssl

import aiohttp
import structlog

from adapters.net.trust import certificate_problem
from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import NotSent, NotSentReason

log = structlog.get_logger(__name__)


def unreached(endpoint: Endpoint) -> NotSent:
    """No connection came about. Nothing in it tells an address that is not allowed from one where nobody listens."""
    where = f"{endpoint.host}:{endpoint.port}"
    return NotSent(NotSentReason.REFUSED, f"No connection to {where}: nothing answers there, or it may not be called.")


def why_unreachable(error: BaseException, endpoint: Endpoint) -> NotSent:
    """The outcome for a connection that failed before it stood, so that nothing of a request can have left."""
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
    """The operating system's or OpenSSL's own error inside aiohttp's."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return error.certificate_error
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error
    return error
