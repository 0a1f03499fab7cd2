"""Turns ServiceTrade's statuses into errors whose type says who can fix them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from adapters.outbound.servicetrade.envelope import Envelope
from adapters.outbound.servicetrade.transport import HttpAnswer
from core.model.shared.errors import JobferryError, TenantMends, TimeMends


def out_of_order(answer: HttpAnswer) -> TimeMends | None:
    """Return the error for a temporary answer (too many calls, server error). None for all others."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return TimeMends(
            "ServiceTrade asks to slow down (HTTP 429).",
            code="ST_RATE_LIMIT",
            fix="Wait as long as ServiceTrade asks, then try again.",
            retry_after=seconds_of(answer.retry_after),
        )
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.REQUEST_TIMEOUT:
        return TimeMends(
            f"ServiceTrade is not available now (HTTP {answer.status}).",
            code="ST_UNREACHABLE",
            fix="Wait until ServiceTrade answers again, then try again.",
            retry_after=seconds_of(answer.retry_after),
        )
    return None


def refused(status: int, envelope: Envelope, what: str) -> JobferryError:
    """Return the error for a refused request. `what` names the request, such as "to read the job 12"."""
    said = f': "{envelope.quotation}"' if envelope.quotation else ""
    if status == HTTPStatus.UNAUTHORIZED:
        return TimeMends(
            f"ServiceTrade ended the session again right after a new sign-in{said}.",
            code="ST_SESSION_LOST",
            fix="Wait and try again; sign in with client ID and secret if it happens often.",
        )
    if status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
        return TenantMends(
            f"ServiceTrade does not allow {what}, or cannot find it (HTTP {status}){said}.",
            code="ST_PERMISSION",
            fix="In ServiceTrade give the user that Jobferry signs in with the Account Admin role.",
        )
    return TenantMends(
        f"ServiceTrade refuses {what} (HTTP {status}){said}.",
        code="ST_REFUSED",
        fix="Read ServiceTrade's message, fix the cause there, and try again.",
    )


def not_completed(job_id: str, why: str, envelope: Envelope) -> TenantMends:
    """Return the error for a job that stays open. `why` is the reason from ServiceTrade's answer."""
    said = f': "{envelope.quotation}"' if envelope.quotation else ""
    return TenantMends(
        f"ServiceTrade does not complete the job {job_id} ({why}){said}.",
        code="ST_COMPLETION_REFUSED",
        fix="Open the job in ServiceTrade, fix the cause, and complete the job there or from here again.",
    )


def list_unsteady(what: str) -> TimeMends:
    """Return the error for a list whose pages do not match, for example because rows changed during the reading."""
    return TimeMends(
        f"The pages of ServiceTrade's list do not match when asked {what}, so rows may be missing.",
        code="ST_UNREACHABLE",
        fix="Wait, then try again: Jobferry reads the whole list again.",
    )


def value_taken(value: str, system: str, envelope: Envelope) -> TenantMends:
    """Return the error for a value that another record has. A value is unique in an external system [doc]."""
    said = f': "{envelope.quotation}"' if envelope.quotation else ""
    return TenantMends(
        f"ServiceTrade refuses the external ID {value} under {system}, since another record carries it{said}.",
        code="MAP_DUPLICATE_EXTERNAL_ID",
        fix="Search ServiceTrade for the value, and remove it from the record that has it by mistake.",
    )


def system_unknown(system: str, envelope: Envelope) -> TenantMends:
    """Return the error for an external system that the account does not have."""
    said = f': "{envelope.quotation}"' if envelope.quotation else ""
    return TenantMends(
        f"ServiceTrade has no external system {system}{said}.",
        code="ST_EXTERNAL_SYSTEM_UNKNOWN",
        fix="Enter the external system's exact name on the connection in Jobferry.",
    )


def record_unreadable(what: str, why: str) -> TenantMends:
    """Return the error for a record with a needed member of an unknown form. `what` names it, such as "the job 12"."""
    return TenantMends(
        f"ServiceTrade sends {what} in a form that Jobferry cannot read: {why}.",
        code="ST_RECORD_UNREADABLE",
        fix="Open the record in ServiceTrade and enter this value again.",
    )


def seconds_of(retry_after: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """Return Retry-After in seconds, from a number or from an HTTP date relative to `now`. None if it is neither."""
    text = retry_after.strip()
    if text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now()).total_seconds())
    except (ValueError, TypeError):
        return None
