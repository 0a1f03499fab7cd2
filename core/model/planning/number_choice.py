"""Choose a send's work order number: the computed one, or the one under which the job was sent before."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.connections.same_company import digest_of
from core.model.planning.draft import Draft
from core.model.shared.finding import Finding
from core.model.shared.origin import Origin
from core.model.work_orders.work_order import NUMBER, NUMBER_LENGTH, WorkOrderRecord

_ALLOWED = re.compile(r"^[A-Za-z0-9_./-]+$")


@dataclass(frozen=True, slots=True)
class NumberChoice:
    """`number` is '' if there is none; `problem` is the blocker against it, if any."""

    number: str
    origin: Origin
    known: bool
    problem: Finding | None = None


def choose_number(draft: Draft, record: WorkOrderRecord | None, *, adopt: bool) -> NumberChoice:
    """Keep the number of the first send: a different computed number stops the send, unless `adopt` tells it to use
    the known number (from our records, else from the job's external id)."""
    computed = draft.number.value.strip() if draft.number else ""
    origin = draft.number.origin if draft.number else Origin("job.number")
    known, known_origin = _known_number(draft, record)
    if known and known != computed and adopt:
        return NumberChoice(known, known_origin, True, shape_problem(known))
    if not (draft.job.number or "").strip():
        message = "The job has no job number, so the work order cannot be numbered."
        return NumberChoice("", origin, bool(known), finding("JOB_NUMBER_MISSING", message, field=NUMBER))
    if not computed:
        message = "No rule of this connection gave the work order a number."
        return NumberChoice("", origin, bool(known), finding("JOB_NUMBER_MISSING", message, field=NUMBER))
    problem = shape_problem(computed)
    if problem is None and known and known != computed:
        message = f"This job was sent before as work order {known}; now its number would be {computed}."
        problem = finding("WO_NUMBER_CHANGED", message, field=NUMBER)
    return NumberChoice(computed, origin, bool(known), problem)


def taken_problem(number: str) -> Finding:
    """The blocker for a number that another job uses. It does not name the other job."""
    message = f"Work order number {number} already belongs to another job in this Spectrum company."
    return finding("WO_NUMBER_TAKEN", message, field=NUMBER)


def claim_keys(connection: Connection, number: str) -> tuple[bytes, ...]:
    """The keys of a number claim: hashes of the Spectrum company and the number, including used former addresses, which
    others may still use. Sorted, so that everybody takes them in the same order."""
    return _claim_keys(connection, number, (one.endpoint for one in connection.former_endpoints if one.used))


def known_claim_keys(connection: Connection, number: str) -> tuple[bytes, ...]:
    """All keys under which others may have the number, including addresses where this connection never wrote."""
    return _claim_keys(connection, number, (one.endpoint for one in connection.former_endpoints))


def _claim_keys(connection: Connection, number: str, former: Iterable[Endpoint]) -> tuple[bytes, ...]:
    company = connection.company_code.upper()
    endpoints = (connection.endpoint, *former)
    return tuple(sorted({digest_of(one.host, str(one.port), company, number.upper()) for one in endpoints}))


def claim_owner(base_url: str, job_id: str) -> bytes:
    """The owner of a claim: the ServiceTrade job, so that a connection that is set up again still owns it."""
    return digest_of(base_url.rstrip("/").lower(), job_id)


def _known_number(draft: Draft, record: WorkOrderRecord | None) -> tuple[str, Origin]:
    if record is not None and record.number:
        return record.number, Origin("ledger.number", reason="the number of the first send is kept")
    external_id = (draft.job.external_id or "").strip()
    return external_id, Origin("job.externalId", reason="the work order number already written on the job")


def shape_problem(number: str) -> Finding | None:
    """Why this cannot be a work order number, None if it can."""
    if len(number) > NUMBER_LENGTH:
        length = len(number)
        message = f"The work order number {number} has {length} characters; Spectrum takes at most {NUMBER_LENGTH}."
        return finding("WO_NUMBER_TOO_LONG", message, field=NUMBER)
    if not _ALLOWED.match(number):
        message = f"The work order number {number!a} holds characters that Spectrum does not accept in a number."
        return finding("INVALID_CHARACTERS", message, field=NUMBER)
    return None
