"""Several connections to one Spectrum company. This is allowed, with a warning."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.shared.finding import Finding, Severity

CODE = "SAME_COMPANY"


def company_key(connection: Connection) -> bytes:
    """The key of one company of one Spectrum, the same for every connection to it."""
    return _key(connection, connection.endpoint)


def company_keys(connection: Connection) -> frozenset[bytes]:
    """The same key under the present address and each former address at which Spectrum accepted its writes."""
    former = (_key(connection, one.endpoint) for one in connection.former_endpoints if one.used)
    return frozenset({company_key(connection), *former})


def _key(connection: Connection, endpoint: Endpoint) -> bytes:
    parts = ("company", endpoint.host, str(endpoint.port), connection.company_code.upper())
    return digest_of(*parts)


def digest_of(*parts: str) -> bytes:
    """The hash of several texts. It does not show them, and no other texts without U+001F have it."""
    return hashlib.sha256("\x1f".join(parts).encode(errors="surrogatepass")).digest()


def same_company(
    connections: Sequence[Connection], own: Sequence[Connection], elsewhere: Collection[bytes]
) -> Mapping[str, Sequence[Finding]]:
    """The warnings by connection id; none for a connection that shares its company with no other.

    `own` are all of the tenant's connections to these companies; `elsewhere` are the company keys that other tenants'
    connections also have.
    """
    together: dict[bytes, list[Connection]] = {}
    for other in own:
        together.setdefault(company_key(other), []).append(other)
    found: dict[str, list[Finding]] = {}
    for one in connections:
        key = company_key(one)
        beside = [other for other in together.get(key, ()) if other.id != one.id]
        if beside:
            names = ", ".join(other.name for other in beside)
            found.setdefault(one.id, []).append(_shared(one, f"This account's connection {names}"))
        if key in elsewhere:
            found.setdefault(one.id, []).append(_shared(one, "A connection of another account"))
    return found


def _shared(connection: Connection, other: str) -> Finding:
    message = f"{other} also sends to company {connection.company_code} at {connection.endpoint}."
    return finding(CODE, message, severity=Severity.WARNING)
