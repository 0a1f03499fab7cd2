"""The calls to ServiceTrade that sending needs.

Every call may raise: TimeMends (ST_UNREACHABLE, ST_RATE_LIMIT with `retry_after`, ST_SESSION_LOST if a new login did
not help), TenantMends (ST_LOGIN_REFUSED, ST_PERMISSION, ST_EXTERNAL_SYSTEM_UNKNOWN, ST_REFUSED for other refusals,
ST_BASE_URL_WRONG if another program answers, ST_RECORD_UNREADABLE if a needed member of a record cannot be read,
MAP_DUPLICATE_EXTERNAL_ID for a refused external id), BadInput for an invalid job id.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_record import ListedRecord
from core.model.mappings.readiness import UpcomingJob
from core.model.planning.job import ChangedJob, CompletedJob, JobSnapshot
from core.model.planning.job_description import JobDescription
from core.model.reconciliation.run import ListedJob
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.item import JobItem
from core.model.work_orders.job_service import JobService
from core.model.work_orders.paperwork import Attachment


@dataclass(frozen=True, slots=True)
class RegisteredWebhook:
    """A webhook as listed by ServiceTrade. The address holds a secret, so it is not in the repr."""

    id: str
    url: str = field(repr=False)
    enabled: bool = True


class ServiceTrade(Protocol):
    @abstractmethod
    async def read_job(self, account: ServiceTradeAccount, job_id: str, system: str) -> JobSnapshot:
        """The job with its customer, location and contract and their external ids under `system`.

        Raises NotFound (JOB_NOT_FOUND) for an unknown job.
        """
        ...

    @abstractmethod
    async def read_items(self, account: ServiceTradeAccount, job_id: str, system: str) -> Sequence[JobItem]:
        """All items of the job in ServiceTrade's order, each once, with exact numbers and external ids under `system`.

        A member that cannot be read is told in `JobItem.unreadable`. Raises TenantMends (ST_RECORD_UNREADABLE,
        ST_BASE_URL_WRONG) for a row that is no item of this job: it never returns only a part of the items.
        """
        ...

    @abstractmethod
    async def read_services(self, account: ServiceTradeAccount, job_id: str) -> Sequence[JobService]:
        """All services of the job in ServiceTrade's order, each once; it never returns only a part of them.

        Raises TenantMends (ST_RECORD_UNREADABLE, ST_BASE_URL_WRONG) for a row that is no service of this job.
        """
        ...

    @abstractmethod
    async def read_attachments(self, account: ServiceTradeAccount, job_id: str) -> Sequence[Attachment]:
        """The paperwork among the job's attachments, each once. Raises TenantMends (ST_RECORD_UNREADABLE)."""
        ...

    @abstractmethod
    async def read_attachment(self, account: ServiceTradeAccount, attachment_id: str) -> bytes:
        """The content of an attachment, at most MOST_BYTES. Raises NotFound (DOCUMENT_NOT_FOUND), TenantMends
        (ST_RECORD_UNREADABLE) if it is larger or no file."""
        ...

    @abstractmethod
    async def complete_job(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob:
        """Set the job's status to completed. A job that is completed already does not change.

        Returns the job's completion. Raises NotFound (JOB_NOT_FOUND), and TenantMends (ST_COMPLETION_REFUSED) if
        ServiceTrade refuses to complete this job.
        """
        ...

    @abstractmethod
    async def completion_of(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob | None:
        """The job's completion, None while it is open; one call. Raises NotFound (JOB_NOT_FOUND)."""
        ...

    @abstractmethod
    def changed_since(self, account: ServiceTradeAccount, since: datetime) -> AsyncIterator[ChangedJob]:
        """Every job that was changed at or after `since`, including open jobs and unreadable records, in any order.

        It is not known whether canceled jobs are included.
        """
        ...

    @abstractmethod
    def completed_between(
        self, account: ServiceTradeAccount, since: datetime, until: datetime
    ) -> AsyncIterator[ListedJob]:
        """Every job that is completed and was completed from `since` until before `until`, once, in any order.

        Unreadable records are included. Raises TimeMends (ST_UNREACHABLE) if pages are missing or do not match. A job
        whose completion changes meanwhile may be left out: only two equal readings show that none was.
        """
        ...

    @abstractmethod
    async def webhooks(self, account: ServiceTradeAccount) -> Sequence[RegisteredWebhook]: ...

    @abstractmethod
    async def register_webhook(self, account: ServiceTradeAccount, url: str) -> str:
        """Register `url` for events of all job changes. Returns the webhook's id. Needs the Account Admin role."""
        ...

    @abstractmethod
    async def remove_webhook(self, account: ServiceTradeAccount, webhook_id: str) -> None:
        """Remove a webhook. It is no error if it is already gone."""
        ...

    @abstractmethod
    async def find_job_ids(self, account: ServiceTradeAccount, number: str) -> Sequence[str]:
        """The ids of the jobs with this job number, in any status: none or one, unless a number was given twice.

        Never that of a job with another number. Raises TenantMends (JOB_NUMBER_SEARCH_FAILED) if ServiceTrade lists too
        many of those."""
        ...

    @abstractmethod
    async def describe_job(self, account: ServiceTradeAccount, job_id: str) -> JobDescription:
        """What people are shown of the job, in one call. Raises NotFound (JOB_NOT_FOUND)."""
        ...

    @abstractmethod
    async def customer_systems(self, account: ServiceTradeAccount, customer_id: str) -> frozenset[str]:
        """The external systems under which the customer has an id that is not blank; empty for an unknown customer."""
        ...

    @abstractmethod
    def upcoming_jobs(self, account: ServiceTradeAccount) -> AsyncIterator[UpcomingJob]:
        """Every job that is new or scheduled, once, with the names of its records, in any order."""
        ...

    @abstractmethod
    async def read_code(self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str) -> str | None:
        """The external id of a customer, site, contract or library item under `system`, None if it has none."""
        ...

    @abstractmethod
    async def write_code(
        self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str, value: str
    ) -> None:
        """Set the external id of a customer, site or contract. Setting the same value again changes nothing."""
        ...

    @abstractmethod
    def list_records(
        self, account: ServiceTradeAccount, kind: AliasKind, system: str
    ) -> AsyncIterator[Sequence[ListedRecord]]:
        """Every company, location, contract or library item of the account, page by page, each once, in any order.

        A member that cannot be read is ''. A list whose pages do not match raises TimeMends, so a reading that ends
        without an error is whole, except that records that were deleted or added meanwhile may be missing. Inactive
        ones may be in it (`RecordToMap.active`) or not.
        """
        ...

    @abstractmethod
    async def find_record(
        self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str
    ) -> ListedRecord | None:
        """The record as it is now, with its external id under `system`, None if there is none. One call or two."""
        ...

    @abstractmethod
    async def write_external_id(self, account: ServiceTradeAccount, job_id: str, system: str, value: str) -> None:
        """Set the job's external id under `system`. Setting the same value again changes nothing."""
        ...

    @abstractmethod
    async def replace_comment(self, account: ServiceTradeAccount, job_id: str, marker: str, text: str | None) -> None:
        """Make `text` the only comment on the job with `marker`; None removes it. A second call changes nothing.

        It posts the new comment before it deletes the others, so that a crash leaves too many comments, not none. The
        adapter adds the marker to the text. The comment is internal: customers never see it.
        """
        ...

    @abstractmethod
    async def set_failure_tag(self, account: ServiceTradeAccount, job_id: str, tag: str, present: bool) -> None:
        """Add a tag to the job or remove it (behind a setting: how tags are written is not documented)."""
        ...

    @abstractmethod
    async def post_external_sync(self, account: ServiceTradeAccount, path: str, body: Mapping[str, Any]) -> None:
        """Post to the ExternalSync resource (behind a setting: its shape is not documented)."""
        ...

    @abstractmethod
    async def check(self, account: ServiceTradeAccount) -> str | None:
        """Sign in and read one record. Returns only if both worked: the time zone that ServiceTrade names for the user,
        None if it names none that is known here."""
        ...
