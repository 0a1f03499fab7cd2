"""The demo's tour: what an office does with Jobferry in a week, in scenes that print what really happened."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from adapters.bootstrap.demo.items_tour import ItemsTour
from adapters.bootstrap.demo.stage import send_request
from adapters.bootstrap.demo.world import (
    BLUEFIN,
    CARDINAL,
    COMPANIES,
    LAKE,
    NORTH,
    UNMAPPED_CODE,
    UNMAPPED_NAME,
    WEST,
)
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import table
from adapters.inbound.cli.views.plan_view import print_plan
from adapters.sandbox.servicetrade.seed import BLUEFIN_JOBS, CARDINAL_JOBS, FIRST_JOB_ID, UNMAPPED_CUSTOMER_JOB_ID
from core.model.catalogue import CATALOGUE
from core.model.sending.send import Send, SendState
from core.model.shared.finding import Finding
from core.model.work_orders.work_order import COMPANY_CODE, CUSTOMER_PO


class Tour(ItemsTour):
    """Scenes on one tenant, then all other jobs at once. Raises TourStuck if a scene ends in another state."""

    async def __call__(self) -> None:
        await self._look_first()
        await self._send_it()
        await self._send_it_again()
        await self.about_items()
        failed = await self._one_that_fails()
        await self._mend_and_retry(failed)
        await self._everything_else()

    async def _look_first(self) -> None:
        job = self.world.cardinal.state.jobs[FIRST_JOB_ID]
        self.begin("Preview a job before you send it")
        self.tell(f'Job {job.number} in ServiceTrade: "{job.description}"')
        tenant = await self.use_cases.find_tenant(CARDINAL)
        plan = (await self.use_cases.preview_send(tenant.id, NORTH, FIRST_JOB_ID)).plan
        print_plan(self.console, plan, "Spectrum North")
        self.tell("The preview shows where each value comes from. Nothing has been written yet.")

    async def _send_it(self) -> None:
        self.begin("Send it")
        sent = await self.send(FIRST_JOB_ID)
        self.expect(sent, SendState.SENT)
        self.good(words.outcome(sent, "Spectrum North"))
        self.tell("The work order in Spectrum:")
        number = sent.work_order_number or ""
        plan = {value.field: words.origin(value.origin) for value in sent.plan.header} if sent.plan else {}
        stored = self._in_spectrum(number)
        rows = ([name, text, plan.get(name, "Spectrum's own default")] for name, text in stored.items())
        self.console.print(table(("Field", "Value in Spectrum", "Where it comes from"), rows))
        noted = self.world.cardinal.state.jobs[FIRST_JOB_ID].external_ids.get("spectrum")
        self.tell(f"The job in ServiceTrade now has the external ID {noted} for the system spectrum.")

    async def _send_it_again(self) -> None:
        job = self.world.cardinal.state.jobs[FIRST_JOB_ID]
        self.begin("The customer changes the purchase order, and the job is sent again")
        before, job.customer_po = job.customer_po, f"{job.customer_po}-B"
        sent = await self.send(FIRST_JOB_ID)
        self.expect(sent, SendState.SENT)
        number = sent.work_order_number or ""
        stored = self._in_spectrum(number)[CUSTOMER_PO]
        count = len(self.world.own_spectrum.state.companies[COMPANIES[NORTH]].work_orders)
        self.good(f"Work order {number} was updated; Spectrum North still holds {count} work order.")
        self.tell(f"Its purchase order was {before} and is now {stored}.")

    async def _one_that_fails(self) -> Send:
        number = self.world.cardinal.state.jobs[UNMAPPED_CUSTOMER_JOB_ID].number
        self.begin("A job that cannot be sent")
        self.tell(f"Job {number} is for {UNMAPPED_NAME}, whose customer code is missing in ServiceTrade.")
        failed = await self.send(UNMAPPED_CUSTOMER_JOB_ID)
        self.expect(failed, SendState.NEEDS_ATTENTION)
        self.console.print(Padding(Text(words.outcome(failed, "Spectrum North"), "bold red"), (1, 0, 0, 0)))
        for found in failed.findings:
            self.console.print(words.finding(found))
        self.tell("Nothing was written to Spectrum. The job in ServiceTrade has this comment:")
        for comment in self.world.cardinal.state.comments_on(UNMAPPED_CUSTOMER_JOB_ID):
            self.console.print(Panel(Text(comment.content), title="Comment in ServiceTrade", width=100))
        return failed

    async def _mend_and_retry(self, failed: Send) -> None:
        self.begin("Fix it and try again")
        self.world.map_customer()
        self.tell(f"The ServiceTrade administrator enters {UNMAPPED_CODE} for {UNMAPPED_NAME}, then you retry.")
        await self.use_cases.send_actions.retry(failed.tenant_id, failed.id)
        sent = await self.at_rest(failed)
        self.expect(sent, SendState.SENT)
        left = len(self.world.cardinal.state.comments_on(UNMAPPED_CUSTOMER_JOB_ID))
        self.good(words.outcome(sent, "Spectrum North"))
        gone = "is removed" if not left else "is still there"
        self.tell(f"The comment on the job {gone}.")

    async def _everything_else(self) -> None:
        """Send the other jobs of both tenants over all three connections at the same time."""
        self.begin("The other jobs, over all three connections at the same time")
        shown = (FIRST_JOB_ID, UNMAPPED_CUSTOMER_JOB_ID)
        cardinal = {job.id: WEST if WEST in job.shows else NORTH for job in CARDINAL_JOBS if job.id not in shown}
        bluefin = {job.id: LAKE for job in BLUEFIN_JOBS}
        ended = [*await self._send_all(CARDINAL, cardinal), *await self._send_all(BLUEFIN, bluefin)]
        counted = Counter(send.state for send in ended)
        said = ", ".join(f"{count} {state.value.replace('_', ' ')}" for state, count in counted.most_common())
        self.good(f"{len(ended)} jobs: {said}.")
        self.tell("Some jobs fail on purpose, one for each kind of failure:")
        codes = Counter(_blocking(send).code for send in ended if send.state is SendState.NEEDS_ATTENTION)
        rows = ([str(count), CATALOGUE[code].title, code] for code, count in codes.most_common())
        self.console.print(table(("Jobs", "Failure", "Code"), rows))

    async def _send_all(self, tenant_slug: str, connections: Mapping[str, str]) -> list[Send]:
        tenant = await self.use_cases.find_tenant(tenant_slug)
        asked = [
            await self.use_cases.request_send(tenant.id, send_request(job_id, connection))
            for job_id, connection in connections.items()
        ]
        return list(await asyncio.gather(*map(self.at_rest, asked)))

    def _in_spectrum(self, number: str) -> Mapping[str, str]:
        fields = self.world.own_spectrum.state.work_order(COMPANIES[NORTH], number).fields
        return {name: text for name, text in fields.items() if name != COMPANY_CODE}


def _blocking(send: Send) -> Finding:
    return next(found for found in send.findings if found.blocks)
