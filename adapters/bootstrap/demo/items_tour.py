"""The scenes about items: a job completed with items, completed again, and a cost line in doubt."""

from __future__ import annotations

from decimal import Decimal

from rich.padding import Padding
from rich.text import Text

from adapters.bootstrap.demo.stage import PERSON, Stage, TourStuck
from adapters.bootstrap.demo.world import COMPANIES, NORTH
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import table
from adapters.inbound.cli.views.plan_view import print_plan
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from adapters.sandbox.spectrum.state import Company
from core.model.sending.send import SendState
from core.model.work_orders.cost_line import ItemsMode, LineState


class ItemsTour(Stage):
    async def about_items(self) -> None:
        await self._look_at_the_items()
        await self._send_them()
        await self._completed_again()
        await self._in_doubt()

    async def _look_at_the_items(self) -> None:
        self.begin("The job is completed: preview its material and other charges")
        await self._preview(ItemsMode.NEW_ONLY)
        self.tell("Nothing is sent until every item is right. The office corrects the sealant in ServiceTrade.")
        for item in self.world.cardinal.state.job_items.values():
            if item.job == FIRST_JOB_ID and item.name and item.name.startswith("Sealant"):
                item.code, item.cost = "MISC", Decimal("18.40")

    async def _send_them(self) -> None:
        self.begin("Send it with its items")
        sent = await self.send(FIRST_JOB_ID, ItemsMode.NEW_ONLY)
        self.expect(sent, SendState.SENT)
        self.good(words.outcome(sent, "Spectrum North"))
        self._show_lines()

    async def _completed_again(self) -> None:
        self.begin("Reopened, changed and completed again: nothing is posted twice")
        self.world.cardinal.state.add_job_item(
            FIRST_JOB_ID, "Pressure gauge 300 psi", kind="part", code="GAUGE-300", quantity=Decimal(2)
        )
        preview = await self.use_cases.preview_send(
            await self.tenant_id(), NORTH, FIRST_JOB_ID, items=ItemsMode.NEW_ONLY
        )
        rows = (
            [mode.value, str(len(plan.lines)), ", ".join(line.item_name for line in plan.lines)]
            for mode, plan in preview.choices.items()
        )
        self.tell("Two gauges were added. Each choice of items would now post:")
        self.console.print(table(("Items", "Lines", "Which"), rows))

    async def _in_doubt(self) -> None:
        self.begin("The network connection breaks: was the line posted or not?")
        before = len(self._company.material)
        self.world.own_spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="AddWOMaterialCost"))
        send = await self.send(FIRST_JOB_ID, ItemsMode.NEW_ONLY)
        self.expect(send, SendState.IN_DOUBT)
        self.console.print(Padding(Text(words.outcome(send, "Spectrum North"), "bold yellow"), (1, 0, 0, 0)))
        for found in send.findings:
            self.console.print(words.finding(found))
        [doubt] = await self.use_cases.doubts.list(send.tenant_id)
        there = len(self._company.material) > before
        if not there:
            raise TourStuck("The simulated Spectrum did not store the line whose answer was lost.")
        self.tell("Jobferry never sends such a line again by itself. Somebody looks in Spectrum and finds it.")
        await self.use_cases.doubts.settle(
            send.tenant_id, doubt.line.id, LineState.POSTED, reason="seen on the work order in Spectrum", by=PERSON
        )
        sent = await self.at_rest(send)
        self.expect(sent, SendState.SENT)
        self.good(words.outcome(sent, "Spectrum North"))
        self._show_lines()

    async def _preview(self, items: ItemsMode) -> None:
        preview = await self.use_cases.preview_send(await self.tenant_id(), NORTH, FIRST_JOB_ID, items=items)
        print_plan(self.console, preview.plan, "Spectrum North")

    def _show_lines(self) -> None:
        self.tell("The lines in Spectrum:")
        rows = [
            ["material", line.fields["Item_Code"], line.fields.get("Quantity_Used", ""), ""]
            for line in self._company.material
        ]
        rows += [
            ["other charge", line.fields["Other_Cost_Item"], "", line.fields.get("Cost_Of_Sales_Amount", "")]
            for line in self._company.charges
        ]
        self.console.print(table(("Line", "Code", "Quantity", "Cost"), rows))

    @property
    def _company(self) -> Company:
        return self.world.own_spectrum.state.companies[COMPANIES[NORTH]]
