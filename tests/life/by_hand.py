"""A life told act by act, for what no random life comes upon."""

from __future__ import annotations

from core.model.sending.send import Send
from core.model.shared.errors import Conflict
from core.model.work_orders.cost_line import ItemsMode
from tests.life import acts as a
from tests.life.player import Player
from tests.life.stages.memory_stage import MemoryStage


class Told:
    def __init__(self, stage: MemoryStage) -> None:
        self.stage = stage
        self.player = Player(stage, ItemsMode.NEW_ONLY)

    async def do(self, *acts: a.Act) -> None:
        for act in acts:
            await self.player._act(act)

    async def last(self) -> Send:
        return (await self.stage.sends())[-1].send

    def books(self) -> list[str]:
        return [str(line) for line in self.stage.books()]

    async def declare(self, seat: int = 0) -> None:
        where = self.stage.seat(seat)
        await self.stage.use_cases.declare_items(
            where.tenant.id, where.slug, self.stage.jobs[0].id, "all", reason="I looked.", by="ann"
        )

    async def mark_done(self, send: Send) -> str:
        """The code it was refused with, '' if it was taken."""
        try:
            await self.stage.use_cases.send_actions.mark_done(send.tenant_id, send.id, reason="Typed in.", by="ann")
        except Conflict as refused:
            return refused.code
        return ""


async def told(*plugins: object) -> Told:
    stage = MemoryStage(plugins)
    await stage.open()
    return Told(stage)
