"""The certificate of a private authority that signed a Spectrum server's certificate."""

from __future__ import annotations

import ssl


def is_certificate(text: str | None) -> bool:
    """Whether it is one certificate or more in PEM form, or none."""
    if text is None:
        return True
    if not text.isascii():  # the ssl module would raise a TypeError
        return False
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):
        return False
    return True
