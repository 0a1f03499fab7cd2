"""A ServiceTrade in memory: jobs by tenant, the same refusals as the real one, and any failure on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.model.errors import BadInput, JobferryError, NotFound, TenantMends
from core.model.job import JobSnapshot, Party
from core.model.tenant import Login, ServiceTradeAccount
from ports.service_trade import ServiceTrade

_LONGEST_ID = 16


@dataclass(slots=True)
class MemoryJob:
    """A job as stored. `external_ids` are its own by system, `codes` those of its parties by kind and system."""

    snapshot: JobSnapshot
    external_ids: dict[str, str] = field(default_factory=dict)
    codes: dict[tuple[str, str], str] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Failure:
    error: JobferryError
    call: str
    applied: bool


class MemoryServiceTrade(ServiceTrade):
    """`jobs` maps (tenant id, job id) to what stands there. `calls` names the calls in order, `syncs` what was posted.

    A tenant in `logins` must sign in with exactly that login; all others may call as they like.
    """

    def __init__(self) -> None:
        self.jobs: dict[tuple[str, str], MemoryJob] = {}
        self.logins: dict[str, Login] = {}
        self.calls: list[str] = []
        self.syncs: list[tuple[str, Mapping[str, Any]]] = []
        self._failures: list[_Failure] = []

    def add_job(self, tenant_id: str, job: JobSnapshot, system: str = "spectrum") -> None:
        """Store a job whose external ids are those under `system`. One that stands there keeps its comments."""
        stored = self.jobs.setdefault((tenant_id, job.id), MemoryJob(job))
        stored.snapshot = job
        if job.external_id is not None:
            stored.external_ids[system] = job.external_id
        for kind, party in (("customer", job.customer), ("location", job.location), ("contract", job.contract)):
            stored.codes.pop((kind, system), None)
            if party and party.external_id is not None:
                stored.codes[kind, system] = party.external_id

    def comments_on(self, tenant_id: str, job_id: str) -> list[str]:
        """Oldest first, markers included."""
        return self.jobs[tenant_id, job_id].comments

    def fail_next(self, *errors: JobferryError, call: str = "", applied: bool = False) -> None:
        """Let the next calls (of the port's method `call`, any if '') raise, one error a call.

        `applied`: what the call was to do has happened all the same, as when only the answer is lost.
        """
        self._failures += [_Failure(error, call, applied) for error in errors]

    async def read_job(self, account: ServiceTradeAccount, job_id: str, system: str) -> JobSnapshot:
        lost = self._begin(account, "read_job")
        stored = self._job(account, job_id, missing=_not_found(f"no job with the id {job_id}"))
        _end(lost)
        job = stored.snapshot
        return replace(
            job,
            external_id=stored.external_ids.get(system),
            customer=_under(system, job.customer, "customer", stored),
            location=_under(system, job.location, "location", stored),
            contract=_under(system, job.contract, "contract", stored),
        )

    async def find_job_id(self, account: ServiceTradeAccount, number: str) -> str:
        lost = self._begin(account, "find_job_id")
        for (tenant_id, job_id), stored in self.jobs.items():
            if tenant_id == account.tenant_id and number.strip() and stored.snapshot.number == number.strip():
                _end(lost)
                return job_id
        raise _not_found(f"no job with the number {number}")

    async def write_external_id(self, account: ServiceTradeAccount, job_id: str, system: str, value: str) -> None:
        lost = self._begin(account, "write_external_id")
        stored = self._job(account, job_id)
        for (tenant_id, other_id), other in self.jobs.items():
            taken = value and other.external_ids.get(system) == value
            if taken and tenant_id == account.tenant_id and other_id != job_id:
                raise TenantMends(
                    f"ServiceTrade refuses the external ID {value} under {system}, since another record carries it.",
                    code="MAP_DUPLICATE_EXTERNAL_ID",
                )
        if value:
            stored.external_ids[system] = value
        else:
            stored.external_ids.pop(system, None)
        _end(lost)

    async def replace_comment(self, account: ServiceTradeAccount, job_id: str, marker: str, text: str | None) -> None:
        lost = self._begin(account, "replace_comment")
        stored = self._job(account, job_id)
        others = [comment for comment in stored.comments if marker not in comment]
        stored.comments = others if text is None else [*others, f"{text}\n\n{marker}"]
        _end(lost)

    async def set_failure_tag(self, account: ServiceTradeAccount, job_id: str, tag: str, present: bool) -> None:
        lost = self._begin(account, "set_failure_tag")
        stored = self._job(account, job_id)
        others = tuple(one for one in stored.snapshot.tags if one != tag)
        stored.snapshot = replace(stored.snapshot, tags=(*others, tag) if present else others)
        _end(lost)

    async def post_external_sync(self, account: ServiceTradeAccount, path: str, body: Mapping[str, Any]) -> None:
        lost = self._begin(account, "post_external_sync")
        self.syncs.append((path, dict(body)))
        _end(lost)

    async def check(self, account: ServiceTradeAccount) -> None:
        _end(self._begin(account, "check"))

    def _begin(self, account: ServiceTradeAccount, call: str) -> JobferryError | None:
        """Note the call and raise what is due before it; gives the error that is due after it."""
        self.calls.append(call)
        if self.logins.get(account.tenant_id, account.login) != account.login:
            raise TenantMends("ServiceTrade refuses the sign-in.", code="ST_LOGIN_REFUSED")
        due = next((failure for failure in self._failures if failure.call in ("", call)), None)
        if due is None:
            return None
        self._failures.remove(due)
        if not due.applied:
            raise due.error
        return due.error

    def _job(
        self, account: ServiceTradeAccount, job_id: str, *, missing: JobferryError | None = None
    ) -> MemoryJob:
        if not (job_id.isascii() and job_id.isdecimal() and len(job_id) <= _LONGEST_ID):
            raise BadInput("That is not a ServiceTrade job id.")
        stored = self.jobs.get((account.tenant_id, job_id))
        if stored is None:
            raise missing or TenantMends(f"ServiceTrade cannot find the job {job_id}.", code="ST_PERMISSION")
        return stored


def _end(lost: JobferryError | None) -> None:
    if lost is not None:
        raise lost


def _under(system: str, party: Party | None, kind: str, stored: MemoryJob) -> Party | None:
    return replace(party, external_id=stored.codes.get((kind, system))) if party else None


def _not_found(what: str) -> NotFound:
    return NotFound(
        f"ServiceTrade knows {what}.",
        code="JOB_NOT_FOUND",
        fix="Check the number or id against the job's page in ServiceTrade.",
    )
