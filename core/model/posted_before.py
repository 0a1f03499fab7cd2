"""What removed connections have posted is remembered as hashes, so that setting one up again posts nothing twice."""

from __future__ import annotations

import hashlib

from core.model.connection import Connection


def posted_key(connection: Connection, job_id: str, item_id: str) -> bytes:
    """One item of one ServiceTrade job in one Spectrum company, wherever the connection to it stands here."""
    endpoint = connection.endpoint
    parts = (endpoint.host, str(endpoint.port), connection.company_code.upper(), job_id, item_id)
    return hashlib.sha256("\x1f".join(("posted", *parts)).encode(errors="surrogatepass")).digest()
