"""Test a connection step by step; each failed step has its fix. Nothing is written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from core.model.connections.connection import Connection, SpectrumTarget
from core.model.connections.maintenance_window import window_at
from core.model.sending.diagnosis import from_error
from core.model.sending.lifecycle.endings import PLUGINS_FAILING
from core.model.sending.send import SendState
from core.model.shared.check_step import CheckState, CheckStep
from core.model.shared.errors import BadInput, JobferryError
from core.model.tenants.tenant import ServiceTradeAccount
from core.services.plugins.check_plugins import Defaults, check_plugins
from core.services.service import Service

_WORKED = (SendState.SENT, SendState.SENT_WITH_WARNINGS)


class ExamineConnection(Service):
    async def __call__(self, tenant_id: str, slug: str) -> AsyncIterator[CheckStep]:
        """Test the sign-in to ServiceTrade, then Spectrum (DNS, connection, TLS, token, services, permission), then
        the plugins. Yields each step as soon as its result is known; before them, a maintenance window that is on.

        Raises NotFound (CONNECTION_NOT_FOUND).
        """
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            secrets = await t.connections.secrets(connection.id)
            account = await t.account()
            defaults = (await t.tenant()).plugin_defaults
            worked = bool(await t.sends.page(states=_WORKED, connection_id=connection.id, limit=1))
        if window := window_at(connection.maintenance_windows, self._clock.now()):
            detail = f"A maintenance window is on until {window.until}, and sends wait for its end."
            yield CheckStep("maintenance", CheckState.OK, detail)
        yield await self._sign_in(account)
        async for step in self._spectrum.examine(SpectrumTarget.of(connection, secrets)):
            yield _permission(step, connection, worked)
        for step in await self._plugins(connection, defaults):
            yield step

    async def _plugins(self, connection: Connection, defaults: Defaults) -> Sequence[CheckStep]:
        """Whether the plugins are still installed and still accept their saved configuration."""
        if not connection.plugins:
            return ()
        hold = connection.hold
        if hold and hold.finding.code == PLUGINS_FAILING:
            found = hold.finding
            return (CheckStep("plugins", CheckState.FAILED, found.message, found.code, found.fix),)
        try:
            await check_plugins(self._rules, connection.plugins, defaults)
        except BadInput as error:
            return (CheckStep("plugins", CheckState.FAILED, error.message, error.code, (error.fix or "",)),)
        names = ", ".join(use.name for use in connection.plugins)
        return (CheckStep("plugins", CheckState.OK, f"{names}: installed, configuration accepted"),)

    async def _sign_in(self, account: ServiceTradeAccount) -> CheckStep:
        try:
            await self._service_trade.check(account)
        except JobferryError as error:
            found = from_error(error)
            return CheckStep("servicetrade", CheckState.FAILED, found.message, found.code, found.fix)
        return CheckStep("servicetrade", CheckState.OK, "signed in and read a record")


def _permission(step: CheckStep, connection: Connection, worked: bool) -> CheckStep:
    """The permission step, completed from the hold and the sends so far, since no read call can test it."""
    hold = connection.hold
    if step.name != "permission":
        return step
    if hold and hold.until is None and hold.finding.code != PLUGINS_FAILING:
        found = hold.finding
        return CheckStep(step.name, CheckState.FAILED, found.message, found.code, found.fix)
    if worked and step.state is CheckState.UNKNOWN:
        return replace(step, state=CheckState.OK, detail="work orders were written through this connection before")
    return step
