"""The fixes that an examination names: catalogue code and steps for each way a connection can be wrong.

The steps speak to somebody who is setting a connection up; the catalogue's own speak of a send that waits.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.model.sending.answer import NotSentReason


@dataclass(frozen=True, slots=True)
class Remedy:
    """A code of the diagnosis catalogue and what to do, step by step."""

    code: str
    fix: tuple[str, ...]


_COMPARE = "Compare host and port with System Administration > Utilities > Data Exchange Download in Spectrum."
_TEST_AGAIN = "Test the connection again."

HOST_UNKNOWN = Remedy(
    "ENDPOINT_UNREACHABLE",
    (
        _COMPARE,
        "If the name is known inside your network only, give this machine a name server that knows it.",
        _TEST_AGAIN,
    ),
)
NOT_REACHED = Remedy(
    "ENDPOINT_UNREACHABLE",
    (
        _COMPARE,
        "Let the firewall pass this machine's outgoing connections to that port (8482 unless changed).",
        "If Spectrum is hosted, have this machine's public address put on its allow-list.",
        "If it stands in a private network or takes plain http only, let the operator add its network to "
        "JOBFERRY_ALLOWED_NETWORKS.",
        _TEST_AGAIN,
    ),
)
NEVER_CALLED = Remedy(
    "ADDRESS_NOT_ALLOWED",
    (
        "Enter the address with https://, and with Spectrum's usual port 8482 if you can.",
        "Otherwise let the operator add that address's network to JOBFERRY_ALLOWED_NETWORKS.",
        _TEST_AGAIN,
    ),
)
NOT_TRUSTED = Remedy(
    "CERTIFICATE_INVALID",
    (
        _COMPARE,
        "If the certificate expired or names another host, have it renewed on the Spectrum server.",
        "If it comes from your own certificate authority, add that authority's certificate (PEM) to the connection.",
        _TEST_AGAIN,
    ),
)
CLIENT_REFUSED = Remedy(
    "AUTH_SECRET_EXPIRED",
    (
        "Rotate the client secret in Spectrum, and allow self-rotation if you can.",
        "Enter the client id and the new secret in the connection.",
        _TEST_AGAIN,
    ),
)
SIGN_IN_WANTED = Remedy(
    "AUTH_ENHANCED_TURNED_ON",
    (
        "Ask the Spectrum administrator whether Enhanced Authentication was switched on.",
        "Add client id and client secret to the connection.",
        _TEST_AGAIN,
    ),
)
NOT_DATA_EXCHANGE = Remedy(
    "ENDPOINT_NOT_SPECTRUM",
    (
        _COMPARE,
        "Enter the port of Data Exchange itself, not of Spectrum's web pages or of a proxy's sign-in page.",
        _TEST_AGAIN,
    ),
)
NO_SERVICE = Remedy(
    "WEB_SERVICE_DISABLED",
    (
        "Check that Data Exchange is licensed and that this service is part of your Spectrum version.",
        "Have the Spectrum administrator enable it under System Administration > Installation > Data Exchange.",
        _TEST_AGAIN,
    ),
)
OTHER_ELEMENTS = Remedy(
    "WEB_SERVICE_DISABLED",
    (
        "Do not send over this connection yet: Spectrum faults on a request whose elements differ.",
        "Report the named differences together with your Spectrum version.",
        _TEST_AGAIN,
    ),
)
IN_MAINTENANCE = Remedy(
    "ERP_MAINTENANCE",
    ("Wait until Spectrum's restart or backup is over.", _TEST_AGAIN),
)

ALL = (
    HOST_UNKNOWN,
    NOT_REACHED,
    NEVER_CALLED,
    NOT_TRUSTED,
    CLIENT_REFUSED,
    SIGN_IN_WANTED,
    NOT_DATA_EXCHANGE,
    NO_SERVICE,
    OTHER_ELEMENTS,
    IN_MAINTENANCE,
)

OF_REASON = {
    NotSentReason.DNS: HOST_UNKNOWN,
    NotSentReason.REFUSED: NOT_REACHED,
    NotSentReason.TLS: NOT_TRUSTED,
    NotSentReason.ADDRESS_NOT_ALLOWED: NEVER_CALLED,
    NotSentReason.TOKEN_REFUSED: CLIENT_REFUSED,
    NotSentReason.TOKEN_UNREACHABLE: NOT_REACHED,
}
