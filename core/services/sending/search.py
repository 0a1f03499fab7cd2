"""The search over a tenant: jobs, work orders and sends by their whole numbers, customers by a part of the name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.model.planning.job_address import job_in_address
from core.model.sending.send import Send
from core.model.sending.send_filter import SendFilter, search_key
from core.model.shared.errors import BadInput, JobferryError, NotFound
from core.services.planning.prepare_send import FindJob
from core.services.service import Dependencies, Service

MOST_FOUND = 20
_NEWEST = 200
_ADDRESS = re.compile(r"^https?://|servicetrade\.com/", re.ASCII | re.IGNORECASE)
_SHORTEST_ID, _LONGEST_ID, _LONGEST_NUMBER = 10, 16, 40
_SHORTEST_PART = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundJob:
    """`number` and `customer` are None if only the id is known."""

    job_id: str
    number: str | None = None
    customer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """`work_orders` are the newest sends of each job with the work order's number. `trouble` is why ServiceTrade could
    not be asked for a job, None if it was asked or need not be."""

    jobs: Sequence[FoundJob] = ()
    work_orders: Sequence[Send] = ()
    sends: Sequence[Send] = ()
    customers: Sequence[str] = ()
    more_customers: bool = False
    trouble: JobferryError | None = None

    @property
    def exact(self) -> FoundJob | Send | None:
        """The one job or send whose number or id is the text; None if there are several or none. A work order with the
        number of its own job is not a second one."""
        jobs = {job.job_id for job in self.jobs}
        others = {send.id: send for send in (*self.work_orders, *self.sends) if send.job_id not in jobs}
        one: list[FoundJob | Send] = [*self.jobs, *others.values()]
        return one[0] if len(one) == 1 else None


class Search(Service):
    def __init__(self, d: Dependencies, find_job: FindJob) -> None:
        super().__init__(d)
        self._find_job = find_job

    async def __call__(self, tenant_id: str, text: str) -> SearchResult:
        """Our own rows first; only a number that they do not know is looked up in ServiceTrade."""
        text = text.strip()
        if _ADDRESS.search(text) and (job_id := job_in_address(text)):
            return SearchResult(jobs=(FoundJob(job_id=job_id),))
        key = search_key(text)
        if not key:
            return SearchResult()
        async with self._transactions.begin(tenant_id) as t:
            named = await t.sends.page(SendFilter(text=text, whole=True), limit=_NEWEST)
            part = len(key) >= _SHORTEST_PART
            customers = await t.sends.customers(text, MOST_FOUND + 1) if part else ()
        newest = {send.job_id: send for send in reversed(named)}.values()
        jobs = [_job(send) for send in newest if key in (search_key(send.job_number), send.job_id)]
        trouble = None
        if not named:
            jobs, trouble = await self._at_servicetrade(tenant_id, text)
        return SearchResult(
            jobs=jobs[:MOST_FOUND],
            work_orders=[send for send in newest if search_key(send.work_order_number) == key][:MOST_FOUND],
            sends=[send for send in named if search_key(send.id) == key],
            customers=customers[:MOST_FOUND],
            more_customers=len(customers) > MOST_FOUND,
            trouble=trouble,
        )

    async def _at_servicetrade(self, tenant_id: str, text: str) -> tuple[list[FoundJob], JobferryError | None]:
        """Job numbers are shorter than ServiceTrade's ids."""
        digits = text.isascii() and text.isdecimal()
        if digits and _SHORTEST_ID <= len(text) <= _LONGEST_ID:
            return [FoundJob(job_id=text)], None
        if len(text) > _LONGEST_NUMBER or not any(letter.isdigit() for letter in text):
            return [], None
        try:
            return [FoundJob(job_id=one, number=text) for one in await self._find_job.all(tenant_id, text)], None
        except (NotFound, BadInput):
            return [], None
        except JobferryError as error:
            return [], error


def _job(send: Send) -> FoundJob:
    return FoundJob(job_id=send.job_id, number=send.job_number, customer=send.customer)
