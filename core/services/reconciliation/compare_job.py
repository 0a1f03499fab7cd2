"""Compare one completed job with the accounts of every connection that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from core.model.connections.connection import Connection
from core.model.connections.same_company import company_keys
from core.model.mappings.alias import AliasKind
from core.model.planning.account import account_keys, items_among
from core.model.planning.job import CompletedJob
from core.model.planning.job_description import JobDescription
from core.model.planning.number_choice import claim_owner, known_claim_keys
from core.model.reconciliation.compare import JobFacts, compare, never_sent, two_work_orders
from core.model.reconciliation.compare_items import compare_items, not_posted_elsewhere
from core.model.reconciliation.entry import Difference, Entry, Kind, ReconciledJob, Sums
from core.model.reconciliation.run import ListedJob
from core.model.sending.send import Send, SendState
from core.model.sending.send_filter import SendFilter
from core.model.shared.error_words import words
from core.model.shared.errors import BadInput, NotFound, TenantMends
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.work_order import WorkOrderRecord
from core.services.planning.plan_send import PlanSend
from core.services.service import Dependencies, Service
from core.services.tenants.poll_changes import wanted
from ports.storage.send_changes import PlanInput, Standing, StandingQuery

_log = structlog.get_logger()
MOST_SENDS = 50
"""So many of a job's newest sends on a connection are looked at."""
_OF_THE_JOB = frozenset({"ST_RECORD_UNREADABLE", "ST_PERMISSION", "ST_REFUSED"})
"""ServiceTrade's answers that concern one job. Others concern the whole account, and stop the reconciliation."""
_STATES = tuple(state for state in SendState if state not in (SendState.SUPERSEDED, SendState.CANCELLED))


@dataclass(frozen=True, slots=True)
class _OnConnection:
    """What our own rows know of the job on one connection."""

    connection: Connection
    known: PlanInput
    sends: Sequence[Send]

    @property
    def ours(self) -> bool:
        """Whether it was sent here, or somebody asked for that."""
        record: WorkOrderRecord | None = self.known.record
        return record is not None or any(send.state in _STATES for send in self.sends)


class CompareJob(Service):
    def __init__(self, d: Dependencies, plan_send: PlanSend) -> None:
        super().__init__(d)
        self._plan_send = plan_send

    async def __call__(self, tenant_id: str, listed: ListedJob) -> ReconciledJob:
        """Read the job and compare it. A job that cannot be read is a finding, too.

        Raises the errors of the ServiceTrade port that concern more than this job, TimeMends above all.
        """
        now = self._clock.now()
        found = ReconciledJob(
            job_id=listed.id, completed_on=listed.completed_on, updated=listed.updated, checked_at=now
        )
        if listed.unreadable:
            return replace(found, entries=(_unreadable(listed.unreadable),))
        async with self._transactions.begin(tenant_id) as t:
            account, connections = await t.account(), await t.connections.all()
        try:
            job = await self._service_trade.describe_job(account, listed.id)
            entries = await self._entries(account, listed, job, connections, now)
        except (NotFound, TenantMends, BadInput) as error:
            if isinstance(error, TenantMends) and error.code not in _OF_THE_JOB:
                raise
            return replace(found, entries=(_unreadable(error.message),))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # An error of our own: one job must not keep the others from being checked.
            _log.exception("reconciliation.job_failed", tenant=tenant_id, job=listed.id, exc_info=error)
            return replace(found, entries=(_unreadable(words(error)),))
        customer = job.customer.name if job.customer else ""
        return replace(found, number=job.number or "", customer=customer, entries=tuple(entries))

    async def _entries(
        self,
        account: ServiceTradeAccount,
        listed: ListedJob,
        job: JobDescription,
        connections: Sequence[Connection],
        now: datetime,
    ) -> Sequence[Entry]:
        of_all = [await self._own_rows(connection, listed.id) for connection in connections]
        sent = any(one.ours or job.numbers.get(one.connection.external_system) for one in of_all)
        entries: list[tuple[Connection, Entry, JobFacts]] = []
        for one in of_all:
            acts = one.connection.acts_on_completion and wanted(one.connection, _done(listed), None)
            if one.ours or job.numbers.get(one.connection.external_system) or not sent or acts:
                facts = await self._facts(one, job)
                entries.append((one.connection, compare(one.connection, facts), facts))
        if not sent:
            return await self._by_removed(account, job, entries) or _of_unsent(entries)
        found = await self._with_second_work_orders(account, job, entries)
        # A rule keeps it out of a connection that it was never sent to: it belongs to the others.
        return [entry for entry in found if not entry.kept_back] or found

    async def _own_rows(self, connection: Connection, job_id: str) -> _OnConnection:
        known = await self._transactions.plan_input(connection.tenant_id, job_id, connection_id=connection.id)
        async with self._transactions.begin(connection.tenant_id) as t:
            only = SendFilter(connection_id=connection.id, job_id=job_id)
            sends = await t.sends.page(only, limit=MOST_SENDS)
        return _OnConnection(known.connection, known, sends)

    async def _facts(self, one: _OnConnection, job: JobDescription) -> JobFacts:
        record = one.known.record
        planned = await self._plan_send(
            one.connection,
            job.id,
            adopt=record is not None and record.number is not None,
            items=ItemsMode.DIFFERENCE,
            known=one.known,
        )
        return JobFacts(
            plan=planned.plan,
            items=planned.items,
            account=planned.account,
            record=planned.record,
            sends=one.sends,
            external_id=job.numbers.get(one.connection.external_system, "").strip(),
        )

    async def _with_second_work_orders(
        self, account: ServiceTradeAccount, job: JobDescription, entries: Sequence[tuple[Connection, Entry, JobFacts]]
    ) -> list[Entry]:
        """Add the finding of a second work order in one company: by another connection, or by one that was removed
        since, whose number is still on the job."""
        found: list[Entry] = []
        for connection, entry, facts in entries:
            numbers = set(facts.numbers)
            for other, _, others in entries:
                if other.id != connection.id and company_keys(other) & company_keys(connection):
                    numbers |= others.numbers
            of_removed = {number.upper() for number in job.numbers.values()} - numbers
            for number in sorted(of_removed) if numbers else ():
                if await self._accepted(account, connection, job.id, number):
                    numbers.add(number)
            if len(numbers) > 1 and facts.numbers:
                doubled = two_work_orders(frozenset(numbers))
                found.append(replace(entry, differences=(doubled, *entry.differences)))
            else:
                found.append(entry)
        return found

    async def _by_removed(
        self, account: ServiceTradeAccount, job: JobDescription, entries: Sequence[tuple[Connection, Entry, JobFacts]]
    ) -> Sequence[Entry]:
        """The entry of a job that a connection sent which was removed since: its number is still on the job, and its
        claim and account are kept. Quantities and header are not known any more."""
        for number in sorted(job.numbers.values()):
            for connection, entry, facts in entries:
                accounts = account_keys(connection, number)
                standing = await self._standing(account, connection, job.id, number, accounts)
                if standing.accepted:
                    elsewhere = items_among({one.item.id for one in facts.items}, standing.entries)
                    left = tuple(not_posted_elsewhere(facts.items, elsewhere))
                    return [
                        replace(
                            entry,
                            work_order_number=number,
                            differences=left,
                            sums=Sums(),
                            uncompared=1 + len(elsewhere),
                            kept_back=False,
                        )
                    ]
        return ()

    async def _accepted(self, account: ServiceTradeAccount, connection: Connection, job_id: str, number: str) -> bool:
        """Whether Spectrum accepted a write of this job under the number, in this company, by whomever."""
        return (await self._standing(account, connection, job_id, number)).accepted

    async def _standing(
        self,
        account: ServiceTradeAccount,
        connection: Connection,
        job_id: str,
        number: str,
        accounts: Sequence[bytes] = (),
    ) -> Standing:
        query = StandingQuery(
            connection_id=connection.id,
            job_id=job_id,
            number=number,
            claim_keys=known_claim_keys(connection, number),
            owner=claim_owner(account.base_url, job_id),
            accounts=accounts,
        )
        return await self._transactions.standing(connection.tenant_id, query)


def _of_unsent(entries: Sequence[tuple[Connection, Entry, JobFacts]]) -> Sequence[Entry]:
    """The entries of a job that no connection has sent: of those that send by themselves, else of the only one that
    its rules or its customer's code leave, else one entry without a connection."""
    left = [one for one in entries if not one[1].kept_back]
    acting = [one for one in left if one[0].acts_on_completion]
    coded = [one for one in left if _has_customer(one[2])]
    for chosen in (acting, left if len(left) == 1 else (), coded if len(coded) == 1 else ()):
        if chosen:
            return [entry for _, entry, _ in chosen]
    if not left:
        return [entry for _, entry, _ in entries[:1]]
    return [
        Entry(
            connection="",
            differences=(replace(never_sent(left[0][2].plan), message="It was never sent to any connection."),),
            sums=compare_items(left[0][2].plan, left[0][2].items, left[0][2].account, asked=False).sums,
        )
    ]


def _unreadable(message: str) -> Entry:
    return Entry(
        connection="",
        differences=(
            Difference(
                kind=Kind.UNREADABLE,
                message=f"It could not be compared: {message}",
                fix="Open the job in ServiceTrade and correct it. Then compare its day again.",
            ),
        ),
    )


def _done(listed: ListedJob) -> CompletedJob:
    return CompletedJob(listed.id, listed.completed_on)


def _has_customer(facts: JobFacts) -> bool:
    return any(record.kind is AliasKind.CUSTOMER and record.code for record in facts.plan.records)
