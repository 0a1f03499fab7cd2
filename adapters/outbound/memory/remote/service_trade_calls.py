"""What all calls of ServiceTrade in memory share: the stored records, the calls so far, and failures on demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from adapters.outbound.memory.remote.service_trade_job import MemoryJob
from adapters.outbound.memory.remote.service_trade_records import MemoryRecords
from core.model.shared.errors import BadInput, JobferryError, TenantMends
from core.model.tenants.tenant import Login, ServiceTradeAccount
from ports.service_trade import RegisteredWebhook, ServiceTrade

_LONGEST_ID = 16


@dataclass(frozen=True, slots=True)
class _Failure:
    """A planned failure. `applied`: the call still has its effect."""

    error: JobferryError
    call: str
    applied: bool


class MemoryCalls(ServiceTrade):
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

    def fail_next(self, *errors: JobferryError, call: str = "", applied: bool = False) -> None:
        """Make the next calls (of the port's method `call`, any if '') raise, one error per call.

        `applied`: the call still has its effect, as if only the answer were lost.
        """
        self._failures += [_Failure(error, call, applied) for error in errors]

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
        check_id(job_id)
        stored = self.jobs.get((account.tenant_id, job_id))
        if stored is None:
            raise missing or TenantMends(f"ServiceTrade cannot find the job {job_id}.", code="ST_PERMISSION")
        return stored


def check_id(record_id: str, kind: str = "job") -> None:
    if not (record_id.isascii() and record_id.isdecimal() and len(record_id) <= _LONGEST_ID):
        raise BadInput(f"That is not a ServiceTrade {kind} id.")


def id_taken(value: str, system: str) -> TenantMends:
    return TenantMends(
        f"ServiceTrade refuses the external ID {value} under {system}, since another record carries it.",
        code="MAP_DUPLICATE_EXTERNAL_ID",
    )
