"""Failures of the connections to Spectrum and to ServiceTrade: access, address, certificate, unusable answers."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

_DATA_EXCHANGE = "In Spectrum open System Administration > Installation > Data Exchange"
_DOWNLOAD = "System Administration > Utilities > Data Exchange Download"
_RESUME = "Test the connection in Jobferry, then retry this send: the sends that wait behind it then continue too."

SPECTRUM = (
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
    ),
    Entry(
        code="SECRET_ENDS_SOON",
        title="Client secret ends soon",
        cause="The client secret of the connection's enhanced authentication is valid for some weeks only; after that "
        "every send fails.",
        fix=(
            "If Spectrum's administrator allows self-rotation, rotate it.",
            f"Or {_DATA_EXCHANGE[0].lower()}{_DATA_EXCHANGE[1:]} and issue a new client secret, then enter it on the "
            "connection in Jobferry, with its end date.",
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="SECRET_ROTATION_FAILED",
        title="Client secret not renewed",
        cause="Jobferry asked Spectrum for a new client secret, and did not get one that works.",
        fix=(
            "If the message says that self-rotation is not allowed, have Spectrum's administrator allow it for this "
            "client.",
            f"Otherwise {_DATA_EXCHANGE[0].lower()}{_DATA_EXCHANGE[1:]} and issue a new client secret.",
            "Enter it on the connection in Jobferry, with its end date.",
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="AUTH_SECRET_EXPIRED",
        title="Client secret refused",
        cause="Spectrum's sign-in refuses the client secret, most likely because it has expired.",
        fix=(
            f"{_DATA_EXCHANGE} and issue a new client secret. Allow self-rotation if you can.",
            "Enter the client ID and the new secret on the connection in Jobferry.",
            _RESUME,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="AUTH_ENHANCED_TURNED_ON",
        title="Spectrum asks for enhanced authentication",
        cause="Spectrum requires a sign-in with client ID and secret; this starts with the nightly restart after it "
        "was switched on.",
        fix=(
            f"{_DATA_EXCHANGE} and write down the client ID and client secret, or issue a new secret.",
            "Enter both on the connection in Jobferry, under enhanced authentication.",
            _RESUME,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="GUID_EXPIRED",
        title="Spectrum's session expired",
        cause="Spectrum ended the session of this call, as it does after about a day.",
        fix=(BY_ITSELF, "Each try opens a new session, so you need not set anything."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ENDPOINT_UNREACHABLE",
        title="Spectrum cannot be reached",
        cause="The address or port is wrong, a firewall blocks it, the server is off, or the address is not allowed.",
        fix=(
            BY_ITSELF,
            f"Compare the connection's address and port with Spectrum's {_DOWNLOAD}.",
            "Let Jobferry's address through the firewall to that port (usually 8482).",
            "If Spectrum is hosted for you, ask its provider to put Jobferry's address on the allow-list.",
            "If it is in a private network, have the Jobferry operator add the network to JOBFERRY_ALLOWED_NETWORKS.",
        ),
        owner=Owner.IT,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ENDPOINT_NOT_SPECTRUM",
        title="Another program than Spectrum answered",
        cause="A web page or another program, such as a proxy or a sign-in page, answered at the address.",
        fix=(
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
        cause="The address uses plain http, or a port that this installation does not allow.",
        fix=(
            "Enter the address with https:// and the usual port (8482 for Spectrum, 443 for ServiceTrade).",
            "If that is impossible, have the Jobferry operator add its network to JOBFERRY_ALLOWED_NETWORKS.",
            _RESUME,
        ),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="CERTIFICATE_INVALID",
        title="Server certificate not trusted",
        cause="The Spectrum server's certificate has expired, is for another name, or comes from an unknown authority.",
        fix=(
            "If its date or name is wrong, renew the certificate on the Spectrum server.",
            "If it comes from your own authority, add that authority's certificate to the connection in Jobferry.",
            BY_ITSELF,
        ),
        owner=Owner.IT,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="WEB_SERVICE_DISABLED",
        title="Web service not available",
        cause="Spectrum answers but does not offer the service: it is not licensed, or an upgrade renamed it.",
        fix=(
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
        fix=(BY_ITSELF, "If it lasts longer than the usual maintenance, ask IT whether Spectrum is running."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="MAINTENANCE_WINDOW",
        title="Maintenance window of Spectrum",
        cause="The settings of the connection say that Spectrum restarts or is backed up at this time, so Jobferry "
        "does not call it.",
        fix=(
            "You need not do anything: when the window ends, Jobferry sends by itself what waited.",
            "If the times are wrong, change the maintenance windows in the settings of the connection.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="SOAP_FAULT_UNKNOWN",
        title="Spectrum had an internal error",
        cause="Spectrum's web service stopped with an error that does not say what is wrong with the work order.",
        fix=(
            "On a new Spectrum, set the company's processing dates and save the Work Order Installation screen once.",
            "If it happens again, copy the answer stored with the send and give it to Spectrum's support.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.NO,
    ),
    Entry(
        code="OUTCOME_UNKNOWN",
        title="No clear answer from Spectrum",
        cause="Jobferry sent the work order and got no usable answer; because the work order has its own number, "
        "sending it again cannot make a second one.",
        fix=(BY_ITSELF, "If it continues, ask IT whether Spectrum is slow or the network connection to it breaks."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
)

SERVICETRADE = (
    Entry(
        code="ST_UNREACHABLE",
        title="ServiceTrade cannot be reached",
        cause="ServiceTrade did not answer, or answered that it is not available at present.",
        fix=(
            BY_ITSELF,
            "If this continues, check the tenant's ServiceTrade address.",
            "Check the internet connection of the machine that Jobferry runs on.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ST_BASE_URL_WRONG",
        title="ServiceTrade address is wrong",
        cause="Another program than ServiceTrade answers at the tenant's ServiceTrade address.",
        fix=("Set the tenant's ServiceTrade address to https://api.servicetrade.com/api.", SEND_AGAIN),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="ST_RECORD_UNREADABLE",
        title="A record of ServiceTrade cannot be read",
        cause="ServiceTrade sends a value that the work order needs in a form that Jobferry cannot read.",
        fix=("Open the record in ServiceTrade and enter the value that the message names again.", SEND_AGAIN),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="ST_LOGIN_REFUSED",
        title="ServiceTrade refuses the sign-in",
        cause="User name and password, or client ID and secret, are wrong or no longer valid in ServiceTrade.",
        fix=(
            "Try the same user name and password on ServiceTrade's own sign-in page.",
            "Enter the right credentials for the tenant in Jobferry.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="ST_SESSION_LOST",
        title="ServiceTrade ended the session",
        cause="ServiceTrade ends old sessions when many are open, and the new session of Jobferry ended at once too.",
        fix=(BY_ITSELF, "If it happens often, let Jobferry sign in with client ID and secret instead of a password."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ST_PERMISSION",
        title="Not allowed in ServiceTrade",
        cause="The user that Jobferry signs in with may not read or change this in ServiceTrade.",
        fix=("In ServiceTrade give that user the Account Admin role.", SEND_AGAIN),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="ST_RATE_LIMIT",
        title="ServiceTrade asks to slow down",
        cause="The account has used up its share of ServiceTrade's server time for this minute.",
        fix=("Jobferry waits as long as ServiceTrade asks and then continues by itself.",),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ST_COMPLETION_REFUSED",
        title="ServiceTrade does not complete the job",
        cause="ServiceTrade refuses to set this job to completed, for instance because something on it is still open.",
        fix=(
            "Open the job in ServiceTrade and correct what the message quotes.",
            "Complete the job there, or complete it here again.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="COMPLETIONS_STOPPED",
        title="Completed jobs are not found",
        cause="Jobferry asked ServiceTrade for completed jobs at least twice in a row and got no usable answer.",
        fix=(
            "Correct what the message says.",
            "Jobferry keeps asking by itself, and then sends every job that was completed meanwhile.",
            "If a job cannot wait, send it by hand.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="COMPLETIONS_UNREADABLE",
        title="A changed job cannot be read",
        cause="ServiceTrade reports a change of this job, but Jobferry cannot read the job's data.",
        fix=(
            "Open the job in ServiceTrade and correct what the message says.",
            "If the job is completed, send it by hand.",
            "Jobferry keeps checking the job by itself. Other jobs do not wait for it.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="ST_WRITEBACK_FAILED",
        title="Work order made, number not on the job yet",
        cause="Spectrum took the work order, but its number could not be written on the job in ServiceTrade.",
        fix=(
            "Do not enter the work order again: it is in Spectrum.",
            "Jobferry tries by itself to write the number again. It does not write the work order again.",
            "If it gave up, correct what the message says and retry this send: only the number is written.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ST_REPORT_FAILED",
        title="Outcome not shown in ServiceTrade",
        cause="The comment, tag or sync record with the outcome could not be written in ServiceTrade.",
        fix=(
            "Read the outcome in Jobferry. The send itself is not affected.",
            "If it happens every time, check the connection's failure tag and ExternalSync settings.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
)
