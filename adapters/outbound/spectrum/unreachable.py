"""Says in plain words why no connection came about: name, port, certificate or time."""

from __future__ import annotations

import errno
import ssl

import aiohttp

from core.model.answer import NotSent, NotSentReason
from core.model.endpoint import Endpoint

# OpenSSL's verification results, as ssl.SSLCertVerificationError.verify_code gives them.
_CERTIFICATE = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed and not trusted here",
    19: "comes from a certificate authority that is not trusted here",
    20: "comes from a certificate authority that is not trusted here",
    21: "comes from a certificate authority that is not trusted here",
    62: "was issued for another host name",
    64: "was issued for another address",
}
_NO_WAY = (errno.EHOSTUNREACH, errno.ENETUNREACH)


def why_unreachable(error: BaseException, endpoint: Endpoint) -> NotSent:
    """The outcome for a connection that failed before it stood, so that nothing of a request can have left."""
    cause = _root(error)
    where = f"{endpoint.host}:{endpoint.port}"
    if isinstance(cause, ssl.SSLCertVerificationError):
        what = _CERTIFICATE.get(cause.verify_code, f"does not hold ({cause.verify_message})")
        return NotSent(NotSentReason.TLS, f"The certificate of {where} {what}.")
    if isinstance(cause, ssl.SSLError):
        reason = cause.reason or "no reason given"
        return NotSent(NotSentReason.TLS, f"{where} does not speak TLS as expected ({reason}).")
    if isinstance(cause, TimeoutError) or getattr(cause, "errno", None) == errno.ETIMEDOUT:
        return NotSent(NotSentReason.CONNECT_TIMEOUT, f"{where} did not take the connection in time.")
    if isinstance(cause, ConnectionRefusedError):
        return NotSent(NotSentReason.REFUSED, f"{where} refuses connections: nothing listens on that port.")
    if isinstance(cause, ConnectionError) and endpoint.scheme == "https":
        return NotSent(NotSentReason.TLS, f"{where} closed the connection during the TLS handshake.")
    if isinstance(cause, OSError) and cause.errno in _NO_WAY:
        return NotSent(NotSentReason.REFUSED, f"There is no route to {where} from this machine.")
    return NotSent(NotSentReason.REFUSED, f"No connection to {where} came about ({type(cause).__name__}).")


def _root(error: BaseException) -> BaseException:
    """The operating system's or OpenSSL's own error inside aiohttp's."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return error.certificate_error
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error
    return error
