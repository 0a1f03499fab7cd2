"""Failures of the connection to Spectrum: access, address, certificate, unusable answers."""

from __future__ import annotations

from core.model.catalogue.entry import BEFORE, BY_ITSELF, FAILED, MILD, SEND_AGAIN, SERIOUS, TRIED, Entry
from core.model.shared.advice import AT_THE_MACHINE, Outcome, Right, Step
from core.model.shared.finding import Owner, Retry

_DATA_EXCHANGE = "In Spectrum open System Administration > Installation > Data Exchange"
_DOWNLOAD = "System Administration > Utilities > Data Exchange Download"
_HELD = frozenset({Outcome.HELD})
_RESUME = (
    Step("test the connection in Jobferry", Right.MANAGE),
    Step("resume it: the sends that wait then continue", Right.MANAGE, "Then", _HELD),
    Step("retry this send: the sends that wait behind it then continue too", Right.SEND, "Then", FAILED),
    Step("The next try uses what you corrected", only=TRIED),
)
_NETWORK = Step(
    "add its network to the networks that this installation may call",
    Right.OPERATE,
    "If it is in a private network,",
    named="JOBFERRY_ALLOWED_NETWORKS",
    named_at=AT_THE_MACHINE,
)

SPECTRUM = (
    Entry(
        code="AUTH_NOT_AUTHORIZED",
        title="Authorization ID not permitted",
        cause="Spectrum refuses this Authorization ID: it is wrong or inactive, or lacks the company or the service.",
        advice=(
            f"{_DATA_EXCHANGE} and the Authorization ID; set its status to Active.",
            "Press Company and add the company that this connection sends to.",
            "Press Build, choose WorkOrder, add WorkOrderHeader (for items AddWOMaterialCost and AddWOOtherCharges).",
            Step("enter the Authorization ID on the connection in Jobferry again, as Spectrum shows it", Right.MANAGE),
            _RESUME,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="SECRET_ENDS_SOON",
        title="Client secret ends soon",
        cause="The client secret of the connection's enhanced authentication is valid for some weeks only; after that "
        "every send fails.",
        advice=(
            Step(
                "let Spectrum make a new one on the connection's page in Jobferry",
                Right.MANAGE,
                "If Spectrum's administrator allows self-rotation,",
            ),
            f"Or {_DATA_EXCHANGE[0].lower()}{_DATA_EXCHANGE[1:]} and issue a new client secret.",
            Step("enter it on the connection in Jobferry, with its end date", Right.MANAGE, "Then"),
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="SECRET_ROTATION_FAILED",
        title="Client secret not renewed",
        cause="Jobferry asked Spectrum for a new client secret, and did not get one that works.",
        advice=(
            "If the message says that self-rotation is not allowed, have Spectrum's administrator allow it for this "
            "client.",
            f"Otherwise {_DATA_EXCHANGE[0].lower()}{_DATA_EXCHANGE[1:]} and issue a new client secret.",
            Step("enter it on the connection in Jobferry, with its end date", Right.MANAGE, "Then"),
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="AUTH_SECRET_EXPIRED",
        title="Client secret refused",
        cause="Spectrum's sign-in refuses the client secret, most likely because it has expired.",
        advice=(
            f"{_DATA_EXCHANGE} and issue a new client secret. Allow self-rotation if you can.",
            Step("enter the client ID and the new secret on the connection in Jobferry", Right.MANAGE),
            _RESUME,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="AUTH_ENHANCED_TURNED_ON",
        title="Spectrum asks for enhanced authentication",
        cause="Spectrum requires a sign-in with client ID and secret; this starts with the nightly restart after it "
        "was switched on.",
        advice=(
            f"{_DATA_EXCHANGE} and write down the client ID and client secret, or issue a new secret.",
            Step("enter both on the connection in Jobferry, under enhanced authentication", Right.MANAGE),
            _RESUME,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="GUID_EXPIRED",
        title="Spectrum's session expired",
        cause="Spectrum ended the session of this call, as it does after about a day.",
        advice=(BY_ITSELF, "Each try opens a new session, so nothing has to be set."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ENDPOINT_UNREACHABLE",
        title="Spectrum cannot be reached",
        cause="The address or port is wrong, a firewall blocks it, the server is off, or the address is not allowed.",
        advice=(
            BY_ITSELF,
            f"Compare the connection's address and port with Spectrum's {_DOWNLOAD}.",
            "Let Jobferry's address through the firewall to that port (usually 8482).",
            "If Spectrum is hosted for you, ask its provider to put Jobferry's address on the allow-list.",
            _NETWORK,
        ),
        owner=Owner.IT,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ENDPOINT_NOT_SPECTRUM",
        title="Another program than Spectrum answered",
        cause="A web page or another program, such as a proxy or a sign-in page, answered at the address.",
        advice=(
            BY_ITSELF,
            f"Compare the connection's address and port with Spectrum's {_DOWNLOAD}.",
            "Make calls to the path /ws go directly to Data Exchange, not through proxies or sign-in pages.",
        ),
        owner=Owner.IT,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ENDPOINT_URL_INVALID",
        title="Spectrum address not valid",
        cause="The address entered for Spectrum cannot be called.",
        advice=(
            f"Read the address and port in Spectrum under {_DOWNLOAD}.",
            Step("enter them like https://spectrum.example.com:8482/ws on the connection in Jobferry", Right.MANAGE),
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.NO,
    ),
    Entry(
        code="ADDRESS_NOT_ALLOWED",
        title="Address not allowed here",
        cause="The address uses plain http, or a port that this installation does not allow.",
        advice=(
            Step(
                "enter the address with https:// and the usual port (8482 for Spectrum, 443 for ServiceTrade)",
                Right.MANAGE,
            ),
            _NETWORK,
            _RESUME,
        ),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="CERTIFICATE_INVALID",
        title="Server certificate not trusted",
        cause="The Spectrum server's certificate has expired, is for another name, or comes from an unknown authority.",
        advice=(
            "If its date or name is wrong, renew the certificate on the Spectrum server.",
            Step(
                "add that authority's certificate to the connection in Jobferry",
                Right.MANAGE,
                "If it comes from your own authority,",
            ),
            BY_ITSELF,
        ),
        owner=Owner.IT,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="WEB_SERVICE_DISABLED",
        title="Web service not available",
        cause="Spectrum answers but does not offer the service: it is not licensed, or an upgrade renamed it.",
        advice=(
            "Check with your Spectrum provider that Data Exchange is licensed and switched on.",
            f"{_DATA_EXCHANGE}, press Build and check that WorkOrder offers WorkOrderHeader.",
            _RESUME,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="ERP_MAINTENANCE",
        title="Spectrum is restarting or in maintenance",
        cause="The server says that it is not available at present, as during the nightly restart or a backup.",
        advice=(BY_ITSELF, "If it lasts longer than the usual maintenance, ask IT whether Spectrum is running."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="MAINTENANCE_WINDOW",
        title="Maintenance window of Spectrum",
        cause="The settings of the connection say that Spectrum restarts or is backed up at this time, so Jobferry "
        "does not call it.",
        advice=(
            Step(
                "Nothing needs to be done: what waits is sent by itself when the window ends",
                only=SERIOUS - BEFORE - FAILED,
            ),
            Step("A send waits until the window ends", only=MILD | {Outcome.BLOCKED}),
            Step("try again when the window has ended", only=FAILED | {Outcome.REFUSED}),
            Step("change the maintenance windows of the connection", Right.MANAGE, "If the times are wrong,"),
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="SOAP_FAULT_UNKNOWN",
        title="Spectrum had an internal error",
        cause="Spectrum's web service stopped with an error that does not say what is wrong with the work order.",
        advice=(
            "On a new Spectrum, set the company's processing dates and save the Work Order Installation screen once.",
            SEND_AGAIN,
            "If it happens again, give Spectrum's answer, which is stored with the send, to Spectrum's support.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.NO,
    ),
    Entry(
        code="OUTCOME_UNKNOWN",
        title="No clear answer from Spectrum",
        cause="Jobferry sent the work order and got no usable answer; because the work order has its own number, "
        "sending it again cannot make a second one.",
        advice=(BY_ITSELF, "If it continues, ask IT whether Spectrum is slow or the network connection to it breaks."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
)
