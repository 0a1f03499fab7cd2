"""ServiceTrade, as far as sending needs it.

Every call may raise: TimeMends (ST_UNREACHABLE, ST_RATE_LIMIT with `retry_after`, ST_SESSION_LOST when a new login did
not help), TenantMends (ST_LOGIN_REFUSED, ST_PERMISSION, ST_REFUSED for other refusals, ST_BASE_URL_WRONG when something
else answers, MAP_DUPLICATE_EXTERNAL_ID for a refused external id), BadInput for what is no job id.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

from core.model.job import JobSnapshot
from core.model.tenant import ServiceTradeAccount


class ServiceTrade(Protocol):
    @abstractmethod
    async def read_job(self, account: ServiceTradeAccount, job_id: str, system: str) -> JobSnapshot:
        """The job with its customer, location and contract and their external ids under `system`.

        Raises NotFound (JOB_NOT_FOUND) for an unknown job.
        """
        ...

    @abstractmethod
    async def find_job_id(self, account: ServiceTradeAccount, number: str) -> str:
        """The id of the job with this human job number, whatever its status. Raises NotFound (JOB_NOT_FOUND)."""
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
