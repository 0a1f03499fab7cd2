"""Explains why ServiceTrade did not answer: name, port, certificate, time-out, or a wrong address."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

import aiohttp
import structlog

from adapters.net.trust import certificate_problem
from core.model.shared.errors import TenantMends, TimeMends
from core.model.tenants.settings import DEFAULT_BASE_URL

log = structlog.get_logger(__name__)


def why_unreachable(error: Exception, base_url: str, *, discreet: bool = False) -> TimeMends | TenantMends:
    """Return the error for a request that got no complete answer.

    A forbidden address and a closed port give the same error. With `discreet`, an unknown name also gives this error:
    it could be a name of the operator's own network.
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
    return _unreachable(f"The connection to {where} broke before the whole answer arrived.")


def never_called(why: str) -> TenantMends:
    """Return the error for an address whose scheme or port is never called."""
    return TenantMends(
        f"The ServiceTrade address cannot be called. {why}",
        code="ADDRESS_NOT_ALLOWED",
        fix="Use https, or let the Jobferry operator allow calls to the network of that address.",
    )


def wrong_address(base_url: str, what: str) -> TenantMends:
    """Return the error for an address that is not ServiceTrade's. `what` continues "The address ... "."""
    return TenantMends(
        f"The ServiceTrade address {base_url} {what}.",
        code="ST_BASE_URL_WRONG",
        fix=f"Set the tenant's ServiceTrade address to {DEFAULT_BASE_URL}, or ask your ServiceTrade contact for it.",
    )


def endless_list(base_url: str, what: str) -> TenantMends:
    return wrong_address(base_url, f"returns a longer list than ServiceTrade when asked {what}")


def host_of(base_url: str) -> str:
    """Return host and port only: another part of a pasted address could be a secret."""
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
        fix="Try again in a few minutes. If it goes on, check the internet connection and the ServiceTrade address.",
    )
