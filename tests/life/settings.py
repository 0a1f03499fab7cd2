"""What administrators change: settings of connections and tenants, and connections made anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.connections.settings import OnCompletion
from core.model.connections.task_settings import SendTasks
from core.model.work_orders.cost_line import ItemsMode
from tests.life import acts as a
from tests.life.judge import Judge
from tests.life.rules import USES
from tests.life.stages.stage import Stage


class Settings:
    """Each act gives whether it found something to act on."""

    def __init__(self, stage: Stage, judge: Judge) -> None:
        self._stage = stage
        self._judge = judge

    async def change(self, number: int, **settings: Any) -> bool:
        seat = self._stage.seat(number)

        def edit(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
            return replace(before, **settings), secrets

        await self._stage.use_cases.change_connection(
            seat.tenant.id, seat.slug, edit, version=None, by="ann", check=False
        )
        return True

    async def do_Trigger(self, act: a.Trigger) -> bool:
        return await self.change(act.seat, on_completion=OnCompletion(act.mode), items_on_resend=ItemsMode(act.resend))

    async def do_StartDate(self, act: a.StartDate) -> bool:
        start = self._stage.clock.database() - timedelta(minutes=act.minutes)
        return await self.change(act.seat, completion_start_date=start)

    async def do_Leading(self, act: a.Leading) -> bool:
        return all([await self.change(number, leading_character=act.sign) for number in range(len(a.SEATS))])

    async def do_SpectrumAddress(self, act: a.SpectrumAddress) -> bool:
        """Another name only for a connection that wrote under the one that the others use, or they cannot see it."""
        urls = self._stage.spectrum_urls()
        if not (await self._stage.connection(self._stage.seat(act.seat))).endpoint_used:
            urls = urls[:2]
        return await self.change(act.seat, endpoint=Endpoint.parse(urls[act.spelling % len(urls)]))

    async def do_Rules(self, act: a.Rules) -> bool:
        return await self.change(act.seat, plugins=USES[act.rule])

    async def do_SwitchTasks(self, act: a.SwitchTasks) -> bool:
        return await self.change(act.seat, send_tasks=SendTasks.WITH_ITEMS if act.on else SendTasks.OFF)

    async def do_ServiceTradeAddress(self, act: a.ServiceTradeAddress) -> bool:
        tenants, urls = self._stage.tenants(), self._stage.service_trade_urls()
        tenant = tenants[act.tenant % len(tenants)]
        wanted = replace(tenant, base_url=urls[act.spelling % len(urls)])
        changed = await self._stage.use_cases.change_tenant(tenant, wanted, by="ann")
        for seat in self._stage.seats.values():
            if seat.tenant.id == tenant.id:
                seat.tenant = changed
        return True

    async def do_Remake(self, act: a.Remake) -> bool:
        seat = self._stage.seat(act.seat)
        like = await self._stage.connection(seat)
        with self._stage.moments.asleep():
            await self._judge.forget()
            ours = [one.send for one in await self._stage.sends() if one.send.connection_id == seat.connection_id]
            await self._stage.use_cases.remove_connection(seat.tenant.id, seat.slug, version=None, by="ann")
            for job_id in {send.job_id for send in ours}:
                self._stage.left_behind[job_id].add(seat.slug)
            await self._stage.seat_down(seat.slug, seat.tenant, like)
            await self._judge.remember()
        return True

    async def do_RenameServer(self, _: a.RenameServer) -> bool:
        self._stage.rename_server()
        endpoint = Endpoint.parse(self._stage.spectrum_urls()[0])
        return all([await self.change(number, endpoint=endpoint) for number in range(len(a.SEATS))])
