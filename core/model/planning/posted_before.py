"""What removed connections posted is kept as hashes, so that a connection set up again posts nothing twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from core.model.connections.connection import Connection


def posted_keys(connection: Connection, job_id: str, item_id: str) -> Iterator[bytes]:
    """The hashes of one job's item in one Spectrum company, at the present and all former addresses."""
    company = connection.company_code.upper()
    for endpoint in (connection.endpoint, *(former.endpoint for former in connection.former_endpoints)):
        parts = ("posted", endpoint.host, str(endpoint.port), company, job_id, item_id)
        yield hashlib.sha256("\x1f".join(parts).encode(errors="surrogatepass")).digest()
