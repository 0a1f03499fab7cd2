"""Sends of items that keep many connections busy while their workers are stopped or killed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from core.model.sending.send import Send, SendState
from core.model.sending.send_filter import SendFilter
from core.model.work_orders.cost_line import ItemsMode
from tests.faults.support.worker_harness import WorkerHarness

ON_LINES = "/ws/AddWO"
"""How the paths of all calls for cost lines begin."""
_LONGEST_IDLE = 3.0


@dataclass(slots=True)
class SteadyLoad:
    """`in_flight` sends at the same time. `sends` were requested so far, `numbers` are those of their work orders."""

    harness: WorkerHarness
    in_flight: int
    sends: list[Send] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    async def feed(self, goes_on: Callable[[], bool]) -> None:
        """Request sends on all connections in turn, as long as it goes on."""
        slugs = list(self.harness.connection_ids)
        while goes_on():
            while len(await self.unsettled()) < self.in_flight:
                job_id = self.harness.add_job_with_items()
                self.numbers.append(self.harness.number)
                slug = slugs[len(self.sends) % len(slugs)]
                self.sends.append(await self.harness.request(job_id, items=ItemsMode.NEW_ONLY, connection=slug))
            await asyncio.sleep(0.1)

    async def unsettled(self) -> Sequence[Send]:
        """Sends that a worker still has to do something for, newest first."""
        under_way = SendFilter(states=[state for state in SendState if not state.settled])
        page = await self.harness.use_cases.list_sends(self.harness.tenant_id, under_way, limit=self.in_flight)
        return page.sends

    async def next_line(self) -> None:
        """Return once a further call for a line has reached Spectrum, from whichever worker, or after some seconds."""
        calls = self.harness.spectrum.requests
        seen = sum(ON_LINES in call.path for call in calls.calls)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_IDLE):
                await calls.wait(seen, match=ON_LINES)

    async def wait_until_settled(self) -> None:
        """Wait for a worker to finish what there is."""
        while owed := await self.unsettled():
            rested = await self.harness.use_cases.wait_for_send(self.harness.tenant_id, owed[0].id, 120)
            assert rested.state.settled, f"stuck: {rested}"
