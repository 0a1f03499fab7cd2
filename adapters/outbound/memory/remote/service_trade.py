"""ServiceTrade in memory: jobs by tenant, the same refusals as the real system, and any failure on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.outbound.memory.remote.service_trade_calls import check_id, id_taken
from adapters.outbound.memory.remote.service_trade_codes import MemoryCodes
from adapters.outbound.memory.remote.service_trade_job import MemoryJob
from core.model.mappings.readiness import UpcomingJob
from core.model.planning.job import ChangedJob, CompletedJob, JobSnapshot, Party
from core.model.planning.job_description import JobDescription
from core.model.reconciliation.run import ListedJob
from core.model.shared.errors import NotFound, TenantMends
from core.model.shared.time_zone import is_time_zone
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.item import JobItem
from core.model.work_orders.job_service import JobService
from core.model.work_orders.paperwork import Attachment
from ports.service_trade import RegisteredWebhook

_FIRST_HOOK = 2600000000000001
_UPCOMING = ("new", "scheduled")


class MemoryServiceTrade(MemoryCodes):
    """Jobs are completed and changed in the time of this machine. `time_zone` is that of the user of every account."""

    def add_job(self, tenant_id: str, job: JobSnapshot, system: str = "spectrum") -> None:
        """Store a job whose external ids are those under `system`. An existing job keeps its comments."""
        stored = self.jobs.setdefault((tenant_id, job.id), MemoryJob(job))
        stored.snapshot = job
        if job.external_id is not None:
            stored.external_ids[system] = job.external_id
        for kind, party in (("customer", job.customer), ("location", job.location), ("contract", job.contract)):
            stored.codes.pop((kind, system), None)
            if party and party.external_id is not None:
                stored.codes[kind, system] = party.external_id

    def add_item(self, tenant_id: str, job_id: str, item: JobItem, system: str = "spectrum") -> None:
        """Store an item, or change the item with this id. Its external id is the one under `system`."""
        self.jobs[tenant_id, job_id].put_item(item, system)

    def remove_item(self, tenant_id: str, job_id: str, item_id: str) -> None:
        del self.jobs[tenant_id, job_id].items[item_id]

    def add_service(self, tenant_id: str, job_id: str, service: JobService) -> None:
        """Store a service, or change the service with this id."""
        self.jobs[tenant_id, job_id].services[service.id] = service

    def remove_service(self, tenant_id: str, job_id: str, service_id: str) -> None:
        del self.jobs[tenant_id, job_id].services[service_id]

    def attach(self, tenant_id: str, job_id: str, attachment: Attachment, content: bytes) -> None:
        self.jobs[tenant_id, job_id].attachments[attachment.id] = (attachment, content)

    def complete(self, tenant_id: str, job_id: str) -> CompletedJob:
        """Complete a job like the office does in ServiceTrade."""
        return self.jobs[tenant_id, job_id].complete()

    def reopen(self, tenant_id: str, job_id: str) -> None:
        self.jobs[tenant_id, job_id].reopen()

    def comments_on(self, tenant_id: str, job_id: str) -> list[str]:
        """Return the comments, oldest first, with markers."""
        return self.jobs[tenant_id, job_id].comments

    async def read_job(self, account: ServiceTradeAccount, job_id: str, system: str) -> JobSnapshot:
        with self._called(account, "read_job"):
            stored = self._job(account, job_id, missing=_not_found(f"no job with the id {job_id}"))
            job = stored.snapshot
            return replace(
                job,
                external_id=stored.external_ids.get(system),
                customer=_under(system, job.customer, "customer", stored),
                location=_under(system, job.location, "location", stored),
                contract=_under(system, job.contract, "contract", stored),
            )

    async def read_items(self, account: ServiceTradeAccount, job_id: str, system: str) -> Sequence[JobItem]:
        with self._called(account, "read_items"):
            check_id(job_id)
            stored = self.jobs.get((account.tenant_id, job_id))
            return stored.items_under(system) if stored else []

    async def read_services(self, account: ServiceTradeAccount, job_id: str) -> Sequence[JobService]:
        with self._called(account, "read_services"):
            check_id(job_id)
            stored = self.jobs.get((account.tenant_id, job_id))
            return list(stored.services.values()) if stored else []

    async def read_attachments(self, account: ServiceTradeAccount, job_id: str) -> Sequence[Attachment]:
        with self._called(account, "read_attachments"):
            check_id(job_id)
            stored = self.jobs.get((account.tenant_id, job_id))
            return [one for one, _ in stored.attachments.values()] if stored else []

    async def read_attachment(self, account: ServiceTradeAccount, attachment_id: str) -> bytes:
        with self._called(account, "read_attachment"):
            check_id(attachment_id)
            for (tenant_id, _), job in self.jobs.items():
                if tenant_id == account.tenant_id and attachment_id in job.attachments:
                    return job.attachments[attachment_id][1]
            raise NotFound(f"no attachment {attachment_id}", code="DOCUMENT_NOT_FOUND")

    async def complete_job(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob:
        with self._called(account, "complete_job"):
            stored = self._job(account, job_id, missing=_not_found(f"no job with the id {job_id}"))
            if stored.refusal and not stored.snapshot.completed:
                raise TenantMends(
                    f'ServiceTrade does not complete the job {job_id}: "{stored.refusal}".',
                    code="ST_COMPLETION_REFUSED",
                    fix="Open the job in ServiceTrade and fix the cause.",
                )
            return stored.complete()

    async def completion_of(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob | None:
        with self._called(account, "completion_of"):
            stored = self._job(account, job_id, missing=_not_found(f"no job with the id {job_id}"))
            return stored.completion

    async def changed_since(self, account: ServiceTradeAccount, since: datetime) -> AsyncIterator[ChangedJob]:
        with self._called(account, "changed_since"):
            first = since.replace(microsecond=0)
            for (tenant_id, _), stored in list(self.jobs.items()):
                updated = stored.snapshot.updated
                listed = tenant_id == account.tenant_id and (updated is None or updated >= first)
                if listed:
                    yield ChangedJob(stored.snapshot.id, stored.completion)

    async def completed_between(
        self, account: ServiceTradeAccount, since: datetime, until: datetime
    ) -> AsyncIterator[ListedJob]:
        with self._called(account, "completed_between"):
            for (tenant_id, _), stored in list(self.jobs.items()):
                done = stored.completion
                if tenant_id == account.tenant_id and done and done.completed_on and since <= done.completed_on < until:
                    yield ListedJob(id=done.id, completed_on=done.completed_on, updated=stored.snapshot.updated)

    async def webhooks(self, account: ServiceTradeAccount) -> Sequence[RegisteredWebhook]:
        with self._called(account, "webhooks"):
            return [hook for (tenant_id, _), hook in self.hooks.items() if tenant_id == account.tenant_id]

    async def register_webhook(self, account: ServiceTradeAccount, url: str) -> str:
        with self._called(account, "register_webhook"):
            self._hooks_made += 1
            hook = RegisteredWebhook(str(_FIRST_HOOK + self._hooks_made), url)
            self.hooks[account.tenant_id, hook.id] = hook
            return hook.id

    async def remove_webhook(self, account: ServiceTradeAccount, webhook_id: str) -> None:
        with self._called(account, "remove_webhook"):
            check_id(webhook_id, "webhook")
            self.hooks.pop((account.tenant_id, webhook_id), None)

    async def find_job_ids(self, account: ServiceTradeAccount, number: str) -> Sequence[str]:
        with self._called(account, "find_job_ids"):
            wanted = number.strip()
            return [
                job_id
                for (tenant_id, job_id), stored in self.jobs.items()
                if tenant_id == account.tenant_id and wanted and stored.snapshot.number == wanted
            ]

    async def describe_job(self, account: ServiceTradeAccount, job_id: str) -> JobDescription:
        with self._called(account, "describe_job"):
            return self._job(account, job_id, missing=_not_found(f"no job with the id {job_id}")).description

    async def upcoming_jobs(self, account: ServiceTradeAccount) -> AsyncIterator[UpcomingJob]:
        with self._called(account, "upcoming_jobs"):
            for (tenant_id, _), stored in list(self.jobs.items()):
                if tenant_id == account.tenant_id and stored.snapshot.status in _UPCOMING:
                    yield stored.upcoming

    async def write_external_id(self, account: ServiceTradeAccount, job_id: str, system: str, value: str) -> None:
        with self._called(account, "write_external_id"):
            stored = self._job(account, job_id)
            for (tenant_id, other_id), other in self.jobs.items():
                taken = value and other.external_ids.get(system) == value
                if taken and tenant_id == account.tenant_id and other_id != job_id:
                    raise id_taken(value, system)
            if value:
                stored.external_ids[system] = value
            else:
                stored.external_ids.pop(system, None)

    async def replace_comment(self, account: ServiceTradeAccount, job_id: str, marker: str, text: str | None) -> None:
        with self._called(account, "replace_comment"):
            stored = self._job(account, job_id)
            others = [comment for comment in stored.comments if marker not in comment]
            stored.comments = others if text is None else [*others, f"{text}\n\n{marker}"]

    async def set_failure_tag(self, account: ServiceTradeAccount, job_id: str, tag: str, present: bool) -> None:
        with self._called(account, "set_failure_tag"):
            stored = self._job(account, job_id)
            others = tuple(one for one in stored.snapshot.tags if one != tag)
            stored.snapshot = replace(stored.snapshot, tags=(*others, tag) if present else others)

    async def post_external_sync(self, account: ServiceTradeAccount, path: str, body: Mapping[str, Any]) -> None:
        with self._called(account, "post_external_sync"):
            self.syncs.append((path, dict(body)))

    async def check(self, account: ServiceTradeAccount) -> str | None:
        with self._called(account, "check"):
            return self.time_zone if self.time_zone and is_time_zone(self.time_zone) else None


def _under(system: str, party: Party | None, kind: str, stored: MemoryJob) -> Party | None:
    return replace(party, external_id=stored.codes.get((kind, system))) if party else None


def _not_found(what: str) -> NotFound:
    return NotFound(
        f"ServiceTrade knows {what}.",
        code="JOB_NOT_FOUND",
        fix="Compare the number or id with the job's page in ServiceTrade.",
    )
