"""Says in plain words why no answer came from ServiceTrade: name, port, certificate, time, or a wrong address."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

import aiohttp
import structlog

from adapters.net.trust import certificate_problem
from core.model.shared.errors import TenantMends, TimeMends
from core.model.tenants.tenant import DEFAULT_BASE_URL

log = structlog.get_logger(__name__)


def why_unreachable(error: Exception, base_url: str, *, discreet: bool = False) -> TimeMends | TenantMends:
    """The error to raise for a request that got no complete answer.

    Nothing tells an address that is not allowed from one where nobody listens; `discreet` does not even tell whether a
    name exists, since it could be one of the operator's own.
    """
    where = host_of(base_url)
    if isinstance(error, aiohttp.ClientConnectorDNSError) and not discreet:
        return _unreachable(f"The name service (DNS) does not know the host {where}.")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _unreachable(_certificate_trouble(error.certificate_error, where))
    if isinstance(error, aiohttp.ClientSSLError):
        return _unreachable(f"{where} does not speak TLS as expected.")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return _no_connection(error, where)
    if isinstance(error, TimeoutError):
        return _unreachable(f"{where} did not answer in time.")
    if isinstance(error, aiohttp.ClientConnectorError):
        return _no_connection(error, where)
    if isinstance(error, aiohttp.ClientResponseError):
        return wrong_address(base_url, "does not answer with HTTP")
    if isinstance(error, ValueError):
        return wrong_address(base_url, "is not a valid address")
    return _unreachable(f"The connection to {where} broke before the whole answer had come.")


def never_called(why: str) -> TenantMends:
    """Scheme or port of the tenant's address rule the call out, whatever the address is."""
    return TenantMends(
        f"The ServiceTrade address cannot be called. {why}",
        code="ADDRESS_NOT_ALLOWED",
        fix="Use https, or let the operator add the network of that address to JOBFERRY_ALLOWED_NETWORKS.",
    )


def wrong_address(base_url: str, what: str) -> TenantMends:
    """Something at the tenant's address that is not ServiceTrade; `what` continues "The address ... "."""
    return TenantMends(
        f"The ServiceTrade address {base_url} {what}.",
        code="ST_BASE_URL_WRONG",
        fix=f"Set the tenant's ServiceTrade address to {DEFAULT_BASE_URL}, or to what your ServiceTrade contact names.",
    )


def endless_list(base_url: str, what: str) -> TenantMends:
    return wrong_address(base_url, f"has more to say than any ServiceTrade when asked {what}")


def host_of(base_url: str) -> str:
    """Host and port only: nothing of a pasted address that could be a secret."""
    try:
        parts = urlsplit(base_url)
        return parts.hostname + (f":{parts.port}" if parts.port else "") if parts.hostname else "ServiceTrade"
    except ValueError:
        return "ServiceTrade"


def _no_connection(error: Exception, where: str) -> TimeMends:
    log.info("servicetrade.no_connection", where=where, error=type(error).__name__)
    return _unreachable(f"No connection to {where}: nothing answers there, or it may not be called.")


def _certificate_trouble(error: Exception, where: str) -> str:
    if not isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate of {where} cannot be verified."
    return f"The certificate of {where} {certificate_problem(error)}."


def _unreachable(message: str) -> TimeMends:
    return TimeMends(
        f"ServiceTrade cannot be reached: {message}",
        code="ST_UNREACHABLE",
        fix="Check the internet line and the tenant's ServiceTrade address; Jobferry tries again by itself.",
    )
