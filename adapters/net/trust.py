"""Whose certificates are believed: the system's roots, and a private certificate authority where one is given."""

from __future__ import annotations

import ssl
from functools import lru_cache

# OpenSSL's verification results, as ssl.SSLCertVerificationError.verify_code gives them.
_PROBLEMS = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed and not trusted here",
    19: "comes from a certificate authority that is not trusted here",
    20: "comes from a certificate authority that is not trusted here",
    21: "comes from a certificate authority that is not trusted here",
    62: "was issued for another host name",
    64: "was issued for another address",
}


@lru_cache(maxsize=512)
def tls_context(ca_certificate: str | None) -> ssl.SSLContext:
    """One context for each private authority (PEM text). Raises ValueError if it cannot be read."""
    context = ssl.create_default_context()
    # The same judgement on every Python: 3.13 turns both on by itself, and private CAs often miss optional extensions.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if ca_certificate:
        try:
            context.load_verify_locations(cadata=ca_certificate)
        except (ssl.SSLError, ValueError) as error:
            raise ValueError("The private CA certificate is not readable PEM text.") from error
    return context


def certificate_problem(error: ssl.SSLCertVerificationError) -> str:
    """What is wrong with a certificate; continues "The certificate of ... "."""
    return _PROBLEMS.get(error.verify_code, f"does not hold ({error.verify_message})")
