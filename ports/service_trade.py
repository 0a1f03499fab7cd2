"""ServiceTrade, as far as sending needs it.

Every call may raise: TimeMends (ST_UNREACHABLE, ST_RATE_LIMIT with `retry_after`, ST_SESSION_LOST when a new login did
not help), TenantMends (ST_LOGIN_REFUSED, ST_PERMISSION, ST_REFUSED for other refusals, ST_BASE_URL_WRONG when something
else answers, MAP_DUPLICATE_EXTERNAL_ID for a refused external id), BadInput for what is no job id.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from core.model.mappings.alias import AliasKind
from core.model.mappings.readiness import UpcomingJob
from core.model.planning.job import ChangedJob, CompletedJob, JobSnapshot
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.item import JobItem


@dataclass(frozen=True, slots=True)
class RegisteredWebhook:
    """A webhook as ServiceTrade lists it. The address holds a secret, so it never shows in a repr."""

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
        """All items of the job in ServiceTrade's order, each once, numbers exact, external ids those under `system`.

        Raises TenantMends (ST_BASE_URL_WRONG) if an item cannot be read: a part of the items is never taken for all.
        """
        ...

    @abstractmethod
    async def complete_job(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob:
        """Set the job's status to completed; one that is completed already stays as it is.

        Returns the completion that stands then. Raises NotFound (JOB_NOT_FOUND), and TenantMends
        (ST_COMPLETION_REFUSED) where ServiceTrade does not let this job be completed.
        """
        ...

    @abstractmethod
    async def completion_of(self, account: ServiceTradeAccount, job_id: str) -> CompletedJob | None:
        """The completion that stands, None while the job is open; one call. Raises NotFound (JOB_NOT_FOUND)."""
        ...

    @abstractmethod
    def changed_since(self, account: ServiceTradeAccount, since: datetime) -> AsyncIterator[ChangedJob]:
        """Every job that was changed at or after `since`, open ones and unreadable records too; order is open.

        Whether canceled ones are among them is open as well.
        """
        ...

    @abstractmethod
    async def webhooks(self, account: ServiceTradeAccount) -> Sequence[RegisteredWebhook]: ...

    @abstractmethod
    async def register_webhook(self, account: ServiceTradeAccount, url: str) -> str:
        """Ask to be told at `url` of every change of a job; gives the webhook's id. Needs the Account Admin role."""
        ...

    @abstractmethod
    async def remove_webhook(self, account: ServiceTradeAccount, webhook_id: str) -> None:
        """End it. One that is gone already is no error."""
        ...

    @abstractmethod
    async def find_job_id(self, account: ServiceTradeAccount, number: str) -> str:
        """The id of the job with this human job number, whatever its status. Raises NotFound (JOB_NOT_FOUND)."""
        ...

    @abstractmethod
    def upcoming_jobs(self, account: ServiceTradeAccount) -> AsyncIterator[UpcomingJob]:
        """Every job that is new or scheduled, once, with the names of its records; order is open."""
        ...

    @abstractmethod
    async def read_code(self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str) -> str | None:
        """The external id of a customer, site or contract under `system`, None where it has none."""
        ...

    @abstractmethod
    async def write_code(
        self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str, value: str
    ) -> None:
        """Set the external id of a customer, site or contract. Setting the same value again changes nothing."""
        ...

    @abstractmethod
    async def write_external_id(self, account: ServiceTradeAccount, job_id: str, system: str, value: str) -> None:
        """Set the job's external id under `system`. Setting the same value again changes nothing."""
        ...

    @abstractmethod
    async def replace_comment(self, account: ServiceTradeAccount, job_id: str, marker: str, text: str | None) -> None:
        """Make `text` the only comment on the job that carries `marker`; None removes it. Repeating changes nothing.

        Posts the new one first, then deletes the others, so that a crash leaves too much rather than nothing. The
        adapter adds the marker to the text. Internal visibility: never the customer's.
        """
        ...

    @abstractmethod
    async def set_failure_tag(self, account: ServiceTradeAccount, job_id: str, tag: str, present: bool) -> None:
        """Put a tag on the job or take it off (behind a setting: how tags are written is not documented)."""
        ...

    @abstractmethod
    async def post_external_sync(self, account: ServiceTradeAccount, path: str, body: Mapping[str, Any]) -> None:
        """Post to the ExternalSync resource (behind a setting: its shape is not documented)."""
        ...

    @abstractmethod
    async def check(self, account: ServiceTradeAccount) -> None:
        """Sign in and read one harmless record; returns only if both worked."""
        ...
