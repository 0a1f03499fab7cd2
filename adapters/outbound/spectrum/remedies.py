"""The fixes that a connection test reports: catalogue code and steps for each fault of a connection.

These steps are for somebody who sets up a connection. The catalogue's own steps are for a send that waits.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.model.sending.answer import NotSentReason


@dataclass(frozen=True, slots=True)
class Remedy:
    """A code of the failure catalogue, and the steps of the fix."""

    code: str
    fix: tuple[str, ...]


_COMPARE = "Compare host and port with System Administration > Utilities > Data Exchange Download in Spectrum."
_TEST_AGAIN = "Test the connection again."

HOST_UNKNOWN = Remedy(
    "ENDPOINT_UNREACHABLE",
    (
        _COMPARE,
        "If only your own network knows the name, let Jobferry's machine use a name server that knows it.",
        _TEST_AGAIN,
    ),
)
NOT_REACHED = Remedy(
    "ENDPOINT_UNREACHABLE",
    (
        _COMPARE,
        "Allow outgoing connections of Jobferry's machine to that port in the firewall (8482 unless changed).",
        "If Spectrum is hosted, ask its provider to add the public address of Jobferry's machine to the allow-list.",
        "If it is in a private network or accepts only plain http, let the Jobferry operator allow calls to it.",
        _TEST_AGAIN,
    ),
)
NEVER_CALLED = Remedy(
    "ADDRESS_NOT_ALLOWED",
    (
        "Enter the address with https://, and with Spectrum's usual port 8482 if you can.",
        "Otherwise let the Jobferry operator allow calls to it.",
        _TEST_AGAIN,
    ),
)
NOT_TRUSTED = Remedy(
    "CERTIFICATE_INVALID",
    (
        _COMPARE,
        "If the certificate expired or names another host, renew it on the Spectrum server.",
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
ID_REFUSED = Remedy(
    "AUTH_NOT_AUTHORIZED",
    (
        "Compare the Authorization ID with System Administration > Installation > Data Exchange in Spectrum, and "
        "enter it again.",
        "Check there that it is active.",
        "If it is right and active, add WSTestConnection to its services, or save without this test.",
        _TEST_AGAIN,
    ),
)
COMPANY_REFUSED = Remedy(
    "AUTH_NOT_AUTHORIZED",
    (
        "Check the company code of the connection.",
        "Add the company to the Authorization ID under System Administration > Installation > Data Exchange.",
        _TEST_AGAIN,
    ),
)
NOT_DATA_EXCHANGE = Remedy(
    "ENDPOINT_NOT_SPECTRUM",
    (
        _COMPARE,
        "Enter the port of Data Exchange, not the port of Spectrum's web pages or of a proxy's sign-in page.",
        _TEST_AGAIN,
    ),
)
NO_SERVICE = Remedy(
    "WEB_SERVICE_DISABLED",
    (
        "Check that Data Exchange is licensed and that this service is part of your Spectrum version.",
        "Ask the Spectrum administrator to enable it under System Administration > Installation > Data Exchange.",
        _TEST_AGAIN,
    ),
)
OTHER_ELEMENTS = Remedy(
    "WEB_SERVICE_DISABLED",
    (
        "Do not send over this connection yet: Spectrum answers with a fault if the elements of a request differ.",
        "Report these differences together with your Spectrum version.",
        _TEST_AGAIN,
    ),
)
IN_MAINTENANCE = Remedy(
    "ERP_MAINTENANCE",
    ("Wait until Spectrum's restart or backup is over.", _TEST_AGAIN),
)

OF_REASON = {
    NotSentReason.DNS: HOST_UNKNOWN,
    NotSentReason.REFUSED: NOT_REACHED,
    NotSentReason.TLS: NOT_TRUSTED,
    NotSentReason.ADDRESS_NOT_ALLOWED: NEVER_CALLED,
    NotSentReason.TOKEN_REFUSED: CLIENT_REFUSED,
    NotSentReason.TOKEN_UNREACHABLE: NOT_REACHED,
    NotSentReason.TOKEN_UNUSABLE: NOT_REACHED,
}
