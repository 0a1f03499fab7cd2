"""Failures of the connection to ServiceTrade."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

ENTRIES = (
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
