"""ServiceTrade in memory: jobs by tenant, the same refusals as the real system, and any failure on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.outbound.memory.remote.service_trade_job import MemoryJob
from adapters.outbound.memory.remote.service_trade_records import MemoryRecords
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_record import ListedRecord
from core.model.mappings.readiness import UpcomingJob
from core.model.planning.job import ChangedJob, CompletedJob, JobSnapshot, Party
from core.model.planning.job_description import JobDescription
from core.model.reconciliation.run import ListedJob
from core.model.shared.errors import BadInput, JobferryError, NotFound, TenantMends
from core.model.shared.time_zone import is_time_zone
from core.model.tenants.tenant import Login, ServiceTradeAccount
from core.model.work_orders.item import JobItem
from core.model.work_orders.job_service import JobService
from core.model.work_orders.paperwork import Attachment
from ports.service_trade import RegisteredWebhook, ServiceTrade

_LONGEST_ID = 16
_FIRST_HOOK = 2600000000000001
_UPCOMING = ("new", "scheduled")


@dataclass(frozen=True, slots=True)
class _Failure:
    """A planned failure. `applied`: the call still has its effect."""

    error: JobferryError
    call: str
    applied: bool


class MemoryServiceTrade(ServiceTrade):
    """`jobs` maps (tenant id, job id) to the stored job, `hooks` (tenant id, webhook id) to its webhooks.

    `records` are companies, locations, contracts and library items beside those that the jobs name.
    `calls` lists the calls in order, `syncs` the posted bodies. A job with a `refusal` cannot be completed.
    A tenant in `logins` must use exactly that login; all others may call with any login.
    """

    def __init__(self) -> None:
        self.jobs: dict[tuple[str, str], MemoryJob] = {}
        self.hooks: dict[tuple[str, str], RegisteredWebhook] = {}
        self.logins: dict[str, Login] = {}
        self.records = MemoryRecords()
        self.calls: list[str] = []
        self.syncs: list[tuple[str, Mapping[str, Any]]] = []
        self.time_zone: str | None = None  # of the user of every account
        self._failures: list[_Failure] = []
        self._hooks_made = 0

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

    def fail_next(self, *errors: JobferryError, call: str = "", applied: bool = False) -> None:
        """Make the next calls (of the port's method `call`, any if '') raise, one error per call.

        `applied`: the call still has its effect, as if only the answer were lost.
        """
        self._failures += [_Failure(error, call, applied) for error in errors]

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
            _check_id(job_id)
            stored = self.jobs.get((account.tenant_id, job_id))
            return stored.items_under(system) if stored else []

    async def read_services(self, account: ServiceTradeAccount, job_id: str) -> Sequence[JobService]:
        with self._called(account, "read_services"):
            _check_id(job_id)
            stored = self.jobs.get((account.tenant_id, job_id))
            return list(stored.services.values()) if stored else []

    async def read_attachments(self, account: ServiceTradeAccount, job_id: str) -> Sequence[Attachment]:
        with self._called(account, "read_attachments"):
            _check_id(job_id)
            stored = self.jobs.get((account.tenant_id, job_id))
            return [one for one, _ in stored.attachments.values()] if stored else []

    async def read_attachment(self, account: ServiceTradeAccount, attachment_id: str) -> bytes:
        with self._called(account, "read_attachment"):
            _check_id(attachment_id)
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
            _check_id(webhook_id, "webhook")
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

    async def customer_systems(self, account: ServiceTradeAccount, customer_id: str) -> frozenset[str]:
        with self._called(account, "customer_systems"):
            _check_id(customer_id, "customer")
            jobs = self._naming(account, AliasKind.CUSTOMER, customer_id)
            codes = ((system, code) for job in jobs for (kind, system), code in job.codes.items() if kind == "customer")
            return frozenset(system for system, code in codes if code.strip())

    async def upcoming_jobs(self, account: ServiceTradeAccount) -> AsyncIterator[UpcomingJob]:
        with self._called(account, "upcoming_jobs"):
            for (tenant_id, _), stored in list(self.jobs.items()):
                if tenant_id == account.tenant_id and stored.snapshot.status in _UPCOMING:
                    yield stored.upcoming

    async def read_code(self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str) -> str | None:
        with self._called(account, "read_code"):
            _check_id(record_id, kind)
            if listed := self.records.find(account.tenant_id, (kind, record_id)):
                return listed.codes.get(system)
            found = (job.codes_of(kind, system)[record_id] for job in self._naming(account, kind, record_id))
            return next((code for code in found if code is not None), None)

    async def write_code(
        self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str, value: str
    ) -> None:
        with self._called(account, "write_code"):
            _check_id(record_id, kind)
            listed = self.records.find(account.tenant_id, (kind, record_id))
            ours = list(self._naming(account, kind, record_id))
            if not ours and not listed:
                raise TenantMends(f"ServiceTrade cannot find the {kind} {record_id}.", code="ST_PERMISSION")
            if self.records.holder(account.tenant_id, kind, system, value) not in (None, record_id):
                raise _taken(value, system)
            if listed:
                listed.codes[system] = value
            for (tenant_id, _), stored in self.jobs.items():
                codes = stored.codes_of(kind, system) if tenant_id == account.tenant_id else {}
                if any(code == value and other != record_id for other, code in codes.items()):
                    raise _taken(value, system)
            for stored in ours:
                stored.set_code(kind, record_id, system, value)

    async def list_records(
        self, account: ServiceTradeAccount, kind: AliasKind, system: str
    ) -> AsyncIterator[Sequence[ListedRecord]]:
        with self._called(account, "list_records"):
            yield [self.records.listed(one, system) for one in self.records.of(account.tenant_id, kind)]

    async def find_record(
        self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str
    ) -> ListedRecord | None:
        with self._called(account, "find_record"):
            _check_id(record_id, kind)
            found = self.records.find(account.tenant_id, (kind, record_id))
            return found.listed(system) if found else None

    def _naming(self, account: ServiceTradeAccount, kind: AliasKind, record_id: str) -> Iterator[MemoryJob]:
        """Yield the jobs of this customer, site, contract or library item: they store its codes."""
        for (tenant_id, _), stored in self.jobs.items():
            if tenant_id == account.tenant_id and record_id in stored.codes_of(kind, ""):
                yield stored

    async def write_external_id(self, account: ServiceTradeAccount, job_id: str, system: str, value: str) -> None:
        with self._called(account, "write_external_id"):
            stored = self._job(account, job_id)
            for (tenant_id, other_id), other in self.jobs.items():
                taken = value and other.external_ids.get(system) == value
                if taken and tenant_id == account.tenant_id and other_id != job_id:
                    raise _taken(value, system)
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

    @contextmanager
    def _called(self, account: ServiceTradeAccount, call: str) -> Iterator[None]:
        """Record the call and raise the error that is due before it, or after it if it still has its effect."""
        self.calls.append(call)
        if self.logins.get(account.tenant_id, account.login) != account.login:
            raise TenantMends("ServiceTrade refuses the sign-in.", code="ST_LOGIN_REFUSED")
        due = next((failure for failure in self._failures if failure.call in ("", call)), None)
        if due:
            self._failures.remove(due)
            if not due.applied:
                raise due.error
        yield
        if due:
            raise due.error

    def _job(self, account: ServiceTradeAccount, job_id: str, *, missing: JobferryError | None = None) -> MemoryJob:
        _check_id(job_id)
        stored = self.jobs.get((account.tenant_id, job_id))
        if stored is None:
            raise missing or TenantMends(f"ServiceTrade cannot find the job {job_id}.", code="ST_PERMISSION")
        return stored


def _check_id(record_id: str, kind: str = "job") -> None:
    if not (record_id.isascii() and record_id.isdecimal() and len(record_id) <= _LONGEST_ID):
        raise BadInput(f"That is not a ServiceTrade {kind} id.")


def _under(system: str, party: Party | None, kind: str, stored: MemoryJob) -> Party | None:
    return replace(party, external_id=stored.codes.get((kind, system))) if party else None


def _taken(value: str, system: str) -> TenantMends:
    return TenantMends(
        f"ServiceTrade refuses the external ID {value} under {system}, since another record carries it.",
        code="MAP_DUPLICATE_EXTERNAL_ID",
    )


def _not_found(what: str) -> NotFound:
    return NotFound(
        f"ServiceTrade knows {what}.",
        code="JOB_NOT_FOUND",
        fix="Compare the number or id with the job's page in ServiceTrade.",
    )
