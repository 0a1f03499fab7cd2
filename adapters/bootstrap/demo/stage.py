"""Output and sends for the demo: prints numbered scenes, and waits for the end of each send."""

from __future__ import annotations

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from adapters.bootstrap.demo.world import CARDINAL, NORTH, DemoWorld
from core.model.sending.send import Send, SendState
from core.model.shared.errors import JobferryError
from core.model.work_orders.cost_line import ItemsMode
from core.services.sending.request_send import SendRequest
from core.services.wiring import UseCases

PERSON = "the demo"
_PATIENCE_SECONDS = 30.0


class TourStuck(JobferryError):
    """A scene did not end in the expected state."""


class Stage:
    def __init__(self, world: DemoWorld, use_cases: UseCases, console: Console) -> None:
        self.world = world
        self.use_cases = use_cases
        self.console = console
        self._scene = 0

    def begin(self, title: str) -> None:
        self._scene += 1
        self.console.print()
        self.console.print(Rule(Text(f" {self._scene}  {title} ", "bold"), align="left", style="cyan"))

    def tell(self, text: str) -> None:
        self.console.print(Text(text))

    def good(self, text: str) -> None:
        self.console.print(Text(text, "bold green"))

    async def tenant_id(self) -> str:
        return (await self.use_cases.find_tenant(CARDINAL)).id

    async def send(self, job_id: str, items: ItemsMode = ItemsMode.NONE) -> Send:
        """Send one job of Cardinal to Spectrum North and wait until the send stops moving."""
        request = send_request(job_id, NORTH, items)
        return await self.at_rest(await self.use_cases.request_send(await self.tenant_id(), request))

    async def at_rest(self, send: Send) -> Send:
        return await self.use_cases.wait_for_send(send.tenant_id, send.id, _PATIENCE_SECONDS)

    def expect(self, send: Send, state: SendState) -> None:
        if send.state is not state:
            raise TourStuck(f"The send of job {send.job_id} is {send.state.value} instead of {state.value}.")


def send_request(job_id: str, connection: str, items: ItemsMode = ItemsMode.NONE) -> SendRequest:
    return SendRequest(connection=connection, job_id=job_id, requested_by=PERSON, items=items)
