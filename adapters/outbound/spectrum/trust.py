"""Whose certificates a connection believes: the system's roots, and its private CA where one is given."""

from __future__ import annotations

import ssl
from functools import lru_cache


@lru_cache(maxsize=512)
def context_for(ca_certificate: str | None) -> ssl.SSLContext:
    """One context for each private CA (PEM text). Raises ValueError if it cannot be read."""
    context = ssl.create_default_context()
    # The same judgement on every Python: 3.13 turns both on by itself, and private CAs often miss optional extensions.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if ca_certificate:
        try:
            context.load_verify_locations(cadata=ca_certificate)
        except (ssl.SSLError, ValueError) as error:
            raise ValueError("The connection's private CA certificate is not readable PEM text.") from error
    return context
