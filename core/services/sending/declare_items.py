"""Declare items: a person says which of a job's items are in Spectrum already; the others may then be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from core.model.connections.connection import Connection
from core.model.operations.audit import AuditEntry
from core.model.planning.account import Account, account_keys
from core.model.planning.earlier_additions import with_unsure
from core.model.planning.items_held import ITEMS_UNKNOWN
from core.model.planning.line_fold import FoldedItem
from core.model.planning.number_choice import shape_problem
from core.model.planning.standing_items import (
    Standing,
    StandingItem,
    candidates,
    line_by_hand,
    posted_among,
    standing_items,
)
from core.model.sending.send import SendState
from core.model.shared.errors import BadInput, Conflict, FieldError
from core.model.shared.finding import Finding
from core.model.work_orders.cost_line import ItemsMode, LedgerLine
from core.model.work_orders.work_order import WorkOrderRecord
from core.services.planning.plan_send import PlannedSend, PlanSend
from core.services.sending.annotations.enter_additions import enter_additions
from core.services.sending.lifecycle.enter_lines import enter_lines
from core.services.service import Dependencies, Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class ItemsStanding:
    """What is known of a job's items. `number` is the work order's, '' if there is none; `held` is why the items wait;
    `declared_at` is when a person last declared them."""

    number: str
    items: Sequence[StandingItem]
    held: Finding | None
    declared_at: datetime | None


@dataclass(frozen=True, slots=True)
class Declared:
    """`entered` are the lines that now count as posted, `left` the items that a send would post.

    `retry` are the job's failed sends that waited for this declaration; they can be retried.
    """

    number: str
    entered: Sequence[LedgerLine]
    left: Sequence[StandingItem]
    retry: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Job:
    """`external` is the job's external id in ServiceTrade (a work order number), '' if it has none."""

    connection: Connection
    planned: PlannedSend
    external: str

    def number(self, record: WorkOrderRecord | None) -> str:
        """The number of the work order: the known one, else the one that a send would write."""
        return (record.number if record else None) or self.external or self.planned.plan.number


class DeclareItems(Service):
    def __init__(self, d: Dependencies, plan_send: PlanSend) -> None:
        super().__init__(d)
        self._plan_send = plan_send

    async def look(self, tenant_id: str, connection_slug: str, job_id: str) -> ItemsStanding:
        """The job's items, and which of them are known to be in Spectrum. Nothing is stored.

        Raises NotFound, and what the ServiceTrade port raises.
        """
        job = await self._read(tenant_id, connection_slug, job_id)
        planned, record = job.planned, job.planned.record
        items = standing_items(planned.items, planned.plan, planned.account)
        declared_at = record.items_declared_at if record else None
        return ItemsStanding(job.number(record), items, planned.plan.items_held, declared_at)

    async def __call__(
        self, tenant_id: str, connection_slug: str, job_id: str, standing: Standing, *, reason: str, by: str
    ) -> Declared:
        """Store that each item in `standing` counts as posted once. Earlier declarations are kept.

        Labor and items that are left out do not count. The job may be reopened: its items may be in Spectrum from
        before. Raises NotFound, BadInput (an unknown item, no reason, an open job that was never sent, an invalid work
        order number), Conflict (WORK_ORDER_BUSY while a send posts to the work order, DATABASE_RESTORED while a
        restored backup is not acknowledged), and what the ServiceTrade port raises.
        """
        reason = reason.strip()
        _check_reason(reason)
        job = await self._read(tenant_id, connection_slug, job_id)
        _check_job(job)
        items = candidates(job.planned.items)
        named = _named(items, standing)
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.lock(job.connection.id)
            _refuse_while_held(connection)
            record = await t.work_orders.find(connection.id, job_id)
            number = job.number(record)
            await _refuse_while_busy(t, connection, number)
            now = await t.now()
            lines = await t.ledger.on_account(connection.id, job_id, number)
            known = posted_among(lines)
            entered = [
                line_by_hand(
                    folded,
                    self._ids.new("lin"),
                    tenant_id=tenant_id,
                    connection_id=connection.id,
                    job_id=job_id,
                    number=number,
                    lines=lines,
                    by=by,
                    reason=reason,
                    at=now,
                )
                for folded in items
                if folded.item.id in named and folded.item.id not in known
            ]
            await t.ledger.save(entered)
            await enter_lines(t, connection, entered)
            record = record or WorkOrderRecord(tenant_id=tenant_id, connection_id=connection.id, job_id=job_id)
            # A job that was never sent gets no number: only its items were declared.
            known_number = record.number or job.external or None
            # After this nothing shows any more that documents may have been added before.
            annotations = with_unsure(record, job.planned.plan, "", now)
            declared = replace(record, number=known_number, items_unknown=False, items_declared_at=now)
            declared = replace(declared, annotations=annotations)
            await t.work_orders.save(declared)
            await enter_additions(t, connection, record, declared)
            account = replace(job.planned.account, lines=(*lines, *entered))
            left = [one for one in _still_to_go(job.planned, account) if not one.posted]
            detail = {
                "job": job.planned.plan.job_number or job_id,
                "connection": connection.slug,
                "work_order": number,
                "standing": _words(standing),
                "entered": str(len(entered)),
                "reason": reason,
            }
            await t.audit.record(AuditEntry(now, by, "items.declared", job_id, detail))
            failed = await t.sends.of_job(connection.id, job_id, (SendState.NEEDS_ATTENTION,))
            retry = [send.id for send in failed if any(found.code == ITEMS_UNKNOWN for found in send.findings)]
        _log.info("items.declared", tenant_id=tenant_id, job=job_id, entered=len(entered), left=len(left), by=by)
        return Declared(number, entered, left, retry)

    async def _read(self, tenant_id: str, slug: str, job_id: str) -> _Job:
        """Read and plan the job as a completed one, also if it was reopened."""
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
        reading = await self._plan_send.read(connection, job_id, items=ItemsMode.NEW_ONLY, completing=True)
        planned = await self._plan_send.plan(reading)
        return _Job(connection, planned, (reading.job.external_id or "").strip())


def _still_to_go(planned: PlannedSend, account: Account) -> Sequence[StandingItem]:
    return [replace(one, held=False) for one in standing_items(planned.items, planned.plan, account)]


def _check_reason(reason: str) -> None:
    if not 1 <= len(reason) <= _LONGEST_REASON:
        raise BadInput(
            "You did not say what you saw in Spectrum.",
            fix="Look at the work order's costs there and give the reason in one or two sentences.",
            errors=[FieldError("/reason", f"say what you saw, in 1 to {_LONGEST_REASON} characters")],
        )


def _check_job(job: _Job) -> None:
    """Raises BadInput if there is no work order that could have items."""
    plan = job.planned.plan
    if not job.planned.job_completed and plan.creates:
        raise BadInput(
            "The job is open and was never sent on this connection, so none of its items can be in Spectrum.",
            fix="Declare its items after the job is completed or has the number of its work order.",
        )
    number = job.number(job.planned.record)
    problem = shape_problem(number) if number else next(iter(plan.blockers), None)
    if problem:
        raise BadInput(problem.message, code=problem.code, fix=" ".join(problem.fix))


def _named(items: Sequence[FoldedItem], standing: Standing) -> frozenset[str]:
    """The ids of the items in `standing`. Raises BadInput for one that the job does not have or never sends."""
    there = frozenset(folded.item.id for folded in items)
    if standing == "all":
        return there
    if standing == "none":
        return frozenset()
    wanted = {standing} if isinstance(standing, str) else set(standing)
    unknown = ", ".join(sorted(wanted - there))
    if unknown or not wanted:
        raise BadInput(
            f"The job has no item {unknown} that would be sent to Spectrum." if unknown else "No item was named.",
            fix="Name items that the job has now, without labor and left-out items. Say none if none is in Spectrum.",
            errors=[FieldError("/standing", f"unknown: {unknown}" if unknown else "names no item")],
        )
    return frozenset(wanted)


def _words(standing: Standing) -> str:
    return standing if isinstance(standing, str) else ", ".join(sorted(standing))


def _refuse_while_held(connection: Connection) -> None:
    if connection.items_hold:
        raise Conflict(
            "The database was restored from a backup, and nobody has acknowledged that yet.",
            code=connection.items_hold.finding.code,
            fix="Acknowledge the restored backup first.",
        )


async def _refuse_while_busy(t: TenantTransaction, connection: Connection, number: str) -> None:
    """Raises Conflict (WORK_ORDER_BUSY) while a send posts: its lines may or may not be in Spectrum a minute later."""
    holder = await t.ledger.holder(connection.id, number, beside="")
    entries = await t.ledger.entries_of_others(account_keys(connection, number), connection.id, lock=True)
    if holder or Account("", entries=entries).open_elsewhere:
        who = f"The send {holder}" if holder else "Another connection to this Spectrum company"
        raise Conflict(
            f"{who} posts items to work order {number} at the moment.",
            code="WORK_ORDER_BUSY",
            fix="Wait until it has ended, or settle what it waits for. Then look at the work order in Spectrum again.",
        )
