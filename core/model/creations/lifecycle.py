"""What follows for a creation from an answer, from a stop of its worker, and from what a person says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.connections.same_company import company_key
from core.model.creations.creation import CODE_FIELD, Creation, CreationKind, CreationState
from core.model.sending.answer import (
    Accepted,
    Exchange,
    NotSent,
    RefusalReason,
    Refused,
    Unknown,
    WriteOutcome,
)
from core.model.sending.diagnosis import diagnose, safely_quoted, warnings
from core.model.shared.errors import Conflict
from core.model.shared.finding import Finding, Severity
from core.model.shared.moments import moment_words
from core.model.shared.retry_delays import RetryDelays
from core.model.work_orders.column_words import folded

WAITS = frozenset({"RECORD_LOCKED"})
UNCLEAR = frozenset({"GUID_EXPIRED"})
TAKEN = "CREATE_CODE_TAKEN"
APPROVAL = (
    "If your Spectrum has workflow approval for customers, a new or changed customer may wait for it; until then "
    "Spectrum may refuse work orders for this customer."
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The state after an answer and what is told of it. QUEUED: nothing happened, and it may be tried again. `locked`:
    because Spectrum had a record locked."""

    state: CreationState
    findings: tuple[Finding, ...] = ()
    locked: bool = False


def switched_on(kind: CreationKind, connection: Connection) -> bool:
    return connection.create_sites if kind is CreationKind.SITE else connection.create_customers


def stopped_before_call(creation: Creation, connection: Connection) -> Finding | None:
    """Why the call must not be made any more as it was confirmed; None if it may."""
    if not switched_on(creation.kind, connection):
        return switched_off(creation.kind)
    if company_key(connection).hex() != creation.company:
        return finding(
            "CREATE_CONNECTION_CHANGED",
            "The address or the company of the connection was changed after this was confirmed. Nothing was sent.",
        )
    return None


def switched_off(kind: CreationKind) -> Finding:
    what = "sites" if kind is CreationKind.SITE else "customers"
    return finding("CREATE_SWITCHED_OFF", f"This connection does not let {what} be created in Spectrum.")


def judge(creation: Creation, outcome: WriteOutcome) -> Judgement:
    """Judged strictly, as a cost line is: only a clean success is one, and everything unclear is in doubt."""
    if isinstance(outcome, Accepted):
        return _accepted(creation, outcome)
    found = diagnose(outcome).findings
    if isinstance(outcome, NotSent):
        return Judgement(CreationState.QUEUED, found)
    if isinstance(outcome, Unknown):
        return Judgement(CreationState.IN_DOUBT, found)
    return _refused(creation, outcome, found)


def _accepted(creation: Creation, outcome: Accepted) -> Judgement:
    told = warnings(outcome)
    column = folded(CODE_FIELD[creation.kind])
    stored = {row.text.strip() for row in outcome.returned if folded(row.column) == column and row.text.strip()}
    if others := sorted(code for code in stored if code.upper() != creation.code.upper()):
        named = safely_quoted(", ".join(others))
        message = f"Jobferry sent the code {creation.code}, but Spectrum returned {named}."
        return Judgement(CreationState.IN_DOUBT, (finding("CREATE_CODE_DIFFERS", message), *told))
    return Judgement(CreationState.CREATED, told)


def _refused(creation: Creation, outcome: Refused, found: tuple[Finding, ...]) -> Judgement:
    if outcome.reason is RefusalReason.SERVICE_MISSING and not outcome.rows:
        newer = " It is new in Spectrum 2025 R2." if creation.kind is CreationKind.CUSTOMER_CHANGE else ""
        message = f"This Spectrum does not offer the web service {creation.service}.{newer} Nothing was sent."
        return Judgement(CreationState.REJECTED, (finding("CREATE_SERVICE_MISSING", message),))
    if not outcome.rows:
        return Judgement(CreationState.IN_DOUBT, found)  # a refusal that names no reason proves nothing
    codes = {one.code for one in found if one.severity is Severity.BLOCKER}
    if codes & UNCLEAR:
        return Judgement(CreationState.IN_DOUBT, found)
    if codes and codes <= WAITS:
        return Judgement(CreationState.QUEUED, found, locked=True)
    return Judgement(CreationState.REJECTED, found)


def with_patience(creation: Creation, judged: Judgement, delays: RetryDelays) -> Judgement:
    """A locked record is waited for as often as for the header of a send; then it is not made, and a person is told."""
    if not judged.locked or delays.after(creation.locks + 1):
        return judged
    message = f"A record was locked in Spectrum at all {creation.locks + 1} tries: {judged.findings[0].message}"
    return Judgement(CreationState.REJECTED, (finding("CREATE_LOCKED", message),))


def answered(
    creation: Creation, attempt_id: str, exchange: Exchange, judged: Judgement, now: datetime, delays: RetryDelays
) -> Creation:
    """Store the answer of the attempt, in every state of the creation. An answer of another attempt changes nothing.

    It may come after the worker was taken for dead, or after a person has settled the doubt: what Spectrum says then
    stands over that. `delays`: what did not leave is tried again without limit, a locked record as often as they say.
    """
    if creation.attempt_id != attempt_id:
        return creation
    state = judged.state
    if creation.state is CreationState.CREATED and state is not CreationState.CREATED:
        return creation  # a person saw it in Spectrum
    if creation.state not in (CreationState.SENDING, CreationState.IN_DOUBT) and state is not CreationState.CREATED:
        return creation
    heard = replace(
        creation,
        state=state,
        findings=judged.findings,
        request=exchange.request,
        answer=exchange.answer,
        outcome=exchange.outcome.in_short,
    )
    match state:
        case CreationState.QUEUED if judged.locked:
            locks = creation.locks + 1
            return replace(heard, due_at=now + delays.held(locks), locks=locks, attempt_id=None)
        case CreationState.QUEUED:
            tries = creation.tries + 1
            return replace(heard, due_at=now + delays.held(tries), tries=tries, attempt_id=None)
        case CreationState.CREATED:
            if creation.state is CreationState.CREATED:
                return replace(heard, due_at=creation.due_at)
            return _there(heard, now)
        case CreationState.IN_DOUBT:
            return replace(heard, due_at=None)
        case _:
            return replace(heard, due_at=None, ended_at=now)


def _there(creation: Creation, now: datetime) -> Creation:
    """It is in Spectrum. What is left to do is to keep its code, which a changed customer has already."""
    if creation.kind.adds:
        return replace(creation, due_at=now, tries=0, ended_at=now)
    return replace(creation, due_at=None, ended_at=now, code_kept_at=now)


def never_left(creation: Creation, attempt_id: str, now: datetime) -> Creation:
    """The call of this attempt was not made, although its intent was stored."""
    if creation.attempt_id != attempt_id or creation.state not in (CreationState.SENDING, CreationState.IN_DOUBT):
        return creation
    return replace(creation, state=CreationState.QUEUED, attempt_id=None, findings=(), due_at=now)


def lost(creation: Creation) -> Creation:
    """Its worker ended during the call. Only an answer that this worker still has, or a person, can tell."""
    message = "The process that called Spectrum ended before the answer was stored."
    return replace(creation, state=CreationState.IN_DOUBT, due_at=None, findings=(finding("CREATE_IN_DOUBT", message),))


def rejected(creation: Creation, found: Finding, now: datetime) -> Creation:
    """Stopped before the call."""
    return replace(creation, state=CreationState.REJECTED, findings=(found,), due_at=None, ended_at=now)


def can_settle(creation: Creation) -> bool:
    """Whether a person can say what is in Spectrum: of a doubt, of a verdict that was wrong, and of a refusal because
    the code is in use, which may be by this very record."""
    taken = any(one.code == TAKEN for one in creation.findings)
    return creation.state in (CreationState.IN_DOUBT, CreationState.NOT_CREATED) or (
        creation.state is CreationState.REJECTED and taken
    )


def settled(creation: Creation, there: bool, *, by: str, reason: str, now: datetime) -> Creation:
    """A person looked in Spectrum: the record with this code is there, and is this one, or it is not there.

    Raises Conflict: CREATION_NOT_IN_DOUBT, DOUBT_TOO_FRESH while Spectrum may still make it.
    """
    if not can_settle(creation) or (not there and creation.state is not CreationState.IN_DOUBT):
        raise Conflict(
            f"This creation is {creation.state.value.replace('_', ' ')}: nothing about it is unclear.",
            code="CREATION_NOT_IN_DOUBT",
            fix="Look at it again.",
        )
    if not there and creation.quiet_until and now < creation.quiet_until:
        raise Conflict(
            f"Spectrum may still make it until {moment_words(creation.quiet_until)}.",
            code="DOUBT_TOO_FRESH",
            fix="Look in Spectrum after that, and say then what you found.",
        )
    said = replace(creation, settled_by=by, settled_reason=reason)
    if there:
        return _there(replace(said, state=CreationState.CREATED, findings=()), now)
    return replace(said, state=CreationState.NOT_CREATED, ended_at=now, due_at=None, findings=())


def cancelled(creation: Creation, now: datetime) -> Creation:
    """Give it up: nothing of it is in Spectrum. Raises Conflict (CREATION_NOT_CANCELLABLE) once something may be."""
    if creation.state not in (CreationState.QUEUED, CreationState.REJECTED):
        raise Conflict(
            f"This creation is {creation.state.value.replace('_', ' ')} and cannot be cancelled.",
            code="CREATION_NOT_CANCELLABLE",
            fix="Look at what became of it. A record that is in Spectrum is removed there.",
        )
    return replace(creation, state=CreationState.CANCELLED, due_at=None, ended_at=now)
