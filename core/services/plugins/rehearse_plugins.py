"""Rehearsal: plan a connection's last jobs with other rules and compare. Nothing is sent or stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from core.model.connections.connection import Connection
from core.model.connections.settings import PluginUse
from core.model.planning.job import looks_like_id
from core.model.plugins.rehearsal import Rehearsal, RehearsedJob, compare
from core.model.sending.diagnosis import from_error
from core.model.sending.send_filter import SendFilter
from core.model.shared.errors import BadInput, FieldError, JobferryError, NotFound, TimeMends
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.cost_line import ItemsMode
from core.services.planning.plan_send import PlanSend
from core.services.planning.prepare_send import FindJob
from core.services.planning.read_for_plan import Reading
from core.services.plugins.check_plugins import check_plugins
from core.services.service import Dependencies, Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
MOST_JOBS = 100
_MOST_TIMEOUTS = 3
"""After this many jobs in a row with a rule that took too long, stop: each takes seconds."""
_PAGE = 200


class RehearsePlugins(Service):
    def __init__(self, d: Dependencies, plan_send: PlanSend) -> None:
        super().__init__(d)
        self._plan_send = plan_send
        self._find_job = FindJob(d)

    async def __call__(
        self,
        tenant_id: str,
        slug: str,
        plugins: Sequence[PluginUse],
        *,
        last: int = 20,
        job_ids: Sequence[str] = (),
    ) -> Rehearsal:
        """Plan the `last` jobs sent on the connection, or `job_ids`, both with its own plugins and with `plugins`.

        All items are planned as new ones of a completed job. `job_ids` may hold job numbers, too; a job that cannot be
        found or read is in the result with its problem. Raises NotFound (CONNECTION_NOT_FOUND), BadInput
        (PLUGINS_INVALID, REHEARSAL_INVALID), and what the ServiceTrade port raises if it is unreachable or refuses the
        sign-in.
        """
        if not 1 <= last <= MOST_JOBS or len(job_ids) > MOST_JOBS:
            detail = f"1 to {MOST_JOBS} jobs"
            errors = [FieldError("/job_ids" if job_ids else "/last", detail)]
            raise BadInput(f"A rehearsal takes {detail}.", code="REHEARSAL_INVALID", fix="Take fewer.", errors=errors)
        async with self._transactions.begin(tenant_id) as t:
            present = await t.connections.by_slug(slug)
            defaults = (await t.tenant()).plugin_defaults
            account = await t.account()
            jobs = list(dict.fromkeys(job_ids)) or await _last_jobs(t, present.id, last)
        await check_plugins(self._rules, plugins, defaults)
        other = present.using(tuple(plugins)).over(defaults)
        rehearsed: list[RehearsedJob] = []
        slow = 0
        for named in jobs:
            rehearsed.append(job := await self._rehearse(account, present, other, named))
            slow = slow + 1 if any(found.code == "PLUGIN_TIMEOUT" for found in job.blockers_new) else 0
            if slow == _MOST_TIMEOUTS and len(rehearsed) < len(jobs):
                _log.warning("rehearsal.stopped", connection=slug, jobs=len(rehearsed))
                return Rehearsal(tuple(rehearsed), f"A rule took too long in {slow} jobs in a row.")
        return Rehearsal(tuple(rehearsed))

    async def _rehearse(
        self, account: ServiceTradeAccount, present: Connection, other: Connection, named: str
    ) -> RehearsedJob:
        """Read the job once and plan it twice, so that only the rules can make a difference."""
        try:
            reading = await self._read(account, present, named)
        except TimeMends:
            raise
        except JobferryError as error:
            if error.code == "ST_LOGIN_REFUSED":
                raise
            return RehearsedJob(job_id=named, problem=from_error(error))
        reading = replace(reading, afresh=True)
        before = await self._plan_send.plan(reading)
        after = await self._plan_send.plan(replace(reading, connection=other))
        return compare(before.plan, after.plan, before.items, after.items)

    async def _read(self, account: ServiceTradeAccount, connection: Connection, named: str) -> Reading:
        """`named` is the job's id or number. What looks like an id may still be a number."""
        if looks_like_id(named):
            try:
                return await self._plan_send.read(connection, named, items=ItemsMode.NEW_ONLY, completing=True)
            except NotFound as unknown_id:
                try:
                    found = await self._find_job(account.tenant_id, named)
                except NotFound:
                    raise unknown_id from None
        else:
            found = await self._find_job(account.tenant_id, named)
        return await self._plan_send.read(connection, found, items=ItemsMode.NEW_ONLY, completing=True)


async def _last_jobs(t: TenantTransaction, connection_id: str, last: int) -> list[str]:
    """The last sent jobs, newest first, each once."""
    found: dict[str, None] = {}
    before = None
    while len(found) < last:
        page = await t.sends.page(SendFilter(connection_id=connection_id), limit=_PAGE, before=before)
        for send in page:
            found.setdefault(send.job_id)
        if len(page) < _PAGE:
            break
        before = page[-1].seq
    return list(found)[:last]
