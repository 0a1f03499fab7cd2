"""Failures of the connection to ServiceTrade: sign-in, address, rights, unusable answers."""

from __future__ import annotations

from core.model.catalogue.entry import (
    AS_THE_MESSAGE_SAYS,
    BEFORE,
    BY_ITSELF,
    DONE,
    FAILED,
    SEND_AGAIN,
    SERIOUS,
    TRIED,
    Entry,
)
from core.model.shared.advice import Outcome, Right, Step
from core.model.shared.finding import Owner, Retry

ENTRIES = (
    Entry(
        code="ST_UNREACHABLE",
        title="ServiceTrade cannot be reached",
        cause="ServiceTrade did not answer, or answered that it is not available at present.",
        advice=(
            BY_ITSELF,
            Step(
                "check the ServiceTrade address of this account and the internet connection of Jobferry's machine",
                Right.OPERATE,
                "If this continues,",
            ),
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ST_BASE_URL_WRONG",
        title="ServiceTrade address is wrong",
        cause="Another program than ServiceTrade answers at the tenant's ServiceTrade address.",
        advice=(
            Step("set the ServiceTrade address of this account to https://api.servicetrade.com/api", Right.OPERATE),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="ST_RECORD_UNREADABLE",
        title="A record of ServiceTrade cannot be read",
        cause="ServiceTrade sends a value that the work order needs in a form that Jobferry cannot read.",
        advice=("Open the record in ServiceTrade and enter the value that the message names again.", SEND_AGAIN),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="ST_LOGIN_REFUSED",
        title="ServiceTrade refuses the sign-in",
        cause="User name and password, or client ID and secret, are wrong or no longer valid in ServiceTrade.",
        advice=(
            "Try the same user name and password on ServiceTrade's own sign-in page.",
            Step("enter the right ones for this account in Jobferry", Right.OPERATE),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="ST_SESSION_LOST",
        title="ServiceTrade ended the session",
        cause="ServiceTrade ends old sessions when many are open, and the new session of Jobferry ended at once too.",
        advice=(
            BY_ITSELF,
            Step(
                "let Jobferry sign in with client ID and secret instead of a password",
                Right.OPERATE,
                "If it happens often,",
            ),
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ST_PERMISSION",
        title="Not allowed in ServiceTrade",
        cause="The user that Jobferry signs in with may not read or change this in ServiceTrade.",
        advice=("In ServiceTrade give that user the Account Admin role.", SEND_AGAIN),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="ST_EXTERNAL_SYSTEM_UNKNOWN",
        title="External system not found in ServiceTrade",
        cause="ServiceTrade has no external system with the name that is set on the connection in Jobferry.",
        advice=(
            "Look up the exact name among the external systems of the ServiceTrade account.",
            Step("enter that name as the connection's external system in Jobferry", Right.MANAGE),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="ST_RATE_LIMIT",
        title="ServiceTrade asks to slow down",
        cause="The account has used up its share of ServiceTrade's server time for this minute.",
        advice=(
            Step("Jobferry waits as long as ServiceTrade asks and then continues by itself", only=TRIED),
            Step("wait a minute, then send the job again", Right.SEND, only=FAILED),
            Step("wait a minute, then try again", only=BEFORE),
            Step("resume the connection after a minute", Right.MANAGE, only=frozenset({Outcome.HELD})),
            Step("Nothing needs to be done", only=DONE),
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ST_COMPLETION_REFUSED",
        title="ServiceTrade does not complete the job",
        cause="ServiceTrade refuses to set this job to completed, for instance because something on it is still open.",
        advice=(
            "Open the job in ServiceTrade and correct what the message quotes.",
            "Complete the job in ServiceTrade.",
            Step("send the job again", Right.SEND, only=FAILED),
            Step("send the job", Right.SEND, only=BEFORE),
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="COMPLETIONS_STOPPED",
        title="Completed jobs are not found",
        cause="Jobferry asked ServiceTrade for completed jobs at least twice in a row and got no usable answer.",
        advice=(
            "Correct what the message says.",
            "Jobferry keeps asking by itself, and then sends every job that was completed meanwhile.",
            Step("send it by hand", Right.SEND, "If a job cannot wait,"),
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="COMPLETIONS_UNREADABLE",
        title="A changed job cannot be read",
        cause="ServiceTrade reports a change of this job, but Jobferry cannot read the job's data.",
        advice=(
            "Open the job in ServiceTrade and correct what the message says.",
            Step("send it by hand", Right.SEND, "If the job is completed,"),
            "Jobferry keeps checking the job by itself. Other jobs do not wait for it.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="ST_WRITEBACK_FAILED",
        title="Work order made, number not on the job yet",
        cause="Spectrum took the work order, but its number could not be written on the job in ServiceTrade.",
        advice=(
            "Do not enter the work order again: it is in Spectrum.",
            Step("Jobferry writes only the number again, by itself", only=TRIED),
            Step(AS_THE_MESSAGE_SAYS.rstrip("."), only=SERIOUS - TRIED | DONE),
            Step("retry this send: only the number is written", Right.SEND, "Then", FAILED | DONE),
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="ST_REPORT_FAILED",
        title="Outcome not shown in ServiceTrade",
        cause="The comment, tag or sync record with the outcome could not be written in ServiceTrade.",
        advice=(
            "Read the outcome in Jobferry. The send itself is not affected.",
            Step(
                "check the connection's settings for ServiceTrade: failure tag and sync",
                Right.MANAGE,
                "If it happens every time,",
            ),
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
)
