"""The demo's tour: what an office does with Jobferry in a week, in numbered scenes that print what really happened."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from adapters.bootstrap.demo.world import (
    BLUEFIN,
    CARDINAL,
    COMPANIES,
    LAKE,
    NORTH,
    UNMAPPED_CODE,
    UNMAPPED_NAME,
    WEST,
    DemoWorld,
)
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import table
from adapters.inbound.cli.views.plan_view import print_plan
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import BLUEFIN_JOBS, CARDINAL_JOBS, FIRST_JOB_ID, UNMAPPED_CUSTOMER_JOB_ID
from adapters.sandbox.spectrum.state import Company
from core.model.catalogue import CATALOGUE
from core.model.sending.send import Send, SendState
from core.model.shared.errors import JobferryError
from core.model.shared.figures import money
from core.model.shared.finding import Finding
from core.model.work_orders.cost_line import ItemsMode, LineState
from core.model.work_orders.work_order import COMPANY_CODE, CUSTOMER_PO
from core.services.sending.request_send import SendRequest
from core.services.wiring import UseCases

_PERSON = "the demo"
_PATIENCE_SECONDS = 60.0


class TourStuck(JobferryError):
    """A scene did not end in the expected state."""


def begin_scene(console: Console, number: int, title: str) -> None:
    console.print()
    console.print(Rule(Text(f" {number}  {title} ", "bold"), align="left", style="cyan"))


class Tour:
    """Scenes on one tenant, then all other jobs at once. Raises TourStuck if a scene ends in another state."""

    def __init__(self, world: DemoWorld, use_cases: UseCases, console: Console) -> None:
        self._world = world
        self._use_cases = use_cases
        self._console = console
        self._scene = 0

    async def __call__(self) -> int:
        """Returns how many scenes there were."""
        await self._look_first()
        await self._send_it()
        await self._send_it_again()
        await self._look_at_the_items()
        await self._send_them()
        await self._completed_again()
        await self._in_doubt()
        failed = await self._one_that_fails()
        await self._mend_and_retry(failed)
        await self._everything_else()
        return self._scene

    async def _look_first(self) -> None:
        job = self._world.cardinal.state.jobs[FIRST_JOB_ID]
        self._begin("Preview a job before you send it")
        self._tell(f'Job {job.number} in ServiceTrade: "{job.description}"')
        await self._preview(ItemsMode.NONE)
        self._tell("The preview shows where each value comes from. Nothing has been written yet.")

    async def _send_it(self) -> None:
        self._begin("Send it")
        sent = await self._send(FIRST_JOB_ID, SendState.SENT)
        self._good(await self._outcome(sent))
        self._tell("The work order in Spectrum:")
        number = sent.work_order_number or ""
        plan = {value.field: words.origin(value.origin) for value in sent.plan.header} if sent.plan else {}
        stored = self._in_spectrum(number)
        rows = ([name, text, plan.get(name, "Spectrum's own default")] for name, text in stored.items())
        self._console.print(table(("Field", "Value in Spectrum", "Where it comes from"), rows))
        noted = self._world.cardinal.state.jobs[FIRST_JOB_ID].external_ids.get("spectrum")
        self._tell(f"The job in ServiceTrade now has the external ID {noted} for the system spectrum.")

    async def _send_it_again(self) -> None:
        job = self._world.cardinal.state.jobs[FIRST_JOB_ID]
        self._begin("The customer changes the purchase order, and the job is sent again")
        before, job.customer_po = job.customer_po, f"{job.customer_po}-B"
        sent = await self._send(FIRST_JOB_ID, SendState.SENT)
        number = sent.work_order_number or ""
        stored = self._in_spectrum(number)[CUSTOMER_PO]
        count = len(self._world.own_spectrum.state.companies[COMPANIES[NORTH]].work_orders)
        self._good(f"Work order {number} was updated; Spectrum North still holds {count} work order.")
        self._tell(f"Its purchase order was {before} and is now {stored}.")

    async def _look_at_the_items(self) -> None:
        self._begin("The job is completed: preview its material and other charges")
        await self._preview(ItemsMode.NEW_ONLY)
        self._tell("Nothing is sent until every item is right. The office corrects the sealant in ServiceTrade.")
        for item in self._world.cardinal.state.job_items.values():
            if item.job == FIRST_JOB_ID and item.name and item.name.startswith("Sealant"):
                item.code, item.cost = "MISC", Decimal("18.40")

    async def _send_them(self) -> None:
        self._begin("Send it with its items")
        sent = await self._send(FIRST_JOB_ID, SendState.SENT, ItemsMode.NEW_ONLY)
        self._good(await self._outcome(sent))
        self._show_lines()

    async def _completed_again(self) -> None:
        self._begin("Reopened, changed and completed again: nothing is posted twice")
        self._world.cardinal.state.add_job_item(
            FIRST_JOB_ID, "Pressure gauge 300 psi", kind="part", code="GAUGE-300", quantity=Decimal(2)
        )
        preview = await self._use_cases.preview_send(
            await self._tenant_id(), NORTH, FIRST_JOB_ID, items=ItemsMode.NEW_ONLY
        )
        rows = (
            [mode.value, str(len(plan.lines)), ", ".join(line.item_name for line in plan.lines)]
            for mode, plan in preview.choices.items()
        )
        self._tell("Two gauges were added. Each choice of items would now post:")
        self._console.print(table(("Items", "Lines", "Which"), rows))

    async def _in_doubt(self) -> None:
        self._begin("The network connection breaks: was the line posted or not?")
        before = len(self._company.material)
        self._world.own_spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="AddWOMaterialCost"))
        send = await self._send(FIRST_JOB_ID, SendState.IN_DOUBT, ItemsMode.NEW_ONLY)
        await self._show_findings(send, "bold yellow")
        [doubt] = await self._use_cases.doubts.list(send.tenant_id)
        there = len(self._company.material) > before
        if not there:
            raise TourStuck("The simulated Spectrum did not store the line whose answer was lost.")
        self._tell("Jobferry never sends such a line again by itself. Somebody looks in Spectrum and finds it.")
        await self._use_cases.doubts.settle(
            send.tenant_id, doubt.line.id, LineState.POSTED, reason="seen on the work order in Spectrum", by=_PERSON
        )
        sent = await self._at_rest(send, SendState.SENT)
        self._good(await self._outcome(sent))
        self._show_lines()

    async def _one_that_fails(self) -> Send:
        number = self._world.cardinal.state.jobs[UNMAPPED_CUSTOMER_JOB_ID].number
        self._begin("A job that cannot be sent")
        self._tell(f"Job {number} is for {UNMAPPED_NAME}, whose customer code is missing in ServiceTrade.")
        failed = await self._send(UNMAPPED_CUSTOMER_JOB_ID, SendState.NEEDS_ATTENTION)
        await self._show_findings(failed, "bold red")
        self._tell("Nothing was written to Spectrum. The job in ServiceTrade has this comment:")
        for comment in self._world.cardinal.state.comments_on(UNMAPPED_CUSTOMER_JOB_ID):
            self._console.print(Panel(Text(comment.content), title="Comment in ServiceTrade", width=100))
        return failed

    async def _mend_and_retry(self, failed: Send) -> None:
        self._begin("Fix it and try again")
        self._world.map_customer()
        self._tell(f"The ServiceTrade administrator enters {UNMAPPED_CODE} for {UNMAPPED_NAME}, then you retry.")
        await self._use_cases.send_actions.retry(failed.tenant_id, failed.id, by="demo")
        sent = await self._at_rest(failed, SendState.SENT)
        left = len(self._world.cardinal.state.comments_on(UNMAPPED_CUSTOMER_JOB_ID))
        self._good(await self._outcome(sent))
        gone = "is removed" if not left else "is still there"
        self._tell(f"The comment on the job {gone}.")

    async def _everything_else(self) -> None:
        """Send the other jobs of both tenants over all three connections at the same time."""
        self._begin("The other jobs, over all three connections at the same time")
        shown = (FIRST_JOB_ID, UNMAPPED_CUSTOMER_JOB_ID)
        cardinal = {job.id: WEST if WEST in job.shows else NORTH for job in CARDINAL_JOBS if job.id not in shown}
        bluefin = {job.id: LAKE for job in BLUEFIN_JOBS}
        ended = [*await self._send_all(CARDINAL, cardinal), *await self._send_all(BLUEFIN, bluefin)]
        counted = Counter(send.state for send in ended)
        said = ", ".join(f"{count} {state.value.replace('_', ' ')}" for state, count in counted.most_common())
        self._good(f"{len(ended)} jobs: {said}.")
        self._tell("Some jobs fail on purpose, one for each kind of failure:")
        codes = Counter(_blocking(send).code for send in ended if send.state is SendState.NEEDS_ATTENTION)
        rows = ([str(count), CATALOGUE[code].title, code] for code, count in codes.most_common())
        self._console.print(table(("Jobs", "Failure", "Code"), rows))

    async def _send_all(self, tenant_slug: str, connections: Mapping[str, str]) -> list[Send]:
        tenant = await self._use_cases.find_tenant(tenant_slug)
        asked = [
            await self._use_cases.request_send(tenant.id, _send_request(job_id, connection))
            for job_id, connection in connections.items()
        ]
        return list(await asyncio.gather(*map(self._at_rest, asked)))

    def _in_spectrum(self, number: str) -> Mapping[str, str]:
        fields = self._world.own_spectrum.state.work_order(COMPANIES[NORTH], number).fields
        return {name: text for name, text in fields.items() if name != COMPANY_CODE}

    async def _preview(self, items: ItemsMode) -> None:
        preview = await self._use_cases.preview_send(await self._tenant_id(), NORTH, FIRST_JOB_ID, items=items)
        print_plan(self._console, preview.plan, "Spectrum North")

    async def _outcome(self, send: Send) -> str:
        return (await self._use_cases.show_send(send.tenant_id, send.id)).outcome

    async def _show_findings(self, send: Send, style: str) -> None:
        self._console.print(Padding(Text(await self._outcome(send), style), (1, 0, 0, 0)))
        for found in send.findings:
            self._console.print(words.finding(found))

    def _show_lines(self) -> None:
        self._tell("The lines in Spectrum:")
        rows = [
            ["material", line.fields["Item_Code"], line.fields.get("Quantity_Used", ""), ""]
            for line in self._company.material
        ]
        rows += [
            ["other charge", line.fields["Other_Cost_Item"], "", money(line.fields.get("Cost_Of_Sales_Amount", ""))]
            for line in self._company.charges
        ]
        self._console.print(table(("Line", "Code", "Quantity", "Cost"), rows))

    @property
    def _company(self) -> Company:
        return self._world.own_spectrum.state.companies[COMPANIES[NORTH]]

    def _begin(self, title: str) -> None:
        self._scene += 1
        begin_scene(self._console, self._scene, title)

    def _tell(self, text: str) -> None:
        self._console.print(Text(text))

    def _good(self, text: str) -> None:
        self._console.print(Text(text, "bold green"))

    async def _tenant_id(self) -> str:
        return (await self._use_cases.find_tenant(CARDINAL)).id

    async def _send(self, job_id: str, expected: SendState, items: ItemsMode = ItemsMode.NONE) -> Send:
        """Send one job of Cardinal to Spectrum North and wait until the send stops moving. Raises TourStuck."""
        request = _send_request(job_id, NORTH, items)
        return await self._at_rest(await self._use_cases.request_send(await self._tenant_id(), request), expected)

    async def _at_rest(self, send: Send, expected: SendState | None = None) -> Send:
        """The send, which stops moving in any state if none is expected. Raises TourStuck."""
        ended = await self._use_cases.wait_for_send(send.tenant_id, send.id, _PATIENCE_SECONDS)
        if expected is not None and ended.state is not expected:
            raise TourStuck(f"The send of job {ended.job_id} is {ended.state.value} instead of {expected.value}.")
        return ended


def _send_request(job_id: str, connection: str, items: ItemsMode = ItemsMode.NONE) -> SendRequest:
    return SendRequest(connection=connection, job_id=job_id, requested_by=_PERSON, items=items)


def _blocking(send: Send) -> Finding:
    return next(found for found in send.findings if found.blocks)
