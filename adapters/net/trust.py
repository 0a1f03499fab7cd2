"""Trusted certificates: the system's roots, and a private certificate authority if one is given."""

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
    """Return a TLS context that also trusts a private authority (PEM text). Raises ValueError if it cannot be read."""
    context = ssl.create_default_context()
    # Same result on every Python: 3.13 sets both flags by default, and private CAs often lack optional extensions.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if ca_certificate:
        try:
            context.load_verify_locations(cadata=ca_certificate)
        except (ssl.SSLError, ValueError) as error:
            raise ValueError("The private CA certificate is not readable PEM text.") from error
    return context


def certificate_problem(error: ssl.SSLCertVerificationError) -> str:
    """Describe what is wrong with a certificate. The text continues "The certificate of ... "."""
    return _PROBLEMS.get(error.verify_code, f"is not valid ({error.verify_message})")
