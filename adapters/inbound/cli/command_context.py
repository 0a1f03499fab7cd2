"""What a command receives: a way to open the use cases while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

import typer

from core.model.connections.connection import Connection
from core.model.shared.errors import BadInput
from core.model.tenants.tenant import Tenant
from core.services.wiring import UseCases

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class CommandContext:
    """The open use cases. Inside `worker_at_hand()` this process carries out sends if no worker is alive."""

    use_cases: UseCases
    worker_alive: Callable[[], Awaitable[bool]]
    worker_at_hand: Callable[[], AbstractAsyncContextManager[None]]

    async def tenant(self, slug: str | None) -> Tenant:
        """The named tenant, or the only one. Raises NotFound or BadInput."""
        if slug:
            return await self.use_cases.find_tenant(slug)
        return _only_one(await self.use_cases.find_tenant.all(), "tenant")

    async def connection(self, tenant: Tenant, slug: str | None) -> Connection:
        """The named connection, or the tenant's only one. Raises NotFound or BadInput."""
        if slug:
            return await self.use_cases.find_connection(tenant.id, slug)
        return _only_one(await self.use_cases.find_connection.all(tenant.id), "connection")


class Installation(Protocol):
    """The context object of every command (`ctx.obj`)."""

    def open_context(self) -> AbstractAsyncContextManager[CommandContext]: ...


def carry_out(ctx: typer.Context, work: Callable[[CommandContext], Awaitable[_Result]]) -> _Result:
    """Open the context, run the work, and close the context. Only here a command becomes asynchronous."""
    installation: Installation = ctx.obj

    async def opened() -> _Result:
        async with installation.open_context() as context:
            return await work(context)

    return asyncio.run(opened())


_Named = TypeVar("_Named", Tenant, Connection)


def _only_one(found: Sequence[_Named], kind: str) -> _Named:
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadInput(f"There is no {kind} yet.", fix=f"Add one: jobferry {kind}s add --help")
    names = ", ".join(one.slug for one in found)
    raise BadInput(f"There are {len(found)} {kind}s: {names}.", fix=f"Say which one: --{kind} {found[0].slug}")
