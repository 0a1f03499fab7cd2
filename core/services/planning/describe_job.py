"""What people are shown of a job before it is sent, and the connection that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.model.connections.connection import Connection
from core.model.mappings.alias import AliasKind
from core.model.planning.job_description import JobDescription
from core.model.shared.errors import JobferryError
from core.services.planning.prepare_send import MenuEntry
from core.services.service import Service


@dataclass(frozen=True, slots=True)
class ChosenConnection:
    """`reason` says in a sentence why this connection is chosen."""

    slug: str
    reason: str


class DescribeJob(Service):
    async def __call__(self, tenant_id: str, job_id: str) -> JobDescription:
        """Raises NotFound (JOB_NOT_FOUND), and the errors of ServiceTrade."""
        async with self._transactions.begin(tenant_id) as t:
            account = await t.account()
        return await self._service_trade.describe_job(account, job_id)

    async def connection_of(
        self, tenant_id: str, job: JobDescription, menu: Sequence[MenuEntry]
    ) -> ChosenConnection | None:
        """The connection to choose for the job: where it was sent last, else the only one under whose system the job
        has an id, else the only one to which its customer is mapped. None if that is no one, or one that is paused, or
        if ServiceTrade does not say."""
        try:
            chosen = _sent_last(menu) or await self._only_one(tenant_id, job)
        except JobferryError:
            return None
        usable = {entry.connection for entry in menu if entry.disabled is None}
        return chosen if chosen and chosen.slug in usable else None

    async def _only_one(self, tenant_id: str, job: JobDescription) -> ChosenConnection | None:
        async with self._transactions.begin(tenant_id) as t:
            account, connections = await t.account(), await t.connections.all()
            mapped = set[str]()
            if job.customer:
                key = (AliasKind.CUSTOMER, job.customer.id)
                mapped = {one.slug for one in connections if await t.aliases.of(one.id, [key])}
        slugs: Mapping[str, str] = {one.external_system: one.slug for one in connections}
        if of_job := [slugs[system] for system in job.systems if system in slugs]:
            return _only(of_job, "The job has a work order number of this connection in ServiceTrade.")
        if job.customer:
            systems = await self._service_trade.customer_systems(account, job.customer.id)
            mapped |= _under(connections, systems)
        return _only(sorted(mapped), "The customer has a Spectrum code for this connection.")


def _sent_last(menu: Sequence[MenuEntry]) -> ChosenConnection | None:
    sent = [(entry.record.sent_at, entry.connection) for entry in menu if entry.record and entry.record.sent_at]
    if sent:
        return ChosenConnection(max(sent)[1], "The job was last sent to this connection.")
    tried = [(entry.last_send.requested_at, entry.connection) for entry in menu if entry.last_send]
    return ChosenConnection(max(tried)[1], "The last try to send the job was to this connection.") if tried else None


def _under(connections: Sequence[Connection], systems: frozenset[str]) -> set[str]:
    return {one.slug for one in connections if one.external_system in systems}


def _only(slugs: Sequence[str], reason: str) -> ChosenConnection | None:
    return ChosenConnection(slugs[0], reason) if len(slugs) == 1 else None
