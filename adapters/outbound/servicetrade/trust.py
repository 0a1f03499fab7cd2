"""Whose certificates ServiceTrade's address may show: the system's roots, and one authority more where one is named."""

from __future__ import annotations

import ssl


def trust(ca_certificate: str | None) -> ssl.SSLContext:
    """`ca_certificate` is PEM text. Raises ValueError if it cannot be read."""
    context = ssl.create_default_context()
    if ca_certificate:
        try:
            context.load_verify_locations(cadata=ca_certificate)
        except (ssl.SSLError, ValueError) as error:
            raise ValueError("The CA certificate for ServiceTrade is not readable PEM text.") from error
    return context
