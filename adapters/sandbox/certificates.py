"""The sandbox's own certificate authority: new on every start, trusted by every client that has its certificate."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import Literal

import trustme

Certificate = Literal["valid", "expired"]


class SandboxAuthority:
    """Issues server certificates for 127.0.0.1 and localhost. `certificate` is the authority's own, as PEM."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="Sandbox")
        self.certificate = self._authority.cert_pem.bytes().decode("ascii")

    def server_context(self, certificate: Certificate = "valid") -> ssl.SSLContext:
        """Return TLS for a server. `expired`: the certificate expired yesterday."""
        now = datetime.now(UTC)
        leaf = self._authority.issue_cert(
            "127.0.0.1",
            "localhost",
            not_before=now - timedelta(days=30),
            not_after=now + timedelta(days=30 if certificate == "valid" else -1),
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        leaf.configure_cert(context)
        return context
