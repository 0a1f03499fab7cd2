"""Failures of the way to Spectrum: access, address, certificate, and answers that are none."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, Entry
from core.model.shared.finding import Owner, Retry

_DATA_EXCHANGE = "In Spectrum open System Administration > Installation > Data Exchange"
_DOWNLOAD = "System Administration > Utilities > Data Exchange Download"
_RESUME = "Test the connection in Jobferry, then retry this send: that also lets go of what waits behind it."

ENTRIES = (
    Entry(
        code="AUTH_NOT_AUTHORIZED",
        title="Authorization ID not permitted",
        cause="Spectrum refuses this Authorization ID: it is wrong or inactive, or lacks the company or the service.",
        fix=(
            f"{_DATA_EXCHANGE} and the Authorization ID; set its status to Active.",
            "Press Company and add the company that this connection sends to.",
            "Press Build, choose WorkOrder, add WorkOrderHeader (for items AddWOMaterialCost and AddWOOtherCharges).",
            "Compare the Authorization ID with the one entered on the connection in Jobferry.",
            _RESUME,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="SECRET_ENDS_SOON",
        title="Client secret ends soon",
        cause="The client secret of the connection's enhanced authentication lives for some weeks only, then no send "
        "goes through.",
        fix=(
            "Rotate it: jobferry connections rotate-secret, where Spectrum's administrator allows self-rotation.",
            f"Or {_DATA_EXCHANGE[0].lower()}{_DATA_EXCHANGE[1:]} and issue a new client secret, then enter it on the "
            "connection in Jobferry, with its end.",
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="SECRET_ROTATION_FAILED",
        title="Client secret not renewed",
        cause="Jobferry asked Spectrum for a new client secret, and did not get one that works.",
        fix=(
            "Let Spectrum's administrator allow self-rotation for this client, if the message says that it is not "
            "allowed.",
            f"Else {_DATA_EXCHANGE[0].lower()}{_DATA_EXCHANGE[1:]} and issue a new client secret.",
            "Enter it on the connection in Jobferry, with its end.",
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="AUTH_SECRET_EXPIRED",
        title="Client secret refused",
        cause="Spectrum's sign-in does not take the client secret, most likely because its time has run out.",
        fix=(
            f"{_DATA_EXCHANGE} and issue a new client secret; allow self-rotation if you can.",
            "Enter the client ID and the new secret on the connection in Jobferry.",
            _RESUME,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="AUTH_ENHANCED_TURNED_ON",
        title="Spectrum asks for enhanced authentication",
        cause="Spectrum wants a sign-in with client ID and secret; that starts with the restart in the night after it "
        "was switched on.",
        fix=(
            f"{_DATA_EXCHANGE} and take down the client ID and client secret, or issue a new secret.",
            "Enter both on the connection in Jobferry, under enhanced authentication.",
            _RESUME,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="GUID_EXPIRED",
        title="Spectrum's session ran out",
        cause="Spectrum ended the session this call belonged to, as it does after about a day.",
        fix=(BY_ITSELF, "Each try opens a new session, so there is nothing to set."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ENDPOINT_UNREACHABLE",
        title="Spectrum cannot be reached",
        cause="A wrong address or port, a firewall, a server that is off, or an address that may not be called.",
        fix=(
            BY_ITSELF,
            f"Compare the connection's address and port with Spectrum's {_DOWNLOAD}.",
            "Let Jobferry's address through the firewall to that port (usually 8482).",
            "If Spectrum is hosted for you, ask its provider to put Jobferry's address on the allow-list.",
            "If it stands in a private network, have whoever runs Jobferry add that to JOBFERRY_ALLOWED_NETWORKS.",
        ),
        owner=Owner.IT,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ENDPOINT_NOT_SPECTRUM",
        title="Something else than Spectrum answered",
        cause="A web page or some other program, such as a proxy or a sign-in page, answered at the address.",
        fix=(
            BY_ITSELF,
            f"Compare the connection's address and port with Spectrum's {_DOWNLOAD}.",
            "Have calls to the path /ws go straight to Data Exchange, past proxies and sign-in pages.",
        ),
        owner=Owner.IT,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ENDPOINT_URL_INVALID",
        title="Spectrum address not valid",
        cause="What was entered as the address of Spectrum is not one that can be called.",
        fix=(
            f"Read the address and port in Spectrum under {_DOWNLOAD}.",
            "Enter them like https://spectrum.example.com:8482/ws on the connection in Jobferry.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.NO,
    ),
    Entry(
        code="ADDRESS_NOT_ALLOWED",
        title="Address not allowed here",
        cause="The address uses plain http, or a port, that this installation does not call anywhere.",
        fix=(
            "Enter the address with https:// and the usual port (8482 for Spectrum, 443 for ServiceTrade).",
            "If the server has no other, have whoever runs Jobferry list its network in JOBFERRY_ALLOWED_NETWORKS.",
            _RESUME,
        ),
        owner=Owner.SERVICE,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="CERTIFICATE_INVALID",
        title="Server certificate not trusted",
        cause="The Spectrum server's certificate has run out, is for another name, or comes from an unknown authority.",
        fix=(
            "Renew the certificate on the Spectrum server, if its date or name is wrong.",
            "If it comes from your own authority, add that authority's certificate to the connection in Jobferry.",
            BY_ITSELF,
        ),
        owner=Owner.IT,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="WEB_SERVICE_DISABLED",
        title="Web service not there",
        cause="Spectrum answers without offering the service: it is not licensed, or an upgrade renamed it.",
        fix=(
            "Check with your Spectrum provider that Data Exchange is licensed and switched on.",
            f"{_DATA_EXCHANGE}, press Build and look whether WorkOrder offers WorkOrderHeader.",
            _RESUME,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="ERP_MAINTENANCE",
        title="Spectrum is restarting or in maintenance",
        cause="The server says that it is not available for now, as during the nightly restart or a backup.",
        fix=(BY_ITSELF, "If it lasts past the usual maintenance time, ask IT whether Spectrum is running."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="SOAP_FAULT_UNKNOWN",
        title="Spectrum had an internal error",
        cause="Spectrum's web service broke off with an error that does not say what is wrong with the work order.",
        fix=(
            "On a new Spectrum, set the company's processing dates and save the Work Order Installation screen once.",
            "If it goes on, copy the answer kept with the send and pass it to Spectrum's support.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.NO,
    ),
    Entry(
        code="OUTCOME_UNKNOWN",
        title="No clear answer from Spectrum",
        cause="The work order was sent and no usable answer came back; because it carries its own number, sending it "
        "once more cannot make a second one.",
        fix=(BY_ITSELF, "If it goes on, ask IT whether Spectrum is slow or the line to it breaks off."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="READ_BACK_UNREACHABLE",
        title="Lines cannot be read back for now",
        cause="What the connection names for reading cost lines back did not answer, or not completely.",
        fix=(BY_ITSELF, "Until then a line in doubt can be settled by a person: jobferry doubts list."),
        owner=Owner.IT,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="READ_BACK_INVALID",
        title="Setting for reading back not usable",
        cause="The connection's read_back names a reader or an address that this installation cannot use.",
        fix=("Correct or remove read_back on the connection.", "Settle the line by hand: jobferry doubts list."),
        owner=Owner.SERVICE,
        retry=Retry.AFTER_FIX,
    ),
)
