"""The claims of a creation: nobody else may make the same code, or a second record for the same record of ServiceTrade,
in the same Spectrum company, whichever connection or account they use. Everybody else sees hashes only."""

from __future__ import annotations

from core.model.connections.connection import Connection
from core.model.connections.same_company import digest_of
from core.model.creations.creation import CreationKind


def claims_of(connection: Connection, kind: CreationKind, base_url: str, record_id: str, code: str) -> tuple[str, ...]:
    """The keys in hexadecimal digits, sorted, under the present address and each former one that was used. Those of a
    change only keep others from changing the same customer at the same time."""
    endpoints = (connection.endpoint, *(one.endpoint for one in connection.former_endpoints if one.used))
    keys = set()
    for endpoint in endpoints:
        company = (endpoint.host, str(endpoint.port), connection.company_code.upper(), kind.of.value)
        if not kind.adds:
            keys.add(digest_of("customer change", *company, code.upper()))
            continue
        keys.add(digest_of("new code", *company, code.upper()))
        keys.add(digest_of("new record", *company, base_url.rstrip("/").lower(), record_id))
    return tuple(sorted(key.hex() for key in keys))


def claimant(creation_id: str) -> bytes:
    """The owner of a creation's claims."""
    return digest_of("creation", creation_id)
