"""What people ask of us: sends, and what is done to a send that failed or is in doubt."""

from __future__ import annotations

from core.model.sending.send import Send, SendState
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode
from core.services.sending.request_send import SendRequest
from tests.life import acts as a
from tests.life.person import Person
from tests.life.stages.stage import Stage


class Requests:
    """Each act gives whether it found something to act on."""

    def __init__(self, stage: Stage, person: Person) -> None:
        self._stage = stage
        self._person = person

    async def do_Ask(self, act: a.Ask) -> bool:
        seat, job = self._stage.seat(act.seat), self._stage.jobs[act.job % len(self._stage.jobs)]
        wanted = SendRequest(
            connection=seat.slug,
            job_id=job.id,
            requested_by="ann",
            items=ItemsMode(act.items),
            adopt=act.adopt,
            completes=act.completes,
            tasks=TasksMode(act.tasks),
        )
        await self._stage.use_cases.request_send(seat.tenant.id, wanted)
        return True

    async def _one_of(self, which: int, *states: SendState) -> Send | None:
        with self._stage.moments.asleep():
            found = [one.send for one in await self._stage.sends() if not states or one.send.state in states]
        return found[-1 - which % len(found)] if found else None

    async def do_Cancel(self, act: a.Cancel) -> bool:
        send = await self._one_of(act.which, SendState.QUEUED, SendState.RETRYING)
        if send:
            await self._stage.use_cases.send_actions.cancel(send.tenant_id, send.id, by="ann")
        return send is not None

    async def do_Retry(self, act: a.Retry) -> bool:
        send = await self._one_of(act.which, SendState.NEEDS_ATTENTION, SendState.RETRYING)
        if send:
            await self._stage.use_cases.send_actions.retry(send.tenant_id, send.id, by="ann")
        return send is not None

    async def do_MarkDone(self, act: a.MarkDone) -> bool:
        send = await self._one_of(act.which, SendState.NEEDS_ATTENTION)
        if send:
            with self._stage.moments.asleep():
                await self._person.mark_done(await self._stage.use_cases.show_send(send.tenant_id, send.id))
        return send is not None

    async def do_Dismiss(self, act: a.Dismiss) -> bool:
        open_ones = [
            (tenant, warning)
            for tenant in self._stage.tenants()
            for warning, _ in await self._stage.use_cases.warnings.open(tenant.id)
        ]
        if open_ones:
            tenant, warning = open_ones[act.which % len(open_ones)]
            await self._stage.use_cases.warnings.dismiss(tenant.id, warning.id, by="ann")
        return bool(open_ones)

    async def do_Settle(self, act: a.Settle) -> bool:
        doubts = await self._person.doubts()
        if doubts:
            await self._person.settle(*doubts[act.which % len(doubts)])
        return bool(doubts)

    async def do_Declare(self, act: a.Declare) -> bool:
        held = [
            one.send
            for one in await self._stage.sends()
            if one.send.state is SendState.NEEDS_ATTENTION and one.send.plan and one.send.plan.items_held
        ]
        if held:
            await self._person.declare(held[-1 - act.which % len(held)])
        return bool(held)

    async def do_Acknowledge(self, _: a.Acknowledge) -> bool:
        held = [seat for seat in self._stage.seats.values() if (await self._stage.connection(seat)).items_hold]
        for seat in held:
            await self._person.acknowledge(seat)
        return bool(held)
