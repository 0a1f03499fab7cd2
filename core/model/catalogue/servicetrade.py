"""Failures of the way to ServiceTrade."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

ENTRIES = (
    Entry(
        code="ST_UNREACHABLE",
        title="ServiceTrade cannot be reached",
        cause="ServiceTrade did not answer, or answered that it is not available for now.",
        fix=(
            BY_ITSELF,
            "If it lasts, check the tenant's ServiceTrade address.",
            "Check the internet line of the machine that Jobferry runs on.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ST_BASE_URL_WRONG",
        title="ServiceTrade address is wrong",
        cause="Something else than ServiceTrade answers at the address that the tenant has.",
        fix=("Set the tenant's ServiceTrade address to https://api.servicetrade.com/api.", SEND_AGAIN),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
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
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="ST_SESSION_LOST",
        title="ServiceTrade session was dropped",
        cause="ServiceTrade ends old sessions when many are open, and signing in again did not help at once.",
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
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="ST_RATE_LIMIT",
        title="ServiceTrade asks to slow down",
        cause="The account has used up its share of ServiceTrade's server time for this minute.",
        fix=("Jobferry waits as long as ServiceTrade asks and then goes on by itself.",),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ST_COMPLETION_REFUSED",
        title="ServiceTrade does not complete the job",
        cause="ServiceTrade refuses to set this job to completed, for instance because something on it is still open.",
        fix=(
            "Open the job in ServiceTrade and mend what the message quotes.",
            "Complete the job there, or ask for it here again.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="COMPLETIONS_STOPPED",
        title="Completed jobs are not found",
        cause="Jobferry asked ServiceTrade for completed jobs at least twice in a row, and could not read the answer.",
        fix=(
            "Mend what the message says.",
            "Jobferry goes on asking by itself, and then sends every job that was completed meanwhile.",
            "A job that cannot wait can be sent by hand.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="COMPLETIONS_UNREADABLE",
        title="A changed job cannot be read",
        cause="ServiceTrade says that this job was changed, and what it says of the job cannot be read.",
        fix=(
            "Open the job in ServiceTrade, and mend what the message says.",
            "If the job is completed, send it by hand.",
            "Jobferry goes on looking at the job by itself; other jobs do not wait for it.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="ST_WRITEBACK_FAILED",
        title="Work order made, number not on the job yet",
        cause="Spectrum took the work order, but its number could not be written on the job in ServiceTrade.",
        fix=(
            "Do not enter the work order again: it stands in Spectrum.",
            "Jobferry writes the number again by itself, and never the work order with it.",
            "If it has given up, mend what the message says and retry this send: only the number is written.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ST_REPORT_FAILED",
        title="Outcome not shown in ServiceTrade",
        cause="The comment, tag or sync record that tells of the outcome could not be written in ServiceTrade.",
        fix=(
            "Read the outcome in Jobferry; the send itself is not touched by this.",
            "If it happens every time, check the connection's failure tag and ExternalSync settings.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
)
